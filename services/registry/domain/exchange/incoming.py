"""Knows what a line of the other system's file adds to a person's month, or contradicts in it; refuses to store anything."""

from enum import StrEnum

from services.registry.domain.exchange.fields import YES, Field
from services.registry.domain.exchange.lines import Facts
from services.registry.domain.exchange.month import Month, told

FROM_PROVINCE = "province/"
"""Begins the source of all that came with such a file."""
_OF_MONTH = (Field.OUTCOME, Field.EMPLOYER_CODE, Field.AREA, Field.WAGE_BAND)


class Outcome(StrEnum):
    """What became of a line."""

    FRESH = "fresh"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


OUTCOME_WORDS: dict[str, tuple[str, str]] = {
    Outcome.FRESH: ("新增", "new"),
    Outcome.CHANGED: ("已补充", "added to"),
    Outcome.UNCHANGED: ("无变化", "unchanged"),
    Outcome.CONFLICT: ("有出入，待核实", "differs, to be settled"),
    Outcome.REFUSED: ("退回", "refused"),
}


def month_in(facts: Facts) -> Month:
    """What a line says of the month."""
    return Month(
        facts.get(Field.EMPLOYED) == YES,
        facts.get(Field.OUTCOME),
        facts.get(Field.EMPLOYER_CODE),
        facts.get(Field.AREA),
        facts.get(Field.WAGE_BAND),
        facts.get(Field.EMPLOYER),
    )


def says_more(theirs: Month, mine: Month | None, before: Month | None) -> bool:
    """Whether a line says anything that we would not tell of the month ourselves."""
    ours, line = told(mine, before), told(theirs, None)
    if ours[Field.EMPLOYED] != line[Field.EMPLOYED]:
        return True
    if any(field in line and line[field] != ours.get(field) for field in _OF_MONTH):
        return True
    # An employer that has a code is named by it, however its name is written.
    nameless = Field.EMPLOYER_CODE not in line and Field.EMPLOYER in line
    return nameless and line[Field.EMPLOYER] != ours.get(Field.EMPLOYER)
