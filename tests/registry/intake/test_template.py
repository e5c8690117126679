"""What goes back to the office: the template, and refused rows."""

import io

import openpyxl

from services.registry.intake.roster import read_roster
from services.registry.intake.template import RefusedRow, write_refused, write_template
from shared.roster import CATEGORY_WORDS, COLUMNS
from tests.registry.rosters import lines, save, worker


def test_a_filled_template_is_read_and_its_help_is_not_a_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(["三合街道"], [("甲公司", "东门")])))
    book["花名册"].append(lines([worker(1)])[0])
    rows = read_roster(save(book), "a.xlsx")
    assert [row.values["name"] for row in rows] == [worker(1)["name"]]


def test_the_template_offers_lists_and_keeps_ids_as_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(["三合街道"], [("甲公司", "东门")])))
    sheet = book["花名册"]
    assert sheet["B2"].number_format == "@"
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    category = next(n for n, column in enumerate(COLUMNS) if column.key == "category")
    assert rules[f"{'ABCDEFGHIJK'[category]}2"].type == "list"
    words = [cell.value for cell in book["名录"]["D"]][1:]
    assert words[: len(CATEGORY_WORDS)] == list(CATEGORY_WORDS)


def test_refused_rows_come_back_with_reasons_and_can_be_sent_again() -> None:
    values = {key: str(value) for key, value in worker(1).items()}
    content = write_refused([RefusedRow(values, "手机号不对", "phone is wrong")])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]][-2:] == ["原因", "Reason"]
    assert [cell.value for cell in sheet[2]][-2:] == ["手机号不对", "phone is wrong"]
    assert read_roster(content, "a.xlsx")[0].values == values | {"organiser": ""}


def test_a_cell_that_begins_like_a_formula_is_text_on_the_way_back() -> None:
    values = {key: str(value) for key, value in worker(1, name='=HYPERLINK("http://x")').items()}
    content = write_refused([RefusedRow(values, "=1+1", "+1")])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert "f" not in {cell.data_type for cell in sheet[2]}
    assert sheet["A2"].value == '=HYPERLINK("http://x")'
    assert read_roster(content, "a.xlsx")[0].faults == ()
