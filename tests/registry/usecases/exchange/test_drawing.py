"""An export is drawn up piece by piece: whoever is killed in the middle, moves, leaves or agrees meanwhile, it ends right."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from services.registry.store.exchange import drawing as store
from services.registry.store.exchange.sent import NewSent
from services.registry.store.people import erase_person
from services.registry.usecases.exchange import drawing
from services.registry.usecases.exchange.drawing import Drawing, draw_some
from shared.security import Role
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.domain.exchange.test_mapping import GOOD
from tests.registry.employed import end_employment
from tests.registry.exchanging import (
    DAHE,
    MONTH,
    PUAN,
    accept_all,
    as_csv,
    draw_up,
    fetch,
    lines_of,
    move,
    people,
    receipt,
    send,
)


def ask(registry: Registry, **more: Any) -> str:
    """The number of an export that waits."""
    answer = registry.client().post(
        "/api/exchange/exports", json={"reason": "monthly", "month": MONTH, **more}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["export_id"])


def seen(registry: Registry, export_id: str) -> dict[str, Any]:
    told: dict[str, Any] = registry.client().get(f"/api/exchange/exports/{export_id}").json()
    return told


def fetched(registry: Registry, export_id: str) -> tuple[int, str]:
    answer = registry.client().post(f"/api/exchange/exports/{export_id}/file", params={"kind": "csv"})
    return answer.status_code, answer.json()["code"]


def test_it_is_asked_for_drawn_up_with_progress_ready_and_expires(registry: Registry) -> None:
    people(registry, [1, 2, 3])
    export_id = ask(registry)
    waits = seen(registry, export_id)
    assert (waits["status"], waits["due"], waits["done"], waits["expires_at"]) == ("waiting", None, 0, None)
    assert draw_some(registry.parts, chunk=2)
    half = seen(registry, export_id)
    assert (half["status"], half["due"], half["done"], half["states"]) == ("drawing", 3, 2, {})
    rows = registry.client().get(f"/api/exchange/exports/{export_id}/rows").json()
    assert rows["items"] == []
    assert fetched(registry, export_id) == (409, "export-not-ready")
    assert draw_some(registry.parts, chunk=2)
    assert not draw_some(registry.parts, chunk=2)
    ready = seen(registry, export_id)
    assert (ready["status"], ready["due"], ready["done"], ready["rows"]) == ("ready", 3, 3, 3)
    assert len(lines_of(registry, export_id)) == 3
    registry.clock.at += timedelta(days=14)
    assert seen(registry, export_id)["status"] == "expired"
    assert fetched(registry, export_id) == (410, "export-expired")


DYING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from services.registry.usecases.exchange import drawing
from services.registry.usecases.parts import Parts
from shared.database import Database
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.security import Vault
parts = Parts(Database(sys.argv[1]), Vault.from_file(Path(sys.argv[2])), FixedClock(datetime(2020, 2, 20, tzinfo=UTC)), Metrics("x"))
write, turns = drawing.insert_rows, []
def dies(session, rows):
    write(session, rows)
    turns.append(rows)
    if len(turns) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
drawing.insert_rows = dies
while drawing.draw_some(parts, chunk=2):
    pass
"""
"""A worker that draws up two people at a time, and whose process is killed in the third transaction."""


def test_a_worker_killed_with_minus_9_is_followed_by_one_that_goes_on(registry: Registry) -> None:
    folk = people(registry, range(1, 10))
    export_id = ask(registry)
    address = registry.parts.database.engine.url.render_as_string(hide_password=False)
    worker = subprocess.run(
        [sys.executable, "-c", DYING, address, str(registry.vault_key_file)],
        cwd=Path(__file__).parents[4],
        check=False,
        timeout=120,
    )
    assert worker.returncode == -signal.SIGKILL
    half = seen(registry, export_id)
    assert (half["status"], half["done"], half["rows"]) == ("drawing", 4, 4)
    Drawing(registry.parts).look()
    assert seen(registry, export_id)["rows"] == 9
    lines = lines_of(registry, export_id)
    assert sorted(line["姓名"] for line in lines) == sorted(one.name for one in folk)
    assert [line["报送编号"] for line in lines] == [f"{export_id}-{row}" for row in range(1, 10)]


def test_whoever_moves_within_the_area_meanwhile_is_told_once_and_whoever_leaves_is_no_removal_of_it(
    registry: Registry,
) -> None:
    moves, leaves = people(registry, [1, 2])
    [last] = people(registry, [3], PUAN)
    accept_all(registry, draw_up(registry))
    export_id = ask(registry)
    assert draw_some(registry.parts, chunk=2)
    move(registry, moves, PUAN)
    move(registry, leaves, "522722101")
    Drawing(registry.parts).look()
    told = seen(registry, export_id)
    assert (told["rows"], told["removals"]) == (3, 0)
    # What changed since is in no file: it goes with the next.
    assert [line["姓名"] for line in lines_of(registry, export_id)] == [last.name]
    again = draw_up(registry, only_changed=True)
    assert (again["rows"], again["removals"]) == (2, 1)


def test_what_is_not_drawn_up_to_its_end_counts_for_nothing(registry: Registry) -> None:
    people(registry, [1, 2, 3])
    export_id = ask(registry)
    assert draw_some(registry.parts, chunk=2)
    total = registry.client().get("/api/exchange/report", params={"month": MONTH}).json()["total"]
    assert (total["due"], total["exported"], total["unsent"]) == (3, 0, 3)
    guessed = send(registry, "receipts", as_csv([receipt(f"{export_id}-1")])).json()
    assert (guessed["accepted"], guessed["errors"][0]["errors"][0]["code"]) == (0, "token-unknown")
    named = send(registry, "receipts", as_csv([receipt(f"{export_id}-2")]), export_id=export_id)
    assert (named.status_code, named.json()["code"]) == (409, "export-not-ready")


def test_the_same_is_not_asked_for_twice_while_it_waits(registry: Registry) -> None:
    people(registry, [1])
    export_id = ask(registry)
    client = registry.client()
    body = {"reason": "monthly", "month": MONTH}
    again = client.post("/api/exchange/exports", json=body)
    assert (again.status_code, again.json()["export_id"]) == (200, export_id)
    other = client.post("/api/exchange/exports", json=body | {"only_changed": True})
    assert (other.status_code, other.json()["export_id"] == export_id) == (201, False)
    Drawing(registry.parts).look()
    assert client.post("/api/exchange/exports", json=body).status_code == 201


def test_a_small_one_is_not_kept_waiting_by_a_large_one_that_was_asked_for_before(registry: Registry) -> None:
    people(registry, range(1, 8))
    people(registry, [9], PUAN)
    large = ask(registry)
    assert draw_some(registry.parts, chunk=3)
    small = ask(registry, area_code=PUAN)
    assert draw_some(registry.parts, chunk=3)
    assert (seen(registry, small)["status"], seen(registry, large)["status"]) == ("ready", "drawing")


def test_the_newest_is_the_one_that_was_ready_last_whichever_was_asked_for_first(registry: Registry) -> None:
    people(registry, [1, 2])
    [folk] = people(registry, [3], PUAN)
    province = ask(registry)
    assert draw_some(registry.parts, chunk=2)
    registry.clock.at += timedelta(minutes=1)
    county = ask(registry, area_code=PUAN)
    assert draw_some(registry.parts, chunk=2)
    assert seen(registry, county)["status"] == "ready"
    registry.clock.at += timedelta(minutes=20)
    with registry.parts.database.session() as session:
        end_employment(session, folk.id, date(2020, 1, 10))
    Drawing(registry.parts).look()
    large, small = seen(registry, province), seen(registry, county)
    assert (large["states"], small["states"]) == ({"sent": 3}, {"superseded": 1})
    accept_all(registry, small)
    total = registry.client().get("/api/exchange/report", params={"month": MONTH}).json()["total"]
    assert (total["acknowledged"], total["waiting"]) == (0, 3)
    accept_all(registry, large)
    assert draw_up(registry, only_changed=True)["rows"] == 0
    move(registry, folk, "522722101")
    left = draw_up(registry, only_changed=True)
    [line] = lines_of(registry, left["export_id"])
    assert line["原报送编号"] == f"{province}-3"


def test_two_workers_are_never_at_the_same_one(registry: Registry) -> None:
    people(registry, [1])
    export_id = ask(registry)
    with registry.parts.database.session() as session:
        held = store.hold_next(session)
        assert held is not None
        assert held.id == export_id
        assert not draw_some(registry.parts)
    assert draw_some(registry.parts)


def test_an_export_whose_mapping_is_gone_says_so_and_lets_the_others_go_on(registry: Registry) -> None:
    people(registry, [1])
    operator = registry.client(Role.OPERATOR, areas=("52",))
    assert operator.post("/api/exchange/mappings", files={"file": ("x.yaml", GOOD.encode())}).is_success
    lost = ask(registry, mapping_id="other-system")
    good = ask(registry)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("DELETE FROM exchange_mapping")
    Drawing(registry.parts).look()
    assert (seen(registry, lost)["status"], seen(registry, good)["status"]) == ("failed", "ready")
    assert fetched(registry, lost) == (409, "export-not-ready")
    assert ask(registry, mapping_id=None, reason="correction") != lost


def test_whoever_is_erased_while_it_is_drawn_up_or_after_is_in_no_file_and_nothing_of_a_file_is_kept(
    registry: Registry,
) -> None:
    one, two, three = people(registry, [1, 2, 3])
    export_id = ask(registry)
    assert draw_some(registry.parts, chunk=1)
    with registry.parts.database.session() as session:
        for each in (one, two):  # one of them had a row, the other had none yet
            erase_person(session, each.id)
    Drawing(registry.parts).look()
    assert [line["姓名"] for line in lines_of(registry, export_id)] == [three.name]
    kept = "".join(
        str(registry.sql(f"SELECT * FROM {table}")) for table in ("exchange_row", "exchange_export")
    )
    assert three.name not in kept
    assert three.resident_id not in kept


@pytest.mark.parametrize("change", ["report", "remove"])
def test_of_whoever_is_erased_while_their_row_is_written_no_digest_of_it_stays(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    one, other = people(registry, [1, 2])
    if change == "remove":
        accept_all(registry, draw_up(registry))
        move(registry, one, "522722101")
    operator = registry.client(Role.OPERATOR, areas=("52",))
    erasing: list[Future[int]] = []
    written: dict[str, tuple[str, str]] = {}

    def erase_one() -> int:
        return operator.post(f"/api/people/{one.id}/erase").status_code

    def erased_meanwhile(session: Session, rows: Sequence[NewSent]) -> None:
        written.update({row.person_id: (row.change, row.digest) for row in rows})
        if one.id in written and not erasing:
            erasing.append(run_into(registry.parts.database, erase_one))
        store.insert_rows(session, rows)

    monkeypatch.setattr(drawing, "insert_rows", erased_meanwhile)
    export_id = ask(registry)
    Drawing(registry.parts).look()
    assert erasing[0].result(30) == 200
    assert written[one.id][0] == change
    rows = registry.sql(f"SELECT person_id, change, digest FROM exchange_row WHERE export_id = '{export_id}'")
    kept = {person_id: (kind, digest) for person_id, kind, digest in rows}
    assert kept[other.id] == written[other.id]
    assert kept[one.id][0] == change
    assert kept[one.id][1] != written[one.id][1]


def test_a_neighbour_sees_no_export_of_ours_and_cannot_have_its_file(registry: Registry) -> None:
    people(registry, [1], DAHE)
    export_id = ask(registry)
    theirs = registry.client(areas=(LIBO,))
    for drawn in (False, True):
        if drawn:
            Drawing(registry.parts).look()
        for call in (
            theirs.get(f"/api/exchange/exports/{export_id}"),
            theirs.post(f"/api/exchange/exports/{export_id}/file"),
        ):
            assert (call.status_code, call.json()["code"]) == (404, "export-unknown")
        assert theirs.get("/api/exchange/exports").json()["total"] == 0


def test_a_sheet_that_excel_cannot_hold_is_not_begun(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(registry, [1, 2])
    drawn = draw_up(registry, area_code=SANDU)
    monkeypatch.setattr("services.registry.usecases.exchange.write.SHEET_ROWS_MAX", 1)
    answer = registry.client().post(f"/api/exchange/exports/{drawn['export_id']}/file")
    assert (answer.status_code, answer.json()["code"]) == (422, "export-too-long")
    assert "CSV" in answer.text
    assert len(fetch(registry, drawn["export_id"], "csv").splitlines()) == 3
