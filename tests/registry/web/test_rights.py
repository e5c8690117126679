"""The pages of cases: a clerk's, a station's, and the worker's own behind a link."""

import re
from datetime import date
from typing import Any

import httpx
import pytest

from services.registry.domain.people.consent import NOTICE_VERSION
from services.registry.usecases.rights.links import LASTS
from shared.security import Principal, Role, Token, links, sessions
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import add_folk, add_helper
from tests.registry.rights import DONGGUAN, FACTS, JPEG, STATION, device, hand_over, open_case, open_on, step
from tests.registry.rosters import ENTERPRISE, resident_id, worker

FORM = {
    "client_id": "form-0001",
    "name": "独孤求薪",
    "resident_id": resident_id(777),
    "phone": "15412345678",
    "place": "三合街道",
    "case_type": "unpaid_wages",
    "facts": FACTS,
    "known_on": "2020-01-10",
    "is_employed": "no",
    "employed_until": "2020-01-15",
    "amount_yuan": "12345.67",
    "confirmed": "yes",
}


def browser(registry: Registry, role: Role, areas: tuple[str, ...] = (SANDU,)) -> httpx.Client:
    """A signed-in browser, which sends its CSRF token."""
    client = device(registry)
    token = Token(
        Principal("she", frozenset({role}), areas, None, "测试"), registry.clock.now().replace(year=2021)
    )
    session = sessions.issue(registry.keyring, token, registry.clock)
    client.cookies.set(sessions.COOKIE, session)
    client.headers["X-CSRF-Token"] = sessions.read(registry.keyring, session, registry.clock).csrf_token
    return client


def test_who_is_found_for_a_case_is_shown_without_the_journeys_that_a_neighbour_wrote_down(
    registry: Registry,
) -> None:
    [one] = add_folk(registry.parts, [5])
    theirs = worker(5, resident_id=one.resident_id, stop="玉屏街道")
    registry.accept(theirs, areas=(LIBO,))
    clerk = browser(registry, Role.BUREAU)
    page = clerk.post("/cases/find", data={"resident_id": one.resident_id, "phone": ""}).text
    assert one.id in page
    assert theirs["enterprise"] not in page
    whole = browser(registry, Role.BUREAU, ("52",))
    shown = whole.post("/cases/find", data={"resident_id": one.resident_id, "phone": ""}).text
    assert theirs["enterprise"] in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_clerk_takes_a_call_down_and_works_on_the_case(registry: Registry, language: str) -> None:
    clerk = browser(registry, Role.BUREAU)
    clerk.cookies.set("zhida_language", language)
    assert clerk.get("/cases/new").status_code == 200
    nobody = clerk.post("/cases/find", data={"resident_id": FORM["resident_id"], "phone": ""})
    assert nobody.status_code == 200
    assert FORM["resident_id"] not in nobody.text
    assert 'href="/cases?lang=' in nobody.text
    opened = clerk.post("/cases/new", data=FORM, files={"files": ("slip.jpg", JPEG)})
    assert opened.status_code == 303, opened.text[:2000]
    again = clerk.post("/cases/new", data=FORM)
    assert again.headers["location"] == opened.headers["location"]
    path = opened.headers["location"]
    page = clerk.get(path)
    assert page.status_code == 200
    for secret in (FORM["name"], FORM["phone"], FORM["resident_id"], FACTS):
        assert secret not in page.text
    full = clerk.post(f"{path}/open", data={"reason": "handling"})
    for known in (FORM["name"], FORM["phone"], FORM["resident_id"], FACTS, "slip.jpg"):
        assert known in full.text
    assert f'href="{path}?lang=' in full.text
    for sent in (
        {"act": "assign", "note": "先核实"},
        {"act": "mediate"},
        {"act": "suspend", "clock": "mediation", "note": "等材料"},
        {"act": "resume", "clock": "mediation", "note": "材料已到"},
        {"act": "resolve", "outcome": "settled", "amount_yuan": "10,000"},
    ):
        assert clerk.post(f"{path}/steps", data=sent).status_code == 303, sent
    refused = clerk.post(f"{path}/steps", data={"act": "admit"})
    assert refused.status_code == 409
    assert "¥10,000.00" in clerk.get(path).text
    assert (
        clerk.get("/cases").status_code
        == clerk.get("/cases?only_open=false&state=resolved").status_code
        == 200
    )


def test_what_cannot_be_comes_back_in_the_form_with_each_fault_beside_its_field(registry: Registry) -> None:
    clerk = browser(registry, Role.BUREAU)
    wrong = FORM | {"resident_id": "123", "facts": "短", "known_on": "2020-12-31", "amount_yuan": "x"}
    first = clerk.post("/cases/new", data=wrong)
    assert first.status_code == 422
    assert first.text.count('class="fault"') == 3
    second = clerk.post("/cases/new", data=FORM | {"resident_id": "123"})
    assert second.status_code == 422
    assert 'id="resident_id-error"' in second.text
    assert FACTS in second.text
    program = clerk.post("/cases/new", data=FORM, files={"files": ("photo.jpg", b"MZ")})
    assert program.status_code == 422
    assert registry.counts()["rights_case"] == registry.counts()["person"] == 0


def test_a_worker_found_by_phone_is_shown_masked_and_has_the_case_or_a_link(registry: Registry) -> None:
    [folk] = add_folk(registry.parts, [1])
    clerk = browser(registry, Role.BUREAU)
    found = clerk.post("/cases/find", data={"resident_id": "", "phone": folk.phone})
    assert folk.id in found.text
    assert folk.name not in found.text
    assert folk.phone not in found.text
    opened = clerk.post("/cases/new", data={**FORM, "person_id": folk.id, "name": "", "resident_id": ""})
    assert opened.status_code == 303
    assert "/r/ey" in clerk.post(f"/cases/links/{folk.id}").text
    neighbour = browser(registry, Role.BUREAU, (LIBO,))
    assert folk.id not in neighbour.post("/cases/find", data={"phone": folk.phone}).text
    assert neighbour.post(f"/cases/links/{folk.id}").status_code == 404


def test_a_station_accepts_on_its_page_and_returns(registry: Registry) -> None:
    case_id = open_case(registry)
    hand_over(registry, case_id, accept=False)
    station = browser(registry, Role.RIGHTS, STATION)
    assert "/accept" in station.get(f"/cases/{case_id}").text
    assert station.post(f"/cases/{case_id}/steps", data={"act": "mediate"}).status_code == 409
    assert station.post(f"/cases/{case_id}/accept").status_code == 303
    assert station.post(f"/cases/{case_id}/steps", data={"act": "mediate"}).status_code == 303
    files = {"files": ("x.jpg", JPEG)}
    assert station.post(f"/cases/{case_id}/documents", files=files).status_code == 303
    assert station.post(f"/cases/{case_id}/return", data={"note": ""}).status_code == 422
    assert station.post(f"/cases/{case_id}/return", data={"note": "不属管辖"}).status_code == 303
    assert station.get(f"/cases/{case_id}").status_code == 404
    clerk = browser(registry, Role.BUREAU)
    assert clerk.post(f"/cases/{case_id}/hand-over", data={"area": "999999"}).status_code == 422
    assert clerk.post(f"/cases/{case_id}/hand-over", data={"area": DONGGUAN}).status_code == 303


def test_an_audit_s_page_has_counts_alone(registry: Registry) -> None:
    case_id = open_case(registry)
    step(registry, case_id, "assign")
    page = browser(registry, Role.AUDIT).get("/case-counts").text
    assert "&lt;3" in page
    assert case_id not in page


# --- the worker's own link ----------------------------------------------------------------------------------------


def fresh_link(registry: Registry, **folk: Any) -> str:
    [one] = add_folk(registry.parts, [1], **folk)
    made = registry.client().post(f"/api/people/{one.id}/rights-link")
    assert made.status_code == 201, made.text
    path: str = re.sub(r"^https?://[^/]+", "", made.json()["url"])
    return path


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def test_a_worker_opens_a_case_from_a_link_on_one_phone_and_sees_its_number_there_alone(
    registry: Registry,
) -> None:
    path, phone = fresh_link(registry), device(registry)
    open_on(phone, path)
    sent = {**FORM, "csrf_token": csrf_of(phone.get(path))}
    wrong = phone.post(f"{path}/case", data=sent | {"facts": "", "known_on": "2030-01-01"})
    assert (wrong.status_code, wrong.text.count('class="fault"')) == (422, 2)
    unconfirmed = phone.post(f"{path}/case", data=sent | {"confirmed": ""})
    assert (unconfirmed.status_code, registry.counts()["rights_case"]) == (422, 0)
    for _ in range(2):
        assert phone.post(f"{path}/case", data=sent, files={"files": ("a.jpg", JPEG)}).status_code == 303
    [(case_id, channel)] = registry.sql("SELECT id, channel FROM rights_case")
    assert channel == "link"
    assert case_id in phone.get(path).text
    step(registry, case_id, "assign")
    assert "已分办" in phone.get(path).text
    other = device(registry)
    assert case_id not in other.get(path).text
    used = other.post(f"{path}/open")
    assert used.status_code == 410
    assert case_id not in used.text
    assert other.post(f"{path}/case", data=sent).status_code == 401


def test_the_same_consent_stands_with_a_case_however_it_was_opened_and_nowhere_else(
    registry: Registry,
) -> None:
    """By the worker's link, by a clerk who takes it down on a page, by a program of theirs; and none without it."""
    path, phone = fresh_link(registry), device(registry)
    open_on(phone, path)
    sent = {**FORM, "csrf_token": csrf_of(phone.get(path))}
    assert phone.post(f"{path}/case", data=sent).status_code == 303
    clerk = browser(registry, Role.BUREAU)
    assert 'name="confirmed"' in clerk.get("/cases/new").text
    assert clerk.post("/cases/new", data=FORM | {"confirmed": ""}).status_code == 422
    assert clerk.post("/cases/new", data=FORM).status_code == 303
    open_case(registry, 3)
    consents = registry.sql(
        "SELECT c.channel, s.channel, s.notice_version, s.given_on, s.obtained_by = c.opened_by, s.recorded_at = c.opened_at"
        " FROM rights_case c LEFT JOIN rights_consent s ON s.case_id = c.id ORDER BY c.channel"
    )
    assert [row[:2] for row in consents] == [("link", "link"), ("phone", "phone"), ("phone", "phone")]
    assert {row[2:] for row in consents} == {(NOTICE_VERSION, date(2020, 2, 20), True, True)}
    # Whoever sees the person's other consents may not see that there is a case.
    assert registry.counts()["consent"] == 0


def test_a_link_that_is_forged_or_late_or_of_nobody_opens_nothing(registry: Registry) -> None:
    path, phone = fresh_link(registry), device(registry)
    assert phone.get(f"{path[:-4]}abcd").status_code == 403
    nobody_s = links.issue(registry.keyring, "rights", ttl=LASTS, clock=registry.clock)
    assert phone.get(f"/r/{nobody_s}").status_code == 200  # following a link asks nobody
    assert phone.post(f"/r/{nobody_s}/open").status_code == 403
    boarding = links.issue(registry.keyring, "boarding", trip_id="T", ttl=LASTS, clock=registry.clock)
    assert phone.get(f"/r/{boarding}").status_code == 403
    registry.clock.advance(hours=48)
    assert phone.get(path).status_code == 410
    assert registry.counts()["rights_case"] == 0


def test_a_link_names_nobody_and_a_helper_makes_one_for_their_own_people_alone(registry: Registry) -> None:
    add_helper(registry.parts, "helper-1")
    [mine] = add_folk(registry.parts, [1], helper_id="helper-1")
    [other] = add_folk(registry.parts, [2])
    helper = registry.client(Role.HELPER, areas=(SANDU,), subject="helper-1")
    made = helper.post(f"/api/people/{mine.id}/rights-link").json()["url"]
    token = made.rpartition("/")[2]
    link = links.read(registry.keyring, "rights", token, registry.clock)
    assert (link.trip_id, link.organisation) == ("", None)
    assert mine.id not in str(link)
    assert helper.post(f"/api/people/{other.id}/rights-link").status_code == 404


def test_by_a_request_the_worker_is_asked_whether_it_is_about_its_enterprise(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    made = registry.client().post(f"/api/requests/{request_id}/rights-link").json()["url"]
    path, phone = re.sub(r"^https?://[^/]+", "", made), device(registry)
    open_on(phone, path)
    page = phone.get(path)
    assert ENTERPRISE in page.text
    sent = {**FORM, "about_trip": "yes", "confirmed": "yes", "csrf_token": csrf_of(page)}
    assert phone.post(f"{path}/case", data=sent).status_code == 303
    assert registry.sql("SELECT enterprise_id, request_id FROM rights_case") == [
        ("91441900MA0000015D", request_id)
    ]
    elsewhere = registry.client(areas=(LIBO,)).post(f"/api/requests/{request_id}/rights-link")
    assert elsewhere.status_code == 404


def linked(registry: Registry, person_id: str, *roles: Role, **who: Any) -> tuple[httpx.Client, str]:
    """A device that has opened a link which was made for this person, and the link's path."""
    made = registry.client(*roles, **who).post(f"/api/people/{person_id}/rights-link").json()["url"]
    path, phone = re.sub(r"^https?://[^/]+", "", made), device(registry)
    open_on(phone, path)
    return phone, path


def page_of(registry: Registry, person_id: str, *roles: Role, **who: Any) -> str:
    """What stands behind the link, without what each link has of its own."""
    phone, path = linked(registry, person_id, *roles, **who)
    told = phone.get(path).text
    return told.replace(csrf_of(phone.get(path)), "CSRF").replace(path, "LINK")


@pytest.mark.parametrize("maker", [Role.BUREAU, Role.HELPER])
def test_a_link_is_the_same_byte_for_byte_with_a_journey_that_a_neighbour_wrote_down(
    registry: Registry, maker: Role
) -> None:
    [one] = add_folk(registry.parts, [5], helper_id=add_helper(registry.parts))
    who = {"subject": "helper-1"} if maker is Role.HELPER else {}
    without = page_of(registry, one.id, maker, **who)
    registry.accept(worker(5, resident_id=one.resident_id, stop="玉屏街道"), areas=(LIBO,))
    assert page_of(registry, one.id, maker, **who) == without
    assert ENTERPRISE not in without
    phone, path = linked(registry, one.id, maker, **who)
    sent = {**FORM, "about_trip": "yes", "confirmed": "yes", "csrf_token": csrf_of(phone.get(path))}
    assert phone.post(f"{path}/case", data=sent).status_code == 303
    assert registry.sql("SELECT enterprise_id, request_id, trip_id FROM rights_case") == [(None, None, None)]
    # Whoever may see that journey asks about it.
    assert ENTERPRISE in page_of(registry, one.id, areas=("52",))


def test_a_link_asks_about_one_s_own_county_s_journey_though_a_neighbour_s_is_newer(
    registry: Registry,
) -> None:
    [one] = add_folk(registry.parts, [5])
    [ours] = registry.accept(worker(5, resident_id=one.resident_id))
    registry.client(areas=("52",)).post(f"/api/requests/{ours}/withdraw", json={})
    registry.accept(worker(5, resident_id=one.resident_id, stop="玉屏街道"), areas=(LIBO,))
    assert ENTERPRISE in page_of(registry, one.id)
    assert registry.sql("SELECT DISTINCT request_id FROM rights_link") == [(ours,)]


def test_behind_the_link_of_somebody_who_was_erased_no_enterprise_is_named(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [5])
    [ours] = registry.accept(worker(5, resident_id=one.resident_id))
    registry.client(areas=("52",)).post(f"/api/requests/{ours}/withdraw", json={})
    phone, path = linked(registry, one.id)
    assert ENTERPRISE in phone.get(path).text
    erased = registry.client(Role.OPERATOR, areas=("52",)).post(f"/api/people/{one.id}/erase")
    assert erased.status_code == 200
    assert ENTERPRISE not in phone.get(path).text
