"""Which records say where the persons of a file work."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from services.registry.domain.tracking.outcome import speaking
from services.registry.store.tables import PersonRow
from services.registry.store.tracking.records import as_try, records_by_file
from services.registry.usecases.tracking.effects import Standing


def standing_records(
    session: Session, families: Mapping[str, Iterable[PersonRow]]
) -> dict[str, list[Standing]]:
    """By file: the records of all months that say where one of its persons works."""
    found: dict[str, list[Standing]] = {file_id: [] for file_id in families}
    for key, rows in records_by_file(session, families).items():
        told = speaking(map(as_try, rows))
        found[key.person_id] += [Standing(key, row) for row in rows if row.id in told]
    return found
