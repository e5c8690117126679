"""`zhida demo --once` as it is typed: every figure of the day, and a status that is 0 only if every stage came out."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient
from psycopg.rows import TupleRow
from rich.cells import cell_len

from shared.events import TOPICS
from shared.messaging.kafka.clients import ClosingSocket
from shared.messaging.poison import DEAD_LETTER_TOPIC

SERVICES = ("registry", "dispatcher", "notifier", "planner")
OURS = (*TOPICS, DEAD_LETTER_TOPIC)

FIGURES = {
    "batches 批次": r"in the files\|planned",
    "workers 人数": r"accepted\|carried",
    "coaches 车次": "",
    "seats 座位": r"for sale\|sold\|used, by who arrived",
    "cost 包车费用": "yuan",
    "cost per worker 人均": "yuan",
    "enterprises 企业承担": "yuan",
    "subsidy 补贴": "yuan by origin_county, N payers",
    "unserved 未安排": r"N% of the workers(\|[a-z-]+)*",
    "notices 通知": r"email sent\|sms sent",
    "confirmations 到达确认": r"arrived(\|(no_show|refused|disputed))*",
    "claims 申报": r"yuan paid on N claims(\|yuan refused, its invoice was wrong)?(\|yuan paid on one more, of which\|yuan clawed back)?",
    "seconds 用时": (
        r"sample written\|terms loaded\|rosters to pools\|planned\|approved and told\|contracts signed\|ridden and confirmed"
        r"\|settled\|claimed and paid"
    ),
}
"""Each figure, and of what it has amounts, as a pattern."""

ZHIDA = ("-m", "services")
SPOILT = """
import sys, openpyxl
from services.cli import main
from services.demo import run
from services.sample import write_sample

def write_and_spoil(folder, **given):
    sample = write_sample(folder, **given)
    {spoil}
    return sample

run.write_sample = write_and_spoil
main()
"""
"""A program that is `zhida`, but something is wrong with the files of its sample."""
A_WRONG_PHONE = """
    path = min((folder / "rosters").iterdir())
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["C2"] = "123"
    book.save(path)
"""
NO_TARIFFS = '(folder / "tariffs.yaml").write_text("tariffs: []")'


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demo puts what is temporary; the path of a socket below it must be short."""
    with tempfile.TemporaryDirectory(prefix="zd-") as name:
        yield Path(name)


@pytest.fixture
def server(postgres: str) -> Iterator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection


def databases(server: psycopg.Connection[TupleRow]) -> set[str]:
    return {name for (name,) in server.execute("SELECT datname FROM pg_database")}


def demo(folder: Path, people: int, program: Sequence[str] = ZHIDA) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *program, "demo", "--once", "--people", str(people), "--port", "0"]
    environment = {**os.environ, "TMPDIR": str(folder), "COLUMNS": "80"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def read_table(printed: str) -> dict[str, dict[str, float]]:
    """The table that was printed: figure -> of what -> amount."""
    table: dict[str, dict[str, float]] = {}
    for line in printed.splitlines():
        if line.startswith("│"):
            name, amount, what = (cell.strip() for cell in line.strip("│").split("│"))
            table.setdefault(name or list(table)[-1], {})[what] = float(amount.replace(",", ""))
    return table


@pytest.fixture(scope="module")
def printed() -> dict[str, dict[str, float]]:
    """What a small day prints: it ended with 0 and left nothing behind."""
    with tempfile.TemporaryDirectory(prefix="zd-") as name:
        done = demo(Path(name), 300)
        assert done.returncode == 0, done.stdout + done.stderr
        assert list(Path(name).iterdir()) == []
    assert max(map(cell_len, done.stdout.splitlines())) <= 80
    traced = re.findall(r"zhida trace C-\S+ \((\w+)\): (whole|not whole)", done.stdout)
    assert traced == [("paid", "whole"), ("rejected", "whole"), ("recovered", "whole")]
    return read_table(done.stdout)


def test_every_figure_of_the_day_is_printed(printed: dict[str, dict[str, float]]) -> None:
    found = {
        name: "|".join(re.sub(r"\d+(\.\d+)?", "N", what) for what in lines) for name, lines in printed.items()
    }
    assert list(found) == list(FIGURES)
    assert [name for name, expected in FIGURES.items() if not re.fullmatch(expected, found[name])] == []


def test_the_figures_agree_and_at_most_one_worker_in_a_hundred_has_no_seat_for_a_reason(
    printed: dict[str, dict[str, float]],
) -> None:
    amounts = {name: list(lines.values()) for name, lines in printed.items()}
    accepted, carried = amounts["workers 人数"]
    unserved, *by_reason = amounts["unserved 未安排"]
    assert accepted - carried == unserved == sum(by_reason)
    assert unserved <= accepted * 0.01
    for_sale, sold, used = amounts["seats 座位"]
    assert for_sale >= sold == carried == sum(amounts["confirmations 到达确认"])
    assert used == printed["confirmations 到达确认"]["arrived"] > carried * 0.9
    assert printed["notices 通知"]["sms sent"] == carried
    (cost,), (each,) = amounts["cost 包车费用"], amounts["cost per worker 人均"]
    assert each == pytest.approx(cost / carried, abs=0.01)
    assert cost == pytest.approx(sum(amounts["enterprises 企业承担"] + amounts["subsidy 补贴"]))
    assert min(amounts["seconds 用时"]) > 0


@pytest.mark.parametrize(
    ("spoil", "zh", "en"),
    [
        (
            A_WRONG_PHONE,
            "花名册有 1 行被退回，原因见登记服务的“花名册”页。",
            "1 rows of the rosters were refused. The registry's page of rosters says why.",
        ),
        (
            NO_TARIFFS,
            "阶段“planned”没有完成。POST /api/rounds 被拒绝（409）：2020-02-24 没有生效的价目表",
            "The stage “planned” did not come out. The call POST /api/rounds was refused with 409: No tariff is in force",
        ),
    ],
    ids=["a row is refused", "a stage fails"],
)
def test_what_did_not_come_out_is_said_with_a_status_of_1_and_the_log_is_kept(
    folder: Path, spoil: str, zh: str, en: str
) -> None:
    done = demo(folder, 30, ["-c", SPOILT.format(spoil=spoil)])
    assert done.returncode == 1
    said = "".join((done.stdout + done.stderr).split())  # whatever the width of the terminal
    assert "".join(zh.split()) in said
    assert "".join(en.split()) in said
    [log] = folder.iterdir()
    assert f"日志 The log: {log}\n" in done.stdout
    assert json.loads(log.read_text().splitlines()[-1])["service"] == "demo"


def test_on_a_broker_and_a_server_of_others_everything_has_the_runs_own_name_and_its_databases_are_dropped(
    folder: Path, kafka: str, postgres: str, server: psycopg.Connection[TupleRow]
) -> None:
    options = ("--kafka", kafka, "--database", postgres.replace("://", "+psycopg://", 1))
    command = [sys.executable, *ZHIDA, "demo", "--people", "30", "--port", "0", *options]
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    printed = ""
    with closing(KafkaAdminClient(bootstrap_servers=kafka, proxy_url=ClosingSocket.URL)) as broker:
        before = databases(server), set(broker.list_topics()), groups(broker)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                printed += line
                if line.startswith("Ctrl-C ends."):
                    break
            made = databases(server) - before[0]
            process.send_signal(signal.SIGINT)
            printed += process.stdout.read()
        assert process.returncode == 0, printed
        run = min(made).split("_")[1]
        assert made == {f"demo_{run}_{service}" for service in SERVICES}
        assert databases(server) == before[0]
        assert set(broker.list_topics()) - before[1] == {f"demo-{run}.{topic}" for topic in OURS}
        assert groups(broker) - before[2] == {f"demo-{run}.{service}" for service in SERVICES}


def groups(broker: KafkaAdminClient) -> set[str]:
    return {group["group_id"] for group in broker.list_groups()}
