"""Knows what the proof of a bound consists of; proves and checks nothing (`certificate_format` writes and reads it).

A proof is prices: what a worker of each group is worth, a unit of each cut, and what a scarce coach owes beyond its price, all in whole
millionths of a fen. They hold if no coach, on any way and with anybody in it, is worth more than it costs; then no plan can cost less
than what carrying everybody is worth. A proof may part all plans in two by a count that comes to so many or to more, and prove each part:
then the lower of the two bounds is proven. `checker` says what it comes to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DEPTH_MAX = 60
"""Splits above a set of prices, at most."""


@dataclass(frozen=True)
class Count:
    """Coaches that call at one of the `stops` at least, and at one of the `gates`, on one of the `days` (empty: any), each counting by the
    weight of its type; a type without a weight counts nothing."""

    coaches: Mapping[str, int]
    stops: tuple[str, ...]
    gates: tuple[str, ...]
    days: tuple[int, ...]


@dataclass(frozen=True)
class CutPrice:
    """What a unit of the count is worth. It comes at least to what the cheapest whole fleet does that seats all whom only coaches can
    carry that are counted."""

    count: Count
    worth: int


@dataclass(frozen=True)
class Due:
    """What each coach of a type owes on a day of which there is a limited number."""

    coach: str
    day: int
    owed: int


@dataclass(frozen=True)
class Prices:
    """Prices by the problem's names; who is not named is worth nothing. `splits[i]` goes with the i-th split above these prices: what a
    unit of its count is worth where it comes to more, and owes where it comes to at most so many."""

    workers: Mapping[str, int]
    cuts: tuple[CutPrice, ...]
    splits: tuple[int, ...]
    dues: tuple[Due, ...]


@dataclass(frozen=True)
class Split:
    """Of plans in which the count comes to `at_most` speaks `below`, of those in which it comes to more, `above`."""

    count: Count
    at_most: int
    below: "Certificate"
    above: "Certificate"


Certificate = Prices | Split
