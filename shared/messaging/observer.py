"""What delivery tells whoever counts; knows no metrics library."""

from collections.abc import Mapping
from typing import Protocol


class Observer(Protocol):
    """Called from the consumer's threads after the transaction in question has committed."""

    def consumed(self, consumer: str, type_name: str) -> None:
        """An event took effect."""

    def duplicate(self, consumer: str, type_name: str) -> None:
        """An event came again and was dropped."""

    def dead(self, consumer: str, topic: str, cause: str) -> None:
        """A message of `topic` became a dead letter, for the cause of this code."""

    def retried(self, consumer: str, error: str) -> None:
        """Something was away; what the consumer did, or the measuring of its lag, is done again later."""

    def lag(self, consumer: str, messages: Mapping[str, int]) -> None:
        """So many messages of each topic wait in what this consumer has been given to read."""


class Unobserved:
    """Nobody counts."""

    def consumed(self, consumer: str, type_name: str) -> None: ...

    def duplicate(self, consumer: str, type_name: str) -> None: ...

    def dead(self, consumer: str, topic: str, cause: str) -> None: ...

    def retried(self, consumer: str, error: str) -> None: ...

    def lag(self, consumer: str, messages: Mapping[str, int]) -> None: ...
