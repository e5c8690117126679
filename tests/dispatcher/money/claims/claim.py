"""A claim that nothing is wrong with, and hands to change one thing about it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.dispatcher.money.claims.facts import (
    ClaimFacts,
    Contract,
    Invoice,
    OtherRequest,
    Person,
    Seat,
    TripFacts,
)
from services.dispatcher.money.rules.policy import (
    Claimant,
    Ownership,
    Payer,
    PayerShare,
    Percentage,
    Period,
    Policy,
    Provision,
)
from shared.roster import Category, OrganisingMode

DAY = date(2020, 2, 24)
SANDU = (107.87, 25.98)
HUZHOU = (120.26, 30.87)
SEATS = 24


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """That moment of 2020, UTC."""
    return datetime(2020, month, day, hour, minute, second, tzinfo=UTC)


DEPARTS_AT = at(2, 24, 1)  # 09:00 in Shanghai
ARRIVES_AT = at(2, 25, 10)  # 18:00 in Shanghai


def provision(claimant: Claimant = Claimant.ENTERPRISE, **changes: Any) -> Provision:
    """Half the charter by the county."""
    return Provision(
        rule=Percentage(rate_percent=50),
        payers=(PayerShare(payer=Payer.ORIGIN_COUNTY, share=1),),
        claimant=claimant,
        **changes,
    )


def policy(**changes: Any) -> Policy:
    """Every condition that a policy can set."""
    terms: dict[str, Any] = {
        "id": "p",
        "version": 1,
        "name": "p",
        "valid_from": date(2020, 1, 1),
        "provisions": (provision(),),
        "min_passengers_vehicle": 20,
        "min_passengers_trip": 10,
        "trips": Period(first=date(2020, 2, 1), last=date(2020, 2, 28)),
        "claims": Period(first=date(2020, 3, 1), last=date(2020, 4, 30)),
        "ownerships": (Ownership.PRIVATE, Ownership.FOREIGN),
        "prefile_hours": 24,
        "confirm_days": 15,
    }
    return Policy(**terms | changes)


def seat(request_id: str, **changes: Any) -> Seat:
    """Somebody of E1 who boarded and was confirmed the day after arrival."""
    return replace(
        Seat(
            request_id,
            "E1",
            OrganisingMode.GOV_PART_SUBSIDY,
            Category.ORDINARY,
            earliest=date(2020, 2, 20),
            latest=date(2020, 2, 26),
            boarding="boarded",
            outcome="arrived",
            confirmed_at=at(2, 26),
            confirmed_by="E1",
        ),
        **changes,
    )


def seats(trip: int, count: int = SEATS, **changes: Any) -> tuple[Seat, ...]:
    return tuple(seat(f"R{trip}-{i:02d}", **changes) for i in range(count))


def contract(trip: int, **changes: Any) -> Contract:
    return replace(
        Contract(
            contract_no=f"HT-{trip}",
            carrier_id="C01",
            price_fen=1_840_000,
            plate=f"贵J0000{trip}",
            plate_prefecture_code="522700",
            seats_approved=49,
            filed_at=at(2, 23, 1),
        ),
        **changes,
    )


def invoice(trip: int, **changes: Any) -> Invoice:
    return replace(Invoice(f"FP-{trip}", "C01", 1_840_000), **changes)


def trip(number: int, **changes: Any) -> TripFacts:
    """A coach of 49 seats from Sandu to Huzhou."""
    return replace(
        TripFacts(
            trip_id=f"T{number}",
            day=DAY,
            departs_at=DEPARTS_AT,
            arrives_at=ARRIVES_AT,
            origin=SANDU,
            destination=HUZHOU,
            county_code="522732",
            prefecture_code="330500",
            carrier_id="C01",
            seats_approved=49,
            seats_max=24,
            distance_m=1_750_000,
            charter_fen=1_840_000,
            contract=contract(number),
            invoice=invoice(number),
            seats=seats(number),
            organised_heads=2 * SEATS,
        ),
        **changes,
    )


def person(request_id: str, **changes: Any) -> Person:
    return replace(Person(f"P-{request_id}", 30, True, 1, employed=(("E1", date(2020, 4, 1)),)), **changes)


def other_request(earliest: date, latest: date, **changes: Any) -> OtherRequest:
    return replace(OtherRequest("X1", "522731", earliest, latest, "arrived"), **changes)


def claim(*trips: TripFacts, **changes: Any) -> ClaimFacts:
    """Of these trips, or of T1 and T2, for all of their seats."""
    mine = trips or (trip(1), trip(2))
    facts = ClaimFacts(
        claim_id="K1",
        claimant_id="E1",
        season="2020-spring",
        policy=policy(),
        submitted_on=date(2020, 3, 20),
        today=date(2020, 6, 1),
        trips=mine,
        people={s.request_id: person(s.request_id) for one in mine for s in one.seats},
        claimed_requests=frozenset(s.request_id for one in mine for s in one.seats),
        claimed_heads={one.trip_id: len(one.seats) for one in mine},
        declared_ownership="private",
        actors=(("submit", "a"), ("review", "b"), ("pay", "c")),
        employment_known_to=date(2020, 5, 1),
    )
    return replace(facts, **changes)


def with_seats(changed: int = 1, **changes: Any) -> ClaimFacts:
    """The clean claim, with the first so many seats of T1 changed."""
    mine = tuple(replace(s, **changes) if i < changed else s for i, s in enumerate(seats(1)))
    return claim(trip(1, seats=mine), trip(2))


def with_person(request_id: str = "R1-00", **changes: Any) -> ClaimFacts:
    """The clean claim, with one of its people changed."""
    facts = claim()
    return replace(facts, people={**facts.people, request_id: person(request_id, **changes)})


def with_trip(**changes: Any) -> ClaimFacts:
    """The clean claim, with T1 changed."""
    return claim(trip(1, **changes), trip(2))


def with_contract(**changes: Any) -> ClaimFacts:
    """The clean claim, with T1's contract changed and its invoice to the same amount."""
    price_fen = changes.get("price_fen", 1_840_000)
    return with_trip(contract=contract(1, **changes), invoice=invoice(1, amount_fen=price_fen))


def with_policy(**changes: Any) -> ClaimFacts:
    """The clean claim under other terms."""
    return claim(policy=policy(**changes))


def ids(trip: int, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"R{trip}-{i:02d}" for i in numbers)
