"""Knows which column of the provincial system's files holds what: a dated version with its source, read from a data file.

The system has no public interface and its real columns are not known here: whoever has a file of it writes them down
as a further mapping, and nothing else has to change.
"""

import re
from collections import Counter
from datetime import date
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator
from pydantic import Field as Given

from services.registry.domain.exchange.fields import CODES, MONTHS, OF_RECEIPTS, OF_ROWS, Field
from shared.roster import Column

Word = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
_FORMAT = re.compile(r"[^YMD]{0,2}YYYY[^YMD]{0,2}MM[^YMD]{0,2}")

_SHEET_NAME = re.compile(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MappedColumn(_Strict):
    """One column: their heading, our field, and how its values are written."""

    heading: Word
    field: Field
    required: bool = False
    codes: dict[Word, Word] = {}
    """Our code -> their word."""
    format: str | None = None
    """Of a month: YYYY and MM with what stands around them, such as `YYYY-MM` or `YYYY年MM月`."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        known = CODES.get(self.field)
        if known is not None and set(self.codes) != set(known):
            lacking = ", ".join(one for one in known if one not in self.codes) or "-"
            beyond = ", ".join(one for one in self.codes if one not in known) or "-"
            raise ValueError(f"codes of {self.field} lack {lacking}; unknown are {beyond}")
        twice = [word for word, times in Counter(self.codes.values()).items() if times > 1]
        if twice:
            raise ValueError(f"one word stands for two codes: {', '.join(twice)}")
        if (self.format is not None) != (self.field in MONTHS):
            raise ValueError(f"a format is needed for {', '.join(MONTHS)}, and for nothing else")
        if self.format is not None and not _FORMAT.fullmatch(self.format):
            raise ValueError("a format has YYYY and then MM, with up to two signs around each")
        return self

    @cached_property
    def ours(self) -> dict[str, str]:
        """Their word -> our code."""
        return {word: code for code, word in self.codes.items()}

    def column(self) -> Column:
        """As the readers of files know a column."""
        return Column(self.field.value, self.heading, self.heading, self.required, "", "")


class Sheet(_Strict):
    """One kind of file: the name of its sheet and its columns in order."""

    title: Word
    columns: Annotated[tuple[MappedColumn, ...], Given(min_length=1, max_length=60)]

    @field_validator("title")
    @classmethod
    def _a_sheet_s_name(cls, title: str) -> str:
        if not _SHEET_NAME.fullmatch(title):  # Excel calls a workbook damaged for it
            raise ValueError("a sheet's name has 31 signs at most, none of []:*?/\\, and no ' at either end")
        return title

    @field_validator("columns")
    @classmethod
    def _each_once(cls, columns: tuple[MappedColumn, ...]) -> tuple[MappedColumn, ...]:
        for names in ([one.heading for one in columns], [one.field.value for one in columns]):
            twice = [name for name, times in Counter(names).items() if times > 1]
            if twice:
                raise ValueError(f"given twice: {', '.join(twice)}")
        return columns

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What it says."""
        return frozenset(one.field for one in self.columns)

    @cached_property
    def needed(self) -> tuple[Column, ...]:
        """The columns that a file must have, and a row must fill in."""
        return tuple(one.column() for one in self.columns if one.required)

    @cached_property
    def more(self) -> tuple[Column, ...]:
        """The columns that it may have."""
        return tuple(one.column() for one in self.columns if not one.required)


class Mapping(_Strict):
    """A version of how files are exchanged. `assumed` lists what is not known to be so."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    version: Annotated[int, Given(ge=1)]
    name: Word
    valid_from: date
    source: Annotated[str, StringConstraints(min_length=1)]
    assumed: tuple[str, ...] = ()
    rows: Sheet
    receipts: Sheet

    @model_validator(mode="after")
    def _enough(self) -> Self:
        for sheet, title, needed in ((self.rows, "rows", OF_ROWS), (self.receipts, "receipts", OF_RECEIPTS)):
            lacking = sorted(needed - sheet.fields)
            if title == "receipts" and Field.RESIDENT_ID in sheet.fields:
                lacking = [one for one in lacking if one != Field.TOKEN]
            if lacking:
                raise ValueError(f"{title} has no column for {', '.join(lacking)}")
        return self

    @property
    def key(self) -> str:
        """Its name with its version."""
        return f"{self.id}@{self.version}"
