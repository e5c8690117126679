"""The three services in one process, and one day lived through them: 24 February 2020 from roster files to money.

Knows how to put the parts together on one machine; what is done with them is `services.day`.
"""

import secrets
import shutil
import signal
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table
from sqlalchemy import make_url

from services.day import PROVINCE, Day, Office, live
from services.dispatcher.service import build as build_dispatcher
from services.dispatcher.settings import DispatcherSettings
from services.notifier.service import build as build_notifier
from services.notifier.settings import NotifierSettings
from services.registry.service import build as build_registry
from services.registry.settings import RegistrySettings
from services.sample import write_sample
from shared import logs
from shared.embedded import EmbeddedPostgres
from shared.kernel.clock import SHANGHAI, ReplayClock
from shared.kernel.money import yuan
from shared.runtime import Running, Service, running
from shared.security import Keyring, Role

DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime.combine(DAY - timedelta(days=1), time(9), SHANGHAI)
EVENING_AFTER = datetime.combine(DAY + timedelta(days=2), time(20), SHANGHAI)
"""When the last coach has arrived: the longest way takes about 40 hours."""
SERVICES = ("registry", "dispatcher", "notifier")
PLANNER_SECONDS = 1.0
"""Search a pool: 71 pools on 2 cores take a bit more than half a minute."""

console = Console()


def run_demo(
    *, once: bool, people: int, seed: int, port: int, kafka: str | None, database: str | None
) -> int:
    """Live the day, print its figures, serve the pages until Ctrl-C unless `once`; gives the exit status.

    0 only if every stage came out. `kafka` is a bootstrap address; `database` the URL of a PostgreSQL server
    whose user may create databases. Without them both are embedded.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhida-demo-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        logs.configure("demo", "info", closing.enter_context((folder / "log.jsonl").open("w")))
        databases = _databases(folder, database, closing)
        clock = ReplayClock(MORNING_BEFORE)
        port = _free_port(port)
        services = _build(folder, databases, kafka, clock, f"http://127.0.0.1:{port}")
        run = closing.enter_context(running(services, "127.0.0.1", port))
        urls = {name: f"{run.url}/{name}" for name in SERVICES}
        office = closing.enter_context(Office(urls, Keyring.from_file(folder / "signing.key"), clock))
        bar = closing.enter_context(Progress(console=console, transient=True))
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        day = Day(office, folder / "season", DAY, clock, seed=seed, progress=progress)
        with day.stage("sample written"):
            sample = write_sample(day.folder, people=people, start=DAY, seed=seed)
        live(day, lambda: clock.jump_to(EVENING_AFTER))
        bar.stop()
        _print_figures(day, sample.batches)
        if once:
            return int(run.failed)
        _print_links(office, day)
        return _serve_until_interrupted(run)


def _databases(folder: Path, server_url: str | None, closing: ExitStack) -> dict[str, str]:
    if server_url is None:
        server = EmbeddedPostgres(folder / "server")
        closing.callback(server.stop)
        return {name: server.url(name) for name in SERVICES}
    run = secrets.token_hex(3)  # a day's databases of their own: a second demo finds nothing of the first
    names = {name: make_url(server_url).set(database=f"demo_{run}_{name}") for name in SERVICES}
    return {name: url.render_as_string(hide_password=False) for name, url in names.items()}


def _build(
    folder: Path, databases: dict[str, str], kafka: str | None, clock: ReplayClock, base: str
) -> dict[str, Service]:
    for name in ("signing.key", "vault.key"):
        (folder / name).write_text(secrets.token_hex(32))
    common: dict[str, Any] = {
        "signing_key_file": folder / "signing.key",
        "bus": "kafka" if kafka else "embedded",
        "kafka_bootstrap": kafka,
        **{f"{name}_database_url": url for name, url in databases.items()},
        **{f"{name}_url": f"{base}/{name}" for name in SERVICES},
    }

    def settings(name: str) -> dict[str, Any]:
        return {**common, "database_url": databases[name], "public_url": f"{base}/{name}"}

    registry = RegistrySettings(**settings("registry"), vault_key_file=folder / "vault.key")
    dispatcher = DispatcherSettings(**settings("dispatcher"), planner_seconds=PLANNER_SECONDS, cut_off=None)
    notifier = NotifierSettings(**settings("notifier"), mail="console", webhook_allow_private=True)
    return {
        "/registry": build_registry(registry, clock=clock),
        "/dispatcher": build_dispatcher(dispatcher, clock=clock),
        "/notifier": build_notifier(notifier, clock=clock),
    }


def _free_port(wanted: int) -> int:
    """`wanted`, or another where it is 0 or taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            console.print(f"port {wanted} is taken; using another")
            return _free_port(0)
        port: int = probe.getsockname()[1]
        return port


def _print_figures(day: Day, batches: int) -> None:
    summary = day.summary()
    counts = day.request_counts()
    workers, coaches = summary["workers"], summary["coaches"]
    rows = [
        ("batches 批次", f"{summary['batches']} ({batches} in the files)"),
        ("workers 人数", f"{day.accepted:,} accepted, {day.refused:,} rows refused, {workers:,} carried"),
        ("coaches 车次", f"{coaches:,}"),
        (
            "seats for sale / sold / used 座位",
            f"{summary['seats_sold']:,} / {workers:,} / {counts['arrived']:,}",
        ),
        ("cost 包车费用", f"{yuan(summary['cost_fen'])} yuan"),
        ("cost per worker 人均", f"{yuan(summary['cost_per_worker_fen'])} yuan"),
        ("borne by enterprises 企业承担", f"{yuan(summary['enterprises_fen'])} yuan"),
        *_subsidies(summary["subsidy_by_payer"]),
        ("unserved 未安排", _unserved(summary)),
        ("notices 通知", _counted(day.notice_counts())),
        ("confirmations 到达确认", _counted(counts)),
        ("seconds 用时", _counted(day.seconds)),
    ]
    table = Table("figure 指标", "value 数值", title=f"{day.day}: from roster files to settled subsidies")
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def _subsidies(by_payer: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Subsidy by kind of payer: `origin_county` has many counties."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for payer, fen in by_payer.items():
        kinds[payer.partition(":")[0]].append(fen)
    for kind, amounts in sorted(kinds.items()):
        yield f"subsidy by {kind} 补贴", f"{yuan(sum(amounts))} yuan ({len(amounts)} payers)"


def _unserved(summary: dict[str, Any]) -> str:
    share = summary["unserved"] / max(1, summary["unserved"] + summary["workers"])
    return f"{summary['unserved']} ({share:.2%}) {_counted(summary['unserved_by_reason'])}"


def _counted(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


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


def _serve_until_interrupted(run: Running) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, _frame: run.ask_to_end(signal.Signals(signum).name))
    run.wait()
    return int(run.failed)
