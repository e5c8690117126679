"""The whole chain from a fen to the roster's row and from a worker to each fen, of a claim paid, refused and clawed back."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from services.dispatcher.store.tables import TripRow
from shared.events import Outcome
from shared.security import Role
from tests.dispatcher.api.conftest import Callers, Neighbours
from tests.dispatcher.api.test_claims import COUNTY, FIRM, PAYERS, SEASON, Offices, offices, trip
from tests.dispatcher.books.tamper import tamper
from tests.dispatcher.dispatch import submitted

__all__ = ["offices", "trip"]


class Auditor:
    """Asks for traces as the county's audit office."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers

    def trace(self, key: str, role: Role = Role.AUDIT) -> dict[str, Any]:
        answer = self.callers.ask("GET", f"/api/trace/{key}", role, COUNTY)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def auditor(callers: Callers) -> Auditor:
    return Auditor(callers)


def sums(parts: Iterable[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for part in parts:
        found[part["account"]][0] += part["due_fen"]
        found[part["account"]][1] += part["held_fen"]
    return {account: (due, held) for account, (due, held) in found.items()}


def require_whole_and_divided(told: dict[str, Any]) -> None:
    """Nothing is missing; the workers' parts sum to the trip's lines, and their payments to the transfers."""
    assert (told["whole"], told["gaps"]) == (True, [])
    (trip,) = told["trips"]
    assert sums(part for rider in trip["riders"] for part in rider["bears"]) == sums(trip["lines"])
    paid: dict[str, int] = defaultdict(int)
    for rider in trip["riders"]:
        for payment in rider["payments"]:
            paid[payment["transfer_id"]] += payment["amount_fen"]
    entries = [entry for voucher in trip["vouchers"] for entry in voucher["entries"]]
    assert paid == {e["id"]: e["amount_fen"] for e in entries if e["kind"] in ("pay", "recover")}
    assert all(voucher["sealed"] and voucher["digest"] for voucher in trip["vouchers"])


def notes(told: dict[str, Any]) -> str:
    return " ".join(note["en"] for note in told["notes"])


def test_a_paid_claim_is_whole_from_the_payment_to_the_row(
    offices: Offices, trip: TripRow, auditor: Auditor
) -> None:
    claim_id = offices.paid(trip)
    told = auditor.trace(trip.trip_id)
    require_whole_and_divided(told)
    assert "in no claim that stands" not in notes(told)
    (found,) = told["trips"]
    assert found["rule"]["policy"] == trip.policy
    assert found["rule"]["unchanged"]
    # Half of the charter up to 10,000 yuan, county and prefecture 1 : 1.
    public_fen = min(trip.cost_fen // 2, 1_000_000)
    steps = {step["what"]: step["result_fen"] for step in found["workings"]}
    assert steps["charter"] == trip.cost_fen
    assert steps["caps"] == public_fen
    assert [steps[f"payer:{payer}"] for payer in PAYERS] == [(public_fen + 1) // 2, public_fen // 2]
    assert [v["act"] for v in found["vouchers"]] == ["bill", "bill", "bill", "pay"]
    (claim,) = found["claims"]
    assert (claim["claim_id"], claim["state"], claim["payment_no"]) == (claim_id, "paid", "ZF-1")
    assert [step["act"] for step in claim["steps"]][-1] == "pay"
    assert claim["lines"][0]["standings"] == {"counted": 24}
    assert found["contract"]["contract_no"] == f"HT-{trip.trip_id}"
    (plan,) = found["plans"]
    assert (plan["kind"], plan["answers_problem"], plan["shared"]) == ("round", True, 24)
    assert len(found["riders"]) == 24
    for number, rider in enumerate(found["riders"], start=2):
        assert (rider["boarding"], rider["outcome"], rider["counts_as"]) == ("boarded", "arrived", "arrived")
        assert rider["boarded_at"] <= rider["confirmed_at"]
        assert rider["claims"] == [{"claim_id": claim_id, "standing": "counted", "holds": True}]
        assert (rider["origin"]["sha256"], rider["origin"]["row"]) == ("ab" * 32, number)
    assert "bound" in notes(told)  # first fit proves none, and it is said


def test_each_key_of_one_payment_leads_to_the_same_chain(
    offices: Offices, trip: TripRow, auditor: Auditor
) -> None:
    claim_id = offices.paid(trip)
    by_trip = auditor.trace(trip.trip_id)["trips"]
    voucher = by_trip[0]["vouchers"][-1]
    (payment, _) = voucher["entries"]
    for key, kind in ((claim_id, "claim"), (voucher["id"], "voucher"), (payment["id"], "transfer")):
        told = auditor.trace(key)
        assert (told["key"], told["kind"], told["whole"]) == (key, kind, True)
        assert told["trips"] == by_trip
    assert auditor.trace(claim_id)["claim"]["paid_fen"] == sum(e["amount_fen"] for e in voucher["entries"])
    assert auditor.trace(payment["id"])["voucher"]["facts"]["payment_no"] == "ZF-1"


def test_a_worker_is_traced_to_each_fen_and_to_nobody_else(
    offices: Offices, trip: TripRow, auditor: Auditor, directory: Neighbours
) -> None:
    claim_id = offices.paid(trip)
    everybody = {rider["request_id"]: rider for rider in auditor.trace(trip.trip_id)["trips"][0]["riders"]}
    told = auditor.trace("R0007")
    assert (told["kind"], told["whole"]) == ("request", True)
    (found,) = told["trips"]
    (rider,) = found["riders"]
    assert rider["bears"] == everybody["R0007"]["bears"]
    assert {payment["claim_id"] for payment in rider["payments"]} == {claim_id}
    assert {p["payer"]: p["amount_fen"] for p in rider["payments"]} == {
        part["account"]: part["due_fen"] for part in rider["bears"] if part["account"].startswith("payer:")
    }
    assert told["worker"]["origin"]["roster_id"] == "roster"
    assert directory.asked[-2:] == [("trace", "audit"), ("trace", "audit")]
    assert "R0008" not in str(told)


def test_a_refused_claim_is_whole_and_says_why_nothing_was_paid(
    offices: Offices, trip: TripRow, auditor: Auditor
) -> None:
    claim_id = offices.submitted(trip)
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    offices.bureau("POST", f"/api/claims/{claim_id}/decide/reject", json={"why": "材料不实"})
    told = auditor.trace(claim_id)
    require_whole_and_divided(told)
    assert told["claim"]["state"] == "rejected"
    assert told["claim"]["steps"][-1]["note"] == "材料不实"
    assert "The claim was rejected, and nothing is paid by it." in notes(told)
    assert "24 are in no claim that stands" in notes(told)
    assert all(rider["payments"] == [] for rider in told["trips"][0]["riders"])


def test_a_claw_back_is_whole_and_charges_the_worker_it_is_about(
    offices: Offices, trip: TripRow, auditor: Auditor
) -> None:
    claim_id = offices.paid(trip)
    sent = {"request_ids": ["R0003"], "why": "审计发现未在岗"}
    assert offices.bureau("POST", f"/api/claims/{claim_id}/clawback", json=sent).status_code == 200
    assert "asked back, and not yet received" in notes(auditor.trace(claim_id))
    offices.finance("POST", f"/api/claims/{claim_id}/recover", json={"number": "SK-1"})
    told = auditor.trace(claim_id)
    require_whole_and_divided(told)
    (found,) = told["trips"]
    assert [v["act"] for v in found["vouchers"]][-3:] == ["pay", "bill", "recover"]
    riders = {rider["request_id"]: rider for rider in found["riders"]}
    by_account = {part["account"]: part["due_fen"] for part in riders["R0003"]["bears"]}
    # A fen may stay with a payer: the claw-back is its part of the whole, and the worker's part was rounded before.
    assert sum(by_account.get(payer, 0) for payer in PAYERS) <= 2
    assert by_account[f"enterprise:{FIRM}:{SEASON}"] >= trip.cost_fen // 24 - 3
    assert {p["kind"] for p in riders["R0003"]["payments"]} == {"pay", "recover"}
    assert {p["kind"] for p in riders["R0004"]["payments"]} == {"pay"}
    recovered = [p["amount_fen"] for p in riders["R0003"]["payments"] if p["kind"] == "recover"]
    assert sum(recovered) == told["claim"]["recovered_fen"]
    cuts = [step for step in found["workings"] if step["what"] == "cut:clawback"]
    assert sum(step["result_fen"] for step in cuts) == -told["claim"]["clawback_fen"]


def test_a_trip_that_nobody_has_claimed_says_so(offices: Offices, trip: TripRow, auditor: Auditor) -> None:
    told = auditor.trace(trip.trip_id)
    require_whole_and_divided(told)
    assert "Nobody has claimed its subsidy yet." in notes(told)
    assert "24 are in no claim that stands" in notes(told)


def test_a_trip_before_it_runs_says_what_is_not_there_yet(
    callers: Callers, trip_id: str, auditor: Auditor
) -> None:
    told = auditor.trace(trip_id)
    require_whole_and_divided(told)
    said = notes(told)
    assert "its money is promised, not owed" in said
    assert "No charter contract is recorded yet." in said
    assert "24 are not yet confirmed by their enterprise" in said


def test_a_request_that_a_round_left_behind_says_which_and_why(callers: Callers, auditor: Auditor) -> None:
    dispatch = callers.dispatch
    dispatch.tell(*(submitted(n) for n in range(24)), submitted(90, party_size=2, party_id="P9"))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    told = auditor.trace("R0090")
    assert (told["whole"], told["trips"]) == (True, [])
    (left,) = told["worker"]["left_behind"]
    assert (left["round_id"], left["rule"]) == (round_id, "family-complete")
    assert "no fen was spent" in notes(told)


def test_a_neighbour_finds_nothing_by_any_key(
    offices: Offices, trip: TripRow, auditor: Auditor, callers: Callers
) -> None:
    claim_id = offices.submitted(trip)
    (voucher, *_) = auditor.trace(trip.trip_id)["trips"][0]["vouchers"]
    for key in (trip.trip_id, claim_id, voucher["id"], voucher["entries"][0]["id"], "R0001"):
        for role in (Role.AUDIT, Role.FINANCE, Role.BUREAU, Role.DISPATCHER):
            answer = callers.ask("GET", f"/api/trace/{key}", role, "522701")
            assert (answer.status_code, answer.json()["code"]) == (404, "nothing-to-trace")
    for role, organisation in ((Role.ENTERPRISE, FIRM), (Role.CARRIER, "C01"), (Role.OPERATOR, None)):
        area = COUNTY if organisation is None else None
        answer = callers.ask("GET", f"/api/trace/{trip.trip_id}", role, area, organisation)
        assert answer.status_code == 403


def test_a_draft_is_no_office_s_to_trace(offices: Offices, trip: TripRow, callers: Callers) -> None:
    answer = callers.ask("GET", f"/api/trace/{offices.draft()}", Role.AUDIT, COUNTY)
    assert answer.status_code == 404


def test_without_the_registry_the_trace_stands_and_says_what_it_lacks(
    offices: Offices, trip: TripRow, auditor: Auditor, directory: Neighbours
) -> None:
    directory.away = True
    told = auditor.trace(trip.trip_id)
    assert not told["whole"]
    assert [gap["where"] for gap in told["gaps"]] == ["registry"]
    assert len(told["trips"][0]["riders"]) == 24


def gaps(told: dict[str, Any]) -> str:
    return " ".join(gap["en"] for gap in told["gaps"])


def test_an_amount_that_was_changed_in_the_books_breaks_the_chain(
    offices: Offices, trip: TripRow, auditor: Auditor, callers: Callers
) -> None:
    claim_id = offices.paid(trip)
    changed = "UPDATE transfer SET amount_fen = amount_fen + 1 WHERE kind = 'pay' AND debit LIKE 'payer:origin_county%'"
    tamper(callers.dispatch.database, changed)
    told = auditor.trace(claim_id)
    assert not told["whole"]
    assert "does not say what the book's digest says" in gaps(told)
    assert f"{trip.trip_id}: {PAYERS[0]} paid" in gaps(told)


def test_a_settlement_that_was_changed_is_not_what_the_rule_makes(
    trip: TripRow, auditor: Auditor, callers: Callers
) -> None:
    changed = "UPDATE transfer SET amount_fen = amount_fen - 1 WHERE kind = 'settle' AND debit LIKE 'payer:origin_county%'"
    tamper(callers.dispatch.database, changed)
    assert f"{PAYERS[0]} has 0.01 yuan promised" in gaps(auditor.trace(trip.trip_id))


def test_a_policy_that_was_edited_in_place_is_not_the_one_of_the_books(
    trip: TripRow, auditor: Auditor, callers: Callers
) -> None:
    tamper(
        callers.dispatch.database,
        "UPDATE policy SET body = jsonb_set(body, '{min_passengers_trip}', '3') WHERE id = 'guizhou-2020'",
    )
    told = auditor.trace(trip.trip_id)
    assert "is not what it was when this was booked" in gaps(told)
    assert not told["trips"][0]["rule"]["unchanged"]


def test_a_worker_who_is_paid_for_and_has_not_arrived_breaks_the_chain(
    offices: Offices, trip: TripRow, auditor: Auditor, callers: Callers
) -> None:
    offices.paid(trip)
    tamper(callers.dispatch.database, "UPDATE rider SET outcome = 'refused' WHERE request_id = 'R0005'")
    assert "1 are paid for and have not arrived: R0005" in gaps(auditor.trace(trip.trip_id))


def test_a_row_that_the_registry_does_not_know_breaks_the_chain(
    trip: TripRow, auditor: Auditor, directory: Neighbours
) -> None:
    directory.unknown = {"R0009"}
    told = auditor.trace(trip.trip_id)
    assert [(gap["where"], gap["en"]) for gap in told["gaps"]] == [
        ("R0009", "The registry knows no request of that id.")
    ]
    directory.without_file = {"R0004"}
    directory.unknown = set()
    told = auditor.trace("R0004")
    assert told["whole"]
    assert "came by the API, so there is no file: R0004" in notes(told)


def page(callers: Callers, path: str, role: Role, area: str = COUNTY, **headers: str) -> Any:
    return callers.ask("GET", path, role, area, headers={"Accept": "text/html", **headers})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_the_chain_of_a_claim_that_was_clawed_back(
    offices: Offices, trip: TripRow, callers: Callers, language: str
) -> None:
    claim_id = offices.paid(trip)
    sent = {"request_ids": ["R0003"], "why": "审计发现未在岗"}
    offices.bureau("POST", f"/api/claims/{claim_id}/clawback", json=sent)
    offices.finance("POST", f"/api/claims/{claim_id}/recover", json={"number": "SK-1"})
    shown = page(callers, f"/trace/{claim_id}", Role.FINANCE, **{"Accept-Language": language})
    assert shown.status_code == 200
    whole = {"zh": "链条完整", "en": ">whole<"}[language]
    for link in (whole, claim_id, "ZF-1", trip.policy, f"HT-{trip.trip_id}", "ab" * 32, "2–25", "R0003"):
        assert link in shown.text, link


def test_the_page_shows_names_masked_to_those_alone_who_see_a_manifest(
    offices: Offices, trip: TripRow, callers: Callers, directory: Neighbours
) -> None:
    for role in (Role.AUDIT, Role.BUREAU, Role.DISPATCHER):
        shown = page(callers, "/trace/R0007", role).text
        assert "张*0" in shown
        assert "张小0" not in shown
    directory.asked.clear()
    assert "张" not in page(callers, "/trace/R0007", Role.FINANCE).text
    assert [purpose for purpose, _ in directory.asked] == ["trace", "trace"]


def test_the_search_leads_to_the_page_and_a_neighbour_finds_nothing(trip: TripRow, callers: Callers) -> None:
    found = page(callers, f"/trace?key=%20{trip.trip_id}%20", Role.AUDIT)
    assert (found.status_code, found.headers["location"][-len(trip.trip_id) :]) == (303, trip.trip_id)
    assert page(callers, "/trace", Role.AUDIT).status_code == 200
    assert page(callers, f"/trace/{trip.trip_id}", Role.AUDIT, "522701").status_code == 404
    assert page(callers, "/trace", Role.OPERATOR).status_code == 403


def test_ledger_and_trip_lead_to_the_trace_whoever_may_see_it(trip: TripRow, callers: Callers) -> None:
    link = f"/trace/{trip.trip_id}"
    assert link in page(callers, f"/trips/{trip.trip_id}", Role.FINANCE).text
    assert "/trace/" not in page(callers, f"/trips/{trip.trip_id}", Role.OPERATOR).text
    assert "/trace/" in page(callers, "/ledger", Role.AUDIT).text
    assert "/trace/" not in page(callers, "/ledger", Role.OPERATOR).text


def test_a_plan_with_a_certificate_shows_its_bound_and_gap(callers: Callers, auditor: Auditor) -> None:
    dispatch = callers.dispatch
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose(engine="columns"))
    told = auditor.trace(dispatch.trips()[0].trip_id)
    require_whole_and_divided(told)
    (plan,) = told["trips"][0]["plans"]
    assert plan["certificate"] == "zhida.certificate/2"
    assert plan["bound_fen"] <= plan["cost_fen"]
    assert plan["gap"] == (plan["cost_fen"] - plan["bound_fen"]) / plan["bound_fen"]
    assert "certificate" not in notes(told)


def test_whoever_joined_by_an_amendment_is_traced_to_it(callers: Callers, auditor: Auditor) -> None:
    dispatch = callers.dispatch
    dispatch.tell(*(submitted(n) for n in range(50)))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    dispatch.tell(submitted(70))
    sent = {"pool_id": "522732-330500"}
    made = callers.ask("POST", f"/api/rounds/{round_id}/amendments", json=sent).json()["amendment_id"]
    assert callers.ask("POST", f"/api/amendments/{made}/approve").status_code == 200
    told = auditor.trace("R0070")
    assert told["whole"]
    (trip,) = told["trips"]
    assert [(plan["kind"], plan["id"]) for plan in trip["plans"]] == [
        ("round", round_id),
        ("amendment", made),
    ]
    first, second = trip["plans"]
    assert (first["shared"], second["shared"]) == (trip["aboard"] - 1, trip["aboard"])
    require_whole_and_divided(auditor.trace(trip["trip_id"]))


def test_a_trip_that_was_cancelled_has_given_all_back(
    callers: Callers, trip_id: str, auditor: Auditor
) -> None:
    callers.ask("POST", f"/api/trips/{trip_id}/cancel", json={"reason": "道路中断"})
    told = auditor.trace(trip_id)
    assert (told["whole"], told["gaps"]) == (True, [])
    assert "It is cancelled: none of its money stands." in notes(told)
    (found,) = told["trips"]
    entries = [entry for voucher in found["vouchers"] for entry in voucher["entries"]]
    assert sorted({entry["kind"] for entry in entries}) == ["release", "reserve"]
    assert all(rider["bears"] == [] for rider in found["riders"])


def test_disputes_and_absences_are_divided_as_they_are_billed(
    callers: Callers, trip_id: str, auditor: Auditor
) -> None:
    dispatch = callers.dispatch
    (row,) = dispatch.trips()
    dispatch.depart(row)
    outcomes = [Outcome.DISPUTED] * 3 + [Outcome.REFUSED] * 2 + [Outcome.ARRIVED] * 19
    riders = dispatch.riders(trip_id)
    dispatch.tell(*(dispatch.arrival(r, said) for r, said in zip(riders, outcomes, strict=True)))
    told = auditor.trace(trip_id)
    # 19 are certain, and 20 the least: what government bears is held until the disputes are over.
    require_whole_and_divided(told)
    parts = {rider["request_id"]: rider["bears"] for rider in told["trips"][0]["riders"]}
    assert parts["R0003"] == parts["R0004"] == []
    assert all(part["due_fen"] == 0 for part in parts["R0005"] if part["account"] in PAYERS)
    assert {part["account"] for part in parts["R0000"]} == {*PAYERS, f"enterprise:{FIRM}:{SEASON}"}
    assert "24 have no mark of the escort's that they boarded" in notes(told)


def test_a_budget_is_traced_to_its_document(callers: Callers, trip_id: str, auditor: Auditor) -> None:
    (budget,) = [
        row
        for row in callers.ask(
            "GET", "/api/ledger", Role.AUDIT, COUNTY, params={"account": PAYERS[0]}
        ).json()["transfers"]
        if row["kind"] == "allocate"
    ]
    told = auditor.trace(budget["id"])
    assert (told["kind"], told["whole"], told["trips"]) == ("transfer", True, [])
    assert told["voucher"]["facts"]["document"] == "测试"
    shown = page(callers, f"/trace/{budget['id']}", Role.FINANCE)
    assert (shown.status_code, told["voucher"]["id"] in shown.text) == (200, True)
