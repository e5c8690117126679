"""All that the registry holds of one person, in full, for that person: every row of every table, found by its columns.

But cases are told by the offices that have them, and the copy says so whether there is one or not: the clerk who makes it
would otherwise learn of a case that is none of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session

from services.registry.domain.privacy.inventory import Entry, Kind, inventory
from services.registry.domain.privacy.reasons import COPY
from services.registry.domain.rights.document import KINDS
from services.registry.store.access import log_access
from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.privacy.subjects import PERSON, rows_about, rows_by_fingerprint, subjects
from services.registry.store.rights import narrowed
from services.registry.store.tables import PersonRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.privacy.contexts import Row, context_of
from services.registry.usecases.privacy.household_copy import household_rows
from services.registry.usecases.privacy.reveal import Access, accesses_of, living
from shared.messaging import Cause
from shared.security import Principal, Vault

Cell = str | int | float | bool | None
ACCESSES_AT_ONCE = 5000
BY_A_CLERK: Final = "clerk/"
CASES_ARE_TOLD_BY: Final = (
    "维权案件由受理的部门保管，其他部门看不到，也不知道有没有。本复制件只含出具部门经办或有权查看的案件和相应的查阅记录，"
    "这里没有列出不表示没有案件。要复制案卷和查阅记录，请向您反映问题的县（市、区）人力资源社会保障局，或者务工地的劳动人事争议仲裁委员会、"
    "劳动保障监察机构、法律援助中心提出；贵州省人力资源和社会保障厅可以一次查询全省各县受理的案件。",
    "Cases are kept by the offices that took them; others do not see them, nor whether there are any. This copy holds the cases, and the accesses"
    " to them, that the office which made it may see: that none is listed does not mean that there is none. For the file of a case and who"
    " saw it, ask the labour office of the county where you complained, or the arbitration commission, labour inspection or legal aid where you work;"
    " the labour office of the province (Guizhou) can look in all its counties at once.",
)
"""Stands in every copy, so that it says nothing of anybody."""
PAPERS: Final = ("rights_document", "content_sealed")
"""Documents: a table names them, and each is a file beside it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the copy: its headings, and a row of values each."""

    table: str
    zh: str
    en: str
    headings: tuple[tuple[str, Entry], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as a file of its own, named by its number."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """All of a person's data, who was shown any of it, and the documents of their cases."""

    person_id: str
    made_at: datetime
    parts: tuple[Part, ...]
    accesses: tuple[Access, ...]
    papers: tuple[Paper, ...]


def copy_of(parts: Parts, principal: Principal, person_id: str, *, cause: Cause) -> Copy:
    """The copy of a person of the caller's area, once it is written down that it was made. Raises PersonUnknown, FileErased."""
    with parts.database.session() as session:
        persons = living(session, principal, person_id)
        now = parts.clock.now()
        log_access(
            session,
            subject=principal.subject,
            purpose=COPY,
            request_ids=[],
            person_ids=[one.id for one in persons],
            principal=principal,
            correlation_id=cause.correlation_id,
            at=now,
        )
        session.flush()
        accesses = accesses_of(session, parts.vault, principal, persons, offset=0, limit=ACCESSES_AT_ONCE)
        made, papers = _told(session, parts.vault, principal, persons)
        return Copy(person_id, now, tuple(made), tuple(accesses), tuple(papers))


def _told(
    session: Session, vault: Vault, principal: Principal, persons: Sequence[PersonRow]
) -> tuple[list[Part], list[Paper]]:
    """The tables that hold anything of these persons, and the documents that one of them names."""
    seen = narrowed(principal)
    keys = {one.id: one.wrapped_key or b"" for one in persons}
    own = [one.model_dump() | {PERSON: one.id} for one in persons]
    made = [_part("person", ["id"], own, keys, vault)]
    papers: list[Paper] = []
    for subject in subjects():
        rows = rows_about(session, subject, list(keys), seen.get(subject.root.name))
        primary = [column.name for column in subject.table.primary_key.columns]
        made.append(_part(subject.table.name, primary, rows, keys, vault))
        if subject.table.name == PAPERS[0]:
            papers = [_paper(primary, row, keys, vault) for row in rows]
    for name, opened in household_rows(session, vault, principal, persons):
        made.append(_part(name, ["id"], opened, {}, vault))
    for table, rows in rows_by_fingerprint(session, [one.fingerprint for one in persons]):
        primary = [column.name for column in table.primary_key.columns]
        made.append(_part(table.name, primary, rows, {}, vault))
    return [one for one in made if one.rows], papers


def _part(
    table: str, primary: Sequence[str], rows: Sequence[Row], keys: Mapping[str, bytes], vault: Vault
) -> Part:
    kept = inventory().tables[table]
    columns = [name for name in (rows[0] if rows else ()) if _is_told(table, name)]
    told = tuple(
        tuple(_cell(_value(table, primary, row, name, keys, vault)) for name in columns) for row in rows
    )
    return Part(table, kept.zh, kept.en, tuple((name, _entry(table, name)) for name in columns), told)


def _paper(primary: Sequence[str], row: Row, keys: Mapping[str, bytes], vault: Vault) -> Paper:
    context = context_of(*PAPERS, primary, row)
    content = vault.seal_of(keys[row[PERSON]]).open_bytes(bytes(row[PAPERS[1]]), context)
    return Paper(f"{row['id']}{KINDS[row['media']].suffix}", content)


def _is_told(table: str, column: str) -> bool:
    """Neither keys and fingerprints, which say nothing, nor what is a file of its own."""
    if column.startswith("__") or (table, column) == PAPERS:
        return False
    return _entry(table, column).kind not in (Kind.KEY, Kind.FOUND)


def _entry(table: str, column: str) -> Entry:
    return inventory().entry(table, column) or Entry(zh=column, en=column)


def _value(
    table: str, primary: Sequence[str], row: Row, column: str, keys: Mapping[str, bytes], vault: Vault
) -> Any:
    """A sealed column is opened by the row's own key where it has one, else by its person's; one that is opened stays."""
    value = row[column]
    if (table, column) == ("statement", "source"):
        # Who said it stands in no copy: a clerk of another county wrote it down for a case.
        return str(value).partition("/")[0] if str(value).startswith(BY_A_CLERK) else value
    if not isinstance(value, bytes):
        return value
    key = row[WRAPPED] if WRAPPED in row else keys.get(row[PERSON])
    if not key:
        return None
    return vault.open(bytes(key), bytes(value), context_of(table, column, primary, row))


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return "；".join(str(one) for one in value)
    return str(value)
