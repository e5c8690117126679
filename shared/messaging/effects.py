"""What messages do: each new event's reaction, in order, in the caller's transaction; knows no bus."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from sqlmodel import Session

from shared.events import Event
from shared.logs import correlation
from shared.messaging.envelope import Cause, Envelope, decode
from shared.messaging.message import Message

log = logging.getLogger(__name__)
Reaction = Callable[[Session, Event, Cause], None]
"""The effect of one event, in the consumer's transaction. Raises InvalidMessage for an event that no repetition
mends, Unavailable for one that may do later; anything else ends the process."""
Reactions = Mapping[type[Event], Reaction]


@dataclass(frozen=True)
class InRuns:
    """A reaction that takes in together, and in their order, events of its type that follow one another: for what
    comes by the thousand. When one of them is invalid, the consumer takes them in again one by one."""

    take: Callable[[Session, Sequence[tuple[Event, Cause]]], None]

    def __call__(self, session: Session, event: Event, cause: Cause) -> None:
        self.take(session, [(event, cause)])


class Guard(Protocol):
    """Which events are new; `inbox.Inbox` outside of the tests that show what happens without."""

    def admit(self, session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]: ...


@dataclass
class Taken:
    """The types of the events that took effect, and of those that had done so before."""

    consumed: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)


def take_in(
    session: Session, consumer: str, reactions: Reactions, guard: Guard, messages: Sequence[Message]
) -> Taken:
    """Run the reaction of every event that is new, in order. An event without a reaction here is passed over.

    Raises InvalidMessage for the first message that cannot be used; the transaction is then to be rolled back.
    """
    envelopes = [envelope for envelope in map(decode, messages) if type(envelope.event) in reactions]
    new = guard.admit(session, consumer, [envelope.id for envelope in envelopes])
    taken = Taken()
    fresh = []
    for envelope in envelopes:
        if envelope.id in new:
            new.remove(envelope.id)
            fresh.append(envelope)
            taken.consumed.append(envelope.event.type_name())
        else:
            taken.duplicates.append(envelope.event.type_name())
    for model, run in groupby(fresh, key=lambda envelope: type(envelope.event)):
        _react(session, reactions[model], list(run))
    _log(consumer, envelopes)
    return taken


def _log(consumer: str, envelopes: Sequence[Envelope]) -> None:
    """One line for each type in a chain, so that it can be followed from service to service."""
    told = Counter((envelope.correlation_id, envelope.event.type_name()) for envelope in envelopes)
    for (chain, type_name), events in told.items():
        with correlation(chain):
            log.info("%s takes in %d events %s", consumer, events, type_name)


def _react(session: Session, reaction: Reaction, run: Sequence[Envelope]) -> None:
    if isinstance(reaction, InRuns):
        reaction.take(session, [(envelope.event, envelope.cause) for envelope in run])
        return
    for envelope in run:
        with correlation(envelope.correlation_id):
            reaction(session, envelope.event, envelope.cause)
