"""Knows what is told of where money came from: from a transfer back to the roster's row, and from a worker to each fen spent.

Plain values, as they go over HTTP. A link that is not there is said: in `gaps` where it should be, in `notes` where it need
not be, or not yet. Amounts are fen, instants UTC; a worker is a request id.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Said:
    """Something about a link: where, and in both languages what."""

    where: str
    zh: str
    en: str


@dataclass(frozen=True)
class Working:
    """One step of the arithmetic: what it is, the figures as they are calculated, the result, and where the rule says so."""

    what: str
    formula: str
    result_fen: int
    rule: str


@dataclass(frozen=True)
class Part:
    """What one account bears: due, and held for a dispute."""

    account: str
    due_fen: int
    held_fen: int


@dataclass(frozen=True)
class Rule:
    """A policy's version: where it is from, and whether it is still what the books were written by (`unchanged`)."""

    policy: str
    name: str
    source: str
    assumed: tuple[str, ...]
    loaded_at: datetime
    digest: str
    unchanged: bool


@dataclass(frozen=True)
class Entry:
    """One transfer, from debit to credit."""

    id: str
    kind: str
    debit: str
    credit: str
    amount_fen: int
    trip_id: str | None
    rule: str
    answers: str | None
    corrects: str | None


@dataclass(frozen=True)
class Voucher:
    """An act in the books: its place and digest in the season's book, what caused it, who did it, and the facts that its entries
    follow from. `workings`: a trip's arithmetic, worked out again from the facts; `entries`: those of the trip asked about."""

    id: str
    act: str
    season: str
    position: int | None
    digest: str | None
    sealed: bool
    """Whether the digest is that of what the voucher says now."""
    trip_id: str | None
    claim_id: str | None
    cause: str
    actor: str
    recorded_at: datetime
    facts: dict[str, Any]
    workings: tuple[Working, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Step:
    """What was done to a claim, by whom, and the state it led to."""

    act: str
    state: str
    actor: str
    note: str
    at: datetime


@dataclass(frozen=True)
class ClaimLine:
    """A trip of a claim: its invoice, how many it asks for by what they count as, what each payer pays, and the arithmetic."""

    trip_id: str
    invoice_no: str | None
    invoice_issuer: str | None
    invoice_fen: int | None
    invoice_on: date | None
    payable_fen: int
    standings: dict[str, int]
    parts: tuple[dict[str, Any], ...]
    workings: tuple[Working, ...]


@dataclass(frozen=True)
class Claim:
    """A claim, what was done to it, what the checks found (code -> how often, with those cleared), and its lines."""

    claim_id: str
    state: str
    claimant: str
    claimant_name: str
    policy: str
    payment_no: str | None
    note: str | None
    claimed_fen: int
    payable_fen: int
    paid_fen: int
    clawback_fen: int
    recovered_fen: int
    steps: tuple[Step, ...]
    flags: dict[str, int]
    lines: tuple[ClaimLine, ...]


@dataclass(frozen=True)
class Contract:
    """The charter contract."""

    contract_no: str
    charterer_id: str
    price_fen: int
    tariff_fen: int
    plate: str
    signed_on: date
    filed_at: datetime | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True)
class Plan:
    """A plan that has the trip: of its round, or an amendment that was taken (`kind`), and who decided.

    Problem and plan as they are kept, by their SHA-256; `answers_problem`: the plan names that very problem. `place` is the trip
    in the plan that has most of its riders, `shared` of `riders`. No bound where there is no certificate.
    """

    kind: str
    id: str
    pool_id: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    cost_fen: int
    bound_fen: int | None
    gap: float | None
    problem_sha256: str
    plan_sha256: str
    answers_problem: bool
    certificate: str | None
    place: int | None
    shared: int
    riders: int


@dataclass(frozen=True)
class Seat:
    """What a worker counts as in a claim, and whether that claim holds it against all others."""

    claim_id: str
    standing: str
    holds: bool


@dataclass(frozen=True)
class Payment:
    """A worker's part of a payment, or of what was recovered."""

    transfer_id: str
    kind: str
    payer: str
    claim_id: str
    amount_fen: int


@dataclass(frozen=True)
class Origin:
    """The file and row that a request came by, or that it came by the API: then without file and row."""

    county_code: str
    uploaded_at: datetime
    uploaded_by: str
    roster_id: str | None
    sha256: str | None
    row: int | None


@dataclass(frozen=True)
class Rider:
    """One worker's seat: what the escort marked, what the enterprise said, what it counts as, what each account bears for it,
    what was paid, and where the request came from. `riding` is false once the seat was taken away."""

    request_id: str
    enterprise_id: str
    enterprise: str
    stop_code: str
    gate_id: str
    chain: str
    riding: bool
    boarding: str | None
    boarded_at: datetime | None
    outcome: str | None
    confirmed_at: datetime | None
    counts_as: str
    claims: tuple[Seat, ...]
    bears: tuple[Part, ...]
    payments: tuple[Payment, ...]
    origin: Origin | None


@dataclass(frozen=True)
class Trip:
    """A trip with its whole chain. `aboard`: how many ride it; `riders`: they, or the one worker that was asked about."""

    trip_id: str
    state: str
    season: str
    day: date
    county_code: str
    prefecture_code: str
    carrier_id: str
    carrier_name: str
    coach_type: str
    seats_approved: int
    distance_m: int
    tariff: str
    cost_fen: int
    subsidy_fen: int
    departed_at: datetime | None
    settled_at: datetime | None
    aboard: int
    rule: Rule | None
    workings: tuple[Working, ...]
    lines: tuple[Part, ...]
    contract: Contract | None
    plans: tuple[Plan, ...]
    vouchers: tuple[Voucher, ...]
    claims: tuple[Claim, ...]
    """Those that have the trip, with its line alone."""
    riders: tuple[Rider, ...]


@dataclass(frozen=True)
class Left:
    """A round that left the worker behind, and why."""

    round_id: str
    day: date
    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True)
class Other:
    """Another request of the same person."""

    request_id: str
    season: str
    county_code: str
    status: str


@dataclass(frozen=True)
class Worker:
    """A request: where from and to, when, what became of it, where it came from, and the person's others in the caller's area."""

    request_id: str
    version: int
    state: str
    season: str
    county_code: str
    stop_code: str
    enterprise_id: str
    enterprise: str
    gate_id: str
    party_id: str
    earliest: date
    latest: date
    chain: str
    left_behind: tuple[Left, ...]
    others: tuple[Other, ...]
    origin: Origin | None


@dataclass(frozen=True)
class Trace:
    """What the key names (`kind`: trip, claim, transfer, voucher or request), with the trips that its money is of.

    `how`: how a worker's part is made. `whole`: there are no gaps.
    """

    key: str
    kind: str
    whole: bool
    how: Said
    gaps: tuple[Said, ...]
    notes: tuple[Said, ...]
    worker: Worker | None = None
    claim: Claim | None = None
    voucher: Voucher | None = None
    trips: tuple[Trip, ...] = ()


HOW = Said(
    "parts",
    "车次账单的每一项按人头分给对应的人员：应付部分归已到厂人员，暂缓部分归有争议人员；余分依申请编号顺序分配，"
    "核减或追回从所涉人员的份额中扣除。各人份额之和与账单分毫不差。",
    "Each part of the trip's bill goes by heads to the workers that it was made for: what is due to those who arrived, what is held"
    " to those in dispute. An odd fen goes to the first by id; a cut or claw-back is taken from whom it is about. All workers'"
    " parts sum to the bill to the fen.",
)


@dataclass
class Findings:
    """What is said of links while a trace is made."""

    gaps: list[Said] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)

    def gap(self, where: str, zh: str, en: str) -> None:
        """Something that should be there is not, or two things do not agree."""
        self.gaps.append(Said(where, zh, en))

    def note(self, where: str, zh: str, en: str) -> None:
        """Something is not there and need not be, or not yet."""
        self.notes.append(Said(where, zh, en))
