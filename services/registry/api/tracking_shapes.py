"""What goes in and out as JSON about tracking; names and phones are masked, but on a helper's own list."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.registry.api.incoming import Incoming
from services.registry.api.outgoing import FaultOut
from services.registry.domain.tracking.late import Level
from services.registry.domain.tracking.outcome import Finding, WageBand, failed_on, reached_on
from services.registry.store.tracking.lists import Count
from services.registry.usecases.errors import told
from services.registry.usecases.place_names import place_name
from services.registry.usecases.tracking.my_list import Line, MyList
from services.registry.usecases.tracking.overview import MilestoneView, Overview, PersonMonth, TaskView
from services.registry.usecases.tracking.record import Answer, Given, Result

RECORDS_MAX = 500
PEOPLE_MAX = 5000
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
PlacePrefix = Annotated[str, StringConstraints(pattern=r"^\d{2}[0-9R]{0,13}$")]


class RecordIn(Incoming):
    """What one try found. The id is made by the device; the month is any day of it.

    `same` may leave out where: then it is the employer that is known. `changed` says where: an enterprise that is
    registered, or a division.
    """

    record_id: UUID
    person_id: Id
    month: date
    outcome: Finding
    tried_at: AwareDatetime
    recorded_at: AwareDatetime
    enterprise_id: Id | None = None
    area_code: AreaCode | None = None
    wage_band: WageBand | None = None

    def given(self) -> Given:
        """As it is taken."""
        values = self.model_dump(exclude={"record_id", "outcome"})
        return Given(record_id=str(self.record_id), finding=self.outcome, **values)


class RecordsIn(Incoming):
    """Records of several tries, in any order; each is answered for itself."""

    records: Annotated[list[RecordIn], Field(min_length=1, max_length=RECORDS_MAX)]


class ResultOut(BaseModel):
    """What became of a record: accepted, known already, or refused and why."""

    record_id: str
    result: Answer
    error: FaultOut | None

    @classmethod
    def of(cls, result: Result) -> Self:
        """As it is told."""
        error = FaultOut(**told(result.fault)) if result.fault else None
        return cls(record_id=result.record_id, result=result.answer, error=error)


class ResultsOut(BaseModel):
    """A result for each record, in their order."""

    results: list[ResultOut]


class LineOut(BaseModel):
    """One person on a helper's own list, in full."""

    person_id: str
    month: date
    name: str
    phone: str
    is_employed: bool
    enterprise_id: str | None
    enterprise_name: str
    area_code: str | None
    area_name: str
    home_code: str
    due_on: date
    closes_on: date
    outcome: Finding | None
    tries: int
    reached_on: list[date]
    failed_on: list[date]
    """The days on which they were reached, and those on which they were only tried."""

    @classmethod
    def of(cls, line: Line) -> Self:
        """As the helper sees it."""
        person, place = line.person, line.person.place
        return cls(
            person_id=line.task.person_id,
            month=line.task.month,
            name=person.contact.name,
            phone=person.contact.phone,
            is_employed=person.is_employed,
            enterprise_id=place.enterprise_id if place else None,
            enterprise_name=person.enterprise_name,
            area_code=place.area_code if place else None,
            area_name=person.area_name,
            home_code=line.task.place_code[:6],
            due_on=line.task.due_on,
            closes_on=line.closes_on,
            outcome=Finding(line.task.outcome) if line.task.outcome else None,
            tries=line.task.tries,
            reached_on=sorted(reached_on(line.tries)),
            failed_on=sorted(failed_on(line.tries)),
        )


class MyListOut(BaseModel):
    """A helper's list. `now` is the service's clock, `ends_at` when a device drops what it kept of it."""

    month: date
    now: datetime
    ends_at: datetime
    people: list[LineOut]

    @classmethod
    def of(cls, found: MyList) -> Self:
        """As the helper's device takes it."""
        people = [LineOut.of(line) for line in found.lines]
        return cls(month=found.month, now=found.now, ends_at=found.ends_at, people=people)


class CountOut(BaseModel):
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
    whole: CountOut
    earlier: dict[date, CountOut]
    outcomes: dict[Finding, int]
    places: list[CountOut]
    helpers: list[CountOut]

    @classmethod
    def of(cls, found: Overview) -> Self:
        """As it is told."""
        named = {one: named.name for one, named in found.names.items()}
        return cls(
            month=found.month,
            due_on=found.due_on,
            whole=CountOut.of(found.whole, ""),
            earlier={month: CountOut.of(count, "") for month, count in found.earlier.items()},
            outcomes={Finding(one): number for one, number in found.outcomes.items()},
            places=[CountOut.of(one, found.place_name(one)) for one in found.places],
            helpers=[CountOut.of(one, named.get(one.of, "")) for one in found.helpers],
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


class HelperIn(Incoming):
    """A named helper, by the id with which they sign in, of a township or site."""

    helper_id: Annotated[str, StringConstraints(min_length=2, max_length=60, pattern=r"^[\w.@-]+$")]
    name: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    phone: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    place_code: Id


class HelperOut(BaseModel):
    """A helper by name, as their office knows them; the phone is masked."""

    helper_id: str
    name: str
    phone: str
    place_code: str
    place_name: str
    people: int


class HelperPage(BaseModel):
    """A page of helpers."""

    items: list[HelperOut]
    total: int
    page: int
    size: int


class HandOverIn(Incoming):
    """To whom a list goes; without `person_ids` the whole of it."""

    to: Id
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=PEOPLE_MAX)] | None = None


class HandedOverOut(BaseModel):
    """How many people went."""

    people: int
