"""Erasing a person: whose key is destroyed, what then no longer opens, and who has to wait for it."""

import io
from datetime import date
from typing import Any

import httpx
import openpyxl
import pytest

from services.registry.domain.row import Row
from services.registry.domain.status import UNDER_WAY, Status
from services.registry.store.people import erase_person
from services.registry.usecases.submit import Sender, submit
from shared.directory import HttpDirectory
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Role, mask
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import Folk, add_folk, add_helper, add_household
from tests.registry.rosters import resident_id, worker, xlsx

NAME, PHONE, NUMBER = "独孤求败", "15412345678", resident_id(777)
OTHER = "令狐无名"
SECRETS = (NAME, PHONE, NUMBER)


def person(**changes: Any) -> dict[str, Any]:
    return worker(1, name=NAME, phone=PHONE, resident_id=NUMBER) | changes


def erase(registry: Registry, request_id: str, *areas: str, role: Role = Role.OPERATOR) -> httpx.Response:
    return registry.client(role, areas=areas or ("52",)).post(f"/api/requests/{request_id}/erase")


def withdraw(registry: Registry, request_id: str) -> None:
    registry.client(areas=("52",)).post(f"/api/requests/{request_id}/withdraw", json={})


def accept_withdrawn(registry: Registry, **changes: Any) -> str:
    [request_id] = registry.accept(person(**changes))
    withdraw(registry, request_id)
    return request_id


def sheet(registry: Registry, roster_id: str, area: str) -> str:
    content = registry.client(areas=(area,)).get(f"/api/rosters/{roster_id}/refused.xlsx").content
    rows = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return "\n".join(str(row) for row in rows)


def test_the_other_services_are_told_of_each_request_of_the_erased_once(registry: Registry) -> None:
    requests = [accept_withdrawn(registry), accept_withdrawn(registry, latest="2020-02-25")]
    for _ in range(2):
        assert erase(registry, requests[0]).status_code == 200
    told = registry.told("PersonErased")
    assert {one["request_id"] for one in told} == set(requests)
    assert len(told) == 2
    assert all(set(one) == {"request_id", "version"} for one in told)
    assert {one["version"] for one in told} == {3}


def test_nothing_of_an_erased_person_opens_any_more_by_any_way(registry: Registry) -> None:
    [request_id] = registry.accept(person())
    slipped = worker(3, name="", resident_id=NAME, phone=NUMBER, stop=PHONE)
    refused = [person(gate="后门"), worker(2, name=OTHER, phone="1"), slipped]
    here = registry.upload(xlsx(refused)).json()["roster_id"]
    there = registry.upload(xlsx([person(stop="玉屏街道")]), areas=(LIBO,)).json()["roster_id"]
    assert NAME in sheet(registry, here, SANDU)
    assert NAME in sheet(registry, there, LIBO)
    withdraw(registry, request_id)
    erased = erase(registry, request_id)
    assert erased.status_code == 200
    shown = erased.json()
    assert (shown["name"], shown["resident_id"], shown["phone"]) == ("—", "—", "—")
    assert registry.sql(
        "SELECT wrapped_key FROM person WHERE id = (SELECT person_id FROM travel_request)"
    ) == [(None,)]
    assert registry.sql("SELECT roster_id FROM refused_row WHERE wrapped_key IS NULL ORDER BY 1") == [
        (here,),
        (here,),
        (there,),
    ]
    told = [sheet(registry, here, SANDU), sheet(registry, there, LIBO)]
    assert OTHER in told[0]
    for area, roster_id in ((SANDU, here), (LIBO, there)):
        client = registry.client(areas=(area,))
        paths = [f"/api/rosters/{roster_id}", f"/rosters/{roster_id}", "/api/requests", "/requests"]
        if area == SANDU:
            paths += [f"/api/requests/{request_id}", f"/requests/{request_id}"]
        answers = [client.get(path) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        told += [answer.text for answer in answers]
    for one in told:
        for trace in (*SECRETS, mask.name(NAME), mask.phone(PHONE), mask.resident_id(NUMBER)):
            assert trace not in one
    assert sum("这一行的内容已经删除" in one for one in told) == 4
    directory = HttpDirectory(registry.url, registry.keyring, registry.clock, "notifier")
    assert directory.lookup([request_id], "sms", "notifier") == {}
    directory.close()
    assert registry.parts.vault.fingerprint(NUMBER) not in str(
        registry.sql("SELECT fingerprint FROM person UNION ALL SELECT fingerprint FROM refused_row")
    )


def test_an_erasure_is_written_down_by_request_and_person_and_never_by_name(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = accept_withdrawn(registry)
    with caplog.at_level("DEBUG"):
        for _ in range(2):
            assert erase(registry, request_id).status_code == 200
    [(person_id,)] = registry.sql("SELECT id FROM person")
    [line] = [record.__dict__ for record in caplog.records if record.getMessage() == "erased a person"]
    assert (line["request_id"], line["person_id"]) == (request_id, person_id)
    said = "\n".join(str(record.__dict__) for record in caplog.records)
    assert not any(secret in said for secret in SECRETS)
    assert registry.sql("SELECT purpose, request_ids FROM access_log") == [("erasure", [request_id])]


@pytest.mark.parametrize("status", Status)
def test_who_still_has_to_be_met_by_name_is_not_erased_until_then(registry: Registry, status: Status) -> None:
    [request_id] = registry.accept(person())
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(f"UPDATE travel_request SET status = '{status}'")
    answer = erase(registry, request_id)
    [(key,)] = registry.sql("SELECT wrapped_key FROM person")
    if status in UNDER_WAY:
        assert (answer.status_code, answer.json()["code"]) == (409, "person-under-way")
        assert request_id in answer.json()["detail_zh"]
        assert "撤回" in answer.json()["detail_zh"]
        assert "Withdraw it" in answer.json()["detail_en"]
        assert key is not None
    else:
        assert answer.status_code == 200
        assert key is None


def test_another_request_under_way_keeps_a_person_as_well(registry: Registry) -> None:
    withdrawn = accept_withdrawn(registry)
    [under_way] = registry.accept(person(latest="2020-02-25"))
    answer = erase(registry, withdrawn)
    assert answer.status_code == 409
    assert under_way in answer.json()["detail_en"]


def test_a_person_of_two_counties_is_erased_by_who_answers_for_both(registry: Registry) -> None:
    request_id = accept_withdrawn(registry)
    [other] = registry.accept(person(stop="玉屏街道"), areas=(LIBO,))
    withdraw(registry, other)
    refused = erase(registry, request_id, SANDU)
    assert (refused.status_code, refused.json()["code"]) == (409, "person-elsewhere")
    assert other not in refused.text
    assert erase(registry, request_id, "5227").status_code == 200
    assert registry.client(areas=(LIBO,)).get(f"/api/requests/{other}").json()["name"] == "—"


def test_a_neighbours_operator_and_a_bureau_erase_nobody(registry: Registry) -> None:
    request_id = accept_withdrawn(registry)
    assert erase(registry, request_id, LIBO).json()["code"] == "request-unknown"
    assert erase(registry, request_id, SANDU, role=Role.BUREAU).status_code == 403
    assert registry.client().get(f"/api/requests/{request_id}").json()["name"] != "—"


def test_who_is_sent_while_they_are_erased_comes_as_somebody_new(registry: Registry) -> None:
    accept_withdrawn(registry)
    [(person_id,)] = registry.sql("SELECT id FROM person")
    with registry.parts.database.session() as session:
        erase_person(session, person_id)
        sending = run_into(
            registry.parts.database, lambda: registry.upload(xlsx([person(latest="2020-02-25")]))
        )
        assert not sending.done()
    assert sending.result(60).json()["accepted"] == 1
    assert registry.sql("SELECT wrapped_key IS NULL FROM person ORDER BY id") == [(True,), (False,)]


def test_who_is_erased_while_they_are_sent_is_found_under_way(registry: Registry) -> None:
    request_id, parts = accept_withdrawn(registry), registry.parts
    with parts.database.session() as session:
        submit(
            session,
            [Row(1, person())],
            Sender(SANDU, "三都县人社局", "batch"),
            vault=parts.vault,
            clock=parts.clock,
            cause=Cause.fresh(),
        )
        erasing = run_into(parts.database, lambda: erase(registry, request_id))
        assert not erasing.done()
    assert erasing.result(60).json()["code"] == "person-under-way"


def test_who_is_erased_can_be_amended_no_more(registry: Registry) -> None:
    request_id = accept_withdrawn(registry)
    erase(registry, request_id)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE travel_request SET status = 'submitted'")
    amended = registry.client().patch(f"/api/requests/{request_id}", json={"gate": "西门"})
    assert (amended.status_code, amended.json()["code"]) == (410, "person-erased")


def everyone(registry: Registry, number: int, **more: Any) -> Folk:
    [one] = add_folk(registry.parts, [number], **more)
    return one


def erase_by_file(
    registry: Registry, person_id: str, *areas: str, role: Role = Role.OPERATOR
) -> httpx.Response:
    return registry.client(role, areas=areas or ("52",)).post(f"/api/people/{person_id}/erase")


def test_a_person_is_erased_by_their_file_with_all_persons_of_it(registry: Registry) -> None:
    one, other = everyone(registry, 1, employed_since=date(2019, 6, 1)), everyone(registry, 2)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            f"UPDATE person SET file_id = '{one.id}' WHERE id = '{other.id}'"
        )
    for _ in range(2):
        assert erase_by_file(registry, one.id).status_code == 200
    assert registry.sql("SELECT count(*) FROM person WHERE wrapped_key IS NOT NULL") == [(0,)]
    assert registry.sql("SELECT person_ids, request_ids, roles FROM access_log") == [
        (sorted([one.id, other.id]), [], ["operator"])
    ]
    left = str(registry.sql("SELECT value_fingerprint FROM statement"))
    for said in (f"name:{one.name}", f"phone:{one.phone}"):
        assert registry.parts.vault.fingerprint(said) not in left


def test_who_is_erased_stays_in_the_counts_of_the_past_and_is_in_none_of_today(registry: Registry) -> None:
    household = add_household(registry.parts, "H-1")
    helper = add_helper(registry.parts)
    one = everyone(registry, 1, household_id=household, helper_id=helper, employed_since=date(2019, 6, 1))
    erase_by_file(registry, one.id)
    today = local_date(registry.clock.now())
    for table in ("membership", "employment"):
        assert registry.sql(f"SELECT valid_to FROM {table}") == [(today,)]
    assert registry.sql("SELECT helper_id, household_id FROM person_file") == [(None, None)]
    assert registry.sql("SELECT household_id, relation FROM membership") == [(household, "")]
    assert registry.sql("SELECT wrapped_key IS NULL FROM household") == [(False,)]


def test_a_file_of_a_neighbour_is_as_one_that_is_not_there(registry: Registry) -> None:
    one = everyone(registry, 1)
    refused = erase_by_file(registry, one.id, LIBO)
    absent = erase_by_file(registry, "01HZZZZZZZZZZZZZZZZZZZZZZZ", LIBO)
    assert refused.status_code == absent.status_code == 404
    assert refused.json()["code"] == absent.json()["code"] == "person-unknown"
    assert erase_by_file(registry, one.id, role=Role.BUREAU).status_code == 403


def test_a_file_elsewhere_keeps_a_person_from_an_office_that_does_not_answer_for_it(
    registry: Registry,
) -> None:
    one, other = everyone(registry, 1), everyone(registry, 2, place_code="522722100")
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            f"UPDATE person SET file_id = '{one.id}' WHERE id = '{other.id}'"
        )
    assert erase_by_file(registry, one.id, SANDU).json()["code"] == "person-elsewhere"
    assert erase_by_file(registry, one.id, "5227").status_code == 200
