"""Forgets what was told and taken in long ago, the same on both buses; knows ages, nothing of what they are of."""

import threading

from sqlalchemy import text

from shared.database import Database
from shared.messaging.backoff import keep_at

OUTBOX_S = 30 * 24 * 3600
"""Longer than a topic's retention (Kafka's default: 7 days), so that a lost log can be filled again; and longer than any
service may be away on the embedded bus, where the outbox is the log."""
INBOX_S = 2 * OUTBOX_S
"""Longer than an event can come again: it is told again from the outbox, and then lies on the broker."""
EVERY_S = 3600.0
ROWS = 10_000
_DELETE = """
    WITH old AS (SELECT ctid FROM {rows} < clock_timestamp() - make_interval(secs => :age_s) LIMIT :limit)
    DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM old)
"""


class Cleaner:
    """The worker that does so once an hour. `marked`: rows of the outbox go only once they are marked as published."""

    def __init__(self, service: str, database: Database, *, marked: bool) -> None:
        self.name = f"{service} cleaner"
        self._database = database
        told = "outbox WHERE published_at IS NOT NULL AND written_at" if marked else "outbox WHERE written_at"
        self._ages = {("outbox", told): OUTBOX_S, ("inbox", "inbox WHERE at"): INBOX_S}

    def run(self, stop: threading.Event) -> None:
        """Clean until told to stop; wait while the database is away."""
        keep_at(lambda: self.clean(stop), EVERY_S, self.name, stop)

    def clean(self, stop: threading.Event) -> None:
        """Delete all that is old now, some rows at a time, so that nobody waits for long."""
        for (table, rows), age_s in self._ages.items():
            delete = text(_DELETE.format(table=table, rows=rows))
            gone = ROWS
            while gone == ROWS and not stop.is_set():
                with self._database.engine.begin() as connection:
                    gone = connection.execute(delete, {"age_s": age_s, "limit": ROWS}).rowcount
