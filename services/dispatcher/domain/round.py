"""Knows the states of a planning round and which may follow which; plans nothing."""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.errors import Conflict


class RoundState(StrEnum):
    REQUESTED = "requested"
    PLANNING = "planning"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    FAILED = "failed"


_FOLLOWS = MappingProxyType(
    {
        RoundState.REQUESTED: {RoundState.PLANNING, RoundState.FAILED},
        RoundState.PLANNING: {RoundState.PROPOSED, RoundState.FAILED},
        RoundState.PROPOSED: {RoundState.APPROVED, RoundState.REJECTED},
    }
)

UNPLANNED = (RoundState.REQUESTED, RoundState.PLANNING)
"""A round in one of these waits for its plan, or was left in the middle of it."""

OPEN = (*UNPLANNED, RoundState.PROPOSED)
"""A round in one of these holds its demand: no other round may take it."""


class RoundNotReady(Conflict):
    """Round {round_id} is {state}, so it cannot become {wanted}. Look at its page for what it waits for."""

    zh = "本轮 {round_id} 的状态为 {state}，不能变为 {wanted}。请查看本轮页面。"


def follow(round_id: str, state: str, wanted: RoundState) -> str:
    """`wanted`, where it may follow `state`. Raises RoundNotReady."""
    if wanted not in _FOLLOWS.get(RoundState(state), set()):
        raise RoundNotReady(round_id=round_id, state=state, wanted=wanted)
    return wanted.value


def measure_gap(cost_fen: int, bound_fen: int | None) -> float | None:
    """How far from the best a cost can be at most, as a part of the bound; None where nothing is proven, or only that it is not below 0."""
    if cost_fen == bound_fen:
        return 0.0  # also of a plan that carries nobody, since nobody can be carried
    return (cost_fen - bound_fen) / bound_fen if bound_fen else None


def sum_bounds(bounds_fen: Iterable[int | None]) -> int | None:
    """What nothing can cost less than that is made up of parts with these bounds; None where one of them is not proven."""
    total = 0
    for bound_fen in bounds_fen:
        if bound_fen is None:
            return None
        total += bound_fen
    return total
