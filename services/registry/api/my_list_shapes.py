"""What goes in and out as JSON on a helper's own list, where people stand by name."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.registry.api.incoming import DivisionCode, Id, Incoming
from services.registry.api.outgoing import FaultOut
from services.registry.domain.tracking.outcome import Finding, WageBand, failed_on, reached_on
from services.registry.usecases.errors import told
from services.registry.usecases.tracking.my_list import Line, MyList
from services.registry.usecases.tracking.record import Answer, Given, Result

RECORDS_MAX = 500


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
    area_code: DivisionCode | None = None
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


class MyListLineOut(BaseModel):
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
    people: list[MyListLineOut]

    @classmethod
    def of(cls, found: MyList) -> Self:
        """As the helper's device takes it."""
        people = [MyListLineOut.of(line) for line in found.lines]
        return cls(month=found.month, now=found.now, ends_at=found.ends_at, people=people)
