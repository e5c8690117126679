"""Says what a worker may be entitled to, and why not; nothing of it is paid here, and income is not known here."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.rewards.amounts import Span, span_of
from services.registry.domain.rewards.facts import Placement, Worker
from services.registry.domain.rewards.judge import Candidate, Claim, judge
from services.registry.domain.rewards.rule import Claimant, Rule
from services.registry.store.files import get_file, persons_seen
from services.registry.store.rewards.rules import rules_for
from services.registry.usecases.parts import Parts
from services.registry.usecases.rewards.facts import workers_of
from services.registry.usecases.rewards.show import Evidence, evidence_of
from shared.kernel.clock import local_date
from shared.security import Principal

LOOK_BACK_YEARS = 1
"""Jobs of this year and the last: allowances are claimed in the year after, at the latest."""


@dataclass(frozen=True)
class Benefit:
    """One benefit of one worker. `stand` is `entitled`, `open` (something is not known or not due yet) or `barred`."""

    rule: Rule
    stand: str
    span: Span
    placed_on: date
    evidence: tuple[Evidence, ...]

    @property
    def is_worth_asking(self) -> bool:
        """Whether nothing bars it."""
        return self.stand != "barred"


_ORDER = {"entitled": 0, "open": 1, "barred": 2}


def benefits_of(session: Session, principal: Principal, person_id: str, parts: Parts) -> list[Benefit]:
    """Each benefit that is in force where the person belongs, the best case of each rule; the entitled ones first.

    Raises PersonUnknown.
    """
    file = get_file(session, principal, person_id)
    today = local_date(parts.clock.now())
    seen = persons_seen(session, principal, person_id)
    file_id = seen[0].file_id
    if file_id not in {one.id for one in seen}:
        return []  # merged into another area's file: what is known of them is told there alone
    worker = workers_of(session, {file_id: file.place_code}, vault=parts.vault)[file_id]
    found = []
    for rule in rules_for(session, file.place_code):
        if rule.claimant is Claimant.WORKER:
            found += _best(rule, worker, today)
    return sorted(found, key=lambda one: (_ORDER[one.stand], one.rule.key))


def _best(rule: Rule, worker: Worker, today: date) -> list[Benefit]:
    """The rule's best case among the worker's jobs of late; none where it was not in force for any of them."""
    claim = Claim(worker.person_id, worker.place_code)
    cases = [
        case
        for placement in _placements(worker, today)
        if rule.holds_on(placement.day)
        for case in judge(rule, worker, placement, today, claim)
    ]
    if not cases:
        return []
    best = min(cases, key=lambda one: (_ORDER[_stand(one)], -one.placement.day.toordinal()))
    evidence = tuple(
        evidence_of(asdict(one) | {"due": one.due.isoformat() if one.due else None}) for one in best.findings
    )
    return [Benefit(rule, _stand(best), span_of(rule, best), best.placement.day, evidence)]


def _placements(worker: Worker, today: date) -> list[Placement]:
    return [
        Placement(spell.first, spell.enterprise_id, spell.area_code)
        for spell in worker.spells
        if spell.first <= today and (spell.end or today).year >= today.year - LOOK_BACK_YEARS
    ]


def _stand(case: Candidate) -> str:
    if case.is_earned:
        return "entitled"
    return "open" if case.is_open else "barred"
