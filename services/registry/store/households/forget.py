"""Destroys what was written about households in words: it was not to name anybody, and nobody can be found in it to erase them alone."""

from collections.abc import Iterable

from sqlalchemy import update
from sqlmodel import Session, col, select

from services.registry.store.households.members import households_of
from services.registry.store.tables import PlanStepRow, ZeroHelpRow, ZeroTaskRow


def forget_words(session: Session, person_ids: Iterable[str]) -> None:
    """Of all households to which these people ever belonged; that it was done, when and by whom stays known."""
    households = households_of(session, person_ids)
    tasks = select(ZeroTaskRow.id).where(col(ZeroTaskRow.household_id).in_(households))
    for change in (
        update(ZeroHelpRow).where(col(ZeroHelpRow.task_id).in_(tasks)).values(words_sealed=None),
        update(ZeroTaskRow).where(col(ZeroTaskRow.household_id).in_(households)).values(note_sealed=None),
        update(PlanStepRow).where(col(PlanStepRow.household_id).in_(households)).values(words_sealed=None),
    ):
        session.connection().execute(change)
