"""Writes and finds what people agreed to."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.tables import ConsentRow
from shared.database import locked
from shared.kernel.errors import NotFound


class ConsentUnknown(NotFound):
    """There is no consent {consent_id} of this person. Open the person's page again, and choose one that is there."""

    zh = "此人没有编号为 {consent_id} 的同意记录。请重新打开此人的档案，从中选择。"


def add_consent(session: Session, row: ConsentRow) -> ConsentRow:
    """Keep it, and tell what is kept: the same id a second time changes nothing."""
    session.connection().execute(insert(ConsentRow).values(row.model_dump()).on_conflict_do_nothing())
    return session.exec(select(ConsentRow).where(ConsentRow.id == row.id)).one()


def standing_within(session: Session, person_ids: Sequence[str], purposes: Sequence[str]) -> list[ConsentRow]:
    """Those of these persons' consents that stand and name no purpose but these, held to the end, by their ids."""
    theirs = select(ConsentRow).where(
        col(ConsentRow.person_id).in_(list(person_ids)),
        col(ConsentRow.withdrawn_at).is_(None),
        col(ConsentRow.purposes).op("<@")(list(purposes)),
    )
    return list(session.exec(locked(theirs.order_by(col(ConsentRow.id)))))


def list_consents(session: Session, person_ids: Sequence[str]) -> list[ConsentRow]:
    """All consents of these persons, the latest first."""
    theirs = select(ConsentRow).where(col(ConsentRow.person_id).in_(list(person_ids)))
    return list(session.exec(theirs.order_by(col(ConsentRow.given_on).desc(), col(ConsentRow.id).desc())))


def get_consent(session: Session, person_ids: Sequence[str], consent_id: str) -> ConsentRow:
    """A consent of one of these persons. Raises ConsentUnknown."""
    theirs = select(ConsentRow).where(
        ConsentRow.id == consent_id, col(ConsentRow.person_id).in_(list(person_ids))
    )
    found = session.exec(theirs).first()
    if found is None:
        raise ConsentUnknown(consent_id=consent_id[:40])
    return found
