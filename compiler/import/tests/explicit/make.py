"""Writes the explicit networks of compiler/import/tests/explicit.rs, with numpy as a simulator's user would.

    python3 compiler/import/tests/explicit/make.py
"""

import os

import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))


def save(name, arrays, write=np.savez):
    write(os.path.join(folder, name), **arrays)


# Two inputs, five neurons in two populations, every kind of connection. The numbers are worked out in explicit.rs.
save("small.npz", {
    "spikeloom": 1,
    "dt": 1e-3,
    "input/in": [2],
    "population/hidden/model": "lif",
    "population/hidden/shape": (3,),
    "population/hidden/tau_s": 0.02,
    "population/hidden/threshold": np.array([1.0, 2.0, 1.5], dtype=np.float32),
    "population/hidden/bias": [0.0, 0.25, 0.0],
    "population/hidden/rules": "reset=subtract,refractory=2",
    "population/out/model": np.bytes_("cuba_lif"),
    "population/out/shape": 2,
    "population/out/tau_synapse_s": 0.005,
    "population/out/tau_membrane_s": np.array([0.02, 0.03], dtype=">f8"),
    "population/out/resistance": 2,
    "population/out/leak": -65.0,
    "population/out/threshold": -50.0,
    "population/out/reset": -70,
    # Column-major, as MATLAB and Fortran hand it over.
    "connection/fc/source": "in",
    "connection/fc/target": "hidden",
    "connection/fc/weight": np.asfortranarray(np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)),
    "connection/fc/delay_steps": [0, 2],
    # Two parallel synapses 2 -> 0 of one delay; delays of 1 and 3 ms, so two connections.
    "connection/list/source": "hidden",
    "connection/list/target": "out",
    "connection/list/source_index": np.array([2, 0, 2, 1, 2], dtype=np.int32),
    "connection/list/target_index": np.array([0, 1, 0, 1, 1], dtype=np.uint8),
    "connection/list/weight": np.array([10, -20, 5, 7, 9], dtype=np.int16),
    "connection/list/delay_s": [0.001, 0.003, 0.001, 0.001, 0.003],
    # The delay is that of the source: one connection.
    "connection/lateral/source": "out",
    "connection/lateral/target": "out",
    "connection/lateral/source_index": [1, 0],
    "connection/lateral/target_index": [0, 1],
    "connection/lateral/weight": -0.5,
    "connection/lateral/delay_steps": [4, 1],
    "connection/direct/source": "in",
    "connection/direct/target": "out",
    "connection/direct/weight": [0.5, 0.75],
    "connection/same/source": "out",
    "connection/same/target": "out",
    "connection/same/delay_s": 0.01,
    "output/spikes": "out",
})

# Every model with no more than it needs, and with all that it can have; compressed.
needed = {
    "if": {"threshold": 1},
    "lif": {"tau_s": 0.01, "threshold": 1},
    "cuba_lif": {"tau_synapse_s": 0.01, "tau_membrane_s": 0.02, "threshold": 1},
    "li": {"tau_s": 0.01},
    "cuba_li": {"tau_synapse_s": 0.01, "tau_membrane_s": 0.02},
    "i": {},
    "threshold": {"threshold": 1},
    "sum": {},
    "stepped": {"membrane_decay": 0.5, "threshold": 1},
}
more = {
    "if": {"resistance": 2, "reset": 3},
    "lif": {"resistance": 2, "reset": 3, "leak": 4},
    "cuba_lif": {"resistance": 2, "reset": 3, "leak": 4, "input_weight": 5},
    "li": {"resistance": 2, "leak": 4},
    "cuba_li": {"resistance": 2, "leak": 4, "input_weight": 5},
    "i": {"resistance": 2},
    "threshold": {},
    "sum": {},
    "stepped": {"current_decay": 0.25, "reset": 3, "start": -1},
}
arrays = {"spikeloom": 1, "input/in": 1}
for model in needed:
    for name, fields in [(model, needed[model]), (model + "_full", {**needed[model], **more[model]})]:
        arrays[f"population/{name}/model"] = model
        arrays[f"population/{name}/shape"] = 1
        for key, value in fields.items():
            arrays[f"population/{name}/{key}"] = value
        arrays[f"connection/to_{name}/source"] = "in"
        arrays[f"connection/to_{name}/target"] = name
        arrays[f"output/{name}"] = name
arrays["population/cuba_lif/rules"] = "decay=exp"
arrays["population/lif/rules"] = "gain=3"
# Names in NIR's spelling are good too.
arrays["population/cuba_lif_full/model"] = "CubaLIF"
save("models.npz", arrays, np.savez_compressed)
