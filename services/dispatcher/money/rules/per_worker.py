"""Divides what each account bears of a trip among the workers for whom it bears it; knows no claim and no name.

A bill is made of parts: what a payer owes a claimant by a provision, and what an enterprise or the workers bear themselves
under it. Each part goes by heads to the workers that it was made for: what is due to those who arrived, what is held to those
in dispute. An odd fen goes to the first by id, so that all workers' parts of an account sum to what it bears. A cut takes
from the workers whom it is about, and only what they do not have from the claimant's others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.dispatcher.money.rules.policy import Claimant, JointCharter, Policy
from services.dispatcher.money.rules.subsidy import (
    Cut,
    Heads,
    Parties,
    Run,
    is_certain,
    owe,
    private_parts,
    provision_of,
)
from shared.kernel.money import share


@dataclass(frozen=True)
class Borne:
    """One account's part for one worker, in fen: due, and held for a dispute."""

    account: str
    due_fen: int
    held_fen: int


@dataclass(frozen=True)
class Hit:
    """A cut, and the workers whom it is about."""

    cut: Cut
    request_ids: frozenset[str]


def divide(
    policy: Policy, run: Run, workers: Mapping[str, Heads], parties: Parties, hits: Sequence[Hit]
) -> dict[str, list[Borne]]:
    """Request id -> what each account bears for the worker; `workers`: request id -> heads of one. All parts of an account sum
    to its line in `cut(bear(...))`. Raises ValueError for a trip without workers."""
    parts = _Parts(policy, workers, parties)
    parts.lay(run)
    for hit in hits:
        parts.cut(hit)
    return parts.list_all()


class _Parts:
    """The parts of one trip's workers as they come about."""

    def __init__(self, policy: Policy, workers: Mapping[str, Heads], parties: Parties) -> None:
        self.policy, self.workers, self.parties = policy, dict(sorted(workers.items())), parties
        self.places = {one: provision_of(policy, heads) for one, heads in self.workers.items()}
        self.due: dict[str, dict[str, int]] = {one: defaultdict(int) for one in self.workers}
        self.held: dict[str, dict[str, int]] = {one: defaultdict(int) for one in self.workers}

    def lay(self, run: Run) -> None:
        """The parts before any cut."""
        heads = list(self.workers.values())
        certain = is_certain(self.policy, heads)
        came = any(one.came for one in heads)
        for cell in owe(self.policy, run, heads, self.parties):
            mine = self._under(cell.provision, cell.claimant if self._by_heads(cell.provision) else None)
            self._spread(self.due, cell.payer, cell.due_fen, self._arrived(mine))
            waiting = self._disputed(mine) if certain else self._came(mine)
            self._spread(self.held, cell.payer, cell.held_fen, waiting)
        for provision, account, due_fen, held_fen in private_parts(self.policy, run, heads, self.parties):
            if account == self.parties.workers_account:
                mine = self._under(provision, None)
                waiting = self._disputed(mine) if certain else self._came(mine)
                self._spread(self.due, account, due_fen, self._arrived(mine))
            else:
                mine = self._under(provision, account)
                waiting = self._disputed(mine)
                self._spread(self.due, account, due_fen, self._arrived(mine) if came else mine)
            self._spread(self.held, account, held_fen, waiting)

    def cut(self, hit: Hit) -> None:
        """Take a cut from whom it is about; an enterprise that claimed it bears it for the same workers."""
        left = hit.cut.fen
        theirs = [one for one in self.workers if self._account_of(one) == hit.cut.claimant]
        for some in ([one for one in self.workers if one in hit.request_ids], theirs, list(self.workers)):
            weights = [self.due[one][hit.cut.payer] for one in some]
            taken = share(min(left, sum(weights)), weights)
            for one, fen in zip(some, taken, strict=True):
                self.due[one][hit.cut.payer] -= fen
                if hit.cut.claimant.startswith("enterprise:"):
                    self.due[one][hit.cut.claimant] += fen
            left -= sum(taken)

    def list_all(self) -> dict[str, list[Borne]]:
        return {
            one: [
                Borne(account, self.due[one][account], self.held[one][account])
                for account in sorted(self.due[one].keys() | self.held[one].keys())
                if self.due[one][account] or self.held[one][account]
            ]
            for one in self.workers
        }

    def _by_heads(self, provision: int) -> bool:
        """Whether each enterprise claims for its own workers."""
        claimant = self.policy.provisions[provision].claimant
        return claimant is Claimant.ENTERPRISE and self.policy.joint_charter is JointCharter.BY_HEADS

    def _account_of(self, one: str) -> str:
        return self.parties.enterprise_account(self.workers[one].enterprise_id)

    def _under(self, provision: int, account: str | None) -> list[str]:
        """Who comes under a provision, of one enterprise where one is given."""
        return [
            one
            for one, place in self.places.items()
            if place == provision and account in (None, self._account_of(one))
        ]

    def _arrived(self, some: Iterable[str]) -> list[str]:
        return [one for one in some if self.workers[one].arrived]

    def _disputed(self, some: Iterable[str]) -> list[str]:
        return [one for one in some if self.workers[one].disputed]

    def _came(self, some: Iterable[str]) -> list[str]:
        return [one for one in some if self.workers[one].came]

    def _spread(self, into: dict[str, dict[str, int]], account: str, fen: int, some: Sequence[str]) -> None:
        for one, part in zip(some, share(fen, [1] * len(some)), strict=True):
            into[one][account] += part
