"""Knows what a claim is judged by: its papers, its trips, and who rode; no name, resident ID or phone is among it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money.rules.policy import Policy

BOARDED = "boarded"
"""What the escort marks."""


@dataclass(frozen=True)
class Contract:
    """A carrier's charter contract for one trip, and the coach that ran it. Money in fen."""

    contract_no: str
    carrier_id: str
    price_fen: int
    plate: str
    plate_prefecture_code: str
    """Where the coach is registered."""
    seats_approved: int
    """At least 1: of the coach with this plate, which need not be of the type that was planned."""
    filed_at: datetime | None
    """When it was filed with the bureau before the trip; None: never."""
    emergency_order: str | None = None
    """The order of the authority, for a coach without an end in its own prefecture."""


@dataclass(frozen=True)
class Invoice:
    """The carrier's invoice for one trip's charter. Money in fen."""

    invoice_no: str
    issuer_id: str
    amount_fen: int


@dataclass(frozen=True)
class Seat:
    """One request's seat on a trip. `boarding` is boarded, no_show or None; `outcome` as the enterprise said, or None;
    `confirmed_at` when it first did, `confirmed_by` which enterprise. `earliest` and `latest` as on its roster."""

    request_id: str
    enterprise_id: str
    organising_mode: str
    category: str
    earliest: date
    latest: date
    boarding: str | None
    outcome: str | None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    riding: bool = True

    @property
    def answer(self) -> Answer:
        """What it counts as in the trip's bill."""
        return answer(self.boarding, self.outcome)

    @property
    def arrived(self) -> bool:
        """Whether it may be paid for: boarded, and arrived (`domain.md` §6, invariant 6)."""
        return self.riding and self.boarding == BOARDED and self.answer is Answer.ARRIVED

    @property
    def came(self) -> bool:
        """Whether it counts towards a floor: the same, or in dispute, for then the subsidy waits and is not lost."""
        return self.riding and self.boarding == BOARDED and self.answer in (Answer.ARRIVED, Answer.DISPUTED)


@dataclass(frozen=True)
class TripFacts:
    """One trip of a claim. `seats` are all of its seats, of other enterprises too; instants are UTC, distances metres."""

    trip_id: str
    day: date
    departs_at: datetime
    arrives_at: datetime
    origin: tuple[float, float]
    """Longitude and latitude of the first stop, WGS-84."""
    destination: tuple[float, float]
    county_code: str
    prefecture_code: str
    carrier_id: str
    seats_approved: int
    seats_max: int
    distance_m: int
    charter_fen: int
    """What it costs by the tariff in force: the yardstick for the contract's price."""
    contract: Contract | None
    invoice: Invoice | None
    seats: tuple[Seat, ...]
    organised_heads: int
    """Who came, and a provision is for, on all coaches of the same day, county and prefecture, this one too
    (`checks.count_eligible`)."""


@dataclass(frozen=True)
class OtherRequest:
    """Another request of the same person."""

    request_id: str
    county_code: str
    earliest: date
    latest: date
    status: str


@dataclass(frozen=True)
class Person:
    """What the registry says of the worker behind a request. `person` is an opaque id; `employed` are enterprise and first
    day of a month, from the lists that other offices keep. Of an erased person nothing but `others` is known any more."""

    person: str
    age: int | None
    """Completed years on the day of the trip."""
    resident_id_valid: bool | None
    phone_shared_by: int | None
    """How many people have the phone, this one too."""
    erased: bool = False
    deceased_on: date | None = None
    allowance: str | None = None
    """The individual transport allowance of the year, by its source; None: none is known."""
    employed: tuple[tuple[str, date], ...] = ()
    others: tuple[OtherRequest, ...] = ()


@dataclass(frozen=True)
class OtherUse:
    """A paper that another trip has used already, in this claim's season or before."""

    kind: str
    """contract or invoice."""
    number: str
    party_id: str
    """The contract's carrier, or the invoice's issuer: each numbers its own papers."""
    trip_id: str


@dataclass(frozen=True)
class OtherRun:
    """A trip of another claim, or of none, that a plate of this claim has run."""

    plate: str
    trip_id: str
    departs_at: datetime
    arrives_at: datetime
    origin: tuple[float, float]
    destination: tuple[float, float]


@dataclass(frozen=True)
class ClaimFacts:
    """All that the sixteen checks look at. `paid` is person -> the claim that was paid for them in the season already."""

    claim_id: str
    claimant_id: str
    season: str
    policy: Policy
    submitted_on: date
    today: date
    trips: tuple[TripFacts, ...]
    people: Mapping[str, Person]
    """By request id."""
    claimed_requests: frozenset[str]
    """For whom the claim asks."""
    claimed_heads: Mapping[str, int]
    """Trip -> heads that the claimant says are its own."""
    declared_ownership: str | None = None
    paid: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[OtherUse, ...] = ()
    runs: tuple[OtherRun, ...] = ()
    actors: tuple[tuple[str, str], ...] = ()
    """What was done and by whom, in order: submit; review, which is to take it up, publicise, approve or reject it; pay."""
    employment_known_to: date | None = None
    """Up to which month the employment lists have been loaded; None: none was."""

    @cached_property
    def claimed_seats(self) -> tuple[tuple[TripFacts, tuple[Seat, ...]], ...]:
        """Each trip with its seats that were not taken away and for whom the claim asks."""
        return tuple(
            (trip, tuple(s for s in trip.seats if s.riding and s.request_id in self.claimed_requests))
            for trip in self.trips
        )
