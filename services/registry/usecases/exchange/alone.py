"""What is known of one ID of a merged file alone: what the other system says of it is weighed against that too, so that each
has its own once they are parted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlmodel import Session

from services.registry.domain.exchange.month import tracked
from services.registry.domain.months import last_day
from services.registry.domain.tracking.outcome import NOT_EMPLOYED, standing_of
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.exchange.people import Known, read_alone
from services.registry.store.merges import merged_among
from services.registry.store.tables import TrackingRecordRow
from services.registry.store.tracking.records import as_try, records_of


def known_alone(session: Session, files: Mapping[str, Known], month: date) -> dict[str, Known]:
    """Those of these persons (by id, each with what is known of the file) who are of a merged file, with what is their own."""
    merged = merged_among(session, list(files))
    if not merged:
        return {}
    alone = read_alone(session, {one: files[one] for one in merged}, month, last_day(month))
    for person_id, row in _standing(session, merged):
        if row.month == month:
            alone[person_id].record = tracked(row.outcome, row.enterprise_id, row.area_code, row.wage_band)
    return alone


def months_without_work(session: Session, person_ids: Sequence[str]) -> list[tuple[str, date]]:
    """In which months a helper found one of these persons without work."""
    return [(one, row.month) for one, row in _standing(session, person_ids) if row.outcome in NOT_EMPLOYED]


def _standing(session: Session, person_ids: Sequence[str]) -> Iterator[tuple[str, TrackingRecordRow]]:
    """Of each person's months that came out as something, the record that stands."""
    for key, rows in records_of(session, person_ids).items():
        standing = standing_of(map(as_try, rows), shipped_rule(key.month).tries)
        if standing.outcome is not None:
            yield key.person_id, next(row for row in rows if row.id == standing.record_id)
