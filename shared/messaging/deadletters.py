"""Messages that a consumer could not use: kept with cause, coordinates and original bytes, and taken in again later.

Knows how they are stored, listed and told on their topic; refuses to judge what was wrong with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from shared.database import Database
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import derive_id
from shared.messaging import outbox
from shared.messaging.effects import Guard, Reactions, take_in
from shared.messaging.inbox import Inbox
from shared.messaging.message import Message, load_headers, store_headers
from shared.messaging.poison import DEAD_LETTER_TOPIC, InvalidMessage
from shared.messaging.tables import dead_letter

DETAIL_LENGTH_MAX = 500


class NoSuchDeadLetter(NotFound):
    """There is no dead letter {id}. List them for their ids."""

    zh = "没有编号为 {id} 的死信。请先列出死信查看编号。"


@dataclass(frozen=True)
class DeadLetter:
    """One message as it came, why `consumer` could not use it (`cause` is an error's code), and since when."""

    id: str
    consumer: str
    message: Message
    cause: str
    detail: str
    correlation_id: str | None
    at: datetime
    replayed_at: datetime | None


@dataclass
class Replayed:
    """The ids that were taken in, had been before (`duplicates`), and are still of no use, with the cause."""

    done: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def bury(session: Session, consumer: str, message: Message, poison: InvalidMessage, clock: Clock) -> bool:
    """Keep the message and tell it on the dead letters' topic, in the caller's transaction; False if it is kept
    already: the same message comes again when a topic is read again."""
    event_id = message.header("ce_id")
    digest = sha256(repr((message.key, message.value, message.headers)).encode()).hexdigest()
    identity = derive_id("dead-letter", consumer, event_id or message.coordinates, digest)
    detail = poison.message("en")[:DETAIL_LENGTH_MAX].replace("\x00", "")
    values = {
        "id": identity,
        "consumer": consumer,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "key": message.key,
        "value": message.value,
        "headers": store_headers(message.headers),
        "cause": poison.code,
        "detail": detail,
        "correlation_id": _clean(message.header("ce_correlationid")),
    }
    kept = insert(dead_letter).values(values).on_conflict_do_nothing().returning(dead_letter.c.id)
    if session.connection().execute(kept).first() is None:
        return False
    outbox.write(session, [_row(identity, consumer, message, poison.code, detail, clock)])
    return True


def _row(identity: str, consumer: str, message: Message, cause: str, detail: str, clock: Clock) -> outbox.Row:
    now = clock.now()
    about = {
        "zhida_cause": cause,
        "zhida_detail": detail,
        "zhida_consumer": consumer,
        "zhida_topic": message.topic,
        "zhida_partition": message.partition,
        "zhida_offset": str(message.offset),
        "zhida_at": now.isoformat(),
    }
    return outbox.Row(
        event_id=identity,
        topic=DEAD_LETTER_TOPIC,
        key=message.key,
        type=_clean(message.header("ce_type")),
        payload=message.value,
        headers=(*message.headers, *((name, text.encode()) for name, text in about.items())),
        correlation_id=_clean(message.header("ce_correlationid")),
        causation_id=_clean(message.header("ce_id")),
        occurred_at=now,
    )


def _clean(text: str | None) -> str | None:
    """What a stranger wrote, fit for a text column."""
    return text[:200].replace("\x00", "") if text else None


def list_open(session: Session) -> list[DeadLetter]:
    """All dead letters that have not been taken in since, oldest first."""
    query = select(dead_letter).where(dead_letter.c.replayed_at.is_(None))
    rows = session.connection().execute(query.order_by(dead_letter.c.at, dead_letter.c.id))
    return [_letter(row) for row in rows]


def get(session: Session, identity: str) -> DeadLetter:
    """One dead letter with its bytes. Raises NoSuchDeadLetter."""
    row = session.connection().execute(select(dead_letter).where(dead_letter.c.id == identity)).first()
    if row is None:
        raise NoSuchDeadLetter(id=identity)
    return _letter(row)


def count_open(session: Session) -> dict[str, int]:
    """How many wait, by topic."""
    query = select(dead_letter.c.topic, func.count()).where(dead_letter.c.replayed_at.is_(None))
    rows = session.connection().execute(query.group_by(dead_letter.c.topic))
    return {topic: count for topic, count in rows}  # noqa: C416 - rows are no pairs to mypy


def replay(
    database: Database, reactions: Reactions, identities: Sequence[str], guard: Guard | None = None
) -> Replayed:
    """Take dead letters in again, each in a transaction of its own, under their original event ids.

    The inbox drops what has been taken in meanwhile. One that is still of no use stays, with its new cause; any
    other error ends the replay. Raises NoSuchDeadLetter.
    """
    replayed = Replayed()
    for identity in identities:
        with database.session() as session:
            letter = get(session, identity)
        try:
            with database.session() as session:
                taken = take_in(session, letter.consumer, reactions, guard or Inbox(), [letter.message])
                _set(session, identity, replayed_at=func.now())
        except InvalidMessage as poison:
            with database.session() as session:
                _set(session, identity, cause=poison.code, detail=poison.message("en")[:DETAIL_LENGTH_MAX])
            replayed.refused[identity] = poison.code
        else:
            (replayed.duplicates if taken.duplicates else replayed.done).append(identity)
    return replayed


def _set(session: Session, identity: str, **values: Any) -> None:
    session.connection().execute(update(dead_letter).where(dead_letter.c.id == identity).values(**values))


def _letter(row: Row[Any]) -> DeadLetter:
    message = Message(row.topic, row.partition, row.offset, row.key, row.value, load_headers(row.headers))
    return DeadLetter(
        id=row.id,
        consumer=row.consumer,
        message=message,
        cause=row.cause,
        detail=row.detail,
        correlation_id=row.correlation_id,
        at=row.at,
        replayed_at=row.replayed_at,
    )
