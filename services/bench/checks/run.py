"""Runs the sixteen checks over an invented season on one core, and compares what they find with what was planted.

Times are the process's own processor seconds, so that other work on the machine does not count; claims are invented one
after the other, outside of them.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from services.bench.checks.faults import KINDS, Expected
from services.bench.checks.season import invent_claims
from services.bench.machine import describe_machine, print_machine
from services.dispatcher.money.claims.checks import CHECKS, Flag
from services.dispatcher.money.claims.facts import ClaimFacts

HOW = (
    "Claims of ten trips are invented one after the other; half of them hold one fault, of each kind in turn, beside much that "
    "only comes near one. Seconds are the processor's, of one process. The reference hashes every seat of the same claims once and "
    "looks its person up: to have touched all that the checks judge. A check's flags must be those planted, claim by claim."
)
FAULTS_SHOWN = 10


@dataclass
class CheckFigures:
    """What a season's checks took and found; `wrong` are claims whose flags are not the planted ones."""

    machine: dict[str, str]
    claims: int = 0
    trips: int = 0
    seats: int = 0
    claimed: int = 0
    faulty_claims: int = 0
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By check; `seats` is to find the claimed seats, once for all checks."""
    reference_s: float = 0.0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def checks_s(self) -> float:
        return sum(self.seconds.values())

    @property
    def seats_per_s(self) -> float:
        return self.seats / self.checks_s

    def as_json(self) -> dict[str, Any]:
        """All of it, and the checks' sum beside the reference."""
        return {
            "machine": self.machine,
            "claims": self.claims,
            "trips": self.trips,
            "seats": self.seats,
            "claimed": self.claimed,
            "faulty_claims": self.faulty_claims,
            "seconds": self.checks_s,
            "seats_per_s": self.seats_per_s,
            "reference_s": self.reference_s,
            "checks": {
                code: {
                    "seconds": self.seconds[code],
                    "planted": self.planted[code],
                    "found": self.found[code],
                }
                for code in CHECKS
            },
            "wrong": self.wrong,
        }


def measure_checks(
    trips: int, seed: int = 1, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> CheckFigures:
    """Check so many trips' claims. Every second claim has a fault, each kind as often as the others."""
    figures = CheckFigures(describe_machine())
    draw = random.Random(seed)  # noqa: S311 - a bench's chance is no secret
    for number, clean in enumerate(invent_claims(trips, seed)):
        facts, expected = _plant(clean, number, draw) if number % 2 else (clean, ())
        _check(figures, facts, expected)
        tell(figures.trips, trips)
    return figures


def _plant(facts: ClaimFacts, number: int, draw: random.Random) -> tuple[ClaimFacts, tuple[Expected, ...]]:
    kind = KINDS[number // 2 % len(KINDS)]
    trip, seats = draw.choice(facts.claimed_seats)
    return kind(facts, trip, draw.choice(seats))


def _check(figures: CheckFigures, facts: ClaimFacts, expected: tuple[Expected, ...]) -> None:
    begun = time.process_time()
    _touch(facts)
    figures.reference_s += time.process_time() - begun
    flags = list(_timed(figures, facts))
    found = Counter((flag.code, flag.cause, flag.trip_id, flag.request_ids) for flag in flags)
    planted = Counter(expected)
    figures.claims += 1
    figures.trips += len(facts.trips)
    figures.seats += sum(len(trip.seats) for trip in facts.trips)
    figures.claimed += len(facts.claimed_requests)
    figures.faulty_claims += bool(expected)
    figures.found.update(flag.code for flag in flags)
    figures.planted.update(code for code, *_ in expected)
    figures.wrong += [
        f"{facts.claim_id}: not found 未查出 {one}" for one in sorted(map(str, planted - found))
    ]
    figures.wrong += [
        f"{facts.claim_id}: not planted 误报 {one}" for one in sorted(map(str, found - planted))
    ]


def _timed(figures: CheckFigures, facts: ClaimFacts) -> Iterator[Flag]:
    begun = time.process_time()
    len(facts.claimed_seats)
    figures.seconds["seats"] += time.process_time() - begun
    for code, check in CHECKS.items():
        begun = time.process_time()
        flags = check(facts)
        figures.seconds[code] += time.process_time() - begun
        yield from flags


def _touch(facts: ClaimFacts) -> int:
    return sum(hash(seat) for trip in facts.trips for seat in trip.seats if facts.people.get(seat.request_id))


def print_checks(figures: CheckFigures, console: Console) -> None:
    """One line a check, the sum beside the reference, and what is wrong."""
    print_machine(figures.machine, console)
    console.print(_whole(figures), _each(figures), HOW)
    if figures.wrong:
        shown = figures.wrong[:FAULTS_SHOWN]
        console.print(f"{len(figures.wrong)} flags wrong 处错误:", *shown, sep="\n", style="red")


def _whole(figures: CheckFigures) -> Table:
    table = Table(title="A season's claims under the sixteen checks 一季申报的十六项核查", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rows = {
        "claims 申报": f"{figures.claims:,}",
        "of which with a planted fault 其中埋有问题": f"{figures.faulty_claims:,}",
        "trips 车次": f"{figures.trips:,}",
        "seats 座位": f"{figures.seats:,}",
        "of which claimed 其中申报": f"{figures.claimed:,}",
        "seconds, one core 秒（单核）": f"{figures.checks_s:.2f}",
        "seats a second 座/秒": f"{figures.seats_per_s:,.0f}",
        "reference, seconds 对照（秒）": f"{figures.reference_s:.2f}",
        "checks over reference 核查与对照之比": f"{figures.checks_s / figures.reference_s:.1f}",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _each(figures: CheckFigures) -> Table:
    table = Table(title="Each check 各项核查")
    table.add_column("check\n核查")
    for heading in ("seconds\n秒", "µs a seat\n微秒/座", "share\n占比", "flags planted\n埋入", "found\n查出"):
        table.add_column(heading, justify="right")
    names = {"seats": "claimed seats 申报座位"} | {code: check.__name__ for code, check in CHECKS.items()}
    for code, name in names.items():
        seconds = figures.seconds[code]
        counts = (figures.planted[code], figures.found[code]) if code in CHECKS else None
        table.add_row(
            name,
            f"{seconds:.2f}",
            f"{seconds / figures.seats * 1e6:.2f}",
            f"{seconds / figures.checks_s:.1%}",
            *(f"{count:,}" for count in counts or ()),
        )
    table.add_section()
    sums = (figures.planted.total(), figures.found.total())
    each = f"{figures.checks_s / figures.seats * 1e6:.2f}"
    table.add_row("all 合计", f"{figures.checks_s:.2f}", each, "", *(f"{n:,}" for n in sums), style="bold")
    return table
