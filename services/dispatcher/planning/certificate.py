"""Knows what the proof of a bound consists of; proves and checks nothing (`plan_format` writes and reads it).

A certificate is prices: what a worker of each group is worth, a visit of each stop and gate, a unit of each cut on the fleet, and what
a scarce coach owes beyond its price, all in whole thousandths of a fen. It holds if no coach, on any way and with anybody in it, is
worth more than it costs; then no plan can cost less than what carrying everybody is worth. `checker` says what that comes to.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CutPrice:
    """A unit of a cut's worth; each coach counts by the weight of its type, and the fleet must come to as much as the cheapest
    whole fleet that seats everybody does."""

    weights: Mapping[str, int]
    worth: int


@dataclass(frozen=True)
class Due:
    """What each coach of a type owes on a day of which there is a limited number."""

    coach: str
    day: int
    owed: int


@dataclass(frozen=True)
class Certificate:
    """The prices, by the problem's names; who is not named is worth nothing."""

    workers: Mapping[str, int]
    stops: Mapping[str, int]
    gates: Mapping[str, int]
    cuts: tuple[CutPrice, ...]
    dues: tuple[Due, ...]
