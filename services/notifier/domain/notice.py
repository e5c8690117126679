"""Knows who is to be told what of a trip, and when something has changed that matters to them.

Refuses to know how a message travels, and who a worker is: a recipient is a request, a carrier or an enterprise.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.notifier.domain.facts import Facts, carrier_facts, enterprise_facts, worker_facts
from services.notifier.domain.trip import Trip
from shared.kernel.ids import derive_id


class Audience(StrEnum):
    """The kinds of recipient."""

    WORKER = "worker"
    CARRIER = "carrier"
    ENTERPRISE = "enterprise"


class Medium(StrEnum):
    """How a notice travels."""

    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"


class Kind(StrEnum):
    """What a notice says: the first word on a trip, a change to it, or that it does not take place."""

    FIRST = "first"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class State(StrEnum):
    """What became of a notice. Superseded: something newer was to be told before this one had arrived."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, order=True)
class Recipient:
    """To whom and by which medium; `ref` is a request id, a carrier id or an enterprise id."""

    audience: Audience
    ref: str
    medium: Medium


@dataclass(frozen=True)
class Told:
    """The last notice to a recipient on a trip.

    `perhaps_known`: they have heard, or may have heard, of the trip, by this notice or by one that it replaced.
    """

    notice_id: str
    kind: Kind
    facts: Facts
    state: State
    perhaps_known: bool


@dataclass(frozen=True)
class NewNotice:
    """A notice to be stored. `known_before`: its recipient may have heard of the trip already."""

    notice_id: str
    recipient: Recipient
    kind: Kind
    facts: Facts
    known_before: bool


@dataclass(frozen=True)
class Telling:
    """What follows from a trip's new state: notices to store, and earlier ones that must not go out any more."""

    notices: tuple[NewNotice, ...]
    superseded: tuple[str, ...]


def to_tell(
    trip: Trip | None, trip_id: str, told: Mapping[Recipient, Told], subscribed: Iterable[str]
) -> Telling:
    """What must be told of a trip, given what was told before; `trip` None means that it does not run.

    `subscribed` are the organisations that also take webhooks. A recipient hears again only when the facts
    that matter to them have changed, so the same state told twice makes no second notice.
    """
    wanted = {} if trip is None else _wanted(trip, set(subscribed))
    notices, superseded = [], []
    for recipient in sorted({*wanted, *told}):
        before, facts = told.get(recipient), wanted.get(recipient)
        notice = _next_notice(trip_id, recipient, before, facts)
        if before and before.state is State.PENDING and (notice or (facts is None and _is_live(before))):
            superseded.append(before.notice_id)
        if notice:
            notices.append(notice)
    return Telling(tuple(notices), tuple(superseded))


def _next_notice(
    trip_id: str, recipient: Recipient, before: Told | None, facts: Facts | None
) -> NewNotice | None:
    live = before if before and _is_live(before) else None
    if facts is None:
        if live is None or not live.perhaps_known:
            return None
        return _new(trip_id, recipient, Kind.CANCELLED, live.facts, before)
    if live is None:
        return _new(trip_id, recipient, Kind.FIRST, facts, before)
    if live.facts == facts:
        return None
    kind = Kind.CHANGED if live.perhaps_known else Kind.FIRST
    return _new(trip_id, recipient, kind, facts, before)


def _is_live(told: Told) -> bool:
    """Whether the recipient still counts on the trip, as far as they were told."""
    return told.kind is not Kind.CANCELLED


def _new(trip_id: str, recipient: Recipient, kind: Kind, facts: Facts, before: Told | None) -> NewNotice:
    """The id follows from what is said after what: the same step done again makes the same notice."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    after = before.notice_id if before else ""
    steps = (recipient.audience, recipient.ref, recipient.medium, kind, digest, after)
    known_before = before is not None and before.perhaps_known
    return NewNotice(derive_id(trip_id, *steps), recipient, kind, facts, known_before)


def _wanted(trip: Trip, subscribed: set[str]) -> dict[Recipient, Facts]:
    """Everybody who counts on this trip, with the facts that matter to them."""
    wanted: dict[Recipient, Facts] = {
        Recipient(Audience.WORKER, seat.request_id, Medium.SMS): worker_facts(trip, seat)
        for seat in trip.seats
    }
    organisations: list[tuple[Audience, str, Facts]] = [
        (Audience.CARRIER, trip.carrier_id, carrier_facts(trip)),
        *((Audience.ENTERPRISE, ref, enterprise_facts(trip, ref)) for ref in trip.enterprises()),
    ]
    for audience, ref, facts in organisations:
        wanted[Recipient(audience, ref, Medium.EMAIL)] = facts
        if ref in subscribed:
            wanted[Recipient(audience, ref, Medium.WEBHOOK)] = facts
    return wanted
