"""Knows how to leave things to chance and yet have them sum to what was asked; refuses to know what they are."""

import random


class Quota:
    """Says yes exactly `wanted` times in `of` questions, each question as likely as any other."""

    def __init__(self, rng: random.Random, wanted: int, of: int) -> None:
        self._draw, self._wanted, self._left = rng.random, wanted, of

    def take(self) -> bool:
        """Whether the next one is among them."""
        taken = self._draw() * self._left < self._wanted
        self._left -= 1
        self._wanted -= taken
        return taken


def fill(rng: random.Random, total: int, at_most: bytearray, filled: bytearray) -> None:
    """Raise `filled` by one at a time, at random places that are below `at_most`, until it sums to `total`."""
    draw, count = rng.random, len(filled)
    left = total - sum(filled)
    if left > sum(at_most) - sum(filled):
        raise ValueError(f"{total} do not fit")
    while left > 0:
        place = int(draw() * count)
        if filled[place] < at_most[place]:
            filled[place] += 1
            left -= 1
