"""A helper's list of the month with names and phones in full, for they must call: each time it is read is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.registry.domain.months import add_months, ends_at, month_of
from services.registry.domain.tracking.outcome import Try
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.access import log_access
from services.registry.store.files import persons_of
from services.registry.store.tables import TrackingTaskRow
from services.registry.store.tracking.lists import tasks_of_helper
from services.registry.store.tracking.records import TaskKey, as_try, records_by_file
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.people import Tracked, tracked_of
from shared.kernel.clock import local_date
from shared.security import Principal


@dataclass(frozen=True, slots=True)
class Line:
    """One person's task of one month."""

    task: TrackingTaskRow
    person: Tracked
    closes_on: date
    tries: Sequence[Try]
    """What was recorded on it: a device needs the days to go on counting without network."""


@dataclass(frozen=True, slots=True)
class MyList:
    """The list of a month. `now` is our clock; from `ends_at` on a device keeps nothing of it."""

    month: date
    now: datetime
    ends_at: datetime
    lines: Sequence[Line]


def my_list(parts: Parts, principal: Principal, correlation_id: str) -> MyList:
    """The caller's list: all of this month, and what is still open of earlier months that still take a record."""
    now = parts.clock.now()
    today = local_date(now)
    month = month_of(today)
    with parts.database.session() as session:
        tasks = [
            task
            for task in tasks_of_helper(session, principal.subject, [add_months(month, -1), month])
            if task.month == month
            or (task.outcome is None and today <= shipped_rule(task.month).closes_on(task.month))
        ]
        families = persons_of(session, {task.person_id for task in tasks})
        people = tracked_of(session, parts.vault, families, today)
        records = records_by_file(session, families)
        if tasks:
            log_access(
                session,
                subject=principal.subject,
                purpose="monthly list",
                request_ids=[],
                correlation_id=correlation_id,
                at=now,
                person_ids=people,
                principal=principal,
                fields=("name", "phone"),
            )
    lines = [
        Line(
            task,
            people[task.person_id],
            shipped_rule(task.month).closes_on(task.month),
            [as_try(row) for row in records.get(TaskKey(task.person_id, task.month), [])],
        )
        for task in tasks
    ]
    lines.sort(key=lambda line: (line.task.month, line.person.contact.name, line.task.person_id))
    return MyList(month, now, ends_at(month), lines)
