"""Times the mending of a plan of 40 stops after a late party, a withdrawal and a breakdown, beside planning it anew.

The standing plan is the planner's after a few seconds; the plan made anew has as long as the mending took.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from services.dispatcher.planning import Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.changes import Standing, break_down, join_late, withdraw
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.mending import Promises
from services.dispatcher.planning.repair import ROUNDS, repair

STOPS = 40
COACHES_A_DAY = 14  # of each of four types; the standing plan runs about 43 in all
STANDING_S = 6.0
CHANGES_EACH = 6  # of each kind on each pool
ENGINE = "routing"
PROMISES = Promises(moved_fen=5_000, changed_fen=20_000, cancelled_fen=100_000)


@dataclass(frozen=True)
class Mended:
    """One change: seconds, what the plan costs more than the one that stood, the same if made anew in that time, and how
    many trips of the one that stood are no longer in either."""

    kind: str
    pool: str
    seconds: float
    more_fen: int
    anew_more_fen: int
    trips_changed: int
    anew_trips_changed: int
    unserved: int


@dataclass(frozen=True)
class RepairFigures:
    """All changes of a run."""

    mended: tuple[Mended, ...]

    def of(self, kind: str) -> list[Mended]:
        """The changes of one kind."""
        return [one for one in self.mended if one.kind == kind]

    def as_json(self) -> dict[str, Any]:
        """Each change, and for each kind the median and the worst of the seconds."""
        kinds = {
            kind: {
                "seconds_median": median(one.seconds for one in self.of(kind)),
                "seconds_worst": max(one.seconds for one in self.of(kind)),
            }
            for kind in KINDS
        }
        return {"stops": STOPS, "kinds": kinds, "changes": [asdict(one) for one in self.mended]}


def _late(problem: Problem, before: Plan, draw: random.Random) -> Standing:
    group = draw.choice(problem.groups)
    return join_late(problem, before.trips, replace(group, parties=(draw.choice((1, 1, 2, 3)),)))


def _withdrawn(problem: Problem, before: Plan, draw: random.Random) -> Standing:
    group = draw.choice(problem.groups)
    return withdraw(problem, before.trips, group.id, draw.randrange(len(group.parties)))


def _broken(problem: Problem, before: Plan, draw: random.Random) -> Standing:
    return break_down(problem, before.trips, draw.randrange(len(before.trips)))


KINDS: dict[str, Callable[[Problem, Plan, random.Random], Standing]] = {
    "late": _late,
    "withdrawn": _withdrawn,
    "broken": _broken,
}


def measure_repair(
    seeds: Iterable[int] = range(4), *, stops: int = STOPS, standing_s: float = STANDING_S
) -> RepairFigures:
    """Mend the plans of some invented pools, half of them under the lawful timetable. Raises RuntimeError where a plan breaks a rule."""
    mended: list[Mended] = []
    for seed in seeds:
        timetable = "cn-charter-2020" if seed % 2 else None
        problem = invent_corridor(stops, seed, timetable=timetable, per_day=COACHES_A_DAY)
        before = plan(problem, Stop(seconds=standing_s), 0, Params(ENGINE))
        draw = random.Random(seed)  # noqa: S311 - a bench's chance is no secret
        mended += [
            _mend(kind, before, change(problem, before, draw))
            for _ in range(CHANGES_EACH)
            for kind, change in KINDS.items()
        ]
    return RepairFigures(tuple(mended))


def _mend(kind: str, before: Plan, standing: Standing) -> Mended:
    begun = time.perf_counter()
    after = repair(standing, PROMISES, Stop(work=ROUNDS), 0)
    seconds = time.perf_counter() - begun
    anew = plan(standing.problem, Stop(seconds=seconds), 0, Params(ENGINE))
    for name, made in (("repair", after), (ENGINE, anew)):
        if violations := list_violations(standing.problem, made):
            raise RuntimeError(f"{name} on {standing.problem.name}: {violations[0]}")
    changed = [len(set(standing.trips) - set(made.trips)) for made in (after, anew)]
    return Mended(
        kind=kind,
        pool=standing.problem.name,
        seconds=seconds,
        more_fen=after.cost_fen - before.cost_fen,
        anew_more_fen=anew.cost_fen - before.cost_fen,
        trips_changed=changed[0],
        anew_trips_changed=changed[1],
        unserved=sum(len(left.parties) for left in after.unserved),
    )


def print_repair(figures: RepairFigures, console: Console) -> None:
    """One line a kind of change."""
    table = Table(title=f"Mending a plan of {STOPS} stops, and planning it anew in the same time")
    for column in ("change", "s, median", "s, worst", "yuan more, median", "anew", "trips changed", "anew"):
        table.add_column(column, justify="left" if column == "change" else "right")
    for kind in KINDS:
        those = figures.of(kind)
        table.add_row(
            kind,
            f"{median(one.seconds for one in those):.2f}",
            f"{max(one.seconds for one in those):.2f}",
            f"{median(one.more_fen for one in those) / 100:,.2f}",
            f"{median(one.anew_more_fen for one in those) / 100:,.2f}",
            f"{median(one.trips_changed for one in those):g}",
            f"{median(one.anew_trips_changed for one in those):g}",
        )
    console.print(table)
