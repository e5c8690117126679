"""Turns a round's plans into proposed trips with timetable, price and bearers, and says who stays and why."""

from sqlmodel import Session

from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState, follow
from services.dispatcher.planning.plan_format import read_plan
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.store.demand import list_held
from services.dispatcher.store.rounds import get_round, list_pool_plans
from services.dispatcher.store.tables import FleetRow, PoolPlanRow, RoundRow
from services.dispatcher.usecases.compose_trip import Composer
from services.dispatcher.usecases.leave_behind import Held, leave_behind, leave_pool_behind


def propose_round(session: Session, round_id: str) -> RoundRow:
    """Write the trips of a round whose pools all have plans or were given up. Who withdrew in the meantime has no
    seat."""
    row = get_round(session, round_id)
    row.state = follow(round_id, row.state, RoundState.PROPOSED)
    row.version += 1
    held = {demand.request_id: demand for demand in list_held(session, round_id, lock=True)}
    composer = Composer(session, row, held.values())
    for pool_plan in list_pool_plans(session, round_id):
        _take(session, pool_plan, held, composer)
    return row


def _take(session: Session, pool_plan: PoolPlanRow, held: Held, composer: Composer) -> None:
    """Write one pool's trips and reasons."""
    if pool_plan.problem is None or pool_plan.plan is None or pool_plan.fleet is None:
        # No coach is registered, which was told when that was found; or the pool was given up.
        leave_pool_behind(session, pool_plan, held)
        return
    problem = read_problem(pool_plan.problem)
    plan = read_plan(pool_plan.plan, problem)
    pool = Pool.from_id(pool_plan.pool_id)
    fleet = {coach: FleetRow(**row) for coach, row in pool_plan.fleet.items()}
    for trip in plan.trips:
        demands = [
            held[request_id]
            for load in trip.loads
            for party in load.parties
            for request_id in pool_plan.members[load.group][party]
            if request_id in held
        ]
        if demands:
            composer.add(problem, trip, pool, fleet[trip.coach], demands)
    for left in plan.unserved:
        leave_behind(session, pool_plan, held, problem, left, fleet)
