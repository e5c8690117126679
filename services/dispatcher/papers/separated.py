"""Writes a table as CSV as Excel in China opens it: UTF-8 with its mark, CRLF, amounts without thousands separators.

What Excel would run as a formula gets an apostrophe before it; an ID, code or number of a paper that Excel would turn into
a number or date gets a tab before it, and stays as it is.
"""

import csv
import io
import re

from services.dispatcher.papers.table import Fen, Table, Value, words

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER_OR_DATE = re.compile(r"\d[\d.:/\-eE]*")


def write_csv(table: Table) -> bytes:
    """Headings, rows and total."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.headings)
    for row in (*table.rows, *([table.total] if table.total is not None else [])):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    match value:
        case Fen():
            return words(value).replace(",", "")
        case str():
            if _FORMULA.match(value):
                return "'" + value
            return "\t" + value if _NUMBER_OR_DATE.fullmatch(value) else value
        case _:
            return words(value)
