from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from shared.kernel.clock import FixedClock
from shared.security import declared_routes, public, sessions
from shared.web import assets, templates

Up = Callable[..., httpx.Client]
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def client(depot: FastAPI, up: Up) -> httpx.Client:
    return up(depot, "/dispatcher")


OWN = {"Sec-Fetch-Site": "same-origin"}


def sign_in(client: httpx.Client, token: str, next_path: str = "") -> httpx.Response:
    return client.post("/sign-in", data={"token": token, "next": next_path}, headers=OWN)


def test_a_token_becomes_a_session_and_leads_to_the_first_page_one_may_see(
    client: httpx.Client, token: str
) -> None:
    answer = sign_in(client, f"  {token[:50]}\n{token[50:]} ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dispatcher/")
    assert client.get("/").headers["location"] == "/dispatcher/trips"
    assert client.get("/trips").status_code == 200


def test_nobody_is_led_to_the_sign_in_and_back_to_where_they_wanted(client: httpx.Client, token: str) -> None:
    asked = client.get("/trips", headers=HTML)
    assert asked.headers["location"] == "/dispatcher/sign-in?next=/trips"
    assert 'name="next" value="/trips"' in client.get("/sign-in?next=/trips").text
    assert sign_in(client, token, "/trips").headers["location"] == "/dispatcher/trips"
    assert client.get("/", headers=HTML).headers["location"] == "/dispatcher/trips"


def test_nobody_loses_what_they_had_chosen_by_signing_in(client: httpx.Client, token: str) -> None:
    asked = client.get("/trips?day=2020-02-24&name=%E4%B8%89", headers=HTML)
    form = client.get(asked.headers["location"].removeprefix("/dispatcher")).text
    wanted = unescape(form.split('name="next" value="')[1].split('"')[0])
    assert wanted == "/trips?day=2020-02-24&name=%E4%B8%89"
    assert sign_in(client, token, wanted).headers["location"] == f"/dispatcher{wanted}"


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "javascript:x"]
)
def test_nobody_is_led_away_to_another_site(client: httpx.Client, token: str, away: str) -> None:
    assert sign_in(client, token, away).headers["location"] == "/dispatcher/"


def test_a_token_that_is_over_says_so_on_the_page(
    client: httpx.Client, token: str, clock: FixedClock
) -> None:
    clock.advance(hours=2)
    answer = sign_in(client, token)
    assert answer.status_code == 401
    assert "过期" in answer.text
    assert token not in answer.text
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    client.post("/sign-out", headers=OWN)
    assert client.get("/trips").status_code == 401


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://zhida.example.gov.cn"}, 403),
        ({"Origin": "https://zhida.example.gov.cn"}, 303),
        ({"Origin": "http://{host}"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_signing_in_and_out_is_for_our_own_pages(
    depot: FastAPI, up: Up, token: str, said: dict[str, str], status: int
) -> None:
    """Or another site could sign somebody in as whom it likes, and see what they upload."""
    depot.state.public_url = "https://zhida.example.gov.cn/dispatcher"
    client = up(depot, "/dispatcher")
    headers = {name: value.format(host=client.base_url.netloc.decode()) for name, value in said.items()}
    signed_in = client.post("/sign-in", data={"token": token}, headers=headers)
    assert (signed_in.status_code, "set-cookie" in signed_in.headers) == (status, status == 303)
    assert client.post("/sign-out", headers=headers).status_code == status
    if status == 403:
        assert signed_in.json()["code"] == "origin-foreign"


def test_the_navigation_shows_what_ones_roles_may_see(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    page = client.get("/trips").text
    assert '<a href="/dispatcher/trips" aria-current="page">车次</a>' in page
    assert '<a href="http://registry.example/requests"' in page
    assert "资金" not in page


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/trips", "/dispatcher/trips"),
        ("/trips/late", "/dispatcher/trips/late"),
        ("/trips/late/today", "/dispatcher/trips/late"),
        ("/trips/latest", "/dispatcher/trips"),
    ],
)
def test_one_entry_of_the_navigation_is_current_the_one_nearest_to_the_page(
    client: httpx.Client, token: str, path: str, entry: str
) -> None:
    sign_in(client, token)
    navigation = client.get(path).text.split("<nav")[1].split("</nav>")[0]
    assert navigation.count("aria-current") == 1
    assert f'<a href="{entry}" aria-current="page">' in navigation


def test_a_page_greets_by_name_and_escapes_it(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    page = client.get("/trips").text
    assert "黔西南州&lt;调度&gt;中心" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "调度员" in page


def test_a_page_is_in_the_readers_language_also_where_it_was_first_shown_in_the_other(
    client: httpx.Client, token: str
) -> None:
    sign_in(client, token)
    chinese, english = client.get("/trips").text, client.get("/trips?lang=en").text
    assert 'lang="zh-CN"' in chinese
    assert "已批准" in chinese
    assert "988 公里" in chinese
    assert '<html lang="en">' in english
    assert "approved</span> departed 988 km" in english
    assert "公里" not in english


def test_a_page_has_landmarks_a_way_past_them_and_labels(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    page = client.get("/trips").text
    for piece in (
        '<a class="skip" href="#main">',
        '<main id="main"',
        'aria-label="主导航"',
        'role="status" aria-live="polite"',
        '<label for="note">',
        'aria-describedby="note-error note-hint"',
        'aria-invalid="true"',
        "<legend>张*三</legend>",
        "<caption>车次</caption>",
    ):
        assert piece in page


def test_a_page_needs_no_other_host_and_nothing_inline(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    for path in ("/trips", "/sign-in", "/nothing"):
        page = client.get(path, headers=HTML).text
        assert " style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
        for script in page.split("<script")[1:]:
            assert script.startswith(' src="/dispatcher/static/')


def test_behind_a_proxy_no_address_names_a_scheme_or_a_host(depot: FastAPI, up: Up, token: str) -> None:
    """The proxy speaks https to the browser and http to us: an address made of what we hear would be mixed content."""
    depot.state.public_url = "https://zhida.example.gov.cn"
    client = up(depot, "/dispatcher")
    client.cookies.set(sessions.COOKIE, sign_in(client, token).cookies[sessions.COOKIE])
    asked = HTML | {"Host": "zhida.example.gov.cn"}
    for path in ("/trips?day=2020-02-24", "/sign-in", "/nothing", "/", "/trips/"):
        answer = client.get(path, headers=asked)
        assert "zhida.example.gov.cn" not in answer.text + answer.headers.get("location", "")
    page = client.get("/trips?day=2020-02-24", headers=asked).text
    assert 'href="/dispatcher/trips?day=2020-02-24&amp;lang=en"' in page


def test_the_other_language_is_never_at_an_address_that_only_forms_are_sent_to(
    client: httpx.Client, token: str
) -> None:
    sign_in(client, token)
    for asked, leads_to in (
        ("/trips/T-1/note", "/dispatcher/trips"),
        ("/refuse", "/dispatcher/"),
        ("/sign-in", "/dispatcher/sign-in"),
    ):
        page = client.post(asked, data={"token": "x"}, headers=HTML | OWN).text
        assert f'href="{leads_to}?lang=en"' in page
    assert client.get("/?lang=en").headers["location"] == "/dispatcher/trips"


def test_an_error_is_a_page_for_people_and_json_for_programs(client: httpx.Client, token: str) -> None:
    sign_in(client, token)
    page = client.get("/ledger", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "此功能仅向 财政部门 开放，您的角色为 调度员" in page.text
    assert page.headers["x-correlation-id"] in page.text
    assert client.get("/ledger").headers["content-type"] == "application/problem+json"
    assert client.get("/api/x", headers=HTML).headers["content-type"] == "application/problem+json"


def test_a_swap_that_needs_a_sign_in_reloads_the_page(client: httpx.Client) -> None:
    answer = client.post("/approve", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (401, "true")


def test_static_files_are_kept_as_long_as_their_address_names_their_edition(client: httpx.Client) -> None:
    page = client.get("/sign-in").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0].removeprefix("/dispatcher")
    style = client.get(address)
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert "immutable" not in client.get("/static/style.css").headers["cache-control"]


def test_a_service_serves_its_own_files_under_addresses_that_change_with_them(
    app: FastAPI, up: Up, tmp_path: Path
) -> None:
    (tmp_path / "depot.css").write_text("a {}")
    (tmp_path / "page.html").write_text("{{ asset('depot.css') }}")
    pages = templates(tmp_path)
    first, second = assets(tmp_path, pages), templates(tmp_path)
    (tmp_path / "depot.css").write_text("b {}")
    app.include_router(first)
    app.include_router(assets(tmp_path, second), prefix="/later")

    @app.get("/page", dependencies=[Depends(public("test"))])
    def page(request: Request, later: bool = False) -> Response:
        return (second if later else pages).TemplateResponse(request, "page.html")

    client = up(app)
    address, changed = client.get("/page").text, client.get("/page?later=true").text
    assert address != changed
    style = client.get(address)
    assert (style.text, style.headers["content-type"]) == ("b {}", "text/css; charset=utf-8")
    assert "immutable" in style.headers["cache-control"]
    assert client.get("/assets/other.css").status_code == 404


@pytest.mark.parametrize(
    "path", ["../pages.py", "..%2Fpages.py", "%2e%2e/pages.py", "vendor", "nothing.css", "/etc/passwd"]
)
def test_static_files_end_at_their_folder(client: httpx.Client, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


@pytest.mark.parametrize(("area", "count"), [("counties", 88), ("provinces", 10)])
def test_the_map_draws_our_own_outlines(client: httpx.Client, area: str, count: int) -> None:
    assert len(client.get(f"/static/map/{area}.geojson").json()["features"]) == count


def test_every_route_of_the_common_ground_declares_its_callers(depot: FastAPI) -> None:
    assert [path for _, path, declared in declared_routes(depot) if declared is None] == []
