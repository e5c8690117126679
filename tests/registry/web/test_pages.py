"""The bureau's pages over HTTP, without a browser."""

import re
from collections.abc import Iterator

import httpx
import pytest

from shared.security import Role, declared_routes
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.rosters import worker, xlsx
from tests.waiting import PATIENCE_S


class Office:
    """Somebody signed in with a browser: the session cookie and the CSRF token of the page."""

    def __init__(self, registry: Registry, *roles: Role, areas: tuple[str, ...] = (SANDU,)) -> None:
        self.client = httpx.Client(
            base_url=registry.url, headers={"Accept": "text/html"}, timeout=PATIENCE_S, follow_redirects=True
        )
        token = registry.token(*(roles or (Role.BUREAU,)), areas=areas, subject="三都县人社局")
        self.home = self.client.post(
            "/sign-in", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )

    def csrf(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert found, page
        return found[1]

    def upload(self, content: bytes) -> httpx.Response:
        return self.client.post(
            "/rosters", data={"csrf_token": self.csrf("/rosters")}, files={"file": ("名单.xlsx", content)}
        )


@pytest.fixture
def office(registry: Registry) -> Iterator[Office]:
    office = Office(registry)
    yield office
    office.client.close()


def test_signing_in_leads_to_the_rosters(office: Office) -> None:
    assert office.home.url.path == "/rosters"
    assert "下载模板" in office.home.text


def test_an_upload_leads_to_its_rows_with_reasons_and_the_way_back(office: Office) -> None:
    shown = office.upload(xlsx([worker(1), worker(2, phone="1")]))
    assert re.fullmatch(r"/rosters/\w{26}", shown.url.path)
    assert "手机号不是11位大陆手机号" in shown.text
    assert f"/api{shown.url.path}/refused.xlsx" in shown.text
    assert office.client.get(f"/api{shown.url.path}/refused.xlsx").status_code == 200
    refused = office.client.get(shown.url.path, params={"outcome": "refused"})
    assert "三合街道 →" not in refused.text


def test_a_file_that_is_refused_as_a_whole_leads_back_with_the_reason(
    office: Office, registry: Registry
) -> None:
    before = registry.counts()
    shown = office.upload(b"%PDF-1.4")
    assert (shown.status_code, shown.url.path) == (422, "/rosters")
    assert "没有任何改动" in shown.text
    assert "PDF" in shown.text
    assert registry.counts() == before


def test_the_same_file_again_says_that_it_is_known(office: Office) -> None:
    content = xlsx([worker(1)])
    office.upload(content)
    assert "以前上传过" in office.upload(content).text


def test_without_the_pages_own_token_nothing_is_taken_in(office: Office, registry: Registry) -> None:
    before = registry.counts()
    answer = office.client.post("/rosters", files={"file": ("a.xlsx", xlsx([worker(1)]))})
    assert answer.status_code == 403
    assert registry.counts() == before


def test_requests_are_followed_by_status_and_shown_masked(office: Office, registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    listed = office.client.get("/requests")
    assert request_id in listed.text
    shown = office.client.get(f"/requests/{request_id}")
    for page in (listed, shown):
        assert worker(1)["name"] not in page.text
        assert worker(1)["resident_id"] not in page.text
        assert worker(1)["phone"] not in page.text
    assert "没有符合条件的需求" in office.client.get("/requests?status=arrived").text


def test_a_request_is_withdrawn_from_its_page(office: Office, registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    page = f"/requests/{request_id}"
    shown = office.client.post(
        f"{page}/withdraw", data={"csrf_token": office.csrf(page), "reason": "employer_cancelled"}
    )
    assert "企业取消用工" in shown.text
    assert registry.sql("SELECT status FROM travel_request") == [("withdrawn",)]


def test_every_page_speaks_english_too(office: Office, registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    for page in ("/rosters", "/requests", f"/requests/{request_id}"):
        text = office.client.get(page, params={"lang": "en"}).text
        assert '<html lang="en">' in text
    assert "Withdraw this request" in text


def test_a_neighbour_and_a_stranger_see_nothing(office: Office, registry: Registry) -> None:
    roster = office.upload(xlsx([worker(1)])).url.path
    [(request_id,)] = registry.sql("SELECT id FROM travel_request")
    neighbour = Office(registry, areas=(LIBO,))
    assert neighbour.client.get(roster).status_code == 404
    assert neighbour.client.get(f"/requests/{request_id}").status_code == 404
    assert request_id not in neighbour.client.get("/requests").text
    neighbour.client.cookies.clear()
    assert neighbour.client.get("/requests").url.path == "/sign-in"
    neighbour.client.close()


def test_an_auditor_looks_and_changes_nothing(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    auditor = Office(registry, Role.AUDIT)
    assert "上传并核对" not in auditor.client.get("/rosters").text
    assert "撤回这条需求" not in auditor.client.get(f"/requests/{request_id}").text
    auditor.client.close()


def test_every_route_says_who_may_call_it(registry: Registry) -> None:
    silent = [
        (method, path) for method, path, declared in declared_routes(registry.service.app) if not declared
    ]
    assert silent == []


def test_the_figures_tell_what_came_in_and_where_it_stands(registry: Registry) -> None:
    def figure(name: str) -> float:
        lines = httpx.get(f"{registry.url}/metrics", timeout=PATIENCE_S).text.splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)

    accepted = figure('zhida_requests_in_total{outcome="accepted"}')
    refused = figure('zhida_requests_in_total{outcome="refused"}')
    registry.upload(xlsx([worker(1), worker(2, phone="1")]))
    assert figure('zhida_requests_in_total{outcome="accepted"}') == accepted + 1
    assert figure('zhida_requests_in_total{outcome="refused"}') == refused + 1
    assert figure('zhida_requests{status="submitted"}') == 1


def test_who_has_several_counties_is_asked_for_one_with_the_file_and_with_the_template(
    registry: Registry,
) -> None:
    both = Office(registry, Role.BUREAU, areas=(SANDU, LIBO))
    page = both.client.get("/rosters").text
    both.client.close()
    assert page.count('name="county_code"') == 2
    assert all(page.count(f'value="{county}"') == 2 for county in (SANDU, LIBO))
    assert page.count("黔南布依族苗族自治州 荔波县") == 2
