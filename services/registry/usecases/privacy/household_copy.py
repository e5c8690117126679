"""What a person's copy holds of their household: what was planned and done while they belonged, and of the others what anybody sees.

The words are the household's and may name others of it. They are opened under its key, and whatever the others are called
and have for an ID or a phone is masked in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from services.registry.domain.people.statement import Kind
from services.registry.store.people import resident_id_context
from services.registry.store.privacy.households import others_of, rows_of_households
from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.tables import Base, PersonRow, StatementRow
from services.registry.usecases.people.contacts import statement_context
from services.registry.usecases.privacy.contexts import Row, context_of
from shared.security import Principal, Vault, mask

WORDS: Final[Mapping[str, str]] = {
    "household_step": "words_sealed",
    "zero_task": "note_sealed",
    "zero_help": "words_sealed",
}
"""Table -> its column of words."""


def household_rows(
    session: Session, vault: Vault, principal: Principal, persons: Sequence[PersonRow]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Table by table, the rows with their words opened, and nobody else's data in full in them."""
    ids = [one.id for one in persons]
    found = rows_of_households(session, principal, ids)
    homes = sorted({row["household_id"] for rows in found.values() for row in rows})
    masked = dict(_masked(session, vault, others_of(session, homes, ids)))
    return [(table, [_opened(vault, table, row, masked) for row in rows]) for table, rows in found.items()]


def _opened(vault: Vault, table: str, row: Row, masked: Mapping[str, str]) -> dict[str, Any]:
    column = WORDS[table]
    words: str | None = None
    if row[column] is not None and row[WRAPPED] is not None:
        primary = [one.name for one in Base.metadata.tables[table].primary_key.columns]
        words = vault.open(bytes(row[WRAPPED]), bytes(row[column]), context_of(table, column, primary, row))
        for full in sorted(filter(None, masked), key=len, reverse=True):
            words = words.replace(full, masked[full])
    return dict(row) | {column: words}


def _masked(session: Session, vault: Vault, others: Sequence[PersonRow]) -> Iterator[tuple[str, str]]:
    """Whatever was ever said that these are called or reached by, and their IDs, each with what anybody sees of it."""
    keys = {one.id: one.wrapped_key for one in others}
    for one in others:
        if one.wrapped_key is not None:
            number = vault.open(one.wrapped_key, one.resident_id_sealed, resident_id_context(one.id))
            yield number, mask.resident_id(number)
    how = {Kind.NAME: mask.name, Kind.PHONE: mask.phone}
    said = select(StatementRow).where(
        col(StatementRow.person_id).in_(list(keys)), col(StatementRow.kind).in_(list(how))
    )
    for row in session.exec(said):
        key = keys[row.person_id]
        if key is not None:
            full = vault.open(key, row.value_sealed, statement_context(row))
            yield full, how[Kind(row.kind)](full)
