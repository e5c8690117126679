"""Waiting for something to become true, with an end to patience."""

import threading
import time
from collections.abc import Callable

PATIENCE_S = 90.0
"""How long a test waits for what will come, an answer or a state: far more than it takes, also on a machine at work."""
_PAUSE_MIN_S, _PAUSE_MAX_S = 0.02, 0.1


def wait_until(is_true: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Ask again and again, ever more slowly, until `is_true()`; AssertionError naming `what` when `patience_s` has passed."""
    deadline, pause_s, pause = time.monotonic() + patience_s, _PAUSE_MIN_S, threading.Event()
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s:.0f} s in vain: {what}")
        pause.wait(pause_s)
        pause_s = min(_PAUSE_MAX_S, pause_s * 1.5)
