"""Finds or makes people by fingerprint and opens what is sealed under their keys; knows no request.

Whoever adds a request, or moves one into another season, holds the person's row until the transaction ends, so two
bureaus that send the same worker take turns. Rows are always taken in the order of fingerprints, so that neither
waits for the other in a ring.
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


_INSERT = text("""
    INSERT INTO person (id, fingerprint, wrapped_key, resident_id_sealed, created_at)
    SELECT id, fingerprint, wrapped_key, sealed, :at
    FROM unnest(CAST(:ids AS text[]), CAST(:fingerprints AS text[]), CAST(:keys AS bytea[]),
                CAST(:sealed AS bytea[])) AS fresh (id, fingerprint, wrapped_key, sealed)
    ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING id, fingerprint, wrapped_key
""")
_LOCK = text("""
    SELECT id, fingerprint, wrapped_key FROM person
    WHERE fingerprint = ANY(:fingerprints)
    ORDER BY fingerprint FOR UPDATE
""")
_KNOWN = text("SELECT fingerprint FROM person WHERE fingerprint = ANY(:fingerprints)")


def hold_people(
    session: Session, vault: Vault, resident_ids: Mapping[str, str], at: datetime
) -> dict[str, Person]:
    """The people of `resident_ids` (fingerprint -> ID) by fingerprint, made where unknown, held to the end."""
    fingerprints = sorted(resident_ids)
    known = set(session.connection().execute(_KNOWN, {"fingerprints": fingerprints}).scalars())
    fresh = [fingerprint for fingerprint in fingerprints if fingerprint not in known]
    keys = {fingerprint: vault.new_person_key() for fingerprint in fresh}
    ids = {fingerprint: new_id() for fingerprint in fresh}
    held = session.connection().execute(
        _INSERT,
        {
            "ids": [ids[one] for one in fresh],
            "fingerprints": fresh,
            "keys": [keys[one] for one in fresh],
            "sealed": [
                vault.seal(keys[one], resident_ids[one], f"person/{ids[one]}/resident_id") for one in fresh
            ],
            "at": at,
        },
    )
    people = {fingerprint: Person(id_, bytes(key), True) for id_, fingerprint, key in held}
    rest = [fingerprint for fingerprint in fingerprints if fingerprint not in people]
    if rest:
        locked = session.connection().execute(_LOCK, {"fingerprints": rest})
        people |= {fingerprint: Person(id_, bytes(key), False) for id_, fingerprint, key in locked}
    erased = {fingerprint: resident_ids[fingerprint] for fingerprint in rest if fingerprint not in people}
    # Whoever was erased while we waited for them comes as somebody new.
    return people | hold_people(session, vault, erased, at) if erased else people


def lock_people(session: Session, ids: Iterable[str]) -> dict[str, PersonRow]:
    """These people by id, as they are now, held to the end."""
    people = select(PersonRow).where(col(PersonRow.id).in_(list(ids))).order_by(col(PersonRow.fingerprint))
    return {person.id: person for person in session.exec(locked(people))}


def drop_people(session: Session, ids: Sequence[str]) -> None:
    """Forget people who were made in this transaction and then needed for nothing."""
    session.connection().execute(text("DELETE FROM person WHERE id = ANY(:ids)"), {"ids": list(ids)})


def erase_person(session: Session, person_id: str) -> None:
    """Destroy the key: what was sealed under it can never be opened, and nobody can be found by their ID again."""
    session.connection().execute(
        text("UPDATE person SET wrapped_key = NULL, fingerprint = 'erased/' || id WHERE id = :id"),
        {"id": person_id},
    )
