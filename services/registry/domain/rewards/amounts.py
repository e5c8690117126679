"""Works out to the fen what a rule pays for those who earned it; knows no worker by name and no condition."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.domain.rewards.judge import Candidate
from services.registry.domain.rewards.rule import (
    Between,
    Blocks,
    ByIncome,
    ByReach,
    Instalments,
    PerHead,
    Rule,
    Tiers,
)
from shared.kernel.money import share


@dataclass(frozen=True)
class Span:
    """The least and the most that a benefit can come to, in fen; both the same where it is certain."""

    least_fen: int
    most_fen: int


@dataclass(frozen=True)
class Before:
    """What a claimant's earlier lists, counted over the same time, have counted and paid."""

    heads: int = 0
    fen: int = 0


@dataclass(frozen=True)
class Payment:
    """What a list pays: a part for each worker, and what the earlier lists' workers bring more now that there are so many."""

    parts: list[int]
    difference_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All of it."""
        return sum(self.parts) + self.difference_fen


NOTHING = Before()


def pay(
    rule: Rule, earned: Sequence[Candidate], room_fen: int | None = None, before: Before = NOTHING
) -> Payment:
    """Fen for each candidate, in their order. Where heads are counted, all lists together come to what one list of all their
    workers would: a later one pays the difference, and nothing where the earlier ones were paid more than that already. A lump
    is divided evenly, an odd fen going to the first; where the sum is above what is due or left of the claimant's cap, each part
    is cut in proportion."""
    parts = _each(rule, earned, before)
    total = sum(parts)
    if earned and rule.counted_over is not None:
        total = max(due_fen(rule, before.heads + len(earned)) - before.fen, 0)
    if room_fen is not None:
        total = min(total, room_fen)
    if total >= sum(parts):
        return Payment(parts, total - sum(parts))
    return Payment(share(total, parts))


def due_fen(rule: Rule, heads: int) -> int:
    """What so many workers bring in all, where heads are counted."""
    if isinstance(rule.amount, Blocks):
        return lump_of(rule.amount, heads)
    return tier_of(rule.amount, heads) * heads if isinstance(rule.amount, Tiers) else 0


def whole_fen(rule: Rule, heads: int) -> int:
    """What so many workers of one claimant bring in all, who have each earned every part, up to the claimant's cap."""
    match rule.amount:
        case PerHead(fen=fen):
            whole = fen * heads
        case Instalments(parts=parts):
            whole = sum(one.fen for one in parts) * heads
        case _:
            whole = due_fen(rule, heads)
    return whole if rule.cap_claimant_fen is None else min(whole, rule.cap_claimant_fen)


def _each(rule: Rule, earned: Sequence[Candidate], before: Before) -> list[int]:
    heads = before.heads + len(earned)
    match rule.amount:
        case PerHead(fen=fen):
            return [fen] * len(earned)
        case Tiers():
            return [tier_of(rule.amount, heads)] * len(earned)
        case Blocks():
            more = max(lump_of(rule.amount, heads) - before.fen, 0)
            return share(more, [1] * len(earned)) if earned else []
        case Instalments(parts=instalments):
            fen_of = {str(one.months): one.fen for one in instalments}
            return [fen_of[one.part] for one in earned]
    return [span_of(rule, one).least_fen for one in earned]


def tier_of(amount: Tiers, heads: int) -> int:
    """The rate a head for so many."""
    return next(one.fen for one in amount.tiers if one.heads_to is None or heads <= one.heads_to)


def lump_of(amount: Blocks, heads: int) -> int:
    """What so many workers bring in all."""
    if heads < amount.first_heads:
        return 0
    further = (heads - amount.first_heads) // amount.further_heads
    return min(amount.first_fen + further * amount.further_fen, amount.cap_fen)


def span_of(rule: Rule, candidate: Candidate) -> Span:
    """What one worker's benefit comes to; by income it is one of two, for the registry keeps nobody's income."""
    match rule.amount:
        case PerHead(fen=fen, is_ceiling=is_ceiling):
            return Span(0 if is_ceiling else fen, fen)
        case ByIncome(below_fen=below, from_fen=above):
            return Span(min(below, above), max(below, above))
        case ByReach(fen=by_reach):
            if candidate.reach is None:
                return _widest(list(by_reach.values()))
            found = by_reach.get(candidate.reach, 0)
            return _widest([found])
        case Instalments(parts=parts):
            return _widest([one.fen for one in parts if str(one.months) == candidate.part])
    raise ValueError(f"{rule.key} is no benefit of a single worker")


def _widest(amounts: Sequence[int | Between]) -> Span:
    least = [one.least_fen if isinstance(one, Between) else one for one in amounts]
    most = [one.most_fen if isinstance(one, Between) else one for one in amounts]
    return Span(min(least), max(most))
