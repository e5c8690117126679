"""Knows how to write rows as an XLSX file that is the same byte for byte each time; refuses to know the rows.

openpyxl stamps the time of writing into the document and into the archive; both are set to a fixed instant.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

STAMP = (2020, 2, 24, 0, 0, 0)
_STAMP_XML = b"2020-02-24T00:00:00Z"
_TIME_XML = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

Cell = str | int | float | date


def write_workbook(path: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Writes one sheet, headings bold and frozen, and returns the number of rows under them."""
    book = Workbook(write_only=True)
    book.properties.creator = "zhida sample"
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for letter in "ABCDEFGHIJK"[: len(headings)]:
        sheet.column_dimensions[letter].width = 20
    bold = Font(bold=True)
    cells = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, heading)
        cell.font = bold
        cells.append(cell)
    sheet.append(cells)
    written = 0
    for row in rows:
        sheet.append(row)
        written += 1
    raw = BytesIO()
    book.save(raw)
    _write_without_time(raw, path)
    return written


def _write_without_time(raw: BytesIO, path: Path) -> None:
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _TIME_XML.sub(_STAMP_XML, content)
            member = zipfile.ZipInfo(name, STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            target.writestr(member, content)
