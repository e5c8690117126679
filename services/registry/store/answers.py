"""Remembers the first answer to an idempotency key; refuses to know what was asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.tables import AnswerRow
from shared.kernel.errors import Conflict


class KeyReused(Conflict):
    """The Idempotency-Key {key} was used before for a different body. Use a fresh key for a new request."""

    zh = "幂等键 {key} 已用于内容不同的请求。新的请求请使用新的键。"


def find_first_answer(
    session: Session, *, principal: str, key: str, body_sha256: str, at: datetime
) -> dict[str, Any] | None:
    """The answer that this key got before; None where it is new, and then it is the caller's until the end.

    A transaction with the same key that is still running is waited for. Raises KeyReused for another body.
    """
    fresh = insert(AnswerRow).values(
        principal=principal, key=key, body_sha256=body_sha256, answer=None, at=at
    )
    taken = session.connection().execute(fresh.on_conflict_do_nothing().returning(col(AnswerRow.key)))
    if taken.first() is not None:
        return None
    first = session.exec(
        select(AnswerRow).where(AnswerRow.principal == principal, AnswerRow.key == key)
    ).one()
    if first.body_sha256 != body_sha256:
        raise KeyReused(key=key)
    return first.answer


def keep_answer(session: Session, *, principal: str, key: str, answer: dict[str, Any]) -> None:
    """Remember the answer, in the transaction of what it tells."""
    session.connection().execute(
        update(AnswerRow)
        .where(col(AnswerRow.principal) == principal, col(AnswerRow.key) == key)
        .values(answer=answer)
    )
