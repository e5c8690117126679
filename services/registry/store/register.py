"""Loads and writes what a register tells of many people: one query a table, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from services.registry.store.copying import copy_rows
from services.registry.store.merges import merged_among
from shared.kernel.ids import new_id
from shared.security import Vault


class KeptFile(NamedTuple):
    """A person's file as it stands."""

    person_id: str
    place_code: str
    household_id: str | None
    helper_id: str | None
    known_to: date | None


class NewFile(NamedTuple):
    """A file to open."""

    person_id: str
    place_code: str
    household_id: str | None
    helper_id: str | None
    opened_at: datetime
    opened_by: str
    known_to: date | None


class NewMembership(NamedTuple):
    """A spell in a household to write."""

    person_id: str
    valid_from: date
    valid_to: date | None
    household_id: str
    relation: str
    has_labour: bool
    source: str


class NewClass(NamedTuple):
    """A spell of a class to write."""

    person_id: str
    category: str
    valid_from: date
    valid_to: date | None
    source: str


class NewEmployment(NamedTuple):
    """A spell of employment to write."""

    person_id: str
    valid_from: date
    valid_to: date | None
    enterprise_id: str | None
    area_code: str
    source: str


class NewAssignment(NamedTuple):
    """A helper who is told of by a register."""

    person_id: str
    since: datetime
    helper_id: str
    by: str


class HeldHousehold(NamedTuple):
    """A household by its number's fingerprint."""

    id: str
    place_code: str


class Writes(NamedTuple):
    """All that a chunk of a register changes. Spells are ended or dropped by their keys, before others begin."""

    files: list[NewFile]
    moved: list[KeptFile]
    memberships: list[NewMembership]
    memberships_ended: list[tuple[str, date, date | None]]
    classes: list[NewClass]
    classes_ended: list[tuple[str, str, date, date | None]]
    employments: list[NewEmployment]
    employments_ended: list[tuple[str, date, date | None]]
    alone: list[NewEmployment]
    alone_ended: list[tuple[str, date, date | None]]
    assignments: list[NewAssignment]

    @classmethod
    def none(cls) -> "Writes":
        """Nothing yet."""
        return cls(*([] for _ in cls._fields))


_FILES = text("""
    SELECT person_id, place_code, household_id, helper_id, known_to FROM person_file
    WHERE person_id = ANY(:ids) ORDER BY person_id FOR NO KEY UPDATE
""")
_MEMBERSHIPS = text("""
    SELECT person_id, valid_from, valid_to, household_id, relation, has_labour FROM membership
    WHERE person_id = ANY(:ids) ORDER BY person_id, valid_from
""")
_CLASSES = text("""
    SELECT person_id, category, valid_from, valid_to, source FROM person_class
    WHERE person_id = ANY(:ids) ORDER BY person_id, valid_from
""")
_EMPLOYMENTS, _ALONE = (
    text(f"""
        SELECT person_id, valid_from, valid_to, area_code, enterprise_id FROM {table}
        WHERE person_id = ANY(:ids) ORDER BY person_id, valid_from
    """)  # noqa: S608 - our own names
    for table in ("employment", "employment_alone")
)
_HOUSEHOLDS = text("SELECT fingerprint, id, place_code FROM household WHERE fingerprint = ANY(:fingerprints)")
_NEW_HOUSEHOLDS = text("""
    INSERT INTO household (id, fingerprint, wrapped_key, number_sealed, place_code, source, created_at)
    SELECT id, fingerprint, wrapped_key, sealed, place, :source, :at
    FROM unnest(CAST(:ids AS text[]), CAST(:fingerprints AS text[]), CAST(:keys AS bytea[]),
                CAST(:sealed AS bytea[]), CAST(:places AS text[]))
        AS fresh (id, fingerprint, wrapped_key, sealed, place)
    ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO NOTHING
""")
_MOVE_FILES = text("""
    UPDATE person_file f SET place_code = m.place, household_id = m.household, helper_id = m.helper, known_to = m.known
    FROM unnest(CAST(:ids AS text[]), CAST(:places AS text[]), CAST(:households AS text[]),
                CAST(:helpers AS text[]), CAST(:known AS date[])) AS m (id, place, household, helper, known)
    WHERE f.person_id = m.id
""")
_MOVE_HOUSEHOLDS = text("""
    UPDATE household h SET place_code = m.place
    FROM unnest(CAST(:ids AS text[]), CAST(:places AS text[])) AS m (id, place) WHERE h.id = m.id
""")
_DROP_SPELLS = """
    DELETE FROM {table} s USING unnest(CAST(:ids AS text[]), CAST(:froms AS date[])) AS e (id, began)
    WHERE s.person_id = e.id AND s.valid_from = e.began
"""
_END_SPELLS = """
    UPDATE {table} s SET valid_to = e.ended
    FROM unnest(CAST(:ids AS text[]), CAST(:froms AS date[]), CAST(:tos AS date[])) AS e (id, began, ended)
    WHERE s.person_id = e.id AND s.valid_from = e.began
"""


def load_files(session: Session, person_ids: Sequence[str]) -> dict[str, KeptFile]:
    """The files of these persons, held to the end in the order of ids, as `assign` holds them."""
    if not person_ids:
        return {}
    found = session.connection().execute(_FILES, {"ids": list(person_ids)})
    return {row.person_id: KeptFile(*row) for row in found}


def load_memberships(session: Session, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Spells in households by person, oldest first."""
    return _by_person(session, _MEMBERSHIPS, person_ids)


def load_classes(session: Session, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Spells of classes by person, oldest first."""
    return _by_person(session, _CLASSES, person_ids)


def load_employments(session: Session, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Spells of employment by person, oldest first."""
    return _by_person(session, _EMPLOYMENTS, person_ids)


def load_alone(session: Session, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Of those of these persons who are of a merged file: the spells that are each one's own, oldest first."""
    own: dict[str, list[Any]] = {person_id: [] for person_id in merged_among(session, person_ids)}
    return own | _by_person(session, _ALONE, list(own))


def _by_person(session: Session, query: Any, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    if person_ids:
        for row in session.connection().execute(query, {"ids": list(person_ids)}):
            found[row.person_id].append(row)
    return found


def find_households(session: Session, fingerprints: Iterable[str]) -> dict[str, HeldHousehold]:
    """The households that are known of these numbers, by fingerprint."""
    found = session.connection().execute(_HOUSEHOLDS, {"fingerprints": list(fingerprints)})
    return {row.fingerprint: HeldHousehold(row.id, row.place_code) for row in found}


def make_households(
    session: Session, vault: Vault, numbers: Mapping[str, tuple[str, str]], *, source: str, at: datetime
) -> None:
    """Make those that are not known of `numbers` (fingerprint -> number and place)."""
    fingerprints = sorted(numbers)
    ids = [new_id() for _ in fingerprints]
    keys = [vault.new_person_key() for _ in fingerprints]
    session.connection().execute(
        _NEW_HOUSEHOLDS,
        {
            "ids": ids,
            "fingerprints": fingerprints,
            "keys": keys,
            "sealed": [
                vault.seal(key, numbers[one][0], household_context(id_))
                for one, id_, key in zip(fingerprints, ids, keys, strict=True)
            ],
            "places": [numbers[one][1] for one in fingerprints],
            "source": source,
            "at": at,
        },
    )


def move_households(session: Session, places: Mapping[str, str]) -> None:
    """Household id -> the place where it is now."""
    if places:
        ids = sorted(places)
        session.connection().execute(_MOVE_HOUSEHOLDS, {"ids": ids, "places": [places[one] for one in ids]})


def household_context(household_id: str) -> str:
    """What a household's sealed number is bound to."""
    return f"household/{household_id}/number"


def write(session: Session, writes: Writes) -> None:
    """All of it, one statement a table."""
    copy_rows(session, "person_file", NewFile._fields, writes.files)
    _move_files(session, writes.moved)
    _end(session, "membership", writes.memberships_ended)
    _end(session, "employment", writes.employments_ended)
    _end(session, "employment_alone", writes.alone_ended)
    _end_classes(session, writes.classes_ended)
    copy_rows(session, "membership", NewMembership._fields, writes.memberships)
    copy_rows(session, "person_class", NewClass._fields, writes.classes)
    copy_rows(session, "employment", NewEmployment._fields, writes.employments)
    copy_rows(session, "employment_alone", NewEmployment._fields, writes.alone)
    copy_rows(session, "assignment", NewAssignment._fields, writes.assignments)


def _move_files(session: Session, moved: Sequence[KeptFile]) -> None:
    if moved:
        ids, places, households, helpers, known = (list(one) for one in zip(*moved, strict=True))
        session.connection().execute(
            _MOVE_FILES,
            {"ids": ids, "places": places, "households": households, "helpers": helpers, "known": known},
        )


def _end(session: Session, table: str, ended: Sequence[tuple[str, date, date | None]]) -> None:
    """Spells end on that day, or are dropped where none is given."""
    dropped = [one for one in ended if one[2] is None]
    closed = [one for one in ended if one[2] is not None]
    for query, rows in ((_DROP_SPELLS, dropped), (_END_SPELLS, closed)):
        if rows:
            ids, froms, tos = (list(one) for one in zip(*rows, strict=True))
            session.connection().execute(
                text(query.format(table=table)), {"ids": ids, "froms": froms, "tos": tos}
            )


def _end_classes(session: Session, ended: Sequence[tuple[str, str, date, date | None]]) -> None:
    for category in sorted({one[1] for one in ended}):
        rows = [(person, began, ends) for person, name, began, ends in ended if name == category]
        _end_class(session, category, rows)


def _end_class(session: Session, category: str, rows: Sequence[tuple[str, date, date | None]]) -> None:
    for query, some in (
        (_DROP_SPELLS, [one for one in rows if one[2] is None]),
        (_END_SPELLS, [one for one in rows if one[2] is not None]),
    ):
        if some:
            ids, froms, tos = (list(one) for one in zip(*some, strict=True))
            session.connection().execute(
                text(query.format(table="person_class") + " AND s.category = :category"),
                {"ids": ids, "froms": froms, "tos": tos, "category": category},
            )
