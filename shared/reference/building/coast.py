"""Knows how the five coastal provinces' divisions, towns and industrial zones become tables; not Guizhou."""

import re
from collections import defaultdict
from typing import Any

from shared.reference.building import Row
from shared.reference.building.editions import CODE_CHANGES, IN_FORCE, NEW_AFTER_2020
from shared.reference.building.outlines import Outline, around, inner_point
from shared.reference.building.seats import seats
from shared.reference.building.sources import Sources
from shared.reference.building.towns import match, read_places
from shared.reference.geodesy import Point

PROVINCES = ("31", "32", "33", "35", "44")

_ZONE = re.compile("工业|开发区|园区|产业园|高新区|高新技术产业|保税区|科技园|物流园|经济区|集聚区")
ZONE_STEP_M = 2_500.0
"""Zones without a point lie on a spiral about their district's seat, this far apart."""


def tables(sources: Sources, outlines: dict[str, Outline]) -> dict[str, list[Row]]:
    """The four tables of the coast by name; the prefectures are those of Guizhou too."""
    districts = district_rows(sources, outlines)
    places = read_places(sources, outlines.values(), PROVINCES)
    return {
        "prefectures": prefecture_rows(sources, places),
        "districts": districts,
        "towns": town_rows(sources, places),
        "zones": zone_rows(sources, outlines, districts),
    }


def prefecture_rows(sources: Sources, places: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """The prefectures of the coast and of Guizhou with their seats; Shanghai stands as one, 310000.

    `population` sums GeoNames' places inside: a city counts beside its districts, so it is a pull, no census.
    """
    population: dict[str, int] = defaultdict(int)
    for district, inside in places.items():
        population[prefecture_of(district)] += sum(int(p["population"]) for p in inside)
    provinces = {
        r["adcode"][:2]: r["name"] for r in sources.rows("adcodes.csv") if r["adcode"][2:6] == "0000"
    }
    return [
        {
            "code": code,
            "name": name,
            "province_code": code[:2] + "0000",
            "province_name": provinces[code[:2]],
            "lon": f"{point[0]:.6f}",
            "lat": f"{point[1]:.6f}",
            "population": population[code],
        }
        for code, (name, point) in sorted(seats(sources).items())
        if code[:2] in (*PROVINCES, "52")
        and code[4:] == "00"
        and (code[2:4] != "00" or code[:2] == "31")
        and code != "310100"
    ]


def prefecture_of(code: str) -> str:
    """The prefecture of a district's code; all of Shanghai is one."""
    return "310000" if code[:2] == "31" else code[:4] + "00"


def district_rows(sources: Sources, outlines: dict[str, Outline]) -> list[Row]:
    """Districts in force in spring 2020 and those of the list of 2023 that the towns need, with seats."""
    known = {c: v for c, v in seats(sources).items() if c[:2] in PROVINCES and v[0] != "市辖区"}
    heir = {new: old for old, _, new, _, year in CODE_CHANGES if year < 2020}
    later = {old for old, _, _, _, year in CODE_CHANGES if year >= 2020}
    in_list = {r["code"]: r["name"] for r in sources.rows("areas.csv") if r["provinceCode"] in PROVINCES}
    codes_2020 = (set(in_list) & set(outlines) - set(NEW_AFTER_2020)) | (later & set(known))
    rows: list[Row] = []
    for code in sorted(codes_2020 | set(NEW_AFTER_2020) & set(in_list)):
        stands_in = code if code in known else heir.get(code) or NEW_AFTER_2020.get(code) or code
        point = known[stands_in][1] if stands_in in known else inner_point(outlines[code])
        rows.append(
            {
                "code": code,
                "name": in_list.get(code) or known[code][0],
                "prefecture_code": prefecture_of(code),
                "lon": f"{point[0]:.6f}",
                "lat": f"{point[1]:.6f}",
                "point_source": "seat" if stands_in in known else "placed",
                "edition": IN_FORCE if code not in NEW_AFTER_2020 else "2023",
            }
        )
    return rows


def town_rows(sources: Sources, places: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """The towns of the list of 2023 that GeoNames has, with its points."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for street in sources.rows("streets.csv"):
        if street["provinceCode"] in PROVINCES:
            names[street["areaCode"]][street["code"]] = street["name"]
    rows: list[Row] = []
    for area in sorted(names):
        for code, ((lon, lat), geonameid, population) in match(names[area], places[area]).items():
            rows.append(
                {
                    "code": code,
                    "name": names[area][code],
                    "district_code": area,
                    "prefecture_code": prefecture_of(area),
                    "lon": f"{lon:.5f}",
                    "lat": f"{lat:.5f}",
                    "population": population,
                    "geonameid": geonameid,
                }
            )
    return sorted(rows, key=lambda r: str(r["code"]))


def zone_rows(sources: Sources, outlines: dict[str, Outline], districts: list[Row]) -> list[Row]:
    """Development zones of the list of 2023, each placed about the seat of its district."""
    seat: dict[str, Point] = {str(d["code"]): (float(d["lon"]), float(d["lat"])) for d in districts}
    ranks: dict[str, int] = defaultdict(int)
    rows: list[Row] = []
    for street in sorted(sources.rows("streets.csv"), key=lambda r: r["code"]):
        code, area = street["code"], street["areaCode"]
        if area not in seat or not _ZONE.search(street["name"]):
            continue
        lon, lat = around(outlines[area], seat[area], ranks[area], ZONE_STEP_M)
        ranks[area] += 1
        rows.append(
            {
                "code": code,
                "name": street["name"],
                "district_code": area,
                "prefecture_code": prefecture_of(area),
                "lon": f"{lon:.5f}",
                "lat": f"{lat:.5f}",
                "point_source": "placed",
            }
        )
    return rows
