"""Reads what is known of many people's month, a chunk at a time by one query a subject: never one person at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from services.registry.domain.exchange.fields import SAID
from services.registry.domain.exchange.month import Month, tracked
from services.registry.store.exchange.areas import bounds

CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Head:
    """A file of the area and the keys to its person."""

    person_id: str
    place_code: str
    wrapped_key: bytes
    resident_id_sealed: bytes
    household_id: str | None
    helper_id: str | None


@dataclass(frozen=True, slots=True)
class Theirs:
    """The other system's newest word on a month: of which of the file's persons, with which import, and their key."""

    month: Month
    person_id: str
    import_id: str
    wrapped_key: bytes | None
    employer_sealed: bytes | None


@dataclass(slots=True)
class Known:
    """What is known of one file's month, still sealed."""

    head: Head
    said: dict[str, tuple[str, bytes, bytes]] = field(default_factory=dict)
    """Kind -> whose statement, its person's key, its sealed value."""
    categories: list[str] = field(default_factory=list)
    record: Month | None = None
    spell: Month | None = None
    spell_is_theirs: bool = False
    """It was written because the other system said so."""
    theirs: "Theirs | None" = None
    agreed: set[str] = field(default_factory=set)
    """The purposes to which the person agreed, by whichever of their IDs, and since then took none back by any of them."""


_IN_AREA = "f.place_code >= :low AND f.place_code < :high"
_HEAD = """
    SELECT f.person_id, f.place_code, p.wrapped_key, p.resident_id_sealed,
           COALESCE(m.household_id, f.household_id), f.helper_id
    FROM person_file f
    JOIN person p ON p.id = f.person_id AND p.file_id = p.id AND p.wrapped_key IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT household_id FROM membership
        WHERE person_id = f.person_id AND valid_from <= :last AND (valid_to IS NULL OR valid_to > :last)
        ORDER BY valid_from DESC LIMIT 1
    ) m ON true
"""
_DUE = """
    (f.opened_at < :until OR EXISTS (
        SELECT 1 FROM province_state s WHERE s.person_id = f.person_id AND s.month = :month))
"""
"""Whose month is due: the file was open before the month ended, or the other system has told of that month."""
FILES_DUE = f"""
    FROM person_file f JOIN person p ON p.id = f.person_id AND p.file_id = p.id AND p.wrapped_key IS NOT NULL
    WHERE {_IN_AREA} AND {_DUE}
"""
"""An area's files whose month is due, however they are counted."""
_AREA_CHUNK = text(f"""
    {_HEAD} WHERE {_IN_AREA} AND {_DUE} AND (f.place_code, f.person_id) > (:place, :after)
    ORDER BY f.place_code, f.person_id LIMIT :limit
""")
_THESE = text(f"{_HEAD} WHERE f.person_id = ANY(:ids)")
_SAID = text("""
    SELECT p.file_id, s.kind, s.person_id, p.wrapped_key, s.value_sealed
    FROM statement s JOIN person p ON p.id = s.person_id
    WHERE p.file_id = ANY(:ids) AND s.stands AND s.kind = ANY(:kinds) AND p.wrapped_key IS NOT NULL
    ORDER BY p.file_id, s.settled_at DESC NULLS LAST, (s.person_id <> p.file_id), s.recorded_at, s.id
""")
_CLASSES = text("""
    SELECT p.file_id, array_agg(DISTINCT c.category ORDER BY c.category)
    FROM person_class c JOIN person p ON p.id = c.person_id
    WHERE p.file_id = ANY(:ids) AND c.valid_from <= :last AND (c.valid_to IS NULL OR c.valid_to > :last)
    GROUP BY p.file_id
""")
_SPELLS, _SPELLS_ALONE = (
    text(f"""
        SELECT {whose}, e.enterprise_id, e.area_code, e.source LIKE 'province/%'
        FROM {table} e JOIN person p ON p.id = e.person_id
        WHERE {whose} = ANY(:ids) AND e.valid_from <= :last AND (e.valid_to IS NULL OR e.valid_to > :last)
        ORDER BY {whose}, (e.person_id = p.file_id), e.valid_from
    """)  # noqa: S608 - our own words
    for table, whose in (("employment", "p.file_id"), ("employment_alone", "p.id"))
)
_RECORDS = text("""
    SELECT t.person_id, t.outcome, r.enterprise_id, r.area_code, r.wage_band
    FROM tracking_task t LEFT JOIN tracking_record r ON r.id = t.record_id
    WHERE t.month = :month AND t.person_id = ANY(:ids) AND t.outcome IS NOT NULL
""")
_THEIRS, _THEIRS_ALONE = (
    text(f"""
        SELECT DISTINCT ON ({whose}) {whose}, s.employed, s.outcome, s.enterprise_id, s.area_code, s.wage_band,
               s.person_id, s.import_id, p.wrapped_key, s.employer_sealed
        FROM province_state s JOIN person p ON p.id = s.person_id
        WHERE {whose} = ANY(:ids) AND s.month = :month AND {counts}
        ORDER BY {whose}, s.import_id DESC
    """)  # noqa: S608 - our own words
    for whose, counts in (("p.file_id", "true"), ("p.id", "s.counts_alone IS NOT FALSE"))
)
_AGREED = text("""
    SELECT DISTINCT file_id, purpose FROM (
        SELECT p.file_id, purpose, c.given_on, c.recorded_at, c.withdrawn_at,
               max(c.withdrawn_at) OVER (PARTITION BY p.file_id, purpose) AS taken_back_at
        FROM consent c JOIN person p ON p.id = c.person_id, unnest(c.purposes) purpose
        WHERE p.file_id = ANY(:ids)
    ) said
    WHERE withdrawn_at IS NULL AND (taken_back_at IS NULL OR (
        recorded_at > taken_back_at AND given_on >= CAST(timezone('Asia/Shanghai', taken_back_at) AS date)))
""")
_HOUSEHOLDS = text("SELECT id, wrapped_key, number_sealed FROM household WHERE id = ANY(:ids)")
_HELPERS = text("SELECT id, wrapped_key, name_sealed FROM helper WHERE id = ANY(:ids)")
_ENTERPRISES = text("SELECT id, name FROM enterprise WHERE id = ANY(:ids)")


def read_area(
    session: Session,
    area: str,
    month: date,
    last: date,
    until: datetime,
    *,
    after: tuple[str, str],
    limit: int,
) -> list[Known]:
    """The next so many whose month is due in the area, by place, after a place and a person."""
    low, high = bounds(area)
    asked = {"low": low, "high": high, "place": after[0], "after": after[1], "limit": limit}
    heads = _heads(session, _AREA_CHUNK, asked | {"last": last, "until": until, "month": month})
    return _fill(session, heads, month, last) if heads else []


def read_these(session: Session, ids: Sequence[str], month: date, last: date) -> dict[str, Known]:
    """These files by id, wherever they are; without those that are erased or now part of another."""
    heads = _heads(session, _THESE, {"ids": list(ids), "last": last})
    return {one.head.person_id: one for one in _fill(session, heads, month, last)}


def read_alone(session: Session, files: Mapping[str, Known], month: date, last: date) -> dict[str, Known]:
    """Of persons of merged files (person -> what is known of the file): what we and the other system say of each alone. What
    was recorded is the caller's to fill in."""
    alone = {person_id: Known(file.head) for person_id, file in files.items()}
    asked = {"ids": list(alone), "month": month, "last": last}
    _fill_month(session, alone, _SPELLS_ALONE, _THEIRS_ALONE, asked)
    return alone


def household_seals(session: Session, ids: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """Household id -> its key and its sealed number; without those whose key is gone."""
    found = session.connection().execute(_HOUSEHOLDS, {"ids": list(ids)})
    return {id_: (bytes(key), bytes(number)) for id_, key, number in found if key is not None}


def helper_seals(session: Session, ids: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """Helper id -> their key and sealed name; without those whose key is gone."""
    found = session.connection().execute(_HELPERS, {"ids": list(ids)})
    return {id_: (bytes(key), bytes(name)) for id_, key, name in found if key is not None}


def enterprise_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Enterprise id -> name, of those that are registered."""
    return {row.id: row.name for row in session.connection().execute(_ENTERPRISES, {"ids": list(ids)})}


def _heads(session: Session, query: Any, asked: Mapping[str, Any]) -> list[Head]:
    return [
        Head(id_, place, bytes(key), bytes(number), household, helper)
        for id_, place, key, number, household, helper in session.connection().execute(query, asked)
    ]


def _fill(session: Session, heads: Sequence[Head], month: date, last: date) -> list[Known]:
    known = {head.person_id: Known(head) for head in heads}
    connection = session.connection()
    asked = {"ids": list(known), "month": month, "last": last, "kinds": [one.value for one in SAID]}
    for file_id, kind, person_id, key, sealed in connection.execute(_SAID, asked):
        known[file_id].said.setdefault(kind, (person_id, bytes(key), bytes(sealed)))
    for file_id, categories in connection.execute(_CLASSES, asked):
        known[file_id].categories = list(categories)
    for file_id, purpose in connection.execute(_AGREED, asked):
        known[file_id].agreed.add(purpose)
    _fill_month(session, known, _SPELLS, _THEIRS, asked)
    for file_id, outcome, enterprise_id, area_code, wage_band in connection.execute(_RECORDS, asked):
        known[file_id].record = tracked(outcome, enterprise_id, area_code, wage_band)
    return list(known.values())


def _fill_month(
    session: Session, known: Mapping[str, Known], spells: Any, theirs: Any, asked: Mapping[str, Any]
) -> None:
    connection = session.connection()
    for id_, enterprise_id, area_code, is_theirs in connection.execute(spells, asked):
        known[id_].spell = Month(True, None, enterprise_id, area_code)
        known[id_].spell_is_theirs = is_theirs
    for id_, *said, person_id, import_id, key, employer in connection.execute(theirs, asked):
        sealed = (None if one is None else bytes(one) for one in (key, employer))
        known[id_].theirs = Theirs(Month(*said), person_id, import_id, *sealed)
