"""A claim from the trip's arrival to the money and back, over HTTP, each office by its own people."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from services.dispatcher.store.tables import TripRow, VoucherRow
from shared.events import Outcome, WorkerBoarded
from shared.security import Principal, Role, tokens
from tests.dispatcher.api.conftest import Callers, Neighbours
from tests.dispatcher.dispatch import ENTERPRISE, submitted

COUNTY = "522732"
SEASON = "2020-spring"
FIRM = ENTERPRISE.enterprise_id
PAYERS = ("payer:origin_county:522732:2020-spring", "payer:origin_prefecture:522700:2020-spring")


def contract_of(trip: TripRow, **changes: Any) -> dict[str, Any]:
    """The charter contract of a trip at its tariff's price."""
    return {
        "trip_id": trip.trip_id,
        "contract_no": f"HT-{trip.trip_id}",
        "charterer_id": FIRM,
        "price_fen": trip.cost_fen,
        "plate": "贵J12345",
        "plate_prefecture_code": "522700",
        "seats_approved": trip.seats_approved,
        "signed_on": "2020-02-22",
        "filed_at": "2020-02-22T09:00:00+08:00",
        "emergency_order": None,
    } | changes


class Offices:
    """The people who handle claims; each answers with the response."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers

    def firm(self, method: str, path: str, **sent: Any) -> Any:
        return self.callers.ask(method, path, Role.ENTERPRISE, None, FIRM, **sent)

    def bureau(self, method: str, path: str, **sent: Any) -> Any:
        return self.callers.ask(method, path, Role.BUREAU, COUNTY, **sent)

    def finance(self, method: str, path: str, **sent: Any) -> Any:
        return self.callers.ask(method, path, Role.FINANCE, COUNTY, **sent)

    def draft(self) -> str:
        sent = {"county_code": COUNTY, "season": SEASON}
        (claim,) = self.firm("POST", "/api/claims", json=sent).json()["claims"]
        return str(claim["claim_id"])

    def papers(self, claim_id: str, trip: TripRow, **changes: Any) -> Any:
        invoice = {
            "trip_id": trip.trip_id,
            "invoice_no": f"FP-{trip.trip_id}",
            "issuer_id": trip.carrier_id,
            "amount_fen": trip.cost_fen,
            "issued_on": "2020-03-01",
        } | changes
        sent = {"ownership": "private", "bank_account": "6222020200112233445", "invoices": [invoice]}
        return self.firm("POST", f"/api/claims/{claim_id}/papers", json=sent)

    def submitted(self, trip: TripRow, **changes: Any) -> str:
        claim_id = self.draft()
        assert self.papers(claim_id, trip, **changes).status_code == 200
        answer = self.firm("POST", f"/api/claims/{claim_id}/submit")
        assert answer.status_code == 200, answer.text
        return claim_id

    def publicised(self, trip: TripRow) -> str:
        claim_id = self.submitted(trip)
        for act in ("take-up", "publicise"):
            answer = self.bureau("POST", f"/api/claims/{claim_id}/{act}")
            assert answer.status_code == 200, answer.text
        return claim_id

    def approved(self, trip: TripRow) -> str:
        claim_id = self.publicised(trip)
        self.callers.dispatch.clock.advance(days=9)
        answer = self.bureau("POST", f"/api/claims/{claim_id}/approve")
        assert answer.status_code == 200, answer.text
        return claim_id

    def paid(self, trip: TripRow) -> str:
        claim_id = self.approved(trip)
        assert self.finance("POST", f"/api/claims/{claim_id}/receive").status_code == 200
        answer = self.finance("POST", f"/api/claims/{claim_id}/pay", json={"number": "ZF-1"})
        assert answer.status_code == 200, answer.text
        return claim_id

    def show(self, claim_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.bureau("GET", f"/api/claims/{claim_id}").json()
        return shown

    def balance(self, account: str) -> dict[str, int]:
        asked = self.finance("GET", "/api/ledger", params={"account": account, "limit": 0}).json()
        (balance,) = asked["balances"]
        return {key: value for key, value in balance.items() if key not in ("account", "limit_fen")}


@pytest.fixture
def offices(callers: Callers) -> Offices:
    return Offices(callers)


@pytest.fixture
def trip(callers: Callers, trip_id: str) -> TripRow:
    """A coach of 24 with its contract; all boarded and arrived, and a week has passed."""
    dispatch = callers.dispatch
    (row,) = dispatch.trips()
    answer = callers.ask("POST", "/api/contracts", json={"contracts": [contract_of(row)]})
    assert answer.status_code == 200, answer.text
    dispatch.clock.advance(days=3)
    for rider in dispatch.riders(trip_id):
        at = dispatch.clock.now()
        dispatch.tell(WorkerBoarded(trip_id=trip_id, request_id=rider.request_id, version=1, at=at))
    dispatch.depart(row)
    dispatch.confirm(row, Outcome.ARRIVED, 2)
    dispatch.clock.advance(days=7)
    (row,) = dispatch.trips()
    assert row.state == "settled"
    return row


def test_what_arrived_is_claimed_checked_published_approved_and_paid_to_the_fen(
    offices: Offices, trip: TripRow
) -> None:
    # 24 heads, half of the charter up to 10,000 yuan, county and prefecture 1 : 1.
    public_fen = min(trip.cost_fen // 2, 1_000_000)
    (claimable,) = offices.firm("GET", "/api/claimable").json()
    assert (claimable["heads"], claimable["owed_fen"]) == (24, public_fen)
    claim_id = offices.paid(trip)
    claim = offices.show(claim_id)
    assert (claim["state"], claim["paid_fen"], claim["flags"]) == ("paid", public_fen, [])
    assert claim["bank_account_tail"] == "3445"
    halves = [(public_fen + 1) // 2, public_fen // 2]
    for account, fen in zip(PAYERS, halves, strict=True):
        assert offices.balance(account) == {
            "reserved_fen": 0,
            "committed_fen": 0,
            "settled_fen": fen,
            "paid_fen": fen,
        }
    acts = [(step["act"], step["state"]) for step in claim["steps"]]
    assert acts == [
        ("draft", "draft"),
        ("papers", "draft"),
        ("submit", "submitted"),
        ("precheck", "prechecked"),
        ("take_up", "under_review"),
        ("publicise", "publicised"),
        ("approve", "approved"),
        ("receive", "finance_review"),
        ("pay", "paid"),
    ]
    assert offices.firm("GET", "/api/claimable").json() == []


def test_a_claim_cannot_be_approved_before_its_notice_has_run(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.publicised(trip)
    # From Wednesday 4 March: 4, 5, 6, 9, 10 March are five working days.
    assert offices.show(claim_id)["notice_last"] == str(date(2020, 3, 10))
    offices.callers.dispatch.clock.advance(days=6)
    refused = offices.bureau("POST", f"/api/claims/{claim_id}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "notice-runs")
    offices.callers.dispatch.clock.advance(days=1)
    assert offices.bureau("POST", f"/api/claims/{claim_id}/approve").status_code == 200


def test_an_invoice_of_another_amount_blocks_until_the_claim_is_returned_and_mended(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.submitted(trip, amount_fen=trip.cost_fen + 1)
    claim = offices.show(claim_id)
    assert [flag["code"] for flag in claim["flags"]] == ["F10"]
    assert claim["payable_fen"] == 0
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    refused = offices.bureau("POST", f"/api/claims/{claim_id}/publicise")
    assert refused.json()["code"] == "flags-stand"
    sent = {"why": "发票金额与合同不符"}
    assert offices.bureau("POST", f"/api/claims/{claim_id}/decide/return", json=sent).status_code == 200
    assert offices.papers(claim_id, trip).status_code == 200
    assert offices.firm("POST", f"/api/claims/{claim_id}/submit").status_code == 200
    assert offices.show(claim_id)["flags"] == []


def test_a_claw_back_takes_the_workers_part_and_the_enterprise_bears_it(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.paid(trip)
    paid = offices.show(claim_id)["paid_fen"]
    ghost = offices.show(claim_id)["seats"][0]["request_id"]
    sent = {"request_ids": [ghost], "why": "审计发现未在岗"}
    answer = offices.bureau("POST", f"/api/claims/{claim_id}/clawback", json=sent)
    assert answer.status_code == 200, answer.text
    clawed = answer.json()["clawback_fen"]
    # Each payer's 1 of 24 parts: the larger remainder, of 1 or of 23 parts, takes the fen that is left over.
    halves = [(paid + 1) // 2, paid // 2]
    assert clawed == sum(half // 24 + (half % 24 >= 12) for half in halves)
    county = offices.balance(PAYERS[0])
    assert county["paid_fen"] - county["settled_fen"] > 0
    answer = offices.finance("POST", f"/api/claims/{claim_id}/recover", json={"number": "SK-1"})
    assert (answer.status_code, answer.json()["recovered_fen"]) == (200, clawed)
    for account in PAYERS:
        balance = offices.balance(account)
        assert balance["paid_fen"] == balance["settled_fen"]
    firm = offices.balance(f"enterprise:{FIRM}:{SEASON}")
    assert firm["settled_fen"] == trip.cost_fen - paid + clawed


def test_nobody_has_two_parts_in_a_claim(offices: Offices, trip: TripRow, callers: Callers) -> None:
    claim_id = offices.approved(trip)
    # One body may hold both roles; its people still may not do both parts.
    both = Principal(f"{Role.BUREAU}", frozenset({Role.BUREAU, Role.FINANCE}), (COUNTY,))
    token = tokens.issue(callers.keyring, both, timedelta(hours=1), callers.dispatch.clock)
    headers = {"Authorization": f"Bearer {token}"}
    refused = callers.client.post(f"/api/claims/{claim_id}/receive", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "duties-not-separate")
    assert offices.show(claim_id)["state"] == "approved"


def test_a_claim_waits_where_the_registry_is_away_and_is_checked_later(
    offices: Offices, trip: TripRow, directory: Neighbours
) -> None:
    claim_id = offices.draft()
    offices.papers(claim_id, trip)
    directory.away = True
    assert offices.firm("POST", f"/api/claims/{claim_id}/submit").status_code == 503
    assert offices.show(claim_id)["state"] == "submitted"
    directory.away = False
    assert offices.bureau("POST", f"/api/claims/{claim_id}/check").json()["state"] == "prechecked"


def test_a_rejected_claims_workers_may_be_claimed_for_again(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.submitted(trip)
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    sent = {"why": "材料不实"}
    assert offices.bureau("POST", f"/api/claims/{claim_id}/decide/reject", json=sent).status_code == 200
    assert len(offices.firm("GET", "/api/claimable").json()) == 1
    assert offices.draft() != claim_id


def test_a_season_that_is_closed_frees_what_nobody_claimed(offices: Offices, trip: TripRow) -> None:
    draft = offices.draft()
    sent = {"county_code": COUNTY, "season": SEASON}
    answer = offices.finance("POST", "/api/periods/close", json=sent)
    assert answer.status_code == 200, answer.text
    for account in PAYERS:
        assert offices.balance(account)["settled_fen"] == 0
    assert offices.balance(f"enterprise:{FIRM}:{SEASON}")["settled_fen"] == trip.cost_fen
    refused = offices.firm("POST", f"/api/claims/{draft}/submit")
    assert refused.json()["code"] == "period-closed"


def test_a_neighbour_neither_sees_nor_acts(offices: Offices, trip: TripRow, callers: Callers) -> None:
    claim_id = offices.submitted(trip)
    for role, area, organisation in (
        (Role.BUREAU, "522701", None),
        (Role.FINANCE, "522701", None),
        (Role.ENTERPRISE, None, "91330500MA28C0DE99"),
        (Role.CARRIER, None, "C01"),
    ):
        answer = callers.ask("GET", f"/api/claims/{claim_id}", role, area, organisation)
        assert answer.status_code == 404
        assert callers.ask("GET", "/api/claims", role, area, organisation).json()["claims"] == []
    assert callers.ask("POST", f"/api/claims/{claim_id}/take-up", Role.BUREAU, "522701").status_code == 404


def test_single_workers_are_taken_out_of_a_draft(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.draft()
    asked = [seat["request_id"] for seat in offices.firm("GET", f"/api/claims/{claim_id}").json()["seats"]]
    sent = {"request_ids": asked[:1]}
    assert offices.firm("POST", f"/api/claims/{claim_id}/drop-requests", json=sent).status_code == 200
    left = offices.firm("GET", f"/api/claims/{claim_id}").json()
    assert [seat["request_id"] for seat in left["seats"]] == asked[1:]
    assert left["lines"][0]["heads"] == 23
    refused = offices.firm("POST", f"/api/claims/{claim_id}/drop-requests", json=sent)
    assert (refused.status_code, refused.json()["code"]) == (422, "not-asked-for")


def test_what_bills_owe_no_longer_is_told_to_the_countys_offices_and_asked_back(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.paid(trip)
    dispatch = offices.callers.dispatch
    # Five of 24 were never at the gate: 19 are too few for any subsidy.
    for rider in dispatch.riders(trip.trip_id)[:5]:
        dispatch.tell(dispatch.arrival(rider, Outcome.NO_SHOW, 3))
    wanted = {"county_code": COUNTY, "season": SEASON}
    told = offices.bureau("GET", "/api/overpaid", params=wanted).json()
    assert [(one["trip_id"], one["payer"], one["claim_ids"]) for one in told] == [
        (trip.trip_id, payer, [claim_id]) for payer in PAYERS
    ]
    paid = offices.show(claim_id)["paid_fen"]
    assert sum(one["fen"] for one in told) == paid
    neighbour = offices.callers.ask("GET", "/api/overpaid", Role.FINANCE, "522701", params=wanted)
    assert neighbour.json() == []
    answer = offices.bureau("POST", f"/api/claims/{claim_id}/clawback", json={"why": "到岗人数不足"})
    assert (answer.status_code, answer.json()["clawback_fen"]) == (200, paid)
    assert offices.bureau("GET", "/api/overpaid", params=wanted).json() == []


def test_the_books_say_who_moved_the_money(offices: Offices, callers: Callers) -> None:
    callers.dispatch.tell(*(submitted(n) for n in range(24)))
    round_id = callers.dispatch.propose()
    assert callers.ask("POST", f"/api/rounds/{round_id}/approve").status_code == 200
    (trip,) = callers.dispatch.trips()
    sent = {"reason": "暴雪封路"}
    assert callers.ask("POST", f"/api/trips/{trip.trip_id}/cancel", json=sent).status_code == 200
    with callers.dispatch.database.session() as session:
        query = select(VoucherRow.actor).where(VoucherRow.trip_id == trip.trip_id)
        assert list(session.exec(query)) == [Role.DISPATCHER, Role.DISPATCHER]


def test_an_invoice_beyond_what_is_taken_is_told_the_limit_in_yuan(offices: Offices, trip: TripRow) -> None:
    path = f"/claims/{offices.draft()}/papers"
    invoice = {
        "trip_id": trip.trip_id,
        "invoice_no": "FP-1",
        "issuer_id": trip.carrier_id,
        "amount_yuan": "1000000000.01",
        "issued_on": "2020-03-01",
        "heads": "",
    }
    refused = offices.firm("POST", path, data=invoice, headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "不超过 1,000,000,000.00 元" in refused.text
    assert 'value="1000000000.01"' in refused.text
