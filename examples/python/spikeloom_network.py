"""Writes explicit networks for Spikeloom with nothing but Python's standard library.

The format is described in docs/explicit-networks.md; with numpy at hand, `np.savez` does the same. For example:

    net = Network(dt=1e-3)
    net.add_input("in", 2)
    net.add_population("out", "lif", 3, tau_s=0.02, threshold=1.0, rules="refractory=2")
    net.connect("in", "out", weight=[[0.6, 0.0], [0.0, 0.6], [0.6, 0.6]], delay_steps=1)
    net.output("out", "out")
    net.save("net.npz")

Equal networks give equal bytes, on every machine and with every version of Python.
"""

import struct
import zipfile


class Network:
    """A network that is being put together. Nothing is checked here: Spikeloom says all that is wrong at once."""

    def __init__(self, dt=None):
        """`dt`: the length of a step in seconds, if the network is meant for one."""
        self.arrays = {"spikeloom": 1}
        if dt is not None:
            self.arrays["dt"] = float(dt)

    def add_input(self, name, shape):
        """An input for spikes from outside; `shape` is a size or a list of sizes."""
        self.arrays[f"input/{name}"] = shape

    def add_population(self, name, model, shape, **parameters):
        """Neurons of a model. Parameters are numbers, or lists with one for each neuron; `rules` is a text."""
        fields = {"model": model, "shape": shape, **parameters}
        self._add(f"population/{name}", fields)

    def connect(self, source, target, name=None, **fields):
        """A connection.

        `weight` is a matrix with a row for each target. With `source_index` and `target_index` it is a list with one
        weight for each synapse, or one for all. `delay_s` or `delay_steps` is one delay, or one for each synapse of
        such a list, or one for each source of a matrix.
        """
        name = name or f"{source}_{target}"
        plain, number = name, 1
        while f"connection/{name}/source" in self.arrays:
            number += 1
            name = f"{plain}_{number}"
        self._add(f"connection/{name}", {"source": source, "target": target, **fields})

    def output(self, name, population):
        """An output that shows a population."""
        self.arrays[f"output/{name}"] = population

    def save(self, path):
        """Writes the file."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
            for name, values in self.arrays.items():
                entry = zipfile.ZipInfo(f"{name}.npy")  # with a fixed date
                entry.create_system = 3
                entry.external_attr = 0o600 << 16
                file.writestr(entry, npy(values))

    def _add(self, group, fields):
        for field, values in fields.items():
            if values is not None:
                self.arrays[f"{group}/{field}"] = values


def npy(values):
    """The bytes of a `.npy` file: of a text, a number, or (nested) lists of numbers."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, str):
        return header(f"<U{max(len(values), 1)}", ()) + (values or "\0").encode("utf-32-le")
    shape, flat = flatten(values)
    if all(isinstance(value, int) for value in flat):
        return header("<i8", shape) + struct.pack(f"<{len(flat)}q", *flat)
    return header("<f8", shape) + struct.pack(f"<{len(flat)}d", *flat)


def flatten(values):
    """Shape and numbers of nested lists."""
    if not isinstance(values, (list, tuple)):
        return (), [values]
    parts = [flatten(value) for value in values]
    if any(part[0] != parts[0][0] for part in parts):
        raise ValueError("the rows of an array must be equally long")
    inner = parts[0][0] if parts else ()
    return (len(values), *inner), [number for part in parts for number in part[1]]


def header(descr, shape):
    """What stands before the elements, filled up to a multiple of 64 bytes."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin1")
