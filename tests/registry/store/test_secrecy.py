"""No name, resident ID or phone lies in the open anywhere but in memory."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from services.registry.domain.outside import OutsideKind
from services.registry.store.people import hold_people
from shared.directory import HttpDirectory
from shared.security import Role, SealBroken
from tests.registry.conftest import LIBO, TABLES, Registry
from tests.registry.lists import list_xlsx, load
from tests.registry.rosters import resident_id, worker, xlsx

NAME, PHONE, NUMBER = "独孤求败", "15412345678", resident_id(777)
REFUSED_NAME, REFUSED_NUMBER = "令狐无名", resident_id(778)


def everything(registry: Registry) -> bytes:
    """Every row of every table, as text and with the bytes of its sealed columns."""
    rows: list[Any] = []
    for table in TABLES:
        rows += registry.sql(f'SELECT * FROM "{table.name}"')
    values = [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    return b"\n".join(values)


def hidden(text: str) -> list[bytes]:
    """A value as it could lie there: as text, as JSON, as hexadecimal."""
    return [text.encode(), json.dumps(text).strip('"').encode(), text.encode().hex().encode()]


def plant(registry: Registry) -> None:
    """Accept and refuse people by every way in."""
    person = worker(1, name=NAME, phone=PHONE, resident_id=NUMBER)
    shifted = worker(2, name=REFUSED_NAME, resident_id=REFUSED_NUMBER, stop=NAME, gate=PHONE, category=NUMBER)
    registry.upload(xlsx([person, shifted]), f"{NAME}一家{NUMBER}.xlsx")
    registry.upload(b"%PDF-1.4", f"{NAME}一家{NUMBER}.xlsx")
    registry.upload(xlsx([person | {"stop": "玉屏街道"}]), areas=(LIBO,))
    client = registry.client()
    body = {key: value for key, value in shifted.items() if key != "party"}
    client.post("/api/requests", json=body, headers={"Idempotency-Key": "key-00001"})
    client.post("/api/requests/batch", json={"requests": [body]}, headers={"Idempotency-Key": "key-00002"})
    [request_id] = [row[0] for row in registry.sql("SELECT id FROM travel_request")]
    client.patch(f"/api/requests/{request_id}", json={"phone": "15487654321"})
    client.post(f"/api/requests/{request_id}/withdraw", json={})
    load(registry, OutsideKind.DECEASED, list_xlsx(OutsideKind.DECEASED, [NUMBER, "2020-01-01"]))
    shifted_line = [REFUSED_NUMBER, NAME, PHONE, f"{NAME} {NUMBER}"]
    load(registry, OutsideKind.ALLOWANCE, list_xlsx(OutsideKind.ALLOWANCE, shifted_line))
    asked = {"request_ids": [request_id], "day": "2020-02-24", "purpose": "precheck", "reader": "x"}
    registry.client(Role.SERVICE, areas=()).post("/api/people-checks", json=asked)


def test_no_table_and_no_event_holds_a_person_in_the_open(registry: Registry) -> None:
    plant(registry)
    found = everything(registry)
    assert b"522732001" in found  # it does look where the requests are
    assert registry.counts()["outside_fact"] == 1  # and what a list says of somebody
    for secret in (NAME, PHONE, NUMBER, REFUSED_NAME, REFUSED_NUMBER, "15487654321"):
        for form in hidden(secret):
            assert form not in found, secret
    assert NUMBER[6:14].encode() not in found


def test_a_person_in_the_open_would_be_found(registry: Registry) -> None:
    with registry.parts.database.session() as session:
        session.connection().execute(text("UPDATE enterprise SET email = :name"), {"name": NAME})
    assert any(form in everything(registry) for form in hidden(NAME))


def test_no_log_line_names_a_person(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        plant(registry)
    assert caplog.records
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for secret in (NAME, PHONE, NUMBER, REFUSED_NAME, REFUSED_NUMBER):
        assert secret not in said


WHY = {"purpose": "manifest", "reader": "三都县调度中心"}


def test_the_directory_shows_a_contact_to_a_service_and_writes_it_down(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1, name=NAME, phone=PHONE, resident_id=NUMBER))
    directory = HttpDirectory(registry.url, registry.keyring, registry.clock, "dispatcher")
    found = directory.lookup([request_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"], "manifest", "三都县调度中心")
    directory.close()
    assert found.keys() == {request_id}
    contact = found[request_id]
    assert (contact.name, contact.phone, contact.resident_id_tail) == (NAME, PHONE, NUMBER[-4:])
    assert registry.sql("SELECT subject, service, purpose, request_ids FROM access_log") == [
        ("三都县调度中心", "dispatcher", "manifest", [request_id])
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_nobody_but_a_service_may_ask_the_directory(registry: Registry, role: Role) -> None:
    [request_id] = registry.accept(worker(1))
    client = registry.client(role, areas=("52",))
    answer = client.post("/api/directory", json={"request_ids": [request_id], **WHY})
    assert answer.status_code == 403
    assert registry.sql("SELECT count(*) FROM access_log") == [(0,)]


@pytest.mark.parametrize("lacks", [{"purpose": None}, {"purpose": "张三"}, {"reader": None}, {"reader": ""}])
def test_the_directory_wants_a_purpose_and_a_reader(registry: Registry, lacks: dict[str, str | None]) -> None:
    asked = {"request_ids": [], **WHY}
    client = registry.client(Role.SERVICE, areas=())
    assert client.post("/api/directory", json=asked).status_code == 200
    assert client.post("/api/directory", json=asked | lacks).status_code == 422


def test_a_file_that_is_named_after_somebody_is_shown_by_that_name_to_bureaus_alone(
    registry: Registry,
) -> None:
    roster = registry.upload(xlsx([worker(1), worker(2, phone="1")]), f"{NAME}.xlsx").json()
    assert roster["file_name"] == f"{NAME}.xlsx"
    paths = [
        "/api/rosters",
        "/rosters",
        *(f"{path}/{roster['roster_id']}" for path in ("/api/rosters", "/rosters")),
    ]
    for role in (Role.BUREAU, Role.OPERATOR, Role.AUDIT):
        shown = [registry.client(role, areas=("52",)).get(path) for path in paths]
        assert {one.status_code for one in shown} == {200}
        assert {NAME in one.text for one in shown} == {role is Role.BUREAU}
        assert all(roster["roster_id"] in one.text for one in shown)


def test_a_sealed_field_does_not_open_in_another_persons_row(registry: Registry) -> None:
    registry.accept(worker(1), worker(2))
    first, second = registry.sql(
        "SELECT r.id, p.wrapped_key, r.name_sealed FROM travel_request r JOIN person p ON p.id = r.person_id"
        " ORDER BY r.row"
    )
    vault = registry.parts.vault
    assert vault.open(first[1], first[2], f"request/{first[0]}/name") == worker(1)["name"]
    with pytest.raises(SealBroken):
        vault.open(first[1], first[2], f"request/{second[0]}/name")
    with pytest.raises(SealBroken):
        vault.open(second[1], first[2], f"request/{first[0]}/name")


def test_each_refused_row_opens_under_a_key_of_its_own_alone(registry: Registry) -> None:
    roster_id = registry.upload(xlsx([worker(1, phone="1"), worker(2, phone="1")])).json()["roster_id"]
    first, second = registry.sql("SELECT row, wrapped_key, sealed FROM refused_row ORDER BY row")
    vault = registry.parts.vault
    assert worker(1)["name"] in vault.open(first[1], first[2], f"roster/{roster_id}/{first[0]}")
    with pytest.raises(SealBroken):
        vault.open(second[1], first[2], f"roster/{roster_id}/{first[0]}")


def test_a_person_is_the_same_person_however_often_they_come(registry: Registry) -> None:
    vault, now = registry.parts.vault, registry.clock.now()
    wanted = {vault.fingerprint(number): number for number in (resident_id(1), resident_id(2))}
    with registry.parts.database.session() as session:
        first = hold_people(session, vault, wanted, now)
    with registry.parts.database.session() as session:
        again = hold_people(session, vault, wanted, now)
    assert {key: one.id for key, one in first.items()} == {key: one.id for key, one in again.items()}
    assert {one.is_fresh for one in first.values()} == {True}
    assert {one.is_fresh for one in again.values()} == {False}
