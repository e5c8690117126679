"""Turns the words of an office's register into codes, each word once: a register says the same place a thousand times."""

import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache, lru_cache

from sqlmodel import Session, col, select

from services.registry.domain.fault import Fault, fault
from services.registry.domain.people.register import Places
from services.registry.domain.places import GIVEN_SHOWN_MAX, nearest
from services.registry.store.tables import HelperRow
from shared.reference import (
    County,
    find_stop,
    list_counties,
    list_county_stops,
    list_districts,
    list_prefectures,
)

_CODE = re.compile(r"[1-6][0-9]{5}")


def places_of(session: Session, area_code: str) -> Places:
    """What a register for this area may name: its places, any division to work in, its helpers."""
    mine = col(HelperRow.place_code).startswith(area_code, autoescape=True)
    helpers = frozenset(session.exec(select(HelperRow.id).where(mine)))
    return Places(_place_finder(area_code), _find_area, helpers.__contains__)


def _place_finder(area_code: str) -> Callable[[str], str | Fault]:
    counties = [one for one in list_counties() if one.code.startswith(area_code[:6])]

    @cache
    def find(text: str) -> str | Fault:
        found = {
            stop.code
            for county in _named(counties, text)
            if (stop := find_stop(county.code, text)) and stop.code.startswith(area_code)
        }
        return found.pop() if len(found) == 1 else _unknown_place(text, counties)

    return find


def _named(counties: list[County], text: str) -> list[County]:
    """The counties that a word may speak of: the one it names, or else all."""
    return [one for one in counties if one.name in text] or counties


def _unknown_place(text: str, counties: list[County]) -> Fault:
    names = [stop.name for county in counties for stop in list_county_stops(county.code)]
    meant = nearest(text, names) if len(counties) == 1 else []
    hint = {
        "hint_zh": "请填写乡镇、街道或安置点的全称或代码，多县文件请写“县名+乡镇名”",
        "hint_en": "Write the full name or code of a township, subdistrict or site, with its county where there are several",
    }
    if meant:
        hint = {"hint_zh": f"是否为：{'、'.join(meant)}？", "hint_en": f"Perhaps one of: {', '.join(meant)}?"}
    return fault("place", "unknown-place", given=text[:GIVEN_SHOWN_MAX], **hint)


@cache
def _areas_by_name() -> dict[str, str]:
    """Provinces, prefectures and counties of the tables, by full name; a county's name that two have is left out."""
    known: dict[str, set[str]] = defaultdict(set)
    for one in list_prefectures():
        known[one.name].add(one.code)
        known[one.province_name].add(one.province_code)
    for county in list_counties():
        known[county.prefecture_name].add(county.prefecture_code)
        known[county.name].add(county.code)
    for district in list_districts():
        known[district.name].add(district.code)
    return {name: next(iter(codes)) for name, codes in known.items() if len(codes) == 1}


@lru_cache(maxsize=10_000)
def _find_area(text: str) -> str | Fault:
    if _CODE.fullmatch(text):
        return text
    if found := _areas_by_name().get(text):
        return found
    return fault("work_area", "unknown-area", given=text[:GIVEN_SHOWN_MAX])
