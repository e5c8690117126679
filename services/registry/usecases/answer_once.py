"""Answers an idempotency key once: the same body again gets the first answer and changes nothing."""

import json
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from services.registry.store.answers import claim_key, keep_answer
from services.registry.store.tables import AnswerRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.security import Vault


class KeyReused(Conflict):
    """The Idempotency-Key {key} was used before for a different body. Use a fresh key for a new request."""

    zh = "幂等键 {key} 已用于内容不同的请求。新的请求请使用新的键。"


def answer_once(
    session: Session,
    work: Callable[[], dict[str, Any]],
    *,
    principal: str,
    key: str,
    body: str,
    vault: Vault,
    clock: Clock,
) -> dict[str, Any]:
    """What `work` answers, in the caller's transaction, or what it answered to this key before.

    When `work` raises, the transaction is rolled back and the key is free again. Raises KeyReused.
    """
    answer = AnswerRow(
        principal=principal,
        key=key,
        body_fingerprint=vault.fingerprint(body),
        wrapped_key=vault.new_person_key(),
        at=clock.now(),
    )
    context = f"answer/{principal}/{key}"
    first = claim_key(session, answer)
    if first is None:
        told = work()
        sealed = vault.seal(answer.wrapped_key, json.dumps(told, ensure_ascii=False), context)
        keep_answer(session, answer, sealed)
        return told
    if first.body_fingerprint != answer.body_fingerprint or first.sealed is None:
        raise KeyReused(key=key)
    repeated: dict[str, Any] = json.loads(vault.open(first.wrapped_key, first.sealed, context))
    return repeated
