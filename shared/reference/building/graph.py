"""Knows how routrs' highway graph becomes a small graph that keeps every shortest path we ask for; not speeds.

The graph is undirected, its coordinates are rounded to 0.001 degrees, its edges are straight. Summed lengths
are 5-12 % short of real ones for that reason: every length is multiplied by 1.08.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence

from shared.reference.building.sources import Sources
from shared.reference.geodesy import Point, great_circle_m

SIMPLIFIED_GEOMETRY = 1.08
"""Real over summed straight lengths, measured against published road distances."""

BOX = (103.3, 20.1, 122.6, 35.2)
"""West, south, east, north: Guizhou, the five coastal provinces and all that lies between."""

Graph = dict[int, dict[int, int]]
"""Node -> neighbour -> metres, both ways."""


def read_graph(sources: Sources) -> tuple[Graph, list[Point]]:
    """The connected highway graph inside BOX with corrected lengths, and every node's point."""
    nodes = sources.highways()
    points = [point for point, _ in nodes]
    inside = {i for i, (lon, lat) in enumerate(points) if BOX[0] <= lon <= BOX[2] and BOX[1] <= lat <= BOX[3]}
    graph: Graph = {i: {} for i in inside}
    for i in sorted(inside):
        for j in nodes[i][1]:
            if j in inside and j != i:
                graph[i][j] = graph[j][i] = _road_m(points[i], points[j])
    main = max(_components(graph), key=len)
    return {i: graph[i] for i in sorted(main)}, points


def _road_m(a: Point, b: Point) -> int:
    return max(1, round(great_circle_m(a, b) * SIMPLIFIED_GEOMETRY))


def _components(graph: Graph) -> Iterable[set[int]]:
    seen: set[int] = set()
    for start in graph:
        if start in seen:
            continue
        component, stack = {start}, [start]
        while stack:
            fresh = graph[stack.pop()].keys() - component
            component |= fresh
            stack += fresh
        seen |= component
        yield component


class Grid:
    """The nodes in cells of 0.2 degrees, to find the one nearest to a place."""

    def __init__(self, nodes: Iterable[int], points: Sequence[Point]) -> None:
        self._points = points
        self._cells: dict[tuple[int, int], list[int]] = {}
        for node in nodes:
            self._cells.setdefault(self._cell(points[node]), []).append(node)

    @staticmethod
    def _cell(point: Point) -> tuple[int, int]:
        return int(point[0] * 5), int(point[1] * 5)

    def nearest(self, place: Point) -> tuple[int, int]:
        """(node, great-circle metres) of the node nearest to the place."""
        x, y = self._cell(place)
        for ring in range(1, 12):
            near = [
                node
                for cx in range(x - ring, x + ring + 1)
                for cy in range(y - ring, y + ring + 1)
                for node in self._cells.get((cx, cy), ())
            ]
            if near:
                away_m, node = min((great_circle_m(self._points[n], place), n) for n in near)
                if away_m < ring * 17_000:  # a cell is at least 17 km wide in BOX
                    return node, away_m
        raise ValueError(f"no highway within 180 km of {place}")


def shortest_paths(
    graph: Graph, source: int, until: Collection[int] = ()
) -> tuple[dict[int, int], dict[int, int]]:
    """Dijkstra's (metres by settled node, parent by node) from the source; stops once all of `until` are settled."""
    reached = {source: 0}
    settled: dict[int, int] = {}
    parent: dict[int, int] = {}
    waiting = set(until)
    queue = [(0, source)]
    while queue:
        metres, node = heapq.heappop(queue)
        if node in settled:
            continue
        settled[node] = metres
        if waiting:
            waiting.discard(node)
            if not waiting:
                break
        for neighbour, length in graph[node].items():
            farther = metres + length
            if farther < reached.get(neighbour, 1 << 60):
                reached[neighbour] = farther
                parent[neighbour] = node
                heapq.heappush(queue, (farther, neighbour))
    return settled, parent


def keep_shortest_paths(graph: Graph, wanted: Mapping[int, Collection[int]]) -> Graph:
    """The part of the graph that the shortest paths from each source to its targets run on."""
    kept: Graph = {}
    for source, targets in wanted.items():
        _, parent = shortest_paths(graph, source, targets)
        walked = {source}
        kept.setdefault(source, {})
        for target in targets:
            node = target
            while node not in walked:
                walked.add(node)
                before = parent[node]
                length = graph[node][before]
                kept.setdefault(node, {})[before] = length
                kept.setdefault(before, {})[node] = length
                node = before
    return kept


def contract(graph: Graph, keep: Collection[int]) -> tuple[Graph, dict[tuple[int, int], list[int]]]:
    """Joins the edges that meet at a node of two, unless it is to be kept; returns also each edge's inner nodes.

    The inner nodes of edge (a, b) run from a to b, and a < b.
    """
    graph = {node: dict(edges) for node, edges in graph.items()}
    inner: dict[tuple[int, int], list[int]] = {}

    def between(a: int, b: int) -> list[int]:
        return inner.get((a, b), []) if a < b else inner.get((b, a), [])[::-1]

    for node in sorted(graph):
        if len(graph[node]) != 2 or node in keep:
            continue
        (a, to_a), (b, to_b) = sorted(graph[node].items())
        if b in graph[a] and graph[a][b] <= to_a + to_b:
            continue  # a parallel road that is shorter: this one is kept only as long as a path needs it
        joined = [*between(a, node), node, *between(node, b)]
        for end in (a, b):
            del graph[end][node]
            inner.pop((min(end, node), max(end, node)), None)
        del graph[node]
        graph[a][b] = graph[b][a] = to_a + to_b
        inner[(a, b)] = joined
    return graph, inner
