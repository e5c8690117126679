"""What follows when tracking has changed in which spells people are employed; the one place where others are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.tracking.outcome import EMPLOYED, NOT_EMPLOYED, Finding
from services.registry.domain.tracking.spells import FROM_TRACKING, Place, Spell, say, say_same
from services.registry.store.tables import TrackingRecordRow
from services.registry.store.tracking.records import TaskKey
from services.registry.usecases.households.fallen import household_employment_changed
from shared.kernel.clock import local_date


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that says where somebody works, and of which task it is."""

    key: TaskKey
    row: TrackingRecordRow

    @property
    def day(self) -> date:
        """The day of which it speaks."""
        return local_date(self.row.tried_at)


def say_again(
    spells: Sequence[Spell], standing: Sequence[Standing], file_id: str, since: date
) -> list[Spell]:
    """The spells after all that stands of days from `since` on has been said once more, in the order of days."""
    told = list(spells)
    for one in sorted(standing, key=lambda one: (one.day, one.row.recorded_at, one.row.id)):
        if one.day >= since:
            told = _say(told, one, file_id)
    return told


def source_of(record_id: str) -> str:
    """What a spell of employment is marked with that a record began."""
    return f"{FROM_TRACKING}{record_id}"


def _say(spells: list[Spell], one: Standing, file_id: str) -> list[Spell]:
    finding, source = Finding(one.row.outcome), source_of(one.row.id)
    if finding in NOT_EMPLOYED:
        return say(spells, file_id, one.day, None, source)
    if finding not in EMPLOYED or one.row.area_code is None:
        return spells
    place = Place(one.row.enterprise_id, one.row.area_code)
    if finding is Finding.SAME:
        return say_same(spells, file_id, one.day, place, source, month=one.key.month)
    return say(spells, file_id, one.day, place, source)


def after_employment_changed(
    session: Session, file_ids: Sequence[str], day: date, *, today: date, by: str
) -> None:
    """Tell who listens within this service, in the same transaction, that these files' employment is not what it was.

    Called with the persons' rows held; `day` is the first day that changed for any of them, `by` whose word it was.
    """
    if day <= today:
        household_employment_changed(session, file_ids, today, by)
