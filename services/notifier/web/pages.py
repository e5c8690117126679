"""What the notifier's pages share: its templates, and what a list of riders shows; decides nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.notifier.domain.trip import Stop
from services.notifier.domain.wording import Names, gate_of
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.store.trips import stops_of
from services.notifier.usecases.people import People, short_number
from shared.directory import Contact
from shared.http import current_language
from shared.web import assets, templates

HERE = Path(__file__).parent
TEMPLATES = templates(HERE / "templates")
router = assets(HERE / "static", TEMPLATES)
RECENT = timedelta(days=2)
"""An arrival stays on the first page of a list for so long."""
ARRIVALS_MAX = 200


@dataclass(frozen=True)
class RiderLine:
    """One worker in a list; `contact` is None while the registry is away, `number` is always there."""

    row: RiderRow
    number: str
    contact: Contact | None
    gate: str


@dataclass(frozen=True)
class StopGroup:
    """A stop and who gets on, or off, there."""

    stop: Stop
    lines: Sequence[RiderLine]


def group_by_pickup(
    trip: TripRow, riders: Iterable[RiderRow], people: People, names: Names
) -> list[StopGroup]:
    """Who gets on where, in the order of the way."""
    return _group(trip, [line_of(trip, rider, people, names) for rider in riders], "pickup")


def group_by_gate(trip: TripRow, riders: Iterable[RiderRow], people: People) -> list[StopGroup]:
    """Who gets off where, in the order of the way; gates where nobody of `riders` gets off are left out."""
    lines = [line_of(trip, rider, people, {}) for rider in riders]
    return [group for group in _group(trip, lines, "drop") if group.lines]


def line_of(trip: TripRow, rider: RiderRow, people: People, names: Names) -> RiderLine:
    """One worker's line; `names` are those of enterprises."""
    gates = {stop.code: stop.name for stop in stops_of(trip) if stop.kind == "drop"}
    contact = people.contacts.get(rider.request_id)
    gate = gate_of(gates[rider.gate_id], [rider.enterprise_id], names, current_language())
    return RiderLine(rider, short_number(rider.request_id), contact, gate)


def _group(trip: TripRow, lines: Sequence[RiderLine], kind: str) -> list[StopGroup]:
    def place(line: RiderLine) -> str:
        return line.row.stop_code if kind == "pickup" else line.row.gate_id

    return [
        StopGroup(stop, [line for line in lines if place(line) == stop.code])
        for stop in stops_of(trip)
        if stop.kind == kind
    ]
