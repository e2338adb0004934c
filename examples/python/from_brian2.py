"""Networks of Brian2 as explicit networks, and the spikes that Brian2 makes of them.

Writes examples/python/brian2/*.npz, which a test simulates and compares spike by spike. Needs Brian2 (tried: 2.9.0):

    python3 examples/python/from_brian2.py
"""

import os

import numpy as np
from brian2 import (
    Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, defaultclock, ms, mV, prefs, seed,
)

prefs.codegen.target = "numpy"
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "brian2")

STEPS, INPUTS, NEURONS = 600, 15, 10
TAU, TAU_SYNAPSE, REST, THRESHOLD = 10 * ms, 4 * ms, -65 * mV, -50 * mV


def explicit(group, inputs, synapses, parameters, reset):
    """The network as arrays: what docs/explicit-networks.md says of Brian2, in a few lines."""
    dt = float(defaultclock.dt)
    arrays = {
        "spikeloom": 1,
        "dt": dt,
        "input/in": inputs.N,
        "output/spikes": "g",
        "population/g/shape": group.N,
        "population/g/threshold": float(THRESHOLD),
        "population/g/reset": float(reset),
        "population/g/leak": float(REST),
        **{f"population/g/{key}": value for key, value in parameters.items()},
    }
    for name, (source, s) in synapses.items():
        arrays.update({
            f"connection/{name}/source": source,
            f"connection/{name}/target": "g",
            f"connection/{name}/source_index": np.array(s.i),
            f"connection/{name}/target_index": np.array(s.j),
            f"connection/{name}/weight": np.array(s.w),
            # Brian2 delivers after it has compared: an event is felt one step later.
            f"connection/{name}/delay_s": np.array(s.delay) + dt,
        })
    return arrays


def simulate(name, equations, on_pre, method, parameters, scale, reset=-70 * mV, refractory=False, schedule=None):
    """Builds a random network, writes it, runs it, and gives its spikes."""
    seed(1)
    random = np.random.default_rng(1)
    dt = defaultclock.dt = 0.5 * ms
    steps, indices = np.nonzero(input_spikes())
    names = {"tau": TAU, "tau_syn": TAU_SYNAPSE, "v0": REST, "vr": reset, "vth": THRESHOLD}
    inputs = SpikeGeneratorGroup(INPUTS, indices, steps * dt, when="start")
    group = NeuronGroup(
        NEURONS, equations, threshold="v > vth", reset="v = vr", method=method, refractory=refractory, namespace=names
    )
    group.v = REST
    synapses = {}
    for key, source, chance, low in [("s", inputs, 0.5, -0.2), ("r", group, 0.3, -0.5)]:
        s = Synapses(source, group, "w : volt", on_pre=on_pre)
        s.connect(p=chance)
        s.w = (random.random(len(s)) + low) * scale * mV
        s.delay = random.integers(0, 12, len(s)) * dt
        synapses[key] = ("in" if key == "s" else "g", s)
    monitor = SpikeMonitor(group)
    network = Network(inputs, group, monitor, *(s for _, s in synapses.values()))
    network.schedule = schedule or ["start", "groups", "thresholds", "synapses", "resets", "end"]
    network.run(STEPS * dt)
    fired = np.zeros((STEPS, NEURONS), np.uint8)
    fired[np.round(monitor.t / dt).astype(int), monitor.i] = 1
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **explicit(group, inputs, synapses, parameters, reset))
    print(f"{name}: {fired.sum()} spikes")
    return fired


def input_spikes():
    return np.random.default_rng(2).random((STEPS, INPUTS)) < 0.04


LEAKY = "dv/dt = (v0 - v) / tau : volt"
CURRENT = "dI/dt = -I / tau_syn : volt\ndv/dt = (v0 - v + I) / tau : volt"
RESETS_FIRST = ["start", "groups", "thresholds", "resets", "synapses", "end"]


def main():
    leaky = {"model": "lif", "tau_s": float(TAU)}
    current = {"model": "cuba_lif", "tau_synapse_s": float(TAU_SYNAPSE), "tau_membrane_s": float(TAU)}
    # What a current of 1 adds to the membrane in a step, solved exactly.
    dt, tau, tau_syn = 0.5e-3, float(TAU), float(TAU_SYNAPSE)
    gain = float(tau_syn / (tau_syn - tau) * (np.exp(-dt / tau_syn) - np.exp(-dt / tau)))
    exact = "decay=exp,gain=exp(-dt/tau),start=leak"
    held = f"{LEAKY} (unless refractory)"
    spikes = {
        "leaky": simulate(
            "leaky", LEAKY, "v += w", "exact", {**leaky, "rules": exact}, 15, schedule=RESETS_FIRST
        ),
        "euler": simulate(
            "euler", LEAKY, "v += w", "euler", {**leaky, "rules": "gain=1-dt/tau,start=leak"}, 15,
            schedule=RESETS_FIRST,
        ),
        "to_rest": simulate(
            "to_rest", LEAKY, "v += w", "exact", {**leaky, "rules": f"{exact},reset_at=next"}, 15, reset=REST
        ),
        "refractory": simulate(
            "refractory", held, "v += w", "exact", {**leaky, "rules": f"{exact},refractory=6"}, 15, reset=REST,
            refractory=3 * ms,
        ),
        "current": simulate("current", CURRENT, "I += w", "euler", {**current, "rules": "start=leak"}, 60),
        "current_exact": simulate(
            "current_exact", CURRENT, "I += w", "exact",
            {**current, "rules": f"decay=exp,gain={gain!r},start=leak"}, 60,
        ),
    }
    np.savez_compressed(os.path.join(folder, "in.npz"), **{"in": input_spikes().astype(np.uint8)})
    np.savez_compressed(os.path.join(folder, "spikes.npz"), **spikes)


if __name__ == "__main__":
    main()
