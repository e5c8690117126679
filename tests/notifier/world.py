"""A notifier to test against: real PostgreSQL, a clock that stands, a registry that is a dictionary."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from services.notifier.channels.port import Channel, Message
from services.notifier.domain.notice import Medium
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases.addressing import address_email, address_sms, address_webhook
from services.notifier.usecases.confirm_arrival import Confirmer
from services.notifier.usecases.linking import Linker
from services.notifier.usecases.notes import Notes
from services.notifier.usecases.send_due import Sender
from services.notifier.usecases.tell_trip import Teller
from shared.database import Database
from shared.directory import Contact, Origin, PersonCheck, RegistryAway
from shared.events import CATALOGUE, EnterpriseRegistered, Event, Rider, TripPublished, TripStop
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Keyring, Seal

DAY = datetime(2020, 2, 24, tzinfo=UTC)
"""Midnight UTC, 08:00 in China, of the day on which the sample's coach leaves."""
START = DAY - timedelta(hours=24)
TRIP = "T-522732-20200224-001"
CARRIER, OTHER_CARRIER = "C-QIANNAN", "C-OTHER"
FACTORY, OTHER_FACTORY = "91330523MA2B4X1K3L", "91330523MA2B4X9Z9Q"
PICKUPS = (("522732100", "三合街道"), ("522732101", "大河镇"))
GATES = (("G-1", "东门", FACTORY), ("G-2", "南门", OTHER_FACTORY))
REQUESTS = tuple(f"01HREQUEST{number:016d}" for number in range(6))
"""The first four go to FACTORY, the last two to OTHER_FACTORY."""
PEOPLE = {
    request_id: Contact(f"潘秀{name}", f"1380855{number:04d}", f"{number:03d}X")
    for number, (request_id, name) in enumerate(zip(REQUESTS, "英兰芳梅菊莲", strict=True))
}


def stops(late: timedelta = timedelta()) -> tuple[TripStop, ...]:
    """Two pickups from 08:30 and 09:10 in China, two gates the next morning."""
    at = DAY + late

    def stop(kind: Any, code: str, name: str, hours: float) -> TripStop:
        instant = at + timedelta(hours=hours)
        return TripStop(kind=kind, code=code, name=name, arrive_at=instant, depart_at=instant)

    return (
        stop("pickup", *PICKUPS[0], 0.5),
        stop("pickup", *PICKUPS[1], 1.25),
        stop("drop", *GATES[0][:2], 23),
        stop("drop", *GATES[1][:2], 24),
    )


def riders(requests: Sequence[str] = REQUESTS) -> tuple[Rider, ...]:
    return tuple(
        Rider(
            request_id=request_id,
            party_id=f"P-{number // 2}",
            stop_code=PICKUPS[number % 2][0],
            gate_id=GATES[number // 4][0],
            enterprise_id=GATES[number // 4][2],
            correlation_id=f"upload-{number % 2}",
        )
        for number, request_id in enumerate(REQUESTS)
        if request_id in requests
    )


def published(version: int = 1, **changes: Any) -> TripPublished:
    """A trip as the dispatcher tells it."""
    values: dict[str, Any] = {
        "trip_id": TRIP,
        "version": version,
        "round_id": "R-1",
        "season": "2020-spring",
        "day": DAY.date(),
        "county_code": "522732",
        "prefecture_code": "330500",
        "carrier_id": CARRIER,
        "carrier_name": "黔南客运",
        "carrier_email": "dispatch@qiannan.example",
        "coach_type": "C49",
        "seats_approved": 49,
        "seats_max": 24,
        "drivers": 2,
        "distance_m": 1_500_000,
        "cost_fen": 1_400_000,
        "subsidy_fen": 700_000,
        "stops": stops(),
        "riders": riders(),
    }
    return TripPublished(**values | changes)


def registered(enterprise_id: str = FACTORY, version: int = 1, **changes: Any) -> EnterpriseRegistered:
    values: dict[str, Any] = {
        "enterprise_id": enterprise_id,
        "version": version,
        "name": "安吉竹业有限公司" if enterprise_id == FACTORY else "递铺电子有限公司",
        "email": f"hr@{enterprise_id.lower()}.example",
        "gates": (),
    }
    return EnterpriseRegistered(**values | changes)


class FakeDirectory:
    """A registry that knows PEOPLE and can be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[tuple[str, ...], str, str]] = []

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        self.asked.append((tuple(request_ids), purpose, reader))
        if self.away:
            raise RegistryAway(reason="test")
        return {key: PEOPLE[key] for key in request_ids if key in PEOPLE}

    def check_people(
        self, request_ids: Sequence[str], day: date, purpose: str, reader: str
    ) -> dict[str, PersonCheck]:
        raise AssertionError("who is told something is not checked")

    def find_origins(self, request_ids: Sequence[str], reader: str) -> dict[str, Origin]:
        raise AssertionError("who is told something is not traced")


class FakeChannel:
    """A provider that owes one effect for each key; `next_errors` are raised before, or after, its effect."""

    def __init__(self) -> None:
        self.effects: dict[str, Message] = {}
        self.tries: list[Message] = []
        self.before: list[Exception] = []
        self.after: list[Exception] = []

    def send(self, message: Message) -> None:
        self.tries.append(message)
        if self.before:
            raise self.before.pop(0)
        self.effects.setdefault(message.idempotency_key, message)
        if self.after:
            raise self.after.pop(0)


@dataclass
class World:
    """The notifier's use cases on one database."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    keyring: Keyring = field(default_factory=lambda: Keyring.from_bytes(b"k" * 32))
    directory: FakeDirectory = field(default_factory=FakeDirectory)

    def __post_init__(self) -> None:
        self.teller = Teller(self.clock, timedelta(days=7))
        self.confirmer = Confirmer(self.clock, timedelta(hours=48), Notes(Seal(self.keyring.derive("note"))))
        self.linker = Linker(self.keyring, "http://127.0.0.1:8003")

    def tell(self, *events: Event) -> list[bool]:
        """Have the notifier hear of events, each in a transaction of its own."""
        from services.notifier.reactions import reactions
        from shared.metrics import Metrics

        metrics = Metrics("notifier")
        answers = reactions(self.teller, metrics)
        heard = []
        for event in events:
            stale = _stale(metrics, event)
            with self.database.session() as session:
                answers[type(event)](session, event, Cause(new_id(), new_id()))
            heard.append(_stale(metrics, event) == stale)
        return heard

    def sender(self, medium: Medium, channel: Channel, **changes: Any) -> Sender:
        addresses = {
            Medium.SMS: partial(address_sms, directory=self.directory),
            Medium.EMAIL: partial(address_email, database=self.database, linker=self.linker),
            Medium.WEBHOOK: partial(
                address_webhook, database=self.database, linker=self.linker, keyring=self.keyring
            ),
        }
        values: dict[str, Any] = {
            "medium": medium,
            "channel": channel,
            "address": addresses[medium],
            "database": self.database,
            "clock": self.clock,
            "batch": 100,
            "one_provider": medium is not Medium.WEBHOOK,
            "jitter": random.Random(7),
        }
        return Sender(**values | changes)

    def send_all(self, medium: Medium = Medium.SMS) -> FakeChannel:
        """Send whatever is due on one channel; gives what the provider got."""
        channel = FakeChannel()
        self.sender(medium, channel).send_due()
        return channel

    def notices(self, **wanted: Any) -> list[NoticeRow]:
        """Stored notices with these values, oldest first."""
        with self.database.session() as session:
            query = select(NoticeRow).order_by(NoticeRow.created_at, NoticeRow.notice_id)  # type: ignore[arg-type]
            rows = session.exec(query).all()
        return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]

    def events(self, kind: type[Event] | None = None) -> list[Any]:
        """What the notifier has told, in order."""
        with self.database.session() as session:
            rows = session.connection().execute(text("SELECT type, payload FROM outbox ORDER BY seq")).all()
        told = [CATALOGUE[row.type].model_validate_json(bytes(row.payload)) for row in rows]
        return [event for event in told if kind is None or type(event) is kind]

    def chains(self, kind: type[Event]) -> dict[str, str]:
        """In which chain what was told, by request, or by trip for what is about one."""
        with self.database.session() as session:
            query = text("SELECT payload, correlation_id FROM outbox WHERE type = :type")
            rows = session.connection().execute(query, {"type": kind.type_name()}).all()
        told = [(json.loads(bytes(row.payload)), row.correlation_id) for row in rows]
        return {event.get("request_id", event["trip_id"]): chain for event, chain in told}

    def scalar(self, sql: str, **values: Any) -> Any:
        with self.database.session() as session:
            return session.connection().execute(text(sql), values).scalar()

    def session(self) -> Any:
        return self.database.session()


def _stale(metrics: Any, event: Event) -> float:
    value: float = metrics.events_stale.labels(event.type_name())._value.get()
    return value
