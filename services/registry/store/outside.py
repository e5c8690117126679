"""Writes and finds what other offices' lists say of people; knows a person only as the fingerprint of their ID."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.copying import copy_rows
from services.registry.store.tables import OutsideFactRow, OutsideListRow
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class ListUnknown(NotFound):
    """There is no list {list_id}, or it was not loaded for your area. Check the number, or ask the office that loaded it."""

    zh = "没有编号为 {list_id} 的名单，或它不是以您的辖区名义导入的。请核对编号，或联系导入它的单位。"


def lock_list(session: Session, principal: Principal, list_id: str) -> OutsideListRow:
    """A list of the caller's area, held to the end; raises ListUnknown."""
    mine = within(OutsideListRow.area_code, principal)
    found = session.exec(locked(select(OutsideListRow).where(OutsideListRow.id == list_id, mine))).first()
    if found is None:
        raise ListUnknown(list_id=list_id[:40])
    return found


def find_list(session: Session, kind: str, area_code: str, sha256: str) -> OutsideListRow | None:
    """The list with exactly these bytes that was loaded for this area before and not withdrawn."""
    return session.exec(
        select(OutsideListRow).where(
            OutsideListRow.kind == kind,
            OutsideListRow.area_code == area_code,
            OutsideListRow.sha256 == sha256,
            col(OutsideListRow.withdrawn_at).is_(None),
        )
    ).first()


def insert_list(session: Session, row: OutsideListRow) -> bool:
    """Whether it is new. Another transaction with the same bytes is waited for, and then wins."""
    fresh = insert(OutsideListRow).values(row.model_dump()).on_conflict_do_nothing()
    return session.connection().execute(fresh.returning(col(OutsideListRow.id))).first() is not None


def insert_facts(session: Session, rows: Iterable[OutsideFactRow]) -> None:
    """All facts of a list by one COPY."""
    copy_rows(session, "outside_fact", tuple(OutsideFactRow.model_fields), rows)


def list_outside(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[OutsideListRow], int]:
    """A page of the lists that were loaded for the caller's area, newest first, and how many there are."""
    mine = within(OutsideListRow.area_code, principal)
    total = session.exec(select(func.count()).select_from(OutsideListRow).where(mine)).one()
    newest = select(OutsideListRow).where(mine).order_by(col(OutsideListRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit)).all()), total


def facts_about(session: Session, fingerprints: Sequence[str]) -> list[OutsideFactRow]:
    """All that is said of these people, whoever loaded it, by period, then in the order of loading."""
    return list(
        session.exec(
            select(OutsideFactRow)
            .where(col(OutsideFactRow.fingerprint).in_(fingerprints))
            .order_by(col(OutsideFactRow.period), col(OutsideFactRow.list_id), col(OutsideFactRow.row))
        ).all()
    )


def forget_facts_of(session: Session, list_id: str) -> None:
    """Drop all that one list says."""
    session.connection().execute(delete(OutsideFactRow).where(col(OutsideFactRow.list_id) == list_id))
