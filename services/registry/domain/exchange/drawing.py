"""Knows how far an export is: asked for, being drawn up, ready to be fetched for some days, then expired."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class ExportState(StrEnum):
    """How an export stands. A failed or an expired one is asked for again."""

    WAITING = "waiting"
    DRAWING = "drawing"
    READY = "ready"
    EXPIRED = "expired"
    FAILED = "failed"


STATE_WORDS: Final[dict[ExportState, tuple[str, str]]] = {
    ExportState.WAITING: ("等待生成", "waiting"),
    ExportState.DRAWING: ("正在生成", "being drawn up"),
    ExportState.READY: ("可下载", "ready"),
    ExportState.EXPIRED: ("下载已过期", "expired"),
    ExportState.FAILED: ("生成失败", "failed"),
}


def state_of(
    *, due: int | None, finished_at: datetime | None, failure: str | None, file_days: int, now: datetime
) -> ExportState:
    """`due` is known from the first people on."""
    if failure is not None:
        return ExportState.FAILED
    if finished_at is None:
        return ExportState.WAITING if due is None else ExportState.DRAWING
    return ExportState.READY if now < expires_at(finished_at, file_days) else ExportState.EXPIRED


def expires_at(finished_at: datetime, file_days: int) -> datetime:
    """From when on the file is not made any more."""
    return finished_at + timedelta(days=file_days)
