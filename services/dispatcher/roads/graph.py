"""Knows the course of the shortest path on the committed highway graph; refuses to know places and speeds."""

import heapq
import itertools
from collections.abc import Mapping
from functools import lru_cache

from shared import reference
from shared.kernel.place import Point, great_circle_m

Course = tuple[tuple[float, float], ...]
"""(longitude, latitude) after (longitude, latitude), WGS-84."""

COURSES_KEPT = 4_096


class Graph:
    """The graph of `road_edges`, read when it is made."""

    def __init__(self, points: Mapping[int, tuple[float, float]]) -> None:
        self._points = points
        self._edges: dict[int, dict[int, int]] = {node: {} for node in points}
        self._via: dict[tuple[int, int], str] = {}
        for row in reference.read_table("road_edges.csv.gz"):
            a, b, metres = int(row["a"]), int(row["b"]), int(row["road_m"])
            self._edges[a][b] = self._edges[b][a] = metres
            self._via[(a, b)] = row["via"]
        self.course = lru_cache(COURSES_KEPT)(self._course)

    def _course(self, start: int, end: int) -> Course:
        """The shortest path's course from node to node, both ends included."""
        nodes = self._path(start, end)
        course = [self._points[start]]
        for a, b in itertools.pairwise(nodes):
            between = _inner(self._via[(a, b)]) if a < b else _inner(self._via[(b, a)])[::-1]
            course += [*between, self._points[b]]
        return tuple(course)

    def _path(self, start: int, end: int) -> list[int]:
        """The nodes of the shortest path, by A* (Hart, Nilsson, Raphael 1968) with the great circle as bound."""
        goal = Point(*self._points[end])
        reached, parent = {start: 0}, {start: start}
        settled: set[int] = set()
        queue = [(0, start)]
        while end not in settled:
            _, node = heapq.heappop(queue)
            if node in settled:
                continue
            settled.add(node)
            for neighbour, length in self._edges[node].items():
                metres = reached[node] + length
                if metres < reached.get(neighbour, 1 << 60):
                    reached[neighbour], parent[neighbour] = metres, node
                    ahead_m = great_circle_m(Point(*self._points[neighbour]), goal)
                    heapq.heappush(queue, (metres + ahead_m, neighbour))
        nodes = [end]
        while nodes[-1] != start:
            nodes.append(parent[nodes[-1]])
        return nodes[::-1]


def _inner(via: str) -> list[tuple[float, float]]:
    """The inner points of an edge from its thousandths of a degree."""
    values = [int(n) / 1000 for n in via.split()]
    return list(zip(values[::2], values[1::2], strict=True))
