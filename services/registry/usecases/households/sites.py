"""Shows a resettlement site, or a township, as one: its people, households, who is employed, on the road, late or at none.

The tables know few of the province's sites; who lives at another one is registered at its township, whose page is the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.status import Status
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.households.counts import HouseholdCount, Level, count_households
from services.registry.store.households.sites import (
    count_people,
    count_registered,
    count_under_way,
    count_zero,
)
from services.registry.store.rights import count_open_at
from services.registry.store.tracking.lists import count_tasks
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.late import late_months
from shared.kernel.clock import local_date
from shared.kernel.errors import NotFound
from shared.reference import Stop, find_county, list_stops
from shared.security import Principal, Role, covers


class SiteUnknown(NotFound):
    """There is no site or township {site_code}, or it is not in your area. Choose one from the list of your area."""

    zh = "没有编号为 {site_code} 的安置点或乡镇，或其不在您的辖区。请从本辖区清单中选择。"


@dataclass(frozen=True)
class SiteView:
    """A place today. `open_cases` is for the bureau alone, whose cases they are; None for anybody else."""

    stop: Stop
    county_name: str
    people: int
    households_registered: int
    figures: HouseholdCount
    under_way: Mapping[Status, int]
    tasks_late: int
    open_cases: int | None
    zero_tasks: int

    @property
    def on_the_road(self) -> int:
        """Aboard, as far as is known."""
        return self.under_way.get(Status.BOARDED, 0)


def show_sites(parts: Parts, principal: Principal) -> list[SiteView]:
    """The resettlement sites of the caller's area that the tables have, by code."""
    mine = [stop for stop in list_stops() if stop.kind == "site" and covers(principal, stop.code)]
    with parts.database.session() as session:
        return view_places(session, principal, mine, local_date(parts.clock.now()))


def show_site(parts: Parts, principal: Principal, site_code: str) -> SiteView:
    """One site or township of the caller's area. Raises SiteUnknown."""
    stop = next((one for one in list_stops() if one.code == site_code), None)
    if stop is None or not covers(principal, stop.code):
        raise SiteUnknown(site_code=site_code[:20])
    with parts.database.session() as session:
        [view] = view_places(session, principal, [stop], local_date(parts.clock.now()))
    return view


def view_places(session: Session, principal: Principal, stops: Sequence[Stop], today: date) -> list[SiteView]:
    """Places of the caller's, in the order given: each figure of all of them by one statement, however many they are."""
    if not stops:
        return []
    codes = [stop.code for stop in stops]
    is_bureau = principal.has(Role.BUREAU)
    people, registered, zero = (
        count(session, codes) for count in (count_people, count_registered, count_zero)
    )
    under_way = count_under_way(session, codes, sorted({stop.county_code for stop in stops}))
    narrowed = Principal(principal.subject, principal.roles, tuple(codes), principal.organisation)
    figures = {row.area_code: row for row in count_households(session, narrowed, today, Level.PLACE)}
    late = _tasks_late(session, narrowed, today)
    cases = count_open_at(session, principal, codes) if is_bureau else {}
    return [
        SiteView(
            stop=stop,
            county_name=county.name if (county := find_county(stop.county_code)) else stop.county_code,
            people=people.get(stop.code, 0),
            households_registered=registered.get(stop.code, 0),
            figures=figures.get(stop.code) or HouseholdCount(stop.code, 0, 0, 0, 0, 0),
            under_way=under_way.get(stop.code, {}),
            tasks_late=late.get(stop.code, 0),
            open_cases=cases.get(stop.code, 0) if is_bureau else None,
            zero_tasks=zero.get(stop.code, 0),
        )
        for stop in stops
    ]


def _tasks_late(session: Session, principal: Principal, today: date) -> dict[str, int]:
    """By place: of the months of which something can still be done."""
    found: Counter[str] = Counter()
    for month in late_months(today):
        for count in count_tasks(session, principal, month, today, shipped_rule(month), by="place"):
            found[count.of] += count.late_in_all
    return found
