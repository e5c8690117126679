"""Keeps what a source says of people, many at once; what of it stands is told by `domain.people.statement`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.registry.domain.people.statement import replaces
from services.registry.store.statements import Kept, NewStatement, insert_statements, list_kept
from shared.security import Seal, Vault


@dataclass(frozen=True, slots=True)
class Word:
    """A value that a source gives for a person; `seal` is the person's opened key, `id` what the statement would be called."""

    id: str
    person_id: str
    seal: Seal
    kind: str
    value: str
    as_of: date


def say(
    session: Session, vault: Vault, words: Sequence[Word], *, source: str, known: Sequence[str], at: datetime
) -> set[str]:
    """Keep what is new; gives the persons of whom something new was said. The caller holds the persons' rows.

    `known` are the persons of whom something may be kept already: of a person made in this transaction nothing is.
    A value that stands is not kept again, and no source's word is kept twice.
    """
    kept = list_kept(session, known) if known else {}
    rows: list[NewStatement] = []
    replaced: list[str] = []
    for word in words:
        row = _weigh(word, kept.get((word.person_id, word.kind), ()), vault, source, at, replaced.append)
        if row is not None:
            rows.append(row)
    if rows:
        insert_statements(session, rows, replaced)
    return {row.person_id for row in rows}


def value_fingerprint(vault: Vault, kind: str, value: str) -> str:
    """What tells equal values of a kind, whoever has them, without opening any."""
    return vault.fingerprint(f"{kind}:{value}")


def value_context(person_id: str, kind: str) -> str:
    """What a sealed value is bound to."""
    return f"person/{person_id}/{kind}"


def _weigh(
    word: Word,
    kept: Sequence[Kept],
    vault: Vault,
    source: str,
    at: datetime,
    replace: Callable[[str], None],
) -> NewStatement | None:
    """The statement to keep, if any; an older one that steps down for it is handed to `replace`."""
    fingerprint = value_fingerprint(vault, word.kind, word.value)
    standing = next((one for one in kept if one.stands), None)
    if standing is not None and standing.value_fingerprint == fingerprint:
        return None
    if any((one.value_fingerprint, one.source) == (fingerprint, source) for one in kept):
        return None
    stands = standing is None
    if standing is not None and replaces(word.kind, word.as_of, standing.as_of, standing.is_settled):
        replace(standing.id)
        stands = True
    return NewStatement(
        id=word.id,
        person_id=word.person_id,
        kind=word.kind,
        value_fingerprint=fingerprint,
        value_sealed=word.seal.seal(word.value, value_context(word.person_id, word.kind)),
        source=source,
        as_of=word.as_of,
        stands=stands,
        recorded_at=at,
    )
