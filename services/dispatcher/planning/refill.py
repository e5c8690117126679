"""Knows how to better a plan by emptying a few coaches that are alike and filling them in another order.

Ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt, Dueck: Journal of Computational Physics 159, 2000)
with the steps of `boarding`, a worse plan being kept now and then while there is time. On a county's pools a
second of it is worth twice a second of the routing library (see the bench), which then works on its plan.
"""

import math
import random
from collections.abc import Callable

from services.dispatcher.planning.boarding import join_part, join_whole, open_for, settle
from services.dispatcher.planning.draft import Draft, DraftTrip
from services.dispatcher.planning.stop import Allowance

EMPTIED_MAX = 4  # coaches emptied at a time
WARMTH = 0.0015  # part of the cost by which a plan may be worse and still be gone on from, at first
STALE_ROUNDS = 300  # without a stopping rule: rounds without a better plan, after which it ends


def refill(draft: Draft, draw: random.Random, allowance: Allowance, until: float) -> Draft:
    """The best plan found until this part of the allowance is spent; at worst the draft itself."""
    best = current = draft
    best_rank = current_rank = draft.rank()
    warmth_fen = current_rank[1] * WARMTH
    stale = 0
    while best.trips and (spent := _spent(allowance, stale, until)) < 1:
        found = _refilled(current, draw)
        allowance.count()
        rank = found.rank()
        grace_fen = -warmth_fen * (1 - spent) * math.log(1 - draw.random())
        stale += 1
        if rank[0] < current_rank[0] or (
            rank[0] == current_rank[0] and rank[1] < current_rank[1] + grace_fen
        ):
            current, current_rank = found, rank
        if rank < best_rank:
            best, best_rank, stale = found, rank, 0
    return best


def _spent(allowance: Allowance, stale: int, until: float) -> float:
    return allowance.spent() / until if allowance.is_limited else stale / STALE_ROUNDS


def _refilled(draft: Draft, draw: random.Random) -> Draft:
    """A copy of the draft in which some coaches that are alike were emptied and filled again."""
    copy = draft.copy()
    for trip in _alike(copy, draw):
        copy.empty_trip(trip)
    order = draw.choice(_ORDERS)(copy, draw)
    splits = draw.random() < 0.7
    for group in order:
        while group in copy.waiting:
            if join_whole(copy, group):
                break
            if splits and draw.random() < 0.8 and join_part(copy, group):
                continue
            if not open_for(copy, group):
                break
    settle(copy)
    return copy


def _alike(draft: Draft, draw: random.Random) -> list[DraftTrip]:
    """A trip and those which share the most stops and gates with it, chance having a say."""
    one = draw.choice(draft.trips)

    def strangeness(trip: DraftTrip) -> float:
        return draw.random() * 1.5 - len(trip.pickups & one.pickups) - len(trip.drops & one.drops)

    count = draw.randint(1, min(EMPTIED_MAX, len(draft.trips)))
    return sorted(draft.trips, key=strangeness)[:count]


def _largest_first(draft: Draft, draw: random.Random) -> list[int]:
    return sorted(draft.waiting, key=lambda g: -draft.heads(g, draft.waiting[g]) * draw.uniform(0.5, 1))


def _gate_by_gate(draft: Draft, draw: random.Random) -> list[int]:
    return sorted(draft.waiting, key=lambda g: (draft.ends[g][1], draw.random()))


def _at_random(draft: Draft, draw: random.Random) -> list[int]:
    return sorted(draft.waiting, key=lambda _: draw.random())


_ORDERS: tuple[Callable[[Draft, random.Random], list[int]], ...] = (_largest_first, _gate_by_gate, _at_random)
