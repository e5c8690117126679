"""Answers one question: what does this trip cost whom? Keeps no account and knows no plan.

A vehicle's charter is divided by heads among the provisions of the policy (`domain.md` §2.1, §2.6). Each pays by its rule
on its part, up to the cap a head; the cap a vehicle cuts them in proportion; payers share by largest remainder; what
government does not bear falls on the enterprises by their heads under each provision (Rizhao's rule). An odd fen goes by
the names of who shares, never by the order in which they are told.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.dispatcher.money.rules.policy import (
    Bands,
    Claimant,
    Distance,
    FullCost,
    JointCharter,
    Payer,
    Percentage,
    Policy,
    Rule,
    ShareRatio,
)
from shared.kernel.money import share
from shared.roster import Category, OrganisingMode


@dataclass(frozen=True)
class Heads:
    """One enterprise's workers of one class on a trip: seats booked, and of them who arrived and who is in dispute."""

    enterprise_id: str
    booked: int
    arrived: int
    disputed: int = 0
    mode: str = OrganisingMode.GOV_PART_SUBSIDY
    category: str = Category.ORDINARY

    @classmethod
    def as_booked(
        cls,
        enterprise_id: str,
        booked: int,
        mode: str = OrganisingMode.GOV_PART_SUBSIDY,
        category: str = Category.ORDINARY,
    ) -> "Heads":
        """Before the trip: everyone who is booked is expected."""
        return cls(enterprise_id, booked, arrived=booked, mode=mode, category=category)

    @property
    def came(self) -> int:
        return self.arrived + self.disputed


@dataclass(frozen=True)
class Run:
    """What is known of a vehicle's run before anybody pays: its charter in fen, approved seats, day of departure."""

    charter_fen: int
    seats_approved: int
    day: date


@dataclass(frozen=True)
class Parties:
    """Who may have to pay for a trip: its season, origin county, destination prefecture and county, and carrier."""

    season: str
    county_code: str
    prefecture_code: str
    carrier_id: str
    destination_county_code: str = ""

    @property
    def distance(self) -> Distance:
        """How far apart the two ends are, by their divisions."""
        if self.destination_county_code == self.county_code:
            return Distance.SAME_COUNTY
        if self.prefecture_code[:4] == self.county_code[:4]:
            return Distance.SAME_PREFECTURE
        if self.prefecture_code[:2] == self.county_code[:2]:
            return Distance.SAME_PROVINCE
        return Distance.OTHER_PROVINCE

    def payer_account(self, payer: Payer) -> str:
        """`payer:origin_county:522732:2020-spring`."""
        codes = {
            Payer.ORIGIN_COUNTY: self.county_code,
            Payer.ORIGIN_PREFECTURE: self.county_code[:4] + "00",
            Payer.ORIGIN_PROVINCE: self.county_code[:2] + "0000",
            Payer.DESTINATION_COUNTY: self.destination_county_code,
            Payer.DESTINATION_PREFECTURE: self.prefecture_code,
        }
        return f"payer:{payer}:{codes[payer]}:{self.season}"

    def enterprise_account(self, enterprise_id: str) -> str:
        return f"enterprise:{enterprise_id}:{self.season}"

    @property
    def carrier_account(self) -> str:
        return f"carrier:{self.carrier_id}:{self.season}"

    @property
    def workers_account(self) -> str:
        """What workers themselves bear, collected by the carrier."""
        return f"workers:{self.county_code}:{self.season}"


@dataclass(frozen=True)
class Line:
    """One account's part of a trip's cost. `held_fen` waits for a dispute; `rule` names what made the line."""

    account: str
    due_fen: int
    held_fen: int
    rule: str

    @property
    def amount_fen(self) -> int:
        return self.due_fen + self.held_fen


@dataclass(frozen=True)
class Cut:
    """So many fen of a payer's part that a claim may not have: over a season's cap, refused, or clawed back. An enterprise
    that claimed it bears it itself; a carrier goes without. `reason` is the code of the check or rule."""

    payer: str
    claimant: str
    fen: int
    reason: str
    claim_id: str


@dataclass(frozen=True)
class Part:
    """What one provision pays of one vehicle, step by step in fen: its heads' part of the charter, what the rule makes of
    it, what the caps leave, and what the workers bear."""

    provision: int
    heads: int
    base_fen: int
    by_rule_fen: int
    paid_fen: int
    workers_fen: int


@dataclass(frozen=True)
class Cell:
    """What one payer owes one claimant by one provision: due, and held for a dispute."""

    provision: int
    payer: str
    claimant: str
    due_fen: int
    held_fen: int


def bear(policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties) -> tuple[Line, ...]:
    """Who bears what of one trip; due and held of all lines sum to the charter exactly.

    The parts of workers in dispute are held. Where the minimum is reached only with them, the whole subsidy is
    held. Below the minimum there is none and the enterprises bear all. Where nobody arrived, they bear it by
    the seats that they had booked. Raises ValueError for a trip on which nobody is booked.
    """
    due: dict[str, int] = defaultdict(int)
    held: dict[str, int] = defaultdict(int)
    for cell in owe(policy, run, heads, parties):
        due[cell.payer] += cell.due_fen
        held[cell.payer] += cell.held_fen
    for _, account, due_fen, held_fen in private_parts(policy, run, heads, parties):
        due[account] += due_fen
        held[account] += held_fen
    lines = (Line(account, due[account], held[account], policy.key) for account in due)
    return tuple(line for line in lines if line.amount_fen)


def cut(lines: Sequence[Line], cuts: Sequence[Cut]) -> tuple[Line, ...]:
    """The lines after the cuts: what is cut of a payer's due falls on the enterprise that claimed it, never more than is due."""
    due = {line.account: line.due_fen for line in lines}
    held = {line.account: line.held_fen for line in lines}
    rules = {line.account: line.rule for line in lines}
    for one in cuts:
        fen = min(one.fen, due.get(one.payer, 0))
        if fen:
            due[one.payer] -= fen
            if one.claimant.startswith("enterprise:"):
                due[one.claimant] = due.get(one.claimant, 0) + fen
                rules.setdefault(one.claimant, rules[one.payer])
    after = (Line(account, due[account], held.get(account, 0), rules[account]) for account in due)
    return tuple(line for line in after if line.amount_fen)


def owe(policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties) -> list[Cell]:
    """Which payer owes which claimant how much, by provision; the public part of `bear`, which sums over claimants.

    Each payer's due and held are divided among claimants by largest remainder: a claimant's part is its heads' to a fen a
    payer, due and held apart.
    """
    certain = is_certain(policy, heads)
    lead = lead_of(policy, heads)
    cells = []
    for part in public_parts(policy, run, heads, parties):
        provision = policy.provisions[part.provision]
        mine = [h for h in heads if provision_of(policy, h) == part.provision]
        arrived, disputed = sum(h.arrived for h in mine), sum(h.disputed for h in mine)
        shares = share(part.paid_fen, [payer.share for payer in provision.payers])
        for payer, fen in zip(provision.payers, shares, strict=True):
            due_fen, held_fen = share(fen, [arrived, disputed]) if certain else (0, fen)
            account = parties.payer_account(payer.payer)
            arrivals = [(h, h.arrived) for h in mine]
            dues = _by_claimant(policy, part.provision, due_fen, arrivals, lead, parties)
            weights = [(h, h.disputed if certain else h.came) for h in mine]
            helds = _by_claimant(policy, part.provision, held_fen, weights, lead, parties)
            cells += [
                Cell(part.provision, account, claimant, dues.get(claimant, 0), helds.get(claimant, 0))
                for claimant in sorted(dues | helds)
            ]
    return cells


def public_parts(policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties) -> list[Part]:
    """What each provision pays of the vehicle with everybody who arrived or is in dispute; nothing where it is not
    payable: too few, the wrong days, another destination."""
    came = [(h, h.came) for h in heads]
    eligible = _eligible(policy, came)
    if eligible < max(1, policy.min_passengers_vehicle) or not is_payable(policy, run.day, parties):
        return []
    bases = _bases(policy, run.charter_fen, came)
    covered = [p for p in sorted(bases) if p >= 0]
    rules = [
        rule_fen(policy.provisions[p].rule, bases[p], _heads_of(policy, came, p), eligible, run, parties)
        for p in covered
    ]
    riders = [_heads_of(policy, came, p) for p in covered]
    paid = _cap(policy, [public for public, _ in rules], riders)
    return [
        Part(p, count, bases[p], public, fen, workers)
        for p, count, (public, workers), fen in zip(covered, riders, rules, paid, strict=True)
    ]


def is_payable(policy: Policy, day: date, parties: Parties) -> bool:
    """Whether a trip of that day between these ends is one that the policy pays for at all."""
    in_time = policy.trips is None or policy.trips.holds(day)
    codes = (parties.destination_county_code, parties.prefecture_code)
    return in_time and (
        not policy.destinations or any(code.startswith(d) for code in codes for d in policy.destinations)
    )


def rule_fen(
    rule: Rule, base_fen: int, heads: int, eligible: int, run: Run, parties: Parties
) -> tuple[int, int]:
    """What a rule makes of a part of the charter, in fen: the public's and the workers' own. A percentage and a flat amount,
    which goes by heads to the provisions that share the vehicle, are rounded down; a ratio by largest remainder."""
    match rule:
        case Percentage():
            return base_fen * rule.rate_percent // 100, 0
        case FullCost():
            return base_fen, 0
        case ShareRatio():
            public, _, workers = share(base_fen, [rule.public, rule.enterprise, rule.workers])
            return public, workers
        case Bands():
            amounts = rule.fen.get(parties.distance)
            if amounts is None:
                return 0, 0
            if amounts == "full_cost":
                return base_fen, 0
            band = sum(run.seats_approved > most for most in rule.seats)
            return min(base_fen, amounts[band] * heads // eligible), 0


def provision_of(policy: Policy, heads: Heads) -> int:
    """The provision that these workers come under, by its place; -1 for none."""
    return policy.place_of(heads.mode, heads.category)


def _eligible(policy: Policy, counted: Sequence[tuple[Heads, int]]) -> int:
    return sum(count for heads, count in counted if provision_of(policy, heads) >= 0)


def _heads_of(policy: Policy, counted: Sequence[tuple[Heads, int]], provision: int) -> int:
    return sum(count for heads, count in counted if provision_of(policy, heads) == provision)


def _bases(policy: Policy, charter_fen: int, counted: Sequence[tuple[Heads, int]]) -> dict[int, int]:
    """The charter by heads among the provisions, -1 for those whom none is for."""
    weights: dict[int, int] = defaultdict(int)
    for heads, count in counted:
        weights[provision_of(policy, heads)] += count
    found = sorted(p for p, weight in weights.items() if weight)
    return dict(zip(found, share(charter_fen, [weights[p] for p in found]), strict=True))


def _cap(policy: Policy, amounts: Sequence[int], riders: Sequence[int]) -> list[int]:
    """Each provision's amount up to the cap a head, and all in proportion down to the cap a vehicle."""
    if policy.cap_head_fen is not None:
        amounts = [min(fen, policy.cap_head_fen * count) for fen, count in zip(amounts, riders, strict=True)]
    whole, most = sum(amounts), policy.cap_vehicle_fen
    return list(amounts) if most is None or whole <= most else share(most, amounts)


def is_certain(policy: Policy, heads: Sequence[Heads]) -> bool:
    """Whether the minimum is reached whatever becomes of the disputes."""
    arrived = _eligible(policy, [(h, h.arrived) for h in heads])
    return arrived >= max(1, policy.min_passengers_vehicle)


def lead_of(policy: Policy, heads: Sequence[Heads]) -> str:
    """The enterprise with most subsidised heads on the vehicle, the first of equals by name; nobody's where none came."""
    came: dict[str, int] = defaultdict(int)
    for h in heads:
        came[h.enterprise_id] += h.came if provision_of(policy, h) >= 0 else 0
    return max(sorted(came), key=lambda name: came[name], default="")


def _by_claimant(
    policy: Policy,
    provision: int,
    fen: int,
    weights: Sequence[tuple[Heads, int]],
    lead: str,
    parties: Parties,
) -> dict[str, int]:
    """An amount by who claims it; nothing for nothing."""
    if not fen:
        return {}
    if policy.provisions[provision].claimant is Claimant.CARRIER:
        return {parties.carrier_account: fen}
    if policy.joint_charter is JointCharter.LEAD_ENTERPRISE:
        return {parties.enterprise_account(lead): fen}
    heads: dict[str, int] = defaultdict(int)
    for who, count in weights:
        heads[who.enterprise_id] += count
    names = sorted(heads)
    parts = share(fen, [heads[name] for name in names])
    return {parties.enterprise_account(n): p for n, p in zip(names, parts, strict=True) if p}


def private_parts(
    policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties
) -> Iterator[tuple[int, str, int, int]]:
    """What enterprises and workers bear: provision (-1 for none), account, due, held. What falls on disputed heads is held, and the workers' part
    with the subsidy."""
    came = any(h.came for h in heads)
    certain = is_certain(policy, heads)
    counted = [(h, h.came if came else h.booked) for h in heads]
    parts = {part.provision: part for part in public_parts(policy, run, heads, parties)}
    for provision, base_fen in _bases(policy, run.charter_fen, counted).items():
        part = parts.get(provision)
        mine: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for h in heads:
            if provision_of(policy, h) == provision:
                mine[h.enterprise_id][0] += h.arrived if came else h.booked
                mine[h.enterprise_id][1] += h.disputed if came else 0
        names = sorted(mine)
        weights = [weight for name in names for weight in mine[name]]
        if part is not None and part.workers_fen:
            waiting = [sum(weights[::2]), sum(weights[1::2])]
            due, held = share(part.workers_fen, waiting) if certain else (0, part.workers_fen)
            yield provision, parties.workers_account, due, held
        private_fen = base_fen - (part.paid_fen + part.workers_fen if part else 0)
        shares = share(private_fen, weights)
        for i, name in enumerate(names):
            yield provision, parties.enterprise_account(name), shares[2 * i], shares[2 * i + 1]


@dataclass(frozen=True)
class VehicleRule:
    """A policy as planning can weigh it: a rate of each vehicle's charter, up to a cap in fen, from so many passengers."""

    rate_percent: int
    cap_vehicle_fen: int | None
    min_passengers: int


def vehicle_rule(policy: Policy) -> VehicleRule | None:
    """The policy as one rate for whoever rides; None where it is more than that: bands, ratios, several provisions, a floor
    of several coaches together, or only some days or destinations."""
    first = policy.provisions[0]
    alone = len(policy.provisions) == 1 and not first.modes and not first.categories
    everywhere = policy.trips is None and not policy.destinations
    each_alone = policy.cap_head_fen is None and policy.min_passengers_trip <= policy.min_passengers_vehicle
    if not (alone and everywhere and each_alone) or not isinstance(first.rule, Percentage | FullCost):
        return None
    rate = 100 if isinstance(first.rule, FullCost) else first.rule.rate_percent
    return VehicleRule(rate, policy.cap_vehicle_fen, policy.min_passengers_vehicle)
