"""Knows how long a trip takes from its start to the last gate; knows nothing of prices or choices.

Without a rule set that is driving and service. With one it is the elapsed time of the lawful timetable that
leaves at 08:00 (our choice: a whole day's light ahead); the day does not matter, as the zone has no summer
time, and the drivers are the least that the law asks for the distance, taken as ordinary road.
"""

from itertools import pairwise

from services.dispatcher.domain.rules import RULE_SETS
from services.dispatcher.domain.timetable import measure_elapsed_s
from services.dispatcher.planning.problem import Problem

DEPARTURE_S = 8 * 3600  # after midnight
_DAY_S = 24 * 3600


def count_days(elapsed_s: int) -> int:
    """Days that a charter is paid for: each 24 hours that begin."""
    return max(1, -(-elapsed_s // _DAY_S))


def count_drivers(problem: Problem, distance_m: int) -> int:
    """Drivers whom a trip of this length needs and pays; one without a rule set."""
    if problem.timetable is None:
        return 1
    return RULE_SETS[problem.timetable].drivers_for(distance_m, expressway=False)


class ElapsedTime:
    """The elapsed seconds of node sequences of one problem, each timetable laid out once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._rules = None if problem.timetable is None else RULE_SETS[problem.timetable]
        self._known: dict[tuple[tuple[int, ...], int], int] = {}

    def of(self, nodes: tuple[int, ...]) -> int:
        """Seconds from leaving the first of these node indices to the end of service at the last.

        Raises:
            ValueError: there is no road between two of them.
        """
        legs_s = tuple(self._leg(self._problem.duration_s, a, b) for a, b in pairwise(nodes))
        service_s = self._problem.limits.service_s
        if self._rules is None:
            return sum(legs_s) + service_s * len(legs_s)
        distance_m = sum(self._leg(self._problem.distance_m, a, b) for a, b in pairwise(nodes))
        drivers = count_drivers(self._problem, distance_m)
        key = (legs_s, drivers)
        if key not in self._known:
            services_s = (0, *(service_s for _ in legs_s))
            self._known[key] = measure_elapsed_s(legs_s, services_s, DEPARTURE_S, drivers, self._rules)
        return self._known[key]

    def _leg(self, matrix: tuple[tuple[int | None, ...], ...], a: int, b: int) -> int:
        value = matrix[a][b]
        if value is None:
            raise ValueError(f"no road from {self._problem.nodes[a]} to {self._problem.nodes[b]}")
        return value
