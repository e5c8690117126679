"""The tasks of a month as people look at them: a helper's own list, an area's, those that are late, milestones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, column, func, text
from sqlmodel import Session, col, select

from services.registry.domain.tracking.late import Level
from services.registry.domain.tracking.rules import TrackingRule
from services.registry.store.tables import FileRow, PersonRow, TrackingRecordRow, TrackingTaskRow
from shared.security import Principal, within


def tasks_of_helper(session: Session, helper_id: str, months: Sequence[date]) -> list[TrackingTaskRow]:
    """The tasks of these months of everybody whose named helper this is now; a person who was merged away has none."""
    mine = (
        select(TrackingTaskRow)
        .join(FileRow, col(FileRow.person_id) == TrackingTaskRow.person_id)
        .join(PersonRow, col(PersonRow.id) == TrackingTaskRow.person_id)
        .where(
            FileRow.helper_id == helper_id,
            PersonRow.file_id == PersonRow.id,
            col(PersonRow.wrapped_key).is_not(None),
            col(TrackingTaskRow.month).in_(list(months)),
        )
    )
    return list(session.exec(mine.order_by(col(TrackingTaskRow.month), col(TrackingTaskRow.person_id))))


def list_tasks(
    session: Session,
    principal: Principal,
    month: date,
    *,
    helper_id: str | None = None,
    is_open: bool | None = None,
    offset: int,
    limit: int,
) -> tuple[list[tuple[TrackingTaskRow, FileRow]], int]:
    """A page of a month's tasks in the caller's area with the files as they are now, and how many there are."""
    narrowed: list[ColumnElement[bool]] = [
        col(TrackingTaskRow.month) == month,
        within(FileRow.place_code, principal),
        col(PersonRow.file_id) == col(PersonRow.id),
        col(TrackingTaskRow.outcome).is_not(None) | col(PersonRow.wrapped_key).is_not(None),
    ]
    if helper_id is not None:
        narrowed.append(col(FileRow.helper_id) == helper_id)
    if is_open is not None:
        narrowed.append(col(TrackingTaskRow.outcome).is_(None) == is_open)
    joined = (
        select(TrackingTaskRow, FileRow)
        .join(FileRow, col(FileRow.person_id) == TrackingTaskRow.person_id)
        .join(PersonRow, col(PersonRow.id) == TrackingTaskRow.person_id)
        .where(*narrowed)
    )
    total = session.exec(select(func.count()).select_from(joined.subquery())).one()
    ordered = joined.order_by(col(FileRow.place_code), col(TrackingTaskRow.person_id))
    return [(task, file) for task, file in session.exec(ordered.offset(offset).limit(limit))], total


@dataclass(frozen=True, slots=True)
class Count:
    """How a month stands for one helper, one place or a whole area: tasks, done, and the open ones by whose they are."""

    of: str
    tasks: int
    done: int
    in_time: int
    """Open and not yet due."""
    late: dict[Level, int]

    @property
    def late_in_all(self) -> int:
        """Open and past the due day, whoever has to see to it."""
        return sum(self.late.values())


_COUNT = """
    WITH told AS (
        SELECT {key} AS of, k.outcome, CAST(:today AS date) - k.due_on AS late, 1 AS tasks
        FROM tracking_task k
        JOIN person p ON p.id = k.person_id AND p.file_id = p.id
        JOIN person_file f ON f.person_id = k.person_id
        WHERE k.month = :month AND f.place_code LIKE ANY(:areas)
          AND (k.outcome IS NOT NULL OR p.wrapped_key IS NOT NULL)  -- nobody has to find who is erased
        UNION ALL
        SELECT {key}, NULLIF(f.outcome, ''), CAST(:today AS date) - f.due_on, f.tasks
        FROM (SELECT *, NULL AS helper_id FROM tracking_past) f
        WHERE f.month = :month AND f.place_code LIKE ANY(:areas)
    )
    SELECT of, sum(tasks), COALESCE(sum(tasks) FILTER (WHERE outcome IS NOT NULL), 0),
           COALESCE(sum(tasks) FILTER (WHERE outcome IS NULL AND late <= 0), 0),
           COALESCE(sum(tasks) FILTER (WHERE outcome IS NULL AND late BETWEEN 1 AND :township - 1), 0),
           COALESCE(sum(tasks) FILTER (WHERE outcome IS NULL AND late BETWEEN :township AND :county - 1), 0),
           COALESCE(sum(tasks) FILTER (WHERE outcome IS NULL AND late >= :county), 0)
    FROM told GROUP BY 1 ORDER BY 1
"""
_KEYS = {
    "all": "''",
    "helper": "COALESCE(f.helper_id, '')",
    "place": "f.place_code",
    "county": "left(f.place_code, 6)",
}
_COUNTS = {by: text(_COUNT.format(key=key)) for by, key in _KEYS.items()}
_OUTCOMES = text("""
    SELECT outcome, sum(tasks) FROM (
        SELECT k.outcome, count(*) AS tasks
        FROM tracking_task k
        JOIN person p ON p.id = k.person_id AND p.file_id = p.id
        JOIN person_file f ON f.person_id = k.person_id
        WHERE k.month = :month AND k.outcome IS NOT NULL AND f.place_code LIKE ANY(:areas)
        GROUP BY 1
        UNION ALL
        SELECT outcome, tasks FROM tracking_past
        WHERE month = :month AND outcome <> '' AND place_code LIKE ANY(:areas)
    ) told GROUP BY 1
""")


def count_tasks(
    session: Session,
    principal: Principal,
    month: date,
    today: date,
    rule: TrackingRule,
    *,
    by: Literal["all", "helper", "place", "county"],
) -> list[Count]:
    """How the caller's area stands in a month, as a whole, by helper, by township and site, or by county."""
    values = {
        "month": month,
        "today": today,
        "township": rule.township_after_days,
        "county": rule.county_after_days,
        "areas": prefixes(principal),
    }
    rows = session.connection().execute(_COUNTS[by], values)
    levels = (Level.HELPER, Level.TOWNSHIP, Level.COUNTY)
    return [
        Count(key, tasks, done, in_time, dict(zip(levels, late, strict=True)))
        for key, tasks, done, in_time, *late in rows
    ]


def count_outcomes(session: Session, principal: Principal, month: date) -> dict[str, int]:
    """How many tasks of the month in the caller's area came out as what."""
    rows = session.connection().execute(_OUTCOMES, {"month": month, "areas": prefixes(principal)})
    return {str(outcome): int(number) for outcome, number in rows}


def prefixes(principal: Principal) -> list[str]:
    """The caller's areas as patterns of codes; none for a caller without any."""
    return [f"{area}%" for area in principal.areas if area]


@dataclass(frozen=True, slots=True)
class Milestone:
    """Somebody's milestone: so many months after they arrived, and whether they are still employed there that day."""

    person_id: str
    place_code: str
    helper_id: str | None
    enterprise_id: str | None
    opened_on: date
    months: int
    due_on: date
    is_held: bool | None
    """None until the day has come."""


_DUE = """
    SELECT DISTINCT ON (d.due_on, p.id, m.months, COALESCE(t.enterprise_id, t.area_code))
           p.id, f.place_code, f.helper_id, t.enterprise_id, t.opened_on, m.months, d.due_on,
           CASE WHEN d.due_on > :today THEN NULL
           ELSE EXISTS (
               SELECT FROM employment e JOIN person said ON said.id = e.person_id
               WHERE said.file_id = p.id AND e.enterprise_id IS NOT DISTINCT FROM t.enterprise_id
                 AND (t.enterprise_id IS NOT NULL OR e.area_code = t.area_code)
                 AND e.valid_from <= d.due_on AND (e.valid_to IS NULL OR e.valid_to > d.due_on)) END
    FROM tracking t
    JOIN person q ON q.id = t.person_id AND q.wrapped_key IS NOT NULL
    JOIN person p ON p.id = q.file_id AND p.wrapped_key IS NOT NULL
    JOIN person_file f ON f.person_id = p.id
    CROSS JOIN unnest(CAST(:milestones AS int[])) AS m (months)
    CROSS JOIN LATERAL (SELECT CAST(t.opened_on + make_interval(months => m.months) AS date) AS due_on) d
    WHERE t.taken_back_at IS NULL
      AND f.place_code LIKE ANY(:areas)
      AND t.opened_on >= CAST(:month AS date) - make_interval(months => m.months)
      AND t.opened_on <= CAST(:month AS date) + make_interval(months => 1 - m.months)
      AND d.due_on >= :month AND d.due_on < CAST(:month AS date) + interval '1 month'
      AND (t.closed_on IS NULL OR t.closed_on > d.due_on)
    ORDER BY d.due_on, p.id, m.months, COALESCE(t.enterprise_id, t.area_code), t.opened_on, t.id
"""
_MILESTONES = text(_DUE + " OFFSET :offset LIMIT :limit")
_MILESTONE_COUNT = select(func.count()).select_from(text(_DUE).columns(column("id")).subquery("due"))


def list_milestones(
    session: Session,
    principal: Principal,
    month: date,
    today: date,
    rule: TrackingRule,
    *,
    offset: int,
    limit: int,
) -> tuple[list[Milestone], int]:
    """A page of the milestones whose day lies in the month, in the caller's area, and how many there are.

    Whoever is followed no more has those that came before it ended; two IDs of one human being have each but once.
    """
    values = {
        "areas": prefixes(principal),
        "milestones": list(rule.milestones),
        "month": month,
        "today": today,
    }
    total = session.connection().execute(_MILESTONE_COUNT, values)
    rows = session.connection().execute(_MILESTONES, values | {"offset": offset, "limit": limit})
    return [Milestone(*row) for row in rows], total.scalar_one()


def months_of_person(
    session: Session, person_ids: Sequence[str]
) -> list[tuple[TrackingTaskRow, list[TrackingRecordRow]]]:
    """A file's tasks, newest first, each with what was recorded, latest first."""
    tasks = session.exec(
        select(TrackingTaskRow)
        .where(col(TrackingTaskRow.person_id).in_(list(person_ids)))
        .order_by(col(TrackingTaskRow.month).desc(), col(TrackingTaskRow.person_id))
    ).all()
    records = session.exec(
        select(TrackingRecordRow)
        .where(col(TrackingRecordRow.person_id).in_(list(person_ids)))
        .order_by(col(TrackingRecordRow.recorded_at).desc(), col(TrackingRecordRow.id).desc())
    ).all()
    has_task = {(task.person_id, task.month) for task in tasks}
    first = {task.month: task.person_id for task in reversed(tasks)}
    of_task: dict[tuple[str | None, date], list[TrackingRecordRow]] = defaultdict(list)
    for one in records:
        # Of whom there is no task in the month, it was recorded on that of the file they are of.
        whose = one.person_id if (one.person_id, one.month) in has_task else first.get(one.month)
        of_task[whose, one.month].append(one)
    return [(task, of_task[task.person_id, task.month]) for task in tasks]
