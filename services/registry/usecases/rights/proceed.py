"""Takes a case on: from one channel to the next, to its outcome, and its clocks with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.rights.case import (
    OVER,
    Act,
    ActNotPossible,
    CaseOutcome,
    Note,
    State,
    check_outcome,
    follow,
    last_act,
)
from services.registry.domain.rights.clocks import Clock, ClockKind, extend, resume, suspend
from services.registry.store.rights import get_case
from services.registry.store.tables import CaseRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights import clocks
from services.registry.usecases.rights.errors import CaseOver, DayNotPossible, OutcomeMissing
from services.registry.usecases.rights.hands import require_hand
from services.registry.usecases.rights.steps import add_step, require_reason, write_step
from shared.kernel.clock import Clock as TimeSource
from shared.kernel.clock import local_date
from shared.security import Principal

_BEFORE_ARBITRATION = (State.OPENED, State.ASSIGNED, State.MEDIATION, State.INSPECTION)


@dataclass(frozen=True)
class Move:
    """What is done, on which day (today unless it is said), why, and for `resolve` with which outcome."""

    act: Act | Note
    day: date | None = None
    note: str = ""
    outcome: CaseOutcome | None = None
    amount_fen: int | None = None
    clock: ClockKind | None = None
    days: int = 0


def proceed(parts: Parts, principal: Principal, case_id: str, move: Move) -> None:
    """Do it, and write it down.

    Raises CaseUnknown, NotAccepted, ActNotPossible, OutcomeNotPossible, AmountNotFitting, DayNotPossible, ReasonNeeded,
    CaseOver, NoSuchClock, and what the clocks raise.
    """
    with parts.database.session() as session:
        case, person = get_case(session, principal, case_id, lock=True)
        require_hand(principal, case)
        today = local_date(parts.clock.now())
        day = move.day or today
        if not case.known_on <= day <= today:
            raise DayNotPossible(field="day")
        before = case.state
        if isinstance(move.act, Act):
            _step(session, parts.clock, case, move, day)
        else:
            _note(session, case, move, day)
        write_step(
            session,
            parts,
            case,
            person,
            move.act,
            from_state=before,
            day=day,
            by=principal.subject,
            note=move.note,
        )


def end_for_good(session: Session, clock: TimeSource, case: CaseRow, by: str) -> None:
    """End a case that nobody has ended and whose worker nobody knows any more. The caller holds its row."""
    before, at = case.state, clock.now()
    move, day = Move(last_act(before)), local_date(at)
    _step(session, clock, case, move, day)
    add_step(session, case, move.act, from_state=before, day=day, by=by, at=at)
    session.flush()


def _step(session: Session, clock: TimeSource, case: CaseRow, move: Move, day: date) -> None:
    assert isinstance(move.act, Act)
    wanted = follow(case.state, move.act)
    outcome = _outcome(case, move)
    if outcome is not None:
        case.outcome, case.outcome_fen, case.decided_on = outcome, move.amount_fen, day
    elif wanted not in (State.CLOSED, State.RESOLVED):
        case.outcome = case.outcome_fen = case.decided_on = None
    case.state = wanted
    if wanted is State.CLOSED:
        case.closed_at = clock.now()
    clocks.move(session, case, move.act, day, outcome)


def _outcome(case: CaseRow, move: Move) -> CaseOutcome | None:
    if move.act is Act.WITHDRAW:
        return CaseOutcome.WITHDRAWN
    if move.act is not Act.RESOLVE:
        return None
    if move.outcome is None:
        raise OutcomeMissing(field="outcome")
    check_outcome(case.state, move.outcome, move.amount_fen)
    return move.outcome


def _note(session: Session, case: CaseRow, move: Move, day: date) -> None:
    if case.state in OVER:
        raise CaseOver()
    if move.act is Note.ADMIT:
        begun = Clock(ClockKind.ARBITRATION, day)
        clocks.replace(session, case, ClockKind.ACCEPTANCE, begun, day)
        return
    require_reason(move.note)
    if move.act is Note.LIMIT:
        if case.state not in _BEFORE_ARBITRATION:
            raise ActNotPossible(state=case.state, act=move.act)
        clocks.restart_limit(session, case, Clock(ClockKind.LIMIT, day), day)
    elif move.act is not Note.NOTE:
        clocks.change(session, case, move.clock or ClockKind.LIMIT, _how(move, day))


def _how(move: Move, day: date) -> Callable[..., Clock]:
    if move.act is Note.EXTEND:
        return lambda rule, clock: extend(rule, clock, move.days)
    if move.act is Note.SUSPEND:
        return lambda _, clock: suspend(clock, day)
    return lambda _, clock: resume(clock, day)
