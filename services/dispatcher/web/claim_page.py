"""What a claim's page shows: its way, its lines with their arithmetic, findings, documents, objections, and what the caller may do now."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.claim import (
    Act,
    ClaimState,
    Step,
    list_acts,
    require_separate,
    reviewer_of,
)
from services.dispatcher.money.claims.words import DOCUMENTS
from services.dispatcher.money.rules.words import OWNERSHIPS
from services.dispatcher.store import claims, trips
from services.dispatcher.store.tables import ClaimLineRow, ClaimRow, ClaimStepRow, TripRow
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.draft import EVIDENCE_MAX
from services.dispatcher.usecases.claims.offices import CLAIMANTS, CLAWERS, PARTIES, PAYERS, REVIEWERS
from services.dispatcher.web.claim_words import claim_state_word
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import TEMPLATES, TRACE_READERS, masked_names
from shared.http import current_language, t, url
from shared.http.problems import status_of
from shared.kernel.errors import Forbidden, ZhidaError
from shared.kernel.money import yuan
from shared.security import OFFICES, Principal, Role
from shared.web.words import moment

_WHOSE: Mapping[Act, tuple[Role, ...]] = MappingProxyType(
    {
        Act.SUBMIT: CLAIMANTS,
        Act.PRECHECK: REVIEWERS,
        Act.OPEN_CLAWBACK: CLAWERS,
        **dict.fromkeys(
            (Act.TAKE_UP, Act.RETURN, Act.REJECT, Act.SUSPEND, Act.RESUME, Act.PUBLICISE, Act.APPROVE),
            REVIEWERS,
        ),
        **dict.fromkeys((Act.RECEIVE, Act.PAY, Act.ARCHIVE, Act.RECOVER), PAYERS),
    }
)
"""Act -> the roles whose button it is, as its route has them."""
_WAY = (
    ClaimState.DRAFT,
    ClaimState.SUBMITTED,
    ClaimState.PRECHECKED,
    ClaimState.UNDER_REVIEW,
    ClaimState.PUBLICISED,
    ClaimState.APPROVED,
    ClaimState.FINANCE_REVIEW,
    ClaimState.PAID,
)
"""The states of a claim that goes well."""
_REVIEWED = (ClaimState.UNDER_REVIEW, ClaimState.PUBLICISED)
_CHECKED = (ClaimState.SUBMITTED, *_REVIEWED)
"""States in which the page offers to run the checks again."""
_OPEN = (
    ClaimState.DRAFT,
    ClaimState.SUBMITTED,
    ClaimState.PRECHECKED,
    ClaimState.UNDER_REVIEW,
    ClaimState.RETURNED,
)
"""States in which a document still counts for the decision."""


@dataclass(frozen=True)
class Refused:
    """A form that was refused: which, why, and what stands in its fields."""

    form: str
    fault: ZhidaError
    typed: Mapping[str, Any]


@dataclass(frozen=True)
class ClaimPage:
    """Shows a claim, and does to it what its forms ask."""

    desk: ClaimDesk

    def show(
        self, request: Request, principal: Principal, claim_id: str, refused: Refused | None = None
    ) -> Response:
        """The page; with a refusal beside its form. Raises NoSuchClaim."""
        with self.desk.database.session() as session:
            context = _context(self.desk, session, principal, claim_id)
        typed = refused.typed if refused else {}
        context |= {
            "refused": refused,
            "typed": lambda form, name: typed.get(name, "") if refused and refused.form == form else "",
            "labels": _labels(typed),
            "invoices": _invoices(context["lines"], context["runs"], typed),
        }
        status = status_of(refused.fault) if refused else 200
        return TEMPLATES.TemplateResponse(request, "claim.html", context, status)

    def do(
        self,
        request: Request,
        principal: Principal,
        claim_id: str,
        form: str,
        act: Callable[[], object],
        **typed: Any,
    ) -> Response:
        """Do it and show the claim anew, or show why not with what was typed."""
        fault = refusal_of(act)
        if fault is not None:
            return self.show(request, principal, claim_id, Refused(form, fault, typed))
        return RedirectResponse(url(request, f"/claims/{claim_id}"), 303)


def _context(desk: ClaimDesk, session: Session, principal: Principal, claim_id: str) -> dict[str, Any]:
    """All of a claim that the caller may see. Raises NoSuchClaim."""
    claim = claims.get_claim(session, claim_id, principal)
    lines = claims.list_lines(session, [claim_id])
    steps = claims.list_steps(session, claim_id)
    flags = claims.list_flags(session, claim_id)
    history = claims.history(session, claim_id)
    acts, blocked = _acts(principal, claim, history)
    objections = claims.list_objections(session, claim_id)
    parts = [part for line in lines for part in line.parts]
    return {
        "claim": claim,
        "lines": lines,
        "runs": {row.trip_id: row for row in trips.list_these(session, [line.trip_id for line in lines])},
        "steps": steps,
        "trail": _trail(claim, steps),
        "flags": flags,
        "standing": any(flag.cleared_by is None for flag in flags),
        "standings": Counter(seat.standing for seat in claims.list_seats(session, claim_id)),
        "held_fen": sum(part["held_fen"] for part in parts),
        "documents": [
            (row, desk.seal.open(row.name, f"evidence/{row.evidence_id}/name"))
            for row in claims.list_evidence(session, claim_id)
        ],
        "objections": [
            (row, desk.seal.open(row.words, f"objection/{row.objection_id}"))
            for row in objections
            if principal.has(*OFFICES)
        ],
        "acts": acts,
        "blocked": blocked,
        "is_reviewer": principal.has(*REVIEWERS)
        and claim.state in _REVIEWED
        and reviewer_of(history) == principal.subject,
        "may_check": principal.has(*REVIEWERS) and claim.state in _CHECKED,
        "may_object": principal.has(*REVIEWERS) and claim.state == ClaimState.PUBLICISED,
        "may_add": principal.has(*PARTIES) and claim.state in _OPEN,
        "may_fetch": principal.has(*PARTIES),
        "may_act": bool(acts - {Act.SUBMIT}),
        "may_claw": Act.OPEN_CLAWBACK in acts,
        "may_trace": principal.has(*TRACE_READERS),
        "is_blocked": any(flag.severity == Severity.BLOCK and not flag.cleared_by for flag in flags),
        "kinds": DOCUMENTS,
        "ownerships": OWNERSHIPS,
        "megabytes": EVIDENCE_MAX // 1024**2,
    }


def _acts(principal: Principal, claim: ClaimRow, history: Sequence[Step]) -> tuple[set[Act], list[str]]:
    """What the caller may do to the claim now, and why not what its role could."""
    acts: set[Act] = set()
    blocked: dict[str, None] = {}
    for act in list_acts(claim.state):
        if not principal.has(*_WHOSE[act]):
            continue
        try:
            require_separate(claim.claim_id, history, act, principal.subject)
        except Forbidden as fault:
            blocked[fault.message(current_language())] = None
            continue
        acts.add(act)
    return acts, list(blocked)


def _trail(claim: ClaimRow, steps: Sequence[ClaimStepRow]) -> list[tuple[str, str, bool, bool]]:
    """The claim's way as the steps of a page: word, when, done, current."""
    reached: dict[str, str] = {}
    for step in steps:
        if step.state in _WAY:
            later = _WAY[_WAY.index(ClaimState(step.state)) + 1 :]
            reached = {state: said for state, said in reached.items() if state not in later}
            reached.setdefault(step.state, moment(step.at))
    aside = claim.state not in _WAY
    trail = []
    at = max((_WAY.index(ClaimState(state)) for state in reached), default=0)
    for i, state in enumerate(_WAY):
        current = not aside and state == claim.state
        trail.append((claim_state_word(state), reached.get(state, ""), i <= at and not current, current))
        if aside and i == at:
            trail.append((claim_state_word(claim.state), moment(steps[-1].at), False, True))
    return trail[: at + 2] if claim.state == ClaimState.REJECTED else trail


def _invoices(
    lines: Sequence[ClaimLineRow], runs: Mapping[str, TripRow], typed: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """What stands in the fields of each trip's invoice: what was typed, else what was kept."""
    kept = {
        line.trip_id: {
            "invoice_no": line.invoice_no or "",
            "issuer_id": line.invoice_issuer or runs[line.trip_id].carrier_id,
            "amount_yuan": yuan(line.invoice_fen).replace(",", "") if line.invoice_fen else "",
            "issued_on": line.invoice_on or "",
            "heads": line.heads,
        }
        for line in lines
    }
    return kept | {line["trip_id"]: line for line in typed.get("lines", ())}


def _labels(typed: Mapping[str, Any]) -> dict[str, str]:
    """What the page calls the fields of its forms."""
    labels = {
        "why": t("理由", "Reason"),
        "number": t("编号", "Number"),
        "words": t("内容", "Words"),
        "ownership": t("企业所有制", "Ownership"),
        "bank_account": t("收款账号", "Bank account"),
    }
    columns = {
        "invoice_no": t("发票号", "invoice no."),
        "issuer_id": t("开票方", "issuer"),
        "amount_yuan": t("发票金额", "amount"),
        "issued_on": t("开票日期", "date"),
        "heads": t("人数", "heads"),
    }
    filled = [line for line in typed.get("lines", ()) if line["invoice_no"] or line["amount_yuan"]]
    for i, line in enumerate(filled):
        labels |= {f"invoices[{i}].{name}": f"{line['trip_id']} {word}" for name, word in columns.items()}
    return labels


def people_of(desk: ClaimDesk, principal: Principal, claim_id: str) -> dict[str, Any]:
    """Whom a claim is for, their names masked and asked of the registry at this moment, with the marks of escort and enterprise."""
    with desk.database.session() as session:
        claim = claims.get_claim(session, claim_id, principal)
        seats = claims.list_seats(session, claim_id)
        riders = trips.list_riders(session, sorted({seat.trip_id for seat in seats}))
        acts, _ = _acts(principal, claim, claims.history(session, claim_id))
    names, away = masked_names(
        desk.directory, [seat.request_id for seat in seats], "claim", principal.subject
    )
    return {
        "claim": claim,
        "seats": seats,
        "riders": {rider.request_id: rider for aboard in riders.values() for rider in aboard},
        "names": names,
        "away": away,
        "may_claw": Act.OPEN_CLAWBACK in acts,
        "may_drop": Act.SUBMIT in acts,
        "fault": None,
        "why": "",
        "chosen": set(),
    }
