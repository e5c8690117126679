"""What goes in and out as JSON about tracking; names and phones are masked."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.api.incoming import Incoming
from services.registry.domain.tracking.late import Level
from services.registry.domain.tracking.outcome import Finding, WageBand
from services.registry.store.tracking.lists import Count
from services.registry.usecases.place_names import place_name
from services.registry.usecases.tracking.overview import MilestoneView, Overview, PersonMonth, TaskView

PlacePrefix = Annotated[str, StringConstraints(pattern=r"^\d{2}[0-9R]{0,13}$")]


class TaskCountOut(BaseModel):
    """How many tasks there are, done and open, and with whom the late ones are."""

    code: str
    name: str
    tasks: int
    done: int
    in_time: int
    late: dict[Level, int]

    @classmethod
    def of(cls, count: Count, name: str) -> Self:
        """A count of what has that name."""
        return cls(
            code=count.of,
            name=name,
            tasks=count.tasks,
            done=count.done,
            in_time=count.in_time,
            late=count.late,
        )


class OverviewOut(BaseModel):
    """How a month stands in an area; who has no helper is counted under an empty code.

    `earlier` are the months before it of which something is late and can still be done.
    """

    month: date
    due_on: date
    whole: TaskCountOut
    earlier: dict[date, TaskCountOut]
    outcomes: dict[Finding, int]
    places: list[TaskCountOut]
    helpers: list[TaskCountOut]

    @classmethod
    def of(cls, found: Overview) -> Self:
        """As it is told."""
        named = {one: named.name for one, named in found.names.items()}
        return cls(
            month=found.month,
            due_on=found.due_on,
            whole=TaskCountOut.of(found.whole, ""),
            earlier={month: TaskCountOut.of(count, "") for month, count in found.earlier.items()},
            outcomes={Finding(one): number for one, number in found.outcomes.items()},
            places=[TaskCountOut.of(one, found.place_name(one)) for one in found.places],
            helpers=[TaskCountOut.of(one, named.get(one.of, "")) for one in found.helpers],
        )


class TaskOut(BaseModel):
    """One task of an area; name and phone are masked."""

    person_id: str
    month: date
    name: str
    phone: str
    place_code: str
    place_name: str
    helper_id: str | None
    helper: str
    enterprise_name: str
    area_name: str
    due_on: date
    outcome: Finding | None
    tries: int
    late: Level | None
    """To whom it has climbed."""

    @classmethod
    def of(cls, view: TaskView) -> Self:
        """As a reader may see it."""
        return cls(
            person_id=view.task.person_id,
            month=view.task.month,
            name=view.name,
            phone=view.phone,
            place_code=view.file.place_code,
            place_name=place_name(view.file.place_code),
            helper_id=view.file.helper_id,
            helper=view.helper,
            enterprise_name=view.person.enterprise_name,
            area_name=view.person.area_name,
            due_on=view.task.due_on,
            outcome=Finding(view.task.outcome) if view.task.outcome else None,
            tries=view.task.tries,
            late=view.level,
        )


class TaskPage(BaseModel):
    """A page of tasks."""

    items: list[TaskOut]
    total: int
    page: int
    size: int


class MilestoneOut(BaseModel):
    """So many months after somebody was first followed; `held`: still employed there that day, null until it has come."""

    person_id: str
    name: str
    place: str
    helper: str
    enterprise_id: str | None
    opened_on: date
    months: int
    due_on: date
    held: bool | None

    @classmethod
    def of(cls, view: MilestoneView) -> Self:
        """As a reader may see it."""
        one = view.milestone
        return cls(
            person_id=one.person_id,
            name=view.name,
            place=view.place,
            helper=view.helper,
            enterprise_id=one.enterprise_id,
            opened_on=one.opened_on,
            months=one.months,
            due_on=one.due_on,
            held=one.is_held,
        )


class MilestonePage(BaseModel):
    """A page of milestones."""

    items: list[MilestoneOut]
    total: int
    page: int
    size: int


class RecordOut(BaseModel):
    """What one try found, and who says so."""

    model_config = ConfigDict(from_attributes=True)

    record_id: Annotated[str, Field(validation_alias="id")]
    outcome: Finding
    enterprise_id: str | None
    area_code: str | None
    wage_band: WageBand | None
    tried_at: datetime
    recorded_at: datetime
    recorded_by: str


class PersonMonthOut(BaseModel):
    """A person's task of a month with all that was recorded on it; `stands` is the record that counts."""

    month: date
    due_on: date
    outcome: Finding | None
    tries: int
    late: Level | None
    stands: str | None
    records: list[RecordOut]

    @classmethod
    def of(cls, one: PersonMonth) -> Self:
        """As it is told."""
        return cls(
            month=one.task.month,
            due_on=one.task.due_on,
            outcome=Finding(one.task.outcome) if one.task.outcome else None,
            tries=one.task.tries,
            late=one.level,
            stands=one.task.record_id,
            records=[RecordOut.model_validate(row) for row in one.records],
        )


class PersonMonthsOut(BaseModel):
    """A person's months, newest first."""

    months: list[PersonMonthOut]


class AreaIn(Incoming):
    """Whose people are to be followed: a county, township or site, or all of an area; from which day on."""

    area_code: PlacePrefix
    since: date | None = None


class FollowedOut(BaseModel):
    """How many people are followed now who were not before."""

    people: int


class EndedOut(BaseModel):
    """How many trackings of a person ended: one for each arrival or clerk's act that opened one."""

    ended: int


class MonthsOut(BaseModel):
    """How many tasks were made, by month."""

    made: dict[date, int]
