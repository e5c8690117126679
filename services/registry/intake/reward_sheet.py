"""Writes a reward list as an XLSX: masked for the public notice, in full for who checks and pays it; knows no rule."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill

from services.registry.intake.grid import letter
from shared.kernel.money import FEN_PER_YUAN

_HEADING_FILL = PatternFill("solid", fgColor="DCE6F1")
_HEADINGS = ("序号", "姓名", "身份证号", "到岗日期", "期次", "金额（元）")
_EVIDENCE = "依据"
_WIDTHS = (8, 14, 24, 14, 14, 14, 90)


@dataclass(frozen=True)
class SheetHead:
    """What stands above the table: a title, and facts by name; and what the list pays for workers of earlier lists."""

    title: str
    facts: Sequence[tuple[str, str]]
    difference_fen: int = 0


@dataclass(frozen=True)
class SheetLine:
    """One worker; `evidence` is empty for the public."""

    name: str
    resident_id: str
    placed_on: str
    part: str
    amount_fen: int
    evidence: str = ""


def write_reward_sheet(head: SheetHead, lines: Sequence[SheetLine]) -> bytes:
    """The list with its total. Texts stay texts, amounts are numbers of two decimals."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("奖补名单")
    has_evidence = any(one.evidence for one in lines)
    headings = (*_HEADINGS, _EVIDENCE) if has_evidence else _HEADINGS
    for position, _ in enumerate(headings):
        sheet.column_dimensions[letter(position)].width = _WIDTHS[position]

    def text(value: str, *, bold: bool = False, wraps: bool = False) -> Cell:
        cell: Cell = WriteOnlyCell(sheet, value)
        cell.data_type, cell.number_format, cell.font = "s", "@", Font(bold=bold)
        cell.alignment = Alignment(vertical="top", wrap_text=wraps)
        return cell

    def money(fen: int, *, bold: bool = False) -> Cell:
        cell: Cell = WriteOnlyCell(sheet, round(fen / FEN_PER_YUAN, 2))
        cell.number_format, cell.font = "#,##0.00", Font(bold=bold)
        return cell

    sheet.append([text(head.title, bold=True)])
    for name, value in head.facts:
        sheet.append([text(name, bold=True), text(value)])
    cells = [text(one, bold=True) for one in headings]
    for cell in cells:
        cell.fill = _HEADING_FILL
    sheet.append(cells)
    for number, one in enumerate(lines, start=1):
        row = [text(str(number)), text(one.name), text(one.resident_id), text(one.placed_on), text(one.part)]
        row.append(money(one.amount_fen))
        sheet.append([*row, text(one.evidence, wraps=True)] if has_evidence else row)
    blank = [text("") for _ in range(4)]
    if head.difference_fen:
        sheet.append([text("补足此前名单差额"), *blank, money(head.difference_fen)])
    total_fen = sum(one.amount_fen for one in lines) + head.difference_fen
    sheet.append([text("合计", bold=True), *blank, money(total_fen, bold=True)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
