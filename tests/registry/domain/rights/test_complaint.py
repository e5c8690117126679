from datetime import date

import pytest

from services.registry.domain.rights.case import CaseType
from services.registry.domain.rights.complaint import Complaint, read_complaint
from services.registry.domain.rights.document import (
    BYTES_MAX,
    DocumentKindUnknown,
    DocumentTooLarge,
    check_document,
)

TODAY = date(2020, 2, 20)
SAID = {
    "case_type": "unpaid_wages",
    "facts": "欠我三个月工资",
    "known_on": "2020-01-10",
    "is_employed": "no",
    "employed_until": "2020年1月15日",
    "amount_yuan": "¥12,345.6元",
}


def test_what_is_said_in_full_is_taken_and_money_is_fen() -> None:
    assert read_complaint(SAID, TODAY) == Complaint(
        CaseType.UNPAID_WAGES, "欠我三个月工资", date(2020, 1, 10), False, date(2020, 1, 15), 1234560
    )


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"case_type": "revenge"}, ["case_type"]),
        ({"facts": "  "}, ["facts"]),
        ({"facts": "长" * 4001}, ["facts"]),
        ({"known_on": "somewhen"}, ["known_on"]),
        ({"known_on": "2020-02-21"}, ["known_on"]),
        ({"known_on": "1999-12-31"}, ["known_on"]),
        ({"is_employed": "yes"}, ["employed_until"]),
        ({"amount_yuan": "12.345"}, ["amount_yuan"]),
        ({"amount_yuan": "-5"}, ["amount_yuan"]),
        ({"amount_yuan": "1e9"}, ["amount_yuan"]),
        ({"amount_yuan": "99999999999"}, ["amount_yuan"]),
        ({"case_type": "", "facts": "", "known_on": ""}, ["case_type", "facts", "known_on"]),
    ],
)
def test_what_cannot_be_is_told_field_by_field_in_both_languages_without_quoting_it(
    changes: dict[str, str], fields: list[str]
) -> None:
    found = read_complaint(SAID | changes, TODAY)
    assert isinstance(found, tuple)
    assert [one.field for one in found] == fields
    assert all(one.zh and one.en and one.mend_zh and one.mend_en for one in found)


def test_a_document_is_known_by_what_it_is_and_not_by_its_name() -> None:
    assert check_document(b"\xff\xd8\xff\xe0rest").media == "image/jpeg"
    assert check_document(b"\x89PNG\r\n\x1a\nrest").suffix == ".png"
    assert check_document(b"%PDF-1.4").media == "application/pdf"
    with pytest.raises(DocumentKindUnknown):
        check_document(b"MZ\x90\x00 a program called photo.jpg")
    with pytest.raises(DocumentTooLarge):
        check_document(b"%PDF-" + b"x" * BYTES_MAX)
