"""What comes in and goes out as JSON; an unknown field is refused. Values in answers are masked."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.domain.identity import tidy
from services.registry.domain.row import TEXT_MAX, Row
from services.registry.domain.withdrawal import WithdrawalReason
from services.registry.intake.enterprises import GivenEnterprise, GivenGate
from services.registry.store.tables import EnterpriseRow, FactRow, GateRow, RosterRow
from services.registry.usecases.errors import told
from services.registry.usecases.show import RequestView, RowView
from shared.directory import REQUEST_IDS_MAX

BATCH_MAX = 1000
Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX)]
CountyCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WorkerIn(_Strict):
    """One worker and journey. Places and enterprises by name or code, category and mode by word or code."""

    name: Text
    resident_id: Text
    phone: Text
    stop: Text
    enterprise: Text
    gate: Text
    earliest: date
    latest: date
    category: Text = "ORDINARY"
    organising_mode: Text

    def row(self, number: int) -> Row:
        """As the rules take it."""
        values = {
            key: tidy(value) if isinstance(value, str) else value for key, value in self.model_dump().items()
        }
        return Row(number, {key: value for key, value in values.items() if value is not None})


class RequestIn(WorkerIn):
    """A request of one worker who travels alone."""

    county_code: CountyCode | None = None
    """Needed where the caller's area has more than one county."""

    def row(self, number: int) -> Row:
        """As the rules take it."""
        row = super().row(number)
        return Row(number, {key: value for key, value in row.values.items() if key != "county_code"})


class MemberIn(WorkerIn):
    """One of a batch; those with the same `party` travel as a family."""

    party: Annotated[str, StringConstraints(max_length=TEXT_MAX)] | None = None


class BatchIn(_Strict):
    """Several workers at once; what is good goes on, what is refused comes back."""

    county_code: CountyCode | None = None
    requests: Annotated[list[MemberIn], Field(min_length=1, max_length=BATCH_MAX)]


class AmendIn(_Strict):
    """What is to change; what is left out stays. Who travels cannot change."""

    phone: Text | None = None
    stop: Text | None = None
    enterprise: Text | None = None
    gate: Text | None = None
    earliest: date | None = None
    latest: date | None = None
    category: Text | None = None
    organising_mode: Text | None = None

    def changes(self) -> dict[str, str]:
        """Roster field -> new text."""
        given = self.model_dump(exclude_none=True)
        return {
            key: tidy(value) if isinstance(value, str) else value.isoformat() for key, value in given.items()
        }


class WithdrawIn(_Strict):
    """Why a request is taken back, as a code: a free text could name somebody."""

    reason: WithdrawalReason = WithdrawalReason.WORKER_ASKED


class GateIn(_Strict):
    """A gate; degrees WGS-84."""

    name: Text
    town_code: Annotated[str, StringConstraints(pattern=r"^\d{6,12}$")]
    lon: Annotated[float, Field(ge=70, le=140)]
    lat: Annotated[float, Field(ge=3, le=54)]


class EnterpriseIn(_Strict):
    """An enterprise by its unified social credit code."""

    enterprise_id: Text
    name: Text
    email: Text | None = None
    gates: Annotated[list[GateIn], Field(min_length=1, max_length=50)]

    def given(self, position: int) -> GivenEnterprise:
        """As the use case takes it."""
        where = f"enterprises[{position}]"
        gates = tuple(
            GivenGate(f"{where}.gates[{n}]", gate.name, gate.town_code, str(gate.lon), str(gate.lat))
            for n, gate in enumerate(self.gates)
        )
        return GivenEnterprise(where, self.enterprise_id, self.name, self.email or "", gates)


class EnterprisesIn(_Strict):
    """Enterprises to register: all of them or none."""

    enterprises: Annotated[list[EnterpriseIn], Field(min_length=1, max_length=2000)]


class DirectoryIn(_Strict):
    """Whose contact is wanted, and what for."""

    request_ids: Annotated[list[Text], Field(max_length=REQUEST_IDS_MAX)]
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,39}$")]


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

    roster_id: str
    county_code: str
    file_name: str
    sha256: str
    accepted: int
    refused: int
    uploaded_by: str
    uploaded_at: datetime
    known: bool = False

    @classmethod
    def of(cls, row: RosterRow, *, known: bool = False) -> Self:
        """Without its key."""
        return cls(roster_id=row.id, known=known, **row.model_dump(exclude={"id", "wrapped_key"}))


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
