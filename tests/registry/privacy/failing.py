"""Messages that a consumer cannot use, through the consumer's own loop, so that they end where such messages end."""

import threading
from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from shared.events import Event, RequestSubmitted
from shared.messaging import Cause
from shared.messaging.bus import Bus
from shared.messaging.consumer import Consumer
from shared.messaging.message import Message, load_headers
from shared.messaging.poison import InvalidMessage
from tests.registry.conftest import Registry


class NotOurs(InvalidMessage):
    """The request of {key} is not known here."""

    zh = "此处没有 {key} 的需求。"


def fail(registry: Registry, messages: Sequence[Message]) -> None:
    """A consumer takes in these messages, of which none is of use to it, and has read to the end."""
    stop = threading.Event()
    bus = cast(Bus, _Handed(messages, stop))
    Consumer("dispatcher", registry.parts.database, bus, {RequestSubmitted: _refuse}, registry.clock).run(
        stop
    )


def spoilt(registry: Registry, count: int) -> list[Message]:
    """What the registry has told of so many requests: whole, cut in the middle, of another release, with a field too many."""
    rows = registry.sql(
        "SELECT seq, topic, key, payload, headers FROM outbox WHERE type = :type ORDER BY seq LIMIT :count",
        type=RequestSubmitted.type_name(),
        count=count,
    )
    made = []
    for seq, topic, key, value, headers in rows:
        told = Message(topic, "registry", seq * 10, bytes(key), bytes(value), load_headers(headers))
        newer = [
            (name, b"zhida.RequestSubmitted.v99" if name == "ce_type" else text)
            for name, text in told.headers
        ]
        made += [
            told,
            _other(told, 1, value=bytes(value)[: len(value) // 2]),
            _other(told, 2, headers=tuple(newer)),
            _other(told, 3, value=(told.value or b"")[:-1] + b',"odd":1}'),
        ]
    return made


def _other(
    told: Message, more: int, *, value: bytes | None = None, headers: tuple[tuple[str, bytes], ...] = ()
) -> Message:
    return Message(
        told.topic, told.partition, told.offset + more, told.key, value or told.value, headers or told.headers
    )


def _refuse(_session: Session, event: Event, _cause: Cause) -> None:
    raise NotOurs(key=event.key)


class _Handed:
    """A bus that has these messages and no more; who has read them all is stopped."""

    def __init__(self, messages: Sequence[Message], stop: threading.Event) -> None:
        self._left, self._stop = tuple(messages), stop

    def subscribe(self, *_: object) -> "_Handed":
        return self

    def poll(self, _timeout_s: float) -> Sequence[Message]:
        batch, self._left = self._left, ()
        if not batch:
            self._stop.set()
        return batch

    def lags(self, *_: object) -> dict[tuple[str, str], int]:
        return {}

    def places(self) -> frozenset[tuple[str, str]]:
        return frozenset()

    def settle(self, *_: object) -> None: ...

    def acknowledge(self) -> None: ...

    def recover(self) -> None: ...

    def close(self) -> None: ...
