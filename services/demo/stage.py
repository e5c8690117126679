"""Sets the stage of a demo: the services up in this process, a clock that can jump, and a log that is kept where something fails."""

import secrets
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from services.day import Office
from services.demo.parts import databases_on, running_parts
from shared import logs
from shared.database import drop
from shared.embedded import EmbeddedPostgres
from shared.kernel.clock import ReplayClock
from shared.runtime import Running

PLANNER_SECONDS = 1.0
"""Search a pool: 71 pools on 2 cores take a bit more than half a minute."""


@dataclass
class Stage:
    """What a demo plays on. Unless it sets `came_out`, the log is kept and named."""

    run: Running
    office: Office
    clock: ReplayClock
    folder: Path
    came_out: bool = False

    def end_on_signals(self) -> None:
        """Let Ctrl-C end the services instead of the process."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda signum, _frame: self.run.ask_to_end(signal.Signals(signum).name))


@contextmanager
def set_stage(
    console: Console, start: datetime, *, port: int, kafka: str | None, database: str | None
) -> Iterator[Stage]:
    """The services up from `start` on, for the length of a `with`.

    `kafka` is a bootstrap address; `database` the URL of a PostgreSQL server whose user may create databases. Without
    them both are embedded. On a broker and a server that others use too, everything has names of this run's own, and
    its databases are dropped at the end.
    """
    descriptor, log = tempfile.mkstemp(prefix="zhida-demo-", suffix=".jsonl")
    came_out = False
    try:
        with (
            open(descriptor, "w") as stream,
            tempfile.TemporaryDirectory(prefix="zhida-demo-", ignore_cleanup_errors=True) as name,
            ExitStack() as closing,
        ):
            logs.configure("demo", "info", stream)
            folder, clock = Path(name), ReplayClock(start)
            name_of_run = secrets.token_hex(3)  # no run before had it
            databases = databases_on(database or _embedded(folder, closing), name_of_run)
            for url in databases.values() if database else ():
                closing.callback(drop, url)
            run, office = closing.enter_context(
                running_parts(
                    folder,
                    databases,
                    clock,
                    planner_seconds=PLANNER_SECONDS,
                    kafka=kafka,
                    kafka_prefix=f"demo-{name_of_run}.",
                    port=port,
                )
            )
            if port not in (0, run.port):
                console.print(
                    f"端口 {port} 已被占用，改用 {run.port}。 Port {port} is taken; using {run.port}."
                )
            stage = Stage(run, office, clock, folder)
            yield stage
        came_out = stage.came_out
    finally:
        if came_out:
            Path(log).unlink()
        else:
            console.print(f"日志 The log: {log}", soft_wrap=True, highlight=False)


@contextmanager
def progress_bars(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage that tells how far it is."""
    with Progress(console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        yield progress


def _embedded(folder: Path, closing: ExitStack) -> str:
    server = EmbeddedPostgres(folder / "server")
    closing.callback(server.stop)
    return server.url("postgres")
