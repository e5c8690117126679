"""Forms what a round plans together: each pool's families by stop and gate, and who cannot be planned at all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.dispatcher.domain.demand import (
    PRIORITY_CATEGORIES,
    Unserved,
    family_apart,
    family_incomplete,
)
from services.dispatcher.store.tables import DemandRow


@dataclass(frozen=True)
class Family:
    """Requests that ride on one coach: from one stop to one gate."""

    request_ids: tuple[str, ...]
    stop_code: str
    gate_id: str
    priority: int
    """0: a poor worker on the last day, 1: somebody's last day, 2: a poor worker who may wait, 3: may wait."""


@dataclass(frozen=True)
class PoolDemand:
    """A pool's families, in the order of their first requests."""

    pool_id: str
    families: tuple[Family, ...]

    @property
    def workers(self) -> int:
        return sum(len(family.request_ids) for family in self.families)


def form_pools(
    rows: Sequence[DemandRow], ready: Mapping[str, int], is_last_day: Iterable[str]
) -> tuple[list[PoolDemand], list[tuple[DemandRow, Unserved]]]:
    """The pools, largest first, and the requests that no coach could be chosen for, each with its reason.

    `ready` is how many of each family are here or need no coach any more; `is_last_day` are the requests whose
    window ends on the round's day: they come first where coaches are short.
    """
    last = set(is_last_day)
    members: dict[str, list[DemandRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.request_id):
        members[row.party_id].append(row)
    pools: dict[str, list[Family]] = defaultdict(list)
    unserved: list[tuple[DemandRow, Unserved]] = []
    for party_id, family in members.items():
        reason = _why_not(family, ready.get(party_id, len(family)))
        if reason is not None:
            unserved += [(row, reason) for row in family]
            continue
        first = family[0]
        pools[first.pool_id or ""].append(
            Family(
                tuple(row.request_id for row in family),
                first.stop_code,
                first.gate_id,
                _priority(family, any(row.request_id in last for row in family)),
            )
        )
    formed = [PoolDemand(pool_id, tuple(families)) for pool_id, families in pools.items()]
    return sorted(formed, key=lambda pool: (-pool.workers, pool.pool_id)), unserved


def _why_not(family: Sequence[DemandRow], ready: int) -> Unserved | None:
    stops, gates = {row.stop_code for row in family}, {row.gate_id for row in family}
    if len(stops) > 1 or len(gates) > 1:
        return family_apart(len(stops), len(gates))
    size = max(row.party_size for row in family)
    return family_incomplete(size, ready) if ready < size else None


def _priority(family: Sequence[DemandRow], last_day: bool) -> int:
    poor = any(row.category in PRIORITY_CATEGORIES for row in family)
    return (0 if last_day else 2) + (0 if poor else 1)
