"""`zhida demo`: lives the day, prints its figures, says what did not come out, and serves the pages."""

import secrets
import signal
import tempfile
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from services.day import PROVINCE, Day, Figures, Office, live
from services.demo.parts import databases_on, running_parts
from services.demo.report import table_of
from services.sample import write_sample
from shared import logs
from shared.database import drop
from shared.embedded import EmbeddedPostgres
from shared.kernel.clock import SHANGHAI, ReplayClock
from shared.runtime import Running
from shared.security import Role

DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime.combine(DAY - timedelta(days=1), time(9), SHANGHAI)
EVENING_AFTER = datetime.combine(DAY + timedelta(days=2), time(20), SHANGHAI)
"""When the last coach has arrived: the longest way takes about 40 hours."""
PLANNER_SECONDS = 1.0
"""Search a pool: 71 pools on 2 cores take a bit more than half a minute."""

console = Console()


def run_demo(
    *, once: bool, people: int, seed: int, port: int, kafka: str | None, database: str | None
) -> int:
    """Live the day, print its figures, serve the pages until Ctrl-C unless `once`; gives the exit status.

    0 only if every stage came out; otherwise what did not is said, and the log is kept and named. `kafka` is a
    bootstrap address; `database` the URL of a PostgreSQL server whose user may create databases. Without them both
    are embedded. On a broker and a server that others use too, everything has names of this run's own, and its
    databases are dropped at the end.
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
            folder, clock = Path(name), ReplayClock(MORNING_BEFORE)
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
            day, batches = _live(office, folder / "season", clock, people, seed)
            figures = Figures.of(day)
            console.print(table_of(figures, DAY, batches))
            faults = figures.list_faults()
            for fault in faults:
                console.print(fault.message("zh"), fault.message("en"), sep="\n", style="red", markup=False)
            if not once:
                _end_on_signals(run)
                _print_links(office, day)
                run.wait()
        came_out = not faults and not run.failed
    finally:
        if came_out:
            Path(log).unlink()
        else:
            console.print(f"日志 The log: {log}", soft_wrap=True, highlight=False)
    return 0 if came_out else 1


def _embedded(folder: Path, closing: ExitStack) -> str:
    server = EmbeddedPostgres(folder / "server")
    closing.callback(server.stop)
    return server.url("postgres")


def _live(office: Office, season: Path, clock: ReplayClock, people: int, seed: int) -> tuple[Day, int]:
    """The day from its files to its money, and how many batches the files have."""
    with Progress(console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        day = Day(office, season, DAY, progress=progress)
        with day.stage("sample written"):
            sample = write_sample(season, people=people, start=DAY, seed=seed)
        live(day, lambda: clock.jump_to(EVENING_AFTER))
    return day, sample.batches


def _print_links(office: Office, day: Day) -> None:
    """A sign-in link for each role, with something of this day to look at behind it."""
    trip = day.trips()[0]
    enterprise_id = day.riders(trip)[0]["enterprise_id"]
    county_code = trip["trip_id"].split("-")[1]
    audit = office.token(Role.AUDIT, PROVINCE)
    enterprises = office.call(audit, "registry", "GET", "/api/enterprises")
    enterprise = next(one["name"] for one in enterprises if one["enterprise_id"] == enterprise_id)
    links = (
        ("bureau 人社局", "registry", office.token(Role.BUREAU, county_code)),
        ("dispatcher 调度员", "dispatcher", office.token(Role.DISPATCHER, PROVINCE)),
        ("enterprise 企业", "notifier", office.token(Role.ENTERPRISE, "", enterprise_id, enterprise)),
        (
            "carrier 承运企业",
            "notifier",
            office.token(Role.CARRIER, "", trip["carrier_id"], trip["carrier_name"]),
        ),
        ("finance 财政", "dispatcher", office.token(Role.FINANCE, PROVINCE)),
        ("audit 审计", "dispatcher", audit),
        ("operator 运维", "notifier", office.token(Role.OPERATOR, PROVINCE)),
    )
    for who, service, token in links:
        console.print(f"{who}: {office.urls[service]}/sign-in#token={token}", soft_wrap=True, highlight=False)
    console.print("Ctrl-C ends. 按 Ctrl-C 结束。")


def _end_on_signals(run: Running) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, _frame: run.ask_to_end(signal.Signals(signum).name))
