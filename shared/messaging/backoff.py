"""How long to wait before doing it again: longer each time, up to a limit; knows nothing of what failed."""

FIRST_S = 0.1
LIMIT_S = 5.0
"""Well below Kafka's max_poll_interval, so that a consumer that waits stays in its group."""


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
