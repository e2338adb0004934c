#!/usr/bin/env python3
"""Writes by_nir.nir beside itself with the package `nir` itself (1.0.8): a node of every kind, one graph in another."""

import pathlib

import nir
import numpy as np

ones = np.ones


def lif(*shape):
    return dict(tau=np.full(shape, 0.01), r=ones(shape), v_leak=np.zeros(shape), v_threshold=ones(shape))


cuba = dict(tau_syn=ones(4), tau_mem=ones(4), r=ones(4), v_leak=np.zeros(4))
inner = nir.NIRGraph(
    nodes={
        "input": nir.Input(np.array([4])),
        "lif": nir.CubaLIF(**cuba, v_threshold=ones(4), w_in=np.full(4, 3.0)),
        "w_rec": nir.Affine(np.eye(4, dtype=np.float32), ones(4, np.float32)),
        "output": nir.Output(np.array([4])),
    },
    edges=[("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
)
weight = np.arange(36, dtype=np.float32).reshape(2, 2, 3, 3)
nodes = [
    nir.Input(np.array([2, 8, 8])),
    nir.Conv2d((8, 8), weight, 1, "same", 1, 1, np.zeros(2, np.float32)),
    nir.IF(r=ones((2, 8, 8)), v_threshold=ones((2, 8, 8))),
    nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
    nir.LIF(**lif(2, 4, 4)),
    nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
    nir.Threshold(ones((2, 2, 2))),
    nir.Flatten({"input": np.array([2, 2, 2])}, 0, -1),
    nir.Scale(np.full(8, 0.5, np.float32)),
    nir.I(ones(8)),
    nir.Delay(np.full(8, 0.002)),
    nir.Linear(ones((4, 8), np.float32)),
    inner,
    nir.CubaLI(**cuba),
    nir.Output(np.array([4])),
]
graph = nir.NIRGraph.from_list(nodes)
line = nir.NIRGraph.from_list(
    nir.Input(np.array([1, 6])),
    nir.Conv1d(6, ones((2, 1, 3)), 1, 0, 2, 1, ones(2)),
    nir.LI(np.full((2, 2), 0.02), ones((2, 2)), np.zeros((2, 2))),
    nir.Output(np.array([2, 2])),
)
for name, node in line.nodes.items():
    graph.nodes[f"line_{name}"] = node
graph.edges += [(f"line_{a}", f"line_{b}") for a, b in line.edges]
nir.write(pathlib.Path(__file__).parent / "by_nir.nir", graph)
