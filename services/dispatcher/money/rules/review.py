"""Reads policies and tariffs as a colleague would before they come into force: what is in order, and yet hardly meant.

A remark refuses nothing; what a file may not say at all stands in the models.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product

from services.dispatcher.domain.coach import count_sellable_seats
from services.dispatcher.money.rules.dated import D
from services.dispatcher.money.rules.policy import Bands, Percentage, Policy, Provision
from services.dispatcher.money.rules.tariff import Tariff
from shared.roster import Category, OrganisingMode

COACH_SEATS = (19, 35, 39, 45, 49, 53, 55, 59)
"""Approved seats of the coaches that are about (`domain.md` §3.1)."""
CREW = 3
"""Two drivers and a cadre, as on every trip between provinces."""


@dataclass(frozen=True)
class Remark:
    """What somebody should look at before a policy or tariff comes into force, with a mend in each language."""

    key: str
    """Of the version, or the field of its file."""
    zh: str
    en: str


def review_policies(policies: Sequence[Policy]) -> list[Remark]:
    """What is odd in each policy, then between their days."""
    each = [remark for policy in policies for remark in _review(policy)]
    return [*each, *_gaps_and_overlaps(policies, [policy.id for policy in policies]), *_rivals(policies)]


def review_tariffs(tariffs: Sequence[Tariff]) -> list[Remark]:
    """What is odd between the days of each coach type's prices."""
    return list(_gaps_and_overlaps(tariffs, [tariff.coach_type for tariff in tariffs]))


def carried(policy: Policy, seats: int) -> int:
    """How many passengers a coach of so many approved seats may carry under the policy, on a trip between provinces."""
    return count_sellable_seats(seats, policy.load_factor_percent, CREW)


def _review(policy: Policy) -> Iterator[Remark]:
    yield from _too_small_coaches(policy)
    yield from _idle_provisions(policy)
    yield from _idle_days(policy)
    for name in ("cap_vehicle_fen", "cap_head_fen", "cap_claimant_fen"):
        if getattr(policy, name) == 0:
            yield Remark(
                policy.key,
                f"{name} 为 0，不会支付任何补贴。没有上限时请删除该字段。",
                f"{name} is 0, so that nothing is ever paid. Remove the field where there is no cap.",
            )
    if not policy.source:
        yield Remark(
            policy.key,
            "没有填写 source（依据）。请注明所依据的文件。",
            "source is empty. Name the notice that it is from.",
        )


def _too_small_coaches(policy: Policy) -> Iterator[Remark]:
    """The conflict of `domain.md` §2.1: half of a 39-seat coach is fewer than 20."""
    least, load = policy.min_passengers_vehicle, policy.load_factor_percent
    small = [seats for seats in COACH_SEATS if carried(policy, seats) < least]
    if not small:
        return
    seats, heads = _listed(small), _listed([carried(policy, one) for one in small])
    if len(small) == len(COACH_SEATS):
        yield Remark(
            policy.key,
            f"每车最少人数 min_passengers_vehicle 为 {least}，载客率上限 {load}% 时任何车型都达不到，永远不会支付。请降低该下限。",
            f"min_passengers_vehicle is {least}, which no coach carries at {load} % load: it can never pay. Lower it.",
        )
        return
    yield Remark(
        policy.key,
        f"每车最少人数 min_passengers_vehicle 为 {least}，载客率上限 {load}% 时核定 {seats} 座的车辆最多载 {heads} 人，得不到补贴。"
        "请降低该下限，或选用更大的车辆。",
        f"min_passengers_vehicle is {least}, but at {load} % load coaches of {seats} seats carry {heads} passengers and are "
        "paid nothing. Lower it, or use larger coaches.",
    )


def _idle_provisions(policy: Policy) -> Iterator[Remark]:
    reached = {policy.place_of(mode, category) for mode, category in product(OrganisingMode, Category)}
    for i, provision in enumerate(policy.provisions):
        if i not in reached:
            yield Remark(
                policy.key,
                f"provisions[{i}] 永远不适用：前面的条款已涵盖其全部人员。请调整顺序或删除。",
                f"provisions[{i}] is for nobody: those before it are for all of its workers. Move it up or remove it.",
            )
        if _pays_nothing(provision):
            yield Remark(
                policy.key,
                f"provisions[{i}] 的补贴恒为零。请检查其比例或定额。",
                f"provisions[{i}] pays nothing at all. Check its rate or amounts.",
            )


def _pays_nothing(provision: Provision) -> bool:
    rule = provision.rule
    if isinstance(rule, Bands):
        return not any(amounts == "full_cost" or any(amounts) for amounts in rule.fen.values())
    return isinstance(rule, Percentage) and rule.rate_percent == 0


def _idle_days(policy: Policy) -> Iterator[Remark]:
    first, last = policy.valid_from, policy.valid_to or date.max
    if policy.trips and (policy.trips.first < first or policy.trips.last > last):
        yield Remark(
            policy.key,
            "出行期间 trips 有部分日期不在生效期内，这些日期的班次不适用本政策。请统一两者。",
            "trips has days on which the policy is not in force, whose trips are not held to it. Bring the two together.",
        )
    if policy.claims and policy.claims.last < (policy.trips.first if policy.trips else first):
        yield Remark(
            policy.key,
            "申报期间 claims 在首个出行日之前已结束，永远无法申报。请更正。",
            "claims ends before the first trip, so that nothing can ever be claimed. Correct it.",
        )


def _gaps_and_overlaps(versions: Sequence[D], groups: Sequence[str]) -> Iterator[Remark]:
    """Between versions of one policy or of one coach type's prices. One without a last day holds until the next begins."""
    by_group: dict[str, list[D]] = defaultdict(list)
    for one, group in zip(versions, groups, strict=True):
        by_group[group].append(one)
    for those in by_group.values():
        those.sort(key=_turn)
        held = those[0]
        for one in those[1:]:
            after = _end(held) + timedelta(days=1) if held.valid_to else one.valid_from
            if one.valid_from > after:
                yield Remark(
                    _key(one),
                    f"{after} 至 {one.valid_from - timedelta(days=1)} 没有生效版本（上一版本为 {_key(held)}）。请延长其中一个。",
                    f"From {after} to {one.valid_from - timedelta(days=1)} no version holds, the one before being "
                    f"{_key(held)}. Extend one of the two.",
                )
            if one.valid_from < after:
                yield _both_hold(held, one)
            if _end(one) >= _end(held):
                held = one


def _rivals(policies: Sequence[Policy]) -> Iterator[Remark]:
    """Different policies on the same day: one province, one policy a day."""
    for one, other in combinations(sorted(policies, key=_turn), 2):
        if one.id != other.id and other.valid_from <= _end(one):
            yield _both_hold(one, other)


def _both_hold(one: D, later: D) -> Remark:
    last = min(_end(one), _end(later))
    until_zh, until = ("起", "on") if last == date.max else (f"至 {last}", f"to {last}")
    return Remark(
        _key(later),
        f"{later.valid_from} {until_zh} {_key(one)} 与 {_key(later)} 同时有效，以后者为准。如非本意，请更正日期。",
        f"From {later.valid_from} {until} both {_key(one)} and {_key(later)} hold, and the latter counts. Correct the days if "
        "that is not meant.",
    )


def _turn(version: D) -> tuple[date, int, str]:
    """As `find_in_force` prefers them, the last one most."""
    return version.valid_from, version.version, version.id


def _end(version: D) -> date:
    return version.valid_to or date.max


def _key(version: D) -> str:
    return f"{version.id}@{version.version}"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
