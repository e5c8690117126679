"""Knows the states of a claim, who may take it from one to the next, and that no person does two offices' parts of it.

draft -> submitted -> prechecked -> under review -> publicised -> approved -> finance review -> paid -> archived; beside
them returned, rejected, suspended, and the claw-back of what was paid (`domain.md` §6).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

import chinese_calendar

from shared.kernel.errors import Conflict, Forbidden


class ClaimState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    PRECHECKED = "prechecked"
    UNDER_REVIEW = "under_review"
    PUBLICISED = "publicised"
    APPROVED = "approved"
    FINANCE_REVIEW = "finance_review"
    PAID = "paid"
    ARCHIVED = "archived"
    RETURNED = "returned"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    CLAWBACK_OPEN = "clawback_open"
    RECOVERED = "recovered"


class Act(StrEnum):
    """What somebody does to a claim."""

    SUBMIT = "submit"
    PRECHECK = "precheck"
    TAKE_UP = "take_up"
    RETURN = "return"
    REJECT = "reject"
    SUSPEND = "suspend"
    RESUME = "resume"
    PUBLICISE = "publicise"
    APPROVE = "approve"
    RECEIVE = "receive"
    PAY = "pay"
    ARCHIVE = "archive"
    OPEN_CLAWBACK = "open_clawback"
    RECOVER = "recover"


class Note(StrEnum):
    """What somebody does to a claim that leaves its state as it is."""

    DRAFT = "draft"
    PAPERS = "papers"
    CLEAR_FLAG = "clear_flag"
    OBJECT = "object"
    ANSWER_OBJECTION = "answer_objection"


class Duty(StrEnum):
    """Whose part an act is; one person has one part in a claim."""

    CLAIMANT = "claimant"
    REVIEWER = "reviewer"
    PAYER = "payer"
    SYSTEM = "system"


_REVIEWED = (ClaimState.UNDER_REVIEW, ClaimState.PUBLICISED)
_RULES: Mapping[Act, tuple[tuple[ClaimState, ...], ClaimState, Duty]] = MappingProxyType(
    {
        Act.SUBMIT: ((ClaimState.DRAFT, ClaimState.RETURNED), ClaimState.SUBMITTED, Duty.CLAIMANT),
        Act.PRECHECK: ((ClaimState.SUBMITTED,), ClaimState.PRECHECKED, Duty.SYSTEM),
        Act.TAKE_UP: ((ClaimState.PRECHECKED,), ClaimState.UNDER_REVIEW, Duty.REVIEWER),
        Act.RETURN: (_REVIEWED, ClaimState.RETURNED, Duty.REVIEWER),
        Act.REJECT: (_REVIEWED, ClaimState.REJECTED, Duty.REVIEWER),
        Act.SUSPEND: (
            (*_REVIEWED, ClaimState.APPROVED, ClaimState.FINANCE_REVIEW),
            ClaimState.SUSPENDED,
            Duty.REVIEWER,
        ),
        Act.RESUME: ((ClaimState.SUSPENDED,), ClaimState.UNDER_REVIEW, Duty.REVIEWER),
        Act.PUBLICISE: ((ClaimState.UNDER_REVIEW,), ClaimState.PUBLICISED, Duty.REVIEWER),
        Act.APPROVE: ((ClaimState.PUBLICISED,), ClaimState.APPROVED, Duty.REVIEWER),
        Act.RECEIVE: ((ClaimState.APPROVED,), ClaimState.FINANCE_REVIEW, Duty.PAYER),
        Act.PAY: ((ClaimState.FINANCE_REVIEW,), ClaimState.PAID, Duty.PAYER),
        Act.ARCHIVE: ((ClaimState.PAID, ClaimState.RECOVERED), ClaimState.ARCHIVED, Duty.PAYER),
        Act.OPEN_CLAWBACK: (
            (ClaimState.PAID, ClaimState.ARCHIVED, ClaimState.RECOVERED),
            ClaimState.CLAWBACK_OPEN,
            Duty.REVIEWER,
        ),
        Act.RECOVER: ((ClaimState.CLAWBACK_OPEN,), ClaimState.RECOVERED, Duty.PAYER),
    }
)
"""Act -> from which states, to which, and whose part it is. What was put away can still be asked back."""
_NOTED: Mapping[Note, Duty] = MappingProxyType(
    {
        Note.DRAFT: Duty.CLAIMANT,
        Note.PAPERS: Duty.CLAIMANT,
        Note.CLEAR_FLAG: Duty.REVIEWER,
        Note.OBJECT: Duty.SYSTEM,
        Note.ANSWER_OBJECTION: Duty.REVIEWER,
    }
)
"""Note -> whose part it is; who writes down what somebody else objects has none."""

LIVE = frozenset(ClaimState) - {ClaimState.REJECTED}
"""A claim in these states holds the heads that count in it: no other claims them."""
HANDED_IN = LIVE - {ClaimState.DRAFT, ClaimState.RETURNED}
"""A claim in these states stands by its papers: what its claimant can still change binds nobody."""
PAID = frozenset({ClaimState.PAID, ClaimState.ARCHIVED, ClaimState.CLAWBACK_OPEN, ClaimState.RECOVERED})
"""In these states a claim's amount has been paid."""
HOLDING = PAID | {ClaimState.APPROVED, ClaimState.FINANCE_REVIEW}
"""In these states a claim's amount is promised or paid."""
PENDING = HANDED_IN - PAID
"""A claim in these states waits for an office's decision or money; what its claimant leaves lying holds up nobody."""


class ClaimNotReady(Conflict):
    """Claim {claim_id} is {state}, so {act} is not possible. It is possible from: {possible}."""

    zh = "申报 {claim_id} 的状态为 {state}，不能执行 {act}。可执行的状态：{possible}。"


class DutiesNotSeparate(Forbidden):
    """{by} has been the {duty} of claim {claim_id}: submitting, reviewing and paying are different people's. Let a colleague do it."""

    zh = "{by} 已是申报 {claim_id} 的 {duty}：申报、审核、支付须由不同人员办理。请由其他同事办理。"


class ReviewerChanged(Forbidden):
    """{reviewer} has taken up claim {claim_id} and alone decides it. Let them, or return the claim so that it is taken up anew."""

    zh = "申报 {claim_id} 由 {reviewer} 受理，须由其审结。请由其办理，或退回后重新受理。"


class CalendarUnknown(Conflict):
    """The working days of {year} are not known to this version: the State Council announces them each autumn. Install a newer
    chinesecalendar, then publish the notice."""

    zh = "本版本没有 {year} 年的节假日安排（国务院每年秋季公布）。请升级 chinesecalendar 后再公示。"


@dataclass(frozen=True)
class Step:
    """One act on a claim and who did it."""

    act: Act | Note
    by: str


def duty_of(act: Act | Note) -> Duty:
    """Whose part an act is."""
    return _NOTED[act] if isinstance(act, Note) else _RULES[act][2]


def follow(claim_id: str, state: str, act: Act) -> ClaimState:
    """The state after the act. Raises ClaimNotReady."""
    possible, to, _ = _RULES[act]
    if state not in possible:
        raise ClaimNotReady(claim_id=claim_id, state=state, act=act, possible=", ".join(possible))
    return to


def list_acts(state: str) -> list[Act]:
    """What may be done to a claim in that state."""
    return [act for act, (possible, _, _) in _RULES.items() if state in possible]


def require_separate(claim_id: str, history: Iterable[Step], act: Act | Note, by: str) -> None:
    """Submitter, reviewer and payer are three people, and who has taken a claim up decides it. Raises DutiesNotSeparate,
    ReviewerChanged."""
    duty, steps = duty_of(act), list(history)
    if duty is Duty.SYSTEM:
        return
    for step in steps:
        theirs = duty_of(step.act)
        if step.by == by and theirs not in (duty, Duty.SYSTEM):
            raise DutiesNotSeparate(claim_id=claim_id, by=by, duty=theirs)
    reviewer = reviewer_of(steps)
    if act in (Act.PUBLICISE, Act.APPROVE, Act.REJECT) and reviewer not in (None, by):
        raise ReviewerChanged(claim_id=claim_id, reviewer=reviewer)


def reviewer_of(history: Iterable[Step]) -> str | None:
    """Who has taken the claim up since it was last returned."""
    reviewer = None
    for step in history:
        reviewer = step.by if step.act is Act.TAKE_UP else None if step.act is Act.RETURN else reviewer
    return reviewer


def notice_end(first: date, workdays: int) -> date:
    """The last day of a public notice of so many working days from its first day on, by the State Council's calendar.
    Raises CalendarUnknown."""
    day, left = first, workdays
    while True:
        try:
            left -= chinese_calendar.is_workday(day)
        except NotImplementedError as error:
            raise CalendarUnknown(year=day.year) from error
        if left <= 0:
            return day
        day += timedelta(days=1)
