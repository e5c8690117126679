"""Applies the table of retention: what has had its time is destroyed in batches, or only counted to see what would be."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from services.registry.domain.privacy.retention import Rule, read_retention
from services.registry.store.people import lock_people
from services.registry.store.privacy.retention import (
    ACTS,
    Place,
    carried,
    count_old,
    destroy_next,
    destroy_old,
    make_nobody_s,
    unsuccessful,
    without_a_file,
)
from services.registry.store.rights import kept_apart
from services.registry.store.tables import PersonRow, RequestRow
from services.registry.usecases.privacy.apart import destroy_ended
from services.registry.usecases.privacy.destroy import destroy, tell_erased
from shared.database import Database, locked
from shared.kernel.clock import Clock
from shared.messaging import Cause, keep_at

BATCH = 500
LOOKED_AT = 5000
"""At how many a step of a pass looks, most of which may have to stay."""
LOOK_EVERY_S = 3600.0
_REQUESTS: Final[dict[str, Callable[[datetime], list[ColumnElement[bool]]]]] = {
    "unsuccessful_requests": unsuccessful,
    "requests": carried,
}
_PEOPLE: Final = "people_without_a_file"
_APART: Final = "cases_kept_apart"
_PEOPLE_WHO: Final[dict[str, Callable[[datetime], list[ColumnElement[bool]]]]] = {
    _PEOPLE: without_a_file,
    _APART: kept_apart,
}
KNOWN: Final = frozenset({*ACTS, *_REQUESTS, *_PEOPLE_WHO})
"""All that a rule may name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A rule, the moment before which its things have had their time, and how many those are."""

    rule: Rule
    before: datetime
    count: int


def list_due(database: Database, clock: Clock) -> list[Due]:
    """What would be destroyed now by each rule that the registry applies; nothing is changed."""
    now = clock.now()
    found = []
    for rule in _rules():
        with database.session() as session:
            before = rule.before(now)
            found.append(Due(rule, before, _count(session, rule.does or "", before)))
    return found


def apply_retention(
    database: Database, clock: Clock, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Due]:
    """Destroy what has had its time, rule by rule, and tell how much it was. Stopped, it goes on when it is run again."""
    now = clock.now()
    for rule in _rules():
        before, act = rule.before(now), ACTS.get(rule.does or "")
        if act and act.passes:
            count = sum(_pass(database, one, before, stopped) for one in act.passes)
        else:
            count = _in_batches(database, rule.does or "", before, clock, stopped)
        yield Due(rule, before, count)


def _in_batches(
    database: Database, act: str, before: datetime, clock: Clock, stopped: Callable[[], bool]
) -> int:
    count = 0
    while not stopped():
        with database.session() as session:
            done = _destroy(session, act, before, clock)
        count += done
        if done < BATCH:
            break
    return count


def _pass(database: Database, statement: str, before: datetime, stopped: Callable[[], bool]) -> int:
    """What may not go is passed over once, not with every batch."""
    count, after = 0, Place()
    while not stopped():
        with database.session() as session:
            gone, place = destroy_next(session, statement, before, after, LOOKED_AT)
        count += gone
        if place is None:
            break
        after = place
    return count


class Retaining:
    """The worker that applies the table once an hour."""

    name = "registry retention"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def run(self, stop: threading.Event) -> None:
        """Look once an hour until `stop`; what is missed while the database is away is caught up with."""
        keep_at(lambda: self.look(stop), LOOK_EVERY_S, self.name, stop)

    def look(self, stop: threading.Event | None = None) -> None:
        """Destroy what is too old now."""
        for due in apply_retention(self._database, self._clock, (stop or threading.Event()).is_set):
            if due.count:
                log.info("destroyed by age", extra={"rule": due.rule.id, "count": due.count})


def _rules() -> list[Rule]:
    return [rule for rule in read_retention().rules if rule.does is not None]


def _count(session: Session, act: str, before: datetime) -> int:
    if act in _REQUESTS:
        return session.exec(select(func.count()).select_from(RequestRow).where(*_REQUESTS[act](before))).one()
    if act in _PEOPLE_WHO:
        return session.exec(
            select(func.count()).select_from(PersonRow).where(*_PEOPLE_WHO[act](before))
        ).one()
    return count_old(session, act, before)


def _destroy(session: Session, act: str, before: datetime, clock: Clock) -> int:
    if act in _REQUESTS:
        return _forget_requests(session, _REQUESTS[act](before), clock)
    if act == _PEOPLE:
        return _forget_people(session, before, clock)
    if act == _APART:
        return destroy_ended(session, before, clock, BATCH)
    return destroy_old(session, act, before, BATCH)


def _forget_requests(session: Session, conditions: list[ColumnElement[bool]], clock: Clock) -> int:
    """Requests stay for the counts, and are nobody's; the other services destroy what they have of them."""
    query = select(RequestRow).where(*conditions).order_by(col(RequestRow.id)).limit(BATCH)
    requests = list(session.exec(locked(query)))
    make_nobody_s(session, requests, clock.now())
    tell_erased(session, requests, clock=clock, cause=Cause.fresh())
    return len(requests)


def _forget_people(session: Session, before: datetime, clock: Clock) -> int:
    ids = list(session.exec(select(PersonRow.id).where(*without_a_file(before)).limit(BATCH)))
    lock_people(session, ids)
    # Asked again: who came back while we waited for their row is not alone any more.
    still = set(session.exec(select(PersonRow.id).where(col(PersonRow.id).in_(ids), *without_a_file(before))))
    persons = list(lock_people(session, still).values())
    destroy(session, persons, clock=clock, cause=Cause.fresh())
    return len(ids)
