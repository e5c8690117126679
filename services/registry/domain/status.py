"""Knows how far a request has come, from the facts that other services told; refuses to know in what order.

Facts arrive from several topics in any order and more than once. The standing is a pure function of the set of
facts, so the order cannot matter: nothing falls back, except that a cancelled trip gives its riders back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.events.verdict import weigh


class Status(StrEnum):
    """How far a request has come, as its bureau sees it."""

    SUBMITTED = "submitted"
    UNSERVED = "unserved"
    PLANNED = "planned"
    NOTIFIED = "notified"
    BOARDED = "boarded"
    NO_SHOW = "no_show"
    ARRIVED = "arrived"
    REFUSED = "refused"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


AMENDABLE = frozenset({Status.SUBMITTED, Status.UNSERVED})
WITHDRAWABLE = AMENDABLE | {Status.PLANNED, Status.NOTIFIED, Status.NO_SHOW, Status.REFUSED}
"""Not from boarding on; who stayed behind is withdrawn before they are asked for again."""
UNDER_WAY = AMENDABLE | {Status.PLANNED, Status.NOTIFIED, Status.BOARDED}
"""Somebody still has to be told, met or counted by name."""
WORDS: dict[Status, tuple[str, str]] = {
    Status.SUBMITTED: ("待安排", "Submitted"),
    Status.UNSERVED: ("本轮未能安排", "Not carried this round"),
    Status.PLANNED: ("已排车", "Planned"),
    Status.NOTIFIED: ("已通知本人", "Notified"),
    Status.BOARDED: ("已上车", "Boarded"),
    Status.NO_SHOW: ("未到场", "No-show"),
    Status.ARRIVED: ("已到岗确认", "Arrived"),
    Status.REFUSED: ("企业未接收", "Refused at the gate"),
    Status.DISPUTED: ("有异议", "Disputed"),
    Status.WITHDRAWN: ("已撤回", "Withdrawn"),
}


class FactKind(StrEnum):
    """What another service can tell about one request. `about` is a round, a pool or a trip."""

    POOLED = "pooled"
    UNSERVED = "unserved"
    SEAT = "seat"
    NOTIFIED = "notified"
    BOARDING = "boarding"
    DEPARTED = "departed"
    ARRIVAL = "arrival"


HELD, RELEASED = "held", "released"


@dataclass(frozen=True, slots=True)
class Fact:
    """The newest of its kind about one round or trip; `order` is the round's id, which ascends with time."""

    kind: FactKind
    about: str
    value: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands, and on which trip."""

    status: Status
    trip_id: str | None = None


def standing_of(facts: Iterable[Fact]) -> Standing:
    """The standing that these facts add up to, for a request that is not withdrawn."""
    by_kind: dict[FactKind, dict[str, Fact]] = {kind: {} for kind in FactKind}
    for fact in facts:
        by_kind[fact.kind][fact.about] = fact
    trip_id = _trip_of(by_kind)
    if trip_id is None:
        return Standing(_unplanned(by_kind))
    marked, said = (_value(by_kind[kind].get(trip_id)) for kind in (FactKind.BOARDING, FactKind.ARRIVAL))
    if outcome := weigh(marked, said):
        return Standing(Status(outcome), trip_id)
    if marked:
        return Standing(Status(marked), trip_id)
    if trip_id in by_kind[FactKind.DEPARTED]:
        return Standing(Status.BOARDED, trip_id)
    if trip_id in by_kind[FactKind.NOTIFIED]:
        return Standing(Status.NOTIFIED, trip_id)
    return Standing(Status.PLANNED, trip_id)


def _value(fact: Fact | None) -> str | None:
    return fact.value if fact else None


_ON_TRIP = (FactKind.ARRIVAL, FactKind.BOARDING, FactKind.DEPARTED, FactKind.NOTIFIED)


def _trip_of(by_kind: dict[FactKind, dict[str, Fact]]) -> str | None:
    """The latest trip that still holds a seat; what happened on a trip speaks for a seat not heard of yet."""
    seats = by_kind[FactKind.SEAT]
    released = {trip_id for trip_id, seat in seats.items() if seat.value == RELEASED}
    happened = [trip_id for kind in _ON_TRIP[:3] for trip_id in by_kind[kind] if trip_id not in released]
    if happened:
        return max(happened)
    held = [seat for seat in seats.values() if seat.value == HELD]
    if held:
        return max(held, key=lambda seat: (seat.order, seat.about)).about
    told = [trip_id for trip_id in by_kind[FactKind.NOTIFIED] if trip_id not in seats]
    return max(told, default=None)


def _unplanned(by_kind: dict[FactKind, dict[str, Fact]]) -> Status:
    """Unserved, unless a seat was held (and lost again) in a later round than the one that could not carry it."""
    last_round = max((fact.order for fact in by_kind[FactKind.UNSERVED].values()), default="")
    last_seat = max((fact.order for fact in by_kind[FactKind.SEAT].values()), default="")
    return Status.UNSERVED if last_round and last_round >= last_seat else Status.SUBMITTED
