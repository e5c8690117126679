"""What a merge makes of work and months, and what a parting leaves each: what they would have had nobody been merged.

While two are one file, a word about one of them is said of the file, and apart of that ID alone; so parting takes nothing
back, it gives each side its own. A file's month stands by what was recorded of all its persons.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.registry.domain.months import ends_at, month_of
from services.registry.domain.privacy.retention import first_month_tracked
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.files import same_file
from services.registry.store.merges import has_merged, standing_since
from services.registry.store.tables import EmploymentAloneRow, MergeRow, PersonRow
from services.registry.store.tracking.alone import (
    ask_in_month,
    give_back,
    hold_tasks,
    months_made,
    set_aside,
    unask_since,
)
from services.registry.store.tracking.files import drop_unasked
from services.registry.store.tracking.records import months_recorded
from services.registry.store.tracking.spells import save_spells, spells_of
from services.registry.usecases.tracking.arrive import say_arrivals_again
from services.registry.usecases.tracking.effects import say_again
from services.registry.usecases.tracking.settle import set_again
from services.registry.usecases.tracking.standing import standing_records
from shared.kernel.clock import local_date


def set_apart(session: Session, person_id: str, into_id: str) -> None:
    """Before the two are one file: each keeps what is its own. The caller holds both."""
    set_aside(session, [person_id] if has_merged(session, into_id) else [person_id, into_id])


def put_together(session: Session, merge: MergeRow) -> None:
    """Once the two are one file: its months stand by what was recorded of either."""
    tasks = hold_tasks(session, [merge.into_id], months_recorded(session, [merge.person_id]))
    set_again(session, same_file(session, merge.into_id), tasks)


def give_own(session: Session, merge: MergeRow, at: datetime) -> None:
    """Once the two are parted: each has what the words about them alone have made. The caller holds both.

    In months of which what was known may have been destroyed by age, nobody is asked for anew.
    """
    rest = same_file(session, merge.into_id)
    months = set(months_recorded(session, [merge.person_id, *(one.id for one in rest)]))
    give_back(session, [merge.person_id, merge.into_id] if len(rest) == 1 else [merge.person_id])
    if len(rest) > 1:
        _tell_rest(session, rest, merge.into_id)
    since = max(month_of(local_date(merge.merged_at)), first_month_tracked(at))
    made = months_made(session, since)
    for month in made:
        ask_in_month(session, merge.person_id, month, shipped_rule(month), ends_at(month))
    both = [merge.person_id, merge.into_id]
    tasks = hold_tasks(session, both, {*months, *made})
    for file_id in both:
        theirs = [task for task in tasks if task.person_id == file_id and task.month in months]
        set_again(session, same_file(session, file_id), theirs)
        unask_since(session, file_id, since)
        drop_unasked(session, file_id)


def _tell_rest(session: Session, rest: Sequence[PersonRow], file_id: str) -> None:
    """A file of still more persons is said anew, from what each of them is alone, as if these had been merged first."""
    ids = [one.id for one in rest]
    since = local_date(standing_since(session, file_id))
    told = say_arrivals_again(session, spells_of(session, ids, EmploymentAloneRow), ids, since)
    records = standing_records(session, {file_id: rest})[file_id]
    save_spells(session, spells_of(session, ids), say_again(told, records, file_id, since))
