"""What an operator types beside the services: dead letters, documents, a sample, a token."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from services import docs
from services.cli import app
from services.registry.service import build
from services.registry.settings import RegistrySettings
from shared.database import Database
from shared.events import RequestWithdrawn, TripDeparted
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.errors import ZhidaError
from shared.messaging import Cause, emit_all
from shared.messaging.deadletters import bury
from shared.messaging.kafka import KafkaBus
from shared.messaging.message import Message
from shared.messaging.poison import NotJson
from shared.messaging.unpublished import read_backlog
from shared.runtime import Service, running
from tests.shared.messaging.world import running as working
from tests.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).parent.parent
FACT = b'{"version":1,"trip_id":"T-522732-20270301-001","at":"2027-03-01T00:00:00Z","request_ids":[]}'


def type_in(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture
def registry_database(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The environment names a registry without dead letters; its database is made by the first command."""
    assert type_in("keys", "--out", str(tmp_path)).exit_code == 0
    monkeypatch.setenv("ZHIDA_DATABASE_URL", database_url)
    monkeypatch.setenv("ZHIDA_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    monkeypatch.setenv("ZHIDA_VAULT_KEY_FILE", str(tmp_path / "vault.key"))
    for name in docs.SERVICES:
        monkeypatch.setenv(f"ZHIDA_{name.upper()}_DATABASE_URL", database_url)
    listed = type_in("deadletters", "registry")
    assert (listed.exit_code, listed.stdout) == (0, "")
    return Database(database_url)


def put_aside(database: Database, value: bytes) -> str:
    """A message on the dead letters' shelf; its id."""
    headers = (("ce_type", TripDeparted.type_name().encode()), ("ce_id", b"fact-1"))
    message = Message("zhida.handovers", "0", 7, b"trip", value, headers)
    with database.session() as session:
        assert bury(session, "registry", message, NotJson(detail="half a line"), SystemClock())
    database.dispose()
    listed = type_in("deadletters", "registry").stdout
    assert "zhida.handovers/0@7  not-json: The message's value is not JSON: half a line." in listed
    return listed.split()[0]


def test_a_dead_letter_is_taken_in_again_once_its_cause_is_mended(registry_database: Database) -> None:
    identity = put_aside(registry_database, FACT)
    replayed = type_in("deadletters", "registry", "--replay", identity)
    assert (replayed.exit_code, replayed.stdout) == (0, "taken in 1, known already 0, refused 0\n")
    assert type_in("deadletters", "registry").stdout == ""


def test_a_dead_letter_that_is_still_of_no_use_stays_and_the_command_fails(
    registry_database: Database,
) -> None:
    identity = put_aside(registry_database, b"{")
    replayed = type_in("deadletters", "registry", "--replay", "all")
    assert replayed.exit_code == 1
    assert replayed.stdout == f"taken in 0, known already 0, refused 1\n{identity}  not-json\n"
    assert identity in type_in("deadletters", "registry").stdout


def test_all_dead_letters_are_taken_in_again_however_many(registry_database: Database) -> None:
    with registry_database.session() as session:
        for number in range(101):
            headers = (("ce_type", TripDeparted.type_name().encode()), ("ce_id", f"fact-{number}".encode()))
            message = Message("zhida.handovers", "0", number, b"trip", FACT, headers)
            assert bury(session, "registry", message, NotJson(detail="half a line"), SystemClock())
    registry_database.dispose()
    assert len(type_in("deadletters", "registry").stdout.splitlines()) == 101
    replayed = type_in("deadletters", "registry", "--replay", "all")
    assert (replayed.exit_code, replayed.stdout) == (0, "taken in 101, known already 0, refused 0\n")
    assert type_in("deadletters", "registry").stdout == ""


# --- a broker that lost its log --------------------------------------------------------------------------------------


def tell(database: Database, *request_ids: str) -> None:
    events = [RequestWithdrawn(version=1, request_id=identity, reason="test") for identity in request_ids]
    with database.session() as session:
        emit_all(session, events, source="registry", cause=Cause.fresh(), clock=SystemClock())


@pytest.mark.parametrize("by", ["all", "since", "sequence"])
def test_what_was_told_is_told_again_to_a_broker(
    registry_database: Database, kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setenv("ZHIDA_BUS", "kafka")
    monkeypatch.setenv("ZHIDA_KAFKA_BOOTSTRAP", kafka)
    monkeypatch.setenv("ZHIDA_KAFKA_PREFIX", topic_prefix)
    bus = KafkaBus(kafka, prefix=topic_prefix)
    reader = bus.subscribe("reader", registry_database, [RequestWithdrawn.topic])
    told: list[bytes | None] = []

    def has_told(count: int) -> bool:
        told.extend(message.key for message in reader.poll(0.5))
        return len(told) >= count

    with closing(registry_database.engine.connect()) as connection, closing(reader):
        with working(*bus.relays("registry", registry_database)):
            tell(registry_database, "a")
            wait_until(lambda: has_told(1), "the first event")
            moment, seq = connection.execute(text("SELECT now(), max(seq) + 1 FROM outbox")).one()
            connection.rollback()
            tell(registry_database, "b", "c")
            wait_until(lambda: has_told(3), "the others")
            wait_until(lambda: read_backlog(connection).unpublished == 0, "their marks")
        options = {
            "all": (),
            "since": ("--since", moment.isoformat()),
            "sequence": ("--from-sequence", f"{seq}"),
        }
        again = type_in("republish", "registry", *options[by])
        expected = [b"a", b"b", b"c"] if by == "all" else [b"b", b"c"]
        assert (again.exit_code, again.stdout) == (0, f"told again {len(expected)}\n")
        assert read_backlog(connection).unpublished == len(expected)
        connection.rollback()
        told.clear()
        with working(*bus.relays("registry", registry_database)):
            wait_until(lambda: has_told(len(expected)), "all of it once more")
        assert sorted(told) == expected
    bus.close()
    registry_database.dispose()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--since", "yesterday"), "time-unclear"),
        (("--since", "2027-03-01T08:00"), "time-unclear"),
        (("--since", "2027-03-01T08:00+08:00", "--from-sequence", "7"), "two-beginnings"),
        ((), "no-broker"),
    ],
)
def test_where_nothing_can_be_told_again_the_command_says_why(
    registry_database: Database, options: tuple[str, ...], code: str
) -> None:
    tell(registry_database, "a")
    registry_database.dispose()
    refused = type_in("republish", "registry", *options)
    assert isinstance(refused.exception, ZhidaError)
    assert refused.exception.code == code


def test_a_document_that_the_code_no_longer_says_is_named_and_written_anew(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "deploy/examples", tmp_path / "deploy/examples")
    docs.check_documents(tmp_path)
    drifted = [tmp_path / "deploy/examples/notifier.env", tmp_path / "docs/openapi/registry.json"]
    drifted[0].write_text(drifted[0].read_text().replace("ZHIDA_PORT", "ZHIDA_DOOR"))
    drifted[1].unlink()
    with pytest.raises(docs.DocumentsDrifted) as caught:
        docs.check_documents(tmp_path)
    for path in drifted:
        assert str(path.relative_to(tmp_path)) in caught.value.message("en")
    assert sorted(docs.write_documents(tmp_path)) == sorted(drifted)
    docs.check_documents(tmp_path)


@pytest.mark.parametrize("service", docs.SERVICES)
def test_no_schema_is_named_by_where_its_code_stands(service: str) -> None:
    """Two models of one name are told apart by their modules, and a file that moves would break whoever reads them."""
    document = json.loads((ROOT / f"docs/openapi/{service}.json").read_text(encoding="utf-8"))
    names = document.get("components", {}).get("schemas", {})
    assert [name for name in names if name.startswith(("services__", "shared__"))] == []


# --- a sample and a token --------------------------------------------------------------------------------------------


def test_a_sample_is_written_as_bureaus_send_it(tmp_path: Path) -> None:
    command = f"sample --people 60 --days 2 --start 2027-03-01 --seed 3 --out {tmp_path}"
    written = type_in(*command.split())
    assert written.exit_code == 0
    names = {path.name for path in tmp_path.iterdir()}
    files = {"enterprises.xlsx", "fleet.csv", "tariffs.yaml", "policy.yaml", "budgets.csv"}
    assert names == {"rosters"} | files
    rosters = sorted(path.name for path in (tmp_path / "rosters").iterdir())
    assert {name[-13:] for name in rosters} == {"20270301.xlsx", "20270302.xlsx"}
    assert all(re.fullmatch(r"52\d{4}-\w+-\d{8}\.xlsx", name) for name in rosters)
    assert f"rosters={len(rosters)}," in written.stderr


@pytest.fixture
def served(registry_database: Database) -> Iterator[tuple[str, FixedClock]]:
    """A registry that the environment configures, its address, and a clock for it that stands."""
    clock = FixedClock(SystemClock().now())
    service = build(RegistrySettings(), clock=clock)
    with running({"": Service("registry", service.app)}, "127.0.0.1", 0) as run:
        yield run.url, clock
    service.close()


def test_a_token_opens_what_its_role_may_until_it_expires(served: tuple[str, FixedClock]) -> None:
    url, clock = served
    printed = type_in("token", "--role", "bureau", "--area", "522732", "--hours", "2")
    headers = {"Authorization": f"Bearer {printed.stdout.strip()}"}
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as caller:
        assert caller.get("/api/rosters").json()["total"] == 0
        assert caller.post("/api/directory", json={}).json()["code"] == "role-missing"
        clock.advance(hours=2, seconds=1)
        answer = caller.get("/api/rosters")
    assert (answer.status_code, answer.json()["code"]) == (401, "token-expired")


def test_a_sign_in_link_carries_a_token_that_signs_a_browser_in(served: tuple[str, FixedClock]) -> None:
    url, _ = served
    options = ("--role", "bureau", "--area", "522732", "--name", "三都县人社局", "--link", f"{url}/")
    address, _, token = type_in("token", *options).stdout.strip().partition("#token=")
    assert address == f"{url}/sign-in"
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(headers=headers, timeout=PATIENCE_S) as browser:
        page = browser.post(address, data={"token": token}, follow_redirects=True)
    assert page.url.path == "/rosters"
    assert "三都县人社局" in page.text


def test_the_months_of_tracking_that_are_due_are_made_by_a_command_once(registry_database: Database) -> None:
    with registry_database.session() as session:
        run = session.connection().exec_driver_sql
        run(
            "INSERT INTO person (id, file_id, fingerprint, wrapped_key, resident_id_sealed, created_at) "
            "VALUES ('P', 'P', 'f', 'k', 's', now())"
        )
        run(
            "INSERT INTO person_file (person_id, place_code, opened_at, opened_by) VALUES ('P', '522732001', now(), 'x')"
        )
        run(
            "INSERT INTO tracking (id, person_id, opened_on, opened_at, opened_by, displaced) "
            "VALUES ('T', 'P', date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') - interval '1 day', now(), 'x', '[]')"
        )
    made = type_in("tracking-months")
    assert made.exit_code == 0
    assert re.fullmatch(r"\d{4}-\d{2}  1\n", made.stdout)
    again = type_in("tracking-months")
    assert (again.exit_code, again.stdout) == (0, "")
    registry_database.dispose()
