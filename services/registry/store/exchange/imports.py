"""Writes what was taken from the provincial system's files: many people at once, one statement a subject."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.domain.exchange.month import Month
from services.registry.domain.tracking.outcome import NOT_EMPLOYED
from services.registry.store.copying import copy_rows
from services.registry.store.exchange.areas import bounds
from services.registry.store.register import NewClass, NewMembership
from services.registry.store.tables import ProvinceImportRow, RefusedLineRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class ImportUnknown(NotFound):
    """There is no import {import_id}, or it is not your area's. Check the number, or ask the bureau that sent the file."""

    zh = "没有编号为 {import_id} 的导入，或它不属于您的辖区。请核对编号，或联系上传文件的单位。"


class NewState(NamedTuple):
    """What the other system says of a month: the columns of `ProvinceStateRow` at a fraction of the price."""

    person_id: str
    month: date
    import_id: str
    employed: bool
    outcome: str | None
    enterprise_id: str | None
    area_code: str | None
    wage_band: str | None
    employer_sealed: bytes | None
    differs: bool
    counts_alone: bool | None
    differs_alone: bool | None


class NewFile(NamedTuple):
    """A file to open."""

    person_id: str
    place_code: str
    household_id: str | None


@dataclass(frozen=True, slots=True)
class Differing:
    """Whose month the other system tells otherwise, and how."""

    person_id: str
    file_id: str
    place_code: str
    month: Month


_OPEN_FILES = text("""
    INSERT INTO person_file (person_id, place_code, household_id, opened_at, opened_by)
    SELECT *, CAST(:at AS timestamptz), :by
    FROM unnest(CAST(:ids AS text[]), CAST(:places AS text[]), CAST(:households AS text[])) AS fresh
    ON CONFLICT DO NOTHING
""")
_PERSONS_REFUSED = text("""
    SELECT DISTINCT p.id FROM province_refused r JOIN person p ON p.fingerprint = r.fingerprint WHERE r.import_id = :id
""")
_PLACES = text("SELECT person_id, place_code FROM person_file WHERE person_id = ANY(:ids)")
_CONFLICTS = text("""
    SELECT DISTINCT person_id FROM statement WHERE source = :source AND NOT stands AND person_id = ANY(:ids)
""")
_DROP_SPELLS = """
    DELETE FROM {table} WHERE person_id = ANY(:ids) AND source LIKE 'province/%' AND (valid_to IS NULL OR valid_to >= :since)
"""
_ADD_SPELLS = """
    WITH said AS (
        SELECT DISTINCT ON (person_id, month) * FROM province_state WHERE person_id = ANY(:ids) AND {counts}
        ORDER BY person_id, month, import_id DESC
    ), spans AS (
        SELECT said.*, lead(month) OVER (PARTITION BY person_id ORDER BY month) AS next_month, {file} AS whose
        FROM said JOIN person p ON p.id = said.person_id
    ), others AS (
        SELECT {file} AS whose, e.valid_from, e.valid_to FROM {table} e JOIN person p ON p.id = e.person_id
        WHERE {file} IN (SELECT whose FROM spans) AND e.source NOT LIKE 'province/%'
    )
    INSERT INTO {table} (person_id, valid_from, valid_to, enterprise_id, area_code, source)
    SELECT s.person_id, s.month,
           LEAST(s.next_month,
                 (SELECT min(o.valid_from) FROM others o WHERE o.whose = s.whose AND o.valid_from > s.month),
                 ({left})),
           s.enterprise_id, s.area_code, 'province/' || s.import_id
    FROM spans s
    WHERE s.employed AND NOT {differs} AND s.area_code IS NOT NULL AND NOT EXISTS (
        SELECT FROM others o WHERE o.whose = s.whose AND o.valid_from <= s.month
        AND (o.valid_to IS NULL OR o.valid_to > s.month))
      AND NOT EXISTS (  -- what is left of it is over, and stays
        SELECT FROM {table} e WHERE e.person_id = s.person_id AND e.source LIKE 'province/%'
        AND e.valid_from <= s.month AND e.valid_to > s.month)
"""
_OF_FILES = {
    "table": "employment",
    "file": "p.file_id",
    "counts": "true",
    "differs": "s.differs",
    "left": """SELECT min(t.month) FROM tracking_task t
               WHERE t.person_id = s.whose AND t.month > s.month AND t.outcome = ANY(:not_employed)""",
}
_OF_ALONE = {
    "table": "employment_alone",
    "file": "p.id",
    "counts": "counts_alone IS NOT FALSE",
    "differs": "COALESCE(s.differs_alone, s.differs)",
    "left": """SELECT min(t.month) FROM unnest(CAST(:left_ids AS text[]), CAST(:left_in AS date[])) AS t (person_id, month)
               WHERE t.person_id = s.whose AND t.month > s.month""",
}
_PUT, _PUT_ALONE = (
    [text(_DROP_SPELLS.format(**kept)), text(_ADD_SPELLS.format(**kept))] for kept in (_OF_FILES, _OF_ALONE)
)
_ECHOED = text("""
    SELECT r.export_id || '-' || r.row AS token, r.digest FROM exchange_row r
    JOIN unnest(CAST(:exports AS text[]), CAST(:rows AS int[])) AS asked (export_id, row)
      ON r.export_id = asked.export_id AND r.row = asked.row
""")
_DIFFERING = text("""
    SELECT s.person_id, p.file_id, f.place_code, s.employed, s.outcome, s.enterprise_id, s.area_code, s.wage_band
    FROM province_state s JOIN person p ON p.id = s.person_id AND p.wrapped_key IS NOT NULL
    JOIN person_file f ON f.person_id = p.file_id
    WHERE s.month = :month AND f.place_code >= :low AND f.place_code < :high
      AND s.differs AND NOT EXISTS (
        SELECT FROM province_state l WHERE l.person_id = s.person_id AND l.month = s.month AND l.import_id > s.import_id)
    ORDER BY f.place_code, s.person_id OFFSET :offset LIMIT :limit
""")


def insert_import(session: Session, row: ProvinceImportRow) -> bool:
    """Whether the file is new. Another transaction with the same bytes is waited for, and then wins."""
    fresh = insert(ProvinceImportRow).values(row.model_dump()).on_conflict_do_nothing()
    return session.connection().execute(fresh.returning(col(ProvinceImportRow.id))).first() is not None


def find_import(session: Session, row: ProvinceImportRow) -> ProvinceImportRow | None:
    """The import of the same bytes for the same area."""
    return session.exec(
        select(ProvinceImportRow).where(
            ProvinceImportRow.area_code == row.area_code,
            ProvinceImportRow.mapping_id == row.mapping_id,
            ProvinceImportRow.stamp == row.stamp,
        )
    ).first()


def close_import(session: Session, row: ProvinceImportRow, refused: Iterable[RefusedLineRow]) -> None:
    """Its counts and its refused lines."""
    session.merge(row)
    session.flush()
    copy_rows(session, "province_refused", tuple(RefusedLineRow.model_fields), refused)


def get_import(session: Session, principal: Principal, import_id: str) -> ProvinceImportRow:
    """An import of the caller's area. Raises ImportUnknown."""
    mine = within(ProvinceImportRow.area_code, principal)
    found = session.exec(select(ProvinceImportRow).where(ProvinceImportRow.id == import_id, mine)).first()
    if found is None:
        raise ImportUnknown(import_id=import_id[:40])
    return found


def list_imports(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[ProvinceImportRow], int]:
    """A page of the imports of the caller's area, newest first, and how many there are."""
    mine = within(ProvinceImportRow.area_code, principal)
    total = session.exec(select(func.count()).select_from(ProvinceImportRow).where(mine)).one()
    newest = select(ProvinceImportRow).where(mine).order_by(col(ProvinceImportRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit)).all()), total


def list_refused_lines(session: Session, import_id: str) -> list[RefusedLineRow]:
    """Its refused lines that are not erased, in the order of the file."""
    mine = select(RefusedLineRow).where(
        RefusedLineRow.import_id == import_id, col(RefusedLineRow.wrapped_key).is_not(None)
    )
    return list(session.exec(mine.order_by(col(RefusedLineRow.row))))


def persons_refused(session: Session, import_id: str) -> list[str]:
    """Who of the people we know bears an ID in its refused lines."""
    return list(session.connection().execute(_PERSONS_REFUSED, {"id": import_id}).scalars())


def places_of(session: Session, file_ids: Sequence[str]) -> dict[str, str]:
    """File id -> where it belongs."""
    found = session.connection().execute(_PLACES, {"ids": list(file_ids)})
    return {row.person_id: row.place_code for row in found}


def conflicts_of(session: Session, source: str, person_ids: Sequence[str]) -> set[str]:
    """Of whom a source has said something that does not stand."""
    asked = {"source": source, "ids": list(person_ids)}
    return set(session.connection().execute(_CONFLICTS, asked).scalars())


def open_new_files(session: Session, files: Sequence[NewFile], at: datetime, by: str) -> None:
    """A file for each who has none, by one statement."""
    asked = {
        "ids": [one.person_id for one in files],
        "places": [one.place_code for one in files],
        "households": [one.household_id for one in files],
        "at": at,
        "by": by,
    }
    session.connection().execute(_OPEN_FILES, asked)


def insert_memberships(session: Session, rows: Iterable[NewMembership]) -> None:
    """Of people who were made in this transaction."""
    copy_rows(session, "membership", NewMembership._fields, rows)


def insert_classes(session: Session, rows: Iterable[NewClass]) -> None:
    """Of people who were made in this transaction."""
    copy_rows(session, "person_class", NewClass._fields, rows)


def insert_states(session: Session, rows: Iterable[NewState]) -> None:
    """What the other system says of months."""
    copy_rows(session, "province_state", NewState._fields, rows)


def put_spells(session: Session, person_ids: Sequence[str], since: date) -> None:
    """What all that the other system said of these people makes of their employment, in whatever order it came.

    A month in which they were employed goes on until the next that it tells of, and never into what another source says.
    A spell that ended before `since` stays: why it ended may be known no more.
    """
    asked = {"ids": list(person_ids), "not_employed": sorted(NOT_EMPLOYED), "since": since}
    for statement in _PUT:
        session.connection().execute(statement, asked)


def put_spells_alone(
    session: Session, person_ids: Sequence[str], left: Sequence[tuple[str, date]], since: date
) -> None:
    """The same of each of these IDs alone, which are of merged files; `left` are the months in which a helper found one of
    them without work."""
    asked = {
        "ids": list(person_ids),
        "left_ids": [person_id for person_id, _ in left],
        "left_in": [month for _, month in left],
        "since": since,
    }
    for statement in _PUT_ALONE:
        session.connection().execute(statement, asked)


def digests_sent(session: Session, tokens: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Of rows that we sent: what they said, by their number."""
    asked = {"exports": [one[0] for one in tokens], "rows": [one[1] for one in tokens]}
    return {one.token: one.digest for one in session.connection().execute(_ECHOED, asked)}


def list_differing(session: Session, area: str, month: date, *, offset: int, limit: int) -> list[Differing]:
    """A page of those of whose month the other system says something else, by its newest word."""
    low, high = bounds(area)
    asked = {"month": month, "low": low, "high": high, "offset": offset, "limit": limit}
    found = session.connection().execute(_DIFFERING, asked)
    return [
        Differing(person_id, file_id, place_code, Month(*said))
        for person_id, file_id, place_code, *said in found
    ]
