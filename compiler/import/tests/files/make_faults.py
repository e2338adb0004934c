#!/usr/bin/env python3
"""Writes the small NIR files of the importer's tests beside itself. Needs h5py and numpy."""

import h5py
import numpy as np

from nirfile import F32, HERE, IF, V110, affine, chain, conv, count, inp, linear, out, write

W23 = [[1, 2, 3], [4, 5, 6]]

# A NaN and an infinity in a weight, and a tau of zero.
weight = np.array(W23, F32)
weight[1, 0], weight[1, 2] = np.nan, np.inf
lif = {"type": "LIF", "r": F32(1), "tau": np.array([0.01, 0.0]), "v_leak": F32(0), "v_threshold": np.ones(2, F32)}
write("nan", {"in": inp(3), "fc": linear(weight), "n": lif, "out": out(2)}, chain("in", "fc", "n", "out"))

# The weight transposed; an Output of the wrong size; parameters of two shapes.
nodes = {"in": inp(3), "fc": linear(np.array(W23).T), "n": IF(2), "out": out(5)}
nodes["odd"] = IF(2, v_threshold=np.ones(3, F32))
write("shapes", nodes, chain("in", "fc", "n", "out") + chain("n", "odd"))

# fc1 -> n is missing, and `lonely` has no edge at all.
nodes = {"in": inp(3), "fc1": linear(W23), "n": IF(2), "out": out(2), "lonely": IF(2)}
write("missing_edge", nodes, chain("in", "fc1") + chain("n", "out"))

# An edge into nowhere, an edge twice, an edge into the Input.
nodes = {"in": inp(3), "fc": linear(W23), "n": IF(2), "out": out(2)}
edges = chain("in", "fc", "n", "out") + [("n", "ghost"), ("fc", "n"), ("n", "in")]
write("unknown_node", nodes, edges)

# Unknown kinds, the base class of all kinds, a node without a kind, and a nested graph without nodes.
nodes = {"in": inp(3), "x": {"type": "Wobble", "odd": F32(1)}, "y": {"type": "NIRNode"}, "n": IF(3), "out": out(3)}
nodes |= {"z": {"r": F32(1)}, "g": {"type": "NIRGraph"}}
write("kinds", nodes, chain("in", "x", "y", "n", "z", "g", "out"))

# a -> b -> a without a neuron, with a Flatten behind it.
square = [[1, 2], [3, 4]]
nodes = {"in": inp(2), "a": linear(square), "b": linear(square), "c": {"type": "Flatten"}, "n": IF(2), "out": out(2)}
write("cycle", nodes, chain("in", "a", "b", "a") + chain("b", "c", "n", "out"))

# Input straight to an Output, a sum, an Output of two populations, and one of a population and a sum.
nodes = {"in": inp(2), "a": IF(2), "b": IF(2), "fc": linear(square)}
nodes |= {"o1": out(2), "o2": out(2), "o3": out(2), "o4": out(2)}
edges = chain("in", "a", "fc", "o2") + chain("in", "b", "o3") + chain("a", "o3") + chain("in", "o1")
write("outputs", nodes, edges + chain("a", "o4") + chain("fc", "o4"))

# Convolutions and pools whose windows can't be: each has an Input and an Output of its own.
k = count(2, 1, 3, 3)
cases = {
    "stride": conv(2, k, stride=np.array([1, 0])),
    "dilation": conv(2, k, dilation=np.int64(0)),
    "padding": conv(2, k, padding=np.array([-1, 0])),
    "fraction": conv(2, k, padding=np.array([0.5, 0])),
    "three": conv(2, k, padding=np.array([0, 0, 0])),
    "word": conv(2, k, padding="reflect"),
    "groups": conv(2, count(3, 1, 3, 3), groups=np.int64(2)),
    "same": conv(2, k, padding="same", stride=np.array([1, 2])),
    "rank": conv(2, count(2, 1, 3)),
    "bias": conv(2, k, bias=np.ones(3, F32)),
    "large": conv(2, count(2, 1, 3, 2), dilation=np.array([2, 1]), padding=np.array([0, 1])),
    "channels": conv(2, count(2, 2, 1, 1), input_shape=np.array([4, 5])),
    "plane": conv(2, k, input_shape=np.array([5, 4])),
    "kernel": {"type": "SumPool2d", "kernel_size": np.array([0, 1]), "stride": np.int64(1), "padding": np.int64(0)},
    "larger": {"type": "AvgPool2d", "kernel_size": np.int64(6), "stride": np.int64(1), "padding": np.array([1, 0])},
    "map": conv(2, count(1, 1, 1, 1), padding=np.int64(2**23)),
    "late": {"type": "Delay", "delay": np.array([0.001, -0.001])},
}
nodes, edges = {}, []
for key, params in cases.items():
    plane = (1, 4, 5) if key != "late" else (2,)
    nodes |= {f"{key}.in": inp(*plane), key: params, f"{key}.n": IF(0), f"{key}.out": {"type": "Output"}}
    edges += chain(f"{key}.in", key, f"{key}.n", f"{key}.out")
write("windows", nodes, edges, libver=V110)

# Planes that nothing tells, and dimensions in another order.
nodes = {"flat": inp(12), "conv": conv(2, k), "n": IF(0), "o": {"type": "Output"}}
nodes |= {"last": inp(4, 5, 2), "first": conv(2, count(1, 2, 1, 1), input_shape=np.array([4, 5]))}
nodes |= {"m": IF(0), "p": {"type": "Output"}, "none": {"type": "Input"}, "q": IF(0), "r": {"type": "Output"}}
edges = chain("flat", "conv", "n", "o") + chain("last", "first", "m", "p") + chain("none", "q", "r")
write("planes_unknown", nodes, edges)
write("nowhere", {key: nodes[key] for key in ["none", "q", "r"]}, chain("none", "q", "r"))

# A nested graph with two Inputs, one without an Output, and a name that stands twice once all lies flat.
two = ({"a": inp(2), "b": inp(2), "n": IF(2), "out": out(2)}, [("a", "n"), ("b", "n"), ("n", "out")])
none = ({"in": inp(2), "n": IF(2)}, [("in", "n")])
nodes = {"in": inp(2), "two": two, "none": none, "none.n": IF(2), "out": out(2)}
write("doors", nodes, chain("in", "two", "none", "out") + chain("in", "none.n"))

# Graphs inside one another, more than anybody has.
inner = ({"n": IF(1)}, [])
for _ in range(70):
    inner = ({"g": inner}, [])
write("deep", {"in": inp(1), "out": out(1), "g": inner}, chain("in", "g", "out"), libver=V110)

# Two nested graphs whose nodes are those of the whole file: graphs without end, 2^depth of them.
loops = {"type": "NIRGraph", "edges": np.zeros((0, 2))}
write("loops", {"in": inp(1), "n": IF(1), "out": out(1), "g": loops, "h": loops}, chain("in", "n", "out"))
with h5py.File(HERE / "loops.nir", "a") as file:
    file["node/nodes/g/nodes"] = file["node/nodes/h/nodes"] = file["node/nodes"]

# One weight that many nodes link to.
nodes = {f"fc{i}": {"type": "Linear"} for i in range(40)}
write("linked", {"in": inp(64), "out": out(64), **nodes}, chain("in", *nodes, "out"), libver=V110)
with h5py.File(HERE / "linked.nir", "a", libver=V110) as file:
    file["weight"] = np.ones((64, 64), F32)
    for key in nodes:
        file[f"node/nodes/{key}/weight"] = file["weight"]

# Forty layers of two Flatten nodes, all to all, between a population and its Output: 2^40 ways that carry nothing.
flat = {"type": "Flatten"}
nodes, edges, last = {"in": inp(1), "n": IF(1), "f": flat, "z": flat, "out": out(1)}, chain("in", "n", "f"), ["f"]
for layer in range(40):
    pair = [f"{layer}a", f"{layer}b"]
    nodes |= {key: flat for key in pair}
    edges += [(a, b) for a in last for b in pair]
    last = pair
write("diamonds", nodes, edges + [(a, "z") for a in last] + [("z", "out")], libver=V110)

# A bias that many channels would carry over a plane much larger than the file.
nodes = {"in": {"type": "Input"}, "c": conv(2, count(4, 1, 1, 1), bias=count(4), input_shape=np.array([2000, 2000]))}
write("wide_bias", nodes | {"n": IF(0), "out": {"type": "Output"}}, chain("in", "c", "n", "out"))

# Two populations into one Affine (its bias once), which reaches `n` directly and over `post` (twice the linear flow).
nodes = {"in": inp(2), "p": IF(2), "q": IF(2), "fc": affine(square, [10, 20]), "post": linear([[1, 1], [0, 2]])}
nodes |= {"n": IF(2), "out": out(2)}
edges = chain("in", "p", "fc", "n", "out") + chain("in", "q", "fc", "post", "n")
write("shared_affine", nodes, edges)

# A recurrent Linear, scalar parameters only, v_reset missing, a duplicate edge.
scalar = {"type": "LIF", "r": F32(2), "tau": np.float64(0.01), "v_leak": F32(0), "v_threshold": F32(0.5)}
nodes = {"in": inp(3), "fc": linear(W23), "rec": linear([[0, 1], [-1, 0]]), "n": scalar, "out": out(2)}
write("recurrent", nodes, chain("in", "fc", "n", "rec", "n", "out") + chain("in", "fc"))

# CubaLIF in double precision without w_in, behind a Flatten; a population sized by what it feeds.
cuba = {"type": "CubaLIF", "tau_syn": np.array([0.001, 0.002]), "tau_mem": np.float64(0.01), "r": np.ones(2)}
cuba |= {"v_leak": np.zeros(2), "v_threshold": np.array([1.0, 2.0]), "v_reset": np.float64(0)}
flat = {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": np.array([2, 3])}
nodes = {"in": inp(2, 3), "flat": flat, "fc": {"type": "Linear", "weight": np.arange(12.0).reshape(2, 6)}}
nodes |= {"n": cuba, "one": IF(0), "out": out(2)}
write("cuba_flatten", nodes, chain("in", "flat", "fc", "n", "one", "out"))

# Seventy layers of two Linear nodes each, all to all: 2^70 paths. In the format of HDF5 1.10, which is smaller.
nodes, edges, last = {"in": inp(1), "n": IF(1), "out": out(1)}, [("n", "out")], ["in"]
for layer in range(70):
    pair = [f"{layer}a", f"{layer}b"]
    nodes |= {key: linear([[1]]) for key in pair}
    edges += [(a, b) for a in last for b in pair]
    last = pair
write("endless_paths", nodes, edges + [(a, "n") for a in last], libver=V110)

# The same network as in recurrent.nir, in the format of HDF5 1.10, chunked and packed, with whole numbers as integers.
packed = {"chunks": (1, 2), "compression": "gzip", "shuffle": True, "fletcher32": True}
scalar["v_reset"] = np.int64(0)
nodes = {"in": inp(3), "n": scalar, "out": out(2)}
nodes |= {"fc": {"type": "Linear"}, "rec": {"type": "Linear"}}
write("hdf5_110", nodes, chain("in", "fc", "n", "rec", "n", "out"), libver=V110)
with h5py.File(HERE / "hdf5_110.nir", "a", libver=V110) as file:
    file.create_dataset("node/nodes/fc/weight", data=np.array(W23, np.int8), **packed)
    file.create_dataset("node/nodes/rec/weight", data=np.array([[0, 1], [-1, 0]], np.float64), **packed)

# A shape that no memory holds, with nothing stored for it.
write("huge", {"in": inp(2**40), "n": IF(2), "out": out(2)}, chain("in", "n", "out"))
with h5py.File(HERE / "huge.nir", "a") as file:
    fc = file.create_group("node/nodes/fc")
    fc["type"] = "Linear"
    fc.create_dataset("weight", shape=(2**20, 2**20), dtype="f4", chunks=(1024, 1024))

# HDF5, but no graph.
with h5py.File(HERE / "no_graph.nir", "w") as file:
    file["data"] = np.arange(3)
