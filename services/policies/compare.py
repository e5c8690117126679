"""Finds two policies, or two rules of rewards, and tells them apart: field by field, and by what each pays for the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from services.dispatcher.intake.presets import list_presets, read_preset
from services.dispatcher.intake.terms import read_policies
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.review import carried
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, public_parts
from services.policies import words
from services.policies.check import is_of_rewards
from services.registry.domain.rewards.amounts import whole_fen
from services.registry.domain.rewards.rule import Claimant, Rule
from services.registry.intake.reward_presets import presets
from services.registry.intake.reward_rules import read_rules
from shared.kernel.errors import InvalidInput, NotFound
from shared.roster import Category, OrganisingMode
from shared.rules.document import read_document

CHARTERS_FEN = (800_000, 1_840_000, 2_300_000)
"""A short trip, 1,750 km by the shipped prices, and one whose half is above Ningbo's cap."""
COACHES = ((10, 35), (19, 39), (24, 49), (46, 49))
"""Heads and approved seats: few, half of 39, half of 49, all that 49 carry with their crew."""
HEADS = (1, 10, 19, 20, 49, 50, 51, 100, 200, 500)
"""Workers whom a claimant is rewarded for, about the published tiers."""
ORIGIN, CARRIER, ANYWHERE = "522732", "C01", "3302"


class KindsDiffer(InvalidInput):
    """{old} and {new} are a policy and a rule of rewards, which have nothing in common. Name two of one kind."""

    zh = "{old} 和 {new} 一个是补贴政策，一个是奖补规则，无法比较。请指定同类的两项。"


class PolicyUnclear(InvalidInput):
    """{path} has {count} versions. Say which one: {choices}."""

    zh = "{path} 含 {count} 项规则。请指明其中一项：{choices}。"


class NoSuchPolicyHere(NotFound):
    """{path} has no {key}. Choose from {choices}."""

    zh = "{path} 中没有 {key}。请从以下选择：{choices}。"


class NeitherFileNorPreset(NotFound):
    """{name} is neither a file nor a preset. Name a file, one of its versions as FILE#id@version, or one of {known}."""

    zh = "{name} 既不是文件也不是预设规则。请指定文件、文件中的一项规则（文件#编号@版本），或 {known} 之一。"


@dataclass(frozen=True)
class Change:
    """A field that differs; `None` where one of the two has no such field."""

    path: words.Path
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Effect:
    """What the two pay for workers of these modes and classes: for each charter, of each coach, fen; None where the policy
    lets no coach carry so many."""

    who: tuple[tuple[OrganisingMode, Category], ...]
    fen: tuple[tuple[tuple[int | None, int | None], ...], ...]


def find(name: str) -> Policy | Rule:
    """A preset, a file's only policy or rule of rewards, or FILE#id@version. Raises PolicyUnclear, NoSuchPolicyHere, NeitherFileNorPreset,
    InvalidInput for a file with faults."""
    if name in list_presets():
        return read_preset(name)
    if name in presets():
        return presets()[name]
    path, _, key = name.partition("#")
    if not Path(path).is_file():
        raise NeitherFileNorPreset(name=name, known=", ".join([*list_presets(), *presets()]))
    content = Path(path).read_bytes()
    is_rule = is_of_rewards(read_document(content).value)
    read: Sequence[Policy | Rule] = read_rules(content) if is_rule else read_policies(content)
    found = {one.key: one for one in read}
    choices = ", ".join(f"{path}#{one}" for one in found)
    if key and key not in found:
        raise NoSuchPolicyHere(path=path, key=key, choices=choices)
    if not key and len(found) != 1:
        raise PolicyUnclear(path=path, count=len(found), choices=choices)
    return found[key] if key else next(iter(found.values()))


def find_two(one: str, other: str) -> tuple[Policy, Policy] | tuple[Rule, Rule]:
    """Two of one kind. Raises KindsDiffer and what `find` raises."""
    old, new = find(one), find(other)
    if isinstance(old, Policy) and isinstance(new, Policy):
        return old, new
    if isinstance(old, Rule) and isinstance(new, Rule):
        return old, new
    raise KindsDiffer(old=old.key, new=new.key)


def list_changes(old: Policy | Rule, new: Policy | Rule) -> list[Change]:
    """What differs, in the order of the schema; a provision that only one has is told whole."""
    order = list(type(old).model_fields)
    before, after = _leaves(old), _leaves(new)
    paths = [*before, *(path for path in after if path not in before)]
    around = {path[:length] for path in paths for length in range(len(path))}
    return [
        Change(path, before.get(path), after.get(path))
        for path in sorted(paths, key=lambda path: (order.index(str(path[0])), tuple(map(str, path[1:2]))))
        if before.get(path) != after.get(path) and path not in around
    ]


def list_rewards(old: Rule, new: Rule) -> list[tuple[int, int, int]]:
    """For so many workers of one claimant, who all qualify for all of it: what each rule pays, fen; none of a worker's own benefit,
    which is told by its fields."""
    if Claimant.WORKER in (old.claimant, new.claimant):
        return []
    return [(heads, whole_fen(old, heads), whole_fen(new, heads)) for heads in HEADS]


def list_effects(old: Policy, new: Policy) -> list[Effect]:
    """What each pays for the example coaches, on a day and to a place that it pays for; workers who get the same under
    both are told together."""
    found: dict[Any, list[tuple[OrganisingMode, Category]]] = {}
    for who in _kinds(old, new):
        fen = tuple(
            tuple((_public(old, charter, coach, who), _public(new, charter, coach, who)) for coach in COACHES)
            for charter in CHARTERS_FEN
        )
        found.setdefault(fen, []).append(who)
    return [Effect(tuple(who), fen) for fen, who in found.items()]


def _leaves(policy: Policy | Rule) -> dict[words.Path, str]:
    return {path: words.say(path, value) for path, value in words.leaves(policy.model_dump(mode="json"))}


def _kinds(*policies: Policy) -> Sequence[tuple[OrganisingMode, Category]]:
    """One kind of worker for each pair of provisions that somebody can come under."""
    found: dict[Any, tuple[OrganisingMode, Category]] = {}
    for mode, category in product(OrganisingMode, Category):
        under = tuple(policy.place_of(mode, category) for policy in policies)
        found.setdefault(under, (mode, category))
    return list(found.values())


def _public(
    policy: Policy, charter_fen: int, coach: tuple[int, int], who: tuple[OrganisingMode, Category]
) -> int | None:
    heads, seats = coach
    if heads > carried(policy, seats):
        return None
    to = (policy.destinations[0] if policy.destinations else ANYWHERE).ljust(6, "0")
    parties = Parties("season", ORIGIN, to[:4] + "00", CARRIER, to)
    day = policy.trips.first if policy.trips else policy.valid_from
    booked = [Heads.as_booked("enterprise", heads, *who)]
    return sum(part.paid_fen for part in public_parts(policy, Run(charter_fen, seats, day), booked, parties))
