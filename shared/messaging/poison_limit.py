"""Stops a consumer that finds too much poison: then the release is bad, and not the messages."""

from collections import deque

from sqlalchemy import text
from sqlmodel import Session

from shared.kernel.errors import ZhidaError

POISON_MAX = 50
OF_LAST = 100

_RECENT = text("""
    SELECT dead FROM (
        (SELECT at, true AS dead FROM dead_letter WHERE consumer = :consumer AND replayed_at IS NULL
         ORDER BY at DESC LIMIT :limit)
        UNION ALL
        (SELECT at, false FROM inbox WHERE consumer = :consumer ORDER BY at DESC LIMIT :limit)
    ) AS recent ORDER BY at DESC LIMIT :limit
""")


class TooMuchPoison(ZhidaError):
    """{poison_max} of the last {of_last} messages of {consumer} could not be used; the next one, {coordinates}, neither
    ({cause}). It stays where it is. Deploy a release that knows these messages, then replay the dead letters."""

    zh = (
        "{consumer} 最近 {of_last} 条消息中有 {poison_max} 条无法使用，下一条 {coordinates} 仍然如此（{cause}），"
        "已停在原处。请部署能识别这些消息的版本，再重放死信。"
    )


class PoisonLimit:
    """At most POISON_MAX dead letters among the last OF_LAST messages."""

    def __init__(self) -> None:
        self._dead: deque[bool] = deque(maxlen=OF_LAST)

    def recall(self, session: Session, consumer: str) -> None:
        """Begin where the last process ended, however long ago: a restart must not grant another POISON_MAX."""
        recent = session.connection().execute(_RECENT, {"consumer": consumer, "limit": OF_LAST})
        self._dead = deque(reversed(recent.scalars().all()), maxlen=OF_LAST)

    def note_good(self, count: int) -> None:
        """So many messages were of use."""
        self._dead.extend([False] * min(count, OF_LAST))

    def note_dead(self, consumer: str, coordinates: str, cause: str) -> None:
        """One was not. Raises TooMuchPoison, before the message is given up."""
        if sum(self._dead) >= POISON_MAX:
            raise TooMuchPoison(
                poison_max=POISON_MAX,
                of_last=OF_LAST,
                consumer=consumer,
                coordinates=coordinates,
                cause=cause,
            )
        self._dead.append(True)
