"""`zhida serve` that writes a book of what is delivered to it, and dwells between a commit and its acknowledgement.

`python -m tests.faults.booked [--without-inbox] SERVICE`, run by the fault tests, never imported by a service. The
book is a row for each delivery, written in the transaction of its effect: so it counts over all lives of a process
what its own counters forget. In the dwelling a kill leaves a batch committed and not acknowledged. What a killed
process held (its partitions, the relay's lease, notices on their way) falls free after 5 s instead of 10 to 30.
"""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import text
from sqlmodel import Session

from services.cli import app
from services.notifier.usecases import send_due
from shared.messaging import consumer
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import bus, clients

BOOK = """
    CREATE TABLE delivery (
        event_id text NOT NULL, took_effect boolean NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
"""
BOOKED = ("-m", "tests.faults.booked")
WITHOUT_INBOX = "--without-inbox"
DWELL_S = 1.0
HELD_S = 5
_DELIVERED = text("""
    INSERT INTO delivery (event_id, took_effect)
    SELECT event_id, event_id = ANY(CAST(:new AS text[])) FROM unnest(CAST(:ids AS text[])) AS event_id
""")


class Booked(Inbox):
    """The inbox, and a row in the book for each event that it was asked about."""

    def admit(self, session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]:
        new = self.judge(session, consumer, event_ids)
        values = {"ids": sorted(set(event_ids)), "new": list(new)}
        session.connection().execute(_DELIVERED, values)
        return new

    def judge(self, session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]:
        return super().admit(session, consumer, event_ids)


class BookedWithoutInbox(Booked):
    """The book alone: every event that is delivered counts as new, however often it comes."""

    def judge(self, session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]:
        return set(event_ids)


class DwellingSubscription(bus.KafkaSubscription):
    """Tells the broker what is done a while after it is done."""

    def acknowledge(self) -> None:
        time.sleep(DWELL_S)
        super().acknowledge()


if __name__ == "__main__":
    guard = BookedWithoutInbox if WITHOUT_INBOX in sys.argv else Booked
    setattr(consumer, "Inbox", guard)  # noqa: B010 - the services wire no other guard
    setattr(bus, "KafkaSubscription", DwellingSubscription)  # noqa: B010 - nor another subscription
    setattr(clients, "SESSION_MS", HELD_S * 1000)  # noqa: B010
    setattr(bus, "Relay", partial(bus.Relay, lease_s=HELD_S))  # noqa: B010
    setattr(send_due, "HOLD", timedelta(seconds=HELD_S))  # noqa: B010
    app(["serve", sys.argv[-1]])
