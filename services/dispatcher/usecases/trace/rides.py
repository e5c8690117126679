"""Traces a trip to its plan, and its riders to what was marked, said, borne and paid for each; seats nobody."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.amendment import AmendmentState
from services.dispatcher.domain.round import measure_gap
from services.dispatcher.domain.trace import Findings, Origin, Part, Payment, Plan, Rider, Seat
from services.dispatcher.domain.trip import RUNNING, Answer, TripState, answer
from services.dispatcher.money.claims.assessment import CLAWED_BACK, Standing
from services.dispatcher.money.rules.per_worker import Hit, divide
from services.dispatcher.money.rules.policy import Policy, digest_of
from services.dispatcher.money.rules.subsidy import Heads
from services.dispatcher.store.amendments import list_amendments
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.tables import ClaimSeatRow, PoolPlanRow, RiderRow, RoundRow, TripRow
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.claims.pay import CLAWBACK
from shared.directory import Origin as Source

NAMED = 5
"""Ids that a finding about several people names."""


def trace_plans(
    session: Session, trip: TripRow, riding: Sequence[RiderRow], findings: Findings
) -> list[Plan]:
    """The plan of the trip's round and the amendments of it that were taken, in that order."""
    row = session.get_one(RoundRow, trip.round_id)
    pool = session.get(PoolPlanRow, (trip.round_id, trip.pool_id))
    aboard = {rider.request_id for rider in riding}
    plans = []
    if pool is None or pool.problem is None or pool.plan is None:
        findings.gap(trip.trip_id, "没有保存规划结果。", "No plan is kept of the trip.")
    else:
        who = (row.requested_by, row.requested_at, row.decided_by, row.decided_at)
        plans.append(
            _plan("round", row.round_id, trip.pool_id, who, (pool.problem, pool.plan), pool.members, aboard)
        )
    for one in reversed(list_amendments(session, trip.round_id)):
        if one.pool_id == trip.pool_id and one.state == AmendmentState.APPROVED:
            who = (one.asked_by, one.asked_at, one.decided_by, one.decided_at)
            plans.append(
                _plan(
                    "amendment",
                    one.amendment_id,
                    trip.pool_id,
                    who,
                    (one.problem, one.plan),
                    one.members,
                    aboard,
                )
            )
    for plan in plans:
        if not plan.answers_problem:
            findings.gap(
                plan.id,
                "规划结果所答的不是所保存的问题。",
                "The plan does not answer the problem that is kept beside it.",
            )
        if plan.certificate is None:
            findings.note(
                plan.id,
                "所用规划方法不出具证书，成本下界未知。",
                "Its engine proves no bound: there is no certificate.",
            )
    if plans and aboard and max(plan.shared for plan in plans) == 0:
        findings.gap(trip.trip_id, "规划中没有载有这些乘客的车次。", "No plan has a coach with these riders.")
    return plans


def _plan(
    kind: str,
    identity: str,
    pool_id: str,
    who: tuple[Any, ...],
    texts: tuple[str, str],
    members: Mapping[str, list[list[str]]],
    aboard: set[str],
) -> Plan:
    problem, plan = texts
    told = json.loads(plan)
    digest = digest_of(json.loads(problem))
    shared = [
        len(
            aboard
            & {
                one
                for load in trip["loads"]
                for party in load["parties"]
                for one in members[load["group"]][party]
            }
        )
        for trip in told["trips"]
    ]
    most = max(shared, default=0)
    asked_by, asked_at, decided_by, decided_at = who
    return Plan(
        kind=kind,
        id=identity,
        pool_id=pool_id,
        asked_by=asked_by,
        asked_at=asked_at,
        decided_by=decided_by,
        decided_at=decided_at,
        cost_fen=told["cost_fen"],
        bound_fen=told["bound_fen"],
        gap=measure_gap(told["cost_fen"], told["bound_fen"]),
        problem_sha256=digest,
        plan_sha256=hashlib.sha256(plan.encode()).hexdigest(),
        answers_problem=told["problem_sha256"] == digest,
        certificate=told["certificate"] and told["certificate"]["format"],
        place=shared.index(most) if most else None,
        shared=most,
        riders=len(aboard),
    )


def divide_bill(
    policy: Policy,
    trip: TripRow,
    riding: Sequence[RiderRow],
    seats: Sequence[ClaimSeatRow],
    findings: Findings,
) -> dict[str, list[Part]]:
    """Request id -> what each account bears for the worker, by the trip's bill after the cuts."""
    if trip.state not in RUNNING or not riding:
        return {}
    billed = bill_trip.read_heads(trip)
    if bill_trip.heads_as_confirmed(riding) == billed:
        workers = {rider.request_id: bill_trip.heads_as_confirmed([rider])[0] for rider in riding}
    elif bill_trip.heads_as_booked(riding) == billed:
        workers = {rider.request_id: bill_trip.heads_as_booked([rider])[0] for rider in riding}
    else:
        findings.gap(
            trip.trip_id,
            "账单的人数与现有乘客不符，无法分摊到人。",
            "The bill is for other heads than ride: it cannot be divided among them.",
        )
        return {}
    hits = [Hit(one, _hit(one.claim_id, one.reason, workers, seats)) for one in bill_trip.read_cuts(trip)]
    parts = divide(policy, bill_trip.run_of(trip), workers, bill_trip.parties_of(trip), hits)
    return {request_id: [Part(**vars(part)) for part in mine] for request_id, mine in parts.items()}


def _hit(
    claim_id: str, reason: str, workers: Mapping[str, Heads], seats: Sequence[ClaimSeatRow]
) -> frozenset[str]:
    """Whom a cut is about: those clawed back, those refused; of what has lapsed those for whom nobody is paid."""
    if claim_id:
        standing = CLAWED_BACK if reason == CLAWBACK else Standing.REFUSED
        return frozenset(s.request_id for s in seats if s.claim_id == claim_id and s.standing == standing)
    return frozenset(workers) - {s.request_id for s in seats if s.holds or s.standing == CLAWED_BACK}


def trace_riders(
    session: Session,
    riders: Sequence[RiderRow],
    seats: Sequence[ClaimSeatRow],
    bears: Mapping[str, Sequence[Part]],
    payments: Mapping[str, Sequence[Payment]],
    origins: Mapping[str, Source],
) -> list[Rider]:
    """Each rider with all that hangs on its seat."""
    names = get_enterprise_names(session, [rider.enterprise_id for rider in riders])
    by_request: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        by_request[seat.request_id].append(Seat(seat.claim_id, seat.standing, seat.holds))
    return [
        Rider(
            request_id=rider.request_id,
            enterprise_id=rider.enterprise_id,
            enterprise=names.get(rider.enterprise_id, rider.enterprise_id),
            stop_code=rider.stop_code,
            gate_id=rider.gate_id,
            chain=rider.correlation_id,
            riding=rider.riding,
            boarding=rider.boarding,
            boarded_at=rider.boarded_at,
            outcome=rider.outcome,
            confirmed_at=rider.confirmed_at,
            counts_as=answer(rider.boarding, rider.outcome).value,
            claims=tuple(by_request[rider.request_id]),
            bears=tuple(bears.get(rider.request_id, ())) if rider.riding else (),
            payments=tuple(payments.get(rider.request_id, ())),
            origin=read_origin(origins.get(rider.request_id)),
        )
        for rider in riders
    ]


def read_origin(source: Source | None) -> Origin | None:
    """Where a request came from, as it is told."""
    return Origin(**vars(source)) if source else None


def check_riders(trip: TripRow, riders: Sequence[Rider], alive: Set[str], findings: Findings) -> None:
    """Say of riders which link is not there; `alive`: the claims that are not rejected."""
    riding = [rider for rider in riders if rider.riding]
    paid = [r for r in riding if any(seat.holds for seat in r.claims) and r.counts_as != Answer.ARRIVED]
    _say(findings.gap, trip, paid, "已获补贴而未确认到厂", "are paid for and have not arrived")
    unmarked = [rider for rider in riding if rider.boarding is None and rider.outcome is not None]
    _say(
        findings.note,
        trip,
        unmarked,
        "没有随车登记的上车记录",
        "have no mark of the escort's that they boarded",
    )
    waiting = [rider for rider in riding if rider.outcome is None and trip.state in RUNNING]
    _say(findings.note, trip, waiting, "企业尚未确认", "are not yet confirmed by their enterprise")
    taken = [rider for rider in riders if not rider.riding]
    _say(findings.note, trip, taken, "座位已取消", "had a seat that was taken away")
    due = trip.state == TripState.SETTLED and trip.subsidy_fen
    unclaimed = [
        rider
        for rider in riding
        if due and rider.counts_as == Answer.ARRIVED and not {seat.claim_id for seat in rider.claims} & alive
    ]
    _say(findings.note, trip, unclaimed, "不在任何有效申报中", "are in no claim that stands")


def _say(say: Any, trip: TripRow, riders: Sequence[Rider], zh: str, en: str) -> None:
    if riders:
        ids = ", ".join(rider.request_id for rider in riders[:NAMED]) + (" …" if len(riders) > NAMED else "")
        say(trip.trip_id, f"{len(riders)} 人{zh}：{ids}", f"{len(riders)} {en}: {ids}")


def check_origins(
    request_ids: Iterable[str],
    origins: Mapping[str, Source],
    away: Mapping[str, str] | None,
    findings: Findings,
) -> None:
    """Say whose row is not known, and who came without a file."""
    asked = sorted(set(request_ids))
    if away is not None:
        findings.gap("registry", away["zh"], away["en"])
        return
    for one in asked:
        if one not in origins:
            findings.gap(one, "登记服务中没有该申请的来源。", "The registry knows no request of that id.")
    bare = [one for one in asked if one in origins and origins[one].roster_id is None]
    if bare:
        ids = ", ".join(bare[:NAMED]) + (" …" if len(bare) > NAMED else "")
        findings.note(
            "origin",
            f"{len(bare)} 人经接口登记，没有花名册文件：{ids}",
            f"{len(bare)} came by the API, so there is no file: {ids}",
        )
