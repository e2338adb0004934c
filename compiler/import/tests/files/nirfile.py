"""Writes NIR files beside itself, also such as the `nir` package would refuse. Needs h5py and numpy."""

import pathlib

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent
F32 = np.float32
V110 = ("v110", "v110")


def write(name, nodes, edges, version="1.0.8", **how):
    with h5py.File(HERE / f"{name}.nir", "w", **how) as file:
        if version:
            file["version"] = version
        fill(file.create_group("node"), nodes, edges)


def fill(node, nodes, edges):
    """Makes a group a graph. A node that is a pair of nodes and edges is a nested graph."""
    node["type"] = "NIRGraph"
    names = [[a.encode(), b.encode()] for a, b in edges]
    node.create_dataset("edges", data=names, dtype=h5py.string_dtype())
    group = node.create_group("nodes")
    for key, params in nodes.items():
        one = group.create_group(key)
        if isinstance(params, tuple):
            fill(one, *params)
            continue
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


def conv(axes, weight, **more):
    """A convolution with the parameters that the nir package always writes."""
    ints = {"stride": 1, "padding": 0, "dilation": 1}
    params = {key: np.full(axes, value) if axes == 2 else np.int64(value) for key, value in ints.items()}
    params |= {"type": f"Conv{axes}d", "weight": weight, "groups": np.int64(1)}
    return params | {"bias": np.zeros(len(weight), F32)} | more


def count(*shape, start=1):
    """A tensor that counts on from `start`, so that every place in it can be told."""
    return np.arange(start, start + np.prod(shape), dtype=F32).reshape(shape)


def IF(n, **more):
    ones = np.ones(n, F32) if n else F32(1)
    return {"type": "IF", "r": ones, "v_threshold": ones, "v_reset": 0 * ones, **more}
