"""Sends what is due on one channel, and says so once; refuses to decide what is told.

A notice is held for this sender in one transaction, sent outside any, and marked in another with its event: a
crash in between sends it again under the same idempotency key, and marks and tells it once.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from services.notifier.channels.port import Channel, Message, NotNow, Undeliverable
from services.notifier.domain.notice import Audience, Kind, Medium, State
from services.notifier.domain.retry import Silences, delay
from services.notifier.store import notices, trips
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases import SOURCE
from shared.database import Database, is_transient
from shared.events import WorkerNotified
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.logs import correlation
from shared.messaging import Cause, emit_all

TOO_LATE = "too-late"
HOLD = timedelta(seconds=30)
"""How long a notice is this sender's alone. A try begins in its first half and ends within the second."""

PROVIDER = ""
"""The one server of a channel that has no other, and whoever knows its addresses."""

AWAY_S = 2.0
"""The wait while the database is away."""

_log = logging.getLogger(__name__)


Address = Callable[[Sequence[NoticeRow]], Mapping[str, Message | str]]
"""Notice id -> message, or the fault that keeps it from going out; what it leaves out is asked for again later.

Raises Unavailable where nobody can say now."""


@dataclass
class _Result:
    """What one round of sending came to: `later` were tried in vain, `unknown` have no address yet, `untouched` had no turn."""

    sent: list[NoticeRow] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    later: list[NoticeRow] = field(default_factory=list)
    unknown: list[NoticeRow] = field(default_factory=list)
    untouched: list[NoticeRow] = field(default_factory=list)


@dataclass
class Sender:
    """The worker of one channel; another channel's provider being away does not hold it up.

    `one_provider`: all messages go through the same server, so that its silence ends the round. Otherwise each
    recipient has a server of its own, has one notice in a round, and is let alone while it is silent. `jitter`
    gives numbers between 0 and 1. `reaches_nobody`: the channel only writes a log, which is said at the start.
    """

    medium: Medium
    channel: Channel
    address: Address
    database: Database
    clock: Clock
    batch: int
    one_provider: bool
    jitter: random.Random
    reaches_nobody: bool = False
    poll_s: float = 0.5

    def __post_init__(self) -> None:
        self._silences = Silences(self.jitter.random)

    @property
    def name(self) -> str:
        return f"notifier-send-{self.medium}"

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop; a batch in hand is finished. While the database is away, it waits.

        A batch that was sent and could not be marked is sent again, under the same keys, when its hold is over.
        """
        if self.reaches_nobody:
            _log.warning("%s writes %s to this log alone: they reach nobody", self.name, self.medium)
        while not stop.is_set():
            try:
                if self.send_due() == 0:
                    stop.wait(self.poll_s)
            except Exception as error:
                if not is_transient(error):
                    raise
                _log.warning("%s waits: %s", self.name, error)
                stop.wait(AWAY_S)

    def send_due(self) -> int:
        """Send one batch of what is due now; gives how many notices were sent or have failed for good."""
        now = self.clock.now()
        silent = self._silences.list_waiting(now)
        if self.one_provider and silent:
            return 0
        with self.database.session() as session:
            claimed = notices.claim_due(
                session,
                self.medium,
                now,
                now + HOLD,
                self.batch,
                one_each=not self.one_provider,
                but_for=silent,
            )
        if not claimed:
            return 0
        result = self._send([row for row, _ in claimed])
        known_before = {row.notice_id for row, handed_over in claimed if handed_over}
        self._mark(result, known_before)
        return len(result.sent) + len(result.failed)

    def _send(self, rows: Sequence[NoticeRow]) -> _Result:
        begun, result = self.clock.now(), _Result()
        result.failed = {row.notice_id: TOO_LATE for row in rows if row.expires_at <= begun}
        waiting = [row for row in rows if row.notice_id not in result.failed]
        try:
            messages = self.address(waiting)
        except Unavailable as error:
            _log.warning("%s waits: %s", self.name, error)
            self._silences.add(PROVIDER, self.clock.now())
            result.untouched = waiting
            return result
        for row in waiting:
            now = self.clock.now()
            message = messages.get(row.notice_id)
            if message is None:
                result.unknown.append(row)
            elif now - begun > HOLD / 2 or self._server(row) in self._silences.list_waiting(now):
                result.untouched.append(row)
            else:
                with correlation(row.correlation_id):
                    self._send_one(row, message, result)
        return result

    def _send_one(self, row: NoticeRow, message: Message | str, result: _Result) -> None:
        if isinstance(message, str):
            result.failed[row.notice_id] = message
            return
        try:
            self.channel.send(message)
            result.sent.append(row)
        except Unavailable as error:
            _log.warning("notice %s waits: %s", row.notice_id, error)
            result.later.append(row)
            if not isinstance(error, NotNow):
                self._silences.add(self._server(row), self.clock.now())
                return
        except Undeliverable as error:
            _log.warning("notice %s cannot be delivered: %s", row.notice_id, error)
            result.failed[row.notice_id] = error.fault
        self._silences.end(self._server(row))

    def _mark(self, result: _Result, known_before: set[str]) -> None:
        """Write down what came of it; only what is still pending, so a notice that was replaced stays replaced."""
        now = self.clock.now()
        with self.database.session() as session:
            for notice_id, fault in result.failed.items():
                notices.mark(session, [notice_id], state=State.FAILED.value, fault=fault)
            for row in result.later:
                notices.mark(session, [row.notice_id], next_at=now + self._wait(row.attempts))
            for rows, next_at in ((result.unknown, now + self._wait(1)), (result.untouched, now)):
                for row in rows:
                    untried = {"attempts": row.attempts - 1, "handed_over": row.notice_id in known_before}
                    notices.mark(session, [row.notice_id], next_at=next_at, **untried)
            ids = [row.notice_id for row in result.sent]
            marked = set(notices.mark(session, ids, state=State.SENT.value, sent_at=now, fault=None))
            told = [row for row in result.sent if row.notice_id in marked and row.audience == Audience.WORKER]
            self._emit(session, told, now)

    def _emit(self, session: Session, told: Sequence[NoticeRow], now: datetime) -> None:
        """Tell that these workers know, each by the event that their notice came from."""
        versions = trips.advance_versions(session, [(row.trip_id, row.recipient_ref) for row in told])
        for cause, rows in groupby(sorted(told, key=_cause), key=_cause):
            events = [
                WorkerNotified(
                    request_id=row.recipient_ref,
                    trip_id=row.trip_id,
                    channel=self.medium.value,
                    at=now,
                    version=versions[row.trip_id, row.recipient_ref],
                )
                for row in rows
                if row.kind != Kind.CANCELLED
            ]
            chain = Cause(cause[0], cause[1] or None)
            emit_all(session, events, source=SOURCE, cause=chain, clock=self.clock)

    def _wait(self, attempts: int) -> timedelta:
        return delay(attempts, self.jitter.random())

    def _server(self, row: NoticeRow) -> str:
        """Whose silence keeps this notice waiting."""
        return PROVIDER if self.one_provider else row.recipient_ref


def _cause(row: NoticeRow) -> tuple[str, str]:
    return row.correlation_id, row.cause_id or ""
