"""Builds a pool's planning problem: places, roads, families, and the coaches that are left, at the prices of the contract."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from services.dispatcher.domain.coach import count_crew, count_sellable_seats
from services.dispatcher.domain.rules import CN_CHARTER_2020
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import vehicle_rule
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.planning.objective import CHARTER, Subsidy
from services.dispatcher.planning.problem import CoachType, Group, Limits, Matrix, Problem
from services.dispatcher.roads import Place, Roads
from services.dispatcher.store.tables import FleetRow, GateRow
from services.dispatcher.usecases.form_pools import Family
from shared import reference
from shared.kernel.errors import Conflict

START = "start"
SERVICE_S = 600
"""Ten minutes at a stop for papers, temperature and luggage (our choice)."""

DURATION_MAX_S = 48 * 3600
"""The longest trips reported took about 40 hours (Zhijin to Changxing, `domain.md` §3)."""


class PolicyNotPlannable(Conflict):
    """Policy {policy} has bands, ratios, several provisions, or days and destinations of its own, which a plan cannot be judged by. Plan by the objective `charter`."""

    zh = "政策 {policy} 含分档、比例、多项规定或限定的日期和目的地，不能作为编排目标。请改用目标 charter。"


def build_problem(
    name: str,
    day: date,
    county_code: str,
    families: Sequence[Family],
    gates: Mapping[str, GateRow],
    fleet: Sequence[tuple[FleetRow, int]],
    tariffs: Mapping[str, Tariff],
    policy: Policy,
    roads: Roads,
    limits: Limits,
    objective: str = CHARTER,
) -> tuple[Problem, dict[str, list[list[str]]]]:
    """The problem, and group id -> one list of request ids a party, in the order of the problem's parties.

    `fleet`: each type with the coaches that are left on the day; `tariffs`: by coach type. Where they have fewer seats than there are
    workers, groups are divided by priority. Raises BadProblem, UnknownPlace,
    PolicyNotPlannable.
    """
    nodes = [START, *sorted({f.stop_code for f in families}), *sorted({f.gate_id for f in families})]
    places = [_place(county_code), *(_gate_or_stop(node, gates) for node in nodes[1:])]
    matrix = roads.matrix(places, places)
    distance_m, duration_s = _zero_diagonal(matrix.distance_m), _zero_diagonal(matrix.duration_s)
    crew = count_crew(_longest_m(families, nodes, distance_m), expressway=False)
    coaches = tuple(_coach(row, left, tariffs[row.coach_type], policy, crew) for row, left in fleet)
    seats = sum(coach.seats * (coach.per_day[0] or 0) for coach in coaches)
    scarce = seats < sum(len(family.request_ids) for family in families)
    groups, members = _groups(families, by_priority=scarce)
    problem = Problem(
        name=name,
        nodes=tuple(nodes),
        start=START,
        distance_m=distance_m,
        duration_s=duration_s,
        days=(day,),
        groups=groups,
        coaches=coaches,
        limits=limits,
        timetable=CN_CHARTER_2020.name,
        objective=objective,
        subsidy=_subsidy(policy, objective),
    )
    return problem, members


def _subsidy(policy: Policy, objective: str) -> Subsidy | None:
    """What the objective knows of the policy. Raises PolicyNotPlannable where it must know more than it can."""
    rule = vehicle_rule(policy)
    if rule is not None:
        return Subsidy(rule.rate_percent, rule.cap_vehicle_fen, rule.min_passengers)
    if objective != CHARTER:
        raise PolicyNotPlannable(policy=policy.key)
    return None


def _longest_m(families: Sequence[Family], nodes: Sequence[str], distance_m: Matrix) -> int:
    """Metres of the longest direct trip of a family; 0 where no road leads anywhere."""
    index = {node: i for i, node in enumerate(nodes)}
    ways = {(index[family.stop_code], index[family.gate_id]) for family in families}
    runs = [(distance_m[0][stop], distance_m[stop][gate]) for stop, gate in ways]
    return max((a + b for a, b in runs if a is not None and b is not None), default=0)


def coach_id(row: FleetRow) -> str:
    """A carrier's coaches of one type are one type of the problem."""
    return f"{row.carrier_id}/{row.coach_type}"


def _coach(row: FleetRow, left: int, tariff: Tariff, policy: Policy, crew: int) -> CoachType:
    toll_fen_per_km = 0 if policy.toll_exempt else tariff.toll_fen_per_km
    return CoachType(
        id=coach_id(row),
        seats=count_sellable_seats(row.seats_approved, policy.load_factor_percent, crew),
        fixed_fen=tariff.fixed_fen,
        fen_per_km=tariff.fen_per_km + toll_fen_per_km,
        per_day=(left,),
        minimum_day_fen=tariff.minimum_day_fen,
        driver_day_fen=tariff.driver_day_fen,
        toll_fen_per_km=toll_fen_per_km,
    )


def _groups(
    families: Sequence[Family], *, by_priority: bool
) -> tuple[tuple[Group, ...], dict[str, list[list[str]]]]:
    together: dict[tuple[str, str, int], list[Family]] = defaultdict(list)
    for family in families:
        priority = family.priority if by_priority else 0
        together[family.stop_code, family.gate_id, priority].append(family)
    groups, members = [], {}
    for number, (key, those) in enumerate(sorted(together.items())):
        stop_code, gate_id, priority = key
        group_id = f"q{number:04d}"
        parties = tuple(len(family.request_ids) for family in those)
        groups.append(Group(group_id, stop_code, gate_id, parties, (0,), priority))
        members[group_id] = [list(family.request_ids) for family in those]
    return tuple(groups), members


def _place(stop_code: str) -> Place:
    stop = reference.get_stop(stop_code)
    return Place(stop.code, stop.lon, stop.lat)


def _gate_or_stop(node: str, gates: Mapping[str, GateRow]) -> Place:
    gate = gates.get(node)
    return Place(gate.town_code, gate.lon, gate.lat) if gate else _place(node)


def _zero_diagonal(matrix: Matrix) -> Matrix:
    """Two gates may share a point, but a place is always at 0 from itself."""
    return tuple(tuple(0 if i == j else value for j, value in enumerate(row)) for i, row in enumerate(matrix))
