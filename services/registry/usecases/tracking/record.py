"""Takes what helpers recorded, each under an id that their device made: none is lost, none counts twice.

Each record is answered for itself, so that one which cannot be taken holds up no other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from services.registry.domain.fault import Fault
from services.registry.domain.months import month_of
from services.registry.domain.tracking.faults import fault
from services.registry.domain.tracking.outcome import EMPLOYED, Finding, WageBand
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.domain.tracking.spells import Place
from services.registry.store.files import file_of
from services.registry.store.tables import EmploymentAloneRow, PersonRow, TrackingRecordRow
from services.registry.store.tracking.files import hold_files
from services.registry.store.tracking.places import areas_of_enterprises
from services.registry.store.tracking.records import (
    Asked,
    TaskKey,
    find_tasks,
    keep_record,
    known_records,
)
from services.registry.store.tracking.spells import spells_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.effects import after_employment_changed
from services.registry.usecases.tracking.settle import settle_months
from shared.kernel.clock import local_date
from shared.security import Principal

CLOCK_MAY_BE_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Given:
    """A record as a device sends it. Of `SAME`, the employer may be left out: then it is the one that is known."""

    record_id: str
    person_id: str
    month: date
    finding: Finding
    tried_at: datetime
    recorded_at: datetime
    enterprise_id: str | None = None
    area_code: str | None = None
    wage_band: WageBand | None = None

    def digest(self) -> str:
        """The same for the same record, however often it is sent."""
        words = (
            self.person_id,
            month_of(self.month).isoformat(),
            self.finding,
            self.enterprise_id or "",
            self.area_code or "",
            self.wage_band or "",
            repr(self.tried_at.timestamp()),
            repr(self.recorded_at.timestamp()),
        )
        return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


class Answer(StrEnum):
    """What became of a record."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record, by its id, and why it was refused."""

    record_id: str
    answer: Answer
    fault: Fault | None = None


def record(parts: Parts, principal: Principal, given: Sequence[Given]) -> list[Result]:
    """Take these records; a result for each, in their order."""
    now = parts.clock.now()
    with parts.database.session() as session:
        found, families = _find(session, principal, given)
        areas = areas_of_enterprises(session, {one.enterprise_id for one in given if one.enterprise_id})
        known = known_records(session, [one.record_id for one in given])
        taking = _Taking(session, principal, now, families, file_of(families), areas, known)
        results = [taking.take(one, key) for one, key in zip(given, found, strict=True)]
        taking.settle()
    return results


def _find(
    session: Session, principal: Principal, given: Sequence[Given]
) -> tuple[list[TaskKey | None], dict[str, list[PersonRow]]]:
    """The task of each record, as it is once the files are held: two of them may have been merged while we waited. And those
    files, with all their persons, held to the end of the transaction."""
    asked = [Asked(one.person_id, month_of(one.month), one.recorded_at) for one in given]
    theirs = {
        one.person_id for one, key in zip(asked, find_tasks(session, principal, asked), strict=True) if key
    }
    families = hold_files(session, theirs)
    found = find_tasks(session, principal, asked)
    return [key if one.person_id in theirs else None for one, key in zip(asked, found, strict=True)], families


@dataclass
class _Taking:
    """One batch under way."""

    session: Session
    principal: Principal
    now: datetime
    families: dict[str, list[PersonRow]]
    file_of: dict[str, str]
    areas: dict[str, str]
    known: dict[str, TrackingRecordRow]
    told: set[TaskKey] = field(default_factory=set)
    """Of whom something was recorded, and of which month."""
    fresh: set[str] = field(default_factory=set)
    """Ids of the records of this batch that were not known before."""

    def take(self, one: Given, key: TaskKey | None) -> Result:
        """Keep the record, unless it is known or something is wrong with it."""
        if one.record_id in self.known:
            return self._again(one)
        if key is None:
            return Result(one.record_id, Answer.REFUSED, fault("not-on-your-list"))
        place = self._wrong(one) or self._place(one, key)
        if isinstance(place, Fault):
            return Result(one.record_id, Answer.REFUSED, place)
        row = self._row(one, key, place)
        if not keep_record(self.session, row):  # another device's, this very moment
            self.known |= known_records(self.session, [one.record_id])
            return self._again(one)
        self.known[row.id] = row
        self.told.add(TaskKey(row.person_id, row.month))
        self.fresh.add(row.id)
        return Result(one.record_id, Answer.ACCEPTED)

    def settle(self) -> None:
        """Set how the tasks stand that something was recorded on, and what that makes of employment."""
        today, by = local_date(self.now), self.principal.subject
        days = settle_months(self.session, self.families, self.told, self.fresh, today)
        if days:
            after_employment_changed(self.session, list(days), min(days.values()), today=today, by=by)

    def _again(self, one: Given) -> Result:
        known = self.known[one.record_id]
        if known.digest == one.digest() and known.recorded_by == self.principal.subject:
            return Result(one.record_id, Answer.KNOWN)
        return Result(one.record_id, Answer.REFUSED, fault("id-in-use"))

    def _wrong(self, one: Given) -> Fault | None:
        month, today = month_of(one.month), local_date(self.now)
        rule = shipped_rule(month)
        closes_on = rule.closes_on(month)
        if month > today:
            return fault("month-to-come")
        if local_date(one.recorded_at) > closes_on or today > rule.receives_to(month):
            return fault("month-closed", closes_on=closes_on.isoformat())
        if one.recorded_at > self.now + CLOCK_MAY_BE_AHEAD:
            return fault("clock-ahead")
        if not month <= local_date(one.tried_at) <= closes_on or one.tried_at > one.recorded_at:
            return fault("try-outside-month")
        return None

    def _place(self, one: Given, key: TaskKey) -> Place | Fault | None:
        """Where the record says that somebody works; None where it says that they do not, or nothing."""
        if one.finding not in EMPLOYED:
            is_plain = not (one.enterprise_id or one.area_code or one.wage_band)
            return None if is_plain else fault("not-employed-there")
        if one.enterprise_id and one.enterprise_id not in self.areas:
            return fault("enterprise-unknown")
        area = one.area_code or self.areas.get(one.enterprise_id or "")
        if area:
            return Place(one.enterprise_id, area)
        if one.finding is Finding.CHANGED:
            return fault("area-needed")
        known = self._known_place(one, key)
        return known or fault("nowhere-employed")

    def _known_place(self, one: Given, key: TaskKey) -> Place | None:
        """The last that was known before this record's day; of who is of a merged file, of this ID before all of them."""
        family = [person.id for person in self.families[self.file_of[key.person_id]]]
        alone = spells_of(self.session, [one.person_id], EmploymentAloneRow) if len(family) > 1 else []
        day = local_date(one.tried_at)
        for spells in (alone, spells_of(self.session, family)):
            before = [spell for spell in spells if spell.valid_from <= day]
            if before:
                return before[-1].place
        return None

    def _row(self, one: Given, key: TaskKey, place: Place | None) -> TrackingRecordRow:
        return TrackingRecordRow(
            id=one.record_id,
            person_id=one.person_id,
            month=key.month,
            outcome=one.finding.value,
            enterprise_id=place.enterprise_id if place else None,
            area_code=place.area_code if place else None,
            wage_band=one.wage_band.value if one.wage_band else None,
            tried_at=one.tried_at,
            recorded_at=one.recorded_at,
            received_at=self.now,
            recorded_by=self.principal.subject,
            digest=one.digest(),
        )
