"""Plants one fault of a kind in a clean claim, and says which flags it must raise and no other; finds nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.dispatcher.money.claims.facts import (
    ClaimFacts,
    Contract,
    Invoice,
    OtherRequest,
    OtherRun,
    OtherUse,
    Seat,
    TripFacts,
)
from shared.roster import OrganisingMode

Expected = tuple[str, str, str | None, tuple[str, ...]]
"""A flag's code, cause, trip and requests."""
Planted = tuple[ClaimFacts, tuple[Expected, ...]]
Kind = Callable[[ClaimFacts, TripFacts, Seat], Planted]


def _trip(facts: ClaimFacts, trip: TripFacts, **changes: Any) -> ClaimFacts:
    trips = (replace(t, **changes) if t is trip else t for t in facts.trips)
    return replace(facts, trips=tuple(trips))


def _seat(facts: ClaimFacts, trip: TripFacts, seat: Seat, *, heads: int = 0, **changes: Any) -> ClaimFacts:
    """That seat changed, and so many more heads claimed of its trip."""
    seats = tuple(replace(s, **changes) if s is seat else s for s in trip.seats)
    claimed = {**facts.claimed_heads, trip.trip_id: facts.claimed_heads[trip.trip_id] + heads}
    return replace(_trip(facts, trip, seats=seats), claimed_heads=claimed)


def _person(facts: ClaimFacts, seat: Seat, **changes: Any) -> ClaimFacts:
    person = replace(facts.people[seat.request_id], **changes)
    return replace(facts, people={**facts.people, seat.request_id: person})


def _papers(trip: TripFacts) -> tuple[Contract, Invoice]:
    if trip.contract is None or trip.invoice is None:
        raise ValueError(f"trip {trip.trip_id} has no papers to plant a fault in")
    return trip.contract, trip.invoice


def _by_person(code: str, cause: str, **changes: Any) -> Kind:
    return lambda facts, trip, seat: (
        _person(facts, seat, **changes),
        ((code, cause, trip.trip_id, (seat.request_id,)),),
    )


def _by_seat(code: str, cause: str, heads: int = 0, **changes: Any) -> Kind:
    return lambda facts, trip, seat: (
        _seat(facts, trip, seat, heads=heads, **changes),
        ((code, cause, trip.trip_id, (seat.request_id,)),),
    )


def _by_trip(code: str, cause: str, change: Callable[[TripFacts], Mapping[str, Any]]) -> Kind:
    return lambda facts, trip, _seat: (
        _trip(facts, trip, **change(trip)),
        ((code, cause, trip.trip_id, ()),),
    )


def _by_contract(code: str, cause: str, change: Callable[[TripFacts], Mapping[str, Any]]) -> Kind:
    return _by_trip(code, cause, lambda trip: {"contract": replace(_papers(trip)[0], **change(trip))})


def _by_invoice(code: str, cause: str, change: Callable[[Invoice], Mapping[str, Any]]) -> Kind:
    return _by_trip(
        code, cause, lambda trip: {"invoice": replace(_papers(trip)[1], **change(_papers(trip)[1]))}
    )


def _by_claim(code: str, cause: str, **changes: Any) -> Kind:
    return lambda facts, _trip, _seat: (replace(facts, **changes), ((code, cause, None, ()),))


def _overlap(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    other = OtherRequest("X", "520525", seat.latest, seat.latest, "arrived")
    return _by_person("F01", "rosters_overlap", others=(other,))(facts, trip, seat)


def _paid(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    paid = {**facts.paid, facts.people[seat.request_id].person: "K-other"}
    return replace(facts, paid=paid), (("F02", "paid_before", trip.trip_id, (seat.request_id,)),)


def _twice(facts: ClaimFacts, _trip: TripFacts, seat: Seat) -> Planted:
    other = next(r for r in sorted(facts.claimed_requests) if r != seat.request_id)
    request_ids = tuple(sorted((other, seat.request_id)))
    changed = _person(facts, seat, person=facts.people[other].person)
    return changed, (("F02", "twice_in_claim", None, request_ids),)


def _ghost(facts: ClaimFacts, _trip: TripFacts, _seat: Seat) -> Planted:
    return replace(facts, claimed_requests=facts.claimed_requests | {"ghost"}), (
        ("F04", "no_seat", None, ("ghost",)),
    )


def _late(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    at = trip.arrives_at + timedelta(days=facts.policy.confirm_days + 1)
    return _by_seat("F05", "confirmed_late", confirmed_at=at)(facts, trip, seat)


def _few(facts: ClaimFacts, trip: TripFacts, _seat: Seat) -> Planted:
    """19 keep their seats; the others' were taken away and are not claimed."""
    gone = {seat.request_id for seat in trip.seats[facts.policy.min_passengers_vehicle - 1 :]}
    seats = tuple(replace(s, riding=s.request_id not in gone) for s in trip.seats)
    left = facts.claimed_requests - gone
    heads = sum(seat.request_id in left for seat in trip.seats)
    return replace(
        _trip(facts, trip, seats=seats),
        claimed_requests=left,
        claimed_heads={**facts.claimed_heads, trip.trip_id: heads},
    ), (("F06", "vehicle_too_few", trip.trip_id, ()),)


def _overload(facts: ClaimFacts, trip: TripFacts, _seat: Seat) -> Planted:
    found = tuple(("F07", cause, trip.trip_id, ()) for cause in ("overloaded", "overloaded_alert"))
    return _trip(facts, trip, seats_max=trip.seats_max - 1), found


def _elsewhere(cause: str, after: timedelta) -> Kind:
    def plant(facts: ClaimFacts, trip: TripFacts, _seat: Seat) -> Planted:
        departs_at = trip.arrives_at + after
        run = OtherRun(
            _papers(trip)[0].plate,
            "T-other",
            departs_at,
            departs_at + timedelta(hours=4),
            trip.origin,
            trip.destination,
        )
        others = tuple(r for r in facts.runs if r.trip_id != f"{trip.trip_id}-back")
        return replace(facts, runs=(*others, run)), (("F08", cause, trip.trip_id, ()),)

    return plant


def _priced(percent: int, seats: int | None, *causes: str) -> Kind:
    """Contract and invoice at so much of the tariff, for a coach of so many seats."""

    def plant(facts: ClaimFacts, trip: TripFacts, _seat: Seat) -> Planted:
        contract, invoice = _papers(trip)
        price_fen = trip.charter_fen * percent // 100
        papers = {
            "contract": replace(contract, price_fen=price_fen, seats_approved=seats or trip.seats_approved),
            "invoice": replace(invoice, amount_fen=price_fen),
        }
        return _trip(facts, trip, **papers), tuple(("F09", cause, trip.trip_id, ()) for cause in causes)

    return plant


def _reused(kind: str) -> Kind:
    def plant(facts: ClaimFacts, trip: TripFacts, _seat: Seat) -> Planted:
        contract, invoice = _papers(trip)
        number = contract.contract_no if kind == "contract" else invoice.invoice_no
        use = OtherUse(kind, number.lower(), trip.carrier_id, "T-other")
        return replace(facts, uses=(*facts.uses, use)), (("F10", f"{kind}_reused", trip.trip_id, ()),)

    return plant


def _unknown(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    people = {request_id: p for request_id, p in facts.people.items() if request_id != seat.request_id}
    return replace(facts, people=people), (("F12", "unknown_person", trip.trip_id, (seat.request_id,)),)


def _heads(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    return _seat(facts, trip, seat, heads=-1), (("F13", "heads_differ", trip.trip_id, ()),)


def _died(facts: ClaimFacts, trip: TripFacts, seat: Seat) -> Planted:
    died_on = trip.day - timedelta(days=1)
    return _by_person("F12", "deceased", deceased_on=died_on)(facts, trip, seat)


NOBODY = {"age": None, "resident_id_valid": None, "phone_shared_by": None, "employed": (), "erased": True}

KINDS: tuple[Kind, ...] = (
    _overlap,
    _paid,
    _twice,
    _by_person("F03", "has_allowance", allowance="清镇市"),
    _by_seat("F04", "not_boarded", -1, boarding=None),
    _ghost,
    _by_seat("F05", "unconfirmed", -1, outcome=None, confirmed_at=None, confirmed_by=None),
    _by_seat("F05", "not_arrived", -1, outcome="refused"),
    _by_seat("F05", "confirmed_by_other", confirmed_by="E-guest"),
    _late,
    _few,
    _by_trip("F06", "organised_too_few", lambda _trip: {"organised_heads": 9}),
    _overload,
    _elsewhere("plate_twice", timedelta(hours=-1)),
    _elsewhere("plate_too_far", timedelta(hours=1)),
    _priced(150, None, "price_per_km", "price_per_seat"),
    _priced(100, 30, "price_per_seat"),
    _by_trip("F10", "no_contract", lambda _trip: {"contract": None}),
    _by_trip("F10", "no_invoice", lambda _trip: {"invoice": None}),
    _reused("contract"),
    _reused("invoice"),
    _by_invoice("F10", "amounts_differ", lambda invoice: {"amount_fen": invoice.amount_fen + 1}),
    _by_invoice("F10", "other_issuer", lambda _invoice: {"issuer_id": "C-other"}),
    _by_contract("F10", "other_carrier", lambda _trip: {"carrier_id": "C-other"}),
    _by_trip("F11", "trip_out_of_days", lambda _trip: {"day": date(2020, 2, 16)}),
    _by_claim("F11", "claim_out_of_days", submitted_on=date(2020, 6, 1)),
    _by_contract("F11", "not_prefiled", lambda trip: {"filed_at": trip.departs_at - timedelta(hours=23)}),
    _unknown,
    _by_person("F12", "id_invalid", resident_id_valid=False),
    _by_person("F12", "too_young", age=15),
    _died,
    _by_person("F12", "phone_shared", phone_shared_by=6),
    _by_person("F12", "erased_person", **NOBODY),
    _by_seat("F13", "other_claimant", -1, enterprise_id="E-guest", confirmed_by="E-guest"),
    _by_seat("F13", "no_provision", -1, organising_mode=OrganisingMode.GOV_PURCHASE),
    _heads,
    _by_claim("F13", "not_its_ownership", declared_ownership="state"),
    _by_claim("F13", "ownership_undeclared", declared_ownership=None),
    _by_person("F14", "not_employed", employed=()),
    _by_claim("F15", "two_duties", actors=(("submit", "a"), ("review", "b"), ("pay", "a"))),
    _by_claim("F15", "reviewer_changed", actors=(("submit", "a"), ("review", "b"), ("review", "c"))),
    _by_contract("F16", "no_end_at_home", lambda _trip: {"plate_prefecture_code": "520100"}),
)
"""A kind of each cause that the checks know."""
