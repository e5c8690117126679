"""Knows where the committed tables lie and how they are read; refuses to know what their rows mean."""

import csv
import gzip
import io
from pathlib import Path

_DATA = Path(__file__).with_name("data")


def table_path(name: str) -> Path:
    """The path of a committed table or map."""
    return _DATA / name


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a committed CSV table by heading; one whose name ends in .gz is unpacked."""
    content = table_path(name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def outlines_path() -> Path:
    """GeoJSON of Guizhou's 88 counties (properties code, name), WGS-84, simplified to 0.003 degrees."""
    return table_path("county_outlines.geojson")


def province_outlines_path() -> Path:
    """GeoJSON of the provinces from Guizhou to the coast, WGS-84, simplified to 0.02 degrees."""
    return table_path("province_outlines.geojson")
