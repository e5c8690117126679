"""Makes another plan of a pool that stands and keeps it with all that it would change, for a dispatcher to take or drop."""

import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.amendment import AmendmentState
from services.dispatcher.domain.mark import MarkKind, MarkNotKept
from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.mending import Promises
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import write_plan
from services.dispatcher.planning.problem_format import write_problem
from services.dispatcher.planning.repair import NEIGHBOURS, ROUNDS, repair
from services.dispatcher.planning.stop import Stop
from services.dispatcher.planning.wording import word_reason
from services.dispatcher.roads import Roads
from services.dispatcher.store.tables import AmendmentRow, RoundRow, TripRow
from services.dispatcher.store.trips import NoSuchTrip, find_contract
from services.dispatcher.usecases.compose_trip import Composer
from services.dispatcher.usecases.leave_behind import count_elsewhere
from services.dispatcher.usecases.stand_pool import PoolStanding, stand_pool
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput
from shared.kernel.ids import new_id

AGAIN_S = 3.0
"""Seconds to plan a whole pool again in, at most; Python's own threads go on meanwhile, for no library holds them."""

NOTHING_TOLD = Promises(moved_fen=0, changed_fen=0, cancelled_fen=0)


class AmendmentRefused(InvalidInput):
    """The amended plan of pool {pool_id} breaks rule {rule} at {where}: it is not kept. Report it with the round's id."""

    zh = "资源池 {pool_id} 的调整方案在 {where} 处违反规则 {rule}，不予保留。请附上轮次编号报告此问题。"


@dataclass(frozen=True)
class Asked:
    """What is asked for: a pool; trips whose coach has broken down; whether all of it is planned again, or only
    what a change touches."""

    pool_id: str
    broken: tuple[str, ...] = ()
    again: bool = False


def ask_amendment(
    session: Session, row: RoundRow, asked: Asked, promises: Promises, roads: Roads, by: str, clock: Clock
) -> AmendmentRow:
    """The amendment, kept. Nothing is promised by a round that is only proposed. Raises NothingStands, NoSuchTrip,
    MarkNotKept, AmendmentRefused."""
    pool = stand_pool(session, row, asked.pool_id, roads, asked.broken)
    for trip_id in sorted(set(asked.broken) - {trip.trip_id for trip in pool.trips}):
        raise NoSuchTrip(trip_id=trip_id)
    problem = pool.standing.problem
    told = promises if row.state == RoundState.APPROVED else NOTHING_TOLD
    reach = len(pool.trips) if asked.again else NEIGHBOURS
    stop = Stop(seconds=AGAIN_S) if asked.again else Stop(work=ROUNDS)
    plan = repair(pool.standing, told, stop, zlib.crc32(problem.name.encode()), reach)
    broken = list_violations(problem, plan)
    if pool.marks:  # a seat that somebody may not take is no seat
        broken = [found for found in broken if found.rule != "needlessly-unserved"]
    if broken:
        raise AmendmentRefused(pool_id=asked.pool_id, rule=broken[0].rule, where=broken[0].where)
    steps = _steps(pool, plan)
    seats = _seats(pool, plan, steps)
    _require_marks(pool, seats, asked.broken)
    amendment = AmendmentRow(
        amendment_id=new_id(),
        round_id=row.round_id,
        pool_id=asked.pool_id,
        county_code=Pool.from_id(asked.pool_id).county_code,
        state=AmendmentState.PROPOSED.value,
        problem=write_problem(problem),
        plan=write_plan(plan),
        members=pool.members,
        fleet={coach: fleet.model_dump() for coach, fleet in pool.fleet.items()},
        base=pool.base,
        steps=steps,
        difference=_difference(session, row, pool, plan, steps, seats),
        asked_by=by,
        asked_at=clock.now(),
    )
    session.add(amendment)
    return amendment


def _steps(pool: PoolStanding, plan: Plan) -> list[dict[str, Any]]:
    """What becomes of the trips that do not stay as they are: `planned` is a trip's place in the plan, None where it does not
    run; `trip_id` is None for a new one. A trip is still the one with which it shares most riders, and its carrier."""
    before = {
        (trip.coach, trip.pickups, trip.drops, pool.riders_of(row.trip_id)): at
        for at, (trip, row) in enumerate(zip(pool.standing.trips, pool.trips, strict=True))
        if at not in pool.standing.lost
    }
    after = [(trip.coach, trip.pickups, trip.drops, pool.aboard(trip)) for trip in plan.trips]
    kept = {before[key] for key in after if key in before}
    gone = [at for at in range(len(pool.trips)) if at not in kept]
    fresh = [at for at, key in enumerate(after) if key not in before]
    claims: Counter[tuple[int, int]] = Counter()
    for old in gone:
        for new in fresh:
            if plan.trips[new].coach.partition("/")[0] == pool.trips[old].carrier_id:
                claims[old, new] = len(pool.riders_of(pool.trips[old].trip_id) & pool.aboard(plan.trips[new]))
    heirs: dict[int, int] = {}
    for (old, new), shared in sorted(claims.items(), key=lambda claim: (-claim[1], claim[0])):
        if shared and old not in heirs and new not in heirs.values():
            heirs[old] = new
    steps = [{"trip_id": pool.trips[old].trip_id, "planned": heirs.get(old)} for old in gone]
    return steps + [{"trip_id": None, "planned": new} for new in fresh if new not in heirs.values()]


def _name(step: dict[str, Any], number: int) -> str:
    """The trip's id; `+1` for a new one, which has none yet."""
    return step["trip_id"] or f"+{number + 1}"


def _seats(pool: PoolStanding, plan: Plan, steps: list[dict[str, Any]]) -> dict[str, str | None]:
    """Request id -> the trip that it rides afterwards."""
    seats = {request_id: demand.trip_id for request_id, demand in pool.demands.items()}
    for number, step in enumerate(steps):
        if step["planned"] is not None:
            seats |= dict.fromkeys(pool.aboard(plan.trips[step["planned"]]), _name(step, number))
    return seats | dict.fromkeys(_left(pool, plan))


def _require_marks(pool: PoolStanding, seats: dict[str, str | None], broken: tuple[str, ...]) -> None:
    """Raises MarkNotKept. A trip whose coach has broken down holds no mark."""
    aboard: dict[str | None, set[str]] = defaultdict(set)
    for request_id, on in seats.items():
        aboard[on].add(request_id)
    for mark in pool.marks:
        seat = seats.get(mark.request_id or "")
        kept = {
            MarkKind.LOCK: aboard[mark.trip_id] == pool.riders_of(mark.trip_id or ""),
            MarkKind.FORCE: seat == mark.trip_id or mark.request_id not in seats,
            MarkKind.FORBID: seat is None or seat not in (mark.trip_id, seats.get(mark.other_id or "")),
        }[MarkKind(mark.kind)]
        stands = mark.trip_id is None or mark.trip_id in {trip.trip_id for trip in pool.trips}
        if stands and not kept and mark.trip_id not in broken:
            raise MarkNotKept(reason=mark.reason, kind=mark.kind)


def _difference(
    session: Session,
    row: RoundRow,
    pool: PoolStanding,
    plan: Plan,
    steps: list[dict[str, Any]],
    seats: dict[str, str | None],
) -> dict[str, Any]:
    """What changes for whom, by the tariff and the policy in force: trips, money by account, and who moves, as request ids."""
    composer = Composer(session, row, pool.demands.values())
    by_id = {trip.trip_id: trip for trip in pool.trips}
    where = Pool.from_id(pool.pool_id)
    accounts: Counter[str] = Counter()
    trips = []
    for number, step in enumerate(steps):
        old, new = by_id.get(step["trip_id"]), None
        if step["planned"] is not None:
            planned = plan.trips[step["planned"]]
            aboard = [pool.demands[request_id] for request_id in sorted(pool.aboard(planned))]
            coach, name = pool.fleet[planned.coach], _name(step, number)
            contract = find_contract(session, old.trip_id) if old else None
            agreed_fen = contract.price_fen if contract else None
            new = composer.lay_out(
                name, pool.standing.problem, planned, where, coach, aboard, agreed_fen=agreed_fen
            ).trip
        for trip, sign in ((old, -1), (new, 1)):
            for line in trip.lines if trip else ():
                accounts[line["account"]] += sign * (line["due_fen"] + line["held_fen"])
        trips.append(_trip_difference(_name(step, number), old, new, pool, plan, step["planned"]))
    before_fen = sum(trip.cost_fen for trip in pool.trips)
    return {
        "cost_before_fen": before_fen,
        "cost_after_fen": before_fen + sum(trip["more_fen"] for trip in trips),
        "accounts": {account: fen for account, fen in sorted(accounts.items()) if fen},
        "trips": trips,
        "moved": [
            {"request_id": one, "from": demand.trip_id, "to": seats[one]}
            for one, demand in sorted(pool.demands.items())
            if demand.trip_id != seats[one]
        ],
        "left": [{"request_id": one, **why} for one, why in sorted(_left(pool, plan).items())],
    }


def _trip_difference(
    name: str, old: TripRow | None, new: TripRow | None, pool: PoolStanding, plan: Plan, planned: int | None
) -> dict[str, Any]:
    shown = new or old
    assert shown is not None
    stood = next((t for t, row in zip(pool.standing.trips, pool.trips, strict=True) if row is old), None)
    way = [(t.pickups, t.drops) for t in (stood, None if planned is None else plan.trips[planned]) if t]
    return {
        "trip_id": name,
        "change": "new" if old is None else "cancelled" if new is None else "changed",
        "carrier_name": shown.carrier_name,
        "coach_before": old.coach_type if old else None,
        "coach_after": new.coach_type if new else None,
        "riders_before": len(pool.riders_of(old.trip_id)) if old else 0,
        "riders_after": len(pool.aboard(plan.trips[planned])) if planned is not None else 0,
        "other_way": len(way) == 2 and way[0] != way[1],
        "more_fen": (new.cost_fen if new else 0) - (old.cost_fen if old else 0),
    }


def _left(pool: PoolStanding, plan: Plan) -> dict[str, dict[str, str]]:
    """Request id -> why it finds no seat and what would carry it."""
    problem = pool.standing.problem
    found: dict[str, dict[str, str]] = {}
    for left in plan.unserved:
        elsewhere = count_elsewhere(problem, left, pool.fleet)
        zh, en = (word_reason(problem, left.reason, language, elsewhere) for language in ("zh", "en"))
        limit, figure = (
            "-" if value is None else str(value) for value in (left.reason.limit, left.reason.figure)
        )
        why = {"rule": left.reason.rule, "limit": limit, "figure": figure, "mend_zh": zh, "mend_en": en}
        for party in left.parties:
            found |= dict.fromkeys(pool.members[left.group][party], why)
    return found
