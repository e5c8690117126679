"""`zhida serve` with the inbox switched off: every event that is delivered counts as new, however often it comes.

`python -m tests.faults.without_inbox SERVICE`; run by the test of the test, never imported.
"""

import sys
from collections.abc import Sequence

from sqlmodel import Session

from services.cli import app
from shared.messaging import consumer


class NoInbox:
    """A guard that lets everything through, and notes nothing."""

    def admit(self, _session: Session, _consumer: str, event_ids: Sequence[str]) -> set[str]:
        return set(event_ids)


if __name__ == "__main__":
    setattr(consumer, "Inbox", NoInbox)  # noqa: B010 - the services wire no other guard
    app(["serve", sys.argv[1]])
