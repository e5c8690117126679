"""Knows which places the road table joins and how it is laid out; refuses to know how a distance is asked for.

Four tables (ODbL, © OpenStreetMap contributors): `road_access` ties a place to its node of the highway graph,
`road_labels` gives the metres between any two of these nodes, `road_edges` and `road_nodes` are the graph
itself, for the course of a route.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from shared.reference.building import Row
from shared.reference.building.graph import Graph, Grid, contract, keep_shortest_paths, read_graph
from shared.reference.building.labels import by_traffic, label
from shared.reference.building.sources import Sources
from shared.reference.geodesy import Point, simplify

COURSE_TOLERANCE_DEG = 0.005
"""How far the stored course of an edge may be from the graph's, in degrees (0.5 km)."""

TRAFFIC_SAMPLE = 6
"""Every how manyth node that a place uses is a source when the nodes' traffic is counted."""

NO_ROAD = (
    "330921",  # 岱山 (its bridge opened in 2021)
    "330922",  # 嵊泗
    "330903100",  # 六横
    "330903102",  # 虾峙
    "330903104",  # 桃花
    "330903105",  # 东极
    "330225103",  # 鹤浦
    "331083202",  # 海山
    "350128201",  # 屿头
    "350305107",  # 南日
    "350527",  # 金门
    "350921205",  # 海岛
    "350982109",  # 嵛山
    "440781115",  # 川岛
)
"""Beginnings of the codes of islands that only a ferry reached in 2020."""


def road_tables(sources: Sources, places: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """(file name, rows) of the four tables, which take minutes; `places` are rows with code, lon, lat and maybe prefecture_code."""
    graph, points = read_graph(sources)
    grid = Grid(graph, points)
    access = {
        str(p["code"]): grid.nearest((float(p["lon"]), float(p["lat"])))[0]
        for p in places
        if not str(p["code"]).startswith(NO_ROAD)
    }
    yield "road_access.csv.gz", [{"code": c, "node": node} for c, node in sorted(access.items())]
    small, inner = contract(keep_shortest_paths(graph, _asked(places, access)), set(access.values()))
    doors = sorted(set(access.values()))
    hubs = by_traffic(small, doors[::TRAFFIC_SAMPLE])
    rank = {hub: i for i, hub in enumerate(hubs)}
    labels = label(small, hubs)
    yield "road_labels.csv.gz", [_label_row(node, labels[node], rank) for node in doors]
    nodes: list[Row] = [
        {"node": n, "lon": f"{points[n][0]:.3f}", "lat": f"{points[n][1]:.3f}"} for n in sorted(small)
    ]
    yield "road_nodes.csv.gz", nodes
    yield "road_edges.csv.gz", _edge_rows(small, inner, points)


def _label_row(node: int, hubs_m: dict[int, int], rank: dict[int, int]) -> Row:
    """The node's label as: hub metres hub metres ..., a hub by its rank, the busiest first."""
    pairs = sorted((rank[hub], metres) for hub, metres in hubs_m.items())
    return {"node": node, "hubs_m": " ".join(f"{hub} {metres}" for hub, metres in pairs)}


def _asked(places: Sequence[Row], node: dict[str, int]) -> dict[int, set[int]]:
    """From every node of Guizhou to all others; from every other to those of its prefecture."""
    everywhere = set(node.values())
    by_prefecture: dict[str, set[int]] = defaultdict(set)
    for place in places:
        if str(place["code"]) in node:
            by_prefecture[_prefecture(place)].add(node[str(place["code"])])
    asked: dict[int, set[int]] = {}
    for place in places:
        code = str(place["code"])
        if code in node:
            targets = everywhere if code[:2] == "52" else by_prefecture[_prefecture(place)]
            asked.setdefault(node[code], set()).update(targets)
    return dict(sorted(asked.items()))


def _prefecture(place: Row) -> str:
    return str(place.get("prefecture_code", place["code"]))


def _edge_rows(graph: Graph, inner: dict[tuple[int, int], list[int]], points: Sequence[Point]) -> list[Row]:
    """Each edge once, with its inner points in thousandths of a degree: lon lat lon lat ..."""
    rows: list[Row] = []
    for a in sorted(graph):
        for b, metres in sorted(graph[a].items()):
            if a < b:
                course = [points[n] for n in (a, *inner.get((a, b), []), b)]
                via = simplify(course, COURSE_TOLERANCE_DEG)[1:-1]
                numbers = [f"{round(lon * 1000)} {round(lat * 1000)}" for lon, lat in via]
                rows.append({"a": a, "b": b, "road_m": metres, "via": " ".join(numbers)})
    return rows
