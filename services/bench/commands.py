"""`zhida bench` and its sub-commands, one a bench; imports a bench only when it runs it."""

import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.output import open_output
from shared.kernel.errors import Unavailable

app = typer.Typer(help="Measure on this machine. Without a sub-command: the day, from file to plan.")
console = Console(stderr=True)

JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")]
PlotFolder = Annotated[Path | None, typer.Option("--plot", help="Also draw the figures here, as SVG.")]


class NoExtra(Unavailable):
    """The package {package} is not installed. Install Zhida with its extra: pip install "zhida[{extra}]"."""

    zh = '未安装软件包 {package}。请安装带附加组件的 Zhida：pip install "zhida[{extra}]"。'


@app.callback(invoke_without_command=True)
def day(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=100, help="Workers of a day.")] = 6822,
    json_file: JsonFile = None,
) -> None:
    """Workers a second from file to pool on both buses, and the planner, beside this machine's raw limits."""
    if context.invoked_subcommand is not None:
        return
    from services.bench.report import print_figures
    from services.bench.run import Extent, measure

    with console.status("") as status:
        figures = measure(Extent(people=people), progress=lambda what: status.update(f"{what} ..."))
    print_figures(figures, _out())
    _write(json_file, figures.as_json())


@app.command()
def province(
    people: Annotated[int, typer.Option(min=100, help="Workers of the season.")] = 1_990_000,
    days: Annotated[int, typer.Option(min=1, max=60, help="Days of departure around the peak.")] = 40,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="For all, from requests to checked plans; by default 60 for 1,990,000."),
    ] = None,
    cores: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the requests.")] = 1,
    json_file: JsonFile = None,
    plot: PlotFolder = None,
) -> None:
    """A province's season, planned and certified. Ctrl-C ends it with the figures of what is done."""
    _require("plot", "matplotlib", wanted=plot is not None)
    from services.bench.province.report import plot_season, print_season
    from services.bench.province.run import run_season

    with _bar() as bar:
        task = bar.add_task("workers 人数", total=None)
        tell: Callable[[int, int], None] = lambda done, total: bar.update(task, completed=done, total=total)  # noqa: E731
        figures = run_season(people, days, seed, cores, minutes, tell)
    print_season(figures, _out())
    _write(json_file, figures.as_json())
    if plot:
        _name(plot_season(figures, plot))
    if figures.faults:
        raise typer.Exit(1)


@app.command()
def corridors(
    stops: Annotated[
        list[int] | None, typer.Option(min=1, help="Only this size; may be given more than once.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Pools of each size.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.05, help="For each search.")] = 5.0,
    peers: Annotated[bool, typer.Option("--peers", help="Ask PyVRP and VROOM too.")] = False,
    json_file: JsonFile = None,
    plot: PlotFolder = None,
) -> None:
    """All engines on corridors of 5 to 80 stops at equal time, one core each; --plot adds runs of 1 to 20 seconds."""
    _require("plot", "matplotlib", wanted=plot is not None)
    _require("peers", "pyvrp", wanted=peers)
    _require("peers", "vroom", wanted=peers)
    from services.bench.corridors import SIZES, CorridorFigures, list_cases, own_solvers, run_corridors
    from services.bench.corridors_report import plot_corridors, print_corridors
    from services.bench.machine import describe_machine

    solvers = own_solvers()
    if peers:
        from services.bench.peers import peer_solvers

        solvers |= peer_solvers()
    sizes = tuple(stops or SIZES)
    cases = list_cases(sizes, range(seeds), seconds, several=plot is not None)
    runs = []
    with _bar() as bar:
        task = bar.add_task("runs 次", total=len(cases) * len(solvers))
        for run in run_corridors(solvers, cases):
            runs.append(run)
            bar.advance(task)
    figures = CorridorFigures(describe_machine(), seconds, runs)
    print_corridors(figures, _out())
    _write(json_file, figures.as_json())
    if plot:
        _name(plot_corridors(figures, plot))
    if figures.faults:
        raise typer.Exit(1)


@app.command()
def planners(
    pools: Annotated[int, typer.Option(min=2, help="Pools to plan in each run.")] = 16,
    runs: Annotated[int, typer.Option(min=1, help="Of each, by turns.")] = 3,
    json_file: JsonFile = None,
) -> None:
    """How much faster two planners are than one, over real Kafka and PostgreSQL."""
    from services.bench.machine import print_machine
    from services.bench.planners import measure_planners

    with console.status("") as status:
        figures = measure_planners(pools, runs, lambda what: status.update(f"{what} ..."))
    out = _out()
    print_machine(figures.machine, out)
    for count, seconds in figures.seconds.items():
        each = ", ".join(f"{one:.1f}" for one in seconds)
        out.print(f"{figures.pools} pools 批次, planners 规划器 {count}: {each} s")
    out.print(f"two over one, by the medians 两个与一个之比（中位数）: {figures.ratio:.2f}")
    _write(json_file, figures.as_json())


@app.command()
def repair(
    seeds: Annotated[int, typer.Option(min=1, help="Pools of 40 stops.")] = 4,
    json_file: JsonFile = None,
) -> None:
    """A late party, a withdrawal and a breakdown in a plan of 40 stops, mended, and planned anew in the same time."""
    from services.bench.repair import measure_repair, print_repair

    with console.status("repairs 修补 ..."):
        figures = measure_repair(range(seeds))
    print_repair(figures, _out())
    _write(json_file, figures.as_json())


@app.command()
def checks(
    trips: Annotated[int, typer.Option(min=10, help="Trips of the season, in claims of ten.")] = 45_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the claims.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """A season's claims under the sixteen checks, on one core, with faults planted at known places."""
    from services.bench.checks.run import measure_checks, print_checks

    with _bar() as bar:
        task = bar.add_task("trips 车次", total=trips)
        figures = measure_checks(
            trips, seed, lambda done, total: bar.update(task, completed=done, total=total)
        )
    print_checks(figures, _out())
    _write(json_file, figures.as_json())
    if figures.wrong:
        raise typer.Exit(1)


@app.command()
def ledger(
    trips: Annotated[int, typer.Option(min=100, help="Trips of the season.")] = 45_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the trips.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """A season's books written and audited on one core, and audited again after each of four changes, which it must find."""
    from services.bench.ledger.run import measure_ledger, print_ledger

    with _bar() as bar:
        task = bar.add_task("trips 车次", total=trips)
        figures = measure_ledger(
            trips, seed, lambda done, total: bar.update(task, completed=done, total=total)
        )
    print_ledger(figures, _out())
    _write(json_file, figures.as_json())
    if figures.wrong:
        raise typer.Exit(1)


@app.command()
def people(
    share: Annotated[float, typer.Option(min=0.0005, max=1.0, help="Of the population; 1 is all.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the people.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """A province's relocated people imported, their households' indicator at any date, and a month's tasks for all of them."""
    from services.bench.people.report import print_people
    from services.bench.people.run import measure_people

    with _bar() as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total)

        figures = measure_people(share, seed, tell)
    print_people(figures, _out())
    _write(json_file, figures.as_json())
    if figures.wrong:
        raise typer.Exit(1)


def _require(extra: str, package: str, *, wanted: bool) -> None:
    """Say so before hours of measuring. Raises NoExtra."""
    if wanted and find_spec(package) is None:
        raise NoExtra(extra=extra, package=package)


def _name(paths: list[Path]) -> None:
    for path in paths:
        typer.echo(str(path))


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _out() -> Console:
    """Wide enough for the tables of every bench."""
    return open_output(120)


def _write(json_file: Path | None, figures: dict[str, Any]) -> None:
    if json_file:
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
