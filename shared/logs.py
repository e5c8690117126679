"""One-line JSON logs with the correlation id of what is going on; refuses to write secrets.

Nothing personal is logged in the first place; against a slip, the values of keys that name a secret are
dropped, and so are tokens in a text, whoever wrote it.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_correlation: ContextVar[str | None] = ContextVar("correlation_id", default=None)

_DROPPED: Final = "[dropped]"
_SECRET_KEYS = re.compile(
    r"token|authori[sz]ation|password|passwd|secret|cookie|signing_key|api_key|resident_id|phone",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?<=Bearer )\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a database URL
    r"|(?<=/[bhr]/)[\w.-]{16,}"
    r"|(?<=whsec_)[\w+/=-]+",  # what signs a webhook
    re.IGNORECASE,
)


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log record of the process to `stream` (stderr), one JSON object a line; replaces what was there."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Line(service))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Theirs would tell raw paths, and so tokens of links: `shared.http` writes the access log.
    logging.getLogger("uvicorn.access").disabled = True
    for noisy in ("httpx", "httpcore", "kafka"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


@contextmanager
def correlation(correlation_id: str) -> Iterator[None]:
    """Mark what is logged inside as part of one chain, from upload to confirmation."""
    token = _correlation.set(correlation_id)
    try:
        yield
    finally:
        _correlation.reset(token)


def current_correlation() -> str | None:
    """The chain that the present code works for."""
    return _correlation.get()


class _Line(JsonFormatter):
    """ts, level, service, logger, message, correlation_id, then the record's extras."""

    def __init__(self, service: str) -> None:
        super().__init__(
            json_ensure_ascii=False,
            json_default=str,
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
        )
        self._service = service

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        extras: dict[str, Any] = {}
        super().add_fields(extras, record, message_dict)
        log_data.update(
            ts=datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            level=record.levelname.lower(),
            service=self._service,
            logger=record.name,
            message=extras.pop("message", record.getMessage()),
            correlation_id=current_correlation(),
        )
        log_data.update({key: value for key, value in extras.items() if key not in log_data})

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {key: _without_secrets(key, value) for key, value in log_data.items()}


def _without_secrets(key: str, value: Any) -> Any:
    if _SECRET_KEYS.search(key):
        return _DROPPED
    if isinstance(value, dict):
        return {inner: _without_secrets(str(inner), kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets("", item) for item in value]
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_DROPPED, value)
    return value
