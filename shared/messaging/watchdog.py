"""Notices a consumer that has stopped getting anywhere although something waits; knows no messages."""

import threading
import time

from shared.kernel.errors import ZhidaError

STALL_S = 120.0


class Stalled(ZhidaError):
    """{consumer} has taken in nothing for {seconds} s although {lag} messages wait. The process is to be restarted."""

    zh = "{consumer} 已有 {seconds} 秒没有进展，而仍有 {lag} 条消息等待。请重启进程。"


class Watchdog:
    """Fed by the consumer's thread, looked at by another; time is the machine's monotonic clock."""

    def __init__(self, consumer: str, stall_s: float) -> None:
        self._consumer, self._stall_s = consumer, stall_s
        self._lock = threading.Lock()
        self._fed = time.monotonic()

    def feed(self) -> None:
        """There is progress, or a good reason why there is none."""
        with self._lock:
            self._fed = time.monotonic()

    def look(self, lag: int) -> None:
        """Raises Stalled when `lag` messages wait and it was not fed for its time."""
        if lag == 0:
            self.feed()
        with self._lock:
            hungry_s = time.monotonic() - self._fed
        if hungry_s > self._stall_s:
            raise Stalled(consumer=self._consumer, seconds=round(hungry_s), lag=lag)
