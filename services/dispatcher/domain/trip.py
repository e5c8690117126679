"""Knows the states of a trip and of a rider, and what a rider's answers amount to; knows no money."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from shared.events import Outcome
from shared.events.verdict import weigh
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


_COUNTS_AS = MappingProxyType(
    {
        None: Answer.OPEN,
        Outcome.ARRIVED: Answer.ARRIVED,
        Outcome.DISPUTED: Answer.DISPUTED,
        Outcome.NO_SHOW: Answer.ABSENT,
        Outcome.REFUSED: Answer.ABSENT,
    }
)


def answer(boarding: str | None, outcome: str | None) -> Answer:
    """A rider's answer from what the escort marked and what the enterprise confirmed, either None so far."""
    return _COUNTS_AS[weigh(boarding, outcome)]


def can_settle(departed: bool, words: Sequence[tuple[str | None, str | None]]) -> bool:
    """Whether a trip whose riders have these words, the escort's and the enterprise's, can be settled.

    Nobody's answer is open any more, and it has left or an enterprise has answered: an escort's marks alone do not
    settle a coach that still stands there, for it may wait, or be cancelled.
    """
    over = departed or any(outcome for _, outcome in words)
    return over and Answer.OPEN not in {answer(*word) for word in words}
