"""A file is what its bytes say, whatever its name."""

import io
import zipfile

import pytest

from services.registry.intake.errors import FileDamaged, FileEmpty, WrongFileType
from services.registry.intake.roster import read_roster
from services.registry.intake.sniff import kind_of
from tests.registry.rosters import csv_text, worker, xlsx


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "zh"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xff\xd8\xff\xe0 JFIF", "图片"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "压缩包"),
        (b"<html><table></table></html>", "网页"),
        (b"\x7fELF\x00\x00\x00\x00", "二进制"),
        (archive("[Content_Types].xml", "word/document.xml"), "Word"),
        (archive("xl/workbook.bin"), "xlsb"),
        (archive("content.xml", "mimetype"), "OpenDocument"),
        (archive("notes.txt"), "压缩包"),
    ],
)
def test_the_wrong_type_is_named_with_what_to_save_instead(content: bytes, zh: str) -> None:
    with pytest.raises(WrongFileType) as raised:
        read_roster(content, "花名册.xlsx")
    assert zh in raised.value.message("zh")
    assert ".xlsx" in raised.value.message("en")


@pytest.mark.parametrize("content", [b"", b"\r\n  \t\n", b"\0" * 100])
def test_nothing_is_an_empty_file(content: bytes) -> None:
    with pytest.raises(FileEmpty):
        read_roster(content, "a.xlsx")


def test_a_zip_without_an_end_is_damaged() -> None:
    with pytest.raises(FileDamaged):
        read_roster(xlsx([worker(1)])[:-40], "a.xlsx")


def test_names_do_not_decide() -> None:
    assert kind_of(csv_text([worker(1)]).encode(), "a.xlsx") == "csv"
    assert kind_of(xlsx([worker(1)]), "a.csv") == "xlsx"
