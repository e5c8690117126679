"""What a row of another office's list may say, and what comes back of one that says it wrongly."""

from datetime import date
from typing import Any

import pytest

from services.registry.domain.outside import OutsideFact, OutsideKind, check_fact
from services.registry.domain.row import Row
from tests.registry.rosters import ENTERPRISE_ID, resident_id

TODAY = date(2020, 6, 20)
NUMBER = resident_id(1)
ALLOWANCE = {"resident_id": NUMBER, "period": "2020-02-24", "amount": "500", "source": "三都县乡村振兴局"}
DECEASED = {"resident_id": NUMBER, "period": "2020-03-01"}
EMPLOYMENT = {
    "resident_id": NUMBER,
    "enterprise_id": ENTERPRISE_ID,
    "period": "2020-03",
    "source": "东莞市社保局",
}
CONTRACT = EMPLOYMENT | {"period": "2020-02-25", "months": "12"}
GOOD: dict[OutsideKind, dict[str, Any]] = {
    OutsideKind.CONTRACT: CONTRACT,
    OutsideKind.ALLOWANCE: ALLOWANCE,
    OutsideKind.DECEASED: DECEASED,
    OutsideKind.EMPLOYMENT: EMPLOYMENT,
}


def checked(kind: OutsideKind, **changes: Any) -> OutsideFact:
    found = check_fact(kind, Row(7, GOOD[kind] | changes), TODAY)
    assert isinstance(found, OutsideFact), found
    return found


def faults(kind: OutsideKind, **changes: Any) -> list[tuple[str, str]]:
    found = check_fact(kind, Row(7, GOOD[kind] | changes), TODAY)
    assert isinstance(found, tuple), found
    for one in found:
        words = (one.zh, one.en, one.mend_zh, one.mend_en)
        assert all(words)
        given = [str(value) for value in changes.values() if len(str(value)) >= 8]
        assert not any(value in word for value in given for word in words)
    return [(one.field, one.code) for one in found]


def test_each_kind_of_row_becomes_its_fact() -> None:
    assert checked(OutsideKind.ALLOWANCE) == OutsideFact(
        7, NUMBER, "2020-02-24", source="三都县乡村振兴局", amount_fen=50_000
    )
    assert checked(OutsideKind.DECEASED) == OutsideFact(7, NUMBER, "2020-03-01")
    assert checked(OutsideKind.EMPLOYMENT) == OutsideFact(
        7, NUMBER, "2020-03", enterprise_id=ENTERPRISE_ID, source="东莞市社保局"
    )
    assert checked(OutsideKind.CONTRACT) == OutsideFact(
        7, NUMBER, "2020-02-25", enterprise_id=ENTERPRISE_ID, source="东莞市社保局", months=12
    )


@pytest.mark.parametrize(("given", "months"), [("12", 12), ("36个月", 36), ("6.0", 6), ("999", 999)])
def test_a_contract_runs_for_whole_months(given: str, months: int) -> None:
    assert checked(OutsideKind.CONTRACT, months=given).months == months


@pytest.mark.parametrize("given", ["0", "一年", "12.5", "1000", "-3"])
def test_what_is_no_number_of_months_is_refused(given: str) -> None:
    assert faults(OutsideKind.CONTRACT, months=given) == [("months", "months")]


@pytest.mark.parametrize(
    ("kind", "given", "period"),
    [
        (OutsideKind.ALLOWANCE, "2020", "2020"),
        (OutsideKind.ALLOWANCE, "2019年", "2019"),
        (OutsideKind.ALLOWANCE, date(2020, 2, 24), "2020-02-24"),
        (OutsideKind.ALLOWANCE, "2020年2月24日", "2020-02-24"),
        (OutsideKind.DECEASED, "20200301", "2020-03-01"),
        (OutsideKind.DECEASED, date(2020, 6, 20), "2020-06-20"),
        (OutsideKind.EMPLOYMENT, "2020年3月", "2020-03"),
        (OutsideKind.EMPLOYMENT, "202003", "2020-03"),
        (OutsideKind.EMPLOYMENT, "2020/3", "2020-03"),
        (OutsideKind.EMPLOYMENT, date(2020, 3, 31), "2020-03"),
        (OutsideKind.EMPLOYMENT, "2020-06", "2020-06"),
    ],
)
def test_a_period_is_read_as_offices_write_it(kind: OutsideKind, given: str | date, period: str) -> None:
    assert checked(kind, period=given).period == period


@pytest.mark.parametrize(
    ("given", "fen"), [("500.5", 50_050), ("1,000.00", 100_000), ("￥300元", 30_000), ("0.01", 1)]
)
def test_an_amount_is_kept_in_whole_fen(given: str, fen: int) -> None:
    assert checked(OutsideKind.ALLOWANCE, amount=given).amount_fen == fen


@pytest.mark.parametrize(
    ("kind", "changes", "wrong"),
    [
        (OutsideKind.ALLOWANCE, {"resident_id": NUMBER[:-1] + "Y"}, ("resident_id", "id-format")),
        (OutsideKind.ALLOWANCE, {"resident_id": ""}, ("resident_id", "required")),
        (OutsideKind.ALLOWANCE, {"period": "2021"}, ("period", "not-yet")),
        (OutsideKind.ALLOWANCE, {"period": "1020"}, ("period", "day")),
        (OutsideKind.ALLOWANCE, {"period": "去年"}, ("period", "day")),
        (OutsideKind.ALLOWANCE, {"period": NUMBER}, ("period", "day")),
        (OutsideKind.ALLOWANCE, {"amount": "0"}, ("amount", "amount")),
        (OutsideKind.ALLOWANCE, {"amount": "-500"}, ("amount", "amount")),
        (OutsideKind.ALLOWANCE, {"amount": "500.005"}, ("amount", "amount")),
        (OutsideKind.ALLOWANCE, {"amount": "伍佰"}, ("amount", "amount")),
        (OutsideKind.ALLOWANCE, {"source": ""}, ("source", "required")),
        (OutsideKind.ALLOWANCE, {"source": f"独孤求败 {NUMBER}"}, ("source", "source-numbered")),
        (OutsideKind.ALLOWANCE, {"source": "电话 154 1234 5678"}, ("source", "source-numbered")),
        (OutsideKind.DECEASED, {"period": "2020"}, ("period", "day")),
        (OutsideKind.DECEASED, {"period": "2020-06-21"}, ("period", "not-yet")),
        (OutsideKind.DECEASED, {"period": "2020-02-30"}, ("period", "day")),
        (OutsideKind.EMPLOYMENT, {"period": "2020-13"}, ("period", "month")),
        (OutsideKind.EMPLOYMENT, {"period": "2020"}, ("period", "month")),
        (OutsideKind.EMPLOYMENT, {"period": "2020-07"}, ("period", "not-yet")),
        (OutsideKind.EMPLOYMENT, {"enterprise_id": "91441900MA0000015X"}, ("enterprise_id", "credit-code")),
    ],
)
def test_a_row_that_cannot_be_believed_is_refused_and_never_quoted(
    kind: OutsideKind, changes: dict[str, Any], wrong: tuple[str, str]
) -> None:
    assert faults(kind, **changes) == [wrong]


def test_a_row_comes_back_with_all_its_faults() -> None:
    assert faults(OutsideKind.ALLOWANCE, resident_id="", period="x", amount="y", source="") == [
        ("resident_id", "required"),
        ("source", "required"),
        ("period", "day"),
        ("amount", "amount"),
    ]
