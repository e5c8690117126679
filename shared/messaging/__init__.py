"""How a fact gets from one service to another, and never twice: outbox, two buses, inbox, dead letters.

Knows delivery; refuses to know what a fact means, which service it serves, and how numbers are scraped.
"""

from shared.messaging.backoff import keep_at
from shared.messaging.bus import Bus, make_bus
from shared.messaging.consumer import Consumer, Reaction, Reactions
from shared.messaging.effects import InRuns
from shared.messaging.envelope import Cause
from shared.messaging.observer import Observer
from shared.messaging.outbox import emit, emit_all
from shared.messaging.poison import InvalidMessage
from shared.messaging.relay import Relay

__all__ = [
    "Bus",
    "Cause",
    "Consumer",
    "InRuns",
    "InvalidMessage",
    "Observer",
    "Reaction",
    "Reactions",
    "Relay",
    "emit",
    "emit_all",
    "keep_at",
    "make_bus",
]
