"""Knows the states of a trip and of a rider, and what a rider's answers amount to; knows no money."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Conflict


class TripState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DEPARTED = "departed"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


_FOLLOWS = MappingProxyType(
    {
        TripState.PROPOSED: {TripState.APPROVED, TripState.REJECTED},
        TripState.APPROVED: {TripState.DEPARTED, TripState.SETTLED, TripState.CANCELLED},
        TripState.DEPARTED: {TripState.SETTLED},
    }
)

RUNNING = (TripState.APPROVED, TripState.DEPARTED, TripState.SETTLED)
"""Told to the world and not taken back."""


class TripNotReady(Conflict):
    """Trip {trip_id} is {state}, so it cannot become {wanted}."""

    zh = "班次 {trip_id} 的状态为 {state}，不能变为 {wanted}。"


def follow(trip_id: str, state: str, wanted: TripState) -> str:
    """`wanted`, where it may follow `state`. Raises TripNotReady."""
    if wanted not in _FOLLOWS.get(TripState(state), set()):
        raise TripNotReady(trip_id=trip_id, state=state, wanted=wanted)
    return wanted.value


def trip_id(county_code: str, day: date, number: int) -> str:
    """`T-522732-20200224-003`."""
    return f"T-{county_code}-{day:%Y%m%d}-{number:03d}"


class Answer(StrEnum):
    """What a rider counts as when the trip is settled."""

    OPEN = "open"
    ARRIVED = "arrived"
    ABSENT = "absent"
    DISPUTED = "disputed"


def answer(boarding: str | None, outcome: str | None) -> Answer:
    """A rider's answer from what the escort marked and what the enterprise confirmed, either None so far.

    The enterprise has the last word, but a worker whom the escort marked as not come and the enterprise as
    arrived is in dispute: no subsidy without boarding and confirmation (`domain.md` §6, invariant 6).
    """
    if outcome is None:
        return Answer.ABSENT if boarding == "no_show" else Answer.OPEN
    if outcome == "arrived":
        return Answer.DISPUTED if boarding == "no_show" else Answer.ARRIVED
    return Answer.DISPUTED if outcome == "disputed" else Answer.ABSENT


def is_answered(answers: Iterable[Answer]) -> bool:
    """Whether nobody's answer is open any more, so that the trip can be settled."""
    return Answer.OPEN not in set(answers)
