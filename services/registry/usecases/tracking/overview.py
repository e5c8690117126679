"""How an area's month stands for the offices that answer for it: counts, who is late, milestones; people are masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.months import month_of
from services.registry.domain.tracking.late import Level, climbed_to
from services.registry.domain.tracking.rules import TrackingRule, shipped_rule
from services.registry.store.files import get_file, persons_of, persons_seen
from services.registry.store.tables import FileRow, PersonRow, TrackingRecordRow, TrackingTaskRow
from services.registry.store.tracking.helpers import page_of_helper
from services.registry.store.tracking.lists import (
    Count,
    Milestone,
    count_outcomes,
    count_tasks,
    list_milestones,
    list_tasks,
    months_of_person,
)
from services.registry.usecases.parts import Parts
from services.registry.usecases.place_names import place_name
from services.registry.usecases.tracking.helpers import Named, names_of_helpers
from services.registry.usecases.tracking.late import late_months
from services.registry.usecases.tracking.people import Tracked, tracked_of
from shared.kernel.clock import local_date
from shared.reference import COUNTY_DIGITS
from shared.security import Principal, mask


@dataclass(frozen=True, slots=True)
class Overview:
    """A month of the caller's area, as a whole and by place and helper. `names` are the helpers' by id.

    `earlier` are the months before it of which something is late and can still be done, as a whole.
    """

    month: date
    today: date
    rule: TrackingRule
    whole: Count
    outcomes: dict[str, int]
    places: Sequence[Count]
    helpers: Sequence[Count]
    earlier: Mapping[date, Count]
    names: Mapping[str, Named]

    def place_name(self, count: Count) -> str:
        """What the place of a count is called."""
        return place_name(count.of)

    @property
    def due_on(self) -> date:
        """The day on which the month is due."""
        return self.rule.due_on(self.month)


def overview(parts: Parts, principal: Principal, month: date | None) -> Overview:
    """How the month stands, this one where none is named. Townships and sites for a county, counties for more than one."""
    today = local_date(parts.clock.now())
    month = month_of(month or today)
    rule = shipped_rule(month)
    is_wide = any(len(area) < COUNTY_DIGITS for area in principal.areas)
    with parts.database.session() as session:
        whole = count_tasks(session, principal, month, today, rule, by="all")
        places = count_tasks(session, principal, month, today, rule, by="county" if is_wide else "place")
        helpers = count_tasks(session, principal, month, today, rule, by="helper")
        helpers.sort(key=lambda one: (-one.late_in_all, one.done - one.tasks, one.of))
        names = names_of_helpers(session, parts.vault, [one.of for one in helpers[:200]])
        outcomes = count_outcomes(session, principal, month)
        earlier = _late_before(session, principal, month, today)
    nothing = Count("", 0, 0, 0, dict.fromkeys(Level, 0))
    return Overview(
        month, today, rule, whole[0] if whole else nothing, outcomes, places, helpers[:200], earlier, names
    )


def _late_before(session: Session, principal: Principal, month: date, today: date) -> dict[date, Count]:
    return {
        earlier: count
        for earlier in late_months(today)
        if earlier < month
        for count in count_tasks(session, principal, earlier, today, shipped_rule(earlier), by="all")
        if count.late_in_all
    }


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task of an area's list; the person is masked."""

    task: TrackingTaskRow
    file: FileRow
    name: str
    phone: str
    person: Tracked
    level: Level | None
    helper: str


def show_tasks(
    parts: Parts,
    principal: Principal,
    month: date | None,
    *,
    helper_id: str | None,
    is_open: bool | None,
    offset: int,
    limit: int,
) -> tuple[list[TaskView], int]:
    """A page of the month's tasks in the caller's area, and how many there are."""
    today = local_date(parts.clock.now())
    month = month_of(month or today)
    with parts.database.session() as session:
        rows, total = list_tasks(
            session, principal, month, helper_id=helper_id, is_open=is_open, offset=offset, limit=limit
        )
        people = tracked_of(
            session, parts.vault, persons_of(session, {task.person_id for task, _ in rows}), today
        )
        names = names_of_helpers(session, parts.vault, [file.helper_id for _, file in rows if file.helper_id])
    rule = shipped_rule(month)
    return [_view(task, file, people[task.person_id], names, today, rule) for task, file in rows], total


def _view(
    task: TrackingTaskRow,
    file: FileRow,
    person: Tracked,
    names: Mapping[str, Named],
    today: date,
    rule: TrackingRule,
) -> TaskView:
    level = None if task.outcome else climbed_to(task.due_on, today, rule)
    return TaskView(
        task,
        file,
        mask.name(person.contact.name),
        mask.phone(person.contact.phone),
        person,
        level,
        _named(names, file.helper_id),
    )


def _named(names: Mapping[str, Named], helper_id: str | None) -> str:
    known = names.get(helper_id or "")
    return known.name if known else ""


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """A milestone of somebody, who is masked."""

    milestone: Milestone
    name: str
    place: str
    enterprise_name: str
    helper: str


def show_milestones(
    parts: Parts, principal: Principal, month: date | None, *, offset: int, limit: int
) -> tuple[list[MilestoneView], int]:
    """A page of the milestones whose day lies in the month, and how many there are."""
    today = local_date(parts.clock.now())
    month = month_of(month or today)
    with parts.database.session() as session:
        rows, total = list_milestones(
            session, principal, month, today, shipped_rule(month), offset=offset, limit=limit
        )
        people = tracked_of(session, parts.vault, persons_of(session, {one.person_id for one in rows}), today)
        names = names_of_helpers(session, parts.vault, [one.helper_id for one in rows if one.helper_id])
    return [
        MilestoneView(
            one,
            mask.name(people[one.person_id].contact.name),
            place_name(one.place_code),
            people[one.person_id].enterprise_name,
            _named(names, one.helper_id),
        )
        for one in rows
    ], total


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """A person's task of a month and what was recorded on it, latest first."""

    task: TrackingTaskRow
    records: Sequence[TrackingRecordRow]
    level: Level | None


def months_of(parts: Parts, principal: Principal, person_id: str) -> list[PersonMonth]:
    """A person's months, newest first. Raises PersonUnknown."""
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        persons = persons_seen(session, principal, person_id)
        return person_months(session, persons, local_date(parts.clock.now()))


def person_months(session: Session, persons: Sequence[PersonRow], today: date) -> list[PersonMonth]:
    """The same for who has seen to it that these persons of a file are the reader's."""
    return [
        PersonMonth(
            task, records, None if task.outcome else climbed_to(task.due_on, today, shipped_rule(task.month))
        )
        for task, records in months_of_person(session, [one.id for one in persons])
    ]


@dataclass(frozen=True, slots=True)
class FileView:
    """Somebody on a helper's list, masked."""

    person_id: str
    name: str
    place: str
    enterprise_name: str
    area_name: str
    is_employed: bool


def show_files(
    parts: Parts, principal: Principal, helper_id: str, *, offset: int, limit: int
) -> tuple[list[FileView], int]:
    """A page of whose helper this is, in the caller's area, and how many they are."""
    today = local_date(parts.clock.now())
    with parts.database.session() as session:
        rows, total = page_of_helper(session, principal, helper_id, offset=offset, limit=limit)
        people = tracked_of(session, parts.vault, persons_of(session, {row.person_id for row in rows}), today)
    views = []
    for row in rows:
        person = people[row.person_id]
        name = mask.name(person.contact.name)
        where = (place_name(row.place_code), person.enterprise_name, person.area_name)
        views.append(FileView(row.person_id, name, *where, person.is_employed))
    return views, total
