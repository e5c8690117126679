"""What a bus is to its users: where messages are read; the two kinds are `kafka` and `embedded`."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from sqlmodel import Session

from shared.database import Database
from shared.kernel.errors import ZhidaError
from shared.messaging.cleaner import Cleaner
from shared.messaging.message import Message
from shared.messaging.relay import Relay
from shared.messaging.unpublished import Backlog

BusKind = Literal["kafka", "embedded"]
Place = tuple[str, str]
"""A topic and a partition of it."""


class BatchLost(ZhidaError):
    """What was read is no longer ours: another member of {consumer} has it now."""

    zh = "所读消息已不归本进程：{consumer} 的另一成员已接手。"


class BusSettingMissing(ZhidaError):
    """The bus {kind} needs {setting}."""

    zh = "总线 {kind} 需要设置 {setting}。"


class Subscription(Protocol):
    """One consumer's reading of its topics. One thread uses it; only `places` may be called from another.

    Connects when it is first polled, and again after `recover`. Raises Unavailable or OperationalError while
    something is away.
    """

    def poll(self, timeout_s: float) -> Sequence[Message]:
        """The next messages, in order within a place; none when there are none within the time."""

    def settle(self, session: Session, last: Message) -> None:
        """In the transaction of the effects: all up to `last` is done. Raises BatchLost."""

    def acknowledge(self) -> None:
        """After the transaction: all that was polled is done. Raises BatchLost."""

    def recover(self) -> None:
        """Go back to the first message that is not done."""

    def places(self) -> frozenset[Place]:
        """What this consumer has been given to read at present."""

    def close(self) -> None:
        """Give back what is held; bounded in time, never raises for a connection that is gone."""


class Bus(Protocol):
    """A way from the services' outboxes to their consumers."""

    def subscribe(self, consumer: str, database: Database, topics: Sequence[str]) -> Subscription:
        """Read `topics` as a member of the group `consumer`, whose own database is `database`."""

    def lags(self, consumer: str, database: Database, topics: Sequence[str]) -> dict[Place, int]:
        """Messages that the group has yet to take in, by place. Callable from any thread; raises Unavailable."""

    def backlog(self, database: Database) -> Backlog:
        """What is told in `database` and not yet on the bus."""

    def relays(self, service: str, database: Database) -> list[Relay | Cleaner]:
        """The workers that bring a service's outbox to the bus, where it is not the bus itself, and keep it short."""

    def close(self) -> None:
        """Close what `lags` holds open."""


def make_bus(kind: BusKind, bootstrap: str | None, peers: Mapping[str, str], prefix: str = "") -> Bus:
    """The bus of that kind: `bootstrap` is Kafka's `host:port,...` and `prefix` stands before its topics and groups;
    `peers` maps the services whose outboxes are read on the embedded bus to their database URLs. Raises
    BusSettingMissing.
    """
    if kind == "embedded":
        from shared.messaging.embedded import EmbeddedBus

        if not peers:
            raise BusSettingMissing(kind=kind, setting="the database URLs of the other services")
        return EmbeddedBus(peers)
    from shared.messaging.kafka import KafkaBus

    if not bootstrap:
        raise BusSettingMissing(kind=kind, setting="ZHIDA_KAFKA_BOOTSTRAP")
    return KafkaBus(bootstrap, prefix=prefix)
