"""Streams the cells of a workbook's sheet; refuses one that is larger, when unpacked, than any register.

Each part is inflated once before anything believes it: to its end, up to a limit, without a DTD.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import BinaryIO
from xml.etree import ElementTree

from openpyxl.utils.exceptions import InvalidFileException

from services.registry.intake.cells import read_cells
from services.registry.intake.errors import FileDamaged, FileTooLarge
from services.registry.intake.grid import Cell
from services.registry.intake.xlsx import UNREADABLE, find_sheet

INFLATED_MAX_BYTES = 3 << 30
STRINGS_MAX_BYTES = 400 << 20
_SMALL_MAX_BYTES = 16 << 20
_MEMBERS_MAX = 1000
_COLUMNS_MAX = 60
_CHUNK_BYTES = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?row[\s>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*ref=[\"']([A-Z]+[0-9]+:[A-Z]+([0-9]+))[\"']")


@dataclass(frozen=True)
class Measure:
    """The path of the sheet, how many rows it has, and its merged ranges with the last row of each."""

    sheet: str
    rows: int
    merged: tuple[tuple[str, int], ...]

    def merged_below(self, row: int) -> list[str]:
        """The ranges that reach to this row or further."""
        return [name for name, last in self.merged if last >= row]


def measure(content: BinaryIO, file: str, title: str) -> Measure:
    """Look through the sheet called `title`, or else the first visible one. Raises FileTooLarge, FileDamaged."""
    try:
        with zipfile.ZipFile(content) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith((".xml", ".rels"))]
            if len(members) > _MEMBERS_MAX:
                raise _too_large(file, f"{_MEMBERS_MAX} parts", f"{_MEMBERS_MAX}个部件")
            small = {
                name: _small(archive, name, file)
                for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
            }
            path, _ = find_sheet(small, title)
            rows, merged = 0, []
            left = INFLATED_MAX_BYTES
            for member in members:
                limit = STRINGS_MAX_BYTES if member.filename.endswith("sharedStrings.xml") else left
                seen = _Seen()
                for block in _blocks(archive, member.filename, min(limit, left), file):
                    left -= len(block)
                    if member.filename == path:
                        seen.look(block)
                if member.filename == path:
                    rows, merged = seen.rows, seen.merged
            return Measure(path, rows, tuple(merged))
    except (*UNREADABLE, ElementTree.ParseError, KeyError, StopIteration) as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error


def stream_cells(content: BinaryIO, file: str, sheet: str) -> Iterator[list[Cell]]:
    """The rows of a sheet that was measured, as openpyxl types their cells. Raises FileDamaged."""
    try:
        for cells in read_cells(content, sheet, _COLUMNS_MAX):
            yield [_plain(cell) for cell in cells]
    except (*UNREADABLE, ElementTree.ParseError, LookupError, TypeError, InvalidFileException) as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error


def _plain(cell: object) -> Cell:
    """What is no plain value, such as an array formula, is a formula to whoever reads it."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str | int | float | date | time | timedelta) else "="


class _Seen:
    """Counts the rows of a sheet and notes its merged ranges, block by block."""

    def __init__(self) -> None:
        self.rows = 0
        self.merged: list[tuple[str, int]] = []
        self._rest = b""

    def look(self, block: bytes) -> None:
        text = self._rest + block
        end = text.rfind(b">") + 1
        self._rest = text[end:][-_CHUNK_BYTES:]
        self.rows += sum(1 for _ in _ROW.finditer(text, 0, end))
        self.merged += [(m[1].decode(), int(m[2])) for m in _MERGED.finditer(text, 0, end)]


def _blocks(archive: zipfile.ZipFile, name: str, limit: int, file: str) -> Iterator[bytes]:
    is_first = True
    with archive.open(name) as part:
        while block := part.read(_CHUNK_BYTES):
            limit -= len(block)
            if limit < 0:
                raise _too_large(file, "3 GB when unpacked", "解压后3 GB")
            if is_first and (b"<!DOCTYPE" in block[:4096] or b"<!ENTITY" in block[:4096]):
                raise FileDamaged(file=file, reason="DOCTYPE")
            is_first = False
            yield block


def _small(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    whole = io.BytesIO()
    for block in _blocks(archive, name, _SMALL_MAX_BYTES, file):
        whole.write(block)
    return whole.getvalue()


def _too_large(file: str, limit: str, limit_zh: str) -> FileTooLarge:
    return FileTooLarge(file=file, limit=limit, limit_zh=limit_zh)
