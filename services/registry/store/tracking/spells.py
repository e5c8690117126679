"""Reads a file's spells of employment and writes what became of them, touching only the rows that differ.

Spells are kept twice of who is of a merged file: as the file's (`EmploymentRow`), and as each ID's own, had nobody been
merged (`EmploymentAloneRow`). Whoever writes down a word about one of them says it of both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, col, select

from services.registry.domain.tracking.spells import Spell
from services.registry.store.tables import Employment, EmploymentRow

SpellTable = type[Employment]
"""Which spells: those of files, or each ID's own."""


def spells_of(session: Session, person_ids: Iterable[str], of: SpellTable = EmploymentRow) -> list[Spell]:
    """All spells of these persons, by their first day. The caller holds the persons' rows."""
    rows = session.exec(
        select(of)
        .where(col(of.person_id).in_(list(person_ids)))
        .order_by(col(of.valid_from), col(of.person_id))
        .execution_options(populate_existing=True)
    )
    return [as_spell(row) for row in rows]


def as_spell(row: Employment) -> Spell:
    """A row as the rules see it."""
    return Spell(row.person_id, row.valid_from, row.valid_to, row.enterprise_id, row.area_code, row.source)


def save_spells(
    session: Session, before: Sequence[Spell], after: Sequence[Spell], of: SpellTable = EmploymentRow
) -> bool:
    """Make of `before`, which is what is stored, `after`; whether anything had to change. The caller flushes."""
    known = {(one.person_id, one.valid_from): one for one in before}
    wanted = {(one.person_id, one.valid_from): one for one in after}
    if known == wanted:
        return False
    if not known:
        add_spells(session, after, of)
        return True
    replaced = [key for key, one in known.items() if not _only_ends_otherwise(one, wanted.get(key))]
    session.flush()
    if replaced:
        session.connection().execute(delete(of).where(or_(*(_is(key, of) for key in replaced))))
    # What goes on is written last: of a person's spells only one may be without an end.
    kept = [one for key, one in wanted.items() if key in known and key not in replaced]
    for one in sorted(kept, key=lambda spell: spell.valid_to is None):
        if one != known[one.person_id, one.valid_from]:
            end = update(of).where(_is((one.person_id, one.valid_from), of))
            session.connection().execute(end.values(valid_to=one.valid_to))
    session.expire_all()
    add_spells(session, [one for key, one in wanted.items() if key not in known or key in replaced], of)
    session.flush()
    return True


def add_spells(session: Session, spells: Iterable[Spell], of: SpellTable = EmploymentRow) -> None:
    """Write spells that are not stored yet, with whatever else the session is about to write."""
    session.add_all([of(**asdict(one)) for one in spells])


def _only_ends_otherwise(one: Spell, wanted: Spell | None) -> bool:
    return wanted is not None and (one.place, one.source) == (wanted.place, wanted.source)


def _is(key: tuple[str, date], of: SpellTable) -> ColumnElement[bool]:
    return and_(col(of.person_id) == key[0], col(of.valid_from) == key[1])
