"""Reads what is known of workers when a rule is held against them, for many files at once; knows no rule.

An agency's workers are those whom tracking followed from an arrival that it organised; an enterprise's, those who took up a job
there. Nothing here is a claimant's own word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Found:
    """A file whose person was placed at an enterprise on a day, and where they belong."""

    file_id: str
    place_code: str
    day: date
    enterprise_id: str | None
    area_code: str
    person_id: str
    """By which of the file's IDs."""


_ORGANISED = text("""
    SELECT p.file_id, f.place_code, t.opened_on, t.enterprise_id, t.area_code, p.id
    FROM travel_request r
    JOIN tracking t ON t.request_id = r.id AND t.taken_back_at IS NULL
    JOIN person p ON p.id = t.person_id
    JOIN person_file f ON f.person_id = p.file_id
    WHERE r.organiser_id = :claimant AND t.opened_on BETWEEN :first AND :last AND starts_with(f.place_code, :area)
    ORDER BY p.file_id, t.opened_on, t.id
""")
_EMPLOYED = text("""
    SELECT p.file_id, f.place_code, e.valid_from, e.enterprise_id, e.area_code, p.id
    FROM employment e
    JOIN person p ON p.id = e.person_id
    JOIN person_file f ON f.person_id = p.file_id
    WHERE e.enterprise_id = :claimant AND e.valid_from BETWEEN :first AND :last AND starts_with(f.place_code, :area)
    ORDER BY p.file_id, e.valid_from
""")
_HELD = """
    SELECT count(DISTINCT (p.file_id, h.period))
    FROM reward_hold h JOIN reward_list l ON l.id = h.list_id JOIN person p ON p.id = h.person_id
    WHERE h.list_id = ANY(:lists)
"""
# By then an arrival may be nobody's request any more (`opened_by` is empty), or itself be gone: only that it was taken back
# makes a worker count no more.
_STILL_ORGANISED = text(f"""{_HELD} AND (
        SELECT bool_and(t.taken_back_at IS NOT NULL)
        FROM tracking t LEFT JOIN travel_request r ON r.id = t.request_id
        WHERE t.person_id = h.person_id AND t.opened_on BETWEEN l.first_day AND l.last_day
          AND (r.organiser_id = l.claimant_id OR t.opened_by = '')) IS NOT TRUE
""")  # noqa: S608 - our own words
_STILL_EMPLOYED = text(f"""{_HELD} AND EXISTS (
        SELECT FROM employment e
        WHERE e.person_id = h.person_id AND e.enterprise_id = l.claimant_id
          AND e.valid_from BETWEEN l.first_day AND l.last_day)
""")
_WORKING_AT = text("""
    SELECT min(e.valid_from)
    FROM employment e
    JOIN person p ON p.id = e.person_id AND p.wrapped_key IS NOT NULL
    WHERE e.enterprise_id = :claimant AND e.valid_from <= :day AND (e.valid_to IS NULL OR e.valid_to > :day)
    GROUP BY p.file_id
""")


def organised_by(session: Session, claimant: str, area: str, first: date, last: date) -> list[Found]:
    """Whom an agency brought to work from an area in a period, as tracking has it."""
    return _found(session, _ORGANISED, claimant=claimant, area=area, first=first, last=last)


def employed_by(session: Session, claimant: str, area: str, first: date, last: date) -> list[Found]:
    """Who took up a job at an enterprise in a period."""
    return _found(session, _EMPLOYED, claimant=claimant, area=area, first=first, last=last)


def count_organised(session: Session, list_ids: Sequence[str]) -> int:
    """Files that an agency's lists hold, once a period each, but for those whose arrival was taken back; one whose request or
    tracking was destroyed by age since counts on, for what was paid for them does too."""
    return _count(session, _STILL_ORGANISED, list_ids)


def count_employed(session: Session, list_ids: Sequence[str]) -> int:
    """Files that an enterprise's lists hold, once a period each, of whom it still is so that they took up a job there."""
    return _count(session, _STILL_EMPLOYED, list_ids)


def _count(session: Session, query: TextClause, list_ids: Sequence[str]) -> int:
    found: int = session.connection().execute(query, {"lists": list(list_ids)}).scalar_one()
    return found


def days_of_start(session: Session, claimant: str, day: date) -> list[date]:
    """Since when each of those works at an enterprise who work there on a day; of whom is not told."""
    return list(session.connection().execute(_WORKING_AT, {"claimant": claimant, "day": day}).scalars())


def _found(session: Session, query: TextClause, **values: object) -> list[Found]:
    return [Found(*row) for row in session.connection().execute(query, values)]


_SPELLS = text("""
    SELECT p.file_id, e.valid_from, e.valid_to, e.enterprise_id, e.area_code
    FROM person p JOIN employment e ON e.person_id = p.id WHERE p.file_id = ANY(:files)
""")
_CLASSES = text("""
    SELECT p.file_id, c.category, c.valid_from, c.valid_to
    FROM person p JOIN person_class c ON c.person_id = p.id WHERE p.file_id = ANY(:files)
""")
_ROSTER_CLASSES = text("""
    SELECT p.file_id, r.category, t.opened_on
    FROM person p JOIN tracking t ON t.person_id = p.id AND t.taken_back_at IS NULL
    JOIN travel_request r ON r.id = t.request_id WHERE p.file_id = ANY(:files)
""")
_TRACKED = text("""
    SELECT p.file_id, to_char(k.month, 'YYYY-MM')
    FROM person p JOIN tracking_task k ON k.person_id = p.id
    WHERE p.file_id = ANY(:files) AND k.outcome IS NOT NULL AND k.outcome <> 'not_reached'
""")
_RIDES = text("""
    SELECT p.file_id, t.opened_on, t.enterprise_id
    FROM person p JOIN tracking t ON t.person_id = p.id
    WHERE p.file_id = ANY(:files) AND t.request_id IS NOT NULL AND t.taken_back_at IS NULL
    ORDER BY t.opened_on
""")
_OUTSIDE = text("""
    SELECT p.file_id, o.kind, o.period, o.enterprise_id, o.months
    FROM person p JOIN outside_fact o ON o.fingerprint = p.fingerprint WHERE p.file_id = ANY(:files)
    ORDER BY o.period, o.list_id, o.row
""")
_KNOWN_TO = text("""
    SELECT area_code, max(known_to) FROM outside_list WHERE known_to IS NOT NULL AND withdrawn_at IS NULL GROUP BY area_code
""")


@dataclass(frozen=True)
class Read:
    """Rows by kind of what is known of these files; each begins with the file's id."""

    spells: list[tuple[str, date, date | None, str | None, str]]
    classes: list[tuple[str, str, date, date | None]]
    roster_classes: list[tuple[str, str, date]]
    tracked: list[tuple[str, str]]
    rides: list[tuple[str, date, str | None]]
    outside: list[tuple[str, str, str, str | None, int | None]]
    insured_known_to: Mapping[str, str]
    """Area -> the latest month of which an employment list for it tells."""


def read_facts(session: Session, file_ids: Sequence[str]) -> Read:
    """All that is known of these files, of all persons that were merged into them."""

    def rows(query: TextClause) -> list[Any]:
        values = {} if query is _KNOWN_TO else {"files": list(file_ids)}
        return [tuple(row) for row in session.connection().execute(query, values)]

    return Read(
        spells=rows(_SPELLS),
        classes=rows(_CLASSES),
        roster_classes=rows(_ROSTER_CLASSES),
        tracked=rows(_TRACKED),
        rides=rows(_RIDES),
        outside=rows(_OUTSIDE),
        insured_known_to=dict(rows(_KNOWN_TO)),
    )
