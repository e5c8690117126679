"""Decides for which county a caller speaks, and what is known there; refuses any other."""

from sqlmodel import Session

from services.registry.domain.places import Enterprises, Stops
from services.registry.store.enterprises import known_enterprises
from services.registry.usecases.errors import CountyNotNamed, CountyNotYours
from shared.reference import find_stop, get_county, list_counties, list_county_stops
from shared.security import Principal, covers


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


def stops_of(county_code: str) -> Stops:
    """The stops of a county as the rules see them. Raises UnknownCounty."""

    def find(text: str) -> str | None:
        stop = find_stop(county_code, text)
        return stop.code if stop else None

    return Stops(find, (stop.name for stop in list_county_stops(county_code)))


def enterprises_of(session: Session) -> Enterprises:
    """All enterprises as the rules see them."""
    return Enterprises(known_enterprises(session))
