"""Registers of people for tests, as files."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from tests.registry.rosters import resident_id, save

PLACE = "大河镇"
PLACE_CODE = "522732111"


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A row by field that is accepted; `changes` replace fields."""
    row = {
        "name": f"登记{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯辰巳午未申酉戌亥'[number % 12]}",
        "resident_id": resident_id(number),
        "phone": f"1570000{number % 10000:04d}",
        "household": f"H{number // 3:05d}",
        "relation": ("户主", "配偶", "子女")[number % 3],
        "has_labour": "是",
        "category": "易地搬迁",
        "category_from": "2018-05-01",
        "place": PLACE,
        "employed": "是",
        "employed_since": "2019-03-01",
        "employer": "",
        "work_area": "441900",
        "education": "初中",
        "helper": "",
        "as_of": "2020-01-31",
    }
    return row | changes


def population_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """As CSV in UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.zh for column in POPULATION_COLUMNS])
    writer.writerows([[row[column.key] for column in POPULATION_COLUMNS] for row in rows])
    return file.getvalue().encode()


def population_xlsx(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """As a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = POPULATION_TITLE
    sheet.append([column.zh for column in POPULATION_COLUMNS])
    for row in rows:
        sheet.append([row[column.key] for column in POPULATION_COLUMNS])
    return save(book)
