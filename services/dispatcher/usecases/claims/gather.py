"""Gathers what a claim is judged by from the trips, the papers, other claims and the registry; judges nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, text
from sqlmodel import Session, col, select

from services.dispatcher.domain.trip import RUNNING
from services.dispatcher.money.claims.checks import count_eligible
from services.dispatcher.money.claims.claim import HANDED_IN, Act, Duty, Note, duty_of
from services.dispatcher.money.claims.facts import (
    ClaimFacts,
    Contract,
    Invoice,
    OtherRequest,
    OtherRun,
    OtherUse,
    Person,
    Seat,
    TripFacts,
)
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.store import claims
from services.dispatcher.store.tables import (
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    ContractRow,
    RiderRow,
    TripRow,
    TripStopRow,
)
from services.dispatcher.store.trips import list_contracts, list_riders, list_stops, list_these
from services.dispatcher.usecases import bill_trip
from shared.directory import Directory, PersonCheck
from shared.kernel.clock import Clock, local_date

_NEAR = timedelta(days=4)
"""Two trips of one coach further apart than this are never in each other's way: no trip takes longer than 48 hours."""
_DUTIES = {Duty.CLAIMANT: "submit", Duty.REVIEWER: "review", Duty.PAYER: "pay"}
_USING = [state.value for state in HANDED_IN]
"""A paper counts as used by a claim that was handed in: what anybody types into a draft stops nobody else."""
_DECIDES = {
    *(Note.DRAFT, Note.PAPERS, Act.SUBMIT),
    *(Act.TAKE_UP, Note.CLEAR_FLAG, Note.ANSWER_OBJECTION, Act.PUBLICISE, Act.APPROVE, Act.REJECT),
    *(Act.RECEIVE, Act.PAY),
}


def ask_people(
    directory: Directory, days: Mapping[date, Iterable[str]], reader: str
) -> dict[str, PersonCheck]:
    """What the registry says of who is behind each request, as of the day of its trip. Raises Unavailable."""
    found: dict[str, PersonCheck] = {}
    for day, requests in sorted(days.items()):
        found |= directory.check_people(sorted(requests), day, "precheck", reader)
    return found


def requests_by_day(session: Session, claim: ClaimRow) -> dict[date, list[str]]:
    """Day of departure -> the requests that the claim asks for."""
    query = (
        select(col(TripRow.day), col(ClaimSeatRow.request_id))
        .join(TripRow, col(TripRow.trip_id) == ClaimSeatRow.trip_id)
        .where(ClaimSeatRow.claim_id == claim.claim_id)
    )
    found: dict[date, list[str]] = defaultdict(list)
    for day, request_id in session.exec(query):
        found[day].append(request_id)
    return found


def gather(session: Session, claim: ClaimRow, people: Mapping[str, PersonCheck], clock: Clock) -> ClaimFacts:
    """The claim as the sixteen checks look at it."""
    policy = bill_trip.get_policy(session, claim.policy)
    lines = claims.list_lines(session, [claim.claim_id])
    trip_ids = [line.trip_id for line in lines]
    rows = {row.trip_id: row for row in list_these(session, trip_ids)}
    riders, stops = list_riders(session, trip_ids), list_stops(session, trip_ids)
    contracts = list_contracts(session, trip_ids)
    seats = claims.list_seats(session, claim.claim_id)
    places = {(row.day, row.county_code, row.prefecture_code) for row in rows.values()}
    organised = {place: _organised(session, policy, *place) for place in places}
    trips = tuple(
        _trip(
            row,
            stops[line.trip_id],
            riders.get(line.trip_id, []),
            contracts.get(line.trip_id),
            line,
            organised[row.day, row.county_code, row.prefecture_code],
        )
        for line in lines
        for row in (rows[line.trip_id],)
    )
    known_as = {one: check.person for check in people.values() for one in (check.person, *check.also)}
    submitted = claim.submitted_at or clock.now()
    return ClaimFacts(
        claim_id=claim.claim_id,
        claimant_id=claim.claimant_id,
        season=claim.season,
        policy=policy,
        submitted_on=local_date(submitted),
        today=local_date(clock.now()),
        trips=trips,
        people={request_id: _person(check) for request_id, check in people.items()},
        claimed_requests=frozenset(seat.request_id for seat in seats),
        claimed_heads={line.trip_id: line.heads for line in lines},
        declared_ownership=claim.ownership,
        paid={
            known_as[person]: holder
            for person, holder in claims.find_holders(session, claim.season, known_as, claim.claim_id).items()
        },
        uses=tuple(_uses(session, lines, contracts.values())),
        runs=tuple(_runs(session, trips)),
        actors=tuple(
            (_DUTIES[duty_of(step.act)], step.by)
            for step in claims.history(session, claim.claim_id)
            if step.act in _DECIDES
        ),
        employment_known_to=_known_to(people.values()),
    )


def _trip(
    row: TripRow,
    stops: list[TripStopRow],
    riders: Iterable[RiderRow],
    contract: ContractRow | None,
    line: ClaimLineRow,
    organised: int,
) -> TripFacts:
    first, last = stops[0], stops[-1]
    return TripFacts(
        trip_id=row.trip_id,
        day=row.day,
        departs_at=first.depart_at,
        arrives_at=last.arrive_at,
        origin=(first.lon, first.lat),
        destination=(last.lon, last.lat),
        county_code=row.county_code,
        prefecture_code=row.prefecture_code,
        carrier_id=row.carrier_id,
        seats_approved=row.seats_approved,
        seats_max=row.seats_max,
        distance_m=row.distance_m,
        charter_fen=contract.tariff_fen if contract else row.cost_fen,
        contract=_contract(row, contract) if contract else None,
        invoice=_invoice(line),
        seats=tuple(_seat(rider) for rider in riders),
        organised_heads=organised,
    )


def _contract(row: TripRow, contract: ContractRow) -> Contract:
    return Contract(
        contract_no=contract.contract_no,
        carrier_id=row.carrier_id,
        price_fen=contract.price_fen,
        plate=contract.plate,
        plate_prefecture_code=contract.plate_prefecture_code,
        seats_approved=contract.seats_approved or row.seats_approved,
        filed_at=contract.filed_at,
        emergency_order=contract.emergency_order,
    )


def _invoice(line: ClaimLineRow) -> Invoice | None:
    if line.invoice_no is None or line.invoice_fen is None:
        return None
    return Invoice(line.invoice_no, line.invoice_issuer or "", line.invoice_fen)


def _seat(rider: RiderRow) -> Seat:
    return Seat(
        request_id=rider.request_id,
        enterprise_id=rider.enterprise_id,
        organising_mode=rider.organising_mode,
        category=rider.category,
        earliest=rider.earliest,
        latest=rider.latest,
        boarding=rider.boarding,
        outcome=rider.outcome,
        confirmed_at=rider.confirmed_at,
        confirmed_by=rider.enterprise_id if rider.outcome else None,
        riding=rider.riding,
    )


def _organised(session: Session, policy: Policy, day: date, county_code: str, prefecture_code: str) -> int:
    """Who came on all coaches of a day, county and prefecture, as the policy's floor counts them."""
    same = select(TripRow.trip_id).where(
        TripRow.day == day,
        TripRow.county_code == county_code,
        TripRow.prefecture_code == prefecture_code,
        col(TripRow.state).in_(RUNNING),
    )
    riders = list_riders(session, list(session.exec(same)))
    return count_eligible(policy, (_seat(rider) for aboard in riders.values() for rider in aboard))


def _person(check: PersonCheck) -> Person:
    return Person(
        person=check.person,
        age=check.age,
        resident_id_valid=check.resident_id_valid,
        phone_shared_by=check.phone_shared_by,
        erased=check.erased,
        deceased_on=check.deceased_on,
        allowance=check.allowance,
        employed=tuple((one.enterprise_id, _month(one.month)) for one in check.employed),
        others=tuple(
            OtherRequest(o.request_id, o.county_code, o.earliest, o.latest, o.status)
            for o in check.other_requests
        ),
    )


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()


def _known_to(people: Iterable[PersonCheck]) -> date | None:
    """Up to which month employment lists were loaded for all of these people's counties."""
    months = [check.employment_known_to for check in people]
    known = [_month(month) for month in months if month is not None]
    return min(known) if known and len(known) == len(months) else None


def _uses(
    session: Session, lines: Iterable[ClaimLineRow], contracts: Iterable[ContractRow]
) -> Iterable[OtherUse]:
    """Other trips that have used the same numbers of contracts and invoices."""
    trip_ids = [line.trip_id for line in lines]
    numbers = [_keyed(literal(line.invoice_no)) for line in lines if line.invoice_no]
    query = (
        select(ClaimLineRow)
        .join(ClaimRow, col(ClaimRow.claim_id) == ClaimLineRow.claim_id)
        .where(
            col(ClaimRow.state).in_(_USING),
            col(ClaimLineRow.invoice_issuer).in_([line.invoice_issuer for line in lines]),
            _keyed(col(ClaimLineRow.invoice_no)).in_(numbers),
            col(ClaimLineRow.trip_id).not_in(trip_ids),
        )
    )
    for line in session.exec(query):
        yield OtherUse("invoice", str(line.invoice_no), line.invoice_issuer or "", line.trip_id)
    mine = list(contracts)
    signed = [_keyed(literal(contract.contract_no)) for contract in mine]
    carriers = select(TripRow.carrier_id).where(col(TripRow.trip_id).in_(trip_ids))
    others = (
        select(ContractRow, TripRow.carrier_id)
        .join(TripRow, col(TripRow.trip_id) == ContractRow.trip_id)
        .where(
            _keyed(col(ContractRow.contract_no)).in_(signed),
            col(TripRow.carrier_id).in_(carriers),
            col(ContractRow.trip_id).not_in(trip_ids),
        )
    )
    for contract, carrier_id in session.exec(others):
        yield OtherUse("contract", contract.contract_no, carrier_id, contract.trip_id)


def _keyed(number: Any) -> ColumnElement[str]:
    """A paper's number without what only types it otherwise; the check itself looks closer (`checks.numbers`)."""
    plain = func.normalize(number, text("NFKC"))
    return func.upper(func.regexp_replace(plain, "[^[:alnum:]]", "", "g"))


def _runs(session: Session, trips: Iterable[TripFacts]) -> Iterable[OtherRun]:
    """Other trips that the same plates ran about the same time."""
    mine = {trip.trip_id: trip for trip in trips}
    plates = [trip.contract.plate for trip in mine.values() if trip.contract]
    if not plates:
        return
    days = [trip.day for trip in mine.values()]
    query = (
        select(ContractRow.plate, TripRow.trip_id)
        .join(TripRow, col(TripRow.trip_id) == ContractRow.trip_id)
        .where(col(ContractRow.plate).in_(plates), col(TripRow.trip_id).not_in(mine))
        .where(TripRow.day >= min(days) - _NEAR, TripRow.day <= max(days) + _NEAR)
        .where(col(TripRow.state).in_(RUNNING))
    )
    found = list(session.exec(query))
    stops = list_stops(session, [trip_id for _, trip_id in found])
    for plate, trip_id in found:
        first, last = stops[trip_id][0], stops[trip_id][-1]
        yield OtherRun(
            plate,
            trip_id,
            first.depart_at,
            last.arrive_at,
            (first.lon, first.lat),
            (last.lon, last.lat),
        )
