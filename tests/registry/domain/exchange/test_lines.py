"""Lines of the provincial system's files: what is written is read back, whatever it says; what is wrong is said to the end."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.exchange.fields import CODES, LISTED, Change, Field
from services.registry.domain.exchange.lines import BETWEEN, Line, check_together, read_line, write_line
from services.registry.domain.fault import Fault
from services.registry.domain.row import Row
from services.registry.intake.grid import text_of
from services.registry.intake.mapping import read_presets
from tests.registry.rosters import ENTERPRISE_ID, resident_id

SHEET = read_presets()[0].rows
TODAY = date(2020, 2, 20)
WORDS = st.text("甲乙丙丁子丑寅卯初中高小学abc", min_size=1, max_size=20)
NAMES = st.text("甲乙丙丁子丑寅卯", min_size=2, max_size=10)
PLAIN = {
    Field.TOKEN: WORDS,
    Field.PRIOR_TOKEN: WORDS,
    Field.NAME: NAMES,
    Field.RESIDENT_ID: st.integers(0, 999).map(resident_id),
    Field.PHONE: st.integers(0, 9999).map("1540000{:04}".format),
    Field.HOUSEHOLD: st.integers(0, 9999).map("H-{}".format),
    Field.COUNTY: WORDS,
    Field.COUNTY_CODE: st.just("522732"),
    Field.PLACE: WORDS,
    Field.PLACE_CODE: st.just("522732111"),
    Field.MONTH: st.dates(date(2015, 1, 1), TODAY).map("{:%Y-%m}".format),
    Field.EDUCATION: WORDS,
    Field.EMPLOYER: WORDS,
    Field.EMPLOYER_CODE: st.just(ENTERPRISE_ID),
    Field.AREA: st.just("441900"),
    Field.HELPER: NAMES,
    Field.JOB_WISH: WORDS,
    Field.TRAINING_WISH: WORDS,
}
CODED = {field: st.sampled_from(codes) for field, codes in CODES.items() if field not in LISTED}
CATEGORIES = st.sets(st.sampled_from(CODES[Field.CATEGORY]), min_size=1).map(
    lambda found: BETWEEN.join(sorted(found))
)
REQUIRED = {one.field for one in SHEET.columns if one.required}
VALUES = {**PLAIN, **CODED, Field.CATEGORY: CATEGORIES}
FACTS = st.fixed_dictionaries(
    {field: VALUES[field] for field in REQUIRED} | {Field.CHANGE: st.just(str(Change.REPORT))},
    optional={
        one.field: VALUES[one.field] for one in SHEET.columns if one.field not in REQUIRED | {Field.CHANGE}
    },
)


def row_of(cells: list[str], number: int = 2) -> Row:
    return Row(
        number, {one.field.value: text_of(cell) for one, cell in zip(SHEET.columns, cells, strict=True)}
    )


@given(FACTS)
def test_what_is_written_is_read_back(facts: dict[Field, str]) -> None:
    assert read_line(SHEET, row_of(write_line(SHEET, facts)), TODAY) == Line(2, facts)


def codes(found: Line | tuple[Fault, ...]) -> list[tuple[str, str]]:
    assert not isinstance(found, Line)
    return [(one.field, one.code) for one in found]


def test_a_line_comes_back_with_all_its_faults() -> None:
    values = {
        Field.MONTH: "2020-13",
        Field.NAME: "张3",
        Field.RESIDENT_ID: "1.2E+17",
        Field.PHONE: "12",
        Field.PLACE: "",
        Field.EMPLOYED: "可能",
        Field.EMPLOYER_CODE: "x",
        Field.AREA: "东莞",
        Field.CATEGORY: "易地搬迁、其他",
        Field.HOUSEHOLD: "张三家",
    }
    found = codes(read_line(SHEET, Row(2, {key.value: value for key, value in values.items()}), TODAY))
    assert set(found) == {
        (Field.MONTH, "month"),
        (Field.NAME, "name-unreadable"),
        (Field.RESIDENT_ID, "id-number"),
        (Field.PHONE, "phone"),
        (Field.PLACE, "required"),
        (Field.EMPLOYED, "word-unknown"),
        (Field.EMPLOYER_CODE, "credit-code"),
        (Field.AREA, "work-area"),
        (Field.CATEGORY, "word-unknown"),
        (Field.HOUSEHOLD, "household-number"),
    }


@pytest.mark.parametrize(
    ("given", "month"),
    [
        ("2020-01", "2020-01"),
        ("202001", "2020-01"),
        ("2020年1月", "2020-01"),
        ("2020/1", "2020-01"),
        ("2020-01-01", "2020-01"),
        ("2020年1月31日", "2020-01"),
        (date(2020, 1, 15), "2020-01"),
        ("2020-02", "2020-02"),
    ],
)
def test_a_month_is_read_as_offices_write_it(given: str | date, month: str) -> None:
    assert read_month(given) == month


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("43831", "month"),
        ("一月", "month"),
        ("1999-12", "month"),
        ("2020-03", "not-yet"),
        ("2020-00", "month"),
    ],
)
def test_what_is_no_month_that_has_begun_is_refused(given: str, code: str) -> None:
    found = read_month(given)
    assert isinstance(found, Fault)
    assert found.code == code


def read_month(given: str | date) -> str | Fault:
    facts = {Field.MONTH: "2020-01", Field.NAME: "甲乙", Field.RESIDENT_ID: resident_id(1), Field.PLACE: "x", Field.EMPLOYED: "no"}  # fmt: skip
    row = row_of(write_line(SHEET, facts))
    found = read_line(SHEET, Row(2, {**row.values, Field.MONTH.value: given}), TODAY)
    return found.facts[Field.MONTH] if isinstance(found, Line) else found[0]


def test_a_removal_says_who_and_when_and_is_not_asked_for_more() -> None:
    facts = {Field.CHANGE: str(Change.REMOVE), Field.MONTH: "2020-01", Field.RESIDENT_ID: resident_id(1)}
    assert read_line(SHEET, row_of(write_line(SHEET, facts)), TODAY) == Line(2, facts)


def test_the_same_month_of_a_person_twice_is_refused_the_second_time() -> None:
    lines = [
        Line(row, {Field.RESIDENT_ID: resident_id(number), Field.MONTH: month})
        for row, number, month in ((2, 1, "2020-01"), (3, 1, "2019-12"), (4, 2, "2020-01"), (5, 1, "2020-01"))
    ]
    assert [(row, found.code) for row, found in check_together(lines)] == [(5, "duplicate-row")]
