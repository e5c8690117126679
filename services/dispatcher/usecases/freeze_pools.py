"""Freezes what a round plans: its pools when planning begins, and each pool's problem when a planner is asked."""

import json
from collections import Counter
from collections.abc import Mapping

from sqlmodel import Session

from services.dispatcher.domain.demand import Unserved, no_coach_registered, place_unknown
from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState, follow
from services.dispatcher.planning.problem import Limits, Problem
from services.dispatcher.planning.problem_format import write_problem
from services.dispatcher.roads import Place, Roads, UnknownPlace
from services.dispatcher.store.demand import count_ready, get_gates, list_held
from services.dispatcher.store.rounds import get_round, list_kept_plans
from services.dispatcher.store.tables import DemandRow, GateRow, PoolPlanRow, RoundRow
from services.dispatcher.store.terms import count_taken, list_home_fleet
from services.dispatcher.usecases.bill_trip import get_policy
from services.dispatcher.usecases.build_problem import build_problem, coach_id
from services.dispatcher.usecases.form_pools import Family, PoolDemand, form_pools
from services.dispatcher.usecases.leave_behind import unserved_row
from services.dispatcher.usecases.open_round import get_tariffs
from shared import reference


def freeze_pools(session: Session, round_id: str, roads: Roads) -> None:
    """Freeze the round's pools, once."""
    row = get_round(session, round_id)
    if row.state != RoundState.REQUESTED:
        return
    row.state = follow(round_id, row.state, RoundState.PLANNING)
    row.version += 1
    held = list_held(session, round_id)
    held, lost = without_unknown_places(session, held, roads)
    ready = count_ready(session, sorted({demand.party_id for demand in held}), round_id)
    last = [demand.request_id for demand in held if demand.latest == row.day]
    pools, unserved = form_pools(held, ready, last)
    by_id = {demand.request_id: demand for demand in held}
    session.add_all(unserved_row(round_id, demand, why) for demand, why in [*lost, *unserved])
    for position, pool in enumerate(pools):
        pool_plan = _pool_plan(round_id, position, pool)
        session.add(pool_plan)
        if not list_home_fleet(session, Pool.from_id(pool.pool_id).home):
            pool_plan.families = []
            why = no_coach_registered(Pool.from_id(pool.pool_id).home)
            ids = (request_id for family in pool.families for request_id in family.request_ids)
            session.add_all(unserved_row(round_id, by_id[request_id], why) for request_id in ids)


def freeze_problem(
    session: Session, row: RoundRow, pool_plan: PoolPlanRow, roads: Roads, limits: Limits, objective: str
) -> Problem:
    """The pool's problem as it is now: with the coaches that the day's trips and the round's plans so far leave."""
    pool = Pool.from_id(pool_plan.pool_id)
    families = families_of(pool_plan)
    tariffs = get_tariffs(session, row)
    left = count_left(session, row, pool.home)
    # A type that was registered after the round was opened has no price in it.
    fleet = [
        (coach, left[coach_id(coach)])
        for coach in list_home_fleet(session, pool.home)
        if coach.coach_type in tariffs
    ]
    problem, members = build_problem(
        f"{pool_plan.pool_id} {row.day}",
        row.day,
        pool.county_code,
        families,
        get_gates(session, {family.gate_id for family in families}),
        fleet,
        tariffs,
        get_policy(session, row.policy),
        roads,
        limits,
        objective,
    )
    pool_plan.problem = write_problem(problem)
    pool_plan.members = dict(members)
    pool_plan.fleet = {coach_id(coach): coach.model_dump() for coach, _ in fleet}
    return problem


def families_of(pool_plan: PoolPlanRow) -> list[Family]:
    """Who was to be planned when planning began."""
    return [Family(**family | {"request_ids": tuple(family["request_ids"])}) for family in pool_plan.families]


def count_left(session: Session, row: RoundRow, home: str) -> Mapping[str, int]:
    """Coach id -> the home's coaches that neither the day's trips nor the plans that the round has kept so far have."""
    taken: Counter[str] = Counter()
    for (carrier_id, coach_type), coaches in count_taken(session, home, row.day).items():
        taken[f"{carrier_id}/{coach_type}"] += coaches
    for plan in list_kept_plans(session, row.round_id, home):
        taken.update(count_coaches(plan))
    return {
        coach_id(coach): max(0, coach.coaches_per_day - taken[coach_id(coach)])
        for coach in list_home_fleet(session, home)
    }


def count_coaches(plan: str) -> Counter[str]:
    """Coach id -> coaches that a plan runs, by its text."""
    return Counter(trip["coach"] for trip in json.loads(plan)["trips"])


def without_unknown_places(
    session: Session, held: list[DemandRow], roads: Roads
) -> tuple[list[DemandRow], list[tuple[DemandRow, Unserved]]]:
    """Set aside the requests whose stop or gate the roads do not know: one must not fail a round."""
    gates = get_gates(session, {demand.gate_id for demand in held})
    unknown: dict[str, bool] = {}
    kept: list[DemandRow] = []
    lost: list[tuple[DemandRow, Unserved]] = []
    for demand in held:
        for code in (demand.stop_code, demand.gate_id):
            if code not in unknown:
                unknown[code] = not _is_known(code, gates, roads)
        bad = next((code for code in (demand.stop_code, demand.gate_id) if unknown[code]), None)
        if bad is None:
            kept.append(demand)
        else:
            lost.append((demand, place_unknown(bad)))
    return kept, lost


def _is_known(code: str, gates: dict[str, GateRow], roads: Roads) -> bool:
    gate = gates.get(code)
    try:
        stop = reference.get_stop(code) if gate is None else None
        place = Place(gate.town_code, gate.lon, gate.lat) if gate else None
        place = place or (Place(stop.code, stop.lon, stop.lat) if stop else None)
        assert place is not None
        roads.matrix([place], [place])
    except (UnknownPlace, reference.UnknownStop):
        return False
    return True


def _pool_plan(round_id: str, position: int, pool: PoolDemand) -> PoolPlanRow:
    families = [
        {
            "request_ids": list(family.request_ids),
            "stop_code": family.stop_code,
            "gate_id": family.gate_id,
            "priority": family.priority,
        }
        for family in pool.families
    ]
    return PoolPlanRow(
        round_id=round_id,
        pool_id=pool.pool_id,
        position=position,
        workers=pool.workers,
        families=families,
        members={},
    )
