"""Knows the order in which riders stand on a manifest: by pickup, families together; refuses to know names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Seat:
    """One worker's seat as a request: family, stop, enterprise and gate."""

    request_id: str
    party_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str


def list_by_pickup(seats: Iterable[Seat], pickups: Sequence[str]) -> list[tuple[str, list[Seat]]]:
    """The pickups in driving order, each with its riders, ordered by gate, family and request."""
    at_stop: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        at_stop[seat.stop_code].append(seat)
    return [
        (stop, sorted(at_stop[stop], key=lambda seat: (seat.gate_id, seat.party_id, seat.request_id)))
        for stop in pickups
    ]
