"""The pages of households: the indicator with its drill-down, those with nobody employed, one household with its plan."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry.callers import (
    Clerk,
    ClerkOrHelper,
    HouseholdReader,
    IndicatorReader,
    Page,
    PartsOf,
)
from services.registry.domain.households.plan import STEP_WORDS, StepKind
from services.registry.domain.households.rules import DESK_WORDS, HELP_WORDS, Help
from services.registry.domain.households.standing import Standing
from services.registry.domain.households.zero import BY_HAND, OUTCOME_WORDS, ZeroOutcome
from services.registry.store.households.counts import Level
from services.registry.usecases.households.act import (
    WORDS_MAX,
    Done,
    close,
    finish_step,
    plan_step,
    tick_off,
)
from services.registry.usecases.households.indicator import LEVEL_WORDS, indicator
from services.registry.usecases.households.show import show_household, show_open
from services.registry.usecases.parts import Parts
from services.registry.web.pages import PAGE_SIZE, TEMPLATES, read_day
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.clock import local_date
from shared.kernel.errors import ZhidaError
from shared.security import Principal, Role, covers

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=WORDS_MAX)]
STANDING_WORDS: dict[str, tuple[str, str]] = {
    Standing.EMPLOYED: ("有人就业", "somebody employed"),
    Standing.ZERO: ("零就业", "nobody employed"),
    Standing.NO_LABOUR: ("无劳动力", "no labour force"),
    Standing.GONE: ("不在册", "nobody registered"),
}
STANDING_TONES = {Standing.EMPLOYED: "good", Standing.ZERO: "bad"}
_AREA = Query(pattern=r"^([0-9R]{2,12})?$")


def _words(table: dict[Any, tuple[str, str]]) -> Any:
    return lambda code: t(*table[code])


TEMPLATES.env.filters.update(
    standing=_words(STANDING_WORDS),
    help_word=_words(HELP_WORDS),
    desk=_words(DESK_WORDS),
    step_word=_words(STEP_WORDS),
    outcome_word=_words(OUTCOME_WORDS),
)


@router.get("/households")
def show_indicator(
    request: Request,
    principal: IndicatorReader,
    parts: PartsOf,
    day: str = "",
    area: Annotated[str, _AREA] = "",
) -> Response:
    """The indicator of an area on a day, by the areas below it."""
    today = local_date(parts.clock.now())
    found = indicator(parts, principal, read_day(day) or today, area=area)
    context = {
        "found": found,
        "today": today,
        "above": [code for code in _above(area) if covers(principal, code)],
        "level_words": t(*LEVEL_WORDS[found.level]),
        "is_lowest": found.level is Level.PLACE,
    }
    return TEMPLATES.TemplateResponse(request, "households.html", context)


@router.get("/households/zero")
def show_zero(
    request: Request,
    principal: HouseholdReader,
    parts: PartsOf,
    area: Annotated[str, _AREA] = "",
    page: Page = 1,
) -> Response:
    """The households with nobody employed, the latest first."""
    return _zero(request, principal, parts, area, page)


@router.post("/households/zero/{zero_id}/helps")
def tick(
    request: Request,
    zero_id: str,
    principal: ClerkOrHelper,
    parts: PartsOf,
    kind: Annotated[Help, Form()],
    number: Annotated[int, Form(ge=1, le=20)],
    done_on: Annotated[date, Form()],
    words: Words = "",
    back: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Tick off one of "131" and go back to where it was pressed."""
    try:
        tick_off(parts, principal, zero_id, Done(kind, number, done_on, words))
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(_back(request, back, zero_id), 303)


@router.post("/households/zero/{zero_id}/close")
def close_task(
    request: Request,
    zero_id: str,
    principal: Clerk,
    parts: PartsOf,
    outcome: Annotated[ZeroOutcome, Form()],
    note: Words,
    back: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """End a task for a reason that no fact tells."""
    try:
        close(parts, principal, zero_id, outcome, note)
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(_back(request, back, zero_id), 303)


@router.get("/households/{household_id}")
def show_one(request: Request, household_id: str, principal: HouseholdReader, parts: PartsOf) -> Response:
    """One household."""
    return _household(request, principal, parts, household_id)


@router.post("/households/{household_id}/steps")
def add_step(
    request: Request,
    household_id: str,
    principal: ClerkOrHelper,
    parts: PartsOf,
    kind: Annotated[StepKind, Form()],
    words: Words,
    due_on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Add a step to the plan."""
    try:
        plan_step(parts, principal, household_id, kind, words, read_day(due_on))
    except ZhidaError as error:
        if status_of(error) == 404:
            raise
        return _household(request, principal, parts, household_id, error)
    return RedirectResponse(url(request, f"/households/{household_id}"), 303)


@router.post("/households/{household_id}/steps/{household_step_id}/done")
def finish(
    request: Request, household_id: str, household_step_id: str, principal: ClerkOrHelper, parts: PartsOf
) -> Response:
    """Note that a step is done."""
    finish_step(parts, principal, household_id, household_step_id)
    return RedirectResponse(url(request, f"/households/{household_id}"), 303)


def _refused(request: Request, principal: Principal, parts: Parts, error: ZhidaError) -> Response:
    if status_of(error) in (404, 500):
        raise error
    return _zero(request, principal, parts, "", 1, error)


def _zero(
    request: Request,
    principal: Principal,
    parts: Parts,
    area: str,
    page: int,
    error: ZhidaError | None = None,
) -> Response:
    tasks, total = show_open(parts, principal, area=area, page=page, size=PAGE_SIZE)
    context = {
        "tasks": tasks,
        "total": total,
        "area": area,
        "error": error,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
        **_hands(principal, parts),
    }
    return TEMPLATES.TemplateResponse(
        request, "households_zero.html", context, status_of(error) if error else 200
    )


def _household(
    request: Request,
    principal: Principal,
    parts: Parts,
    household_id: str,
    error: ZhidaError | None = None,
) -> Response:
    view = show_household(parts, principal, household_id)
    turns = [*(run.first for run in view.runs[1:]), None]
    context = {
        "view": view,
        "runs": list(zip(view.runs, turns, strict=True))[::-1],
        "tones": STANDING_TONES,
        "error": error,
        "step_kinds": [(kind.value, t(*STEP_WORDS[kind])) for kind in StepKind],
        **_hands(principal, parts),
    }
    return TEMPLATES.TemplateResponse(request, "household.html", context, status_of(error) if error else 200)


def _hands(principal: Principal, parts: Parts) -> dict[str, Any]:
    """What the reader may do, and what a form is filled with."""
    return {
        "can_help": principal.has(Role.BUREAU, Role.HELPER),
        "can_close": principal.has(Role.BUREAU),
        "reasons": [(reason.value, t(*OUTCOME_WORDS[reason])) for reason in BY_HAND],
        "today": local_date(parts.clock.now()),
        "words_max": WORDS_MAX,
    }


def _back(request: Request, back: str, zero_id: str) -> str:
    """To the household whose page it was, or to the list, at the task."""
    if back.isalnum():
        return url(request, f"/households/{back}")
    return url(request, f"/households/zero#{zero_id}")


def _above(area: str) -> list[str]:
    """The areas that hold this one, the widest first."""
    return [area[:length] for length in (2, 4, 6) if length < len(area)]
