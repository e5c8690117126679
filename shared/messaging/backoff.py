"""How long to wait before doing it again: longer each time, up to a limit; and a loop that does it."""

import logging
import threading
from collections.abc import Callable

from shared.database import is_transient

FIRST_S = 0.1
LIMIT_S = 5.0
"""Well below Kafka's max_poll_interval, so that a consumer that waits stays in its group."""


log = logging.getLogger(__name__)


class BackOff:
    """0.1 s, then double each time, at most 5 s. One process waits here, so no jitter is needed."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    def next_s(self) -> float:
        """Seconds to wait now."""
        now, self._next_s = self._next_s, min(LIMIT_S, self._next_s * 2)
        return now

    def reset(self) -> None:
        """It went well: begin with the shortest again."""
        self._next_s = FIRST_S


def keep_at(work: Callable[[], object], every_s: float, name: str, stop: threading.Event) -> None:
    """Do `work` every so often until `stop`; while what it needs is away, wait. Raises what waiting cannot mend."""
    back_off = BackOff()
    while not stop.is_set():
        try:
            work()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("%s waits: %s", name, error)
            stop.wait(back_off.next_s())
        else:
            back_off.reset()
            stop.wait(every_s)
