"""Opens the tracking of who arrived and of an area's people, and finds what an arrival opened that is none any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from services.registry.store.files import persons_of
from services.registry.store.people import lock_people
from services.registry.store.tables import PersonRow, TrackingRow, TrackingTaskRow
from shared.database import hold
from shared.kernel.clock import local_date


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who arrived where and on which day; `stop_code` is where they left from."""

    request_id: str
    person_id: str
    file_id: str
    enterprise_id: str
    area_code: str
    stop_code: str
    day: date


_ARRIVED = text("""
    SELECT r.id, r.person_id, p.file_id, r.enterprise_id, g.prefecture_code AS area_code, r.stop_code,
           COALESCE(CAST(f.detail ->> 'at' AS timestamptz), f.at) AS at
    FROM travel_request r
    JOIN person p ON p.id = r.person_id AND p.wrapped_key IS NOT NULL
    JOIN gate g ON g.id = r.gate_id
    JOIN request_fact f ON f.request_id = r.id AND f.kind = 'arrival' AND f.about = r.trip_id
    LEFT JOIN tracking t ON t.request_id = r.id
    WHERE r.id = ANY(:ids) AND r.status = 'arrived' AND (t.id IS NULL OR t.taken_back_at IS NOT NULL)
    ORDER BY r.id
""")
_NO_LONGER = text("""
    SELECT t.id FROM tracking t JOIN travel_request r ON r.id = t.request_id
    WHERE t.request_id = ANY(:ids) AND r.status <> 'arrived' AND t.taken_back_at IS NULL
    ORDER BY t.id
""")
_OPEN_AREA = text("""
    INSERT INTO tracking (id, person_id, enterprise_id, area_code, opened_on, opened_at, opened_by, displaced)
    SELECT DISTINCT ON (p.id) gen_random_uuid()::text, p.id, e.enterprise_id, e.area_code, :day, :at, :by, '[]'::jsonb
    FROM person_file f
    JOIN person p ON p.id = f.person_id AND p.file_id = p.id AND p.wrapped_key IS NOT NULL
    JOIN person said ON said.file_id = p.id
    JOIN employment e ON e.person_id = said.id
    WHERE f.place_code LIKE :area AND e.valid_from <= :day AND (e.valid_to IS NULL OR e.valid_to > :day)
      AND e.area_code <> left(f.place_code, 6)
      AND NOT EXISTS (
        SELECT FROM tracking t JOIN person q ON q.id = t.person_id
        WHERE q.file_id = p.id AND t.taken_back_at IS NULL AND t.closed_on IS NULL)
    ORDER BY p.id, e.valid_from DESC
""")

_DROP_UNASKED = text("""
    DELETE FROM tracking_task k WHERE k.person_id = :file AND k.outcome IS NULL AND k.record_id IS NULL
      AND NOT EXISTS (
        SELECT FROM tracking t JOIN person p ON p.id = t.person_id
        WHERE p.file_id = :file AND t.taken_back_at IS NULL AND t.closed_on IS NULL)
""")


def hold_files(session: Session, person_ids: Iterable[str]) -> dict[str, list[PersonRow]]:
    """The files that these persons are of, each with all its persons.

    Held to the end with whose files they are of, so that nobody is merged or parted meanwhile: what was read of files
    before is to be read again.
    """
    file_ids = {one.file_id for one in lock_people(session, person_ids).values()}
    session.expire_all()
    return persons_of(session, file_ids)


def arrivals_to_follow(session: Session, request_ids: Sequence[str]) -> list[Arrival]:
    """Those of the requests whose people have arrived and are not followed for it yet; erased people are not."""
    rows = session.connection().execute(_ARRIVED, {"ids": list(request_ids)})
    return [
        Arrival(
            row.id,
            row.person_id,
            row.file_id,
            row.enterprise_id,
            row.area_code,
            row.stop_code,
            local_date(row.at),
        )
        for row in rows
    ]


def arrivals_no_more(session: Session, request_ids: Sequence[str]) -> list[TrackingRow]:
    """What was opened for those of the requests whose people have not arrived, as it turns out."""
    ids = list(session.connection().execute(_NO_LONGER, {"ids": list(request_ids)}).scalars())
    return list(session.exec(select(TrackingRow).where(col(TrackingRow.id).in_(ids)))) if ids else []


def arrivals_of(session: Session, person_ids: Sequence[str], since: date) -> list[TrackingRow]:
    """What arrivals of days from `since` on opened for these persons and is not taken back, in the order of days."""
    mine = (
        col(TrackingRow.person_id).in_(list(person_ids)),
        col(TrackingRow.request_id).is_not(None),
        col(TrackingRow.taken_back_at).is_(None),
        TrackingRow.opened_on >= since,
    )
    return list(session.exec(select(TrackingRow).where(*mine).order_by(col(TrackingRow.opened_on))))


def find_trackings(session: Session, request_ids: Sequence[str]) -> dict[str, TrackingRow]:
    """What was opened for requests, by request, also what was taken back since."""
    found = session.exec(select(TrackingRow).where(col(TrackingRow.request_id).in_(list(request_ids))))
    return {row.request_id: row for row in found if row.request_id}


def open_area(session: Session, area_code: str, *, by: str, day: date, at: datetime) -> int:
    """Follow everybody of an area who works outside their county and is not followed yet; how many that were."""
    hold(session, "registry.tracking.area")
    values = {"area": f"{area_code}%", "by": by, "day": day, "at": at}
    return session.connection().execute(_OPEN_AREA, values).rowcount


def drop_unasked(session: Session, file_id: str) -> None:
    """Nobody has to find a file that nothing makes them follow any more; a task on which somebody has recorded stays."""
    session.connection().execute(_DROP_UNASKED, {"file": file_id})


def close_trackings(session: Session, person_ids: Sequence[str], day: date) -> int:
    """Nobody follows these persons from a day on, and their open tasks are gone; how many trackings ended."""
    mine = (col(TrackingRow.person_id).in_(list(person_ids)), col(TrackingRow.closed_on).is_(None))
    ended = session.connection().execute(
        update(TrackingRow).where(*mine).values(closed_on=day).returning(col(TrackingRow.id))
    )
    open_tasks = (
        col(TrackingTaskRow.person_id).in_(list(person_ids)),
        col(TrackingTaskRow.outcome).is_(None),
    )
    closed = len(ended.all())
    session.connection().execute(delete(TrackingTaskRow).where(*open_tasks))
    session.expire_all()
    return closed
