#!/usr/bin/env python3
"""Writes a small NIR file for each kind of node beside itself. Needs h5py and numpy."""

import h5py
import numpy as np

from nirfile import F32, HERE, IF, V110, affine, chain, conv, count, inp, linear, out, write


def pool(kind, kernel, **more):
    return {"type": f"{kind}Pool2d", "kernel_size": kernel, **more}


def LI(**more):
    return {"type": "LI", "tau": F32(0.01), "r": F32(2), "v_leak": F32(0.5), **more}


# Conv2d in two groups, with a stride, padding and bias of its own for each axis and channel, then a mean, then flat.
# The populations have only scalars: their shapes follow from [2, 3, 4].
c = conv(2, count(4, 1, 2, 3), stride=np.array([2, 1]), padding=np.array([1, 0]), groups=np.int64(2))
c |= {"bias": count(4), "input_shape": np.array([3, 4])}
nodes = {"in": inp(2, 3, 4), "c": c, "n": IF(0)}
nodes |= {"avg": pool("Avg", np.int64(2), stride=np.int64(2), padding=np.zeros(2, np.int64))}
nodes |= {"flat": {"type": "Flatten", "start_dim": np.int64(0), "end_dim": np.int64(-1), "input_type": np.array([4, 1, 1])}}
nodes |= {"fc": linear(count(2, 4)), "m": IF(2), "out": out(2)}
write("planes", nodes, chain("in", "c", "n", "avg", "flat", "fc", "m", "out"), libver=V110)

# Words as padding: `same` under an even span pads one more on the far side. Conv1d over [1, 5] and [1, 6].
nodes = {"in": inp(1, 5), "even": conv(1, count(1, 1, 2), padding="same", input_shape=np.int64(5))}
nodes |= {"n": IF(0), "valid": conv(1, count(3, 1, 2).astype(np.float64), padding="valid", dilation=np.int64(3))}
nodes |= {"valid": nodes["valid"] | {"input_shape": np.array([5])}, "m": IF(0), "out": out(3, 2)}
nodes |= {"in2": inp(1, 3, 5), "both": conv(2, count(1, 1, 2, 3), padding="same", dilation=np.array([1, 2]))}
nodes |= {"k": IF(0), "out2": out(1, 3, 5)}
write("same", nodes, chain("in", "even", "n", "valid", "m", "out") + chain("in2", "both", "k", "out2"), libver=V110)

# Pools over a padded border; stride and padding left out, and the type written last.
nodes = {"in": inp(2, 3, 3), "sum": {"kernel_size": np.array([2, 3]), "type": "SumPool2d"}, "n": IF(0), "o": out(2, 1, 1)}
nodes |= {"avg": pool("Avg", np.array([2, 2]), stride=np.array([2, 2]), padding=np.array([1, 1])), "m": IF(0)}
write("pools", nodes | {"p": out(2, 2, 2)}, chain("in", "sum", "n", "o") + chain("in", "avg", "m", "p"), libver=V110)

# A neuron that takes the shape [1] of the weight that feeds it, and a pool that slides over it.
nodes = {"in": inp(2), "fc": linear([[1, 2]]), "n": IF(0), "o": out(1)}
nodes["sum"] = {"kernel_size": 1, "stride": 1, "padding": 0, "type": "SumPool2d"}
write("point", nodes, chain("in", "fc", "n", "sum", "o"), libver=V110)

# Everything that works element by element, with scalars and arrays of shape [1].
cuba = {"type": "CubaLI", "tau_syn": np.array([0.001]), "tau_mem": F32(0.25), "r": np.array([1.0, 2.0])}
nodes = {"in": inp(2), "each": {"type": "Scale", "scale": np.array([2, -3], F32)}, "t": {"type": "Threshold"}}
nodes["t"]["threshold"] = np.array([0.5, 1.5])
nodes |= {"one": {"type": "Scale", "scale": F32(4)}, "i": {"type": "I", "r": np.array([3.0])}}
nodes |= {"late": {"type": "Delay", "delay": np.array([0.001, 0.002])}, "li": LI()}
nodes |= {"later": {"type": "Delay", "delay": np.array([0.004])}, "cuba": cuba | {"v_leak": F32(0), "w_in": F32(7)}}
nodes |= {"out": out(2), "out_li": out(2)}
edges = chain("in", "each", "t", "one", "i", "late", "li", "later", "cuba", "out") + chain("li", "out_li")
write("elements", nodes, edges, libver=V110)

# A recurrent layer as a nested graph in another nested graph, both used like nodes; the outer one also on itself.
lif = {"type": "LIF", "tau": np.full(2, 0.5), "r": np.ones(2), "v_leak": np.zeros(2), "v_threshold": np.ones(2)}
inner = {"input": inp(2), "lif": lif, "w_rec": linear([[0, 1], [2, 0]]), "output": out(2)}
inner = (inner, chain("input", "lif", "output") + chain("lif", "w_rec", "lif"))
outer = ({"a": inp(2), "rnn": inner, "b": out(2)}, chain("a", "rnn", "b"))
nodes = {"in": inp(2), "fc": affine([[1, 2], [3, 4]], [5, 6]), "block": outer, "back": linear([[7, 8], [9, 10]])}
write("nested", nodes | {"out": out(2)}, chain("in", "fc", "block", "out") + chain("block", "back", "block"))

# Outputs of sums: two Affine nodes into one, a convolution, and an Affine straight from the Input.
nodes = {"in": inp(1, 2, 2), "n": IF(4), "left": affine([[1, 2, 3, 4]], [0.5]), "right": affine([[5, 6, 7, 8]], [0.25])}
nodes |= {"sum": out(1), "c": conv(2, count(2, 1, 2, 2), bias=np.array([1, 2], F32)), "map": {"type": "Output"}}
nodes |= {"flat": {"type": "Flatten", "start_dim": 0, "end_dim": -1}, "direct": linear([[1, 0, 0, 1]]), "now": out(1)}
edges = chain("in", "n", "left", "sum") + chain("n", "right", "sum") + chain("in", "c", "map")
write("readouts", nodes, edges + chain("in", "flat", "direct", "now"), libver=V110)

# A bias that goes through a scale, a grouped convolution, a sum and a delay before it drives a population.
nodes = {"in": inp(3), "fc": affine(np.zeros((8, 3)), [1, 2, 3, 4, 0, 0, 0, 5]), "x2": {"type": "Scale", "scale": F32(2)}}
nodes |= {"c": conv(2, count(2, 1, 1, 1), groups=np.int64(2), bias=np.array([10, 20], F32), input_shape=np.array([2, 2]))}
nodes |= {"s": pool("Sum", np.int64(2)), "d": {"type": "Delay", "delay": F32(0.1)}, "n": IF(2), "out": out(2)}
write("bias_chain", nodes, chain("in", "fc", "x2", "c", "s", "d", "n", "out"), libver=V110)

# Matrices side by side: a weight of [2, 1, 3] takes [2, 3] and gives [2, 1].
nodes = {"in": inp(2, 3), "fc": {"type": "Affine", "weight": count(2, 1, 3), "bias": np.array([[1], [2]], F32)}}
write("blocks", nodes | {"n": IF(0), "out": out(2, 1)}, chain("in", "fc", "n", "out"))


def old(name, edges, **how):
    """A file of version 0: no version, names in other types, types as groups, nothing where a default would do."""
    with h5py.File(HERE / f"{name}.nir", "w", libver=V110, **how) as file:
        node = file.create_group("node")
        node["type"] = np.bytes_("NIRGraph")
        node["edges"] = np.array(edges)
        nodes = node.create_group("nodes")
        for key, params in OLD.items():
            group = nodes.create_group(key)
            for param, value in params.items():
                inside = {param: value}
                if isinstance(value, dict):
                    inside, place = value, group.create_group(param)
                else:
                    place = group
                for inner, array in inside.items():
                    place[inner] = array


shape = {"input_type": {"input": np.array([1, 4, 4])}, "metadata": {"by": "hand"}}
OLD = {"0": {"type": "Input"}, "1": {"type": "Conv2d", "weight": count(2, 1, 3, 3), **shape}, "2": {"type": "IF"}}
OLD["2"] |= {"r": F32(1), "v_threshold": np.ones(2, F32)[:1]}
OLD |= {"3": {"type": "Conv2d", "weight": count(1, 2, 2, 2)}, "4": {"type": "CubaLIF", "tau_syn": F32(1), "tau_mem": F32(1)}}
OLD["4"] |= {"r": F32(1), "v_leak": F32(0), "v_threshold": F32(1)}
OLD |= {"5": {"type": "Affine", "weight": F32(3)}, "6": {"type": "LI", "tau": F32(1), "r": F32(1), "v_leak": F32(0)}}
OLD |= {"7": {"type": "Output", "input_shape": h5py.Empty("i8")}}
numbers = [[i, i + 1] for i in range(7)]
old("old_numbers", numbers)
old("old_bytes", [[str(a).encode(), str(b).encode()] for a, b in numbers])

# Shapes with a batch of one, and flat ones that are taken as planes.
nodes = {"in": inp(1, 2, 3, 3), "c": conv(2, count(2, 2, 2, 2)), "n": IF(8)}
nodes |= {"c2": conv(2, count(1, 2, 2, 2), input_shape=np.array([2, 2])), "m": IF(0), "out": out(1)}
write("batch", nodes, chain("in", "c", "n", "c2", "m", "out"), libver=V110)

# Weights in half precision: 1.5, -0.25, the smallest number of all, the largest.
half = np.array([[1.5, -0.25, 2.0**-24, 65504]], np.float16)
write("half", {"in": inp(4), "fc": {"type": "Linear", "weight": half}, "n": IF(1), "out": out(1)}, chain("in", "fc", "n", "out"))
