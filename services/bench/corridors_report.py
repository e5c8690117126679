"""Shows the corridors' figures as a table, and as pictures of cost against time and of time against size."""

from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

from services.bench.corridors import CorridorFigures, Run, Summary, plotted
from services.bench.machine import print_machine

FAULTS = 10

HOW = (
    "Gap: cost over the best bound that any engine proved of the pool in the same time and the independent checker holds for proven. Over best: over "
    "the cheapest plan of all engines in the same time. Seconds are wall time; memory is the peak of the engine's own process."
)


def print_corridors(figures: CorridorFigures, console: Console) -> None:
    """The table, and what the checkers refuse."""
    print_machine(figures.machine, console)
    table = Table(
        title=f"Corridors, {figures.allowed_s:g} s on one core 走廊（单核 {figures.allowed_s:g} 秒）"
    )
    table.add_column("stops\n上车点", justify="right")
    table.add_column("engine\n算法")
    for heading in (
        "gap, mean\n平均差距", "worst\n最大", "over best\n高于最优", "worst\n最大", "seconds\n秒", "worst\n最大",
        "coaches\n车次", "optimal\n已证最优", "MiB\n内存",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    previous = 0
    for one in figures.summaries(figures.allowed_s):
        if previous and one.stops != previous:
            table.add_section()
        previous = one.stops
        table.add_row(f"{one.stops}", one.engine, *_cells(one))
    console.print(table, HOW)
    if figures.faults:
        console.print(
            f"{len(figures.faults)} faults 处错误:", *figures.faults[:FAULTS], sep="\n", style="red"
        )


def _cells(one: Summary) -> tuple[str, ...]:
    return (
        _share(one.gap_mean),
        _share(one.gap_worst),
        _share(one.excess_mean),
        _share(one.excess_worst),
        f"{one.seconds_mean:.2f}",
        f"{one.seconds_worst:.2f}",
        f"{one.trips_mean:.1f}",
        f"{one.proven_optimal}/{one.pools}",
        f"{one.peak_bytes / 2**20:,.0f}",
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def plot_corridors(figures: CorridorFigures, folder: Path) -> list[Path]:
    """The two pictures. Raises ModuleNotFoundError without matplotlib."""
    from services.bench.plots import draw

    paths = [folder / "corridors-cost-against-time.svg", folder / "corridors-time-against-size.svg"]
    plotted_stops = plotted([run.stops for run in figures.runs])
    of_size = [run for run in figures.runs if run.stops == plotted_stops]
    draw(
        paths[0],
        f"Corridors of {plotted_stops} stops: cost against time, one core",
        "seconds taken",
        "mean gap to the bound proven in that time, %",
        _by_engine(of_size, figures),
        log_x=True,
        log_y=True,
    )
    allowed = [run for run in figures.runs if run.allowed_s == figures.allowed_s]
    engines = dict.fromkeys(run.engine for run in allowed)
    sizes = dict.fromkeys(run.stops for run in allowed)
    draw(
        paths[1],
        f"Seconds taken of {figures.allowed_s:g} allowed, by size",
        "stops",
        "seconds",
        {
            engine: [
                (stops, mean(r.seconds for r in allowed if (r.stops, r.engine) == (stops, engine)))
                for stops in sizes
            ]
            for engine in engines
        },
    )
    return paths


def _by_engine(runs: list[Run], figures: CorridorFigures) -> dict[str, list[tuple[float, float]]]:
    """Engine -> (mean seconds taken, mean gap in percent) for each allowance."""
    found: dict[str, list[tuple[float, float]]] = {}
    for engine in dict.fromkeys(run.engine for run in runs):
        own = [run for run in runs if run.engine == engine]
        for allowed_s in sorted({run.allowed_s for run in own}):
            same = [run for run in own if run.allowed_s == allowed_s]
            gaps = figures.gaps(same)
            if gaps:
                point = mean(run.seconds for run in same), mean(gaps) * 100
                found.setdefault(engine, []).append(point)
    return found
