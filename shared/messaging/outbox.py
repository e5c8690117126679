"""What a service tells, written in the transaction of the state it tells of: both are there, or neither.

Knows how a row is written; refuses to know who reads it (`settled` for the embedded bus, `unpublished` for the
relay).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.events import Event
from shared.kernel.clock import Clock
from shared.kernel.errors import ZhidaError
from shared.kernel.ids import derive_id, new_id
from shared.messaging.envelope import Cause, Envelope, encode
from shared.messaging.message import Headers, store_headers

CHANNEL = "zhida_outbox"
"""The PostgreSQL channel that is notified when a transaction with outbox rows commits."""

_INSERT = text("""
    WITH written AS (
        INSERT INTO outbox (event_id, topic, key, type, payload, headers, correlation_id, causation_id, occurred_at)
        SELECT event_id, topic, key, type, payload, headers, correlation_id, causation_id, occurred_at
        FROM unnest(
            CAST(:event_id AS text[]), CAST(:topic AS text[]), CAST(:key AS bytea[]), CAST(:type AS text[]),
            CAST(:payload AS bytea[]), CAST(:headers AS json[]), CAST(:correlation_id AS text[]),
            CAST(:causation_id AS text[]), CAST(:occurred_at AS timestamptz[])
        ) WITH ORDINALITY AS row (
            event_id, topic, key, type, payload, headers, correlation_id, causation_id, occurred_at, place
        )
        ORDER BY place
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_id
    )
    SELECT event_id, pg_notify(:channel, '') FROM written
""")

_STORED = text("SELECT event_id, type, key, payload FROM outbox WHERE event_id = ANY(:ids)")


class EventIdTaken(ZhidaError):
    """Two different events want the id {event_id} ({type_name}, key {key}). Give `step`, which tells them apart."""

    zh = "两个不同的事件使用同一编号 {event_id}（{type_name}，键 {key}）。请用 step 区分。"


@dataclass(frozen=True)
class Row:
    """One outbox row to be: a message with the columns that people search by."""

    event_id: str
    topic: str
    key: bytes | None
    type: str | None
    payload: bytes | None
    headers: Headers
    correlation_id: str | None
    causation_id: str | None
    occurred_at: datetime


def emit(session: Session, event: Event, *, source: str, cause: Cause, clock: Clock, step: str = "") -> str:
    """Tell `event` when, and only when, the caller's transaction commits. Gives the event's id.

    The id is derived from the causing event, the type, the key and `step`, so that doing it again tells it once; a
    cause that is no event gives a fresh id. Raises EventTooLarge; EventIdTaken when a different event has the id.
    """
    return emit_all(session, [event], source=source, cause=cause, clock=clock, step=step)[0]


def emit_all(
    session: Session,
    events: Iterable[Event],
    *,
    source: str,
    cause: Cause,
    clock: Clock,
    step: str | Callable[[Event], str] = "",
) -> list[str]:
    """`emit` for many, in their order, by one INSERT; `step` may depend on the event."""
    at = clock.now()
    rows = []
    for event in events:
        event_id = _event_id(event, cause, step if isinstance(step, str) else step(event))
        rows.append(_row(Envelope(event_id, source, at, cause.correlation_id, cause.event_id, event)))
    if rows:
        write(session, rows)
    return [row.event_id for row in rows]


def _event_id(event: Event, cause: Cause, step: str) -> str:
    if cause.event_id is None:
        return new_id()
    return derive_id(cause.event_id, event.type_name(), event.key, step)


def _row(envelope: Envelope) -> Row:
    headers, payload = encode(envelope)
    event = envelope.event
    return Row(
        event_id=envelope.id,
        topic=event.topic,
        key=event.key.encode(),
        type=event.type_name(),
        payload=payload,
        headers=headers,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        occurred_at=envelope.time,
    )


def write(session: Session, rows: Sequence[Row]) -> None:
    """Insert rows in their order and notify at commit; a row that is there already stays as it is.

    Raises EventIdTaken when the one that is there says something else.
    """
    columns: dict[str, Any] = {
        name: [getattr(row, name) for row in rows] for name in Row.__dataclass_fields__
    }
    columns["headers"] = [json.dumps(store_headers(row.headers)) for row in rows]
    columns["channel"] = CHANNEL
    written = {event_id for event_id, _ in session.connection().execute(_INSERT, columns)}
    _require_same(session, rows, written)


def _require_same(session: Session, rows: Sequence[Row], written: set[str]) -> None:
    """Rows that were not written, or stand twice in `rows`, must be the same event done again."""
    if len(written) == len(rows):
        return
    stored = session.connection().execute(_STORED, {"ids": [row.event_id for row in rows]})
    found = {row.event_id: row for row in stored}
    for row in rows:
        same = found[row.event_id]
        if (same.type, same.key, same.payload) != (row.type, row.key, row.payload):
            key = (row.key or b"").decode(errors="replace")
            raise EventIdTaken(event_id=row.event_id, type_name=row.type, key=key)
