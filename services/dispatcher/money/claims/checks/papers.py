"""Checks a trip's papers: the contract's price, numbers that were used before, amounts and parties that differ, days."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta

from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.checks.numbers import key_of
from services.dispatcher.money.claims.facts import ClaimFacts, Contract, Invoice, TripFacts
from shared.kernel.money import round_half_up

PRICE_BAND_PERCENT = 30
METRES_PER_KM = 1000

PRICE_PER_KM = Cause(
    "F09",
    "price_per_km",
    Severity.REVIEW,
    zh="班次 {trip_id} 的合同价 {price_yuan} 元，每公里 {per_km_yuan} 元，现行运价为每公里 {expected_per_km_yuan} 元；相差超过 ±{band_percent}%。请承运人说明价格依据，或更正合同。",
    en="Trip {trip_id}'s contract of {price_yuan} yuan is {per_km_yuan} a km; the tariff in force makes {expected_per_km_yuan}, and more than ±{band_percent} % is looked at. Have the carrier explain the price, or correct the contract.",
)
PRICE_PER_SEAT = Cause(
    "F09",
    "price_per_seat",
    Severity.REVIEW,
    zh="班次 {trip_id} 的合同价 {price_yuan} 元、实际车辆 {seats} 座，每座 {per_seat_yuan} 元，现行运价为每座 {expected_per_seat_yuan} 元；相差超过 ±{band_percent}%。请承运人说明价格依据，或更正车辆和价格。",
    en="Trip {trip_id}'s contract of {price_yuan} yuan for a coach of {seats} seats is {per_seat_yuan} a seat; the tariff in force makes {expected_per_seat_yuan}, and more than ±{band_percent} % is looked at. Have the carrier explain the price, or correct coach and price.",
)
NO_CONTRACT = Cause(
    "F10",
    "no_contract",
    Severity.BLOCK,
    zh="班次 {trip_id} 没有包车合同；每个申报班次都须有合同。请补交合同，或将该班次移出本次申报。",
    en="Trip {trip_id} has no charter contract; each trip that is claimed needs one. Add it, or take the trip out of the claim.",
)
NO_INVOICE = Cause(
    "F10",
    "no_invoice",
    Severity.BLOCK,
    zh="班次 {trip_id} 没有发票；每个申报班次都须有发票。请补交发票，或将该班次移出本次申报。",
    en="Trip {trip_id} has no invoice; each trip that is claimed needs one. Add it, or take the trip out of the claim.",
)
CONTRACT_REUSED = Cause(
    "F10",
    "contract_reused",
    Severity.BLOCK,
    zh="班次 {trip_id} 的合同 {number}（承运人 {party_id}）已用于班次 {other_trip_ids}；一份合同只能用于一个班次。请提交本班次的合同。",
    en="Contract {number} of carrier {party_id} for trip {trip_id} serves trip {other_trip_ids} already; a contract is for one trip. Bring this trip's own.",
)
INVOICE_REUSED = Cause(
    "F10",
    "invoice_reused",
    Severity.BLOCK,
    zh="班次 {trip_id} 的发票 {number}（开票方 {party_id}）已用于班次 {other_trip_ids}；一张发票只能用于一个班次。请提交本班次的发票。",
    en="Invoice {number} of {party_id} for trip {trip_id} serves trip {other_trip_ids} already; an invoice is for one trip. Bring this trip's own.",
)
AMOUNTS_DIFFER = Cause(
    "F10",
    "amounts_differ",
    Severity.BLOCK,
    zh="班次 {trip_id} 的发票 {invoice_no} 金额 {invoice_yuan} 元，合同 {contract_no} 为 {contract_yuan} 元；两者须一致。请更正发票，或提交补充合同。",
    en="Trip {trip_id}'s invoice {invoice_no} is of {invoice_yuan} yuan and contract {contract_no} of {contract_yuan}; they must agree. Have the invoice corrected, or bring the contract's amendment.",
)
OTHER_ISSUER = Cause(
    "F10",
    "other_issuer",
    Severity.BLOCK,
    zh="班次 {trip_id} 的发票 {number} 由 {party_id} 开具，而承运人是 {carrier_id}；发票须由承运人开具。请承运人重新开票。",
    en="Trip {trip_id}'s invoice {number} was issued by {party_id}; the carrier is {carrier_id} and must issue it. Have the carrier issue one.",
)
OTHER_CARRIER = Cause(
    "F10",
    "other_carrier",
    Severity.BLOCK,
    zh="班次 {trip_id} 的合同 {number} 由 {party_id} 签订，而承运人是 {carrier_id}；合同须由承运人签订。请提交承运人的合同。",
    en="Trip {trip_id}'s contract {number} is with {party_id}; the carrier that ran it is {carrier_id}. Bring the contract with the carrier.",
)
TRIP_OUT_OF_DAYS = Cause(
    "F11",
    "trip_out_of_days",
    Severity.BLOCK,
    zh="班次 {trip_id} 的日期 {day} 不在政策 {policy} 的补贴期 {first} 至 {last} 内。请将其移出本次申报，或按当日有效的政策申报。",
    en="Trip {trip_id} ran on {day}; policy {policy} pays for trips from {first} to {last}. Take it out of the claim, or claim by the policy in force on that day.",
)
CLAIM_OUT_OF_DAYS = Cause(
    "F11",
    "claim_out_of_days",
    Severity.BLOCK,
    zh="本申报于 {submitted_on} 提交，不在政策 {policy} 的受理期 {first} 至 {last} 内。请在受理期内提交，或请主管部门延期。",
    en="The claim was submitted on {submitted_on}; policy {policy} takes claims from {first} to {last}. Submit within these days, or have the office extend them.",
)
NOT_PREFILED = Cause(
    "F11",
    "not_prefiled",
    Severity.BLOCK,
    zh="班次 {trip_id} 的合同 {contract_no} 备案时间为 {filed_at}，应在 {due_at}（发车前 {prefile_hours} 小时）前备案。请提交当时的备案凭证，否则该班次不能申报。",
    en="Contract {contract_no} of trip {trip_id} was filed at {filed_at}; it was due by {due_at}, {prefile_hours} hours before departure. Bring the record of an earlier filing, or take the trip out of the claim.",
)


def f09_price_unusual(facts: ClaimFacts) -> list[Flag]:
    """The contract's price more than 30 % off what the tariff makes, per km of the trip and per approved seat of the coach that
    ran (`domain.md` §2.5 F09; no official tariff is known, so the yardstick is the one in force, §3.4)."""
    return [flag for trip in facts.trips if trip.contract for flag in _prices(trip, trip.contract)]


def _prices(trip: TripFacts, contract: Contract) -> Iterator[Flag]:
    price_fen, charter_fen = contract.price_fen, trip.charter_fen
    km, expected_km = (METRES_PER_KM * fen for fen in (price_fen, charter_fen))
    if _is_off(price_fen, charter_fen):
        yield PRICE_PER_KM.flag(
            trip.trip_id,
            price_fen=price_fen,
            distance_m=trip.distance_m,
            per_km_fen=round_half_up(km, trip.distance_m),
            expected_per_km_fen=round_half_up(expected_km, trip.distance_m),
            band_percent=PRICE_BAND_PERCENT,
        )
    if _is_off(price_fen * trip.seats_approved, charter_fen * contract.seats_approved):
        yield PRICE_PER_SEAT.flag(
            trip.trip_id,
            price_fen=price_fen,
            seats=contract.seats_approved,
            per_seat_fen=round_half_up(price_fen, contract.seats_approved),
            expected_per_seat_fen=round_half_up(charter_fen, trip.seats_approved),
            band_percent=PRICE_BAND_PERCENT,
        )


def _is_off(price: int, expected: int) -> bool:
    return abs(price - expected) * 100 > expected * PRICE_BAND_PERCENT


def f10_papers_wrong(facts: ClaimFacts) -> list[Flag]:
    """No contract or invoice; its number used for another trip, by the same carrier or issuer; invoice and contract of different
    amounts; either of somebody who is not the carrier (`domain.md` §2.4, §2.5 F10). Other claims on the same trip may
    show the same papers: enterprises that share a coach do."""
    used: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for use in facts.uses:
        used[use.kind, use.party_id, key_of(use.number)].add(use.trip_id)
    for trip in facts.trips:
        for kind, party_id, number in _papers(trip):
            used[kind, party_id, key_of(number)].add(trip.trip_id)
    return [flag for trip in facts.trips for flag in _faults(trip, used)]


def _papers(trip: TripFacts) -> Iterator[tuple[str, str, str]]:
    if trip.contract is not None:
        yield "contract", trip.contract.carrier_id, trip.contract.contract_no
    if trip.invoice is not None:
        yield "invoice", trip.invoice.issuer_id, trip.invoice.invoice_no


def _faults(trip: TripFacts, used: Mapping[tuple[str, str, str], set[str]]) -> Iterator[Flag]:
    if trip.contract is None:
        yield NO_CONTRACT.flag(trip.trip_id)
    if trip.invoice is None:
        yield NO_INVOICE.flag(trip.trip_id)
    if trip.contract is not None and trip.invoice is not None:
        yield from _differences(trip.trip_id, trip.contract, trip.invoice)
    for kind, party_id, number in _papers(trip):
        others = tuple(sorted(used[kind, party_id, key_of(number)] - {trip.trip_id}))
        reused, foreign = (
            (CONTRACT_REUSED, OTHER_CARRIER) if kind == "contract" else (INVOICE_REUSED, OTHER_ISSUER)
        )
        if others:
            yield reused.flag(trip.trip_id, number=number, party_id=party_id, other_trip_ids=others)
        if party_id != trip.carrier_id:
            yield foreign.flag(trip.trip_id, number=number, party_id=party_id, carrier_id=trip.carrier_id)


def _differences(trip_id: str, contract: Contract, invoice: Invoice) -> Iterator[Flag]:
    if invoice.amount_fen != contract.price_fen:
        yield AMOUNTS_DIFFER.flag(
            trip_id,
            invoice_no=invoice.invoice_no,
            invoice_fen=invoice.amount_fen,
            contract_no=contract.contract_no,
            contract_fen=contract.price_fen,
        )


def f11_out_of_time(facts: ClaimFacts) -> list[Flag]:
    """A trip on a day that the policy does not pay for or is not in force on, a claim outside its days, a contract filed later
    than so many hours before departure (`domain.md` §2.1, §2.5 F11). First and last days, and the very hour, are in time."""
    policy = facts.policy
    flags = []
    if policy.claims is not None and not policy.claims.holds(facts.submitted_on):
        flags.append(
            CLAIM_OUT_OF_DAYS.flag(
                submitted_on=facts.submitted_on,
                policy=policy.key,
                first=policy.claims.first,
                last=policy.claims.last,
            )
        )
    firsts = [policy.valid_from] + ([policy.trips.first] if policy.trips else [])
    lasts = [policy.valid_to, policy.trips.last if policy.trips else None]
    first, last = max(firsts), min((day for day in lasts if day is not None), default=None)
    for trip in facts.trips:
        if trip.day < first or (last is not None and trip.day > last):
            flags.append(
                TRIP_OUT_OF_DAYS.flag(
                    trip.trip_id, day=trip.day, policy=policy.key, first=first, last=last or "-"
                )
            )
        flags += _filings(policy.prefile_hours, trip)
    return flags


def _filings(prefile_hours: int, trip: TripFacts) -> Iterator[Flag]:
    contract = trip.contract
    if not prefile_hours or contract is None:
        return
    due_at = trip.departs_at - timedelta(hours=prefile_hours)
    if contract.filed_at is None or contract.filed_at > due_at:
        yield NOT_PREFILED.flag(
            trip.trip_id,
            contract_no=contract.contract_no,
            filed_at=contract.filed_at or "-",
            due_at=due_at,
            prefile_hours=prefile_hours,
        )
