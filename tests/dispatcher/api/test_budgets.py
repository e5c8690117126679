"""Budgets as finance offices send them: what a payer may spend, to the fen, and what happens where it is too little."""

from typing import Any

import pytest

from services.dispatcher.store.tables import VoucherRow
from shared.security import Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import ENTERPRISE, Dispatch, submitted

OWN, NEIGHBOUR, PREFECTURE = "522732", "522701", "522700"
SEASON = "2020-spring"
MORE = {"payer": "origin_county", "code": OWN, "season": "2021-spring", "amount_fen": 12_345_678}
BUDGET = MORE | {"document": "三财预〔2021〕1号"}
HEADINGS = "payer,code,season,amount_yuan,document"
GOOD = "origin_county,522732,2021-spring,123456.78,三财预〔2021〕1号"


def payers(callers: Callers, role: Role = Role.FINANCE, area: str | None = OWN) -> dict[tuple[str, str], Any]:
    answer = callers.ask("GET", "/api/budgets", role, area)
    assert answer.status_code == 200, answer.text
    return {(one["code"], one["season"]): one for one in answer.json()["payers"]}


def send_file(callers: Callers, *lines: str) -> Any:
    content = "\n".join((HEADINGS, *lines)).encode()
    sent = {"file": ("budgets.csv", content)}
    return callers.ask("POST", "/api/budgets/file", Role.FINANCE, OWN, files=sent)


def post(callers: Callers, *budgets: dict[str, Any], area: str | None = OWN) -> Any:
    return callers.ask("POST", "/api/budgets", Role.FINANCE, area, json={"budgets": list(budgets)})


def test_budgets_add_up_and_a_document_counts_once(callers: Callers) -> None:
    assert post(callers, BUDGET).json() == {"given": 1, "loaded": 1}
    assert post(callers, BUDGET).json() == {"given": 1, "loaded": 0}
    assert send_file(callers, GOOD).json() == {"given": 1, "loaded": 0}
    more = "origin_county,522732,2021-spring,0.1,三财预〔2021〕2号"
    assert send_file(callers, GOOD, more).json() == {"given": 2, "loaded": 1}
    mine = payers(callers)[OWN, "2021-spring"]
    assert (mine["limit_fen"], mine["left_fen"], mine["payer"]) == (12_345_688, 12_345_688, "origin_county")
    season = callers.ask("GET", "/api/budgets", Role.FINANCE, OWN, params={"season": "2021-spring"}).json()
    assert [one["code"] for one in season["payers"]] == [OWN]


@pytest.mark.parametrize("character", ["\x00", "\x1e", "\x1f"])
def test_a_document_without_a_printable_name_is_refused_for_the_books_could_not_be_read(
    callers: Callers, character: str
) -> None:
    refused = post(callers, BUDGET | {"document": f"三财预{character}1号"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "budgets[0].document")


def test_a_document_that_says_another_amount_is_refused_whole(callers: Callers) -> None:
    post(callers, BUDGET)
    fresh = BUDGET | {"document": "三财预〔2021〕3号"}
    refused = post(callers, fresh, BUDGET | {"amount_fen": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "document-taken")
    assert "123,456.78" in refused.json()["detail_zh"]
    assert payers(callers)[OWN, "2021-spring"]["limit_fen"] == 12_345_678


@pytest.mark.parametrize(
    ("old", "new", "field", "mend"),
    [
        ("123456.78", "123456.789", "amount_yuan", "at most two decimals"),
        ("123456.78", "1.2e6", "amount_yuan", "without an exponent"),
        ("123456.78", '"123,456.78"', "amount_yuan", "separators"),
        ("123456.78", "一万", "amount_yuan", "such as 1234.50"),
        ("123456.78", "-5", "amount_yuan", "such as 1234.50"),
        ("123456.78", "1" * 14, "amount_yuan", "Check it"),
        ("123456.78", "0.00", "amount_yuan", "more than 0"),
        ("123456.78", "", "amount_yuan", "such as 1234.50"),
        ("origin_county", "county", "payer", "Choose from"),
        ("522732", "52273", "code", "form"),
        ("522732", "522700", "code", "one of 520101-529999"),
        ("三财预〔2021〕1号", "", "document", "text"),
    ],
)
def test_a_bad_line_names_its_number_fault_and_mend_and_nothing_is_kept(
    callers: Callers, old: str, new: str, field: str, mend: str
) -> None:
    refused = send_file(callers, GOOD.replace("1号", "9号"), GOOD.replace(old, new))
    assert (refused.status_code, refused.json()["code"]) == (422, "lines-invalid")
    (fault,) = refused.json()["errors"]
    assert fault["field"] == f"line 3: {field}"
    assert mend.lower() in fault["mend_en"].lower()
    assert fault["mend_zh"]
    assert (OWN, "2021-spring") not in payers(callers)


def test_a_code_of_another_level_than_the_payer_s_is_refused_for_no_trip_would_ever_find_it(
    callers: Callers,
) -> None:
    for payer, code in (("origin_prefecture", OWN), ("origin_county", PREFECTURE), ("origin_province", OWN)):
        refused = post(callers, BUDGET | {"payer": payer, "code": code}, area="52")
        assert refused.status_code == 422, payer
    destination = BUDGET | {"payer": "destination_prefecture", "code": "330500"}
    assert post(callers, destination, area="52").json()["loaded"] == 1


def test_a_neighbour_s_budget_is_neither_kept_nor_seen(callers: Callers) -> None:
    refused = post(callers, BUDGET, BUDGET | {"code": NEIGHBOUR})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-budget")
    assert (OWN, "2021-spring") not in payers(callers, area="52"), "nothing is half done"
    assert set(payers(callers)) == {(OWN, SEASON)}
    assert {code for code, _ in payers(callers, area="5227")} >= {OWN, NEIGHBOUR, PREFECTURE}
    assert {code[:4] for code, _ in payers(callers, area="5227")} == {"5227"}
    assert payers(callers, area=None) == {}
    post(callers, BUDGET | {"payer": "destination_county", "code": "330502"}, area="52")
    assert ("330502", "2021-spring") in payers(callers, area="52")
    assert ("330502", "2021-spring") not in payers(callers, area="5227")


@pytest.mark.parametrize(
    ("role", "organisation"), [(Role.CARRIER, "C01"), (Role.ENTERPRISE, ENTERPRISE.enterprise_id)]
)
def test_carriers_and_enterprises_see_no_payer_s_budget(
    callers: Callers, trip_id: str, role: Role, organisation: str
) -> None:
    assert callers.ask("GET", "/api/budgets", role, None, organisation).status_code == 403
    balances = callers.ask("GET", "/api/ledger", role, None, organisation).json()["balances"]
    limits = {one["account"]: one["limit_fen"] for one in balances}
    assert limits
    assert set(limits.values()) == {0}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FINANCE}))
def test_finance_alone_keeps_budgets(callers: Callers, role: Role) -> None:
    for path in ("/api/budgets", "/api/budgets/file", "/api/budgets/override"):
        assert callers.ask("POST", path, role, "52").status_code == 403


def narrow(dispatch: Dispatch) -> str:
    """A round that waits for its approval in a season for which nobody has a budget yet."""
    dispatch.tell(*(submitted(n, season="2020-late") for n in range(24)))
    return dispatch.propose()


def test_a_budget_that_is_too_short_stops_the_approval_whole_until_it_is_raised(
    callers: Callers, dispatch: Dispatch
) -> None:
    round_id = narrow(dispatch)
    proposed = dispatch.trips()
    (trip,) = proposed
    county_fen = next(
        line["due_fen"] for line in trip.lines if OWN in line["account"] and "payer" in line["account"]
    )
    prefecture_fen = next(line["due_fen"] for line in trip.lines if PREFECTURE in line["account"])
    late = {"season": "2020-late", "document": "追加"}
    post(callers, BUDGET | late | {"amount_fen": county_fen - 1})
    post(
        callers,
        BUDGET | late | {"payer": "origin_prefecture", "code": PREFECTURE, "amount_fen": prefecture_fen},
        area="52",
    )
    told, moved = dispatch.told(), dispatch.transfers()

    def approve() -> Any:
        return callers.ask("POST", f"/api/rounds/{round_id}/approve", Role.DISPATCHER, OWN)

    refused = approve()
    assert (refused.status_code, refused.json()["code"]) == (409, "budget-short")
    assert f"payer:origin_county:{OWN}:2020-late" in refused.json()["detail_en"]
    assert "追加预算" in refused.json()["detail_zh"]
    assert (dispatch.trips(), dispatch.told(), dispatch.transfers()) == (proposed, told, moved)
    assert callers.ask("GET", f"/api/rounds/{round_id}", Role.DISPATCHER, OWN).json()["state"] == "proposed"
    post(callers, BUDGET | {"season": "2020-late", "document": "再追加", "amount_fen": 1})
    assert approve().status_code == 200
    mine = payers(callers)[OWN, "2020-late"]
    assert (mine["reserved_fen"], mine["left_fen"]) == (county_fen, 0)


def test_finance_lets_a_payer_go_beyond_its_budget_once_with_its_reason_in_the_books(
    callers: Callers, dispatch: Dispatch
) -> None:
    given = MORE | {"reason": "春运加开，预算调整中"}

    def ask(area: str = OWN, **changes: Any) -> Any:
        headers = {"Idempotency-Key": "override-1"}
        return callers.ask(
            "POST", "/api/budgets/override", Role.FINANCE, area, json=given | changes, headers=headers
        )

    assert ask(reason="").status_code == 422
    assert ask(code=NEIGHBOUR).status_code == 403
    assert ask().json() == {"added": True}
    assert ask().json() == {"added": False}
    assert payers(callers)[OWN, "2021-spring"]["limit_fen"] == 12_345_678
    (entry,) = [one for one in dispatch.transfers() if one.kind == "override"]
    with dispatch.database.session() as session:
        voucher = session.get_one(VoucherRow, entry.voucher_id)
    assert (voucher.facts["reason"], voucher.actor) == ("春运加开，预算调整中", "finance")
