"""Opens the names and phones that stand, for those whom a page or a message must name; whoever shows them masks them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.registry.domain.people.statement import by_kind, standing_of
from services.registry.store.statements import said_of
from services.registry.store.tables import PersonRow, StatementRow
from services.registry.usecases.people.say import value_context
from shared.security import Vault


@dataclass(frozen=True, slots=True)
class Contact:
    """A person's name and phone in full, as they stand; empty where nobody has said them, or the person is erased."""

    name: str = ""
    phone: str = ""


def contacts_of(
    session: Session, vault: Vault, person_ids: Iterable[str], *, is_alone: bool = False
) -> Mapping[str, Contact]:
    """The contact of each of these persons by id: what stands for the file that they are of, or for each alone."""
    ids = list(person_ids)
    asked, own = aliased(PersonRow), aliased(PersonRow)
    said: dict[str, list[tuple[StatementRow, bytes]]] = defaultdict(list)
    found = session.exec(
        select(asked.id, asked.file_id, StatementRow, own.wrapped_key)
        .join(own, col(own.id) == asked.id if is_alone else col(own.file_id) == asked.file_id)
        .join(StatementRow, col(StatementRow.person_id) == own.id)
        .where(
            col(asked.id).in_(ids), col(StatementRow.kind).in_(("name", "phone")), col(StatementRow.stands)
        )
    )
    files: dict[str, str] = {}
    for asked_id, file_id, row, key in found:
        files[asked_id] = file_id
        if key is not None:
            said[asked_id].append((row, key))
    return {one: Contact(**_standing(said[one], files.get(one, one), vault)) for one in ids}


def _standing(said: Sequence[tuple[StatementRow, bytes]], own_id: str, vault: Vault) -> dict[str, str]:
    by_id = {row.id: (row, key) for row, key in said}
    found = {}
    for kind, words in by_kind(said_of(row) for row, _ in said).items():
        row, key = by_id[standing_of(words, own_id).id]
        found[kind] = vault.open(key, row.value_sealed, statement_context(row))
    return found


def statement_context(row: StatementRow) -> str:
    """What a sealed statement is bound to."""
    return value_context(row.person_id, row.kind)
