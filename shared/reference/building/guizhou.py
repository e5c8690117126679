"""Knows how Guizhou's counties, townships and resettlement sites become tables; refuses to know the coast."""

from collections import Counter, defaultdict

from shared.reference.building import Row
from shared.reference.building.editions import CODE_CHANGES, IN_FORCE
from shared.reference.building.outlines import Outline, around, spread
from shared.reference.building.seats import seats
from shared.reference.building.sources import Sources
from shared.reference.building.towns import match, read_places
from shared.reference.geodesy import Point

PROVINCE = "52"

RESETTLEMENT_SITES = (
    # code of the village list of 2023, or ours: county + R + number; county; name; township; persons; source
    (
        "520603004003",
        "520603",
        "旺家花园",
        "520603004",
        18379,
        "village list 2023; China News Service 2020-08-29",
    ),
    ("520602R01", "520602", "矮屯社区", "", 11735, "China Daily 2019-10-04"),
    ("522324R01", "522324", "阿妹戚托小镇", "", 5850, "China Daily 2019-12-24"),
    ("520502011017", "520502", "柏杨林社区", "520502011", 0, "village list 2023"),
    ("522327105002", "522327", "秧坝森林小镇安置区第一社区", "522327105", 0, "village list 2023"),
    ("522327105003", "522327", "秧坝森林小镇安置区第二社区", "522327105", 0, "village list 2023"),
    ("522731001006", "522731", "幸福移民社区", "522731001", 0, "village list 2023"),
    ("522732111001", "522732", "红星移民社区", "522732111", 0, "village list 2023"),
    ("522732116001", "522732", "雅院移民社区", "522732116", 0, "village list 2023"),
    ("522326108209", "522326", "移民村", "522326108", 0, "village list 2023"),
)

SUBDISTRICT_STEP_M = 1_500.0
"""Subdistricts without a point lie on a spiral about the county seat, this far apart."""

SITE_STEP_M = 1_200.0


def tables(sources: Sources, outlines: dict[str, Outline]) -> dict[str, list[Row]]:
    """The three tables of Guizhou by name."""
    of_county, of_township = village_counts(sources)
    counties = county_rows(sources, of_county)
    townships = township_rows(sources, outlines, counties, of_township)
    sites = site_rows(outlines, counties, townships)
    return {"counties": counties, "townships": townships, "resettlement_sites": sites}


def _in_force(code: str) -> str:
    """The code of 2020 of a county in the list of 2023."""
    old_by_new = {new: old for old, _, new, _, year in CODE_CHANGES if new[:2] == PROVINCE and year >= 2020}
    return old_by_new.get(code, code)


def county_rows(sources: Sources, villages: Counter[str]) -> list[Row]:
    """The 88 counties with the codes and names in force in spring 2020, their seats and village counts."""
    known = seats(sources)
    renamed = {new: (old, name) for old, _, new, name, _ in CODE_CHANGES}
    rows: list[Row] = []
    for area in sources.rows("areas.csv"):
        if area["provinceCode"] != PROVINCE:
            continue
        code = _in_force(area["code"])
        name, seat = known.get(code) or (renamed[code][1], known[renamed[code][0]][1])
        prefecture = code[:4] + "00"
        rows.append(
            {
                "code": code,
                "name": name,
                "prefecture_code": prefecture,
                "prefecture_name": known[prefecture][0],
                "lon": f"{seat[0]:.6f}",
                "lat": f"{seat[1]:.6f}",
                "villages": villages[code],
                "edition": IN_FORCE,
            }
        )
    return sorted(rows, key=lambda r: str(r["code"]))


def village_counts(sources: Sources) -> tuple[Counter[str], Counter[str]]:
    """Administrative villages and communities by county (codes of 2020) and by township."""
    by_county, by_township = Counter[str](), Counter[str]()
    for village in sources.rows("villages.csv"):
        if village["provinceCode"] == PROVINCE:
            by_county[_in_force(village["areaCode"])] += 1
            by_township[village["streetCode"]] += 1
    return by_county, by_township


def township_rows(
    sources: Sources, outlines: dict[str, Outline], counties: list[Row], villages: Counter[str]
) -> list[Row]:
    """Every township of the list of 2023, in its county of 2020, with GeoNames' point or a placed one.

    Its code begins with the county's of 2020, as in the lists of that year, so that an area holds what lies in it.
    """
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for street in sorted(sources.rows("streets.csv"), key=lambda r: r["code"]):
        if street["provinceCode"] == PROVINCE:
            names[street["areaCode"]][street["code"]] = street["name"]
    places = read_places(sources, outlines.values(), [PROVINCE])
    seat = {str(c["code"]): (float(c["lon"]), float(c["lat"])) for c in counties}
    rows: list[Row] = []
    for area, towns in names.items():
        matched = match(towns, places[area])
        placed = _placed(towns, {c: m[0] for c, m in matched.items()}, outlines[area], seat[_in_force(area)])
        for code, name in towns.items():
            lon, lat = matched[code][0] if code in matched else placed[code]
            rows.append(
                {
                    "code": _in_force(area) + code[6:],
                    "name": name,
                    "county_code": _in_force(area),
                    "lon": f"{lon:.5f}",
                    "lat": f"{lat:.5f}",
                    "point_source": "geonames" if code in matched else "placed",
                    "geonameid": matched[code][1] if code in matched else "",
                    "villages": villages[code],
                }
            )
    return sorted(rows, key=lambda r: str(r["code"]))


def _placed(
    towns: dict[str, str], known: dict[str, Point], outline: Outline, seat: Point
) -> dict[str, Point]:
    """Subdistricts and the seat's town about the seat, all others spread over the outline away from the known.

    Where a county has no subdistrict, the first town of the list (100) is the one that holds the seat.
    """
    missing = [c for c in towns if c not in known]
    has_subdistrict = any(c[6] == "0" for c in towns)
    urban = [c for c in missing if c[6] == "0" or (c.endswith("100") and not has_subdistrict)]
    rural = [c for c in missing if c not in urban]
    placed = {c: around(outline, seat, rank, SUBDISTRICT_STEP_M) for rank, c in enumerate(urban)}
    taken = [seat, *known.values(), *placed.values()]
    return placed | dict(zip(rural, spread(outline, taken, len(rural)), strict=True))


def site_rows(outlines: dict[str, Outline], counties: list[Row], townships: list[Row]) -> list[Row]:
    """The resettlement sites, beside their township's point or, where that is unknown, beside the seat."""
    points = {str(r["code"]): (float(r["lon"]), float(r["lat"])) for r in [*counties, *townships]}
    rows: list[Row] = []
    for rank, (code, county, name, township, persons, source) in enumerate(RESETTLEMENT_SITES):
        lon, lat = around(outlines[county], points[township or county], rank % 3, SITE_STEP_M)
        rows.append(
            {
                "code": code,
                "name": name,
                "county_code": county,
                "township_code": township,
                "lon": f"{lon:.5f}",
                "lat": f"{lat:.5f}",
                "point_source": "placed",
                "persons": persons or "",
                "source": source,
            }
        )
    return sorted(rows, key=lambda r: str(r["code"]))
