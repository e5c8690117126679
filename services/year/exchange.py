"""A month's report to the provincial system: drawn up, sent, answered row by row, and sent again where it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from services.sample.workbook import write_workbook
from services.year.desk import REGISTRY, Desk

PATIENCE_S = 120.0
TOKEN, RESULT, REASON = "报送编号", "结果", "原因"
"""Headings of the preset mapping (`guizhou-assumed`) that the answer is written with."""


@dataclass(frozen=True)
class Exchanged:
    """What became of a month's report: the rows sent, and those that were sent once more after one was refused."""

    first: Mapping[str, Any]
    receipt: Mapping[str, Any]
    again: Mapping[str, Any]
    report: Mapping[str, Any]


def report_month(desk: Desk, folder: Path, month: date) -> Exchanged:
    """Send a month, have its first row refused and all others accepted, and send what is left."""
    first, receipt = _send(desk, folder, month, "monthly", refuse_first=True)
    again, _ = _send(desk, folder, month, "correction", refuse_first=False)
    report = desk.ask(desk.bureau, "/api/exchange/report", month=f"{month:%Y-%m}")
    return Exchanged(first, receipt, again, report)


def _send(
    desk: Desk, folder: Path, month: date, reason: str, *, refuse_first: bool
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    asked = {"reason": reason, "month": f"{month:%Y-%m}", "only_changed": True}
    where = f"/api/exchange/exports/{desk.do(desk.bureau, '/api/exchange/exports', **asked)['export_id']}"

    def is_ready() -> bool:
        return bool(desk.ask(desk.bureau, where)["status"] == "ready")

    desk.office.await_true(is_ready, "the month is drawn up", PATIENCE_S)
    export = desk.ask(desk.bureau, where)
    content = desk.office.download(desk.bureau, REGISTRY, "POST", f"{where}/file")
    answer = folder / f"receipt-{export['export_id']}.xlsx"
    lines = [
        [token, "失败", "身份信息待核实"] if refuse_first and number == 0 else [token, "成功", ""]
        for number, token in enumerate(_tokens(content))
    ]
    write_workbook(answer, "回执", [TOKEN, RESULT, REASON], lines)
    receipt = desk.send(desk.bureau, "/api/exchange/receipts", answer)
    return export, receipt


def _tokens(content: bytes) -> list[str]:
    book = load_workbook(BytesIO(content), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    column = rows[0].index(TOKEN)
    return [str(row[column]) for row in rows[1:]]
