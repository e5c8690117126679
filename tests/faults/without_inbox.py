"""`zhida serve` with the inbox switched off: every event that is delivered counts as new, however often it comes.

`python -m tests.faults.without_inbox SERVICE`; run by the test of the test, never imported.
"""

import sys
from collections.abc import Sequence

from sqlmodel import Session

from services.cli import app
from shared.messaging import inbox


def admit_all(_inbox: inbox.Inbox, _session: Session, _consumer: str, event_ids: Sequence[str]) -> set[str]:
    """All are new, and nobody notes that they were here."""
    return set(event_ids)


if __name__ == "__main__":
    inbox.Inbox.admit = admit_all  # type: ignore[method-assign]
    app(["serve", sys.argv[1]])
