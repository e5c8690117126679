"""Knows which of several words on a person's month is told to the other system; refuses to know where they were found.

What a helper recorded goes before a spell of employment, and both before what the other system said itself.
"""

from dataclasses import dataclass

from services.registry.domain.exchange.fields import NO, YES, Field
from services.registry.domain.tracking.outcome import EMPLOYED, NOT_EMPLOYED


@dataclass(frozen=True, slots=True)
class Month:
    """What one source says of a person's month; `employed` is None where it does not say."""

    employed: bool | None = None
    outcome: str | None = None
    enterprise_id: str | None = None
    area_code: str | None = None
    wage_band: str | None = None
    employer: str | None = None


def tracked(outcome: str, enterprise_id: str | None, area_code: str | None, wage_band: str | None) -> Month:
    """What a month's tracking says."""
    employed = True if outcome in EMPLOYED else False if outcome in NOT_EMPLOYED else None
    return Month(employed, outcome, enterprise_id, area_code, wage_band)


def ours(record: Month | None, spell: Month | None) -> Month | None:
    """What we know ourselves: the helper's record, and the place of work of the spell that holds the month's end."""
    if record is None:
        return spell
    if spell is None or record.employed is False:
        return record
    is_known = bool(record.enterprise_id or record.area_code)
    return Month(
        True if record.employed is None else record.employed,
        record.outcome,
        record.enterprise_id if is_known else spell.enterprise_id,
        record.area_code or (None if is_known else spell.area_code),
        record.wage_band,
    )


def differs(mine: Month, theirs: Month) -> bool:
    """Whether the other system says something else of the month: of being employed, where, or how it was found."""
    if bool(mine.employed) != bool(theirs.employed):
        return True
    pairs = (
        (mine.outcome, theirs.outcome),
        (mine.enterprise_id, theirs.enterprise_id),
        (mine.area_code, theirs.area_code),
        (mine.wage_band, theirs.wage_band),
    )
    return any(one and other and one != other for one, other in pairs)


def adds(mine: Month, theirs: Month) -> bool:
    """Whether the other system knows something of the month that we do not."""
    pairs = (
        (mine.outcome, theirs.outcome),
        (mine.enterprise_id or mine.employer, theirs.enterprise_id or theirs.employer),
        (mine.area_code, theirs.area_code),
        (mine.wage_band, theirs.wage_band),
    )
    return any(other and not one for one, other in pairs)


def told(mine: Month | None, theirs: Month | None) -> dict[Field, str]:
    """The fields of a month: ours, and theirs where we say nothing and they do not contradict us."""
    known = mine or theirs or Month()
    spare = theirs if theirs is not None and not differs(known, theirs) else Month()
    values = {
        Field.EMPLOYED: YES if known.employed else NO,
        Field.OUTCOME: known.outcome or spare.outcome,
        Field.EMPLOYER_CODE: known.enterprise_id or spare.enterprise_id,
        Field.AREA: known.area_code or spare.area_code,
        Field.WAGE_BAND: known.wage_band or spare.wage_band,
        Field.EMPLOYER: known.employer or spare.employer,
    }
    return {field: value for field, value in values.items() if value}
