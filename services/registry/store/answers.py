"""Remembers the first answer to an idempotency key, sealed; refuses to know what was asked or answered."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.tables import AnswerRow


def claim_key(session: Session, answer: AnswerRow) -> AnswerRow | None:
    """The answer that this caller's key got before; None where it is new, and then the key is held to the end.

    A transaction with the same key that is still running is waited for.
    """
    fresh = insert(AnswerRow).values(answer.model_dump()).on_conflict_do_nothing()
    if session.connection().execute(fresh.returning(col(AnswerRow.key))).first() is not None:
        return None
    return session.exec(
        select(AnswerRow).where(AnswerRow.principal == answer.principal, AnswerRow.key == answer.key)
    ).one()


def keep_answer(session: Session, answer: AnswerRow, sealed: bytes) -> None:
    """Remember the answer, in the transaction of what it tells."""
    session.connection().execute(
        update(AnswerRow)
        .where(col(AnswerRow.principal) == answer.principal, col(AnswerRow.key) == answer.key)
        .values(sealed=sealed)
    )
