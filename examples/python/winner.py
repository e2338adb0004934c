"""Three neurons compete: whoever spikes holds the others down. Writes winner.npz beside this file, or to the path given.

    python3 examples/python/winner.py
    spikeloom simulate examples/python/winner.npz --input SPIKES.npz --output OUT.npz
"""

import os
import sys

from spikeloom_network import Network

STRENGTH = [0.6, 0.4, 0.3]


def winner():
    net = Network(dt=1e-3)
    net.add_input("in", 3)
    # Weights are what an event adds to the membrane, as no resistance is given. 0.75 of it stays over a step of 1 ms.
    net.add_population("race", "lif", 3, tau_s=4e-3, threshold=1.0, rules="compare=ge")
    net.connect("in", "race", weight=[[STRENGTH[i] if i == j else 0.0 for j in range(3)] for i in range(3)])
    others = [(i, j) for i in range(3) for j in range(3) if i != j]
    net.connect(
        "race",
        "race",
        name="hold_down",
        source_index=[i for i, _ in others],
        target_index=[j for _, j in others],
        weight=-1.0,
        delay_steps=1,
    )
    net.output("winner", "race")
    return net


if __name__ == "__main__":
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "winner.npz")
    winner().save(sys.argv[1] if len(sys.argv) > 1 else here)
