"""Judges all workers of a reward list by what is known, and says whether a list still comes out as it was drafted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlmodel import Session

from services.registry.domain.rewards.amounts import Before, Payment, pay
from services.registry.domain.rewards.facts import Placement
from services.registry.domain.rewards.judge import Candidate, Claim, Finding, judge
from services.registry.domain.rewards.rule import Rule
from services.registry.store.files import persons_of
from services.registry.store.people import lock_people
from services.registry.store.rewards.facts import Found
from services.registry.store.rewards.lists import entries_of, paid_fen
from services.registry.store.rewards.rules import find_rules, rule_of
from services.registry.store.tables import RewardEntryRow, RewardListRow, RewardRuleRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.rewards.counting import Counted, count_before, placed_by
from services.registry.usecases.rewards.errors import RewardListStale
from services.registry.usecases.rewards.facts import places_of, workers_of
from shared.kernel.money import yuan


@dataclass(frozen=True)
class Verdict:
    """One worker's case on a list, with what it brings."""

    candidate: Candidate
    amount_fen: int


@dataclass(frozen=True)
class Judged:
    """All cases of a list, what it counts on, and what it pays."""

    verdicts: Sequence[Verdict]
    counted: Counted
    payment: Payment

    @property
    def earned(self) -> list[Candidate]:
        """The cases in which everything is met."""
        return [one.candidate for one in self.verdicts if one.candidate.is_earned]


def judge_all(
    parts: Parts, session: Session, rule: Rule, rule_row: RewardRuleRow, row: RewardListRow
) -> Judged:
    """Every worker whom the claimant may name, judged as of the list's day; what was earned comes with its fen."""
    found = placed_by(session, rule, row.claimant_id, row.area_code, (row.first_day, row.last_day))
    vault = parts.vault if rule.conditions.age_min else None
    workers = workers_of(session, places_of(found), vault=vault, but=row.id)
    claim = Claim(row.claimant_id, row.area_code)
    best: dict[tuple[str, str, str], Candidate] = {}
    for one in found:
        for case in judge(rule, workers[one.file_id], _placement(one), row.as_of, claim):
            key = (one.file_id, case.period, case.part)
            kept = best.setdefault(key, case)
            if case.is_earned and not kept.is_earned:
                best[key] = case
    earned = [one for one in best.values() if one.is_earned]
    room = None
    if rule.cap_claimant_fen is not None:
        paid = paid_fen(session, rule_row, row.claimant_id, row.first_day.year, but=row.id)
        room = max(rule.cap_claimant_fen - paid, 0)
    counted = count_before(session, rule, row)
    payment = pay(rule, earned, room, counted.before)
    fen = iter(payment.parts)
    return Judged(
        [Verdict(one, next(fen) if one.is_earned else 0) for one in best.values()], counted, payment
    )


def judge_again(parts: Parts, session: Session, row: RewardListRow) -> tuple[Rule, Judged]:
    """A list's rule and what comes out now; its persons are held from before that is looked at. Raises RewardListStale where it
    is not what was drafted."""
    entries = [one for one, _ in entries_of(session, row.id, is_earned=True)]
    files = persons_of(session, {one.person_id for one in entries})
    lock_people(session, [person.id for persons in files.values() for person in persons])
    rule_row = find_rules(session, [row.reward_rule_id])[row.reward_rule_id]
    rule = rule_of(rule_row)
    judged = judge_all(parts, session, rule, rule_row, row)
    _require_same(row, entries, judged)
    return rule, judged


def write_down(row: RewardListRow, judged: Judged) -> None:
    """A draft says what was judged."""
    people = {one.candidate.worker.person_id for one in judged.verdicts}
    earned = {one.worker.person_id for one in judged.earned}
    row.heads, row.refused = len(earned), len(people - earned)
    row.total_fen, row.difference_fen = judged.payment.total_fen, judged.payment.difference_fen
    row.counted_lists = list(judged.counted.list_ids)
    row.before_heads, row.before_fen = judged.counted.before.heads, judged.counted.before.fen


def entry_of(list_id: str, one: Verdict) -> RewardEntryRow:
    """One worker's case as a list keeps it."""
    case = one.candidate
    return RewardEntryRow(
        list_id=list_id,
        person_id=case.worker.person_id,
        part=case.part,
        placed_on=case.placement.day,
        enterprise_id=case.placement.enterprise_id,
        period=case.period,
        is_earned=case.is_earned,
        amount_fen=one.amount_fen,
        findings=[_plain(finding) for finding in case.findings],
    )


def _plain(finding: Finding) -> dict[str, str | None]:
    return asdict(finding) | {"due": finding.due.isoformat() if finding.due else None}


def _require_same(row: RewardListRow, entries: Sequence[RewardEntryRow], judged: Judged) -> None:
    """Neither a worker nor a fen is otherwise than on the draft that somebody looked at, nor are there more or fewer before it."""
    drafted = {(one.person_id, one.period, one.part): one.amount_fen for one in entries}
    now = {
        (one.candidate.worker.person_id, one.candidate.period, one.candidate.part): one.amount_fen
        for one in judged.verdicts
        if one.candidate.is_earned
    }
    differing = {key[0] for key in drafted.keys() | now.keys() if drafted.get(key) != now.get(key)}
    is_same = Before(row.before_heads, row.before_fen) == judged.counted.before
    if differing or not is_same or row.difference_fen != judged.payment.difference_fen:
        total = yuan(judged.payment.total_fen)
        raise RewardListStale(count=len(differing), now=total, drafted=yuan(row.total_fen))


def _placement(found: Found) -> Placement:
    return Placement(found.day, found.enterprise_id, found.area_code, found.person_id)
