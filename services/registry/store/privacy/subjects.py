"""Finds every row that is about a person, by the columns of the tables and not by a list that somebody would forget.

A row is a person's by its column `person_id`; or by a foreign key to a row that is (a step of a case); or, where no
person was known when it was written, by the column `fingerprint` of their resident ID. To be kept by every new table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Table, cast, literal, select
from sqlmodel import Session

from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.tables import Base

PERSON: Final = "person_id"
FINGERPRINT: Final = "fingerprint"
_OWN: Final = {"person", "household"}
"""Tables whose `fingerprint` is the row's own name, and not that of somebody a row speaks of."""
_DIGESTS: Final = {("exchange_row", "digest"), ("rights_document", "stamp")}
"""Columns that tell by a keyed digest of somebody's whole line or paper whose row it is: fingerprints by another name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A table of rows about people; `parent` is the one whose row is the person's where its own does not say whose it is."""

    table: Table
    parent: "Subject | None" = None

    @property
    def root(self) -> Table:
        """The table whose rows say whose they are."""
        return self.table if self.parent is None else self.parent.root

    def theirs(self, person_ids: Sequence[str]) -> ColumnElement[bool]:
        """The condition that a row is about one of these people."""
        return self.under(self.root.c[PERSON].in_(person_ids))

    def under(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """The condition that a row hangs on one of its root of which this is so."""
        if self.parent is None:
            return condition
        own, referred = _link(self.table, self.parent.table)
        return self.table.c[own].in_(
            select(self.parent.table.c[referred]).where(self.parent.under(condition))
        )

    def owner(self) -> Any:
        """The id of the person a row is about, as a scalar."""
        if self.parent is None:
            return self.table.c[PERSON]
        own, referred = _link(self.table, self.parent.table)
        parent = select(self.parent.owner()).where(self.parent.table.c[referred] == self.table.c[own])
        return parent.scalar_subquery()


@cache
def subjects() -> tuple[Subject, ...]:
    """All of them, whoever is referred to before who refers."""
    found: dict[str, Subject] = {}
    for table in Base.metadata.sorted_tables:
        if PERSON in table.c:
            found[table.name] = Subject(table)
            continue
        parents = {key.column.table.name for key in table.foreign_keys} & found.keys()
        if parents:
            found[table.name] = Subject(table, found[min(parents)])
    return tuple(found.values())


def rows_about(
    session: Session, subject: Subject, person_ids: Sequence[str], seen: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """Every row of the table about these people, its owner under `person_id`, by the primary key; of a root that not
    everybody may see, those that are `seen`."""
    theirs = subject.root.c[PERSON].in_(person_ids)
    condition = subject.under(theirs if seen is None else theirs & seen)
    query = select(*subject.table.c, subject.owner().label("__owner")).where(condition)
    rows = session.connection().execute(query.order_by(*subject.table.primary_key.columns)).mappings()
    return [dict(row) | {PERSON: row["__owner"]} for row in rows]


def rows_on(session: Session, root: Table, key: str) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """The row of a root by its id, and table by table whatever hangs on it."""
    for subject in subjects():
        if subject.root is root:
            query = select(*subject.table.c).where(subject.under(root.c["id"] == key))
            rows = session.connection().execute(query).mappings()
            yield subject.table, [dict(row) for row in rows]


def put_values(session: Session, table: Table, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write these values into one row."""
    same = [column == row[column.name] for column in table.primary_key.columns]
    session.connection().execute(table.update().where(*same).values(values))


def rows_by_fingerprint(
    session: Session, fingerprints: Sequence[str]
) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Each table's rows that bear one of these people's ID and name no person."""
    for table in _told_of():
        query = select(*table.c).where(table.c[FINGERPRINT].in_(fingerprints))
        rows = session.connection().execute(query.order_by(*table.primary_key.columns)).mappings()
        yield table, [dict(row) for row in rows]


def forget_fingerprints(session: Session, person_id: str, fingerprint: str) -> None:
    """Nobody finds this person again by anything they are known by, and what names no person but bears their ID is destroyed."""
    for table in _told_of():
        these = table.c[FINGERPRINT] == fingerprint
        if WRAPPED in table.c:
            session.connection().execute(
                table.update().where(these).values({WRAPPED: None, FINGERPRINT: None})
            )
        else:
            session.connection().execute(table.delete().where(these))
    for subject in subjects():
        fresh = _without_fingerprints(subject.table)
        if fresh:
            session.connection().execute(
                subject.table.update().where(subject.theirs([person_id])).values(fresh)
            )


def _told_of() -> list[Table]:
    return [
        table
        for table in Base.metadata.sorted_tables
        if FINGERPRINT in table.c and PERSON not in table.c and table.name not in _OWN
    ]


def _without_fingerprints(table: Table) -> dict[str, Any]:
    """Column -> what stands in it instead: nothing, or a word that is each row's own."""
    row: ColumnElement[Any] = literal("erased")
    for column in table.primary_key.columns:
        row = row + literal("/") + cast(column, String)
    return {
        column.name: None if column.nullable else row
        for column in table.c
        if (FINGERPRINT in column.name or (table.name, column.name) in _DIGESTS) and not column.primary_key
    }


def _link(table: Table, parent: Table) -> tuple[str, str]:
    """The column that refers to the parent, and the parent's."""
    key = next(key for key in sorted(table.foreign_keys, key=str) if key.column.table is parent)
    return key.parent.name, key.column.name
