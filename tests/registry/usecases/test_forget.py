"""What is destroyed by age, without anybody asking."""

import io
import threading

import openpyxl
import pytest

from services.registry.usecases.forget import ANSWERS_LAST, ROSTERS_LAST, Forgetting
from shared.database import Database
from tests.journeys.waiting import wait_until
from tests.registry.conftest import Registry
from tests.registry.rosters import worker, xlsx

NAME = "令狐无名"


def look(registry: Registry) -> None:
    Forgetting(registry.parts.database, registry.clock).look()


def test_refused_rows_and_the_file_s_name_are_kept_for_half_a_year_and_then_never_open_again(
    registry: Registry,
) -> None:
    roster_id = registry.upload(
        xlsx([worker(1), worker(2, name=NAME, resident_id="1", stop=NAME)]), f"{NAME}.xlsx"
    ).json()["roster_id"]
    registry.clock.advance(seconds=ROSTERS_LAST.total_seconds())
    look(registry)
    client = registry.client()
    assert client.get(f"/api/rosters/{roster_id}").json()["file_name"] == f"{NAME}.xlsx"
    assert NAME.encode() in registry.client().get(f"/rosters/{roster_id}?outcome=refused").content

    registry.clock.advance(seconds=1)
    look(registry)
    assert registry.sql("SELECT wrapped_key FROM roster UNION SELECT wrapped_key FROM refused_row") == [
        (None,)
    ]
    roster = client.get(f"/api/rosters/{roster_id}").json()
    assert (roster["file_name"], roster["accepted"], roster["refused"]) == (None, 1, 1)
    accepted, refused = roster["rows"]
    assert accepted["name"] != ""
    assert [error["code"] for error in refused["errors"]] == ["erased"]
    content = client.get(f"/api/rosters/{roster_id}/refused.xlsx").content
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row == 1
    for path in ("/rosters", f"/rosters/{roster_id}"):
        page = client.get(path)
        assert page.status_code == 200
        assert roster_id in page.text
        assert NAME not in page.text


def test_an_answer_is_repeated_for_a_week_and_then_gone(registry: Registry) -> None:
    batch = {"requests": [worker(1), worker(2, stop=NAME)]}
    client, headers = registry.client(), {"Idempotency-Key": "key-00001"}
    first = client.post("/api/requests/batch", json=batch, headers=headers).json()
    registry.clock.advance(seconds=ANSWERS_LAST.total_seconds())
    look(registry)
    client = registry.client()
    assert client.post("/api/requests/batch", json=batch, headers=headers).json() == first

    registry.clock.advance(seconds=1)
    look(registry)
    assert registry.counts()["idempotent_answer"] == 0
    again = registry.client().post("/api/requests/batch", json=batch, headers=headers).json()
    assert again["accepted"] == []
    assert registry.counts()["travel_request"] == 1


def test_the_service_has_the_worker(registry: Registry) -> None:
    assert [type(one) for one in registry.service.workers].count(Forgetting) == 1


def test_it_waits_while_the_database_is_away_and_ends_when_asked(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
    stop = threading.Event()
    worker_thread = threading.Thread(target=Forgetting(away, registry.clock).run, args=(stop,))
    worker_thread.start()
    wait_until(lambda: "registry forgetting waits" in caplog.text, "it says that it waits", every_s=0.02)
    assert worker_thread.is_alive()
    stop.set()
    worker_thread.join(10)
    assert not worker_thread.is_alive()
    away.dispose()
