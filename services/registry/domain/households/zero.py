"""Knows when a household that has nobody employed is to be helped, and when that is over; refuses to know where it is kept.

The state decides, not the order in which it became known: a household with labour force and nobody employed has an open task,
and no other has. So it may be asked again at any time, and facts of former days may come late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.registry.domain.households.standing import Run, Standing


class ZeroOutcome(StrEnum):
    """How a task ended. ANNULLED: the household had somebody employed all the time, as became known later."""

    CLEARED = "cleared"
    ANNULLED = "annulled"
    LEFT = "left"
    NO_LABOUR = "no_labour"
    REFUSED = "refused"


BY_HAND = (ZeroOutcome.LEFT, ZeroOutcome.NO_LABOUR, ZeroOutcome.REFUSED)
"""For what a clerk may close a task that the facts leave open."""
OUTCOME_WORDS: dict[ZeroOutcome, tuple[str, str]] = {
    ZeroOutcome.CLEARED: ("已清零（有人就业）", "Cleared: somebody is employed"),
    ZeroOutcome.ANNULLED: ("撤销（其间一直有人就业）", "Annulled: somebody had been employed all the time"),
    ZeroOutcome.LEFT: ("已不在册", "Left the register"),
    ZeroOutcome.NO_LABOUR: ("已无劳动力", "No labour force any more"),
    ZeroOutcome.REFUSED: ("不接受帮扶", "Refuses help"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The household has had nobody employed since `fell_on`: a task is owed."""

    fell_on: date


@dataclass(frozen=True, slots=True)
class Moved:
    """The open task stands, but the fall was on another day than was known."""

    fell_on: date


@dataclass(frozen=True, slots=True)
class Ended:
    """The open task is over since `on`."""

    outcome: ZeroOutcome
    on: date


Change = Opened | Moved | Ended
_OVER = {
    Standing.EMPLOYED: ZeroOutcome.CLEARED,
    Standing.NO_LABOUR: ZeroOutcome.NO_LABOUR,
    Standing.GONE: ZeroOutcome.LEFT,
}


def change_of(runs: Sequence[Run], open_fell_on: date | None, closed_fell_on: date | None) -> Change | None:
    """What the runs of a household until today make of its tasks; None where all is as it should be.

    `open_fell_on`: the fall of its open task, if it has one; `closed_fell_on`: the last fall that a clerk closed by hand.
    """
    now = runs[-1]
    if now.standing is Standing.ZERO:
        if open_fell_on is not None:
            return Moved(now.first) if open_fell_on != now.first else None
        is_closed = closed_fell_on is not None and closed_fell_on >= now.first
        return None if is_closed else Opened(now.first)
    if open_fell_on is None:
        return None
    if not _was_zero_since(runs, open_fell_on):
        return Ended(ZeroOutcome.ANNULLED, open_fell_on)
    return Ended(_OVER[now.standing], now.first)


def _was_zero_since(runs: Sequence[Run], day: date) -> bool:
    ends = [*(run.first for run in runs[1:]), None]
    return any(
        run.standing is Standing.ZERO and (end is None or end > day)
        for run, end in zip(runs, ends, strict=True)
    )
