"""Ends on a day what goes on for people who are erased: where they belong, work, and whose list they are on."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, delete, func, literal, update
from sqlmodel import Session, col

from services.registry.store.privacy.subjects import PERSON, subjects
from services.registry.store.tables import FileRow, MembershipRow, TrackingRow, TrackingTaskRow


def end_spells(session: Session, person_ids: Sequence[str], day: date) -> None:
    """Every spell that goes on ends on `day`, and one that would begin later is empty; so the past counts as it did."""
    for subject in subjects():
        table = subject.table
        if {PERSON, "valid_from", "valid_to"} <= set(table.c.keys()):
            ends = func.greatest(table.c.valid_from, literal(day, Date))
            goes_on = table.c.valid_to.is_(None) | (table.c.valid_to > ends)
            these = subject.theirs(person_ids) & goes_on
            session.connection().execute(table.update().where(these).values(valid_to=ends))
    _end_ties(session, person_ids)
    _end_lists(session, person_ids, day)


def _end_ties(session: Session, person_ids: Sequence[str]) -> None:
    """Nobody is led from them to their family; that somebody belonged to the household still counts for its past."""
    execute = session.connection().execute
    execute(update(FileRow).where(col(FileRow.person_id).in_(person_ids)).values(household_id=None))
    theirs = col(MembershipRow.person_id).in_(person_ids)
    execute(update(MembershipRow).where(theirs).values(relation=""))


def _end_lists(session: Session, person_ids: Sequence[str], day: date) -> None:
    """Nobody has them on a list: what they had to be asked is asked no more."""
    execute = session.connection().execute
    theirs = col(FileRow.person_id).in_(person_ids)
    execute(update(FileRow).where(theirs).values(helper_id=None))
    open_ = col(TrackingRow.person_id).in_(person_ids) & col(TrackingRow.closed_on).is_(None)
    ends = func.greatest(TrackingRow.opened_on, literal(day, Date))
    execute(update(TrackingRow).where(open_).values(closed_on=ends))
    unasked = col(TrackingTaskRow.person_id).in_(person_ids) & col(TrackingTaskRow.outcome).is_(None)
    execute(delete(TrackingTaskRow).where(unasked))
