"""Waiting for something to become true, with an end to patience."""

import threading
import time
from collections.abc import Callable


def wait_until(is_true: Callable[[], object], what: str, timeout_s: float = 60, every_s: float = 0.1) -> None:
    """Ask again and again until `is_true()`; AssertionError naming `what` when `timeout_s` has passed."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain: {what}")
        pause.wait(every_s)
