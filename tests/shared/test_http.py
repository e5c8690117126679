import logging
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Literal

import httpx
import pytest
from fastapi import Depends, FastAPI, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from shared.http import make_app, request_cause, t
from shared.http.edge import CONFIDENTIAL
from shared.http.problems import STATUS, status_of
from shared.kernel import errors
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Conflict, InvalidInput, Unavailable, ZhidaError
from shared.metrics import Metrics
from shared.security import Keyring, public
from tests.waiting import PATIENCE_S

OPEN = [Depends(public("test"))]


class SeatsMissing(Conflict):
    """Coach {coach} has no seats."""

    zh = "车辆 {coach} 没有座位。"


class PhoneWrong(InvalidInput):
    """The phone has {length} digits; give 11."""

    zh = "手机号有 {length} 位，应为 11 位。"


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: str = Field(min_length=11)
    seats: int = Field(ge=1)
    kind: Literal["poor", "ordinary"] = "ordinary"


class Orders(BaseModel):
    orders: list[Order]


@pytest.fixture
def client(app: FastAPI, up) -> httpx.Client:
    @app.post("/api/orders", dependencies=OPEN)
    def order(body: Orders) -> int:
        return len(body.orders)

    @app.post("/api/ignores", dependencies=OPEN)
    def ignores() -> str:
        return "never read it"

    @app.post("/api/files", dependencies=OPEN)
    def files(file: UploadFile = File()) -> int:
        return len(file.file.read())

    @app.get("/api/fails/{kind}", dependencies=OPEN)
    def fails(kind: str) -> None:
        raise {
            "conflict": SeatsMissing(coach="c1"),
            "field": PhoneWrong(field="phone", length=7),
            "away": Unavailable(),
            "bug": RuntimeError("secret 13800005678"),
            "ours": ZhidaError(),
        }[kind]

    @app.get("/api/cause", dependencies=OPEN)
    def cause(request: Request) -> str:
        return request_cause(request).correlation_id

    @app.get("/api/words", dependencies=OPEN)
    def words() -> str:
        return t("中文", "English")

    @app.get("/b/{token}", dependencies=OPEN)
    def link(token: str) -> str:
        return "page"

    return up(app)


def test_the_table_of_statuses_covers_every_class_of_the_family() -> None:
    family = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, ZhidaError)]
    assert len(family) >= 9
    assert set(family) <= set(STATUS)


@pytest.mark.parametrize(("kind", "status"), [("conflict", 409), ("field", 422), ("away", 503)])
def test_an_error_of_ours_is_a_problem_in_both_languages(
    client: httpx.Client, kind: str, status: int
) -> None:
    answer = client.get(f"/api/fails/{kind}", headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["detail"]) == (status, body["detail_en"])
    assert body["detail_zh"]
    assert body["type"] == f"urn:zhida:problem:{body['code']}"
    assert body["correlation_id"] == answer.headers["x-correlation-id"]


def test_a_problem_speaks_chinese_unless_asked_otherwise(client: httpx.Client) -> None:
    assert client.get("/api/fails/conflict").json()["detail"] == "车辆 c1 没有座位。"


def test_an_error_that_names_a_field_lists_it(client: httpx.Client) -> None:
    faults = client.get("/api/fails/field").json()["errors"]
    assert faults == [
        {
            "field": "phone",
            "fault_zh": "手机号有 7 位，应为 11 位。",
            "fault_en": "The phone has 7 digits; give 11.",
        }
    ]


def test_a_part_that_is_away_says_when_to_try_again(client: httpx.Client) -> None:
    assert client.get("/api/fails/away").headers["retry-after"] == "5"


@pytest.mark.parametrize("kind", ["bug", "ours"])
def test_our_own_fault_tells_its_number_alone_and_is_logged_with_its_traceback(
    client: httpx.Client, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    answer = client.get(f"/api/fails/{kind}", headers={"X-Correlation-ID": "abc-1"})
    assert answer.status_code == 500
    assert "abc-1" in answer.json()["detail"]
    assert "13800005678" not in answer.text
    logged = [record for record in caplog.records if record.exc_info]
    assert len(logged) == 1


def test_invalid_fields_are_named_with_fault_and_mend_and_without_their_value(client: httpx.Client) -> None:
    orders = [
        {"phone": "13800005678", "seats": 1},
        {"phone": "138SECRET", "seats": 0, "kind": "rich", "colour": "red"},
        {"seats": "x"},
    ]
    answer = client.post("/api/orders", json={"orders": orders})
    assert answer.status_code == 422
    found = {fault["field"]: fault for fault in answer.json()["errors"]}
    assert set(found) == {
        "orders[1].phone",
        "orders[1].seats",
        "orders[1].kind",
        "orders[1].colour",
        "orders[2].phone",
        "orders[2].seats",
    }
    assert found["orders[1].seats"] == {
        "field": "orders[1].seats",
        "fault_zh": "太小",
        "fault_en": "is too small",
        "mend_zh": "至少为 1",
        "mend_en": "Give at least 1.",
    }
    assert found["orders[1].phone"]["mend_zh"] == "至少 11 个字符"
    assert found["orders[1].kind"]["mend_en"] == "Choose from 'poor' or 'ordinary'."
    assert found["orders[1].colour"]["fault_zh"] == "不认识此字段"
    assert "SECRET" not in answer.text


def test_a_body_that_is_not_json_is_told_where_it_stops_making_sense(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/orders", content=b'{"orders": [}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "json-invalid")
    assert "12" in answer.json()["detail_en"]


def test_a_body_without_its_type_is_told_to_name_it(client: httpx.Client) -> None:
    answer = client.post("/api/orders", content=b'{"orders": []}')
    assert answer.status_code == 422
    assert "application/json" in answer.json()["errors"][0]["mend_zh"]


def test_a_form_that_cannot_be_read_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/api/files", content=b"--y rubbish", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "body-unreadable")


def chunks(size: int) -> Iterator[bytes]:
    """A body that does not say its length."""
    for _ in range(size // 100_000):
        yield b"x" * 100_000


@pytest.mark.parametrize("path", ["/api/orders", "/api/files", "/api/ignores"])
@pytest.mark.parametrize("size", [2_100_000, 6_000_000])
def test_a_body_that_tells_it_is_too_large_gets_413(client: httpx.Client, path: str, size: int) -> None:
    answer = client.post(path, content=b"x" * size, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["detail_zh"] == "内容超过允许的 2 MB，请拆分后再提交。"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/orders", "application/json"), ("/api/files", "multipart/form-data; boundary=x")],
)
def test_a_body_that_hides_its_length_gets_413_all_the_same(
    client: httpx.Client, path: str, kind: str
) -> None:
    head = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n',)
    body = (part for source in (head if "multi" in kind else (), chunks(6_000_000)) for part in source)
    answer = client.post(path, content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_all_before_it_listens_hears_413_too(client: httpx.Client, chunked: bool) -> None:
    connection = HTTPConnection(client.base_url.host, client.base_url.port, timeout=PATIENCE_S)
    body = chunks(7_000_000) if chunked else b"x" * 7_000_000
    headers = {"Content-Type": "application/json"} | ({"Transfer-Encoding": "chunked"} if chunked else {})
    connection.request("POST", "/api/orders", body, headers, encode_chunked=chunked)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_within_the_limit_is_taken(client: httpx.Client) -> None:
    assert client.post("/api/files", files={"file": ("f", b"x" * 1_900_000)}).json() == 1_900_000


def test_an_unknown_address_and_a_wrong_method_have_the_same_shape(client: httpx.Client) -> None:
    assert client.get("/api/nothing").json()["code"] == "path-unknown"
    wrong = client.delete("/api/orders")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")


def test_a_correlation_id_goes_in_and_out_and_into_the_cause(client: httpx.Client) -> None:
    answer = client.get("/api/cause", headers={"X-Correlation-ID": "roster-17"})
    assert (answer.json(), answer.headers["x-correlation-id"]) == ("roster-17", "roster-17")


@pytest.mark.parametrize("rubbish", ["", "x" * 65, "a b", '"}'])
def test_a_correlation_id_that_is_none_is_replaced(client: httpx.Client, rubbish: str) -> None:
    given = client.get("/api/cause", headers={"X-Correlation-ID": rubbish}).json()
    assert given != rubbish
    assert len(given) == 26


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [
        ({}, "", "中文"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "", "English"),
        ({"Accept-Language": "fr,en;q=0.5,zh;q=0.8"}, "", "中文"),
        ({"Accept-Language": "en;q=rubbish,zh"}, "", "中文"),
        ({"Cookie": "zhida_language=en"}, "", "English"),
        ({"Cookie": "zhida_language=en"}, "?lang=zh", "中文"),
        ({}, "?lang=xx", "中文"),
    ],
)
def test_the_readers_language_is_asked_for_kept_or_preferred(
    client: httpx.Client, headers: dict[str, str], query: str, expected: str
) -> None:
    assert client.get(f"/api/words{query}", headers=headers).json() == expected


def test_asking_for_a_language_keeps_it(client: httpx.Client) -> None:
    client.get("/api/words?lang=en")
    assert client.get("/api/words").json() == "English"


def test_every_answer_carries_the_security_headers(client: httpx.Client) -> None:
    for path in ("/api/words", "/nothing", "/api/fails/bug"):
        headers = client.get(path).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
        assert "server" not in headers


def test_a_links_page_tells_no_other_page_its_address(client: httpx.Client) -> None:
    assert client.get("/b/secret").headers["referrer-policy"] == "no-referrer"


def test_over_https_browsers_are_told_to_stay_there(clock: FixedClock, keyring: Keyring, up) -> None:
    app = make_app(
        "x", "x", "1", Metrics("x"), keyring, lambda: None, clock, public_url="https://zhida.example.gov.cn"
    )
    assert "max-age" in up(app).get("/healthz").headers["strict-transport-security"]


def test_a_request_is_logged_and_counted_by_the_template_of_its_path(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "zhida.http")
    client.get("/b/eyJsecret?x=hidden")
    client.get("/nothing/eyJsecret")
    shown = client.get("/metrics").text  # asked last: a request is logged after its answer is out
    routes = [(record.route, record.status) for record in caplog.records if record.message == "request"]
    assert routes[:2] == [("/b/{token}", 200), ("(unmatched)", 404)]
    assert 'zhida_http_requests_total{method="GET",route="/b/{token}",status="200"} 1.0' in shown
    assert "eyJsecret" not in shown
    assert "eyJsecret" not in caplog.text
    assert "hidden" not in caplog.text


def test_ready_says_what_is_missing(clock: FixedClock, keyring: Keyring, up) -> None:
    def ready() -> None:
        raise Unavailable()

    client = up(make_app("x", "x", "1", Metrics("x"), keyring, ready, clock))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_the_description_of_the_api_is_served(client: httpx.Client) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert "/api/orders" in paths
    assert "/metrics" not in paths


def test_an_error_keeps_the_status_of_its_nearest_ancestor() -> None:
    assert status_of(SeatsMissing(coach="c1")) == 409


def test_of_a_confidential_route_neither_log_nor_figures_tell_that_it_was_called(
    app: FastAPI, up, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/secret/{case_id}", dependencies=OPEN, tags=[CONFIDENTIAL])
    def secret(case_id: str) -> str:
        if case_id == "broken":
            raise RuntimeError("no")
        return "page"

    client = up(app)
    before = client.get("/metrics").text
    with caplog.at_level("INFO"):
        assert client.get("/secret/R-1").status_code == 200
        assert client.get("/secret/broken").status_code == 500
    routes = {getattr(record, "route", None) for record in caplog.records} - {None}
    assert "/secret/{case_id}" not in routes
    assert [one.message for one in caplog.records if one.name == "zhida.http"] == ["request failed"]
    after = client.get("/metrics").text
    assert "secret" not in after
    assert "secret" not in before
