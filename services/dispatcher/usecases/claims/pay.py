"""What finance does to a claim: receives, pays, recovers, closes a season; judges no claim."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

from sqlmodel import Session, col, select

from services.dispatcher.money.books import ledger
from services.dispatcher.money.books.ledger import Kind, Transfer
from services.dispatcher.money.books.voucher import Act as Booked
from services.dispatcher.money.books.voucher import Voucher
from services.dispatcher.money.claims.assessment import CLAWED_BACK
from services.dispatcher.money.claims.claim import PENDING, Act
from services.dispatcher.money.rules.subsidy import Cut, owe, provision_of
from services.dispatcher.store import claims
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import BookRow, ClaimRow, ClaimSeatRow, PeriodRow, TripRow
from services.dispatcher.store.trips import list_riders
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.claims.owed import left_of, list_overpaid
from services.dispatcher.usecases.claims.review import cut_trip, require_answered
from services.dispatcher.usecases.claims.step import require_open, take_step
from shared.database import locked
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, InvalidInput
from shared.kernel.ids import new_id
from shared.kernel.money import share, yuan
from shared.messaging import Cause
from shared.security import Principal

CLAWBACK = "clawback"
LAPSED = "lapsed"


class DueChanged(Conflict):
    """Of trip {trip_id}, {payer} owes {owed} yuan by the books now, and claim {claim_id} was approved for {asked}. Have the bureau
    suspend it and review it again."""

    zh = "班次 {trip_id} 账面上 {payer} 现应付 {owed} 元，而申报 {claim_id} 批准 {asked} 元。请人社部门暂停并重新审核。"


class NoAccount(Conflict):
    """Claim {claim_id} has no bank account to pay to. Have the bureau suspend, resume and return it to the claimant for one."""

    zh = "申报 {claim_id} 没有收款账户。请人社部门暂停、恢复后退回申报人补充。"


class NobodyToClawBack(InvalidInput):
    """Claim {claim_id} has nothing that could be asked back for {requests}. Name only requests that count in it."""

    zh = "申报 {claim_id} 没有可为 {requests} 追回的款项。请只填写已支付的申请编号。"


class ClaimsOpen(Conflict):
    """Season {season} of county {county_code} has {count} claim(s) that wait for a decision: {claims}. Finish them before it is closed."""

    zh = "{county_code} 的 {season} 尚有 {count} 项申报未办结：{claims}。请办结后再结账。"


def receive(session: Session, principal: Principal, claim: ClaimRow, clock: Clock) -> None:
    """Take an approved claim into finance's review. Raises ClaimNotReady, DutiesNotSeparate."""
    take_step(session, claim, Act.RECEIVE, principal.subject, clock)


def pay(
    session: Session, principal: Principal, claim: ClaimRow, payment_no: str, cause: Cause, clock: Clock
) -> None:
    """Pay a claim: each payer for each trip, by the books. Raises DueChanged, NoAccount, ObjectionsOpen, ClaimNotReady,
    DutiesNotSeparate, PeriodClosed."""
    require_open(session, claim.county_code, claim.season)
    if claim.bank_account is None:
        raise NoAccount(claim_id=claim.claim_id)
    require_answered(session, claim)
    take_step(session, claim, Act.PAY, principal.subject, clock, payment_no)
    trips = claims.lock_trips(session, claim.claim_id)
    lines = claims.list_lines(session, [claim.claim_id])
    known = books.list_of_trips(session, [line.trip_id for line in lines])
    made, paid = [], []
    for line in lines:
        left = left_of(session, trips[line.trip_id], known[line.trip_id])
        for part in line.parts:
            fen, payer = part["payable_fen"], part["payer"]
            if not fen:
                continue
            owed = ledger.balances(known[line.trip_id]).get(payer, ledger.Balance())
            # What a payer owes this claimant: on a shared coach the books alone would let one have the other's.
            open_fen = min(left[payer, claim.claimant], owed.settled_fen - owed.paid_fen)
            if fen > open_fen:
                raise DueChanged(
                    trip_id=line.trip_id,
                    payer=payer,
                    owed=yuan(open_fen),
                    claim_id=claim.claim_id,
                    asked=yuan(fen),
                )
            transfer = ledger.pay(
                line.trip_id,
                payer,
                claim.claimant,
                fen,
                known[line.trip_id],
                rule=claim.policy,
                cause=bill_trip.name(cause),
            )
            known[line.trip_id].append(transfer)
            made.append(transfer)
            paid.append({"trip_id": line.trip_id, "payer": payer, "claimant": claim.claimant, "fen": fen})
    facts = {"payment_no": payment_no, "lines": paid}
    _book(session, claim, Booked.PAY, principal, facts, made, cause, clock)
    claim.payment_no = payment_no
    claim.paid_fen = sum(transfer.amount_fen for transfer in made)


def open_clawback(
    session: Session,
    principal: Principal,
    claim: ClaimRow,
    request_ids: Iterable[str],
    why: str,
    cause: Cause,
    clock: Clock,
) -> None:
    """Ask back what was paid for these requests, and at least what the trips' bills do not owe any more; of nobody in particular
    where none is named. The claimant bears it from now on, and the payer's account waits for it.

    Raises NobodyToClawBack, ClaimNotReady, DutiesNotSeparate.
    """
    take_step(session, claim, Act.OPEN_CLAWBACK, principal.subject, clock, why)
    claim.note = why
    trips = claims.lock_trips(session, claim.claim_id)
    wrong = set(request_ids)
    seats: dict[str, list[ClaimSeatRow]] = defaultdict(list)
    for seat in claims.list_seats(session, claim.claim_id):
        if seat.holds:
            seats[seat.trip_id].append(seat)
    unknown = wrong - {seat.request_id for mine in seats.values() for seat in mine}
    over = {
        (one.trip_id, one.payer): one.fen
        for one in list_overpaid(session, list(trips.values()))
        if one.claimant == claim.claimant
    }
    asked_fen = 0
    for line in claims.list_lines(session, [claim.claim_id]):
        mine = seats[line.trip_id]
        clawed = [seat for seat in mine if seat.request_id in wrong]
        left = {part["payer"]: part["payable_fen"] - part.get("clawback_fen", 0) for part in line.parts}
        named = _worth_of(session, trips[line.trip_id], mine, clawed, left) if clawed else {}
        parts, cuts = [], []
        for part in line.parts:
            before = part.get("clawback_fen", 0)
            beyond = over.get((line.trip_id, part["payer"]), 0)
            asked = min(left[part["payer"]], max(named.get(part["payer"], 0), beyond))
            parts.append(part | {"clawback_fen": before + asked})
            # What the bill does not owe any more is off it already.
            if asked > beyond:
                cuts.append(Cut(part["payer"], claim.claimant, asked - beyond, CLAWBACK, claim.claim_id))
            asked_fen += asked
        line.parts = parts
        for seat in clawed:
            seat.holds, seat.standing = False, CLAWED_BACK
        cut_trip(session, line.trip_id, cuts, cause, clock)
    if unknown or not asked_fen:
        raise NobodyToClawBack(claim_id=claim.claim_id, requests=", ".join(sorted(unknown or wrong)) or "-")
    claim.clawback_fen += asked_fen


def _worth_of(
    session: Session,
    trip: TripRow,
    seats: Sequence[ClaimSeatRow],
    clawed: Sequence[ClaimSeatRow],
    paid: Mapping[str, int],
) -> dict[str, int]:
    """What of each payer's payment was for some of the seats: by heads, each as its provision pays a head."""
    policy = bill_trip.get_policy(session, trip.policy)
    heads = bill_trip.read_heads(trip)
    due: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for cell in owe(policy, bill_trip.run_of(trip), heads, bill_trip.parties_of(trip)):
        due[cell.payer][cell.provision] += cell.due_fen
    arrived: dict[int, int] = defaultdict(int)
    for h in heads:
        arrived[provision_of(policy, h)] += h.arrived
    scale = lcm(*(count for count in arrived.values() if count))
    riders = list_riders(session, [trip.trip_id]).get(trip.trip_id, [])
    places = {rider.request_id: bill_trip.provision_of_rider(policy, rider) for rider in riders}

    def weigh(some: Sequence[ClaimSeatRow], of: Mapping[int, int]) -> int:
        at = [places.get(seat.request_id, -1) for seat in some]
        return sum(of[place] * scale // arrived[place] for place in at if of.get(place) and arrived[place])

    worth = {}
    for payer, fen in paid.items():
        part, whole = weigh(clawed, due[payer]), weigh(seats, due[payer])
        # Where the bill owes nothing any more, by heads alone.
        worth[payer] = share(fen, [part, whole - part])[0] if whole else fen * len(clawed) // len(seats)
    return worth


def recover(
    session: Session, principal: Principal, claim: ClaimRow, receipt_no: str, cause: Cause, clock: Clock
) -> None:
    """Book what the claimant has given back: all that was asked for and is not back yet. Raises ClaimNotReady,
    DutiesNotSeparate."""
    take_step(session, claim, Act.RECOVER, principal.subject, clock, receipt_no)
    claims.lock_trips(session, claim.claim_id)
    lines = claims.list_lines(session, [claim.claim_id])
    known = books.list_of_trips(session, [line.trip_id for line in lines])
    mine = books.list_ids_of_claim(session, claim.claim_id)
    made, given = [], []
    for line in lines:
        of_trip = known[line.trip_id]
        for part in line.parts:
            paid = next(
                (t for t in of_trip if t.kind == Kind.PAY and t.debit == part["payer"] and t.id in mine), None
            )
            if paid is None:
                continue
            fen = part.get("clawback_fen", 0) - sum(t.amount_fen for t in of_trip if t.corrects == paid.id)
            if not fen:
                continue
            transfer = ledger.recover(paid, fen, of_trip, cause=bill_trip.name(cause))
            of_trip.append(transfer)
            made.append(transfer)
            given.append(
                {"trip_id": line.trip_id, "payer": paid.debit, "claimant": claim.claimant, "fen": fen}
            )
    facts = {"receipt_no": receipt_no, "lines": given}
    _book(session, claim, Booked.RECOVER, principal, facts, made, cause, clock)
    claim.recovered_fen += sum(transfer.amount_fen for transfer in made)


def archive(session: Session, principal: Principal, claim: ClaimRow, clock: Clock) -> None:
    """Put a claim away. Raises ClaimNotReady, DutiesNotSeparate."""
    take_step(session, claim, Act.ARCHIVE, principal.subject, clock)


@dataclass(frozen=True)
class Closing:
    """What closing a county's season would do: the claims that stand in its way, and what would lapse, by trip."""

    pending: list[str]
    lapsing: dict[str, list[Cut]]


def foresee_close(session: Session, county_code: str, season: str, *, closing: bool = False) -> Closing:
    """What closing would do now; the trips are locked where it is done."""
    query = select(ClaimRow.claim_id).where(
        ClaimRow.county_code == county_code,
        ClaimRow.season == season,
        col(ClaimRow.state).in_([state.value for state in PENDING]),
    )
    settled = select(TripRow).where(
        TripRow.county_code == county_code, TripRow.season == season, TripRow.state == "settled"
    )
    settled = settled.order_by(TripRow.trip_id)
    trips = list(session.exec(locked(settled) if closing else settled))
    known = books.list_of_trips(session, [trip.trip_id for trip in trips])
    lapsing = {trip.trip_id: cuts for trip in trips if (cuts := _lapsed(session, trip, known[trip.trip_id]))}
    return Closing(list(session.exec(query.order_by(ClaimRow.claim_id))), lapsing)


def close_period(
    session: Session, principal: Principal, county_code: str, season: str, cause: Cause, clock: Clock
) -> PeriodRow:
    """Close a county's season: what nobody has claimed lapses, its budget is free again, and nothing is claimed or paid in it
    any more. Raises ClaimsOpen, PeriodClosed."""
    require_open(session, county_code, season, closing=True)
    closing = foresee_close(session, county_code, season, closing=True)
    if closing.pending:
        raise ClaimsOpen(
            season=season,
            county_code=county_code,
            count=len(closing.pending),
            claims=", ".join(closing.pending[:10]),
        )
    for trip_id, cuts in closing.lapsing.items():
        cut_trip(session, trip_id, cuts, cause, clock)
    book = session.get(BookRow, season, populate_existing=True)
    row = PeriodRow(
        county_code=county_code,
        season=season,
        closed_by=principal.subject,
        closed_at=clock.now(),
        digest=book.digest if book else "",
    )
    session.add(row)
    session.flush()
    return row


def _lapsed(session: Session, trip: TripRow, transfers: Iterable[Transfer]) -> list[Cut]:
    """What a trip still owes each claimant after what was paid and cut."""
    left = left_of(session, trip, transfers)
    return [
        Cut(payer, claimant, fen, LAPSED, "") for (payer, claimant), fen in sorted(left.items()) if fen > 0
    ]


def _book(
    session: Session,
    claim: ClaimRow,
    act: Booked,
    principal: Principal,
    facts: dict[str, Any],
    transfers: list[Transfer],
    cause: Cause,
    clock: Clock,
) -> None:
    voucher = Voucher(
        id=new_id(),
        act=act,
        season=claim.season,
        cause=bill_trip.name(cause),
        actor=principal.subject,
        facts={"claim_id": claim.claim_id, "policy": claim.policy} | facts,
        transfers=tuple(transfers),
        claim_id=claim.claim_id,
    )
    books.append(session, voucher, claim.county_code, clock.now())
