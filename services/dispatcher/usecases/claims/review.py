"""What the reviewing bureau does to a claim: takes it up, clears flags, publishes the notice, decides; pays nobody."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from services.dispatcher.money.claims.assessment import Standing
from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.claim import Act, ClaimState, Note, notice_end, reviewer_of
from services.dispatcher.money.rules.subsidy import Cut
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimFlagRow, ClaimRow, ObjectionRow
from services.dispatcher.store.trips import get_trip
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.claims.check import assess_claim, renew_flags
from services.dispatcher.usecases.claims.step import require_open, take_note, take_step
from shared.database import hold
from shared.directory import PersonCheck
from shared.kernel.clock import Clock, local_date
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.kernel.ids import new_id
from shared.kernel.money import yuan
from shared.messaging import Cause
from shared.security import Principal, Seal

_NEVER_CLEARED = frozenset({("F02", None), ("F15", None), ("F12", "unknown_person")})
"""Nobody may be paid for twice, nor be paid for whom nobody can tell from others, and nobody may do two offices' parts, whatever
the reason: check, and its cause where not all of it."""
_DECISIONS = frozenset({Act.RETURN, Act.REJECT, Act.SUSPEND, Act.RESUME})


class FlagsStand(Conflict):
    """Claim {claim_id} has flags that nobody has cleared: {codes}. Clear each with its reason, or return the claim."""

    zh = "申报 {claim_id} 仍有未处理的核查意见：{codes}。请逐条说明理由后消除，或退回申报。"


class NeverCleared(Forbidden):
    """{code} cannot be cleared: nobody is paid for twice or without being known, and submitter, reviewer and payer stay different
    people. Return or reject the claim."""

    zh = "{code} 不能消除：同一人不得重复补贴，身份不明的人员不予补贴，申报、审核、支付须由不同人员办理。请退回或驳回。"


class NoSuchFlag(NotFound):
    """Claim {claim_id} has no flag {number}. Reload the claim."""

    zh = "申报 {claim_id} 没有第 {number} 条核查意见。请刷新。"


class NotTheReviewer(Forbidden):
    """Claim {claim_id} is reviewed by {reviewer}, who alone clears its flags, while it is reviewed, and answers objections. Take it
    up first, or let them."""

    zh = "申报 {claim_id} 由 {reviewer} 审核，只有其可以在审核期间处理核查意见、答复异议。请先受理，或由其办理。"


class NoticeRuns(Conflict):
    """The public notice of claim {claim_id} runs to the end of {last}. Approve it from the day after."""

    zh = "申报 {claim_id} 的公示期到 {last} 止。请在次日以后批准。"


class ObjectionsOpen(Conflict):
    """Claim {claim_id} has {count} objection(s) that nobody has answered. Answer them first."""

    zh = "申报 {claim_id} 有 {count} 条异议尚未答复。请先答复。"


class NoSuchObjection(NotFound):
    """Claim {claim_id} has no objection {objection_id}. Reload the claim."""

    zh = "申报 {claim_id} 没有异议 {objection_id}。请刷新。"


class NothingPayable(Conflict):
    """Nothing of claim {claim_id} can be paid under the flags that stand. Return or reject it."""

    zh = "按现有核查意见，申报 {claim_id} 没有可支付的金额。请退回或驳回。"


class NoticeOutrun(Conflict):
    """The public notice of claim {claim_id} names {noticed} yuan, and {payable} would be paid now, or somebody whom it does not
    name. Suspend and resume the claim, check it, and publish it again."""

    zh = "申报 {claim_id} 公示的金额为 {noticed} 元，现应付 {payable} 元，或含未公示人员。请暂停后恢复，重新核查并公示。"


def take_up(session: Session, principal: Principal, claim: ClaimRow, clock: Clock) -> None:
    """Begin the review. Raises ClaimNotReady, DutiesNotSeparate."""
    take_step(session, claim, Act.TAKE_UP, principal.subject, clock)


def clear_flag(
    session: Session, principal: Principal, claim: ClaimRow, number: int, why: str, clock: Clock
) -> None:
    """Let a flag pass for a reason. Before the notice the amounts are worked out again; after it they are what it says.

    Raises NotTheReviewer, NeverCleared, NoSuchFlag.
    """
    _require_reviewer(session, principal, claim)
    if claim.state not in (ClaimState.UNDER_REVIEW, ClaimState.PUBLICISED):
        raise NotTheReviewer(claim_id=claim.claim_id, reviewer=principal.subject)
    flag = session.get(ClaimFlagRow, (claim.claim_id, number))
    if flag is None:
        raise NoSuchFlag(claim_id=claim.claim_id, number=number)
    if {(flag.code, None), (flag.code, flag.cause)} & _NEVER_CLEARED:
        raise NeverCleared(code=flag.code)
    flag.cleared_by, flag.cleared_at, flag.cleared_why = principal.subject, clock.now(), why
    session.flush()
    if claim.state == ClaimState.UNDER_REVIEW:
        assess_claim(session, claim)
    take_note(session, claim, Note.CLEAR_FLAG, principal.subject, clock, f"{flag.code} {why}")


def decide(session: Session, principal: Principal, claim: ClaimRow, act: Act, why: str, clock: Clock) -> None:
    """Return, reject, suspend or resume a claim, with the reason; no other act is done by words alone (ValueError).

    Raises ClaimNotReady, DutiesNotSeparate, ReviewerChanged.
    """
    if act not in _DECISIONS:
        raise ValueError(f"{act} is no decision of a reviewer's")
    take_step(session, claim, act, principal.subject, clock, why)
    claim.note = why
    if act in (Act.RETURN, Act.REJECT, Act.SUSPEND):
        for seat in claims.list_seats(session, claim.claim_id):
            seat.holds = False
        withdraw_cuts(session, claim, principal, clock)


def publicise(session: Session, principal: Principal, claim: ClaimRow, clock: Clock) -> date:
    """Publish the notice from today for the policy's working days; its last day. Raises FlagsStand, NothingPayable,
    ClaimNotReady, CalendarUnknown."""
    _require_cleared(session, claim)
    if not claim.payable_fen:
        raise NothingPayable(claim_id=claim.claim_id)
    policy = bill_trip.get_policy(session, claim.policy)
    take_step(session, claim, Act.PUBLICISE, principal.subject, clock)
    claim.notice_first = local_date(clock.now())
    claim.notice_last = notice_end(claim.notice_first, policy.notice_workdays)
    return claim.notice_last


def file_objection(
    session: Session, claim: ClaimRow, words: str, by: str, seal: Seal, clock: Clock
) -> ObjectionRow:
    """Keep somebody's objection to the notice, its words sealed."""
    identity = new_id()
    sealed = seal.seal(words, f"objection/{identity}")
    row = ObjectionRow(
        objection_id=identity, claim_id=claim.claim_id, words=sealed, filed_by=by, filed_at=clock.now()
    )
    session.add(row)
    take_note(session, claim, Note.OBJECT, by, clock)
    return row


def answer_objection(
    session: Session, principal: Principal, claim: ClaimRow, objection_id: str, answer: str, clock: Clock
) -> None:
    """Answer an objection, also one that came after the notice. Raises NotTheReviewer, NoSuchObjection."""
    _require_reviewer(session, principal, claim)
    rows = {row.objection_id: row for row in claims.list_objections(session, claim.claim_id)}
    if objection_id not in rows:
        raise NoSuchObjection(claim_id=claim.claim_id, objection_id=objection_id)
    row = rows[objection_id]
    row.answer, row.answered_by, row.answered_at = answer, principal.subject, clock.now()
    take_note(session, claim, Note.ANSWER_OBJECTION, principal.subject, clock, answer)


def approve(
    session: Session,
    principal: Principal,
    claim: ClaimRow,
    people: Mapping[str, PersonCheck],
    cause: Cause,
    clock: Clock,
) -> None:
    """Approve a claim after its notice, by what is known now: its workers are held against any other claim, and what is refused
    falls back.

    Raises NoticeRuns, ObjectionsOpen, FlagsStand, NothingPayable, NoticeOutrun, ClaimNotReady, PeriodClosed.
    """
    require_open(session, claim.county_code, claim.season)
    # One approval of a season at a time: caps and workers are then counted against all that were approved before.
    hold(session, f"approve/{claim.season}")
    claims.lock_trips(session, claim.claim_id)
    require_answered(session, claim)
    take_step(session, claim, Act.APPROVE, principal.subject, clock)
    if claim.notice_last is None or local_date(clock.now()) <= claim.notice_last:
        raise NoticeRuns(claim_id=claim.claim_id, last=claim.notice_last)
    noticed, noticed_fen = _counted(session, claim), claim.payable_fen
    assess_claim(session, claim, renew_flags(session, claim, people, clock))
    _require_cleared(session, claim)
    if not claim.payable_fen:
        raise NothingPayable(claim_id=claim.claim_id)
    if claim.payable_fen > noticed_fen or not _counted(session, claim) <= noticed:
        raise NoticeOutrun(
            claim_id=claim.claim_id, noticed=yuan(noticed_fen), payable=yuan(claim.payable_fen)
        )
    for seat in claims.list_seats(session, claim.claim_id):
        seat.holds = seat.standing == Standing.COUNTED
    session.flush()
    for line in claims.list_lines(session, [claim.claim_id]):
        refused = [part for part in line.parts if part["refused_fen"]]
        cut_trip(
            session,
            line.trip_id,
            [
                Cut(part["payer"], claim.claimant, part["refused_fen"], "refused", claim.claim_id)
                for part in refused
            ],
            cause,
            clock,
        )


def cut_trip(session: Session, trip_id: str, cuts: list[Cut], cause: Cause, clock: Clock) -> None:
    """Take from a trip's bill what a claim may not have, and let the books follow."""
    if not cuts:
        return
    trip = get_trip(session, trip_id)
    trip.cuts = [*trip.cuts, *(bill_trip.cut_values(one) for one in cuts)]
    bill_trip.settle_trip(session, trip, cause, clock.now())


def withdraw_cuts(session: Session, claim: ClaimRow, principal: Principal, clock: Clock) -> None:
    """Give back what an approval had cut, where the claim is no longer approved."""
    for trip in claims.lock_trips(session, claim.claim_id).values():
        kept = [one for one in trip.cuts if one["claim_id"] != claim.claim_id]
        if kept != trip.cuts:
            trip.cuts = kept
            cause = Cause(claim.correlation_id, claim.claim_id, principal.subject)
            bill_trip.settle_trip(session, trip, cause, clock.now())


def require_answered(session: Session, claim: ClaimRow) -> None:
    """Raises ObjectionsOpen while somebody's objection has no answer."""
    waiting = [row for row in claims.list_objections(session, claim.claim_id) if row.answer is None]
    if waiting:
        raise ObjectionsOpen(claim_id=claim.claim_id, count=len(waiting))


def _require_cleared(session: Session, claim: ClaimRow) -> None:
    standing = [flag for flag in claims.list_flags(session, claim.claim_id) if flag.cleared_by is None]
    grave = {flag.code for flag in standing if flag.severity in (Severity.BLOCK, Severity.REVIEW)}
    if grave:
        raise FlagsStand(claim_id=claim.claim_id, codes=", ".join(sorted(grave)))


def _counted(session: Session, claim: ClaimRow) -> set[str]:
    seats = claims.list_seats(session, claim.claim_id)
    return {seat.request_id for seat in seats if seat.standing == Standing.COUNTED}


def _require_reviewer(session: Session, principal: Principal, claim: ClaimRow) -> None:
    reviewer = reviewer_of(claims.history(session, claim.claim_id))
    if reviewer != principal.subject:
        raise NotTheReviewer(claim_id=claim.claim_id, reviewer=reviewer or "-")
