"""Rosters for tests: invented people whose IDs pass the check, and files as offices send them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl
from stdnum.cn import ric

from shared.roster import COLUMNS, SHEET_TITLE

HEADINGS = [column.zh for column in COLUMNS]
ENTERPRISE = "东莞晨光示例电子有限公司"
ENTERPRISE_ID = "91441900MA0000015D"
GATE = "东门"
AGENCY_ID = "91522732MA0000001U"


def resident_id(number: int, born: date = date(1990, 1, 1)) -> str:
    """The ID of an invented person under an area that no division ever had."""
    first17 = f"529900{born:%Y%m%d}{number % 1000:03d}"
    return first17 + ric.calc_check_digit(first17 + "0")


def worker(number: int, **changes: Any) -> dict[str, Any]:
    """A row by field that is accepted; `changes` replace fields."""
    row: dict[str, Any] = {
        "name": f"测试{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯辰巳午未申酉戌亥'[number % 12]}",
        "resident_id": resident_id(number, date(1985 + number // 1000 % 15, 1, 1)),
        "phone": f"1540000{number % 10000:04d}",
        "stop": "三合街道",
        "enterprise": ENTERPRISE,
        "gate": GATE,
        "earliest": "2020-02-24",
        "latest": "2020-02-26",
        "party": "",
        "category": "易地搬迁",
        "organising_mode": "政府购买服务",
    }
    return row | changes


def lines(rows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Rows in the order of the columns."""
    return [[row[column.key] for column in COLUMNS] for row in rows]


def xlsx(
    rows: Iterable[Mapping[str, Any]], headings: Sequence[str] = HEADINGS, *, above: Sequence[str] = ()
) -> bytes:
    """A workbook with these rows, below some lines of title if there are any."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET_TITLE
    for title in above:
        sheet.append([title])
    sheet.append(list(headings))
    for line in lines(rows):
        sheet.append(line)
    return save(book)


def save(book: openpyxl.Workbook) -> bytes:
    """A workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, **cells: Any) -> bytes:
    """A workbook with other values in some cells, `C1="电话"`."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for cell, value in cells.items():
        book.active[cell] = value
    return save(book)


def merged(content: bytes, cells: str) -> bytes:
    """A workbook with these cells merged."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active.merge_cells(cells)
    return save(book)


def long_xlsx(rows: int) -> bytes:
    """A workbook of very many rows, written as fast as can be: one row's XML again and again."""
    with zipfile.ZipFile(io.BytesIO(xlsx([worker(1)]))) as small:
        parts = {name: small.read(name) for name in small.namelist()}
    path = "xl/worksheets/sheet1.xml"
    start = parts[path].index(b'<row r="2"')
    end = parts[path].index(b"</row>", start) + len(b"</row>")
    one = parts[path][start:end].decode()
    many = "".join(one.replace('2"', f'{n}"') for n in range(2, rows + 2))
    parts[path] = parts[path][:start] + many.encode() + parts[path][end:]
    return pack(parts)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def csv_text(rows: Iterable[Mapping[str, Any]], delimiter: str = ",") -> str:
    """The same as CSV."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(HEADINGS)
    writer.writerows(lines(rows))
    return file.getvalue()
