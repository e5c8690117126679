"""Starts, stops and changes the clocks of a case; how long they run is in the rules."""

from collections.abc import Callable, Iterable
from datetime import date

from sqlmodel import Session

from services.registry.domain.rights.case import Act, CaseOutcome
from services.registry.domain.rights.clocks import (
    Clock,
    ClockKind,
    ClockRule,
    ClockRules,
    Pause,
    due_of,
    find_rules,
)
from services.registry.intake.rights_rules import list_rules
from services.registry.store.rights import list_clocks
from services.registry.store.tables import CaseClockRow, CaseRow
from services.registry.usecases.rights.errors import NoSuchClock

_BEGUN_BY = {
    Act.MEDIATE: ClockKind.MEDIATION,
    Act.ARBITRATE: ClockKind.ACCEPTANCE,
    Act.INSPECT: ClockKind.INSPECTION,
}
_LIMIT_GOES_ON = frozenset({Act.ASSIGN, Act.MEDIATE, Act.INSPECT})


def begin(session: Session, case: CaseRow, clock: Clock) -> None:
    """One more clock of the case."""
    rules = find_rules(list_rules(), clock.begins_on)
    row = CaseClockRow(
        case_id=case.id,
        number=len(list_clocks(session, case.id)) + 1,
        kind=clock.kind,
        rules=rules.key,
        begins_on=clock.begins_on,
        pauses=[],
    )
    _keep(session, row, clock, rules.clocks[clock.kind])
    _note_next(session, case)


def move(session: Session, case: CaseRow, act: Act, day: date, outcome: CaseOutcome | None = None) -> None:
    """End what the act ends, begin what it begins."""
    _end(session, case, day, limit_too=act not in _LIMIT_GOES_ON)
    kind = _BEGUN_BY.get(act)
    if act is Act.RESOLVE and outcome is CaseOutcome.AWARD:
        kind = ClockKind.SUIT
    if kind is not None:
        begin(session, case, Clock(kind, day))
    _note_next(session, case)


def replace(session: Session, case: CaseRow, ended: ClockKind, begun: Clock, day: date) -> None:
    """End one clock that is running and begin another. Raises NoSuchClock."""
    row = _running(session, case, ended)
    row.ended_on = day
    session.add(row)
    session.flush()
    begin(session, case, begun)


def change(
    session: Session, case: CaseRow, kind: ClockKind, how: Callable[[ClockRule, Clock], Clock]
) -> None:
    """Change a clock that is running. Raises NoSuchClock, and what `how` raises."""
    row = _running(session, case, kind)
    rule = rules_of(row).clocks[kind]
    _keep(session, row, how(rule, clock_of(row)), rule)
    _note_next(session, case)


def restart_limit(session: Session, case: CaseRow, clock: Clock | None, day: date) -> None:
    """The limit runs from another day on, or not at all."""
    for row in list_clocks(session, case.id):
        if row.kind == ClockKind.LIMIT and row.ended_on is None:
            row.ended_on = day
            session.add(row)
    session.flush()
    if clock is not None:
        begin(session, case, clock)
    _note_next(session, case)


def rules_of(row: CaseClockRow) -> ClockRules:
    """The rules that the clock began under."""
    return next(one for one in list_rules() if one.key == row.rules)


def clock_of(row: CaseClockRow) -> Clock:
    """The clock as the rules see it."""
    return Clock(ClockKind(row.kind), row.begins_on, row.extension, tuple(_read_pauses(row.pauses)))


def _read_pauses(texts: Iterable[str]) -> Iterable[Pause]:
    for text in texts:
        first, _, following = text.partition("/")
        yield Pause(date.fromisoformat(first), date.fromisoformat(following) if following else None)


def _keep(session: Session, row: CaseClockRow, clock: Clock, rule: ClockRule) -> None:
    due = due_of(rule, clock)
    row.extension = clock.extension
    row.pauses = [f"{one.begins_on}/{one.ends_on or ''}" for one in clock.pauses]
    row.due_on = due.day if due else None
    row.is_provisional = due.is_provisional if due else False
    session.add(row)
    session.flush()


def _running(session: Session, case: CaseRow, kind: ClockKind) -> CaseClockRow:
    for row in list_clocks(session, case.id):
        if row.kind == kind and row.ended_on is None:
            return row
    raise NoSuchClock(kind=kind)


def _end(session: Session, case: CaseRow, day: date, *, limit_too: bool) -> None:
    for row in list_clocks(session, case.id):
        if row.ended_on is None and (limit_too or row.kind != ClockKind.LIMIT):
            row.ended_on = day
            session.add(row)
    session.flush()


def _note_next(session: Session, case: CaseRow) -> None:
    due = [row.due_on for row in list_clocks(session, case.id) if row.ended_on is None and row.due_on]
    case.due_on = min(due, default=None)
    session.add(case)
    session.flush()
