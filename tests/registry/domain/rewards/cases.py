"""Invented workers to hold rules against."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.registry.domain.rewards.facts import ClassSpell, Contract, Placement, Ride, Spell, Worker
from services.registry.domain.rewards.judge import Candidate, Claim, Finding, judge
from services.registry.domain.rewards.rule import Rule
from services.registry.intake.reward_presets import read_preset
from shared.roster import Category

HOME = "522732103"
PLANT, OTHER_PLANT = "91441900MA0000015D", "91330500MA0000023C"
CLAIM = Claim("91522732MA0000001U", "522732")


def preset(name: str, **changes: Any) -> Rule:
    return Rule.model_validate(read_preset(name).model_dump() | changes)


def months(first: str, count: int) -> list[str]:
    year, month = int(first[:4]), int(first[5:])
    return [f"{year + (month - 1 + n) // 12}-{(month - 1 + n) % 12 + 1:02}" for n in range(count)]


def insured(first: str, count: int, plant: str = PLANT) -> frozenset[tuple[str, str]]:
    return frozenset((plant, month) for month in months(first, count))


def worker(day: date, **known: Any) -> Worker:
    """Poor, relocated, brought to the plant on `day` and employed there since; `known` replaces what is known."""
    poor = (ClassSpell(Category.REGISTERED_POOR, date(2016, 1, 1), None),)
    base: dict[str, Any] = {
        "person_id": "p1",
        "place_code": HOME,
        "born": date(1990, 6, 1),
        "classes": poor,
        "spells": (Spell(day, None, PLANT, "441900"),),
        "rides": (Ride(day, PLANT),),
    }
    return Worker(**base | known)


def placement(day: date, area: str = "441900") -> Placement:
    return Placement(day, PLANT, area)


def contract(day: date, length: int, plant: str = PLANT) -> tuple[Contract, ...]:
    return (Contract(plant, day, length),)


def case(rule: Rule, day: date, today: date, claim: Claim = CLAIM, **known: Any) -> Candidate:
    """The one case of a rule without instalments."""
    [found] = judge(rule, worker(day, **known), placement(day), today, claim)
    return found


def earned(rule: Rule, count: int, day: date, today: date, **known: Any) -> list[Candidate]:
    """So many workers who have earned it."""
    one = case(rule, day, today, **known)
    assert one.is_earned, one.findings
    return [one] * count


def not_met(candidate: Candidate) -> dict[str, str]:
    """Condition -> outcome of what is not met."""
    return {one.condition: one.outcome for one in candidate.findings if one.outcome != "met"}


def finding(candidate: Candidate, condition: str) -> Finding:
    return one_of(one for one in candidate.findings if one.condition == condition)


def one_of(found: Iterable[Finding]) -> Finding:
    [one] = found
    return one
