"""Decides for which county or area a caller speaks, and what is known there; refuses any other."""

import re

from sqlmodel import Session

from services.registry.domain.places import Enterprises, Stops
from services.registry.store.enterprises import known_enterprises
from services.registry.usecases.errors import (
    AreaNotNamed,
    AreaNotYours,
    CountyNotNamed,
    CountyNotYours,
)
from shared.reference import find_stop, get_county, list_counties, list_county_stops
from shared.security import Principal, covers

_AREA = re.compile(r"[0-9]{2}([0-9]{2}){0,2}")
"""A province, a prefecture or a county: the list of any other beginning of a code would count for nobody."""


def county_of(principal: Principal, named: str | None) -> str:
    """The six-digit code of the county that the caller means.

    Raises UnknownCounty, CountyNotYours, CountyNotNamed where the area holds several and none is named.
    """
    if named:
        code = get_county(named).code
        if not covers(principal, code):
            raise CountyNotYours(county=code, areas=", ".join(principal.areas) or "-")
        return code
    mine = [county.code for county in list_counties() if covers(principal, county.code)]
    if len(mine) != 1:
        raise CountyNotNamed()
    return mine[0]


def area_of(principal: Principal, named: str | None) -> str:
    """The area in whose name the caller acts, a whole one or a part of it.

    Raises AreaNotYours, AreaNotNamed where the caller has several areas and none is named.
    """
    if named:
        if not _AREA.fullmatch(named) or not covers(principal, named):
            raise AreaNotYours(area=named[:40], areas=", ".join(principal.areas) or "-")
        return named
    if len(principal.areas) != 1:
        raise AreaNotNamed()
    return principal.areas[0]


def stops_of(county_code: str) -> Stops:
    """The stops of a county as the rules see them. Raises UnknownCounty."""

    def find(text: str) -> str | None:
        stop = find_stop(county_code, text)
        return stop.code if stop else None

    return Stops(find, (stop.name for stop in list_county_stops(county_code)))


def enterprises_of(session: Session) -> Enterprises:
    """All enterprises as the rules see them."""
    return Enterprises(known_enterprises(session))
