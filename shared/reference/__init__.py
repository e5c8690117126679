"""Knows the places of the trade from committed tables: counties, stops, destinations, outlines (WGS-84).

It refuses to know roads (the dispatcher's) and people. `data/NOTICE.md` has the sources and licences,
`python -m shared.reference.build` makes the tables.
"""

from shared.reference.destinations import (
    District,
    Prefecture,
    Town,
    Zone,
    find_destination,
    get_prefecture,
    has_road,
    list_districts,
    list_prefectures,
    list_towns,
    list_zones,
)
from shared.reference.errors import UnknownCounty, UnknownDestination, UnknownStop
from shared.reference.origins import (
    COUNTY_DIGITS,
    CodeChange,
    County,
    PointSource,
    Stop,
    find_county,
    find_stop,
    get_county,
    get_stop,
    list_code_changes,
    list_counties,
    list_county_stops,
    list_sites,
    list_stops,
    list_townships,
)
from shared.reference.tables import outlines_path, province_outlines_path, read_table, table_path

__all__ = [
    "COUNTY_DIGITS",
    "CodeChange",
    "County",
    "District",
    "PointSource",
    "Prefecture",
    "Stop",
    "Town",
    "UnknownCounty",
    "UnknownDestination",
    "UnknownStop",
    "Zone",
    "find_county",
    "find_destination",
    "find_stop",
    "get_county",
    "get_prefecture",
    "get_stop",
    "has_road",
    "list_code_changes",
    "list_counties",
    "list_county_stops",
    "list_districts",
    "list_prefectures",
    "list_sites",
    "list_stops",
    "list_towns",
    "list_townships",
    "list_zones",
    "outlines_path",
    "province_outlines_path",
    "read_table",
    "table_path",
]
