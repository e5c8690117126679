"""What the weeks after a day bring: enterprises claim their subsidies, bureaus review, finance pays, audit asks back.

One claim is submitted with an invoice of another amount than its contract, as happens; its bureau rejects it. Of one that was
paid, an audit finds a worker who was not at the post.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.day.office import Office
from services.day.stages import PROVINCE, Day
from shared.security import Role

CLAIMS = 6
"""Claims that are handled: those of the enterprises with most workers of one county each."""
WRONG_FEN = 100_000
"""By how much the invoice of the claim that is rejected is off: 1,000 yuan."""


@dataclass(frozen=True)
class Case:
    """One claim: whose, in which county's season, and what is wrong with it."""

    enterprise_id: str
    county_code: str
    season: str
    wrong: bool


@dataclass(frozen=True)
class Outcome:
    """What became of the claims, as the audit office sees them; a day of few people has less of them."""

    paid: tuple[dict[str, Any], ...]
    rejected: dict[str, Any] | None
    clawed_back: dict[str, Any] | None


def claim_and_pay(day: Day, weeks: Callable[[], None]) -> Outcome:
    """Claims from draft to money; `weeks` pass while the public notices run."""
    office = day.office
    cases = [(case, hand_in(office, case)) for case in _choose(day)]
    for done, (case, claim_id) in enumerate(cases, 1):
        review(office, case, claim_id)
        day.progress("claims reviewed", done, len(cases))
    weeks()
    office.token.cache_clear()  # they have expired meanwhile
    fit = [(case, claim_id) for case, claim_id in cases if not case.wrong]
    for done, (case, claim_id) in enumerate(fit, 1):
        pay(office, case, claim_id)
        day.progress("claims paid", done, len(fit))
    for case, claim_id in fit[-1:]:
        _claw_back(office, case, claim_id)
    audit = office.token(Role.AUDIT, PROVINCE)
    shown = [office.call(audit, "dispatcher", "GET", f"/api/claims/{claim_id}") for _, claim_id in cases]
    by_state = {claim["state"]: claim for claim in shown}
    return Outcome(
        tuple(claim for claim in shown if claim["state"] == "paid"),
        by_state.get("rejected"),
        by_state.get("recovered"),
    )


def _choose(day: Day) -> list[Case]:
    """The enterprises with most riders, each with its largest county; the second one sends a wrong invoice."""
    heads = Counter(rider["enterprise_id"] for trip in day.trips() for rider in day.riders(trip))
    largest = sorted(heads, key=lambda one: (-heads[one], one))
    cases: list[Case] = []
    for enterprise_id in largest:
        firm = day.office.token(Role.ENTERPRISE, "", enterprise_id)
        claimable = day.office.call(firm, "dispatcher", "GET", "/api/claimable")
        owed = [one for one in claimable if one["owed_fen"]]
        if owed:
            best = max(owed, key=lambda one: (one["heads"], one["county_code"]))
            cases.append(Case(enterprise_id, best["county_code"], best["season"], wrong=len(cases) == 1))
        if len(cases) == CLAIMS:
            break
    return cases


def hand_in(office: Office, case: Case) -> str:
    """The enterprise drafts its claim, fills in invoices as the contracts say, and submits it."""
    firm = office.token(Role.ENTERPRISE, "", case.enterprise_id)
    sent = {"county_code": case.county_code, "season": case.season}
    (claim, *_) = office.call(firm, "dispatcher", "POST", "/api/claims", json=sent)["claims"]
    claim_id: str = claim["claim_id"]
    path = f"/api/claims/{claim_id}"
    lines = office.call(firm, "dispatcher", "GET", path)["lines"]
    invoices = [_invoice(office, firm, line["trip_id"], wrong=case.wrong) for line in lines]
    papers = {"ownership": "private", "bank_account": "6222020200112233445", "invoices": invoices}
    office.call(firm, "dispatcher", "POST", f"{path}/papers", json=papers)
    office.call(firm, "dispatcher", "POST", f"{path}/submit")
    return claim_id


def _invoice(office: Office, firm: str, trip_id: str, *, wrong: bool) -> dict[str, Any]:
    trip = office.call(firm, "dispatcher", "GET", f"/api/trips/{trip_id}")
    contract = office.call(firm, "dispatcher", "GET", f"/api/trips/{trip_id}/contract")
    return {
        "trip_id": trip_id,
        "invoice_no": f"FP-{trip_id}",
        "issuer_id": trip["carrier_id"],
        "amount_fen": contract["price_fen"] + (WRONG_FEN if wrong else 0),
        "issued_on": trip["day"],
    }


def review(office: Office, case: Case, claim_id: str) -> None:
    """The bureau takes it up; it clears what must only be looked at, and rejects what is blocked."""
    bureau = office.token(Role.BUREAU, case.county_code)
    path = f"/api/claims/{claim_id}"
    office.call(bureau, "dispatcher", "POST", f"{path}/take-up")
    flags = office.call(bureau, "dispatcher", "GET", path)["flags"]
    blocked = [flag for flag in flags if flag["severity"] == "block"]
    if blocked:
        why = {"why": "；".join(flag["zh"] for flag in blocked)[:500]}
        office.call(bureau, "dispatcher", "POST", f"{path}/decide/reject", json=why)
        return
    for number in [flag["number"] for flag in flags if flag["severity"] == "review"]:
        why = {"why": "已核对原件并电话核实"}
        office.call(bureau, "dispatcher", "POST", f"{path}/flags/{number}/clear", json=why)
    office.call(bureau, "dispatcher", "POST", f"{path}/publicise")


def pay(office: Office, case: Case, claim_id: str) -> None:
    """The bureau approves it, finance receives and pays it; its notice must be over."""
    bureau = office.token(Role.BUREAU, case.county_code)
    finance = office.token(Role.FINANCE, case.county_code)
    path = f"/api/claims/{claim_id}"
    office.call(bureau, "dispatcher", "POST", f"{path}/approve")
    office.call(finance, "dispatcher", "POST", f"{path}/receive")
    office.call(finance, "dispatcher", "POST", f"{path}/pay", json={"number": f"ZF-{claim_id}"})


def _claw_back(office: Office, case: Case, claim_id: str) -> None:
    """Audit finds one worker who was not at the post; the enterprise gives their part back."""
    audit = office.token(Role.AUDIT, case.county_code)
    finance = office.token(Role.FINANCE, case.county_code)
    path = f"/api/claims/{claim_id}"
    seats = office.call(audit, "dispatcher", "GET", path)["seats"]
    found = next(seat["request_id"] for seat in seats if seat["holds"])
    sent = {"request_ids": [found], "why": "审计回访：该工人未在岗"}
    office.call(audit, "dispatcher", "POST", f"{path}/clawback", json=sent)
    office.call(finance, "dispatcher", "POST", f"{path}/recover", json={"number": f"SK-{claim_id}"})
