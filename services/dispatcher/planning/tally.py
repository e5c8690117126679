"""Knows what a cut or a branch counts: coaches by type, of those that call at some stops and gates on some days; proves nothing."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from services.dispatcher.planning.network import Ints, Network


@dataclass(frozen=True)
class Tally:
    """Coaches that call at one or more of `stops` and at one or more of `gates` on one of `days` (empty: any whatever), each counting by
    the weight of its type. All as numbered by the network."""

    weights: tuple[int, ...]
    stops: tuple[int, ...] = ()
    gates: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    def of(self, coach: int, day: int, stops: Collection[int], gates: Collection[int]) -> int:
        """What one coach counts."""
        if self.days and day not in self.days:
            return 0
        if (self.stops and not any(s in stops for s in self.stops)) or (
            self.gates and not any(g in gates for g in self.gates)
        ):
            return 0
        return self.weights[coach]

    def bound_to(self, network: Network) -> Ints:
        """The groups that no coach can carry without being counted."""
        bound = np.ones(len(network.demand), np.bool_)
        if self.stops:
            bound &= np.isin(network.group_stop, self.stops)
        if self.gates:
            bound &= np.isin(network.group_gate, self.gates)
        if self.days:
            others = [day for day in range(network.may.shape[1]) if day not in self.days]
            bound &= ~network.may[:, others].any(axis=1)
        return np.flatnonzero(bound)


@dataclass(frozen=True)
class Branch:
    """One side of a choice that every whole plan makes: the tally comes to `at_most`, or (`above`) to more."""

    tally: Tally
    at_most: int
    above: bool
