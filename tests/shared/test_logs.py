import io
import json
import logging
from collections.abc import Iterator

import pytest

from shared import logs


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, with the loggers put back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("registry", "info")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def test_a_record_is_one_line_of_json(stream: io.StringIO) -> None:
    with logs.correlation("roster-17"):
        logging.getLogger("zhida.test").info("已接受\n两行", extra={"rows": 95})
    assert stream.getvalue().count("\n") == 1
    line = json.loads(stream.getvalue())
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "info",
        "service": "registry",
        "logger": "zhida.test",
        "message": "已接受\n两行",
        "correlation_id": "roster-17",
        "rows": 95,
    }


def test_a_traceback_is_in_the_line(stream: io.StringIO) -> None:
    try:
        raise RuntimeError("out of diesel")
    except RuntimeError:
        logging.getLogger("zhida.test").exception("failed")
    assert "out of diesel" in json.loads(stream.getvalue())["exc_info"]


def test_the_correlation_ends_with_its_block() -> None:
    with logs.correlation("outer"):
        with logs.correlation("inner"):
            assert logs.current_correlation() == "inner"
        assert logs.current_correlation() == "outer"
    assert logs.current_correlation() is None


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("message", "extra"),
    [
        ("x", {"token": "planted"}),
        ("x", {"Authorization": "planted"}),
        ("x", {"smtp_password": "planted"}),
        ("x", {"headers": {"cookie": "planted", "deeper": [{"api_key": "planted"}]}}),
        ("x", {"signing_key": "planted"}),
        (f"opened {JWT}", {}),
        ("Authorization: Bearer planted", {}),
        ("cannot reach postgresql+psycopg://zhida:planted@db/registry", {}),
        ("GET /b/planted-planted-planted", {}),
        ("signed with whsec_planted+/==", {}),
        ("x", {"url": f"http://h/sign-in#token={JWT}"}),
    ],
)
def test_a_secret_that_slips_into_a_record_is_dropped(
    stream: io.StringIO, message: str, extra: dict[str, object]
) -> None:
    logging.getLogger("zhida.test").warning(message, extra=extra)
    assert "planted" not in stream.getvalue()
    assert JWT not in stream.getvalue()
    assert "[dropped]" in stream.getvalue()


def test_a_secret_in_a_traceback_is_dropped(stream: io.StringIO) -> None:
    try:
        raise RuntimeError(f"refused: Bearer {JWT}")
    except RuntimeError:
        logging.getLogger("zhida.test").exception("failed")
    assert JWT not in stream.getvalue()


def test_the_servers_own_access_log_is_silent(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /b/%s", JWT)
    assert stream.getvalue() == ""
