"""Knows two-hop distance labels: any distance of a graph from two short lists; refuses to know what is measured.

Akiba, Iwata, Yoshida, "Fast exact shortest-path distance queries on large networks by pruned landmark
labeling", SIGMOD 2013, section 4 (weighted: pruned Dijkstra). distance(a, b) is the least a[h] + b[h] over
the hubs h that both lists hold, and it is exact.
"""

import heapq
from collections.abc import Sequence

from shared.reference.building.graph import Graph, shortest_paths

Labels = dict[int, dict[int, int]]
"""Node -> hub -> metres."""


def by_traffic(graph: Graph, samples: Sequence[int]) -> list[int]:
    """The nodes, those first through which most shortest paths from the sampled sources run."""
    traffic = dict.fromkeys(graph, 0)
    for source in samples:
        settled, parent = shortest_paths(graph, source)
        below = dict.fromkeys(settled, 1)
        for node in reversed(settled):  # farthest first
            if node != source:
                below[parent[node]] += below[node]
        for node, count in below.items():
            traffic[node] += count
    return sorted(graph, key=lambda node: (-traffic[node], node))


def label(graph: Graph, order: Sequence[int]) -> Labels:
    """Every node's label, for hubs taken in this order."""
    labels: Labels = {node: {} for node in graph}
    for hub in order:
        of_hub = labels[hub]
        reached = {hub: 0}
        queue = [(0, hub)]
        while queue:
            metres, node = heapq.heappop(queue)
            if metres > reached[node] or _known(of_hub, labels[node]) <= metres:
                continue
            labels[node][hub] = metres
            for neighbour, length in graph[node].items():
                if metres + length < reached.get(neighbour, 1 << 60):
                    reached[neighbour] = metres + length
                    heapq.heappush(queue, (metres + length, neighbour))
    return labels


def _known(a: dict[int, int], b: dict[int, int]) -> int:
    return min((metres + a[hub] for hub, metres in b.items() if hub in a), default=1 << 60)
