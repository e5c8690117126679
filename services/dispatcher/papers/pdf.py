"""Sets papers in type: PDF/A-2, the font embedded, the same bytes for the same content; decides nothing of what they say.

The forms are Typst files in `forms`. Content reaches them as JSON, never as markup, so nothing that somebody typed is
read as an instruction of the form.
"""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from services.dispatcher.papers.glyphs import FONT, Setting
from services.dispatcher.papers.table import Fen, Metres, Row, Table, Value, width_of, words

_FORMS = Path(__file__).with_name("forms")
UPRIGHT, ACROSS = 127, 189
"""Half-width characters of 8 pt between the margins of A4."""
_KEPT = 10
"""Compiles after which Typst gives up what none of them has used."""
_MOST = 48
"""Half-width characters of the widest column; what is longer is broken into lines."""
_AROUND = 2
"""What a column has around its text."""
_BY_HAND = 16
"""Room for a signature."""


def compile_form(form: str, data: dict[str, Any], setting: Setting, made_at: datetime) -> bytes:
    """The PDF of a form and its content. `made_at` is the only time in it; what the font lacks is listed at the end."""
    missing = [[f"U+{ord(c):04X}", where] for c, where in setting.missing.items()]
    text = json.dumps({**data, "missing": missing, "made": words(made_at)}, ensure_ascii=False)
    pdf = typst.compile(
        str(_FORMS / form),
        root=str(_FORMS),
        font_paths=fonts(),
        sys_inputs={"data": text},
        timestamp=int(made_at.timestamp()),
        pdf_standards=["a-2u"],
        pdf_tags=False,  # the tags of a thousand rows weigh seven times the rest
    )
    _forget()
    if not isinstance(pdf, bytes):
        raise TypeError("a form compiles to one PDF")
    return pdf


def _forget() -> None:
    """Typst keeps all that it set for its next ten compiles, 70 MB for a claim of 40 trips; so many empty ones let it go."""
    for _ in range(_KEPT + 1):
        typst.compile(b"", font_paths=fonts())


def printed(table: Table, setting: Setting, room: int, heading: str = "") -> dict[str, Any]:
    """A table as the forms take it: columns with heading, width and side, rows of texts. `room` is the page's width in
    half-width characters of the table's size."""
    groups = table.stacked or tuple((i,) for i in range(len(table.headings)))
    heads = [*("\n".join(table.headings[i] for i in group) for group in groups), *table.blanks]

    def set_row(row: Row) -> list[str]:
        where = f"{table.title}：{words(row[0])}"
        cells = [setting.set(_cell([row[i] for i in group]), where) for group in groups]
        return [*cells, *("" for _ in table.blanks)]

    rows = [set_row(row) for row in table.rows]
    total = None if table.total is None else set_row(table.total)
    widths = _widths([heads, *rows, *([total] if total else [])], len(table.blanks), room)
    rights = _right_columns(table)
    sides = ["right" if all(i in rights for i in group) else "left" for group in groups]
    sides += ["left" for _ in table.blanks]
    columns = [
        {"head": head, "width": width, "align": side}
        for head, width, side in zip(heads, widths, sides, strict=True)
    ]
    return {"title": table.title, "heading": heading, "columns": columns, "rows": rows, "total": total}


def _cell(values: list[Value]) -> str:
    """Values under one another, with a dash for an empty one above another."""
    lines = [words(value) for value in values]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(line or "—" for line in lines)


def _widths(lines: list[list[str]], blanks: int, room: int) -> list[float]:
    """What each column wants; where that is more than the page has, what it needs for its longest run without a place to
    break, and a part of the rest."""
    columns = list(zip(*lines, strict=True))
    wants = [
        min(_MOST, max(_width(line) for text in column for line in text.split("\n"))) for column in columns
    ]
    needs = [
        max(_width(run) for text in column for run in re.findall("[!-~]+|.", text) or [""])
        for column in columns
    ]
    wants[len(wants) - blanks :] = needs[len(needs) - blanks :] = [_BY_HAND] * blanks
    wants, needs = ([width + _AROUND for width in widths] for widths in (wants, needs))
    spare, wish = room - sum(needs), sum(wants) - sum(needs)
    if wish <= max(spare, 0):
        return wants
    return [need + (want - need) * max(spare, 0) / wish for want, need in zip(wants, needs, strict=True)]


def _width(text: str) -> float:
    """How many half-width characters a text is wide in the papers' font, whose letters and digits are wider than half."""
    return width_of(text) + 0.15 * len(re.findall("[a-z0-9]", text)) + 0.5 * len(re.findall("[A-Z@%]", text))


def _right_columns(table: Table) -> set[int]:
    columns = enumerate(zip(*table.rows, strict=True))
    return {i for i, column in columns if all(v is None or isinstance(v, Fen | Metres) for v in column)}


@cache
def fonts() -> typst.Fonts:
    """The papers' font and no other: what a machine has must not change a paper."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT.parent)]
    )
