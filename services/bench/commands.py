"""`zhida bench` and its sub-commands, one a bench; imports a bench only when it runs it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

app = typer.Typer(help="Measure on this machine. Without a sub-command: the day, from file to plan.")
console = Console(stderr=True)

JsonFile = Annotated[Path | None, typer.Option("--json", help="Also write the figures here.")]


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
    cores: Annotated[int, typer.Option(min=1, help="Processes.")] = len(os.sched_getaffinity(0)),
    seed: Annotated[int, typer.Option(min=0, help="Of the requests.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """A province's season, planned and certified. Ctrl-C ends it with the figures of what is done."""
    from services.bench.province.report import print_season
    from services.bench.province.run import run_season

    with _bar() as bar:
        task = bar.add_task("workers 人数", total=None)
        tell: Callable[[int, int], None] = lambda done, total: bar.update(task, completed=done, total=total)  # noqa: E731
        figures = run_season(people, days, seed, cores, minutes, tell)
    print_season(figures, _out())
    _write(json_file, figures.as_json())
    if figures.faults:
        raise typer.Exit(1)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _out() -> Console:
    """Standard output, wide enough for the tables where it is a file."""
    out = Console()
    return out if out.is_terminal else Console(width=120)


def _write(json_file: Path | None, figures: dict[str, Any]) -> None:
    if json_file:
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
