"""What the notifier's pages share: its templates, and what a list of riders shows; decides nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.notifier.domain.trip import Stop
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.store.trips import stops_of
from services.notifier.usecases.people import People, short_number
from shared.directory import Contact
from shared.web import templates

HERE = Path(__file__).parent
TEMPLATES = templates(HERE / "templates")


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


def group_by_pickup(trip: TripRow, riders: Iterable[RiderRow], people: People) -> list[StopGroup]:
    """Who gets on where, in the order of the way."""
    return _group(trip, riders, people, "pickup")


def group_by_gate(trip: TripRow, riders: Iterable[RiderRow], people: People) -> list[StopGroup]:
    """Who gets off where, in the order of the way; gates where nobody of `riders` gets off are left out."""
    return [group for group in _group(trip, riders, people, "drop") if group.lines]


def line_of(trip: TripRow, rider: RiderRow, people: People) -> RiderLine:
    """One worker's line."""
    gates = {stop.code: stop.name for stop in stops_of(trip) if stop.kind == "drop"}
    contact = people.contacts.get(rider.request_id)
    return RiderLine(rider, short_number(rider.request_id), contact, gates[rider.gate_id])


def _group(trip: TripRow, riders: Iterable[RiderRow], people: People, kind: str) -> list[StopGroup]:
    lines = [line_of(trip, rider, people) for rider in riders]

    def place(line: RiderLine) -> str:
        return line.row.stop_code if kind == "pickup" else line.row.gate_id

    return [
        StopGroup(stop, [line for line in lines if place(line) == stop.code])
        for stop in stops_of(trip)
        if stop.kind == kind
    ]
