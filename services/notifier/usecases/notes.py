"""Keeps what an enterprise writes of a worker sealed: whatever the page asks for, a free text may name somebody."""

from dataclasses import dataclass

from sqlmodel import Session

from services.notifier.store.tables import RiderRow
from services.notifier.store.trips import erase_rider
from shared.events import PersonErased
from shared.messaging import Cause
from shared.security import Seal


@dataclass(frozen=True)
class Notes:
    """Writes and reads the note of a rider."""

    seal: Seal

    def write(self, rider: RiderRow, note: str | None) -> None:
        """The rider's note from now on; None for none. Of somebody who is erased no word is kept."""
        rider.note = self.seal.seal(note, _context(rider)) if note and not rider.erased else None

    def read(self, rider: RiderRow) -> str | None:
        """The rider's note; raises SealBroken where another key sealed it."""
        return self.seal.open(rider.note, _context(rider)) if rider.note else None


def forget_words(session: Session, event: PersonErased, _cause: Cause) -> bool:
    """Destroy what enterprises wrote of whoever travelled by this request; false where nobody here did."""
    return erase_rider(session, event.request_id)


def _context(rider: RiderRow) -> str:
    return f"note/{rider.trip_id}/{rider.request_id}"
