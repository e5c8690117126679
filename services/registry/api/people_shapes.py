"""What the routes of people and registers take and give."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.api.incoming import Incoming
from services.registry.api.outgoing import FaultOut
from services.registry.domain.people.consent import Channel, ConsentPurpose
from services.registry.domain.people.statement import Kind
from services.registry.store.tables import PopulationRow
from services.registry.usecases.errors import told
from services.registry.usecases.people.merge import REASON_MAX
from services.registry.usecases.people.outcomes import LineView
from services.registry.usecases.people.show import PersonView

Text = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class PopulationOut(BaseModel):
    """A register that was sent: how far it is, and what became of its rows so far."""

    population_id: str
    area_code: str
    file_name: str | None
    sha256: str
    kind: str
    rows: int
    """Rows of the sheet, with its headings."""
    done: int
    """The last row that is dealt with."""
    new: int
    changed: int
    unchanged: int
    refused: int
    loaded_by: str
    loaded_at: datetime
    finished_at: datetime | None
    failure: str | None
    known: bool = False

    @classmethod
    def of(cls, row: PopulationRow, file_name: str | None, *, known: bool = False) -> Self:
        """As a reader may see it; `known`: these bytes had been sent before."""
        same = row.model_dump(
            exclude={"id", "file_name_sealed", "layout_sealed", "wrapped_key", "size", "fresh"}
        )
        return cls(population_id=row.id, file_name=file_name, new=row.fresh, known=known, **same)


class PopulationPage(BaseModel):
    """A page of registers, newest first."""

    items: list[PopulationOut]
    total: int
    page: int
    size: int


class RegisterRowOut(BaseModel):
    """What became of one row; row 1 is the first line of the sheet."""

    row: int
    outcome: str
    person_id: str | None
    errors: list[FaultOut]

    @classmethod
    def of(cls, view: LineView) -> Self:
        """As it is told."""
        errors = [FaultOut(**told(one)) for one in view.faults]
        return cls(row=view.row, outcome=view.outcome, person_id=view.person_id, errors=errors)


class LinePage(BaseModel):
    """A page of rows in the order of the file."""

    items: list[RegisterRowOut]
    page: int
    size: int


class PersonLineOut(BaseModel):
    """A person's file in a list; name, ID and phone are masked."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str
    name: str
    resident_id: str
    phone: str
    place_code: str
    place_name: str
    helper_id: str | None
    categories: list[str]
    work_area: str | None


class PersonPage(BaseModel):
    """A page of files, by place."""

    items: list[PersonLineOut]
    total: int
    page: int
    size: int


class SearchIn(Incoming):
    """A whole resident ID, phone or name; it travels in the body, so that no log of addresses keeps it."""

    sought: Text


class SaidOut(BaseModel):
    """A value that a source gave, masked."""

    model_config = ConfigDict(from_attributes=True)

    statement_id: str
    person_id: str
    kind: str
    value: str
    source: str
    as_of: date
    stands: bool
    is_open: bool
    settled_by: str | None
    recorded_at: datetime


class SpellOut(BaseModel):
    """Something that holds for a spell of days; without `valid_to` it goes on."""

    what: str
    enterprise_id: str | None = None
    valid_from: date
    valid_to: date | None
    source: str


class HousemateOut(BaseModel):
    """Somebody of the household; without a name where they are not of the caller's area."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str | None
    name: str
    relation: str
    has_labour: bool


class MergeOut(BaseModel):
    """A merge of this file or into it."""

    model_config = ConfigDict(from_attributes=True)

    person_id: str
    into_id: str
    reason: str | None = None
    merged_by: str
    merged_at: datetime
    undone_by: str | None
    undone_at: datetime | None


class ConsentOut(BaseModel):
    """What a person agreed to."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    person_id: str
    notice_version: str
    purposes: list[str]
    channel: str
    given_on: date
    obtained_by: str
    withdrawn_at: datetime | None


class PersonOut(PersonLineOut):
    """A person's file with all that is known and where it comes from, masked."""

    merged_into: str | None
    ids: list[tuple[str, str]]
    said: dict[str, list[SaidOut]]
    conflicts: int
    household: str | None
    members: list[HousemateOut]
    classes: list[SpellOut]
    employments: list[SpellOut]
    merges: list[MergeOut]
    consents: list[ConsentOut]

    @classmethod
    def of(cls, view: PersonView) -> Self:
        """As a reader may see it."""
        line = PersonLineOut.model_validate(view.line).model_dump()
        return cls(
            **line,
            merged_into=view.merged_into,
            ids=list(view.ids),
            said={kind: [SaidOut.model_validate(one) for one in words] for kind, words in view.said.items()},
            conflicts=view.conflicts,
            household=view.household,
            members=[HousemateOut.model_validate(one) for one in view.members],
            classes=[
                SpellOut(
                    what=one.category, valid_from=one.valid_from, valid_to=one.valid_to, source=one.source
                )
                for one in view.classes
            ],
            employments=[
                SpellOut(
                    what=one.area_code,
                    enterprise_id=one.enterprise_id,
                    valid_from=one.valid_from,
                    valid_to=one.valid_to,
                    source=one.source,
                )
                for one in view.employments
            ],
            merges=[MergeOut.model_validate(one) for one in view.merges],
            consents=[ConsentOut.model_validate(one) for one in view.consents],
        )


class StateIn(Incoming):
    """What a clerk says of a person; it stands from then on."""

    kind: Kind
    value: Text


class StatedOut(BaseModel):
    """The statement that stands."""

    statement_id: str


class MergeIn(Incoming):
    """Whose file it is, and how the clerk knows; the reason is kept sealed."""

    into_id: str = Field(min_length=1, max_length=40)
    reason: str = Field(min_length=1, max_length=REASON_MAX)


class ConsentIn(Incoming):
    """What a person agreed to, how and when."""

    purposes: list[ConsentPurpose] = Field(min_length=1, max_length=len(ConsentPurpose))
    channel: Channel
    given_on: date
