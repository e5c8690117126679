"""Knows the planner port and which engines stand behind it; does no planning of its own."""

from collections.abc import Callable

from services.dispatcher.planning.faults import UnknownEngine
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.separate import plan_separately
from services.dispatcher.planning.stop import Params, Stop, Tell

Engine = Callable[[Problem, Stop, int, Tell], Plan]


def _keep_still(_cost_fen: int, _bound_fen: int) -> None:
    pass


def plan(problem: Problem, stop: Stop, seed: int, params: Params, tell: Tell = _keep_still) -> Plan:
    """The plan of the engine that `params` names. `seed` (0 or more) steers whatever it leaves to chance; `tell` hears now and then what the
    best plan costs and what is proven that none can cost less than, in fen, from an engine that proves something.

    Raises:
        UnknownEngine: there is no engine of that name.
    """
    engine = ENGINES.get(params.engine)
    if engine is None:
        raise UnknownEngine(engine=params.engine, known=", ".join(ENGINES))
    return engine(problem, stop, seed, tell)


def _columns(problem: Problem, stop: Stop, seed: int, tell: Tell) -> Plan:
    # Imported when it is used, as the routing library below: with what it compiles it is as large.
    from services.dispatcher.planning.columns import plan_columns

    return plan_columns(problem, stop, seed, tell)


def _routing(problem: Problem, stop: Stop, seed: int, _tell: Tell) -> Plan:
    # Imported when it is used: the solver is 155 MB that a process which never plans shall not load.
    from services.dispatcher.planning.routing import plan_routes

    return plan_routes(problem, stop, seed)


ENGINES: dict[str, Engine] = {
    "columns": _columns,
    "routing": _routing,
    "firstfit": lambda problem, _stop, _seed, _tell: plan_first_fit(problem),
    "separate": lambda problem, _stop, _seed, _tell: plan_separately(problem),
}
