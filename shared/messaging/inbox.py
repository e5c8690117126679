"""What a consumer has taken in already; knows event ids, nothing of events."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

_ADMIT = text("""
    INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS text[]))
    ON CONFLICT DO NOTHING RETURNING event_id
""")


class Inbox:
    """The guard against a second effect of one event."""

    def admit(self, session: Session, consumer: str, event_ids: Sequence[str]) -> set[str]:
        """Those of `event_ids` that are new, noted in the caller's transaction.

        Where another process is just taking in the same event, this waits until it has committed or given up.
        """
        ordered = sorted(
            set(event_ids)
        )  # one order for all, so that two consumers cannot lock each other out
        if not ordered:
            return set()
        new = session.connection().execute(_ADMIT, {"consumer": consumer, "ids": ordered})
        return set(new.scalars())
