#!/usr/bin/env python3
"""Writes the small hand-made networks of the tests beside itself. Needs h5py and numpy.

tests/tests/levels.rs follows each of them by hand.
"""

import pathlib

import h5py
import numpy as np

HERE = pathlib.Path(__file__).parent
F32 = np.float32


def write(name, nodes, edges):
    with h5py.File(HERE / f"{name}.nir", "w") as file:
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


def linear(weight):
    return {"type": "Linear", "weight": np.array(weight, F32)}


def affine(weight, bias):
    return {"type": "Affine", "weight": np.array(weight, F32), "bias": np.array(bias, F32)}


def shape(kind, n):
    return {"type": kind, "shape": np.array([n])}


def IF(thresholds):
    """r = 1 / dt, so that a weight is what a spike adds."""
    ones = np.ones(len(thresholds), F32)
    return {"type": "IF", "r": 10000 * ones, "v_threshold": np.array(thresholds, F32), "v_reset": 0 * ones}


# 3 inputs -> IF[2] -> IF[1].
nodes = {
    "in": shape("Input", 3),
    "fc1": linear([[0.5, 1.0, -0.5], [-0.5, 0.0, 1.0]]),
    "a": IF([1.0, 1.25]),
    "fc2": linear([[1.0, 2.0]]),
    "b": IF([3.0]),
    "result": shape("Output", 1),
}
write("pair", nodes, chain("in", "fc1", "a", "fc2", "b", "result"))

# 2 inputs -> IF[3] with weights among them -> IF[2] with a bias.
nodes = {
    "in": shape("Input", 2),
    "fc": linear([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]]),
    "ring": IF([2.0, 3.0, 3.0]),
    "rec": linear([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
    "aff": affine([[0.75, 0.0, 0.5], [0.0, 1.0, -0.25]], [0.25, 0.5]),
    "end": IF([1.0, 2.0]),
    "result": shape("Output", 2),
}
write("loop", nodes, chain("in", "fc", "ring", "rec", "ring", "aff", "end", "result"))
