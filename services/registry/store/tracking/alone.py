"""Sets aside what is each ID's own while two are one file, and gives it back when they are parted."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import product

from sqlalchemy import text
from sqlmodel import Session, col, select

from services.registry.domain.tracking.rules import TrackingRule
from services.registry.store.tables import TrackingMonthRow, TrackingTaskRow
from services.registry.store.tracking.records import TaskKey, lock_tasks

_COLUMNS = "person_id, valid_from, valid_to, enterprise_id, area_code, source"
_SET_ASIDE = text(f"""
    INSERT INTO employment_alone ({_COLUMNS}) SELECT {_COLUMNS} FROM employment WHERE person_id = ANY(:ids)
""")  # noqa: S608 - our own names
_GIVE_BACK = (
    text("DELETE FROM employment WHERE person_id = ANY(:ids)"),
    text(f"""
        INSERT INTO employment ({_COLUMNS}) SELECT {_COLUMNS} FROM employment_alone WHERE person_id = ANY(:ids)
    """),  # noqa: S608 - our own names
    text("DELETE FROM employment_alone WHERE person_id = ANY(:ids)"),
    text("UPDATE tracking SET displaced = displaced_alone WHERE person_id = ANY(:ids)"),
    text("DELETE FROM province_state WHERE person_id = ANY(:ids) AND NOT counts_alone"),
    text("""
        UPDATE province_state SET differs = differs_alone, differs_alone = NULL, counts_alone = NULL
        WHERE person_id = ANY(:ids) AND counts_alone
    """),
)
_ASK = text("""
    INSERT INTO tracking_task (month, person_id, helper_id, place_code, due_on, tries)
    SELECT :month, f.person_id, f.helper_id, f.place_code, :due, 0
    FROM person_file f
    WHERE f.person_id = :id AND (
        EXISTS (SELECT FROM tracking t WHERE t.person_id = f.person_id AND t.opened_on < :month
                AND t.opened_at < :until AND t.closed_on IS NULL AND t.taken_back_at IS NULL)
        OR EXISTS (SELECT FROM tracking_record r WHERE r.person_id = f.person_id AND r.month = :month))
    ON CONFLICT (month, person_id) DO NOTHING
""")
_UNASK = text("""
    DELETE FROM tracking_task k WHERE k.person_id = :id AND k.month >= :since
      AND k.outcome IS NULL AND k.record_id IS NULL
      AND NOT EXISTS (
        SELECT FROM tracking t JOIN person p ON p.id = t.person_id
        WHERE p.file_id = :id AND t.opened_on < k.month AND t.closed_on IS NULL AND t.taken_back_at IS NULL)
""")


def set_aside(session: Session, person_ids: Sequence[str]) -> None:
    """Keep apart what these persons' spells are as long as they are one file with nobody."""
    session.connection().execute(_SET_ASIDE, {"ids": list(person_ids)})


def give_back(session: Session, person_ids: Sequence[str]) -> None:
    """These persons' spells are what the words about each of them alone have made of them meanwhile."""
    session.flush()
    for statement in _GIVE_BACK:
        session.connection().execute(statement, {"ids": list(person_ids)})
    session.expire_all()


def months_made(session: Session, since: date) -> list[date]:
    """The months from `since` on whose tasks are made."""
    made = select(col(TrackingMonthRow.month)).where(TrackingMonthRow.month >= since)
    return list(session.exec(made.order_by(col(TrackingMonthRow.month))))


def ask_in_month(session: Session, person_id: str, month: date, rule: TrackingRule, until: datetime) -> None:
    """A task of the month, unless there is one, for a file that was followed before `until`, when the month was over, or of
    which something was recorded."""
    asked = {"id": person_id, "month": month, "due": rule.due_on(month), "until": until}
    session.connection().execute(_ASK, asked)


def unask_since(session: Session, file_id: str, since: date) -> None:
    """Nobody has to find a file in months from `since` on in which nothing of its own makes them follow it."""
    session.connection().execute(_UNASK, {"id": file_id, "since": since})
    session.expire_all()


def hold_tasks(session: Session, person_ids: Iterable[str], months: Iterable[date]) -> list[TrackingTaskRow]:
    """These persons' tasks of these months, held to the end."""
    asked = [TaskKey(person_id, month) for person_id, month in product(person_ids, months)]
    return list(lock_tasks(session, asked).values())
