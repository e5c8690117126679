"""The manifest follows the coach: by pickup in driving order, families together."""

from services.dispatcher.domain.manifest import Seat, list_by_pickup


def test_riders_stand_by_pickup_and_families_together() -> None:
    seats = [
        Seat("R3", "P2", "s2", "E1", "G1"),
        Seat("R1", "P2", "s2", "E1", "G1"),
        Seat("R2", "P1", "s2", "E1", "G1"),
        Seat("R4", "P3", "s1", "E2", "G2"),
    ]
    ordered = [(stop, [s.request_id for s in those]) for stop, those in list_by_pickup(seats, ["s2", "s1"])]
    assert ordered == [("s2", ["R2", "R1", "R3"]), ("s1", ["R4"])]
