"""Mt-KaHyPar (PyPI: mtkahypar) on a graph, for `mapbench --peer`.

    python3 peer.py GRAPH.hgr CORES NEURONS SEED

prints its CPU seconds, then the core of each neuron, a line each. Preset `default`, one thread, connectivity, and the true limit of
neurons for each core; it knows no limit on in-axons or synapses.
"""

import sys
import time

import mtkahypar

graph, cores, neurons, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
with open(graph) as file:
    lines = [line.split() for line in file]
nets, nodes = int(lines[0][0]), int(lines[0][1])
rates = [float(line[0]) for line in lines[1:]]
pins = [[int(pin) - 1 for pin in dict.fromkeys(line[1:])] for line in lines[1:]]

machine = mtkahypar.initialize(1)
mtkahypar.set_seed(seed)
context = machine.context_from_preset(mtkahypar.PresetType.DEFAULT)
context.logging = False
context.set_partitioning_parameters(cores, 0.03, mtkahypar.Objective.KM1)
context.set_individual_target_block_weights([neurons] * cores)
began = time.process_time()
# Its weights are whole numbers.
weights = [max(1, round(rate * 1000)) for rate in rates]
hypergraph = machine.create_hypergraph(context, nodes, nets, pins, [1] * nodes, weights)
found = hypergraph.partition(context)
print(time.process_time() - began)
for block in found.get_partition():
    print(block)
