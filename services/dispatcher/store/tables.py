"""Knows the dispatcher's rows; refuses to hold anything personal: a worker is a request id here."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The base of this service's tables, so that two services' tables meet in no registry."""


def _instant(*, nullable: bool = False) -> Any:
    column: Column[datetime] = Column(DateTime(timezone=True), nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _json(*, nullable: bool = False) -> Any:
    column: Column[Any] = Column(JSONB(none_as_null=True), nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _fen() -> Any:
    return Field(default=0, sa_column=Column(BigInteger, nullable=False))


def _trip(*, primary_key: bool = False) -> Any:
    return Field(sa_column=Column(Text, ForeignKey("trip.trip_id"), primary_key=primary_key, nullable=False))


class EnterpriseRow(Base, table=True):
    """An enterprise as the registry last told it."""

    __tablename__: ClassVar[Any] = "enterprise"

    enterprise_id: str = Field(primary_key=True)
    version: int
    name: str


class GateRow(Base, table=True):
    """An enterprise's door, where a coach sets down. Degrees, WGS-84."""

    __tablename__: ClassVar[Any] = "gate"

    gate_id: str = Field(primary_key=True)
    enterprise_id: str = Field(index=True)
    name: str
    town_code: str
    prefecture_code: str
    lon: float
    lat: float


class DemandRow(Base, table=True):
    """A request without a person. `pool_id` is empty until its gate is known.

    `round_id` is the open round that holds it, or the approved one that left it behind or carries it.
    """

    __tablename__: ClassVar[Any] = "demand"
    __table_args__ = (
        Index("demand_pool", "pool_id", "state"),
        Index("demand_window", "state", "earliest", "latest"),
        Index("demand_party", "party_id"),
    )

    request_id: str = Field(primary_key=True)
    version: int
    state: str
    season: str
    party_id: str
    party_size: int
    county_code: str = Field(index=True)
    stop_code: str
    enterprise_id: str
    gate_id: str = Field(index=True)
    pool_id: str | None = None
    earliest: date
    latest: date
    category: str
    organising_mode: str
    round_id: str | None = Field(default=None, index=True)
    trip_id: str | None = Field(default=None, index=True)
    told: int = 0
    """Version of what we have told about this request: pooled, unserved."""
    correlation_id: str
    """The chain that began with its upload, for the logs of all that follows."""


class FleetRow(Base, table=True):
    """How many coaches of a type a carrier has, and the prefecture where they are registered."""

    __tablename__: ClassVar[Any] = "fleet"

    carrier_id: str = Field(primary_key=True)
    coach_type: str = Field(primary_key=True)
    carrier_name: str
    contact_email: str | None = None
    home_prefecture_code: str = Field(index=True)
    seats_approved: int
    coaches_per_day: int


class TariffRow(Base, table=True):
    """One version of a coach type's prices, whole, as it was loaded; never changed."""

    __tablename__: ClassVar[Any] = "tariff"

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = _json()
    loaded_at: datetime = _instant()


class PolicyRow(Base, table=True):
    """One version of a subsidy policy, whole, as it was loaded; never changed."""

    __tablename__: ClassVar[Any] = "policy"

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = _json()
    loaded_at: datetime = _instant()


class RoundRow(Base, table=True):
    """One planning round: a day, an area, and what is in force that day: the policy and coach type -> tariff, each
    as `id@version`."""

    __tablename__: ClassVar[Any] = "round"

    round_id: str = Field(primary_key=True)
    version: int = 1
    state: str = Field(index=True)
    day: date = Field(index=True)
    area: str = Field(index=True)
    """A prefix of county codes: a county, a prefecture or the province."""
    tariffs: dict[str, Any] = _json()
    policy: str
    requested_by: str
    requested_at: datetime = _instant()
    decided_by: str | None = None
    decided_at: datetime | None = _instant(nullable=True)
    note: str | None = None
    correlation_id: str


class PoolPlanRow(Base, table=True):
    """A pool within a round: its problem, as a planner was asked, and its plan once one is kept.

    `families`: who goes, frozen when planning began; empty where no coach is registered. `members`: group id -> one list of request
    ids a party. It, `problem` and `fleet` (coach id -> its row) are written with each `job_id`, under which a planner is
    asked. Problem and plan in their file formats, byte for byte.
    """

    __tablename__: ClassVar[Any] = "pool_plan"

    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), primary_key=True))
    pool_id: str = Field(primary_key=True)
    position: int
    workers: int
    families: list[dict[str, Any]] = _json()
    members: dict[str, Any] = _json()
    fleet: dict[str, Any] | None = _json(nullable=True)
    problem: str | None = None
    job_id: str | None = Field(default=None, unique=True)
    answer: str | None = None
    """The plan as a planner sent it, which nobody has checked yet; none once there is one that is kept."""
    crashes: int = 0
    """So many of a planner's processes died of the pool before it was given up: then it has no plan."""
    plan: str | None = None
    cost_fen: int = _fen()
    bound_fen: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    """What no plan can cost less than, proven by the plan's certificate; none where it has no certificate."""
    first_fit_fen: int = _fen()
    """What first fit would cost: the yardstick."""
    seconds: float = 0.0


class AmendmentRow(Base, table=True):
    """Another plan of one pool of a round that is proposed or approved, until a dispatcher takes or drops it.

    `problem` and `plan` as in a pool's plan; `base`: what it stands on and must still find when it is taken, trip id -> version
    and request id -> version; `steps`: what becomes of which trip; `difference`: what people are shown.
    """

    __tablename__: ClassVar[Any] = "amendment"

    amendment_id: str = Field(primary_key=True)
    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), index=True, nullable=False))
    pool_id: str
    county_code: str
    state: str
    problem: str
    plan: str
    members: dict[str, Any] = _json()
    fleet: dict[str, Any] = _json()
    base: dict[str, Any] = _json()
    steps: list[dict[str, Any]] = _json()
    difference: dict[str, Any] = _json()
    asked_by: str
    asked_at: datetime = _instant()
    decided_by: str | None = None
    decided_at: datetime | None = _instant(nullable=True)


class MarkRow(Base, table=True):
    """What a dispatcher has laid down for a pool of a round, who, when and why; it holds until it is lifted."""

    __tablename__: ClassVar[Any] = "mark"

    mark_id: str = Field(primary_key=True)
    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), index=True, nullable=False))
    pool_id: str
    county_code: str
    kind: str
    trip_id: str | None = None
    request_id: str | None = None
    other_id: str | None = None
    reason: str
    set_by: str
    set_at: datetime = _instant()
    lifted_by: str | None = None
    lifted_at: datetime | None = _instant(nullable=True)


class UnservedRow(Base, table=True):
    """Why a round left a request behind."""

    __tablename__: ClassVar[Any] = "unserved"

    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), primary_key=True))
    request_id: str = Field(primary_key=True)
    county_code: str = Field(index=True)
    pool_id: str
    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str


class TripRow(Base, table=True):
    """One coach on one day. `price` and `lines` are the itemised cost and who bears it, as last computed.

    `planned_fen` is what the trip counts by the round's objective: `cost_fen`, unless the public's part was to be least.
    """

    __tablename__: ClassVar[Any] = "trip"
    __table_args__ = (Index("trip_day", "day", "county_code"),)

    trip_id: str = Field(primary_key=True)
    version: int = 1
    state: str = Field(index=True)
    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), index=True, nullable=False))
    pool_id: str = Field(index=True)
    season: str = Field(index=True)
    day: date
    county_code: str
    prefecture_code: str
    carrier_id: str = Field(index=True)
    carrier_name: str
    carrier_email: str | None = None
    coach_type: str
    seats_approved: int
    seats_max: int
    drivers: int
    days: int
    distance_m: int
    duration_s: int
    planned_fen: int = _fen()
    cost_fen: int = _fen()
    subsidy_fen: int = _fen()
    policy: str
    tariff: str
    price: dict[str, Any] = _json()
    lines: list[dict[str, Any]] = _json()
    timetable: list[dict[str, Any]] = _json()
    departed_at: datetime | None = _instant(nullable=True)
    settled_at: datetime | None = _instant(nullable=True)
    note: str | None = None


class TripStopRow(Base, table=True):
    """Where a trip stops for people, in order."""

    __tablename__: ClassVar[Any] = "trip_stop"

    trip_id: str = _trip(primary_key=True)
    position: int = Field(primary_key=True)
    kind: str
    code: str
    name: str
    lon: float
    lat: float
    arrive_at: datetime = _instant()
    depart_at: datetime = _instant()


class RiderRow(Base, table=True):
    """One request's seat on a trip, what the escort marked and what the enterprise said.

    `riding` is false once the seat was taken away; the row stays for the trace.
    """

    __tablename__: ClassVar[Any] = "rider"

    trip_id: str = _trip(primary_key=True)
    request_id: str = Field(primary_key=True, index=True)
    party_id: str
    stop_code: str
    enterprise_id: str = Field(index=True)
    gate_id: str
    correlation_id: str
    """The chain of the upload that the request came by."""
    riding: bool = True
    boarding: str | None = None
    boarding_version: int = 0
    outcome: str | None = None
    outcome_version: int = 0
    note: str | None = None


class TransferRow(Base, table=True):
    """One entry of the ledger. A trigger refuses to change or remove it."""

    __tablename__: ClassVar[Any] = "transfer"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="transfer_amount"),
        CheckConstraint("debit <> credit", name="transfer_ends"),
        Index("transfer_debit", "debit"),
        Index("transfer_credit", "credit"),
    )

    id: str = Field(primary_key=True)
    trip_id: str = Field(sa_column=Column(Text, ForeignKey("trip.trip_id"), index=True, nullable=False))
    number: int
    kind: str
    debit: str
    credit: str
    amount_fen: int = Field(sa_column=Column(BigInteger, nullable=False))
    season: str = Field(index=True)
    rule: str
    cause: str
    answers: str | None = Field(default=None, foreign_key="transfer.id")
    corrects: str | None = Field(default=None, foreign_key="transfer.id")
    county_code: str = Field(index=True)
    recorded_at: datetime = _instant()
