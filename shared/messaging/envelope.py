"""CloudEvents 1.0 around an event, in the Kafka binding's binary mode: attributes are headers, the data is the value.

Binary mode, because a consumer then knows id and type before it parses anything, and a message that cannot be
parsed goes to the dead letters byte for byte as it came. Both buses carry the same bytes. Knows the wire; refuses to
know who sends or receives.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from pydantic import ValidationError

from shared.events import CATALOGUE, Event, find_model
from shared.kernel.errors import TooLarge
from shared.kernel.ids import new_id
from shared.messaging.message import Headers, Message
from shared.messaging.poison import (
    DataInvalid,
    MessageTooLarge,
    NoId,
    NotJson,
    NullValue,
    UnknownType,
    UnknownVersion,
)

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
VALUE_BYTES_MAX = 1024 * 1024
"""A pool's problem of some 250 places; half of what the broker is told to accept."""
_ID = re.compile(r"[!-~]{1,200}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # PostgreSQL's text cannot hold it
_WITHOUT_VERSION = {name.rpartition(".")[0] for name in CATALOGUE}


class EventTooLarge(TooLarge):
    """The event {type_name} {key} has {size_bytes} bytes; at most {limit_bytes} can be told. Split it."""

    zh = "事件 {type_name} {key} 有 {size_bytes} 字节，最多 {limit_bytes} 字节。请拆分。"


@dataclass(frozen=True)
class Cause:
    """Why something happens: the chain it belongs to, the event that it answers, if it is one, and the subject of whoever
    asked for it, if it was somebody. Who that was is not told with events."""

    correlation_id: str
    event_id: str | None = None
    caller: str | None = None

    @classmethod
    def fresh(cls) -> Self:
        """The beginning of a new chain: an HTTP request without a header of its own, a timer."""
        return cls(correlation_id=new_id())

    def within(self, chains: Iterable[str]) -> Self:
        """The same cause, in the chain of what it is about: where that came by several, in the chain of most of it, the
        first of them where two have as many; in its own where there is none."""
        counts = Counter(chains)
        if not counts:
            return self
        return replace(self, correlation_id=min(counts, key=lambda chain: (-counts[chain], chain)))


@dataclass(frozen=True)
class Envelope:
    """An event with its CloudEvents attributes. `source` is the service that tells it, `time` aware UTC."""

    id: str
    source: str
    time: datetime
    correlation_id: str
    causation_id: str | None
    event: Event

    @property
    def cause(self) -> Cause:
        """What follows from this event is caused by it."""
        return Cause(correlation_id=self.correlation_id, event_id=self.id)


def encode(envelope: Envelope) -> tuple[Headers, bytes]:
    """Headers and value as they go on the wire. Raises EventTooLarge."""
    event = envelope.event
    value = event.model_dump_json().encode()
    if len(value) > VALUE_BYTES_MAX:
        raise EventTooLarge(
            type_name=event.type_name(), key=event.key, size_bytes=len(value), limit_bytes=VALUE_BYTES_MAX
        )
    attributes = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": envelope.id,
        "ce_source": envelope.source,
        "ce_type": event.type_name(),
        "ce_time": envelope.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": event.key,
        "ce_correlationid": envelope.correlation_id,
        "ce_causationid": envelope.causation_id,
        "content-type": CONTENT_TYPE,
    }
    return tuple((name, text.encode()) for name, text in attributes.items() if text is not None), value


def decode(message: Message) -> Envelope:
    """The event in a message. Raises the InvalidMessage that names what is wrong.

    The key on the wire only chooses the partition; the event's own key counts. What a stranger left out that we can
    do without (time, source, correlation) is filled in.
    """
    value = _value(message)
    event_id = message.header("ce_id")
    if event_id is None or not _ID.fullmatch(event_id):
        raise NoId()
    event = _event(message, value)
    correlation_id = message.header("ce_correlationid") or ""
    causation_id = message.header("ce_causationid") or ""
    return Envelope(
        id=event_id,
        source=message.header("ce_source") or "",
        time=_instant(message.header("ce_time")),
        correlation_id=correlation_id if _ID.fullmatch(correlation_id) else event_id,
        causation_id=causation_id if _ID.fullmatch(causation_id) else None,
        event=event,
    )


def _value(message: Message) -> bytes:
    if message.value is None:
        raise NullValue()
    if len(message.value) > VALUE_BYTES_MAX:
        raise MessageTooLarge(size_bytes=len(message.value), limit_bytes=VALUE_BYTES_MAX)
    return message.value


def _event(message: Message, value: bytes) -> Event:
    type_name = message.header("ce_type") or ""
    model = find_model(type_name)
    if model is None:
        known = type_name.rpartition(".")[0] in _WITHOUT_VERSION
        raise (UnknownVersion if known else UnknownType)(type_name=type_name[:200])
    if _NUL.search(value):
        raise DataInvalid(type_name=type_name, detail="a text holds the character U+0000")
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        if found[0]["type"] == "json_invalid":
            raise NotJson(detail=found[0]["msg"]) from None
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:5])
        raise DataInvalid(type_name=type_name, detail=faults) from None


def _instant(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
