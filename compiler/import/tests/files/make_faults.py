#!/usr/bin/env python3
"""Writes the small NIR files of the importer's tests beside itself. Needs h5py and numpy."""

import pathlib

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent
F32 = np.float32
V110 = ("v110", "v110")


def write(name, nodes, edges, **how):
    with h5py.File(HERE / f"{name}.nir", "w", **how) as file:
        file["version"] = "1.0.8"
        node = file.create_group("node")
        node["type"] = "NIRGraph"
        names = [[a.encode(), b.encode()] for a, b in edges]
        node.create_dataset("edges", data=names, dtype=h5py.string_dtype())
        group = node.create_group("nodes")
        for key, params in nodes.items():
            one = group.create_group(key)
            for param, value in params.items():
                one[param] = value


def chain(*names):
    return list(zip(names, names[1:]))


def inp(*shape):
    return {"type": "Input", "shape": np.array(shape)}


def out(*shape):
    return {"type": "Output", "shape": np.array(shape)}


def linear(weight):
    return {"type": "Linear", "weight": np.array(weight, F32)}


def affine(weight, bias):
    return {"type": "Affine", "weight": np.array(weight, F32), "bias": np.array(bias, F32)}


def IF(n, **more):
    ones = np.ones(n, F32) if n else F32(1)
    return {"type": "IF", "r": ones, "v_threshold": ones, "v_reset": 0 * ones, **more}


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

# Kinds that are not supported yet, or unknown; a nested graph.
nodes = {"in": inp(3), "d": {"type": "Delay", "delay": np.ones(3)}, "x": {"type": "Wobble"}, "n": IF(3), "out": out(3)}
nodes["li"] = {"type": "LI", "r": F32(1), "tau": F32(1), "v_leak": F32(0)}
nodes["g"] = {"type": "NIRGraph"}
write("kinds", nodes, chain("in", "d", "x", "n", "li", "g", "out"))

# a -> b -> a without a neuron, with a Flatten behind it.
square = [[1, 2], [3, 4]]
nodes = {"in": inp(2), "a": linear(square), "b": linear(square), "c": {"type": "Flatten"}, "n": IF(2), "out": out(2)}
write("cycle", nodes, chain("in", "a", "b", "a") + chain("b", "c", "n", "out"))

# Input straight to an Output, a readout, and an Output of two populations.
nodes = {"in": inp(2), "a": IF(2), "b": IF(2), "fc": linear(square)}
nodes |= {"o1": out(2), "o2": out(2), "o3": out(2)}
edges = chain("in", "a", "fc", "o2") + chain("in", "b", "o3") + chain("a", "o3") + chain("in", "o1")
write("outputs", nodes, edges)

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
