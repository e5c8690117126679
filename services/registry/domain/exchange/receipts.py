"""Knows what becomes of a sent row when it is answered, in whatever order answers come; refuses to know files.

The state of a row only ever grows: sent < refused < accepted. Whatever is loaded twice, late or in halves, the same
answers leave the same states.
"""

from enum import StrEnum
from typing import Final

from services.registry.domain.exchange.fields import Result


class RowState(StrEnum):
    """What is known of a row that was sent. The last two are seen, never stored: nobody answered, and a newer row of the same
    person and month was sent, or the days for an answer are over."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    MISSING = "missing"


WORDS: Final[dict[str, tuple[str, str]]] = {
    RowState.SENT: ("等待回执", "waiting"),
    RowState.ACCEPTED: ("已接收", "accepted"),
    RowState.REFUSED: ("被退回", "refused"),
    RowState.SUPERSEDED: ("已被新的报送取代", "superseded"),
    RowState.MISSING: ("逾期无回执", "not answered"),
}


class Effect(StrEnum):
    """What one receipt does to its row."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REVERSED = "reversed"


def answer(state: RowState, told: Result) -> Effect:
    """Whether a receipt changes the row: an acceptance stands against a refusal, before or after it."""
    if state is RowState.ACCEPTED:
        return Effect.UNCHANGED if told is Result.ACCEPTED else Effect.REVERSED
    return Effect.APPLIED if state.value != told.value else Effect.UNCHANGED
