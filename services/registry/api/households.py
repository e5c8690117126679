"""Routes of households: the indicator, those with nobody employed, one household with its plan."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from services.registry.api.households_shapes import (
    CloseIn,
    HelpIn,
    HouseholdOut,
    IndicatorOut,
    LevelName,
    PlanStepIn,
    StepMadeOut,
    ZeroTaskOut,
    ZeroTaskPage,
)
from services.registry.callers import (
    Clerk,
    ClerkOrHelper,
    HouseholdReader,
    IndicatorReader,
    Page,
    PartsOf,
    Size,
)
from services.registry.usecases.households.act import Done, close, finish_step, plan_step, tick_off
from services.registry.usecases.households.indicator import indicator, indicator_file
from services.registry.usecases.households.show import show_household, show_open
from shared.http.attachment import XLSX, attachment_in_pieces
from shared.kernel.clock import local_date

router = APIRouter(prefix="/api/households", tags=["households"])
AREA = r"^[0-9R]{2,12}$"
Area = Annotated[str | None, Query(pattern=AREA)]
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
}


@router.get("")
def show_indicator(
    principal: IndicatorReader,
    parts: PartsOf,
    day: date | None = None,
    level: LevelName | None = None,
    area: Area = None,
) -> IndicatorOut:
    """Households with labour force and those with somebody employed, on any day, by the areas of a level; today by default."""
    asked = level.level if level else None
    found = indicator(parts, principal, day or local_date(parts.clock.now()), level=asked, area=area or "")
    return IndicatorOut.of(found)


@router.get("/file", response_class=Response)
def download_indicator(
    principal: IndicatorReader,
    parts: PartsOf,
    kind: Literal["csv", "xlsx"] = "xlsx",
    day: date | None = None,
    level: LevelName | None = None,
    area: Area = None,
) -> StreamingResponse:
    """The same as a file."""
    asked = level.level if level else None
    found = indicator(parts, principal, day or local_date(parts.clock.now()), level=asked, area=area or "")
    name = f"households-{found.area or 'all'}-{found.day}.{kind}"
    return attachment_in_pieces(name, iter(indicator_file(found, kind)), _MEDIA[kind])


@router.get("/zero")
def list_zero(
    principal: HouseholdReader, parts: PartsOf, area: Area = None, page: Page = 1, size: Size = 50
) -> ZeroTaskPage:
    """The households with nobody employed, the latest first, with their clocks and what of "131" was done."""
    views, total = show_open(parts, principal, area=area or "", page=page, size=size)
    return ZeroTaskPage(items=[ZeroTaskOut.of(one) for one in views], total=total, page=page, size=size)


@router.post("/zero/{zero_id}/helps", status_code=204)
def tick(zero_id: str, principal: ClerkOrHelper, parts: PartsOf, body: HelpIn) -> None:
    """Tick off one of "131"; the first word stands."""
    tick_off(parts, principal, zero_id, Done(body.kind, body.number, body.done_on, body.words))


@router.post("/zero/{zero_id}/close", status_code=204)
def close_task(zero_id: str, principal: Clerk, parts: PartsOf, body: CloseIn) -> None:
    """End a task for a reason that no fact tells."""
    close(parts, principal, zero_id, body.outcome, body.note)


@router.get("/{household_id}")
def show_one(household_id: str, principal: HouseholdReader, parts: PartsOf) -> HouseholdOut:
    """One household: members masked, how it stood over time, tasks, plan."""
    return HouseholdOut.of(show_household(parts, principal, household_id))


@router.post("/{household_id}/steps", status_code=201)
def add_step(household_id: str, principal: ClerkOrHelper, parts: PartsOf, body: PlanStepIn) -> StepMadeOut:
    """Add a step to the household's plan."""
    made = plan_step(parts, principal, household_id, body.kind, body.words, body.due_on)
    return StepMadeOut(step_id=made)


@router.post("/{household_id}/steps/{household_step_id}/done", status_code=204)
def finish(household_id: str, household_step_id: str, principal: ClerkOrHelper, parts: PartsOf) -> None:
    """Note that a step is done."""
    finish_step(parts, principal, household_id, household_step_id)
