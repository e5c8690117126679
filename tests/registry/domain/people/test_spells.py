"""What a register's word does to the spells that are known, by hand."""

from datetime import date
from typing import Any

import pytest

from services.registry.domain.people.spells import NOTHING, Change, Spell, hear

JAN, FEB, MAR, APR = (date(2020, month, 1) for month in (1, 2, 3, 4))
A, B = "A", "B"


def heard(spells: list[Spell], what: Any, as_of: date, **more: Any) -> Change:
    told = {"since": None, "known_to": None} | more
    return hear(spells, what, as_of=as_of, is_same=lambda a, b: a == b, **told)


@pytest.mark.parametrize(
    ("spells", "what", "as_of", "more", "expected"),
    [
        ([], A, FEB, {}, Change(begun=Spell(FEB, None, A))),
        ([], A, FEB, {"since": JAN}, Change(begun=Spell(JAN, None, A))),
        ([], None, FEB, {}, NOTHING),
        ([Spell(JAN, None, A)], A, FEB, {}, NOTHING),
        ([Spell(JAN, None, A)], None, FEB, {}, Change(ended=(JAN, FEB))),
        ([Spell(JAN, None, A)], B, MAR, {}, Change(ended=(JAN, MAR), begun=Spell(MAR, None, B))),
        ([Spell(JAN, None, A)], B, MAR, {"since": FEB}, Change(ended=(JAN, FEB), begun=Spell(FEB, None, B))),
        ([Spell(FEB, None, A)], B, MAR, {"since": JAN}, Change(ended=(FEB, MAR), begun=Spell(MAR, None, B))),
        ([Spell(FEB, None, A)], B, FEB, {}, Change(dropped=FEB, begun=Spell(FEB, None, B))),
        ([Spell(JAN, FEB, A)], B, MAR, {"since": JAN}, Change(begun=Spell(FEB, None, B))),
    ],
)
def test_the_latest_word_counts_from_its_day_or_from_since_when_it_says(
    spells: list[Spell], what: Any, as_of: date, more: dict[str, Any], expected: Change
) -> None:
    assert heard(spells, what, as_of, **more) == expected


@pytest.mark.parametrize(
    ("spells", "what", "as_of", "more", "expected"),
    [
        ([Spell(MAR, None, A)], B, FEB, {"known_to": MAR}, Change(begun=Spell(FEB, MAR, B))),
        ([Spell(MAR, None, A)], B, FEB, {"known_to": MAR, "since": JAN}, Change(begun=Spell(JAN, MAR, B))),
        ([Spell(JAN, None, A)], B, FEB, {"known_to": MAR}, NOTHING),
        ([Spell(JAN, FEB, A)], B, MAR, {"known_to": APR}, NOTHING),
        ([], B, FEB, {"known_to": MAR}, NOTHING),
        ([Spell(MAR, None, A)], None, FEB, {"known_to": MAR}, NOTHING),
        ([Spell(MAR, None, A)], None, FEB, {}, NOTHING),
    ],
    ids=[
        "before the first",
        "since before it",
        "within one",
        "in a gap",
        "nothing then",
        "no then",
        "began since",
    ],
)
def test_an_older_word_fills_the_time_before_the_first_spell_and_changes_nothing_else(
    spells: list[Spell], what: Any, as_of: date, more: dict[str, Any], expected: Change
) -> None:
    assert heard(spells, what, as_of, **more) == expected
