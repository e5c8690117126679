"""Nobody sees or changes a neighbour's data: held in the query, shown by asking for it."""

import pytest

from services.dispatcher.store.live import read_mark
from shared.security import Principal, Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import DAY, ENTERPRISE, submitted

OWN, NEIGHBOUR = "522732", "522701"
OFFICES = [Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR]


@pytest.mark.parametrize("role", OFFICES)
def test_an_office_sees_its_own_area_and_not_its_neighbours(
    callers: Callers, trip_id: str, role: Role
) -> None:
    for path in (f"/api/trips/{trip_id}", f"/api/trips/{trip_id}/manifest", f"/trips/{trip_id}"):
        assert callers.ask("GET", path, role, OWN).status_code == 200
        assert callers.ask("GET", path, role, NEIGHBOUR).status_code == 404
        assert callers.ask("GET", path, role, None).status_code == 404
    for area, seen in ((OWN, 1), (NEIGHBOUR, 0), ("5227", 1), ("52", 1), (None, 0)):
        trips = callers.ask("GET", "/api/trips", role, area).json()["trips"]
        asked = {"trip_id": trip_id}
        transfers = callers.ask("GET", "/api/ledger", role, area, params=asked).json()["transfers"]
        figures = callers.ask("GET", "/api/summary", role, area, params={"day": str(DAY)}).json()
        assert (len(trips), bool(transfers), figures["coaches"]) == (seen, bool(seen), seen)


def test_a_round_is_seen_and_decided_by_its_area_alone(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    round_id = callers.dispatch.propose()
    for method, path in (
        ("GET", f"/api/rounds/{round_id}"),
        ("POST", f"/api/rounds/{round_id}/approve"),
        ("POST", f"/api/rounds/{round_id}/reject"),
    ):
        assert callers.ask(method, path, Role.DISPATCHER, NEIGHBOUR).status_code == 404
    assert callers.ask("GET", "/api/rounds", Role.DISPATCHER, NEIGHBOUR).json()["rounds"] == []
    assert callers.ask("GET", "/api/pools", Role.DISPATCHER, NEIGHBOUR).json()["pools"] == []
    assert callers.ask("POST", f"/api/rounds/{round_id}/approve", Role.DISPATCHER, OWN).status_code == 200


def test_a_carrier_sees_its_own_trips_once_they_are_told(callers: Callers, trip_id: str) -> None:
    for organisation, status, entries in (("C01", 200, True), ("C02", 404, False), (None, 404, False)):
        asked = callers.ask("GET", f"/api/trips/{trip_id}", Role.CARRIER, None, organisation)
        assert asked.status_code == status
        ledger = callers.ask("GET", "/api/ledger", Role.CARRIER, None, organisation).json()
        assert bool(ledger["transfers"]) == entries


def test_a_proposal_is_not_shown_to_carriers_and_enterprises(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    callers.dispatch.propose()
    assert callers.ask("GET", "/api/trips", Role.CARRIER, None, "C01").json()["trips"] == []
    mine = callers.ask("GET", "/api/trips", Role.ENTERPRISE, None, ENTERPRISE.enterprise_id)
    assert mine.json()["trips"] == []


def test_an_enterprise_sees_the_trips_of_its_workers_alone(callers: Callers, trip_id: str) -> None:
    own = callers.ask("GET", "/api/trips", Role.ENTERPRISE, None, ENTERPRISE.enterprise_id).json()
    assert [trip["trip_id"] for trip in own["trips"]] == [trip_id]
    other = callers.ask("GET", "/api/trips", Role.ENTERPRISE, None, "91330500MA28C0DE99").json()
    assert other["trips"] == []
    ledger = callers.ask("GET", "/api/ledger", Role.ENTERPRISE, None, ENTERPRISE.enterprise_id).json()
    accounts = {t["debit"].split(":")[0] for t in ledger["transfers"]}
    assert accounts == {"enterprise"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/rounds", {Role.DISPATCHER}),
        ("POST", "/api/rounds/x/approve", {Role.DISPATCHER}),
        ("POST", "/api/rounds/x/reject", {Role.DISPATCHER}),
        ("POST", "/api/trips/x/cancel", {Role.DISPATCHER}),
        ("POST", "/api/fleet", {Role.DISPATCHER, Role.OPERATOR}),
        ("POST", "/api/tariffs", {Role.FINANCE, Role.OPERATOR}),
        ("POST", "/api/policies", {Role.FINANCE, Role.OPERATOR}),
        ("GET", "/board", set(OFFICES)),
        ("GET", "/trips/x/manifest", {*OFFICES, Role.CARRIER, Role.ENTERPRISE} - {Role.FINANCE}),
    ],
)
def test_each_route_is_for_its_roles(callers: Callers, method: str, path: str, allowed: set[Role]) -> None:
    refused = {role for role in Role if callers.ask(method, path, role, "52").status_code == 403}
    assert refused == set(Role) - allowed


@pytest.mark.parametrize("area", [OWN, "5227", None])
@pytest.mark.parametrize(
    ("kind", "role", "changed"),
    [
        ("tariffs", Role.FINANCE, {"version": 9, "fen_per_km": 1}),
        ("tariffs", Role.OPERATOR, {"version": 9, "fen_per_km": 1}),
        ("policies", Role.FINANCE, {"version": 9}),
        ("fleet", Role.DISPATCHER, {"contact_email": "elsewhere@example.com"}),
    ],
)
def test_one_county_does_not_change_the_terms_of_all(
    callers: Callers, kind: str, role: Role, changed: dict[str, object], area: str | None
) -> None:
    known = callers.ask("GET", f"/api/{kind}").json()
    ((name, rows),) = known.items()
    sent = {name: [row | changed for row in rows]}
    refused = callers.ask("POST", f"/api/{kind}", role, area, json=sent)
    assert (refused.status_code, refused.json()["code"]) == (403, "province-needed")
    assert callers.ask("GET", f"/api/{kind}").json() == known
    assert callers.ask("POST", f"/api/{kind}", role, "52", json=sent).status_code == 200


def test_the_live_mark_moves_with_ones_own_data_alone(callers: Callers, trip_id: str) -> None:
    def mark(area: str) -> str:
        principal = Principal("x", frozenset({Role.DISPATCHER}), (area,))
        with callers.dispatch.database.session() as session:
            return read_mark(session, principal, DAY)

    before = mark(OWN), mark(NEIGHBOUR)
    callers.dispatch.depart(callers.dispatch.trips()[0])
    after = mark(OWN), mark(NEIGHBOUR)
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
