"""What is destroyed by age, without anybody asking: rule by rule, to the second, in batches, and first only counted."""

import io
import threading
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from services.cli import app
from services.registry.domain.outside import OutsideKind
from services.registry.usecases.privacy import retention
from services.registry.usecases.privacy.retention import Retaining, apply_retention, list_due
from shared.database import Database
from shared.kernel.clock import local_date
from tests.registry.conftest import Registry
from tests.registry.folk import add_folk
from tests.registry.lists import load_lines
from tests.registry.rosters import resident_id, worker, xlsx
from tests.waiting import wait_until

NAME = "令狐无名"


def look(registry: Registry) -> None:
    Retaining(registry.parts.database, registry.clock).look()


def due(registry: Registry) -> dict[str, int]:
    """What would go, by rule, where it is anything."""
    return {one.rule.id: one.count for one in list_due(registry.parts.database, registry.clock) if one.count}


def age(registry: Registry, *, months: int) -> None:
    """To the very moment at which what happened now has had its time; a second later it goes."""
    now = registry.clock.now()
    years, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    registry.clock.at = now.replace(year=years, month=month + 1)


def set_status(registry: Registry, status: str) -> None:
    with registry.parts.database.session() as session:
        session.connection().execute(text("UPDATE travel_request SET status = :status"), {"status": status})


def test_refused_rows_and_the_file_s_name_are_kept_for_half_a_year_and_then_never_open_again(
    registry: Registry,
) -> None:
    roster_id = registry.upload(
        xlsx([worker(1), worker(2, name=NAME, resident_id="1", stop=NAME)]), f"{NAME}.xlsx"
    ).json()["roster_id"]
    age(registry, months=6)
    assert "rosters" not in due(registry)
    look(registry)
    client = registry.client()
    assert client.get(f"/api/rosters/{roster_id}").json()["file_name"] == f"{NAME}.xlsx"
    assert NAME.encode() in registry.client().get(f"/rosters/{roster_id}?outcome=refused").content

    registry.clock.advance(seconds=1)
    assert due(registry)["rosters"] == 1
    look(registry)
    assert "rosters" not in due(registry)
    assert registry.sql("SELECT wrapped_key FROM roster UNION SELECT wrapped_key FROM refused_row") == [
        (None,)
    ]
    roster = client.get(f"/api/rosters/{roster_id}").json()
    assert (roster["file_name"], roster["accepted"], roster["refused"]) == (None, 1, 1)
    assert [error["code"] for error in roster["rows"][1]["errors"]] == ["erased"]
    content = client.get(f"/api/rosters/{roster_id}/refused.xlsx").content
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row == 1
    for path in ("/rosters", f"/rosters/{roster_id}"):
        page = client.get(path)
        assert page.status_code == 200
        assert NAME not in page.text


def test_an_answer_is_repeated_for_a_week_and_then_gone(registry: Registry) -> None:
    batch = {"requests": [worker(1), worker(2, stop=NAME)]}
    client, headers = registry.client(), {"Idempotency-Key": "key-00001"}
    first = client.post("/api/requests/batch", json=batch, headers=headers).json()
    registry.clock.advance(days=7)
    look(registry)
    client = registry.client()
    assert client.post("/api/requests/batch", json=batch, headers=headers).json() == first

    registry.clock.advance(seconds=1)
    assert due(registry) == {"answers": 1}
    look(registry)
    assert registry.counts()["idempotent_answer"] == 0


def test_what_a_list_says_of_people_is_kept_for_two_years_and_that_it_was_loaded_for_good(
    registry: Registry,
) -> None:
    line = [resident_id(1), "2020-01-01"]
    told = load_lines(registry, OutsideKind.DECEASED, line)
    age(registry, months=24)
    newer = load_lines(registry, OutsideKind.DECEASED, [*line, "again"])
    look(registry)
    assert registry.counts()["outside_fact"] == 2

    registry.clock.advance(seconds=1)
    look(registry)
    assert registry.sql("SELECT list_id FROM outside_fact") == [(newer["list_id"],)]
    listed = registry.client().get("/api/outside-lists").json()["items"]
    assert [one["list_id"] for one in listed] == [newer["list_id"], told["list_id"]]


@pytest.mark.parametrize("status", ["withdrawn", "no_show", "refused"])
def test_a_request_that_came_to_nothing_is_nobody_s_after_half_a_year_and_still_counts(
    registry: Registry, status: str
) -> None:
    [request_id] = registry.accept(worker(1, name=NAME))
    set_status(registry, status)
    age(registry, months=6)
    look(registry)
    assert registry.client().get(f"/api/requests/{request_id}").json()["name"] != "—"
    [(person_id,)] = registry.sql("SELECT person_id FROM travel_request")

    registry.clock.advance(seconds=1)
    assert due(registry)["unsuccessful-requests"] == 1
    look(registry)
    shown = registry.client().get(f"/api/requests/{request_id}").json()
    assert (shown["name"], shown["resident_id"], shown["phone"], shown["status"]) == ("—", "—", "—", status)
    assert registry.sql("SELECT person_id, phone_fingerprint, name_sealed FROM travel_request") == [
        (request_id, None, b"")
    ]
    # of the person nothing is kept now, so they go too
    assert registry.sql("SELECT wrapped_key, fingerprint FROM person WHERE id = :id", id=person_id) == [
        (None, f"erased/{person_id}")
    ]
    assert [one["request_id"] for one in registry.told("PersonErased")] == [request_id]
    assert due(registry) == {}
    look(registry)
    assert len(registry.told("PersonErased")) == 1


@pytest.mark.parametrize(
    ("status", "rule", "months"),
    [("arrived", "requests", 36), ("disputed", "requests", 36), ("unserved", "unsuccessful-requests", 6)],
)
def test_a_carried_request_is_somebody_s_for_three_years_from_its_latest_day(
    registry: Registry, status: str, rule: str, months: int
) -> None:
    [request_id] = registry.accept(worker(1))
    set_status(registry, status)
    [(latest,)] = registry.sql("SELECT latest FROM travel_request")
    assert latest == date(2020, 2, 26)
    registry.clock.at = datetime(
        2020 + months // 12, 2 + months % 12, 26, 12, tzinfo=registry.clock.at.tzinfo
    )
    assert rule not in due(registry)
    registry.clock.advance(days=1)
    assert due(registry)[rule] == 1
    look(registry)
    assert registry.sql("SELECT person_id FROM travel_request") == [(request_id,)]


def test_who_has_a_file_keeps_it_when_their_requests_have_had_their_time(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    [request_id] = registry.accept(worker(1, resident_id=one.resident_id))
    add = "INSERT INTO tracking (id, person_id, request_id, opened_on, opened_at, opened_by, displaced) VALUES ('T', :person, :request, '2020-03-01', now(), :request, '[]')"
    with registry.parts.database.session() as session:
        session.connection().execute(text(add), {"person": one.id, "request": request_id})
    set_status(registry, "arrived")
    registry.clock.advance(days=4 * 366)
    look(registry)
    assert registry.sql("SELECT wrapped_key IS NULL FROM person WHERE id = :id", id=one.id) == [(False,)]
    assert registry.sql("SELECT person_id FROM travel_request") == [(request_id,)]
    assert registry.sql("SELECT request_id, opened_by FROM tracking") == [(None, "")]  # nothing leads back


def test_accesses_are_kept_for_three_years(registry: Registry) -> None:
    roster_id = registry.upload(xlsx([worker(1, phone="1")])).json()["roster_id"]
    registry.client().get(f"/api/rosters/{roster_id}/refused.xlsx")
    age(registry, months=36)
    look(registry)
    assert registry.counts()["access_log"] == 1
    registry.clock.advance(seconds=1)
    look(registry)
    assert registry.counts()["access_log"] == 0


def test_each_rule_is_counted_and_applied_on_every_table_that_it_names(registry: Registry) -> None:
    """Registers, the province's lines and links, put straight into their tables: one that is too old, one that is not."""
    old, new = "2019-01-01T00:00Z", registry.clock.now().isoformat()
    with registry.parts.database.session() as session:
        for name, at in (("old", old), ("new", new)):
            for statement in (
                "INSERT INTO population (id, area_code, sha256, kind, file_name_sealed, layout_sealed, wrapped_key, size, rows, done, fresh,"
                " changed, unchanged, refused, loaded_by, loaded_at) VALUES (:name, '522732', :name, 'csv', 'x', 'x', 'k', 1, 2, 2,"
                " 0, 0, 0, 1, 'x', :at)",
                "INSERT INTO population_refused (population_id, row, codes, fingerprint, wrapped_key, sealed)"
                " VALUES (:name, 2, '{}', 'f', 'k', 'x')",
                "INSERT INTO province_import (id, area_code, stamp, mapping_id, mapping_version, fresh, changed, unchanged,"
                " conflicts, refused, imported_by, imported_at) VALUES (:name, '522732', :name, 'm', 1, 0, 0, 0, 0, 1, 'x', :at)",
                "INSERT INTO province_refused (import_id, row, codes, fingerprint, wrapped_key, sealed)"
                " VALUES (:name, 2, '{}', 'f', 'k', 'x')",
                "INSERT INTO person (id, file_id, fingerprint, wrapped_key, resident_id_sealed, created_at)"
                " VALUES (:name, :name, :name, 'k', 'x', :at)",
                "INSERT INTO person_file (person_id, place_code, opened_at, opened_by) VALUES (:name, '522732103', :at, 'x')",
                "INSERT INTO rights_link (jti, person_id, place_code, made_by, made_at, expires_at)"
                " VALUES (:name, :name, '522732103', 'x', :at, :at)",
            ):
                session.connection().execute(text(statement), {"name": name, "at": at})
    assert due(registry) == {"registers": 1, "province-lines": 1, "rights-links": 1}
    look(registry)
    assert due(registry) == {}
    kept = "SELECT count(wrapped_key), count(*) FROM"
    assert registry.sql(f"{kept} population") == registry.sql(f"{kept} population_refused") == [(1, 2)]
    assert registry.sql(f"{kept} province_refused") == [(1, 2)]
    assert registry.sql("SELECT jti FROM rights_link") == [("new",)]
    assert registry.sql(f"{kept} person") == [(2, 2)]


def test_it_works_in_batches_that_are_stopped_and_go_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    registry.accept(*(worker(number) for number in range(1, 6)))
    set_status(registry, "withdrawn")
    registry.clock.advance(days=200)
    asked: list[Any] = []

    def stop_after_one() -> bool:
        asked.append(1)
        return due(registry).get("unsuccessful-requests", 0) < 5

    database = registry.parts.database
    list(apply_retention(database, registry.clock, stop_after_one))
    assert due(registry)["unsuccessful-requests"] == 3
    done = {one.rule.id: one.count for one in apply_retention(database, registry.clock)}
    assert (done["unsuccessful-requests"], done["people-without-a-file"]) == (3, 5)
    assert due(registry) == {}


def test_the_command_counts_first_and_then_destroys(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.accept(worker(1))
    set_status(registry, "withdrawn")  # long ago, by the machine's clock
    monkeypatch.setenv("ZHIDA_DATABASE_URL", registry.parts.database.url)
    dry = CliRunner().invoke(app, ["retention", "--dry-run"])
    assert dry.exit_code == 0, dry.output
    [line] = [line for line in dry.stdout.splitlines() if "unsuccessful-requests" in line]
    assert line.split()[0] == "unsuccessful-requests"
    assert line.split()[-1] == "1"
    assert registry.sql("SELECT count(*) FROM travel_request WHERE person_id = id") == [(0,)]
    done = CliRunner().invoke(app, ["retention"])
    assert done.exit_code == 0, done.output
    assert registry.sql("SELECT count(*) FROM travel_request WHERE person_id = id") == [(1,)]
    assert local_date(registry.clock.now()) == date(2020, 2, 20)


def test_the_service_has_the_worker(registry: Registry) -> None:
    assert [type(one) for one in registry.service.workers].count(Retaining) == 1


def test_it_waits_while_the_database_is_away_and_ends_when_asked(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
    stop = threading.Event()
    worker_thread = threading.Thread(target=Retaining(away, registry.clock).run, args=(stop,))
    worker_thread.start()
    wait_until(lambda: "registry retention waits" in caplog.text, "it says that it waits")
    assert worker_thread.is_alive()
    stop.set()
    worker_thread.join(10)
    assert not worker_thread.is_alive()
    away.dispose()
