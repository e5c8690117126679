"""Reads the cells of a workbook's roster sheet; refuses to open what is larger or stranger than a roster.

calamine lays a sheet out as a dense block, so one stray cell in its far corner would ask for gigabytes. Each
part is therefore inflated here first, up to a limit, looked over at the speed of a regular expression, and packed
again for calamine to read: it sees what was measured and nothing else.
"""

import io
import lzma
import re
import zipfile
import zlib
from xml.etree import ElementTree

import python_calamine as calamine

from services.registry.intake.errors import FileDamaged, FileTooLarge
from services.registry.intake.grid import ROWS_MAX, Grid

INFLATED_MAX_BYTES = 200 * 1024 * 1024
_MEMBERS_MAX = 1000
_CHUNK_BYTES = 1 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,  # a member with a password of its own
    EOFError,
    OSError,
    ValueError,
)
_TAG = rb"<(?:\w+:)?"
_FILLED_ROW = re.compile(_TAG + rb"row(?=[\s>])[^>]*(?<!/)>")
_FAR_CELL = re.compile(_TAG + rb"c(?=[\s/>])(?!\sr=[\"']A?[A-Z][0-9]{1,5}[\"'])")
"""A cell without its reference in front, or one beyond AZ99999."""
_FORMULA = re.compile(_TAG + rb"c\sr=[\"']([A-Z]{1,2})([0-9]{1,5})[\"'][^>]*>\s*" + _TAG + rb"f[\s/>]")


def read_xlsx(content: bytes, file: str, title: str) -> Grid:
    """The cells of the sheet called `title`, or else of the first visible one, as calamine types them.

    Raises FileTooLarge (rows, size when inflated), FileDamaged.
    """
    parts = _inflate(content, file)
    if any(b"<!DOCTYPE" in part[:4096] or b"<!ENTITY" in part[:4096] for part in parts.values()):
        raise FileDamaged(file=file, reason="DOCTYPE")
    try:
        path, name = find_sheet(parts, title)
        formulas = _look_over(parts[path], file)
        with calamine.CalamineWorkbook.from_filelike(_pack(parts)) as book:
            sheet = book.get_sheet_by_name(name)
            merged = tuple(sheet.merged_cell_ranges or ())
            return Grid(sheet.to_python(skip_empty_area=False), formulas, merged)
    except (calamine.CalamineError, ElementTree.ParseError, KeyError, StopIteration) as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error


def _inflate(content: bytes, file: str) -> dict[str, bytes]:
    """Every XML part by its path, none of it believed before it is measured (a ZIP may lie about sizes)."""
    parts: dict[str, bytes] = {}
    left = INFLATED_MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith((".xml", ".rels"))]
            if len(members) > _MEMBERS_MAX:
                raise _too_large(file, f"{_MEMBERS_MAX} parts", f"{_MEMBERS_MAX}个部件")
            for member in members:
                chunks = []
                with archive.open(member) as part:
                    while chunk := part.read(_CHUNK_BYTES):
                        left -= len(chunk)
                        if left < 0:
                            limit_mb = INFLATED_MAX_BYTES >> 20
                            raise _too_large(file, f"{limit_mb} MB when unpacked", f"解压后{limit_mb} MB")
                        chunks.append(chunk)
                parts[member.filename] = b"".join(chunks)
    except UNREADABLE as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error
    return parts


def _too_large(file: str, limit: str, limit_zh: str) -> FileTooLarge:
    return FileTooLarge(file=file, limit=limit, limit_zh=limit_zh)


def find_sheet(parts: dict[str, bytes], title: str) -> tuple[str, str]:
    """Path and name of the roster sheet, by the workbook's own list of sheets."""
    book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - measured, and without a DTD
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    targets = {r.get("Id"): r.get("Target", "") for r in relations.findall("{*}Relationship")}
    sheets = [s for s in book.findall("{*}sheets/{*}sheet") if s.get("state", "visible") == "visible"]
    chosen = next((s for s in sheets if s.get("name") == title), None) or next(iter(sheets))
    target = targets[chosen.get(_RELATION) or chosen.get(_RELATION_STRICT)]
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return path, chosen.get("name", "")


def _look_over(sheet: bytes, file: str) -> frozenset[tuple[int, int]]:
    """Where the sheet has formulas; raises where it has too many rows, or cells that no roster has."""
    rows = 0
    for rows, _ in enumerate(_FILLED_ROW.finditer(sheet), start=1):
        if rows > ROWS_MAX + 20:  # the headings, and a few lines of title above them
            raise too_many_rows(file)
    if _FAR_CELL.search(sheet):
        raise FileDamaged(file=file, reason="AZ99999")
    return frozenset((int(m[2]) - 1, _column(m[1])) for m in _FORMULA.finditer(sheet))


def too_many_rows(file: str) -> FileTooLarge:
    """The error that names the limit of rows."""
    return _too_large(file, f"{ROWS_MAX:,} rows", f"{ROWS_MAX:,}行")


def _column(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number - 1


def _pack(parts: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path, part in parts.items():
            archive.writestr(path, part)
    packed.seek(0)
    return packed
