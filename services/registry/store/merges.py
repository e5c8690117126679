"""Writes and finds merges: two persons of one file, until it is taken back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from services.registry.store.tables import MergeRow, PersonRow

_BOTH = text("""
    SELECT DISTINCT a.season FROM person p
    JOIN travel_request a ON a.person_id = p.id AND a.status <> 'withdrawn'
    JOIN person own ON own.file_id = :into
    JOIN travel_request b ON b.person_id = own.id AND b.season = a.season AND b.status <> 'withdrawn'
    WHERE p.id = :person AND (a.status = ANY(:under_way) OR b.status = ANY(:under_way))
    ORDER BY 1
""")
_MERGED = text("""
    SELECT p.id FROM person p
    WHERE p.id = ANY(:ids) AND (p.id <> p.file_id OR EXISTS (
        SELECT FROM person o WHERE o.file_id = p.id AND o.id <> o.file_id))
""")


def find_standing(session: Session, person_id: str) -> MergeRow | None:
    """The merge by which this person is of another's file now."""
    return session.exec(
        select(MergeRow).where(MergeRow.person_id == person_id, col(MergeRow.undone_at).is_(None))
    ).first()


def find_last(session: Session, person_id: str) -> MergeRow | None:
    """The latest merge of this person that there was, taken back or not."""
    mine = select(MergeRow).where(MergeRow.person_id == person_id)
    return session.exec(mine.order_by(col(MergeRow.id).desc())).first()


def standing_since(session: Session, into_id: str) -> datetime:
    """When the first of those who are of this file now was merged into it."""
    mine = (MergeRow.into_id == into_id, col(MergeRow.undone_at).is_(None))
    return session.exec(select(func.min(MergeRow.merged_at)).where(*mine)).one()


def list_merges(session: Session, person_ids: Sequence[str]) -> list[MergeRow]:
    """All merges of these persons or into them, the latest first."""
    ids = list(person_ids)
    theirs = col(MergeRow.person_id).in_(ids) | col(MergeRow.into_id).in_(ids)
    return list(session.exec(select(MergeRow).where(theirs).order_by(col(MergeRow.id).desc())))


def has_merged(session: Session, person_id: str) -> bool:
    """Whether others are of this person's file."""
    others = select(PersonRow.id).where(PersonRow.file_id == person_id, PersonRow.id != person_id)
    return session.exec(others.limit(1)).first() is not None


def merged_among(session: Session, person_ids: Sequence[str]) -> list[str]:
    """Those of these persons who are of one file with others."""
    return list(session.connection().execute(_MERGED, {"ids": list(person_ids)}).scalars())


def seasons_of_both(session: Session, person_id: str, into_id: str, under_way: Sequence[str]) -> list[str]:
    """The seasons in which both have a request, of which one at least is still under way."""
    found = session.connection().execute(
        _BOTH, {"person": person_id, "into": into_id, "under_way": list(under_way)}
    )
    return list(found.scalars())


def join(session: Session, merge: MergeRow) -> None:
    """From now on the person is of the other's file. The caller holds both."""
    _move(session, merge.person_id, merge.into_id)
    session.add(merge)
    session.flush()


def part(session: Session, merge: MergeRow, by: str, at: datetime) -> None:
    """From now on each has a file of their own again, as it was. The caller holds both."""
    _move(session, merge.person_id, merge.person_id)
    merge.undone_by, merge.undone_at = by, at
    session.add(merge)
    session.flush()


def _move(session: Session, person_id: str, file_id: str) -> None:
    session.connection().execute(
        text("UPDATE person SET file_id = :file WHERE id = :person"), {"file": file_id, "person": person_id}
    )
    session.expire_all()
