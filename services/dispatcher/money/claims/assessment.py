"""Works out what a claimant may be paid for a trip, step by step, from the trip's bill; decides no claim.

What the bill owes the claimant goes by heads over those whom the checks leave, those who must wait, and those who are
refused; what other claims have already is taken off, and a season's cap cuts what is left in proportion.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.dispatcher.money.claims.checks import Flag, Severity
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, owe, public_parts
from shared.kernel.money import share, yuan


class Standing(StrEnum):
    """What a request counts as in a claim."""

    COUNTED = "counted"
    HELD = "held"
    REFUSED = "refused"


CLAWED_BACK = "clawed_back"
"""What a request stands as once its money is asked back; no assessment gives that."""


@dataclass(frozen=True)
class Working:
    """One step of the arithmetic: what it is, the figures as they are calculated, the result in fen, and the provision."""

    what: str
    formula: str
    result_fen: int
    rule: str


@dataclass(frozen=True)
class PartOf:
    """What one payer pays of a line, in fen: now, once what holds it is cleared, and never."""

    payer: str
    payable_fen: int
    held_fen: int
    refused_fen: int


@dataclass(frozen=True)
class Line:
    """One trip of a claim: heads by what they count as, what each payer pays, and how it came about."""

    trip_id: str
    standings: Mapping[str, Standing]
    parts: tuple[PartOf, ...]
    workings: tuple[Working, ...]

    @property
    def payable_fen(self) -> int:
        return sum(part.payable_fen for part in self.parts)


@dataclass(frozen=True)
class Claimed:
    """One request that is claimed for, and what its subsidy goes by."""

    request_id: str
    enterprise_id: str
    mode: str
    category: str


def stand(claimed: Iterable[str], flags: Iterable[Flag], trip_id: str) -> dict[str, Standing]:
    """What each request of a trip counts as under the flags that stand: the gravest of those that name it, or its trip."""
    found = dict.fromkeys(claimed, Standing.COUNTED)
    for flag in flags:
        standing = _STANDING.get(flag.severity)
        if standing is None or flag.trip_id not in (None, trip_id):
            continue
        named = set(found) if flag.severity is Severity.BLOCK_VEHICLE else set(flag.request_ids) & set(found)
        for request_id in named:
            if found[request_id] is not Standing.REFUSED:
                found[request_id] = standing
    return found


_STANDING = {
    Severity.BLOCK_VEHICLE: Standing.REFUSED,
    Severity.BLOCK_LINE: Standing.REFUSED,
    Severity.HOLD_LINE: Standing.HELD,
}


def assess(
    trip_id: str,
    policy: Policy,
    run: Run,
    heads: Sequence[Heads],
    parties: Parties,
    claimant: str,
    claimed: Sequence[Claimed],
    standings: Mapping[str, Standing],
    *,
    invoice_fen: int | None,
    arrived: Mapping[int, int],
    others: Mapping[str, int],
) -> Line:
    """What the claimant (an account) may have of a trip.

    `heads` and `run` as the trip was billed; an invoice below the contract lowers the charter. `claimed`: who has arrived,
    for the bill itself holds what is in dispute. `arrived`: provision -> the claimant's arrived heads, whether this claim
    asks for them or another does; `others`: payer -> what other claims of the claimant have of the trip.
    """
    if invoice_fen is not None and invoice_fen < run.charter_fen:
        run = replace(run, charter_fen=invoice_fen)
    counts: dict[int, dict[Standing, int]] = defaultdict(lambda: dict.fromkeys(Standing, 0))
    for one in claimed:
        counts[policy.place_of(one.mode, one.category)][standings[one.request_id]] += 1
    workings = explain(policy, run, heads, parties)
    amounts: dict[str, list[int]] = {}
    due: dict[str, int] = defaultdict(int)
    for cell in owe(policy, run, heads, parties):
        if cell.claimant != claimant or not cell.due_fen:
            continue
        due[cell.payer] += cell.due_fen
        if cell.provision not in counts:
            continue
        mine = counts[cell.provision]
        elsewhere = max(0, arrived.get(cell.provision, 0) - sum(mine.values()))
        parts = share(cell.due_fen, [*mine.values(), elsewhere])
        whole = amounts.setdefault(cell.payer, [0, 0, 0])
        for i, fen in enumerate(parts[:3]):
            whole[i] += fen
        workings.append(
            Working(
                f"payer:{cell.payer}",
                f"{yuan(cell.due_fen)} × {mine[Standing.COUNTED]} ÷ {sum(mine.values()) + elsewhere}",
                parts[0],
                _place(policy, cell.provision),
            )
        )
    found = []
    for payer, (payable, held, refused) in sorted(amounts.items()):
        # Roundings of several claims never sum to more than is due, nor does what is refused eat what others have.
        free = max(0, due[payer] - others.get(payer, 0))
        part = PartOf(
            payer,
            min(payable, free),
            min(held, max(0, free - payable - refused)),
            min(refused, max(0, free - payable)),
        )
        if part.payable_fen < payable:
            formula = f"min({yuan(payable)}; {yuan(due[payer])} - {yuan(others.get(payer, 0))})"
            workings.append(Working(f"payer:{payer}", formula, part.payable_fen, policy.key))
        found.append(part)
    return Line(trip_id, dict(standings), tuple(found), tuple(workings))


def explain(policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties) -> list[Working]:
    """The public part of a vehicle, step by step: the part of the charter, the rule, the caps."""
    workings = [Working("charter", yuan(run.charter_fen), run.charter_fen, policy.key)]
    came = sum(h.came for h in heads)
    for part in public_parts(policy, run, heads, parties):
        rule = policy.provisions[part.provision].rule
        place = _place(policy, part.provision)
        formula = f"{yuan(run.charter_fen)} × {part.heads} ÷ {came}"
        workings.append(Working("base", formula, part.base_fen, place))
        match rule.kind:
            case "percentage":
                formula = f"{yuan(part.base_fen)} × {rule.rate_percent}%"
            case "share_ratio":
                formula = f"{yuan(part.base_fen)} × {rule.public} : {rule.enterprise} : {rule.workers}"
            case "bands":
                formula = f"{run.seats_approved} · {parties.distance}"
            case "full_cost":
                formula = yuan(part.base_fen)
        workings.append(Working(f"rule:{rule.kind}", formula, part.by_rule_fen, place))
        caps = (policy.cap_vehicle_fen, policy.cap_head_fen and policy.cap_head_fen * part.heads)
        limits = [yuan(cap) for cap in caps if cap is not None]
        if limits:
            formula = f"min({'; '.join([yuan(part.by_rule_fen), *limits])})"
            workings.append(Working("caps", formula, part.paid_fen, policy.key))
    return workings


def cap_season(lines: Sequence[Line], cap_fen: int | None, had_fen: int, rule: str) -> list[Line]:
    """The lines cut in proportion to what the season's cap a claimant leaves after what it has had; what is cut is refused.

    Whatever the order of a claimant's claims, they sum to the cap at most.
    """
    whole = sum(line.payable_fen for line in lines)
    left = whole if cap_fen is None else max(0, cap_fen - had_fen)
    if whole <= left:
        return list(lines)
    kept = iter(share(left, [part.payable_fen for line in lines for part in line.parts]))
    cut = []
    for line in lines:
        parts = tuple(_keep(part, next(kept)) for part in line.parts)
        fen = sum(part.payable_fen for part in parts)
        formula = f"{yuan(line.payable_fen)} × ({yuan(cap_fen or 0)} - {yuan(had_fen)}) ÷ {yuan(whole)}"
        working = Working("season_cap", formula, fen, rule)
        cut.append(replace(line, parts=parts, workings=(*line.workings, working)))
    return cut


def _keep(part: PartOf, fen: int) -> PartOf:
    return replace(part, payable_fen=fen, refused_fen=part.refused_fen + part.payable_fen - fen)


def _place(policy: Policy, provision: int) -> str:
    """Where in the policy it says so: `ningbo-2023@1 provisions[0]`."""
    return f"{policy.key} provisions[{provision}]"
