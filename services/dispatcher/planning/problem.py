"""Knows what a planning problem is and which ones are impossible; knows nothing of how one is solved.

A pool's whole demand as one immutable value, in the fields of the file format `zhida.problem/1`.
It is checked once, when it is made, whether from a file or in code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.dispatcher.domain.rules import RULE_SETS
from services.dispatcher.planning.faults import BadProblem
from services.dispatcher.planning.objective import CHARTER, OBJECTIVES, Subsidy

Matrix = tuple[tuple[int | None, ...], ...]

STOPS_MAX = 6  # visits of one kind a trip; the shortest order is found by enumeration
FIGURE_MAX = 10**12  # past any fen, metre or second of the trade; keeps a sum within 64 bits


@dataclass(frozen=True)
class Group:
    """Workers from one stop to one gate. `parties` are head counts (a family is never split), `days` are
    indices into the problem's days, and a smaller `priority` has the first right to a seat."""

    id: str
    pickup: str
    drop: str
    parties: tuple[int, ...]
    days: tuple[int, ...]
    priority: int = 0

    @property
    def workers(self) -> int:
        return sum(self.parties)


@dataclass(frozen=True)
class CoachType:
    """A kind of coach: `seats` may be sold; `per_day` is how many may run each day (None: any number).

    Its tariff, by trip: `fixed_fen` and `fen_per_km`, at least `minimum_day_fen` for each day of the charter, and `driver_day_fen` for
    each driver and day. `toll_fen_per_km` is the part of `fen_per_km` that goes on to the roads and does not count towards the minimum. A
    tariff that changes between two days of a problem is two types, each with none per day on the other's days.
    """

    id: str
    seats: int
    fixed_fen: int
    fen_per_km: int
    per_day: tuple[int | None, ...]
    minimum_day_fen: int = 0
    driver_day_fen: int = 0
    toll_fen_per_km: int = 0


@dataclass(frozen=True)
class Limits:
    """Limits of one trip: visits to stops and to gates, seconds in all, and seconds spent at each visit."""

    pickups: int
    drops: int
    duration_s: int
    service_s: int


@dataclass(frozen=True)
class Problem:
    """One pool. Matrices are rows from, columns to, in the order of `nodes`; None in both means no road. `objective` is one of
    `OBJECTIVES`; all but `charter` need the `subsidy`.

    Raises:
        BadProblem: a field is impossible; the message says which and how to mend it.
    """

    name: str
    nodes: tuple[str, ...]
    start: str
    distance_m: Matrix
    duration_s: Matrix
    days: tuple[date, ...]
    groups: tuple[Group, ...]
    coaches: tuple[CoachType, ...]
    limits: Limits
    timetable: str | None = None
    objective: str = CHARTER
    subsidy: Subsidy | None = None

    def __post_init__(self) -> None:
        _check_places(self)
        _check_matrix("distance_m", self.distance_m, len(self.nodes))
        _check_matrix("duration_s", self.duration_s, len(self.nodes))
        _check_roads_agree(self)
        _check_days(self)
        _check_limits(self)
        _check_coaches(self)
        _check_groups(self)
        _check_objective(self)

    @cached_property
    def node_index(self) -> dict[str, int]:
        return {node: index for index, node in enumerate(self.nodes)}

    @cached_property
    def group_index(self) -> dict[str, int]:
        return {group.id: index for index, group in enumerate(self.groups)}

    @cached_property
    def coach_index(self) -> dict[str, int]:
        return {coach.id: index for index, coach in enumerate(self.coaches)}

    @property
    def workers(self) -> int:
        return sum(group.workers for group in self.groups)


def _refuse(where: str, fault: str, fault_zh: str, mend: str, mend_zh: str) -> None:
    raise BadProblem(where=where, fault=fault, fault_zh=fault_zh, mend=mend, mend_zh=mend_zh)


def _check_unique(where: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        at = f"{where}[{index}]"
        if not name:
            _refuse(at, "the name is empty", "名称为空", "Give it a name", "请填写名称")
        if name in seen:
            _refuse(
                at, f"{name!r} stands twice", f"{name!r} 重复出现", "Name each once", "每个名称只能出现一次"
            )
        seen.add(name)


def _check_range(where: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        _refuse(
            where,
            f"{value} is not between {low} and {high}",
            f"{value} 不在 {low} 与 {high} 之间",
            f"Give a whole number from {low} to {high}",
            f"请填写 {low} 至 {high} 之间的整数",
        )


def _check_places(problem: Problem) -> None:
    if not problem.name:
        _refuse("name", "the name is empty", "名称为空", "Give the problem a name", "请为问题命名")
    _check_unique("nodes", problem.nodes)
    if problem.start not in problem.node_index:
        _refuse_unknown_node("start", problem.start)


def _refuse_unknown_node(where: str, node: str) -> None:
    _refuse(
        where,
        f"{node!r} is not among the nodes",
        f"{node!r} 不在 nodes 之列",
        "Name one of the nodes, or add it to them",
        "请填写 nodes 中已有的地点，或把它加入 nodes",
    )


def _check_matrix(where: str, matrix: Matrix, size: int) -> None:
    if len(matrix) != size or any(len(row) != size for row in matrix):
        row = next((i for i, cells in enumerate(matrix) if len(cells) != size), len(matrix))
        _refuse(
            f"{where}[{row}]",
            f"the matrix is not {size} rows of {size}",
            f"矩阵不是 {size} 行 {size} 列",
            "Give one row and one column for each node",
            "每个地点须各有一行一列",
        )
    for i, cells in enumerate(matrix):
        for j, value in enumerate(cells):
            if value is not None and not 0 <= value <= FIGURE_MAX:
                _check_range(f"{where}[{i}][{j}]", value, 0, FIGURE_MAX)
            if i == j and value != 0:
                _refuse(
                    f"{where}[{i}][{j}]",
                    f"from a place to itself is {value}, not 0",
                    f"地点到自身的数值是 {value}，应为 0",
                    "Put 0 on the diagonal",
                    "请将对角线填为 0",
                )


def _check_roads_agree(problem: Problem) -> None:
    for i, (metres, seconds) in enumerate(zip(problem.distance_m, problem.duration_s, strict=True)):
        for j, (metre, second) in enumerate(zip(metres, seconds, strict=True)):
            if (metre is None) != (second is None):
                _refuse(
                    f"duration_s[{i}][{j}]",
                    "the distance and the duration do not agree on whether there is a road",
                    "距离与时间对该路段是否存在说法不一",
                    "Give both, or null in both where there is no road",
                    "两者都填写；无路则两者都填 null",
                )


def _check_days(problem: Problem) -> None:
    if not problem.days:
        _refuse("days", "there is no day", "没有日期", "Give at least one day", "请至少填写一个日期")
    for index in range(1, len(problem.days)):
        if problem.days[index] <= problem.days[index - 1]:
            _refuse(
                f"days[{index}]",
                f"{problem.days[index]} does not come after {problem.days[index - 1]}",
                f"{problem.days[index]} 不晚于 {problem.days[index - 1]}",
                "Give the days once each, in order",
                "日期须按先后排列且不重复",
            )


def _check_limits(problem: Problem) -> None:
    _check_range("limits.pickups", problem.limits.pickups, 1, STOPS_MAX)
    _check_range("limits.drops", problem.limits.drops, 1, STOPS_MAX)
    _check_range("limits.duration_s", problem.limits.duration_s, 1, FIGURE_MAX)
    _check_range("limits.service_s", problem.limits.service_s, 0, FIGURE_MAX)
    if problem.timetable is not None and problem.timetable not in RULE_SETS:
        known = ", ".join(sorted(RULE_SETS))
        _refuse(
            "timetable",
            f"{problem.timetable!r} is not a rule set",
            f"没有名为 {problem.timetable!r} 的规则集",
            f"Give null or one of: {known}",
            f"请填写 null 或以下之一：{known}",
        )


def _check_coaches(problem: Problem) -> None:
    if not problem.coaches:
        _refuse(
            "coaches",
            "there is no type of coach",
            "没有车型",
            "Give at least one type",
            "请至少填写一种车型",
        )
    _check_unique("coaches", (coach.id for coach in problem.coaches))
    for index, coach in enumerate(problem.coaches):
        at = f"coaches[{index}]"
        _check_range(f"{at}.seats", coach.seats, 1, 1000)
        _check_range(f"{at}.fixed_fen", coach.fixed_fen, 0, FIGURE_MAX)
        _check_range(f"{at}.fen_per_km", coach.fen_per_km, 0, 10**9)
        _check_range(f"{at}.minimum_day_fen", coach.minimum_day_fen, 0, 10**9)
        _check_range(f"{at}.driver_day_fen", coach.driver_day_fen, 0, 10**9)
        _check_range(f"{at}.toll_fen_per_km", coach.toll_fen_per_km, 0, coach.fen_per_km)
        if len(coach.per_day) != len(problem.days):
            _refuse(
                f"{at}.per_day",
                f"{len(coach.per_day)} figures for {len(problem.days)} days",
                f"{len(problem.days)} 天却有 {len(coach.per_day)} 个数",
                "Give one figure a day, null for any number",
                "每天填一个数，不限则填 null",
            )
        for day, count in enumerate(coach.per_day):
            if count is not None:
                _check_range(f"{at}.per_day[{day}]", count, 0, 10**6)


def _check_groups(problem: Problem) -> None:
    _check_unique("groups", (group.id for group in problem.groups))
    for index, group in enumerate(problem.groups):
        _check_group(problem, f"groups[{index}]", group)


def _check_group(problem: Problem, at: str, group: Group) -> None:
    for field, node in (("pickup", group.pickup), ("drop", group.drop)):
        if node not in problem.node_index:
            _refuse_unknown_node(f"{at}.{field}", node)
    if group.pickup == group.drop:
        _refuse(
            f"{at}.drop",
            f"{group.drop!r} is also where the group boards",
            f"{group.drop!r} 同时是上车地点",
            "Give another gate, or leave the group out",
            "请改填其他下车地点，或去掉该组",
        )
    if not group.parties:
        _refuse(
            f"{at}.parties",
            "the group is empty",
            "该组没有人",
            "Give one head count a party",
            "请为每个同行小组填写人数",
        )
    for party, heads in enumerate(group.parties):
        _check_range(f"{at}.parties[{party}]", heads, 1, 10**6)
    if not group.days:
        _refuse(
            f"{at}.days",
            "the group may leave on no day",
            "该组没有可出发的日期",
            "Give at least one day",
            "请至少填写一天",
        )
    for position, day in enumerate(group.days):
        _check_range(f"{at}.days[{position}]", day, 0, len(problem.days) - 1)
    if len(set(group.days)) != len(group.days):
        _refuse(f"{at}.days", "a day stands twice", "日期重复", "Give each day once", "每天只填一次")
    _check_range(f"{at}.priority", group.priority, 0, 1000)


def _check_objective(problem: Problem) -> None:
    if problem.objective not in OBJECTIVES:
        known = "; ".join(OBJECTIVES)
        _refuse(
            "objective",
            f"{problem.objective!r} is not an objective",
            f"没有名为 {problem.objective!r} 的目标",
            f"Give one of: {known}",
            f"请填写以下之一：{known}",
        )
    subsidy = problem.subsidy
    if subsidy is None:
        if problem.objective != CHARTER:
            _refuse(
                "subsidy",
                f"it is missing, and {problem.objective!r} cannot be priced without it",
                f"缺少 subsidy，无法按 {problem.objective!r} 计价",
                "Give the policy's figures, or the objective 'charter'",
                "请填写补贴政策的数字，或将目标改为 'charter'",
            )
        return
    _check_range("subsidy.rate_percent", subsidy.rate_percent, 0, 100)
    if subsidy.cap_vehicle_fen is not None:
        _check_range("subsidy.cap_vehicle_fen", subsidy.cap_vehicle_fen, 0, FIGURE_MAX)
    _check_range("subsidy.min_passengers", subsidy.min_passengers, 0, 1000)
