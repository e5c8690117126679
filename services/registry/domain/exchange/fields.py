"""Knows what can stand in a column of the provincial system's files, and which of our codes it can hold."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.registry.domain.tracking.outcome import Finding, WageBand
from shared.roster import Category


class Field(StrEnum):
    """What a column says of a person's month, or of a row that was sent before."""

    TOKEN = "token"  # noqa: S105 - the export's id and the row's number, which name nobody
    PRIOR_TOKEN = "prior_token"  # noqa: S105
    CHANGE = "change"
    MONTH = "month"
    NAME = "name"
    RESIDENT_ID = "resident_id"
    PHONE = "phone"
    HOUSEHOLD = "household"
    COUNTY = "county"
    COUNTY_CODE = "county_code"
    PLACE = "place"
    PLACE_CODE = "place_code"
    CATEGORY = "category"
    EDUCATION = "education"
    EMPLOYED = "employed"
    EMPLOYER = "employer"
    EMPLOYER_CODE = "employer_code"
    AREA = "area"
    OUTCOME = "outcome"
    WAGE_BAND = "wage_band"
    HELPER = "helper"
    JOB_WISH = "job_wish"
    TRAINING_WISH = "training_wish"
    RESULT = "result"
    REASON = "reason"


class Change(StrEnum):
    """What a row asks of the other system: to hold this of a person's month, or to strike the person from the area."""

    REPORT = "report"
    REMOVE = "remove"


class Result(StrEnum):
    """What the other system says of a row."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


YES, NO = "yes", "no"
CODES: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.CHANGE: tuple(Change),
    Field.RESULT: tuple(Result),
    Field.EMPLOYED: (YES, NO),
    Field.OUTCOME: tuple(Finding),
    Field.WAGE_BAND: tuple(WageBand),
    Field.CATEGORY: tuple(Category),
}
"""Fields of which every code of ours needs a word of theirs; a word of theirs that is not in the table is a fault."""
MONTHS: Final = frozenset({Field.MONTH})
"""Fields that a format writes."""
SAID: Final = (Field.NAME, Field.PHONE, Field.EDUCATION, Field.JOB_WISH, Field.TRAINING_WISH)
"""What a row says of a person as a statement of its source; the rest is of a place, a household, a class or a month."""
OF_ROWS: Final = frozenset({Field.MONTH, Field.RESIDENT_ID, Field.NAME})
OF_RECEIPTS: Final = frozenset({Field.TOKEN, Field.RESULT})
LISTED: Final = frozenset({Field.CATEGORY})
"""Fields that hold several codes in one cell."""
