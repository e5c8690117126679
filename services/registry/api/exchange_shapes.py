"""What goes out and comes in as JSON about the exchange with the provincial system; names are masked before they come here."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.registry.api.incoming import Incoming
from services.registry.api.outgoing import FaultOut, RefusedLineOut
from services.registry.domain.exchange.drawing import ExportState
from services.registry.domain.exchange.mapping import Mapping as ColumnMapping
from services.registry.domain.exchange.month import Month
from services.registry.domain.fault import Fault
from services.registry.domain.months import month_text
from services.registry.store.exchange.report import Standing
from services.registry.store.tables import ExportRow, ProvinceImportRow, ReceiptRow
from services.registry.usecases.errors import told
from services.registry.usecases.exchange.export import Asked, ExportReason, expiry_of, standing_of
from services.registry.usecases.exchange.report import Difference, Report, RowView

LINES_TOLD_MAX = 1000
Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ExportIn(Incoming):
    """What to draw up. Without `month` the last one; without `mapping_id` the preset; `only_changed`: since acknowledged."""

    reason: ExportReason
    only_changed: bool = False
    area_code: Code | None = None
    month: Code | None = None
    mapping_id: Code | None = None

    def asked(self) -> Asked:
        """As the use case takes it."""
        return Asked(self.reason, self.only_changed, self.area_code, self.month, self.mapping_id)


class MappingOut(BaseModel):
    """A version of the column mapping; `assumed` says what of it is not known to be so."""

    mapping_id: str
    version: int
    name: str
    valid_from: date
    source: str
    assumed: list[str]
    columns: list[str]
    receipt_columns: list[str]

    @classmethod
    def of(cls, one: ColumnMapping) -> Self:
        """As it was read."""
        return cls(
            mapping_id=one.id,
            version=one.version,
            name=one.name,
            valid_from=one.valid_from,
            source=one.source,
            assumed=list(one.assumed),
            columns=[column.heading for column in one.rows.columns],
            receipt_columns=[column.heading for column in one.receipts.columns],
        )


class MappingAddedOut(MappingOut):
    """`known`: this version was there, word for word."""

    known: bool


class ExportOut(BaseModel):
    """An export: `done` of `due` people are gone through. `left_out` are those whose row is acknowledged as it is, `withheld`
    rows lack a value for want of consent. Its file can be fetched while `status` is `ready`.
    """

    export_id: str
    area_code: str
    month: str
    mapping_id: str
    mapping_version: int
    only_changed: bool
    reason: ExportReason
    rows: int
    removals: int
    left_out: int
    withheld: int
    exported_by: str
    exported_at: datetime
    status: ExportState
    due: int | None
    done: int
    finished_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, row: ExportRow, now: datetime) -> Self:
        """As it stands today."""
        kept = row.model_dump(exclude={"id", "month"})
        standing = {"status": standing_of(row, now), "expires_at": expiry_of(row)}
        return cls(export_id=row.id, month=month_text(row.month), **kept, **standing)


class ExportDetailOut(ExportOut):
    """An export and how many of its rows stand how: sent, accepted, refused, superseded, missing."""

    states: dict[str, int]

    @classmethod
    def seen(cls, row: ExportRow, states: Mapping[str, int], now: datetime) -> Self:
        """As it stands today."""
        return cls(**ExportOut.of(row, now).model_dump(), states=dict(states))


class ExportPage(BaseModel):
    """A page of exports, newest first."""

    items: list[ExportOut]
    total: int
    page: int
    size: int


class ExportRowOut(BaseModel):
    """A row of an export; the name is masked, and the other system's reason is without numbers."""

    model_config = ConfigDict(from_attributes=True)

    row: int
    name: str
    place: str
    change: str
    state: str
    reason: str
    answered_at: datetime | None

    @classmethod
    def of(cls, view: RowView) -> Self:
        """As a reader may see it."""
        return cls.model_validate(view)


class RowPage(BaseModel):
    """A page of an export's rows in the order of the file."""

    items: list[ExportRowOut]
    page: int
    size: int


class ReceivedOut(BaseModel):
    """What became of a file of receipts: `still_open` rows of the exports it speaks of are not answered yet.

    `known`: the same bytes came before, and nothing was changed. The first 1,000 lines that answer nothing are told.
    """

    receipt_id: str
    known: bool
    accepted: int
    refused: int
    unchanged: int
    unmatched: int
    still_open: int
    errors: list[RefusedLineOut]

    @classmethod
    def of(
        cls, row: ReceiptRow, known: bool, still_open: int, refused: Mapping[int, tuple[Fault, ...]]
    ) -> Self:
        """As it is kept, with what came back."""
        counts = row.model_dump(include={"accepted", "refused", "unchanged", "unmatched"})
        return cls(receipt_id=row.id, known=known, still_open=still_open, errors=lines_of(refused), **counts)


class ImportOut(BaseModel):
    """A file of the provincial system as it was taken in."""

    import_id: str
    area_code: str
    mapping_id: str
    mapping_version: int
    fresh: int
    changed: int
    unchanged: int
    conflicts: int
    refused: int
    imported_by: str
    imported_at: datetime

    @classmethod
    def of(cls, row: ProvinceImportRow) -> Self:
        """As it is kept."""
        return cls(import_id=row.id, **row.model_dump(exclude={"id", "stamp"}))


class TakenInOut(ImportOut):
    """What became of it, line by line: `outcomes` by row number (the first 1,000 that are not unchanged)."""

    known: bool
    outcomes: dict[int, str]
    errors: list[RefusedLineOut]


class ImportPage(BaseModel):
    """A page of imports, newest first."""

    items: list[ImportOut]
    total: int
    page: int
    size: int


class StandingOut(BaseModel):
    """How one county's or place's month stands: `late` are those not acknowledged after the day on which it was due."""

    code: str
    name: str
    due: int
    exported: int
    acknowledged: int
    refused: int
    waiting: int
    missing: int
    unsent: int
    late: int

    @classmethod
    def of(cls, report: Report, one: Standing, name: str) -> Self:
        """A line of the report."""
        return cls(
            code=one.code,
            name=name,
            due=one.due,
            exported=one.exported,
            acknowledged=one.acknowledged,
            refused=one.refused,
            waiting=one.waiting,
            missing=one.missing,
            unsent=one.unsent,
            late=report.late(one),
        )


class ReportOut(BaseModel):
    """A month of an area, by county or place. `answer_days`: after so many days without a receipt a row is missing."""

    area_code: str
    month: str
    mapping_id: str
    due_on: date
    answer_days: int
    total: StandingOut
    lines: list[StandingOut]

    @classmethod
    def of(cls, report: Report) -> Self:
        """As it was counted."""
        return cls(
            area_code=report.area_code,
            month=month_text(report.month),
            mapping_id=report.mapping.id,
            due_on=report.due_on,
            answer_days=report.rule.answer_days,
            total=StandingOut.of(report, report.total, ""),
            lines=[StandingOut.of(report, one, name) for one, name in report.lines],
        )


class MonthOut(BaseModel):
    """What a source says of a month."""

    model_config = ConfigDict(from_attributes=True)

    employed: bool | None
    outcome: str | None
    enterprise_id: str | None
    area_code: str | None
    wage_band: str | None

    @classmethod
    def of(cls, one: Month) -> Self:
        """Its codes."""
        return cls.model_validate(one)


class DifferenceOut(BaseModel):
    """A month that the provincial system tells otherwise: ours stands."""

    person_id: str
    name: str
    place: str
    ours: MonthOut
    theirs: MonthOut

    @classmethod
    def of(cls, one: Difference) -> Self:
        """As a reader may see it."""
        return cls(
            person_id=one.person_id,
            name=one.name,
            place=one.place,
            ours=MonthOut.of(one.mine),
            theirs=MonthOut.of(one.theirs),
        )


class DifferencePage(BaseModel):
    """A page of differences, by place."""

    items: list[DifferenceOut]
    page: int
    size: int


def lines_of(refused: Mapping[int, tuple[Fault, ...]]) -> list[RefusedLineOut]:
    """The first lines that came back, in the order of the file."""
    return [
        RefusedLineOut(row=row, errors=[FaultOut(**told(one)) for one in refused[row]])
        for row in sorted(refused)[:LINES_TOLD_MAX]
    ]
