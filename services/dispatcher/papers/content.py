"""Knows what stands on the papers of a claim; amounts in fen, instants in UTC, all words in Chinese and chosen by the caller.

Papers are handed to other offices, so no full name, resident ID, phone or card may be among it: names come masked
(`shared.security.mask`), of an ID or account only the last four. Papers whose figures disagree are not made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

TAIL = 4
"""How many characters of an ID or account number a paper may show."""


@dataclass(frozen=True)
class Step:
    """One step of a claim: the state it came to, when, by whom, and what was said."""

    state: str
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True)
class ClaimForm:
    """The claim itself, in whatever state it is. `computed_fen` is what the policy makes of it, without `held_fen`, which
    waits for disputes; later amounts are None until there are any. `policy_digest` is that of the policy as it is stored."""

    claim_id: str
    state: str
    season: str
    claimant_name: str
    claimant_code: str
    policy_key: str
    policy_name: str
    policy_source: str
    policy_digest: str
    first_day: date
    last_day: date
    account_tail: str
    charter_fen: int
    claimed_fen: int
    computed_fen: int
    held_fen: int
    approved_fen: int | None
    paid_fen: int | None
    recovered_fen: int | None
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        show_only_the_tail(self.account_tail)


@dataclass(frozen=True)
class TripSheet:
    """One trip with its contract and invoice; a paper that is not there is empty or None."""

    trip_id: str
    day: date
    origin: str
    destination: str
    carrier: str
    plate: str
    coach: str
    """What the coach is, such as its approved seats."""
    distance_m: int
    contract_no: str
    price_fen: int | None
    signed_on: date | None
    filed_at: datetime | None
    invoice_no: str
    invoice_fen: int | None


@dataclass(frozen=True)
class RosterLine:
    """One person on a trip: boarded when, arrived when and by whose word, and whether the claim counts them or why not."""

    trip_id: str
    number: int
    masked_name: str
    id_tail: str
    employer: str
    category: str
    boarding: str
    boarded_at: datetime | None
    arrival: str
    arrived_at: datetime | None
    arrival_by: str
    counted: bool
    why_not: str = ""

    def __post_init__(self) -> None:
        show_masked(self.masked_name)
        show_only_the_tail(self.id_tail)
        if self.counted == bool(self.why_not):
            raise ValueError(
                f"{self.trip_id}/{self.number}: say why_not of whoever is not counted, and of nobody else"
                " / 不计入者须写明原因，计入者不写"
            )


@dataclass(frozen=True)
class CalculationLine:
    """One step of the calculation. `trip_id` None is a step of the whole claim; `rule` has its place in the policy."""

    trip_id: str | None
    number: int
    what: str
    formula: str
    result_fen: int
    rule: str


@dataclass(frozen=True)
class PayerLine:
    """What one payer bears of one trip: `due_fen` now, `held_fen` when a dispute is settled for the worker."""

    trip_id: str
    payer: str
    due_fen: int
    held_fen: int


@dataclass(frozen=True)
class FlagLine:
    """What a check found, and who cleared it and why; empty where it stands. `trip_id` None is of the whole claim."""

    code: str
    severity: str
    trip_id: str | None
    message: str
    cleared_by: str = ""
    cleared_why: str = ""


@dataclass(frozen=True)
class ClaimPapers:
    """All of one claim's papers. `made_at` is the instant that they speak of, and the only time that is in the files;
    `books_head` is the hash of the last entry of the books then; `policy` the version as it is stored."""

    form: ClaimForm
    trips: tuple[TripSheet, ...]
    roster: tuple[RosterLine, ...]
    calculation: tuple[CalculationLine, ...]
    payers: tuple[PayerLine, ...]
    flags: tuple[FlagLine, ...]
    policy: Mapping[str, Any]
    books_head: str
    made_at: datetime

    def __post_init__(self) -> None:
        form = self.form
        _agree("computed_fen", form.computed_fen, sum(p.due_fen for p in self.payers))
        _agree("held_fen", form.held_fen, sum(p.held_fen for p in self.payers))
        _agree("charter_fen", form.charter_fen, sum(trip.price_fen or 0 for trip in self.trips))
        known = {trip.trip_id for trip in self.trips}
        lists = (self.roster, self.payers, self.calculation, self.flags)
        named = {line.trip_id for lines in lists for line in lines if line.trip_id is not None}
        strangers = sorted(named - known)
        if strangers:
            raise ValueError(
                f"no sheet for trips {strangers}: give one for each trip that a line names"
                f" / 车次 {strangers} 没有合同信息，请为每个车次提供"
            )

    @property
    def heads(self) -> int:
        """How many people the claim counts."""
        return sum(line.counted for line in self.roster)


def show_masked(name: str) -> None:
    """Raises ValueError for a name that has nothing masked."""
    if "*" not in name:
        raise ValueError("a name is not masked: mask it before it goes on a paper / 姓名未脱敏，请先脱敏")


def show_only_the_tail(number: str) -> None:
    """Raises ValueError for more of a number than its last four."""
    if len(number) > TAIL:
        raise ValueError(
            f"{len(number)} characters of a number, and a paper may show {TAIL}: give its tail"
            f" / 号码只能显示后 {TAIL} 位"
        )


def _agree(what: str, said: int, summed: int) -> None:
    if said != summed:
        raise ValueError(
            f"{what}: the form says {said} fen, its lines sum to {summed}: make them agree"
            f" / 申报表为 {said} 分，明细合计 {summed} 分，请核对"
        )
