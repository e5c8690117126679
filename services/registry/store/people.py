"""Finds or makes people by fingerprint and opens what is sealed under their keys; knows no request.

Whoever adds a request, or moves one into another season, holds the person's row until the transaction ends, and that of
the person whose file it is: so two bureaus that send the same worker take turns, by one ID or by two. Whoever merges two
files holds all persons of both. Rows are always taken in the order of fingerprints, so that nobody waits in a ring; who
finds that a merge was faster lets go of all that it took, and takes the right ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from services.registry.store.tables import PersonRow
from shared.database import locked
from shared.kernel.ids import new_id
from shared.security import Vault


@dataclass(frozen=True, slots=True)
class Person:
    """A worker by id, with the wrapped key that opens their fields."""

    id: str
    wrapped_key: bytes
    is_fresh: bool
    """Made in this transaction, so nobody else knows them yet."""
    file_id: str


_INSERT = text("""
    INSERT INTO person (id, file_id, fingerprint, wrapped_key, resident_id_sealed, created_at)
    SELECT id, id, fingerprint, wrapped_key, sealed, :at
    FROM unnest(CAST(:ids AS text[]), CAST(:fingerprints AS text[]), CAST(:keys AS bytea[]),
                CAST(:sealed AS bytea[])) AS fresh (id, fingerprint, wrapped_key, sealed)
    ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING id, fingerprint, wrapped_key
""")
_LOCK = text("""
    SELECT id, fingerprint, wrapped_key, file_id FROM person
    WHERE id IN (
        SELECT id FROM person WHERE fingerprint = ANY(:fingerprints)
        UNION SELECT file_id FROM person WHERE fingerprint = ANY(:fingerprints)
    )
    ORDER BY fingerprint FOR NO KEY UPDATE
""")
_KNOWN = text("SELECT fingerprint FROM person WHERE fingerprint = ANY(:fingerprints)")


def resident_id_context(person_id: str) -> str:
    """What a person's sealed resident ID is bound to."""
    return f"person/{person_id}/resident_id"


def hold_people(
    session: Session, vault: Vault, resident_ids: Mapping[str, str], at: datetime
) -> dict[str, Person]:
    """The people of `resident_ids` (fingerprint -> ID) by fingerprint, made where unknown, held to the end."""
    fingerprints = sorted(resident_ids)
    known = set(session.connection().execute(_KNOWN, {"fingerprints": fingerprints}).scalars())
    fresh = [fingerprint for fingerprint in fingerprints if fingerprint not in known]
    people = _make_people(session, vault, {one: resident_ids[one] for one in fresh}, at) if fresh else {}
    rest = [fingerprint for fingerprint in fingerprints if fingerprint not in people]
    if rest:
        people |= _lock_known(session, rest)
    erased = {fingerprint: resident_ids[fingerprint] for fingerprint in rest if fingerprint not in people}
    # Whoever was erased while we waited for them comes as somebody new.
    return people | hold_people(session, vault, erased, at) if erased else people


def _make_people(
    session: Session, vault: Vault, resident_ids: Mapping[str, str], at: datetime
) -> dict[str, Person]:
    """Those of them whom nobody else has made meanwhile, by fingerprint."""
    fresh = list(resident_ids)
    keys = {fingerprint: vault.new_person_key() for fingerprint in fresh}
    ids = {fingerprint: new_id() for fingerprint in fresh}
    held = session.connection().execute(
        _INSERT,
        {
            "ids": [ids[one] for one in fresh],
            "fingerprints": fresh,
            "keys": [keys[one] for one in fresh],
            "sealed": [
                vault.seal(keys[one], resident_ids[one], resident_id_context(ids[one])) for one in fresh
            ],
            "at": at,
        },
    )
    return {fingerprint: Person(id_, bytes(key), True, id_) for id_, fingerprint, key in held}


def _lock_known(session: Session, fingerprints: Sequence[str]) -> dict[str, Person]:
    """Those of these people who are not erased, by fingerprint, held to the end with whose files they are of."""
    asked = set(fingerprints)
    session.flush()  # what was added before must not be let go with the locks
    while True:
        taking = session.connection().begin_nested()
        rows = session.connection().execute(_LOCK, {"fingerprints": fingerprints}).all()
        taken = {row.id for row in rows}
        wanted = [row for row in rows if row.fingerprint in asked and row.wrapped_key is not None]
        if all(row.file_id in taken for row in wanted):
            taking.commit()
            return {
                row.fingerprint: Person(row.id, bytes(row.wrapped_key), False, row.file_id) for row in wanted
            }
        taking.rollback()


def lock_people(session: Session, ids: Iterable[str]) -> dict[str, PersonRow]:
    """These people by id, as they are now, held to the end with whose files they are of."""
    wanted = set(ids)
    whose = select(PersonRow.file_id).where(col(PersonRow.id).in_(wanted))
    these = col(PersonRow.id).in_(wanted) | col(PersonRow.id).in_(whose)
    people = select(PersonRow).where(these).order_by(col(PersonRow.fingerprint))
    session.flush()  # what was added before must not be let go with the locks
    while True:
        taking = session.connection().begin_nested()
        found = {person.id: person for person in session.exec(locked(people))}
        if all(found[one].file_id in found for one in wanted & found.keys()):
            taking.commit()
            return {one: found[one] for one in wanted & found.keys()}
        taking.rollback()


def drop_people(session: Session, ids: Sequence[str]) -> None:
    """Forget people who were made in this transaction and then needed for nothing."""
    session.connection().execute(text("DELETE FROM person WHERE id = ANY(:ids)"), {"ids": list(ids)})


def erase_person(session: Session, person_id: str) -> None:
    """Destroy the key: what was sealed under it can never be opened, and nobody can be found by their ID again."""
    session.connection().execute(
        text("UPDATE person SET wrapped_key = NULL, fingerprint = 'erased/' || id WHERE id = :id"),
        {"id": person_id},
    )
