"""The pages of rewards: rules in force, lists and their workers with the reasons; a worker's sheet of benefits; an enterprise's counts."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from services.registry.callers import Clerk, Page, PartsOf, PaymentReader, WorkforceReader
from services.registry.domain.rewards.rule import Claimant
from services.registry.domain.rewards.words import (
    CLAIMANTS,
    OUTCOMES,
    PURPOSES,
    amount_words,
    conditions_words,
)
from services.registry.domain.rewards.workforce import MONTHS, SMALLEST
from services.registry.intake.reward_presets import presets
from services.registry.store.rewards.lists import CONFIRMED, DRAFT, HANDED_OVER, WITHDRAWN
from services.registry.store.rewards.rules import list_rules, rule_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.place_names import place_name
from services.registry.usecases.rewards.benefits import benefits_of
from services.registry.usecases.rewards.lists import (
    STATES,
    Asked,
    confirm_list,
    hand_over_list,
    make_list,
    withdraw_list,
)
from services.registry.usecases.rewards.rules import put_in_force, take_over
from services.registry.usecases.rewards.show import view_entries, view_list, view_lists
from services.registry.usecases.rewards.workforce import count_workforce
from services.registry.usecases.show import ERASED
from services.registry.web.pages import PAGE_SIZE, TEMPLATES, read_day
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.clock import local_date
from shared.kernel.errors import Conflict, ZhidaError
from shared.security import Principal, Role, mask
from shared.security.scope import PROVINCE

router = APIRouter(include_in_schema=False)
_TONES = {DRAFT: "warn", CONFIRMED: "good", HANDED_OVER: "good", WITHDRAWN: "plain"}
_OUTCOME_TONES = {"met": "good", "not_met": "bad", "not_known": "warn"}
_STANDS = {
    "entitled": ("可能符合", "may be entitled", "good"),
    "open": ("待条件齐备", "not yet, or not known", "warn"),
    "barred": ("不符合", "not entitled", "plain"),
}
Optional = Annotated[str, Form()]


@router.get("/rewards")
def show_all(request: Request, principal: PaymentReader, parts: PartsOf, page: Page = 1) -> Response:
    """The rules in force, the lists that were made by them, and the forms for both."""
    return _overview(request, principal, parts, page)


@router.post("/rewards")
def send_list(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    reward_rule_id: Annotated[str, Form()],
    claimant_id: Annotated[str, Form()],
    first_day: Annotated[date, Form()],
    last_day: Annotated[date, Form()],
    area_code: Annotated[str | None, Form()] = None,
) -> Response:
    """Make a list and show it."""
    asked = Asked(reward_rule_id, claimant_id, first_day, last_day, area_code)
    try:
        row, _ = make_list(parts, principal, asked)
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(url(request, f"/rewards/{row.id}"), 303)


@router.post("/rewards/rules")
def send_rule(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    preset: Annotated[str, Form()],
    valid_from: Optional = "",
    valid_to: Optional = "",
    area_code: Annotated[str | None, Form()] = None,
) -> Response:
    """Put a preset in force, from and to other days if given."""
    try:
        rule = take_over(preset, read_day(valid_from), read_day(valid_to))
        put_in_force(parts, principal, [rule], area_code)
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(url(request, "/rewards"), 303)


@router.get("/rewards/{reward_list_id}")
def show_one(
    request: Request,
    reward_list_id: str,
    principal: PaymentReader,
    parts: PartsOf,
    outcome: Annotated[str, Query(pattern="^(earned|refused)$")] = "earned",
    page: Page = 1,
) -> Response:
    """A list: what was earned by whom (masked), or who earned nothing and why."""
    return _list_page(request, principal, parts, reward_list_id, outcome, page)


@router.post("/rewards/{reward_list_id}/confirm")
def confirm(request: Request, reward_list_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """Freeze a draft and show it, or say why not."""
    return _act(confirm_list, request, reward_list_id, principal, parts)


@router.post("/rewards/{reward_list_id}/hand-over")
def hand_over(request: Request, reward_list_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """Hand a confirmed list over and show it, or say why not."""
    return _act(hand_over_list, request, reward_list_id, principal, parts)


@router.post("/rewards/{reward_list_id}/withdraw")
def withdraw(request: Request, reward_list_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """Take a list back and show it, or say why not."""
    return _act(withdraw_list, request, reward_list_id, principal, parts)


@router.get("/people/{person_id}/benefits")
def show_benefits(request: Request, person_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """A sheet to print for a worker: what they may ask for, with what to bring and where; the name is masked."""
    with parts.database.session() as session:
        context = benefits_context(session, principal, person_id, parts)
        name = contacts_of(session, parts.vault, [person_id])[person_id].name
    context |= {"name": mask.name(name) if name else ERASED, "today": local_date(parts.clock.now())}
    return TEMPLATES.TemplateResponse(request, "benefits.html", context)


@router.get("/workforce")
def show_workforce(request: Request, principal: WorkforceReader, parts: PartsOf) -> Response:
    """The enterprise's own workers by months in the job."""
    with parts.database.session() as session:
        counted = count_workforce(session, principal.organisation or "", local_date(parts.clock.now()))
    context = {
        "as_of": counted.as_of,
        "counts": list(zip(MONTHS, counted.at_least, strict=True)),
        "smallest": SMALLEST,
    }
    return TEMPLATES.TemplateResponse(request, "workforce.html", context)


def benefits_context(session: Session, principal: Principal, person_id: str, parts: Parts) -> dict[str, Any]:
    """What `benefits_section.html` shows of a person of the caller's area; any page of that person may include it.

    Raises PersonUnknown.
    """
    return {
        "person_id": person_id,
        "benefits": benefits_of(session, principal, person_id, parts),
        "benefits_printable": principal.has(Role.BUREAU),
        "benefit_stands": _STANDS,
        "reward_outcomes": OUTCOMES,
        "reward_tones": _OUTCOME_TONES,
    }


def _act(
    act: Callable[[Parts, Principal, str], object],
    request: Request,
    reward_list_id: str,
    principal: Principal,
    parts: Parts,
) -> Response:
    """What is not the caller's stays a page of its own; what the list's state does not allow is told on the list."""
    try:
        act(parts, principal, reward_list_id)
    except Conflict as error:
        return _list_page(request, principal, parts, reward_list_id, "earned", 1, error=error)
    return RedirectResponse(url(request, f"/rewards/{reward_list_id}"), 303)


def _refused(request: Request, principal: Principal, parts: Parts, error: ZhidaError) -> Response:
    if status_of(error) >= 500:
        raise error
    return _overview(request, principal, parts, 1, error=error)


def _overview(
    request: Request, principal: Principal, parts: Parts, page: int, *, error: ZhidaError | None = None
) -> Response:
    with parts.database.session() as session:
        rows = list_rules(session, principal)
        views, total = view_lists(session, principal, page=page, size=PAGE_SIZE)
    rules = [(row, rule_of(row)) for row in rows]
    for_lists = [
        (row.id, f"{t(rule.name.zh, rule.name.en)} · {rule.key} · {area_words(row.area_code)}")
        for row, rule in rules
        if rule.claimant is not Claimant.WORKER
    ]
    context = {
        "rules": rules,
        "rule_choices": for_lists,
        "presets": presets(),
        "preset_choices": [(key, t(rule.name.zh, rule.name.en)) for key, rule in presets().items()],
        "views": views,
        "can_act": principal.has(Role.BUREAU),
        "areas": [(area, area_words(area)) for area in principal.areas],
        "error": error,
        "today": local_date(parts.clock.now()),
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "rewards.html", context, status_of(error) if error else 200)


def _list_page(
    request: Request,
    principal: Principal,
    parts: Parts,
    reward_list_id: str,
    outcome: str,
    page: int,
    *,
    error: ZhidaError | None = None,
) -> Response:
    with parts.database.session() as session:
        view = view_list(session, principal, reward_list_id)
        is_earned = outcome == "earned"
        entries = view_entries(
            session, parts.vault, view.row.id, is_earned=is_earned, page=page, size=PAGE_SIZE
        )
    total = view.row.heads if is_earned else view.row.refused
    context = {
        "view": view,
        "entries": entries,
        "outcome": outcome,
        "reward_outcomes": OUTCOMES,
        "reward_tones": _OUTCOME_TONES,
        "can_act": principal.has(Role.BUREAU),
        "is_mine": view.row.made_by == principal.subject,
        "can_reveal": principal.has(Role.BUREAU, Role.FINANCE) and view.row.state != WITHDRAWN,
        "error": error,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(
        request, "reward_list.html", context, status_of(error) if error else 200
    )


def area_words(code: str) -> str:
    """An area as a reader of these pages knows it."""
    return t("贵州省", "Guizhou") if code == PROVINCE else place_name(code)


def _amount(rule: Any) -> str:
    return t(*amount_words(rule))


def _conditions(rule: Any) -> list[str]:
    return [t(*pair) for pair in conditions_words(rule)]


def _pair(pair: tuple[str, str]) -> str:
    return t(*pair)


TEMPLATES.env.filters.update(
    reward_area=area_words,
    reward_amount=_amount,
    reward_conditions=_conditions,
    pair=_pair,
    words=lambda words: t(words.zh, words.en),
    reward_state=lambda state: t(*STATES[state]),
    reward_tone=lambda state: _TONES[state],
    claimant=lambda code: t(*CLAIMANTS[code]),
    purpose=lambda code: t(*PURPOSES[code]),
)
