from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Gone
from shared.metrics import Metrics
from shared.security import (
    Keyring,
    Link,
    Principal,
    Role,
    Token,
    allow,
    by_link,
    declaration,
    declared_routes,
    links,
    public,
    sessions,
    tokens,
)
from shared.security.access import Declared
from tests.waiting import PATIENCE_S

BUREAU = Principal("wangmo", frozenset({Role.BUREAU}), ("522326",), None, "望谟县人社局")
Who = Depends(allow(Role.BUREAU, Role.AUDIT))
Up = Callable[..., httpx.Client]


def token_of(clock: FixedClock) -> Token:
    return Token(BUREAU, clock.at + timedelta(days=1))


@pytest.fixture
def depot(app: FastAPI) -> FastAPI:
    """A page for roles, and one that a link leads to."""
    used: set[str] = set()
    router = APIRouter(prefix="/rosters")

    @router.get("/who")
    def who(principal: Principal = Who) -> str:
        return principal.subject

    @router.post("/change")
    def change(principal: Principal = Who) -> str:
        return principal.subject

    @router.post("/upload")
    def upload(file: UploadFile = File(), note: str = Form(), principal: Principal = Who) -> str:
        return f"{principal.subject} {note} {len(file.file.read())}"

    @app.get("/b/{token}")
    def landing(request: Request, link: Link = Depends(by_link("boarding", opened=False))) -> str:
        return "page" if links.is_open(request, link) else "button"

    @app.post("/b/{token}")
    def exchange(request: Request, link: Link = Depends(by_link("boarding", opened=False))) -> Response:
        if not links.is_open(request, link):
            if link.jti in used:
                raise Gone()
            used.add(link.jti)
        response = RedirectResponse(request.url.path, 303)
        links.open_on_device(response, request, link)
        return response

    @app.get("/b/{token}/riders")
    def riders(request: Request, link: Link = Depends(by_link("boarding"))) -> dict[str, str]:
        return {"trip": link.trip_id, "csrf": request.state.csrf_token}

    @app.post("/b/{token}/riders")
    def mark(link: Link = Depends(by_link("boarding"))) -> str:
        return link.trip_id

    app.include_router(router)
    return app


@pytest.fixture
def client(depot: FastAPI, up: Up) -> httpx.Client:
    return up(depot)


@pytest.fixture
def bearer(keyring: Keyring, clock: FixedClock) -> Callable[..., dict[str, str]]:
    def header(*roles: Role) -> dict[str, str]:
        principal = Principal("x", frozenset(roles), ("52",))
        return {"Authorization": f"Bearer {tokens.issue(keyring, principal, timedelta(hours=1), clock)}"}

    return header


@pytest.fixture
def signed_in(client: httpx.Client, keyring: Keyring, clock: FixedClock) -> tuple[httpx.Client, str]:
    """A browser with a session, and the CSRF token of its pages."""
    cookie = sessions.issue(keyring, token_of(clock), clock)
    client.cookies.set(sessions.COOKIE, cookie)
    return client, sessions.read(keyring, cookie, clock).csrf_token


def test_nobody_gets_401_with_what_to_do(client: httpx.Client) -> None:
    answer = client.get("/rosters/who")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_in_where_it_is_named_and_nowhere_else(
    client: httpx.Client, bearer: Callable[..., dict[str, str]], role: Role
) -> None:
    answer = client.get("/rosters/who", headers=bearer(role))
    assert answer.status_code == (200 if role in (Role.BUREAU, Role.AUDIT) else 403)


def test_who_lacks_a_role_is_told_which_is_needed(
    client: httpx.Client, bearer: Callable[..., dict[str, str]]
) -> None:
    detail = client.get("/rosters/who", headers=bearer(Role.CARRIER)).json()["detail_en"]
    assert "labour bureau, audit" in detail
    assert "carrier" in detail


def test_a_bearer_needs_no_csrf_token(client: httpx.Client, bearer: Callable[..., dict[str, str]]) -> None:
    assert client.post("/rosters/change", headers=bearer(Role.BUREAU)).status_code == 200


def test_a_bad_bearer_is_not_saved_by_a_good_cookie(signed_in: tuple[httpx.Client, str]) -> None:
    client, _ = signed_in
    answer = client.get("/rosters/who", headers={"Authorization": "Bearer rubbish"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token-forged")


def test_a_session_reads_without_and_changes_only_with_its_csrf_token(
    signed_in: tuple[httpx.Client, str],
) -> None:
    client, csrf = signed_in
    assert client.get("/rosters/who").json() == "wangmo"
    refused = client.post("/rosters/change")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf-missing")
    assert "刷新页面" in refused.json()["detail_zh"]
    assert client.post("/rosters/change", headers={"X-CSRF-Token": csrf}).status_code == 200
    assert client.post("/rosters/change", data={"csrf_token": csrf}).status_code == 200
    assert client.post("/rosters/change", data={"csrf_token": csrf[:-1] + "!"}).status_code == 403
    assert client.post("/rosters/change", headers={"X-CSRF-Token": "错".encode()}).status_code == 403


def test_the_csrf_token_may_come_with_an_uploaded_file(signed_in: tuple[httpx.Client, str]) -> None:
    client, csrf = signed_in
    files = {"file": ("roster.xlsx", b"12345")}
    with_token = client.post("/rosters/upload", data={"note": "n", "csrf_token": csrf}, files=files)
    assert with_token.json() == "wangmo n 5"
    assert client.post("/rosters/upload", data={"note": "n"}, files=files).status_code == 403


def test_another_sessions_csrf_token_does_not_help(
    signed_in: tuple[httpx.Client, str], keyring: Keyring, clock: FixedClock
) -> None:
    client, _ = signed_in
    other = sessions.read(keyring, sessions.issue(keyring, token_of(clock), clock), clock).csrf_token
    assert client.post("/rosters/change", headers={"X-CSRF-Token": other}).status_code == 403


def test_a_session_ends_in_the_middle_of_the_work(
    signed_in: tuple[httpx.Client, str], clock: FixedClock
) -> None:
    client, _ = signed_in
    clock.advance(hours=12)
    assert client.get("/rosters/who").json()["code"] == "session-expired"


@pytest.fixture
def link_path(keyring: Keyring, clock: FixedClock) -> str:
    ttl = timedelta(hours=6)
    return f"/b/{links.issue(keyring, 'boarding', trip_id='T-1', ttl=ttl, clock=clock)}"


def test_looking_at_a_link_does_not_use_it_up(client: httpx.Client, link_path: str) -> None:
    for _ in range(3):
        assert client.get(link_path).json() == "button"
    assert client.post(link_path).status_code == 303


def test_a_link_opens_on_one_device_alone(client: httpx.Client, link_path: str) -> None:
    assert client.get(f"{link_path}/riders").json()["code"] == "link-not-opened"
    opened = client.post(link_path)
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert f"Path={link_path};" in cookie
    assert client.get(link_path).json() == "page"
    assert client.get(f"{link_path}/riders").json()["trip"] == "T-1"
    with httpx.Client(base_url=client.base_url, timeout=PATIENCE_S) as other_phone:
        assert other_phone.get(link_path).json() == "button"
        assert other_phone.post(link_path).status_code == 410
        assert other_phone.get(f"{link_path}/riders").status_code == 401


def test_a_link_opens_below_a_prefix_too(depot: FastAPI, up: Up, link_path: str) -> None:
    mounted = up(depot, "/notifier")
    opened = mounted.post(link_path)
    assert f"Path=/notifier{link_path};" in opened.headers["set-cookie"]
    assert opened.headers["location"] == f"/notifier{link_path}"
    assert mounted.get(link_path).json() == "page"


def test_pressing_the_button_again_on_the_same_device_is_no_fault(
    client: httpx.Client, link_path: str
) -> None:
    client.post(link_path)
    assert client.post(link_path).status_code == 303


def test_a_links_page_changes_things_only_with_its_csrf_token(client: httpx.Client, link_path: str) -> None:
    client.post(link_path)
    csrf = client.get(f"{link_path}/riders").json()["csrf"]
    assert client.post(f"{link_path}/riders").json()["code"] == "csrf-missing"
    assert client.post(f"{link_path}/riders", headers={"X-CSRF-Token": csrf}).json() == "T-1"


def test_the_cookie_of_one_link_does_not_open_another(
    client: httpx.Client, link_path: str, keyring: Keyring, clock: FixedClock
) -> None:
    client.post(link_path)
    ttl = timedelta(hours=6)
    other = links.issue(keyring, "boarding", trip_id="T-2", ttl=ttl, clock=clock)
    stolen = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    renamed = {
        f"zhida_boarding_{links.read(keyring, 'boarding', other, clock).jti}": v for v in stolen.values()
    }
    header = "; ".join(f"{name}={value}" for name, value in renamed.items())
    assert client.get(f"/b/{other}/riders", headers={"Cookie": header}).status_code == 401


def test_a_link_ends_at_its_hour_though_it_was_opened(
    client: httpx.Client, link_path: str, clock: FixedClock
) -> None:
    client.post(link_path)
    clock.advance(hours=6)
    answer = client.get(f"{link_path}/riders")
    assert (answer.status_code, answer.json()["code"]) == (410, "link-expired")


def test_a_forged_link_and_one_for_another_purpose_are_refused(
    client: httpx.Client, keyring: Keyring, clock: FixedClock
) -> None:
    handover = links.issue(keyring, "handover", trip_id="T-1", ttl=timedelta(hours=1), clock=clock)
    for token in ("rubbish", handover):
        assert client.get(f"/b/{token}").json()["code"] == "link-forged"
        assert client.post(f"/b/{token}").status_code == 403


def test_a_cookie_is_secure_where_the_service_is_reached_over_https(
    clock: FixedClock, keyring: Keyring, up: Up
) -> None:
    for public_url, secure in (("https://zhida.example.gov.cn", True), ("http://127.0.0.1", False)):
        app = make_app("x", "x", "1", Metrics("x"), keyring, lambda: None, clock, public_url=public_url)

        @app.post("/in", dependencies=[Depends(public("test"))])
        def sign_in(request: Request) -> Response:
            response = Response()
            sessions.sign_in(response, request, token_of(clock))
            return response

        cookie = up(app).post("/in").headers["set-cookie"]
        assert ("Secure" in cookie) is secure
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/;" in cookie


def test_every_route_is_found_with_what_it_declares(app: FastAPI) -> None:
    router = APIRouter(prefix="/api", dependencies=[Depends(allow(Role.FINANCE))])

    @router.get("/ledger")
    def ledger() -> None: ...

    app.include_router(router, prefix="/v1")

    @app.get("/forgotten")
    def forgotten() -> None: ...

    @app.get("/nested")
    def nested(link: Link = Depends(by_link("handover"))) -> None: ...

    found = {(method, path): declared for method, path, declared in declared_routes(app)}
    assert found["GET", "/v1/api/ledger"] == Declared("roles", roles=frozenset({Role.FINANCE}))
    assert found["GET", "/nested"] == Declared("link", purpose="handover")
    assert found["GET", "/healthz"] == Declared("public", reason="liveness probe")
    assert [path for (_, path), declared in found.items() if declared is None] == ["/forgotten"]


def test_a_route_that_declares_twice_is_an_error(app: FastAPI) -> None:
    @app.get("/twice", dependencies=[Depends(public("test"))])
    def twice(principal: Principal = Depends(allow(Role.BUREAU))) -> None: ...

    route = next(route for route in app.routes if getattr(route, "path", "") == "/twice")
    with pytest.raises(ValueError, match="2 times"):
        declaration(route)


def test_a_declaration_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        allow()
    with pytest.raises(ValueError, match="why"):
        public("")
