"""A column mapping: what it must say, and that a second one needs no code."""

import pytest

from services.registry.domain.exchange.fields import CODES, Field
from services.registry.intake.mapping import (
    BYTES_MAX,
    MappingInvalid,
    MappingUnreadable,
    read_mapping,
    read_presets,
    read_rules,
)

GOOD = """
id: other-system
version: 2
name: 另一个系统
valid_from: 2021-01-01
source: 培训材料
rows:
  title: 明细
  columns:
  - {heading: 年月, field: month, required: true, format: YYYYMM}
  - {heading: XM, field: name, required: true}
  - {heading: SFZ, field: resident_id, required: true}
  - heading: JY
    field: employed
    codes: {"yes": "1", "no": "0"}
receipts:
  title: 结果
  columns:
  - {heading: SFZ, field: resident_id, required: true}
  - heading: 标志
    field: result
    required: true
    codes: {accepted: OK, refused: NG}
"""


def faults(document: str) -> list[tuple[str, str]]:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(document)
    return [(one["field"], one["fault_en"]) for one in caught.value.errors]


def test_what_comes_with_zhida_says_that_it_is_assumed_and_maps_every_field() -> None:
    [preset] = read_presets()
    assert preset.key == "guizhou-assumed@1"
    assert "假定" in preset.name
    assert any("every heading" in one for one in preset.assumed)
    assert preset.source
    assert preset.rows.fields | preset.receipts.fields == set(Field)
    for sheet in (preset.rows, preset.receipts):
        for column in sheet.columns:
            assert set(column.codes) == set(CODES.get(column.field, ()))


def test_a_mapping_of_another_system_is_read_from_its_file_alone() -> None:
    other = read_mapping(GOOD)
    assert (other.key, other.rows.title, other.receipts.fields) == (
        "other-system@2", "明细", {Field.RESIDENT_ID, Field.RESULT},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("format: YYYYMM", "format: MM/YYYY", 10, "a format has YYYY and then MM"),
        (", format: YYYYMM", "", 10, "a format is needed for month"),
        ("field: name, required: true", "field: nickname", 11, "is not one of the choices"),
        ("heading: XM", "heading: SFZ", 10, "given twice: SFZ"),
        ('"no": "0"', '"no": "1"', 13, "one word stands for two codes: 1"),
        (', "no": "0"', "", 13, "codes of employed lack no; unknown are -"),
        ('"no": "0"', '"no": "0", maybe: "2"', 13, "codes of employed lack -; unknown are maybe"),
        ("  - {heading: XM, field: name, required: true}\n", "", 2, "rows has no column for name"),
        ("version: 2", "version: 0", 3, "is too small"),
        ("source: 培训材料\n", "", 2, "is missing"),
        ("title: 明细", "title: 明细/总", 8, "a sheet's name has 31 signs at most"),
        ("title: 明细", f"title: {'明' * 32}", 8, "a sheet's name has 31 signs at most"),
        ("title: 明细", "title: 明细'", 8, "a sheet's name has 31 signs at most"),
        ("title: 结果", "titel: 结果", 17, "is not a known field"),
    ],
)
def test_each_fault_names_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new))
    assert any(field.startswith(f"line {line}:") and says in fault for field, fault in found), found


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("a: [1", "expected"),
        ("id: &x 1\nversion: *x\n", "alias"),
        ("id: a\nid: b\n", "line 2: id twice"),
        ("x" * (BYTES_MAX + 1), "100000"),
        ("!!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)
def test_what_is_no_plain_document_is_refused_as_a_whole(document: str, says: str) -> None:
    with pytest.raises(MappingUnreadable) as caught:
        read_mapping(document)
    assert says in str(caught.value)


@pytest.mark.parametrize("document", ["", "[]", "text"])
def test_what_is_no_mapping_is_refused(document: str) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping(document)


def test_the_rules_are_dated_with_their_source() -> None:
    assert read_rules()
    assert all(one.source and one.valid_from for one in read_rules())
