"""Reads comma- or tab-separated text in the encodings that offices use; refuses to guess at bytes that are none."""

import csv
import io

from services.registry.intake.errors import FileDamaged, WrongFileType
from services.registry.intake.grid import ROWS_MAX, Cell, Grid
from services.registry.intake.xlsx import too_many_rows

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DELIMITERS = ",\t;，"


def read_csv(content: bytes, file: str) -> Grid:
    """The cells of a CSV as text. Raises WrongFileType (no text), FileTooLarge, FileDamaged."""
    text = _decode(content, file)
    head = text[:4096]
    delimiter = max(DELIMITERS, key=head.count)
    rows: list[list[Cell]] = []
    formulas: set[tuple[int, int]] = set()
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            if number > ROWS_MAX + 20:
                raise too_many_rows(file)
            rows.append([plain_of(cell) for cell in cells])
            formulas.update((number, column) for column, cell in enumerate(rows[-1]) if _is_formula(cell))
    except csv.Error as error:
        raise FileDamaged(file=file, reason=str(error)) from error
    return Grid(rows, frozenset(formulas))


def _decode(content: bytes, file: str) -> str:
    """By its byte order mark, else UTF-8 where it is that, else GB18030, which holds GBK and GB2312."""
    named = next((encoding for bom, encoding in BOMS if content.startswith(bom)), None)
    for encoding in [named] if named else ["utf-8", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(sign) < 32 and sign not in "\t\r\n\f\x1a" for sign in text[:4096]):
            return text.rstrip("\x1a")
    raise unknown_file(file)


def unknown_file(file: str) -> WrongFileType:
    """The error for bytes that are no text."""
    return WrongFileType(file=file, found_zh="无法识别的文件", found_en="a file of an unknown kind")


def plain_of(cell: str) -> str:
    """Without the tricks that keep Excel from reading digits as a number: `="123"`, `'123`, a leading tab."""
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return cell.strip().removeprefix("'")


def _is_formula(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.startswith("=")
