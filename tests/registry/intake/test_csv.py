"""CSV as offices save it."""

import pytest

from services.registry.intake.errors import ColumnsMissing, WrongFileType
from services.registry.intake.roster import read_roster
from tests.registry.rosters import csv_text, worker


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_encoding_that_excel_and_wps_write_reads_the_same(encoding: str, delimiter: str) -> None:
    rows = [worker(1), worker(2, name="张三")]
    found = read_roster(csv_text(rows, delimiter).encode(encoding), "a.csv")
    assert [row.values["name"] for row in found] == [row["name"] for row in rows]
    assert [row.number for row in found] == [2, 3]


def test_a_rare_character_of_gb18030_is_read() -> None:
    content = csv_text([worker(1, name="张\U00020000龘")]).encode("gb18030")
    assert read_roster(content, "a.csv")[0].values["name"] == "张\U00020000龘"


@pytest.mark.parametrize("trick", ['="{}"', "'{}", "\t{}"])
def test_the_tricks_that_keep_an_id_as_text_are_undone(trick: str) -> None:
    number = worker(1)["resident_id"]
    found = read_roster(csv_text([worker(1, resident_id=trick.format(number))]).encode(), "a.csv")
    assert found[0].values["resident_id"] == number
    assert found[0].faults == ()


def test_a_formula_is_refused_in_csv_too() -> None:
    found = read_roster(csv_text([worker(1, name="=HYPERLINK(1)")]).encode(), "a.csv")
    assert [fault.code for fault in found[0].faults] == ["formula"]


def test_a_csv_without_our_headings_names_what_is_missing() -> None:
    with pytest.raises(ColumnsMissing, match="Mobile phone"):
        read_roster("姓名,年龄\n张三,30\n".encode(), "a.csv")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(WrongFileType):
        read_roster(bytes(range(1, 256)) * 20, "a.csv")
