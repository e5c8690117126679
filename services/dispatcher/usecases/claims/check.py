"""Runs the sixteen checks on a claim and works its amounts out again; clears no flag and decides nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from sqlmodel import Session

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money.claims.assessment import Claimed, Line, Standing, assess, cap_season, stand
from services.dispatcher.money.claims.checks import Flag, Severity, run_checks
from services.dispatcher.money.claims.claim import Act, ClaimState
from services.dispatcher.money.claims.facts import ClaimFacts
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.store import claims
from services.dispatcher.store.tables import (
    ClaimFlagRow,
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    RiderRow,
    TripRow,
)
from services.dispatcher.store.trips import list_riders
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.claims.gather import gather
from services.dispatcher.usecases.claims.owed import arrived_for
from services.dispatcher.usecases.claims.step import take_step
from shared.directory import PersonCheck
from shared.kernel.clock import Clock

_ASSESSED = frozenset({ClaimState.SUBMITTED, ClaimState.PRECHECKED, ClaimState.UNDER_REVIEW})
"""In these states a check works the amounts out again; later they are what the notice says and what was approved."""


def check_claim(session: Session, claim: ClaimRow, people: Mapping[str, PersonCheck], clock: Clock) -> None:
    """Write the flags that stand now and, before anything is published, the amounts under them; a claim that was submitted
    becomes prechecked. After a payment the flags say for whom money may have to be asked back."""
    facts = renew_flags(session, claim, people, clock)
    if claim.state in _ASSESSED:
        assess_claim(session, claim, facts)
    if claim.state == ClaimState.SUBMITTED:
        take_step(session, claim, Act.PRECHECK, bill_trip.SYSTEM, clock)


def renew_flags(
    session: Session, claim: ClaimRow, people: Mapping[str, PersonCheck], clock: Clock
) -> ClaimFacts:
    """Write the flags that stand now; the facts that they are from.

    A flag that somebody has cleared stays cleared as long as the checks find the very same again, until the claim is submitted
    anew: another reviewer answers for it then.
    """
    facts = gather(session, claim, people, clock)
    _write_flags(session, claim, run_checks(facts), clock)
    for seat in claims.list_seats(session, claim.claim_id):
        check = people.get(seat.request_id)
        seat.person = check.person if check else seat.person
    claim.checked_at = clock.now()
    session.flush()
    return facts


def standing_flags(rows: Sequence[ClaimFlagRow]) -> list[Flag]:
    """The flags that nobody has cleared, as the checks made them."""
    return [
        Flag(
            row.code,
            row.cause,
            Severity(row.severity),
            row.trip_id,
            tuple(row.request_ids),
            row.evidence,
            row.zh,
            row.en,
        )
        for row in rows
        if row.cleared_by is None
    ]


def assess_claim(session: Session, claim: ClaimRow, facts: ClaimFacts | None = None) -> None:
    """Work the claim's lines out under the flags that stand, and keep them with their workings."""
    policy = facts.policy if facts else bill_trip.get_policy(session, claim.policy)
    flags = standing_flags(claims.list_flags(session, claim.claim_id))
    rows = {row.trip_id: row for row in claims.list_lines(session, [claim.claim_id])}
    seats: dict[str, list[ClaimSeatRow]] = defaultdict(list)
    for seat in claims.list_seats(session, claim.claim_id):
        seats[seat.trip_id].append(seat)
    riders, others = list_riders(session, rows), _had_of_trips(session, claim, rows)
    lines = [
        _assess(session, claim, policy, row, seats[trip_id], riders.get(trip_id, []), flags, others[trip_id])
        for trip_id, row in rows.items()
    ]
    had = claims.sum_had(session, claim.claimant, claim.policy_id, claim.claim_id)
    for line in cap_season(lines, policy.cap_claimant_fen, had, policy.key):
        row = rows[line.trip_id]
        row.parts = [asdict(part) for part in line.parts]
        row.workings = [asdict(step) for step in line.workings]
        row.payable_fen = line.payable_fen
        for seat in seats[line.trip_id]:
            seat.standing = line.standings[seat.request_id].value
    blocked = any(flag.severity is Severity.BLOCK for flag in flags)
    claim.payable_fen = 0 if blocked else sum(row.payable_fen for row in rows.values())
    session.flush()


def _assess(
    session: Session,
    claim: ClaimRow,
    policy: Policy,
    row: ClaimLineRow,
    seats: Sequence[ClaimSeatRow],
    aboard: Sequence[RiderRow],
    flags: Sequence[Flag],
    others: Mapping[str, int],
) -> Line:
    trip = session.get_one(TripRow, row.trip_id)
    riders = {rider.request_id: rider for rider in aboard}
    answers = {key: answer(rider.boarding, rider.outcome) for key, rider in riders.items()}
    # A word may have changed since the claim was drafted: the bill holds or takes these people's part already, and should it
    # change again they are claimed for then.
    away = {
        seat.request_id: Standing.HELD for seat in seats if answers.get(seat.request_id) is not Answer.ARRIVED
    }
    asked = [riders[seat.request_id] for seat in seats if seat.request_id not in away]
    claimed = [Claimed(r.request_id, r.enterprise_id, r.organising_mode, r.category) for r in asked]
    arrived: dict[int, int] = defaultdict(int)
    for rider in arrived_for(policy, aboard, claim.claimant):
        arrived[bill_trip.provision_of_rider(policy, rider)] += 1
    assessed = assess(
        trip.trip_id,
        policy,
        bill_trip.run_of(trip),
        bill_trip.read_heads(trip),
        bill_trip.parties_of(trip),
        claim.claimant,
        claimed,
        stand([one.request_id for one in claimed], flags, trip.trip_id),
        invoice_fen=row.invoice_fen,
        arrived=arrived,
        others=others,
    )
    return replace(assessed, standings={**assessed.standings, **away})


def _had_of_trips(
    session: Session, claim: ClaimRow, trip_ids: Iterable[str]
) -> dict[str, defaultdict[str, int]]:
    """Trip -> payer -> what other claims of the same claimant have of it."""
    found: dict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for other, line in claims.list_live_lines(session, trip_ids):
        if other.claimant == claim.claimant and other.claim_id != claim.claim_id:
            for part in line.parts:
                found[line.trip_id][part["payer"]] += part["payable_fen"] + part["refused_fen"]
    return found


def _write_flags(session: Session, claim: ClaimRow, flags: Sequence[Flag], clock: Clock) -> None:
    known = claims.list_flags(session, claim.claim_id)
    since = claim.submitted_at or clock.now()
    cleared = {_same(row): row for row in known if row.cleared_at is not None and row.cleared_at >= since}
    for row in known:
        session.delete(row)
    session.flush()
    for number, flag in enumerate(flags, 1):
        row = ClaimFlagRow(
            claim_id=claim.claim_id,
            number=number,
            code=flag.code,
            cause=flag.cause,
            severity=flag.severity.value,
            trip_id=flag.trip_id,
            request_ids=list(flag.request_ids),
            evidence=dict(flag.evidence),
            zh=flag.zh,
            en=flag.en,
            raised_at=clock.now(),
        )
        before = cleared.get(_same(row))
        if before is not None:
            row.raised_at, row.cleared_by = before.raised_at, before.cleared_by
            row.cleared_at, row.cleared_why = before.cleared_at, before.cleared_why
        session.add(row)
    session.flush()


def _same(row: ClaimFlagRow) -> tuple[str, str, str | None, tuple[str, ...], str]:
    return row.code, row.cause, row.trip_id, tuple(row.request_ids), row.en
