"""Knows how a fleet of coaches with so many workers of each group becomes a draft with whole parties; chooses no fleet."""

from collections import Counter, defaultdict

import numpy as np
from ortools.sat.python import cp_model

from services.dispatcher.planning.boarding import settle
from services.dispatcher.planning.draft import Draft, Loads
from services.dispatcher.planning.fleet import Fleet
from services.dispatcher.planning.network import Network

_PACKING_TIME = 0.5
"""Of the solver's own seconds, which it counts and does not measure."""


def deal(like: Draft, fleet: Fleet, network: Network) -> tuple[Draft, dict[int, int]]:
    """The fleet as a draft of the same problem: groups dealt out to its coaches in whole parties, whoever is left over boarded where there
    is room or on a coach more; and how many workers of which group were left over."""
    draft = Draft(like.problem, like.itineraries)
    everybody = {g: list(parties) for g, parties in like.waiting.items()}
    for trip in like.trips:
        for group, parties in trip.loads.items():
            everybody.setdefault(group, []).extend(parties)
    rooms = _deal_out(draft, everybody, fleet)
    if _count(draft, rooms) < min(network.workers, network.seats[fleet.coach[fleet.coach >= 0]].sum()):
        rooms = max(rooms, _pack(draft, everybody, fleet, network, rooms), key=lambda one: _count(draft, one))
    for t, loads in rooms.items():
        pickups = frozenset(draft.ends[group][0] for group in loads)
        drops = frozenset(draft.ends[group][1] for group in loads)
        itinerary = like.itineraries.find(pickups, drops)
        if itinerary is None:
            continue
        trip = draft.open_trip(int(fleet.coach[t]), int(fleet.day[t]), itinerary)
        for group, parties in loads.items():
            draft.board(trip, group, parties, itinerary)
            everybody[group] = [party for party in everybody[group] if party not in parties]
    draft.waiting = {group: parties for group, parties in everybody.items() if parties}
    left = {group: draft.heads(group, parties) for group, parties in draft.waiting.items()}
    settle(draft)
    return draft, left


def _deal_out(draft: Draft, waiting: Loads, fleet: Fleet) -> dict[int, Loads]:
    """Parties for each slot that runs with somebody, of every group as many workers as the slot carries of it or a few fewer: the largest
    first, each where the most of its group's seats are still free."""
    dealt: dict[int, Loads] = {}
    for group, parties in waiting.items():
        sizes = draft.problem.groups[group].parties
        free = {t: int(n) for t, n in enumerate(fleet.loads[:, group]) if n > 0 and fleet.coach[t] >= 0}
        for party in sorted(parties, key=lambda party: (-sizes[party], party)):
            slot = max(free, key=lambda t: (free[t], -t), default=None)
            if slot is not None and free[slot] >= sizes[party]:
                dealt.setdefault(slot, {}).setdefault(group, []).append(party)
                free[slot] -= sizes[party]
    return dict(sorted(dealt.items()))


def _count(draft: Draft, rooms: dict[int, Loads]) -> int:
    return sum(draft.heads(group, parties) for loads in rooms.values() for group, parties in loads.items())


def _pack(
    draft: Draft, waiting: Loads, fleet: Fleet, network: Network, dealt: dict[int, Loads]
) -> dict[int, Loads]:
    """Parties for each slot by whole numbers of parties of each size, so that the most workers ride, beginning from how they were `dealt`:
    parties that are dealt out one by one may shut others out."""
    model = cp_model.CpModel()
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for group, parties in waiting.items():
        for party in parties:
            alike[group, draft.heads(group, [party])].append(party)
    counts: dict[tuple[int, int, int], cp_model.IntVar] = {}
    hints = Counter(
        (group, draft.heads(group, [party]), t)
        for t, loads in dealt.items()
        for group, parties in loads.items()
        for party in parties
    )
    aboard: dict[int, list[cp_model.LinearExprT]] = defaultdict(list)
    for (group, heads), parties in alike.items():
        slots = _slots_of(network, fleet, group)
        for t in slots:
            counts[group, heads, t] = model.new_int_var(0, len(parties), "")
            model.add_hint(counts[group, heads, t], hints[group, heads, t])
            aboard[t].append(heads * counts[group, heads, t])
        model.add(sum(counts[group, heads, t] for t in slots) <= len(parties))
    for t, heads_aboard in aboard.items():
        model.add(sum(heads_aboard) <= int(network.seats[fleet.coach[t]]))
    model.maximize(sum(heads * count for (_, heads, _), count in counts.items()))
    solver = cp_model.CpSolver()
    # One worker and a limit on counted work: the same plan each time.
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # whoever called decides what Ctrl-C means
    solver.parameters.max_deterministic_time = _PACKING_TIME
    # The relaxation of seats and parties is nearly whole: with all of its rows hundreds of workers are packed in a tenth of a second.
    solver.parameters.linearization_level = 2
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}
    rooms: dict[int, Loads] = {}
    for (group, heads, t), count in counts.items():
        for _ in range(solver.value(count)):
            rooms.setdefault(t, {}).setdefault(group, []).append(alike[group, heads].pop())
    return dict(sorted(rooms.items()))


def _slots_of(network: Network, fleet: Fleet, group: int) -> list[int]:
    """Slots whose coach calls at the group's stop and gate on one of its days."""
    there = (fleet.stops == network.group_stop[group]) & (
        np.arange(fleet.stops.shape[1]) < fleet.stop_count[:, None]
    )
    then = (fleet.gates == network.group_gate[group]) & (
        np.arange(fleet.gates.shape[1]) < fleet.gate_count[:, None]
    )
    calls = there.any(axis=1) & then.any(axis=1) & (fleet.coach >= 0)
    return [int(t) for t in np.flatnonzero(calls & network.may[group, fleet.day])]
