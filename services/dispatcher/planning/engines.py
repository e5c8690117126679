"""Knows the planner port and which engines stand behind it; does no planning of its own."""

from collections.abc import Callable

from services.dispatcher.planning.faults import UnknownEngine
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.separate import plan_separately
from services.dispatcher.planning.stop import Params, Stop

Engine = Callable[[Problem, Stop, int], Plan]


def plan(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The plan of the engine that `params` names. `seed` (0 or more) steers whatever it leaves to chance.

    Raises:
        UnknownEngine: there is no engine of that name.
    """
    engine = ENGINES.get(params.engine)
    if engine is None:
        raise UnknownEngine(engine=params.engine, known=", ".join(ENGINES))
    return engine(problem, stop, seed)


def _columns(problem: Problem, stop: Stop, seed: int) -> Plan:
    # Imported when it is used, as the routing library below: with what it compiles it is as large.
    from services.dispatcher.planning.columns import plan_columns

    return plan_columns(problem, stop, seed)


def _routing(problem: Problem, stop: Stop, seed: int) -> Plan:
    # Imported when it is used: the solver is 155 MB that a process which never plans shall not load.
    from services.dispatcher.planning.routing import plan_routes

    return plan_routes(problem, stop, seed)


ENGINES: dict[str, Engine] = {
    "columns": _columns,
    "routing": _routing,
    "firstfit": lambda problem, _stop, _seed: plan_first_fit(problem),
    "separate": lambda problem, _stop, _seed: plan_separately(problem),
}
