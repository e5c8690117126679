"""Knows what came of a scenario, added up by who bears it and by county, and how two scenarios differ; plans and prices nothing anew."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.dispatcher.domain.round import measure_gap, sum_bounds
from services.dispatcher.lab.rides import Ride, price
from services.dispatcher.lab.terms import Terms
from services.dispatcher.money.rules.policy import Payer

KINDS = (*(payer.value for payer in Payer), "enterprise", "workers")
"""Who may bear a part: the levels of government, then enterprises, then the workers themselves."""


@dataclass(frozen=True)
class Proof:
    """How good a pool's plan is by the objective that it was made by. `bound_fen`: what none can cost less than, proven; or None."""

    pool: str
    workers: int
    cost_fen: int
    bound_fen: int | None


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario. `unfunded_*`: coaches for which the public pays nothing, such as those below the floor.

    `borne`: ledger account -> fen, which sum to the charters. `objective_fen` is what the coaches count by the objective; under
    the public's that is what payers pay and all of what is unfunded, which the county that organised it is taken to bear.
    `proofs`: of a scenario that was planned; one that only prices another's coaches has none.
    """

    coaches: int
    seats: int
    carried: int
    left: Mapping[str, str]
    """Request id -> the rule by which it is left behind."""
    charter_fen: int
    borne: Mapping[str, int]
    unfunded_coaches: int
    unfunded_workers: int
    unfunded_fen: int
    objective_fen: int | None
    by_county: Mapping[str, int]
    """County of origin -> workers carried."""
    proofs: tuple[Proof, ...] = ()

    @property
    def by_kind(self) -> dict[str, int]:
        """Fen by the kind of who bears them, of all kinds."""
        found = dict.fromkeys(KINDS, 0)
        for account, fen in self.borne.items():
            found[kind_of(account)] += fen
        return found

    @property
    def public_fen(self) -> int:
        """What all payers bear together."""
        return sum(fen for account, fen in self.borne.items() if account.startswith("payer:"))

    @property
    def planned_fen(self) -> int | None:
        """What the pools' plans cost by their objective; None where nothing was planned."""
        return sum(proof.cost_fen for proof in self.proofs) if self.proofs else None

    @property
    def bound_fen(self) -> int | None:
        """What no plans of these pools could cost less than; None where one of them is not proven."""
        return sum_bounds(proof.bound_fen for proof in self.proofs) if self.proofs else None

    @property
    def gap(self) -> float | None:
        """How far from the best the pools' plans can be at most, in sum."""
        return None if self.planned_fen is None else measure_gap(self.planned_fen, self.bound_fen)


def kind_of(account: str) -> str:
    """`payer:origin_county:522732:2020-spring` is `origin_county`; of others the first word."""
    kind, _, rest = account.partition(":")
    return rest.partition(":")[0] if kind == "payer" else kind


def weigh(
    rides: Sequence[Ride],
    terms: Callable[[date], Terms],
    left: Mapping[str, str],
    proofs: Sequence[Proof] = (),
) -> Outcome:
    """What the rides come to, each under the terms of its day."""
    borne, carried = Counter[str](), Counter[str]()
    charter_fen = unfunded_coaches = unfunded_workers = unfunded_fen = 0
    counted: list[int | None] = []
    for ride in rides:
        fare = price(ride, terms(ride.day))
        charter_fen += fare.charter_fen
        counted.append(fare.objective_fen)
        carried[ride.parties.county_code] += ride.workers
        for line in fare.lines:
            borne[line.account] += line.amount_fen
        if not any(line.account.startswith("payer:") for line in fare.lines):
            unfunded_coaches += 1
            unfunded_workers += ride.workers
            unfunded_fen += fare.charter_fen
    return Outcome(
        coaches=len(rides),
        seats=sum(ride.seats for ride in rides),
        carried=carried.total(),
        left=dict(left),
        charter_fen=charter_fen,
        borne=dict(borne),
        unfunded_coaches=unfunded_coaches,
        unfunded_workers=unfunded_workers,
        unfunded_fen=unfunded_fen,
        objective_fen=sum_bounds(counted),
        by_county=dict(carried),
        proofs=tuple(proofs),
    )


@dataclass(frozen=True)
class Shift:
    """One who bears a part, or a county with workers carried: how much before and after."""

    who: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """Who gains and who loses where one outcome takes another's place; the largest changes first, who has none left out."""

    payers: tuple[Shift, ...]
    enterprises: tuple[Shift, ...]
    workers: tuple[Shift, ...]
    """What workers themselves bear, by county."""
    counties: tuple[Shift, ...]
    """Workers carried, by county of origin."""
    seated: frozenset[str]
    """Requests that are carried now and were not before."""
    left: frozenset[str]
    """Requests that are left behind now and were not before."""


def proven_change(before: Outcome, after: Outcome) -> tuple[int, int] | None:
    """By how many fen at least and at most the best plans' costs by the objective differ; None unless both are proven for as many
    workers."""
    if before.planned_fen is None or before.bound_fen is None or before.carried != after.carried:
        return None
    if after.planned_fen is None or after.bound_fen is None:
        return None
    return after.bound_fen - before.planned_fen, after.planned_fen - before.bound_fen


def compare(before: Outcome, after: Outcome) -> Comparison:
    """What changes from one outcome to the other."""
    shifts = _shifts(before.borne, after.borne)
    by_kind = {
        kind: tuple(shift for shift in shifts if shift.who.partition(":")[0] == kind)
        for kind in ("payer", "enterprise", "workers")
    }
    return Comparison(
        payers=by_kind["payer"],
        enterprises=by_kind["enterprise"],
        workers=by_kind["workers"],
        counties=_shifts(before.by_county, after.by_county),
        seated=frozenset(before.left.keys() - after.left.keys()),
        left=frozenset(after.left.keys() - before.left.keys()),
    )


def _shifts(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[Shift, ...]:
    found = (Shift(who, before.get(who, 0), after.get(who, 0)) for who in before.keys() | after.keys())
    return tuple(sorted((s for s in found if s.change), key=lambda s: (-abs(s.change), s.who)))
