"""Routes of monthly tracking: a helper's own list, what was recorded, how an area's month stands, a person's months."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.registry.api.my_list_shapes import MyListOut, RecordsIn, ResultOut, ResultsOut
from services.registry.api.tracking_shapes import (
    AreaIn,
    EndedOut,
    FollowedOut,
    MilestoneOut,
    MilestonePage,
    MonthsOut,
    OverviewOut,
    PersonMonthOut,
    PersonMonthsOut,
    TaskOut,
    TaskPage,
)
from services.registry.callers import (
    CauseOf,
    Clerk,
    ClerkOrHelper,
    Helper,
    Operator,
    Page,
    PartsOf,
    Reader,
    Size,
)
from services.registry.usecases.tracking.months import make_months
from services.registry.usecases.tracking.my_list import my_list
from services.registry.usecases.tracking.open_area import follow_area, stop_following
from services.registry.usecases.tracking.overview import (
    months_of,
    overview,
    show_milestones,
    show_tasks,
)
from services.registry.usecases.tracking.record import record

router = APIRouter(prefix="/api/tracking", tags=["tracking"])
Month = Annotated[date | None, Query(description="Any day of the month; this month where it is left out.")]
HelperId = Annotated[str | None, Query(max_length=60)]


@router.get("/my-list")
def show_my_list(principal: Helper, parts: PartsOf, cause: CauseOf) -> MyListOut:
    """The helper's own list with names and phones in full, for they must call; each reading is written to the access log."""
    return MyListOut.of(my_list(parts, principal, cause.correlation_id))


@router.post("/records")
def send_records(sent: RecordsIn, principal: ClerkOrHelper, parts: PartsOf) -> ResultsOut:
    """What tries found, each under an id that the device made: sent again it is known and changes nothing.

    A helper records for the people of their list, a bureau for those of its area.
    """
    results = record(parts, principal, [one.given() for one in sent.records])
    return ResultsOut(results=[ResultOut.of(one) for one in results])


@router.get("/overview")
def show_overview(principal: Reader, parts: PartsOf, month: Month = None) -> OverviewOut:
    """How a month stands in the caller's area: tasks done, open and late, by place and by helper."""
    return OverviewOut.of(overview(parts, principal, month))


@router.get("/tasks")
def list_tasks(
    principal: Reader,
    parts: PartsOf,
    month: Month = None,
    helper_id: HelperId = None,
    is_open: bool | None = None,
    page: Page = 1,
    size: Size = 50,
) -> TaskPage:
    """A page of a month's tasks in the caller's area."""
    views, total = show_tasks(
        parts,
        principal,
        month,
        helper_id=helper_id,
        is_open=is_open,
        offset=(page - 1) * size,
        limit=size,
    )
    return TaskPage(items=[TaskOut.of(one) for one in views], total=total, page=page, size=size)


@router.get("/milestones")
def list_milestones(
    principal: Reader, parts: PartsOf, month: Month = None, page: Page = 1, size: Size = 50
) -> MilestonePage:
    """A page of the milestones whose day lies in the month."""
    views, total = show_milestones(parts, principal, month, offset=(page - 1) * size, limit=size)
    return MilestonePage(items=[MilestoneOut.of(one) for one in views], total=total, page=page, size=size)


@router.get("/people/{person_id}")
def show_person(person_id: str, principal: Reader, parts: PartsOf) -> PersonMonthsOut:
    """A person's months, newest first, each with all that was recorded."""
    months = months_of(parts, principal, person_id)
    return PersonMonthsOut(months=[PersonMonthOut.of(one) for one in months])


@router.post("/people/{person_id}/stop")
def stop_person(person_id: str, principal: Clerk, parts: PartsOf) -> EndedOut:
    """Follow somebody no more: their open tasks are gone, what was recorded stays. A second time changes nothing."""
    return EndedOut(ended=stop_following(parts, principal, person_id))


@router.post("/areas")
def follow_people(sent: AreaIn, principal: Clerk, parts: PartsOf) -> FollowedOut:
    """Follow the people of an area who work outside their county, with or without an organised seat."""
    return FollowedOut(people=follow_area(parts, principal, sent.area_code, sent.since))


@router.post("/months")
def make_due_months(_principal: Operator, parts: PartsOf) -> MonthsOut:
    """Make now the tasks of all months that have begun, instead of within the hour; a second time changes nothing."""
    return MonthsOut(made=make_months(parts.database, parts.clock))
