"""Holds a rule against what is known of a worker: each condition is met, not met or not known, with what it was judged by.

What is not known never counts as met. Of a payment elsewhere a finding says that there is one, never where or by whom.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.registry.domain.months import add_months, month_of, month_text
from services.registry.domain.rewards.calendar import overlap, period_of, whole_months
from services.registry.domain.rewards.facts import Hold, Placement, Spell, Worker
from services.registry.domain.rewards.rule import (
    Instalment,
    Instalments,
    Once,
    Reach,
    Rule,
    Seat,
)
from shared.kernel.season import season_of

INSURED_WITHIN = timedelta(days=30)
"""An employer insures a worker within 30 days of their first (社会保险法, article 58): that month may be the first that counts."""


class Outcome(StrEnum):
    """What became of a condition."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


class Condition(StrEnum):
    """What was asked."""

    PERSON = "person"
    WINDOW = "window"
    CLASS = "class"
    AGE = "age"
    REACH = "reach"
    JOB = "job"
    CONTRACT = "contract"
    INSURANCE = "insurance"
    TRACKING = "tracking"
    SEAT = "seat"
    FIRST = "first"
    ALLOWANCE = "allowance"
    ONCE = "once"
    STACK = "stack"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition: what was needed, what was found (codes, months, days and numbers, no words), and the day from which it
    can be met if all goes on as it is."""

    condition: Condition
    outcome: Outcome
    needed: str = ""
    found: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Candidate:
    """One worker's case under a rule. `part` names the instalment by its months, and is empty where there is one part alone."""

    worker: Worker
    placement: Placement
    part: str
    period: str
    reach: Reach | None
    findings: tuple[Finding, ...]

    @property
    def is_earned(self) -> bool:
        """Whether everything is met."""
        return all(one.outcome is Outcome.MET for one in self.findings)

    @property
    def is_open(self) -> bool:
        """Whether nothing bars it, and something is not known or not due yet."""
        return not self.is_earned and all(
            one.outcome is not Outcome.NOT_MET or one.due is not None for one in self.findings
        )


@dataclass(frozen=True)
class Claim:
    """In whose name and area a reward is claimed: their own earlier instalments are no double."""

    claimant_id: str
    area_code: str


def judge(rule: Rule, worker: Worker, placement: Placement, today: date, claim: Claim) -> list[Candidate]:
    """The worker's case under the rule, one for each instalment."""
    reach = reach_of(worker.place_code, placement.area_code)
    period = period_of(rule.once, placement.day)
    common = tuple(_common(rule, worker, placement, reach))
    parts = [(str(one.months), one.months) for one in _instalments(rule)] or [("", 0)]
    found = []
    for part, months in parts:
        findings = [*common, *_job(rule, worker, placement, today, max(months, rule.conditions.job_months))]
        findings += _doubles(rule, worker, placement, claim, period, part)
        found.append(Candidate(worker, placement, part, period, reach, tuple(findings)))
    return found


def reach_of(home: str, job: str) -> Reach | None:
    """How far a job is from home; None where only the home prefecture is known, which may be the home county."""
    if home[:2] != job[:2]:
        return Reach.OTHER_PROVINCE
    if home[:4] != job[:4]:
        return Reach.SAME_PROVINCE
    if job[4:6] in ("", "00"):
        return None
    return Reach.SAME_COUNTY if home[:6] == job[:6] else Reach.SAME_PREFECTURE


def _instalments(rule: Rule) -> tuple[Instalment, ...]:
    return rule.amount.parts if isinstance(rule.amount, Instalments) else ()


def _common(rule: Rule, worker: Worker, placement: Placement, reach: Reach | None) -> Iterator[Finding]:
    asked = rule.conditions
    yield _said(Condition.PERSON, not worker.is_erased)
    yield _said(
        Condition.WINDOW,
        rule.holds_on(placement.day),
        f"{rule.valid_from}–{rule.valid_to or ''}",
        placement.day.isoformat(),
    )
    if asked.categories:
        yield _class(rule, worker, placement.day)
    if asked.age_min:
        yield _age(worker, asked.age_min, placement.day)
    if asked.reach:
        needed = " ".join(asked.reach)
        if reach is None:
            yield Finding(Condition.REACH, Outcome.NOT_KNOWN, needed, placement.area_code)
        else:
            yield _said(Condition.REACH, reach in asked.reach, needed, reach)
    if asked.contract_months:
        yield _contract(rule, worker, placement)
    if asked.insurance_months:
        yield _insurance(rule, worker, placement)
    if asked.tracked_months:
        yield _tracking(worker, placement, asked.tracked_months)
    if asked.organised_seat is not Seat.ANY:
        yield _seat(rule, worker, placement)
    if asked.first_export:
        yield _first(worker, placement)
    if asked.no_allowance:
        year = str(placement.day.year)
        paid = [one for one in worker.allowances if one.period.startswith(year)]
        yield _said(Condition.ALLOWANCE, not paid, year, paid[0].period if paid else "")


def _said(condition: Condition, is_met: bool, needed: str = "", found: str = "") -> Finding:
    return Finding(condition, Outcome.MET if is_met else Outcome.NOT_MET, needed, found)


def _class(rule: Rule, worker: Worker, day: date) -> Finding:
    now = [one.category for one in worker.classes if one.first <= day and (one.end is None or day < one.end)]
    fits = [one for one in now if one in rule.conditions.categories]
    needed = " ".join(rule.conditions.categories)
    return _said(Condition.CLASS, bool(fits), needed, " ".join(dict.fromkeys(fits or now)))


def _age(worker: Worker, least: int, day: date) -> Finding:
    if worker.born is None:
        return Finding(Condition.AGE, Outcome.NOT_KNOWN, str(least))
    # The age itself stays out of the finding: it is needed for nothing, and says more of the person than the list may.
    return _said(Condition.AGE, add_months(worker.born, least * 12) <= day, str(least))


def _at(rule: Rule, placement: Placement, enterprise_id: str | None) -> bool:
    return not rule.conditions.same_enterprise or enterprise_id == placement.enterprise_id


def stretch_of(rule: Rule, worker: Worker, placement: Placement) -> tuple[date, date | None] | None:
    """The job that the placement led to, from the placement on: spells that follow each other without a gap are one,
    and so are those that overlap: each of a file's IDs has its own."""
    mine = sorted(
        (one for one in worker.spells if _at(rule, placement, one.enterprise_id)), key=lambda one: one.first
    )
    held: Spell | None = None
    first = placement.day
    for one in mine:
        if held is None:
            if one.end is None or one.end > placement.day:
                held, first = one, max(one.first, placement.day)
        elif held.end is not None and one.first <= held.end and (one.end is None or one.end > held.end):
            held = one
    return None if held is None else (first, held.end)


def _job(rule: Rule, worker: Worker, placement: Placement, today: date, months: int) -> Iterator[Finding]:
    if not months:
        return
    stretch = stretch_of(rule, worker, placement)
    if stretch is None:
        yield Finding(Condition.JOB, Outcome.NOT_KNOWN, str(months))
        return
    first, end = stretch
    until = today if end is None else min(end, today)
    lasted = f"{first}–{end or ''} ({whole_months(first, until)})"
    if whole_months(first, until) >= months:
        yield Finding(Condition.JOB, Outcome.MET, str(months), lasted)
    else:
        has_ended = end is not None and end <= today
        yield Finding(
            Condition.JOB,
            Outcome.NOT_MET,
            str(months),
            lasted,
            None if has_ended else add_months(first, months),
        )


def _contract(rule: Rule, worker: Worker, placement: Placement) -> Finding:
    needed = rule.conditions.contract_months
    mine = [
        one.months
        for one in worker.contracts
        if _at(rule, placement, one.enterprise_id) and add_months(one.first, one.months) > placement.day
    ]
    if not mine:
        return Finding(Condition.CONTRACT, Outcome.NOT_KNOWN, str(needed))
    return _said(Condition.CONTRACT, max(mine) >= needed, str(needed), str(max(mine)))


def _insurance(rule: Rule, worker: Worker, placement: Placement) -> Finding:
    needed = rule.conditions.insurance_months
    first = month_text(placement.day)
    months = sorted(
        {month for enterprise, month in worker.insured if month >= first and _at(rule, placement, enterprise)}
    )
    found = f"{', '.join(months)} ({len(months)})" if months else "0"
    if len(months) >= needed:
        return Finding(Condition.INSURANCE, Outcome.MET, str(needed), found)
    last_needed = month_text(add_months(month_of(placement.day + INSURED_WITHIN), needed - 1))
    is_told = worker.insured_known_to is not None and worker.insured_known_to >= last_needed
    outcome = Outcome.NOT_MET if is_told else Outcome.NOT_KNOWN
    return Finding(Condition.INSURANCE, outcome, str(needed), found)


def _tracking(worker: Worker, placement: Placement, needed: int) -> Finding:
    first = month_text(placement.day)
    count = sum(1 for month in worker.tracked if month >= first)
    if count >= needed:
        return Finding(Condition.TRACKING, Outcome.MET, str(needed), str(count))
    due = add_months(placement.day, needed)
    return Finding(Condition.TRACKING, Outcome.NOT_MET, str(needed), str(count), due)


def _seat(rule: Rule, worker: Worker, placement: Placement) -> Finding:
    """A bar holds for the season or year that the rule pays for once; a rule that pays once for ever bars by the year."""
    asked = rule.conditions.organised_seat
    if asked is Seat.REQUIRED:
        rides = [one for one in worker.rides if season_of(one.day) == season_of(placement.day)]
        return _said(Condition.SEAT, bool(rides), asked, rides[0].day.isoformat() if rides else "")
    once = rule.once if rule.once is not Once.EVER else Once.YEAR
    period = period_of(once, placement.day)
    rides = [one for one in worker.rides if period_of(once, one.day) == period]
    return _said(Condition.SEAT, not rides, asked, rides[0].day.isoformat() if rides else "")


def _first(worker: Worker, placement: Placement) -> Finding:
    """As far as the registry knows: no organised journey before this one."""
    earlier = sorted(one.day for one in worker.rides if one.day < placement.day - timedelta(days=31))
    return _said(Condition.FIRST, not earlier, "", earlier[0].isoformat() if earlier else "")


def _doubles(
    rule: Rule, worker: Worker, placement: Placement, claim: Claim, period: str, part: str
) -> Iterator[Finding]:
    """Nothing of what is found is told: who was paid for elsewhere is not to be learnt from a refusal."""
    standing = [one for one in worker.holds if overlap(one.period, period)]
    same = [one for one in standing if one.purpose is rule.purpose]
    yield _said(Condition.ONCE, not any(_is_double(one, rule, claim, part) for one in same), rule.once)
    allowed = _stacked(rule, worker, placement.day)
    others = [one for one in standing if one.purpose is not rule.purpose]
    yield _said(Condition.STACK, all(one.purpose in allowed for one in others), " ".join(sorted(allowed)))


def _is_double(held: Hold, rule: Rule, claim: Claim, part: str) -> bool:
    """Another instalment of the same rule for the same claimant and area is none."""
    own = (held.rule_id, held.claimant_id, held.area_code) == (rule.id, claim.claimant_id, claim.area_code)
    return not own or held.part == part


def _stacked(rule: Rule, worker: Worker, day: date) -> set[str]:
    now = {one.category for one in worker.classes if one.first <= day and (one.end is None or day < one.end)}
    return {one.purpose for one in rule.stacks if not one.categories or now & set(one.categories)}
