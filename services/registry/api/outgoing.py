"""What goes out as JSON; names, resident IDs and phones are masked before they come here."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from services.registry.domain.outside import OutsideKind
from services.registry.store.tables import EnterpriseRow, FactRow, GateRow, OutsideListRow
from services.registry.usecases.errors import told
from services.registry.usecases.show import RequestView, RosterView, RowView


class FaultOut(BaseModel):
    """What is wrong with a field and how to mend it."""

    field: str
    code: str
    fault_zh: str
    fault_en: str
    mend_zh: str
    mend_en: str


class RequestOut(BaseModel):
    """A request; name, resident ID and phone are masked."""

    model_config = ConfigDict(from_attributes=True)

    request_id: str
    name: str
    resident_id: str
    phone: str
    status: str
    season: str
    county_code: str
    stop_code: str
    stop_name: str
    enterprise_id: str
    enterprise_name: str
    gate_id: str
    gate_name: str
    earliest: date
    latest: date
    party_id: str
    party_size: int
    category: str
    organising_mode: str
    organiser_id: str | None
    trip_id: str | None
    roster_id: str | None
    row: int | None
    version: int
    withdrawn_reason: str | None
    submitted_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, view: RequestView) -> Self:
        """As a reader may see it."""
        return cls.model_validate(view)


class FactOut(BaseModel):
    """What another service told about a request."""

    kind: str
    about: str
    value: str
    detail: dict[str, str]
    at: datetime

    @classmethod
    def of(cls, row: FactRow) -> Self:
        """As it is kept."""
        return cls(kind=row.kind, about=row.about, value=row.value, detail=row.detail, at=row.at)


class RequestDetailOut(RequestOut):
    """A request with its history and the ids of the rest of its family."""

    history: list[FactOut] = []
    party: list[str] = []


class RequestPage(BaseModel):
    """A page of requests, newest first."""

    items: list[RequestOut]
    total: int
    page: int
    size: int


class SubmittedOut(BaseModel):
    """A request that was accepted."""

    request_id: str
    status: str
    version: int


class AcceptedOut(BaseModel):
    """One of a batch that was accepted; `index` counts from 0."""

    index: int
    request_id: str


class RefusedOut(BaseModel):
    """One of a batch that was refused, with every reason."""

    index: int
    errors: list[FaultOut]


class BatchOut(BaseModel):
    """What became of a batch."""

    accepted: list[AcceptedOut]
    refused: list[RefusedOut]


class RosterOut(BaseModel):
    """A roster and its counts; `known` says that these bytes had been sent before."""

    model_config = ConfigDict(from_attributes=True)

    roster_id: str
    county_code: str
    file_name: str | None
    sha256: str
    accepted: int
    refused: int
    uploaded_by: str
    uploaded_at: datetime
    known: bool = False

    @classmethod
    def of(cls, view: RosterView, *, known: bool = False) -> Self:
        """As a reader may see it."""
        return cls.model_validate(view).model_copy(update={"known": known})


class RowOut(BaseModel):
    """What became of one row; row 1 is the first line of the sheet."""

    row: int
    outcome: str
    name: str
    request_id: str | None
    status: str | None
    errors: list[FaultOut]

    @classmethod
    def of(cls, view: RowView) -> Self:
        """As a reader may see it."""
        return cls(
            row=view.row,
            outcome="accepted" if view.request else "refused",
            name=view.name,
            request_id=view.request.request_id if view.request else None,
            status=view.request.status if view.request else None,
            errors=[FaultOut(**told(one)) for one in view.faults],
        )


class RosterPage(BaseModel):
    """A page of rosters, newest first."""

    items: list[RosterOut]
    total: int
    page: int
    size: int


class RosterDetailOut(RosterOut):
    """A roster with a page of its rows in the order of the file."""

    rows: list[RowOut] = []
    page: int = 1
    size: int = 50


class OutsideListOut(BaseModel):
    """A list of another office as it was loaded; it is never shown again row by row."""

    list_id: str
    kind: OutsideKind
    area_code: str
    sha256: str
    accepted: int
    refused: int
    loaded_by: str
    loaded_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: OutsideListRow) -> Self:
        """As it is kept."""
        return cls(list_id=row.id, **row.model_dump(exclude={"id", "known_to"}))


class OutsideListPage(BaseModel):
    """A page of such lists, newest first."""

    items: list[OutsideListOut]
    total: int
    page: int
    size: int


class RefusedLineOut(BaseModel):
    """A line that was refused, with every reason; row 1 is the first line of the sheet."""

    row: int
    errors: list[FaultOut]


class LoadedOut(OutsideListOut):
    """What became of a list: `known` says that these bytes were loaded before. The first 1,000 refused lines are told."""

    known: bool
    errors: list[RefusedLineOut]


class GateOut(BaseModel):
    """A gate; degrees WGS-84."""

    gate_id: str
    name: str
    town_code: str
    prefecture_code: str
    lon: float
    lat: float


class EnterpriseOut(BaseModel):
    """An enterprise and its gates."""

    enterprise_id: str
    name: str
    email: str | None
    version: int
    gates: list[GateOut]

    @classmethod
    def of(cls, row: EnterpriseRow, gates: list[GateRow]) -> Self:
        """As it is kept."""
        return cls(
            enterprise_id=row.id,
            name=row.name,
            email=row.email,
            version=row.version,
            gates=[GateOut(gate_id=g.id, **g.model_dump(exclude={"id", "enterprise_id"})) for g in gates],
        )


class RegisteredOut(BaseModel):
    """The credit codes of those that are new or have changed, and how many were given."""

    changed: list[str]
    given: int


def json_of(model: BaseModel) -> dict[str, Any]:
    """A model as plain JSON values."""
    return model.model_dump(mode="json")
