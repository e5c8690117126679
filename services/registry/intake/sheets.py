"""Writes a table of text as CSV or as a workbook, piece by piece: a county's month has sixty thousand lines, a province's a million.

All cells are text, so an ID keeps its digits, and what begins with `=` is no formula: in CSV a quote stands before it.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape

from services.registry.intake.grid import letter

Line = Sequence[str]
Encoding = Literal["utf-8", "gb18030"]
_LINES_A_PIECE: Final = 1000
_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org"
_MAIN: Final = f"{_OFFICE}/spreadsheetml/2006/main"
_UNWRITABLE: Final = {code: None for code in range(32) if code not in (9, 10, 13)} | {
    0xFFFE: None,
    0xFFFF: None,
}


def write_csv(headings: Line, lines: Iterable[Line], encoding: Encoding) -> Iterator[bytes]:
    """A CSV in pieces; UTF-8 begins with a byte order mark, by which Excel knows it."""
    yield b"\xef\xbb\xbf" if encoding == "utf-8" else b""
    for piece in _pieces(_with(headings, lines)):
        text = io.StringIO()
        csv.writer(text).writerows([[_safe(cell) for cell in line] for line in piece])
        yield text.getvalue().encode(encoding)


def _safe(cell: str) -> str:
    """Without what a spreadsheet would take for a formula; our readers drop the quote again."""
    cell = cell if cell.isprintable() else cell.translate(_UNWRITABLE)
    return f"'{cell}" if cell.startswith(_SIGNS) else cell


def write_xlsx(title: str, headings: Line, lines: Iterable[Line]) -> Iterator[bytes]:
    """A workbook of one sheet in pieces."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, text in _frame(title):
            archive.writestr(path, _XML + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}">{_columns(len(headings))}<sheetData>'.encode())
            letters = [letter(at) for at in range(len(headings))]
            number = 0
            for piece in _pieces(_with(headings, lines)):
                sheet.write(
                    "".join(_row(number + i, line, letters) for i, line in enumerate(piece, start=1)).encode()
                )
                number += len(piece)
                yield pipe.take()
            sheet.write(b"</sheetData></worksheet>")
    yield pipe.take()


def _with(headings: Line, lines: Iterable[Line]) -> Iterator[Line]:
    yield headings
    yield from lines


def _pieces(lines: Iterable[Line]) -> Iterator[list[Line]]:
    piece: list[Line] = []
    for line in lines:
        piece.append(line)
        if len(piece) == _LINES_A_PIECE:
            yield piece
            piece = []
    yield piece


def _row(number: int, line: Line, letters: Sequence[str]) -> str:
    cells = "".join(
        f'<c r="{at}{number}" s="1" t="inlineStr"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
        for at, cell in zip(letters, line, strict=True)
        if cell
    )
    return f'<row r="{number}">{cells}</row>'


def _text(cell: str) -> str:
    return escape(cell if cell.isprintable() else cell.translate(_UNWRITABLE))


def _columns(count: int) -> str:
    return f'<cols><col min="1" max="{count}" width="20" style="1" customWidth="1"/></cols>'


def _frame(title: str) -> Iterator[tuple[str, str]]:
    """All parts but the sheet; style 1 is text."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    related = f"{_OFFICE}/officeDocument/2006/relationships"
    yield (
        "[Content_Types].xml",
        f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
    )
    package = f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    yield (
        "_rels/.rels",
        f'{package}<Relationship Id="rId1" Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{package}<Relationship Id="rId1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{related}/styles" Target="styles.xml"/></Relationships>',
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{related}"><sheets>'
        f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    )
    one = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    yield (
        "xl/styles.xml",
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1">{one}</cellStyleXfs><cellXfs count="2">{one}'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    )


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, in order, and hands it on; it cannot be sought in, so the archive never goes back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        taken = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(taken)
        return len(taken)

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
