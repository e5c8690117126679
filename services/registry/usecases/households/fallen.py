"""Keeps each household's task in step with the facts: opens one where nobody is employed, ends it where somebody is.

Whoever changes employment or membership calls it in the same transaction, once, with all the people that were changed,
and holds their rows before: people first, then households, so that no two wait for each other. To call it again changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session

from services.registry.domain.households.rules import rule_on
from services.registry.domain.households.standing import runs_until
from services.registry.domain.households.zero import Change, Ended, Moved, Opened, change_of
from services.registry.intake.zero_rules import read_zero_rules
from services.registry.store.households.members import hold_households, households_of, members_of
from services.registry.store.households.tasks import closed_by_hand, open_tasks_of
from services.registry.store.tables import ZeroTaskRow
from shared.kernel.ids import new_id


def household_employment_changed(session: Session, person_ids: Iterable[str], day: date, by: str) -> None:
    """What is now known of these people's employment or households may have brought a household to none, or back.

    `day` is today, by the caller's clock: the day on which it became known, from when the clocks run, whatever days the
    facts speak of. `by` is whose word it was: a caller's subject, an import's id.
    """
    settle(session, households_of(session, person_ids), day, by)


def settle(session: Session, household_ids: Sequence[str], day: date, by: str) -> int:
    """Put the tasks of these households right; how many of them changed."""
    hold_households(session, household_ids)
    members = members_of(session, household_ids)
    tasks, closed = open_tasks_of(session, household_ids), closed_by_hand(session, household_ids)
    changed = 0
    for household_id, files in members.items():
        task = tasks.get(household_id)
        runs = runs_until(list(files.values()), day)
        change = change_of(runs, task.fell_on if task else None, closed.get(household_id))
        if change:
            session.add(_changed(task, change, household_id, day, by))
            changed += 1
    session.flush()
    return changed


def _changed(task: ZeroTaskRow | None, change: Change, household_id: str, day: date, by: str) -> ZeroTaskRow:
    if isinstance(change, Opened):
        return _opened(household_id, change.fell_on, day, by)
    if task is None:
        raise RuntimeError("only an open task is moved or ended")
    if isinstance(change, Moved):
        task.fell_on = change.fell_on
    if isinstance(change, Ended):
        task.outcome, task.ended_on = change.outcome, change.on
        task.closed_on, task.closed_by = day, by
    return task


def _opened(household_id: str, fell_on: date, day: date, by: str) -> ZeroTaskRow:
    rule = rule_on(read_zero_rules(), day)
    return ZeroTaskRow(
        id=new_id(),
        household_id=household_id,
        fell_on=fell_on,
        known_on=day,
        help_by=rule.help_by(day),
        clear_by=rule.clear_by(day),
        opened_by=by,
    )
