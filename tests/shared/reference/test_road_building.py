"""The road graph stays exact while it is made small."""

import itertools
import random

from shared.reference.building.graph import Graph, Grid, contract, keep_shortest_paths, shortest_paths
from shared.reference.building.labels import by_traffic, label
from shared.reference.geodesy import great_circle_m


def lattice(side: int, seed: int) -> Graph:
    """A square lattice of side x side nodes with random lengths."""
    rng = random.Random(seed)
    graph: Graph = {n: {} for n in range(side * side)}
    for a, b in itertools.combinations(graph, 2):
        if (b - a == 1 and b % side) or b - a == side:
            graph[a][b] = graph[b][a] = rng.randint(1, 1000)
    return graph


def test_the_kept_part_holds_every_asked_distance_and_less_else() -> None:
    graph = lattice(12, seed=1)
    asked = {0: {143, 77}, 60: {61, 5}}
    kept = keep_shortest_paths(graph, asked)
    assert len(kept) < len(graph)
    for source, targets in asked.items():
        for target in targets:
            assert shortest_paths(kept, source)[0][target] == shortest_paths(graph, source)[0][target]


def test_contraction_keeps_distances_between_kept_nodes_and_remembers_the_course() -> None:
    graph = lattice(12, seed=2)
    kept = keep_shortest_paths(graph, {0: {143, 77, 20}, 60: {61, 5}})
    doors = {0, 143, 77, 20, 60, 61, 5}
    small, inner = contract(kept, doors)
    assert doors <= small.keys() < kept.keys()
    for a, b in itertools.combinations(sorted(doors), 2):
        assert shortest_paths(small, a)[0].get(b) == shortest_paths(kept, a)[0].get(b)
    for a in small:
        for b, metres in small[a].items():
            if a < b:
                course = [a, *inner.get((a, b), []), b]
                assert metres == sum(graph[x][y] for x, y in itertools.pairwise(course))


def test_labels_give_exactly_dijkstra_s_distances() -> None:
    graph = lattice(9, seed=3)
    labels = label(graph, by_traffic(graph, [0, 40, 80]))
    for a in graph:
        settled, _ = shortest_paths(graph, a)
        for b in graph:
            both = labels[a].keys() & labels[b].keys()
            assert min(labels[a][hub] + labels[b][hub] for hub in both) == settled[b]


def test_a_search_that_knows_its_targets_stops_when_they_are_settled() -> None:
    graph = lattice(20, seed=4)
    settled, _ = shortest_paths(graph, 0, until=[1])
    assert 1 in settled
    assert len(settled) < len(graph) / 4


def test_the_grid_finds_the_nearest_node_across_cells() -> None:
    rng = random.Random(5)
    points = [(rng.uniform(106, 109), rng.uniform(25, 28)) for _ in range(400)]
    grid = Grid(range(400), points)
    for place in [(106.01, 25.01), (107.5, 26.5), (108.99, 27.99)]:
        node, away_m = grid.nearest(place)
        assert away_m == great_circle_m(points[node], place) == min(great_circle_m(p, place) for p in points)
