"""The bureau's pages of tracking over HTTP: the month, a helper's list and its hand-over, a person's months."""

from collections.abc import Iterator

import pytest

from shared.security import Role
from tests.registry.conftest import LIBO, Registry
from tests.registry.folk import add_folk, add_helper
from tests.registry.tracked import (
    HELPER,
    MARCH_12,
    OTHER,
    SINCE,
    a_list,
    a_record,
    as_helper,
    send,
)
from tests.registry.web.test_pages import Office


@pytest.fixture
def bureau(registry: Registry) -> Iterator[Office]:
    """A county's bureau in the middle of March, before anybody is followed."""
    registry.clock.at = MARCH_12
    office = Office(registry)
    yield office
    office.client.close()


def test_the_month_shows_what_is_late_by_helper_and_who_comes_to_a_milestone(
    registry: Registry, bureau: Office
) -> None:
    people = a_list(registry, 3)
    send(as_helper(registry), a_record(people[0], "looking"))
    registry.clock.at = MARCH_12.replace(day=28)
    office = Office(registry)
    page = office.client.get("/tracking").text
    assert "帮扶甲" in page
    assert "逾期·乡镇（街道）" in page
    assert "正在找工作 1" in page
    assert "满 1 个月" in page
    tasks = office.client.get("/tracking/tasks").text
    assert tasks.count("逾期·乡镇（街道）") == 2
    done = office.client.get("/tracking/tasks?is_open=false").text
    assert "正在找工作" in done
    for one in people:
        assert one.name not in page + tasks + done
        assert one.phone not in page + tasks + done
    office.client.close()


def test_a_helper_is_registered_and_a_fault_leads_back_with_its_reason(
    registry: Registry, bureau: Office
) -> None:
    form = {
        "csrf_token": bureau.csrf("/tracking"),
        "helper_id": "h.wang",
        "name": "王小二",
        "phone": "15412345678",
        "place_code": "522732001",
    }
    page = bureau.client.post("/tracking/helpers", data=form)
    assert page.url.path == "/tracking/helpers/h.wang"
    assert "王小二" in page.text
    wrong = bureau.client.post("/tracking/helpers", data=form | {"phone": "12"})
    assert (wrong.status_code, "手机号不是11位大陆手机号" in wrong.text) == (422, True)
    elsewhere = bureau.client.post("/tracking/helpers", data=form | {"place_code": "522722101"})
    assert elsewhere.status_code == 403


def test_chosen_people_or_the_whole_list_go_to_another_helper(registry: Registry, bureau: Office) -> None:
    one, two, three = a_list(registry, 3)
    add_helper(registry.parts, OTHER)
    path = f"/tracking/helpers/{HELPER}"
    form = {"csrf_token": bureau.csrf(path), "to": OTHER}
    none = bureau.client.post(f"{path}/hand-over", data=form | {"which": "chosen"})
    assert "已移交 0 人" in none.text
    some = bureau.client.post(
        f"{path}/hand-over", data=form | {"which": "chosen", "person_ids": [one.id, two.id]}
    )
    assert "已移交 2 人" in some.text
    stale = bureau.client.post(f"{path}/hand-over", data=form | {"which": "chosen", "person_ids": one.id})
    assert "有 1 人不在该帮扶责任人的名单上" in stale.text
    rest = bureau.client.post(f"{path}/hand-over", data=form | {"which": "all"})
    assert "名单上没有人" in rest.text
    owners = registry.sql("SELECT DISTINCT helper_id FROM person_file")
    assert owners == [(OTHER,)]
    assert len(as_helper(registry, OTHER).get("/api/tracking/my-list").json()["people"]) == 3
    assert three.id in bureau.client.get(f"/tracking/helpers/{OTHER}").text


def test_people_who_work_away_are_followed_from_the_page(registry: Registry, bureau: Office) -> None:
    add_folk(registry.parts, [1, 2], employed_since=SINCE)
    form = {"csrf_token": bureau.csrf("/tracking"), "area_code": "522732"}
    assert "新增跟踪 2 人" in bureau.client.post("/tracking/areas", data=form).text
    refused = bureau.client.post("/tracking/areas", data=form | {"area_code": LIBO})
    assert (refused.status_code, registry.counts()["tracking"]) == (403, 2)


def test_a_person_s_months_show_all_that_was_recorded(registry: Registry, bureau: Office) -> None:
    [one] = a_list(registry, 1)
    send(as_helper(registry), a_record(one, "not_reached", at="2020-03-11T09:00:00+08:00"))
    send(as_helper(registry), a_record(one, "same", wage_band="from_3000"))
    page = bureau.client.get(f"/tracking/people/{one.id}").text
    assert page.index("<b>仍在原单位</b> · 东莞市 · 3000–3999元") < page.index("联系不上")
    assert one.name not in page


def test_a_neighbour_sees_none_of_it(registry: Registry, bureau: Office) -> None:
    [one] = a_list(registry, 1)
    neighbour = Office(registry, Role.BUREAU, areas=(LIBO,))
    for path in (f"/tracking/people/{one.id}", f"/tracking/helpers/{HELPER}"):
        assert neighbour.client.get(path).status_code == 404
    assert "帮扶甲" not in neighbour.client.get("/tracking").text
    neighbour.client.close()


def test_the_page_of_the_list_itself_holds_nobody_and_its_worker_reaches_no_higher(
    registry: Registry, bureau: Office
) -> None:
    [one] = a_list(registry, 1)
    helper = as_helper(registry)
    page = helper.get("/my-list")
    assert page.status_code == 200
    assert one.name not in page.text
    assert one.id not in page.text
    worker = helper.get("/my-list/worker.js")
    assert (worker.headers["service-worker-allowed"], worker.headers["cache-control"]) == (
        "/my-list",
        "no-cache",
    )
    assert registry.counts()["access_log"] == 0
    assert bureau.client.get("/my-list").status_code == 403


def test_an_office_records_what_it_has_found_itself_once_however_often_the_form_is_sent(
    registry: Registry, bureau: Office
) -> None:
    [one] = a_list(registry, 1)
    path = f"/tracking/people/{one.id}"
    form = {
        "csrf_token": bureau.csrf(path),
        "record_id": "6f1a2b3c-0000-4000-8000-000000000001",
        "month": "2020-03-01",
        "outcome": "changed",
        "area_code": "",
        "wage_band": "",
    }
    refused = bureau.client.post(f"{path}/records", data=form)
    assert (refused.status_code, "没有写明在哪里工作" in refused.text) == (422, True)
    for _ in range(2):
        page = bureau.client.post(f"{path}/records", data=form | {"area_code": "330000"})
        assert "换了单位" in page.text
    assert registry.counts()["tracking_record"] == 1


def test_who_is_followed_no_more_has_no_task_and_keeps_what_was_recorded(
    registry: Registry, bureau: Office
) -> None:
    done, still_open = a_list(registry, 2)
    send(as_helper(registry), a_record(done))
    for one in (done, still_open):
        path = f"/tracking/people/{one.id}"
        csrf = {"csrf_token": bureau.csrf(path)}
        bureau.client.post(f"{path}/stop", data=csrf)
    assert registry.sql("SELECT person_id, outcome FROM tracking_task") == [(done.id, "same")]
    again = registry.client(Role.BUREAU).post(f"/api/tracking/people/{done.id}/stop")
    assert again.json() == {"ended": 0}
    registry.clock.at = MARCH_12.replace(month=4)
    made = registry.client(Role.OPERATOR).post("/api/tracking/months").json()["made"]
    assert set(made.values()) == {0}
    neighbour = registry.client(Role.BUREAU, areas=(LIBO,)).post(f"/api/tracking/people/{done.id}/stop")
    assert neighbour.status_code == 404
