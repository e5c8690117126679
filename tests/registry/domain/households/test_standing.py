"""How a household stands day by day, and what that makes of its task: by hand."""

from datetime import date

import pytest

from services.registry.domain.households.standing import (
    Belonging,
    Member,
    Run,
    Spell,
    Standing,
    runs_until,
    standing_on,
)
from services.registry.domain.households.zero import Change, Ended, Moved, Opened, ZeroOutcome, change_of

EMPLOYED, ZERO, NO_LABOUR, GONE = (
    Standing.EMPLOYED,
    Standing.ZERO,
    Standing.NO_LABOUR,
    Standing.GONE,
)


def march(day: int) -> date:
    return date(2020, 3, day)


def member(*works: Spell, first: int = 1, end: int | None = None, has_labour: bool = True) -> Member:
    spell = Belonging(march(first), march(end) if end else None, has_labour)
    return Member((spell,), works)


def test_a_spell_ends_before_its_end() -> None:
    one = member(Spell(march(3), march(9)))
    assert [standing_on([one], march(day)) for day in (2, 3, 8, 9)] == [ZERO, EMPLOYED, EMPLOYED, ZERO]


def test_runs_tell_each_turn_once_and_nothing_of_what_lies_ahead() -> None:
    worker = member(Spell(march(3), march(9)), Spell(march(20), None), end=25)
    elder = member(first=2, end=28, has_labour=False)
    assert runs_until([worker, elder], march(22)) == [
        Run(march(1), ZERO),
        Run(march(3), EMPLOYED),
        Run(march(9), ZERO),
        Run(march(20), EMPLOYED),
    ]
    assert runs_until([worker, elder], march(30))[-2:] == [Run(march(25), NO_LABOUR), Run(march(28), GONE)]


def test_one_who_begins_as_another_ends_leaves_no_day_between() -> None:
    one, two = member(Spell(march(1), march(9))), member(Spell(march(9), None))
    assert runs_until([one, two], march(20)) == [Run(march(1), EMPLOYED)]


RUNS = [Run(march(1), EMPLOYED), Run(march(9), ZERO)]
BACK = [*RUNS, Run(march(20), EMPLOYED)]


@pytest.mark.parametrize(
    ("runs", "open_fell_on", "closed_fell_on", "change"),
    [
        (RUNS, None, None, Opened(march(9))),
        (RUNS, march(9), None, None),
        (RUNS, march(5), None, Moved(march(9))),
        (RUNS, None, march(9), None),
        (RUNS, None, march(12), None),
        (RUNS, None, march(8), Opened(march(9))),
        (BACK, march(9), None, Ended(ZeroOutcome.CLEARED, march(20))),
        (BACK, march(20), None, Ended(ZeroOutcome.ANNULLED, march(20))),
        (BACK[:1], march(9), None, Ended(ZeroOutcome.ANNULLED, march(9))),
        (BACK, None, None, None),
        ([*RUNS, Run(march(20), NO_LABOUR)], march(9), None, Ended(ZeroOutcome.NO_LABOUR, march(20))),
        ([*RUNS, Run(march(20), GONE)], march(9), None, Ended(ZeroOutcome.LEFT, march(20))),
        ([Run(march(1), GONE)], None, None, None),
    ],
)
def test_the_state_makes_the_task(
    runs: list[Run], open_fell_on: date | None, closed_fell_on: date | None, change: Change | None
) -> None:
    assert change_of(runs, open_fell_on, closed_fell_on) == change
