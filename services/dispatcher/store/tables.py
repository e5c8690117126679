"""Knows the dispatcher's rows; refuses to hold anything personal: a worker is a request id here."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
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


class LabRunRow(Base, table=True):
    """A question to the lab: the pools of a round in an area planned again, as its terms are and as `changes` would have them.

    `outcomes`: what came of each, once all are planned. It stands beside the round and changes nothing of it.
    """

    __tablename__: ClassVar[Any] = "lab_run"

    lab_id: str = Field(primary_key=True)
    round_id: str = Field(sa_column=Column(Text, ForeignKey("round.round_id"), index=True, nullable=False))
    area: str = Field(index=True)
    """A prefix of county codes: the pools of these are planned."""
    state: str = Field(index=True)
    changes: dict[str, Any] = _json()
    objective: str
    outcomes: dict[str, Any] | None = _json(nullable=True)
    note: str | None = None
    """Why it could not be answered, in both languages."""
    asked_by: str
    asked_at: datetime = _instant()
    correlation_id: str


class LabPoolRow(Base, table=True):
    """A pool of a question to the lab, as the terms are (`before`) or would be (`after`): as in a pool's plan of a round."""

    __tablename__: ClassVar[Any] = "lab_pool"

    lab_id: str = Field(sa_column=Column(Text, ForeignKey("lab_run.lab_id"), primary_key=True))
    variant: str = Field(primary_key=True)
    pool_id: str = Field(primary_key=True)
    position: int
    members: dict[str, Any] = _json()
    fleet: dict[str, Any] = _json()
    problem: str | None = None
    job_id: str | None = Field(default=None, unique=True)
    answer: str | None = None
    plan: str | None = None
    bound_fen: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


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
    destination_county_code: str
    """The county of the gate with most riders."""
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
    heads: list[dict[str, Any]] = _json()
    """Whose workers rode it, as the lines were computed."""
    cuts: list[dict[str, Any]] = _json()
    """What claims may not have of it."""
    waits_for: str | None = Field(default=None, index=True)
    """The payer whose budget is too short for what is due: the books stand until it is raised."""
    timetable: list[dict[str, Any]] = _json()
    departed_at: datetime | None = _instant(nullable=True)
    settled_at: datetime | None = _instant(nullable=True)
    note: str | None = None


class ContractRow(Base, table=True):
    """A carrier's charter contract for a trip, and the coach that runs it: from then on the money is committed."""

    __tablename__: ClassVar[Any] = "contract"

    trip_id: str = _trip(primary_key=True)
    contract_no: str = Field(index=True)
    charterer_id: str
    price_fen: int = _fen()
    tariff_fen: int = _fen()
    """What the trip costs by the tariff, before the contract's price."""
    plate: str = Field(index=True)
    plate_prefecture_code: str
    seats_approved: int | None = None
    """Of the coach with this plate, where it is another than was planned."""
    signed_on: date
    filed_at: datetime | None = _instant(nullable=True)
    emergency_order: str | None = None
    recorded_by: str
    recorded_at: datetime = _instant()


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
    organising_mode: str
    category: str
    earliest: date
    latest: date
    correlation_id: str
    """The chain of the upload that the request came by."""
    riding: bool = True
    boarding: str | None = None
    boarding_version: int = 0
    boarded_at: datetime | None = _instant(nullable=True)
    """When the escort marked it last."""
    confirmed_at: datetime | None = _instant(nullable=True)
    """When the enterprise first answered."""
    outcome: str | None = None
    outcome_version: int = 0
    note: str | None = None


class VoucherRow(Base, table=True):
    """One act in the books and the facts that its transfers follow from. Only added; sealed when its transaction ends."""

    __tablename__: ClassVar[Any] = "voucher"

    id: str = Field(primary_key=True)
    act: str
    season: str = Field(index=True)
    trip_id: str | None = Field(
        default=None, sa_column=Column(Text, ForeignKey("trip.trip_id"), index=True, nullable=True)
    )
    claim_id: str | None = Field(default=None, index=True)
    county_code: str = Field(index=True)
    cause: str
    actor: str
    facts: dict[str, Any] = _json()
    recorded_at: datetime = _instant()


class SealRow(Base, table=True):
    """A voucher's place in its season's book, and the digest that chains it to the one before. The database writes it."""

    __tablename__: ClassVar[Any] = "seal"
    __table_args__ = (Index("seal_place", "season", "position", unique=True),)

    voucher_id: str = Field(primary_key=True, foreign_key="voucher.id")
    season: str
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    digest: str


class BookRow(Base, table=True):
    """The head of a season's book: the last place and digest. The database writes it."""

    __tablename__: ClassVar[Any] = "book"

    season: str = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    digest: str


class AccountRow(Base, table=True):
    """What an account has in its stages, kept by the database as vouchers are sealed: no payer passes its limit."""

    __tablename__: ClassVar[Any] = "account"
    __table_args__ = (
        CheckConstraint(
            "account NOT LIKE 'payer:%' OR limit_fen >= reserved_fen + committed_fen + settled_fen",
            name="account_within_budget",
        ),
    )

    account: str = Field(primary_key=True)
    limit_fen: int = _fen()
    reserved_fen: int = _fen()
    committed_fen: int = _fen()
    settled_fen: int = _fen()
    paid_fen: int = _fen()


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
    voucher_id: str = Field(foreign_key="voucher.id", index=True)
    position: int
    """Its place in the voucher, from 1."""
    trip_id: str | None = Field(
        default=None, sa_column=Column(Text, ForeignKey("trip.trip_id"), index=True, nullable=True)
    )
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
    source: str | None = None
    county_code: str = Field(index=True)
    recorded_at: datetime = _instant()


class ClaimRow(Base, table=True):
    """One claimant's claim on the subsidies of one county, season and policy. `bank_account` is sealed.

    `claimant` is the account: `enterprise:...:season` or `carrier:...:season`. Amounts follow from its lines.
    """

    __tablename__: ClassVar[Any] = "claim"
    __table_args__ = (
        Index("claim_county", "county_code", "state"),
        Index("claim_claimant", "claimant", "policy_id"),
    )

    claim_id: str = Field(primary_key=True)
    version: int = 1
    state: str
    county_code: str
    season: str
    claimant: str
    claimant_id: str
    claimant_name: str
    policy: str
    policy_id: str
    """Without its version: a season's cap is the policy's."""
    ownership: str | None = None
    bank_account: bytes | None = None
    bank_account_tail: str = ""
    notice_first: date | None = None
    notice_last: date | None = None
    payment_no: str | None = None
    note: str | None = None
    claimed_fen: int = _fen()
    payable_fen: int = _fen()
    paid_fen: int = _fen()
    clawback_fen: int = _fen()
    recovered_fen: int = _fen()
    submitted_at: datetime | None = _instant(nullable=True)
    checked_at: datetime | None = _instant(nullable=True)
    correlation_id: str


class ClaimLineRow(Base, table=True):
    """One trip of a claim, its invoice, and what came out: parts by payer and the workings."""

    __tablename__: ClassVar[Any] = "claim_line"

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    trip_id: str = Field(
        sa_column=Column(Text, ForeignKey("trip.trip_id"), primary_key=True, index=True, nullable=False)
    )
    heads: int = 0
    """Heads that the claimant says are its own."""
    invoice_no: str | None = Field(default=None, index=True)
    invoice_issuer: str | None = None
    invoice_fen: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    invoice_on: date | None = None
    payable_fen: int = _fen()
    parts: list[dict[str, Any]] = _json()
    workings: list[dict[str, Any]] = _json()


class ClaimSeatRow(Base, table=True):
    """One request that a claim asks for. `person` is the registry's opaque id, known once it was checked.

    `holds` while the claim is alive and the request counts in it: then no other claim has the person in that season.
    """

    __tablename__: ClassVar[Any] = "claim_seat"
    __table_args__ = (
        Index("claim_seat_request", "request_id"),
        Index("claim_seat_trip", "trip_id"),
        Index(
            "one_subsidy_a_season",
            "season",
            "person",
            unique=True,
            postgresql_where=text("holds AND person IS NOT NULL"),
        ),
    )

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    request_id: str = Field(primary_key=True)
    trip_id: str
    season: str
    person: str | None = None
    standing: str = "counted"
    holds: bool = False


class ClaimFlagRow(Base, table=True):
    """What a check found, and who cleared it and why; a later run of the checks replaces those that nobody cleared."""

    __tablename__: ClassVar[Any] = "claim_flag"

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    number: int = Field(primary_key=True)
    code: str
    cause: str
    severity: str
    trip_id: str | None = None
    request_ids: list[str] = _json()
    evidence: dict[str, Any] = _json()
    zh: str
    en: str
    raised_at: datetime = _instant()
    cleared_by: str | None = None
    cleared_at: datetime | None = _instant(nullable=True)
    cleared_why: str | None = None


class ClaimStepRow(Base, table=True):
    """One act on a claim: who, when, from which state to which. Only added."""

    __tablename__: ClassVar[Any] = "claim_step"

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    number: int = Field(primary_key=True)
    act: str
    state: str
    """The state that it led to."""
    actor: str
    note: str = ""
    at: datetime = _instant()


class EvidenceRow(Base, table=True):
    """A document that was handed in with a claim, its name and content sealed."""

    __tablename__: ClassVar[Any] = "evidence"

    evidence_id: str = Field(primary_key=True)
    claim_id: str = Field(foreign_key="claim.claim_id", index=True)
    kind: str
    name: bytes
    sha256: str
    size: int
    content: bytes
    added_by: str
    added_at: datetime = _instant()


class ObjectionRow(Base, table=True):
    """Somebody's objection to a claim's public notice, its words sealed; the claim waits until it is answered."""

    __tablename__: ClassVar[Any] = "objection"

    objection_id: str = Field(primary_key=True)
    claim_id: str = Field(foreign_key="claim.claim_id", index=True)
    words: bytes
    filed_by: str
    filed_at: datetime = _instant()
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = _instant(nullable=True)


class PeriodRow(Base, table=True):
    """A county's season that finance has closed: nothing is claimed, paid or changed in it any more."""

    __tablename__: ClassVar[Any] = "closed_period"

    county_code: str = Field(primary_key=True)
    season: str = Field(primary_key=True)
    closed_by: str
    closed_at: datetime = _instant()
    digest: str
    """The head of the season's book at that moment."""
