"""The font that papers embed."""

import hashlib
from pathlib import Path

from services.dispatcher.papers.glyphs import FONT, GETA, Setting, known_characters

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "data"


def test_the_font_is_the_one_that_its_notice_names_and_its_licence_lies_beside_it() -> None:
    digest = hashlib.sha256(FONT.read_bytes()).hexdigest()
    assert digest in (FONT.parent / "NOTICE.md").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "LICENSE").read_text(encoding="utf-8")


def test_the_font_has_every_character_of_gb_2312_and_of_the_places_that_trips_know() -> None:
    rows = [*range(0xB0, 0xD7), *range(0xD8, 0xF8)]
    hanzi = {bytes((row, cell)).decode("gb2312") for row in rows for cell in range(0xA1, 0xFF)}
    places = {c for table in REFERENCE.glob("*.csv") for c in table.read_text(encoding="utf-8")} - {
        "\n",
        "\r",
    }
    assert len(hanzi) == 71 * 94
    assert len(places) > 1000
    assert hanzi | places | set("䶮㛃𬭚喆堃祎〔2020〕①") <= known_characters()


def test_a_character_that_the_font_lacks_is_shown_as_missing_and_remembered_with_its_place() -> None:
    setting = Setting()
    assert setting.set("𠮷*䶮", "名单：1") == f"{GETA}*䶮"
    assert setting.set("𠮷\x07", "名单：2") == GETA * 2
    assert setting.missing == {"𠮷": "名单：1", "\x07": "名单：2"}
