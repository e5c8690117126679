"""What programs get: a day from terms to ledger over HTTP, with errors that say what to do."""

import re
from io import BytesIO

from services.sample.fleet import policy as sample_policy
from shared.security import Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import DAY, ENTERPRISE, submitted

MASKED_FIELDS = ("name", "phone", "resident_id")


def test_a_day_is_planned_approved_and_accounted_over_http(callers: Callers) -> None:
    callers.dispatch.tell(*(submitted(n) for n in range(24)))
    pools = callers.ask("GET", "/api/pools").json()["pools"]
    assert [(pool["pool_id"], pool["waiting"]) for pool in pools] == [("522732-330500", 24)]
    made = callers.ask("POST", "/api/rounds", json={"day": str(DAY), "area": "522732"})
    assert made.status_code == 201
    round_id = made.json()["round_id"]
    callers.dispatch.plan(round_id, "columns")
    detail = callers.ask("GET", f"/api/rounds/{round_id}").json()
    assert detail["state"] == "proposed"
    (pool,) = detail["pools"]
    assert 0 < pool["bound_fen"] <= pool["cost_fen"] <= pool["first_fit_fen"]
    assert pool["gap"] == (pool["cost_fen"] - pool["bound_fen"]) / pool["bound_fen"]
    assert {name: detail[name] for name in ("cost_fen", "bound_fen", "gap")} == {
        name: pool[name] for name in ("cost_fen", "bound_fen", "gap")
    }
    assert callers.ask("POST", f"/api/rounds/{round_id}/approve").json()["state"] == "approved"
    (trip,) = callers.ask("GET", "/api/trips", params={"day": str(DAY)}).json()["trips"]
    assert trip["riders"] == 24
    statement = callers.ask("GET", "/api/ledger", params={"trip_id": trip["trip_id"]}, role=Role.FINANCE)
    balances = {b["account"]: b for b in statement.json()["balances"]}
    assert balances["carrier:C01:2020-spring"]["reserved_fen"] == trip["cost_fen"]
    figures = callers.ask("GET", "/api/summary", params={"day": str(DAY)}).json()
    assert (figures["batches"], figures["workers"], figures["coaches"]) == (1, 24, 1)
    assert figures["subsidy_fen"] + figures["enterprises_fen"] == figures["cost_fen"]
    assert sum(figures["subsidy_by_payer"].values()) == figures["subsidy_fen"]


def test_a_county_dispatcher_plans_its_own_county_without_saying_so(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    made = callers.ask("POST", "/api/rounds", area="522732", json={"day": str(DAY)})
    assert made.json()["area"] == "522732"


def test_another_area_is_refused_by_name(callers: Callers) -> None:
    refused = callers.ask("POST", "/api/rounds", area="522732", json={"day": str(DAY), "area": "520102"})
    assert refused.status_code == 403
    assert "520102" in refused.json()["detail_en"]
    assert "520102" in refused.json()["detail_zh"]


def test_the_samples_files_load_as_they_are(callers: Callers) -> None:
    tariffs = (
        b"tariffs:\n- {id: C53-2020, coach_type: C53, seats: 53, valid_from: 2020-01-01, fen_per_km: 1050}\n"
    )
    fleet = (
        b"carrier_id,carrier_name,home_prefecture_code,coach_type,seats_approved,coaches_per_day,contact_email\n"
        b"CAR-1,X,522700,C53,53,4,a@example.com\n"
    )
    for path, content, role in (
        ("/api/tariffs/file", tariffs, Role.FINANCE),
        ("/api/fleet/file", fleet, Role.DISPATCHER),
    ):
        answer = callers.ask("POST", path, role=role, files={"file": ("f", BytesIO(content))})
        assert answer.json() == {"given": 1, "loaded": 1}
    (coaches,) = callers.ask("GET", "/api/fleet").json()["coaches"]
    assert (coaches["carrier_id"], coaches["coaches_per_day"]) == ("CAR-1", 4)
    body = {"policies": [sample_policy(DAY, DAY)]}
    body["policies"][0] |= {"valid_from": str(DAY), "valid_to": str(DAY)}
    again = [callers.ask("POST", "/api/policies", role=Role.FINANCE, json=body).json() for _ in range(2)]
    assert [answer["loaded"] for answer in again] == [1, 0]


def test_a_version_once_loaded_is_not_changed(callers: Callers) -> None:
    shown = callers.ask("GET", "/api/policies").json()
    shown["policies"][0]["cap_vehicle_fen"] = 80
    refused = callers.ask("POST", "/api/policies", role=Role.FINANCE, json=shown)
    assert refused.status_code == 409
    assert "new version" in refused.json()["detail_en"]


def test_a_bad_fleet_file_names_line_fault_and_mend_and_changes_nothing(callers: Callers) -> None:
    before = callers.ask("GET", "/api/fleet").json()
    content = (
        b"carrier_id,carrier_name,home_prefecture_code,coach_type,seats_approved,coaches_per_day\n"
        b"CAR-1,X,522700,C53,53,4\nCAR-2,Y,5227,C53,fifty,4\n"
    )
    refused = callers.ask("POST", "/api/fleet/file", files={"file": ("fleet.csv", BytesIO(content))})
    assert refused.status_code == 422
    fields = {error["field"] for error in refused.json()["errors"]}
    assert fields == {"line 3: home_prefecture_code", "line 3: seats_approved"}
    assert all(error["mend_zh"] and error["mend_en"] for error in refused.json()["errors"])
    assert callers.ask("GET", "/api/fleet").json() == before


def test_a_fleet_file_without_a_column_names_it(callers: Callers) -> None:
    refused = callers.ask("POST", "/api/fleet/file", files={"file": ("f", BytesIO(b"carrier_id\nX\n"))})
    assert "home_prefecture_code" in refused.json()["detail_en"]


def test_a_file_that_is_not_what_it_should_be_says_so(callers: Callers) -> None:
    for path, content in (
        ("/api/tariffs/file", b"tariffs: [unclosed"),
        ("/api/policies/file", b"\xff\xfe\x00"),
        ("/api/tariffs/file", b"- 1"),
    ):
        refused = callers.ask("POST", path, role=Role.OPERATOR, files={"file": ("f", BytesIO(content))})
        assert (refused.status_code, refused.json()["code"]) == (422, "file-unreadable")


def test_a_manifest_over_http_holds_no_person(callers: Callers, trip_id: str) -> None:
    answer = callers.ask("GET", f"/api/trips/{trip_id}/manifest")
    seats = [seat for pickup in answer.json()["pickups"] for seat in pickup["seats"]]
    assert len(seats) == 24
    assert not {key for seat in seats for key in seat} & set(MASKED_FIELDS)


def test_an_approved_trip_is_cancelled_with_its_reason(callers: Callers, trip_id: str) -> None:
    cancelled = callers.ask("POST", f"/api/trips/{trip_id}/cancel", json={"reason": "道路中断"})
    assert (cancelled.json()["state"], cancelled.json()["note"]) == ("cancelled", "道路中断")
    again = callers.ask("POST", f"/api/trips/{trip_id}/cancel", json={"reason": "x"})
    assert again.status_code == 409


def test_unknown_fields_are_refused(callers: Callers) -> None:
    refused = callers.ask("POST", "/api/rounds", json={"day": str(DAY), "areas": "52"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "areas"


def test_an_enterprise_sees_its_own_lines_alone(callers: Callers, trip_id: str) -> None:
    answer = callers.ask(
        "GET", f"/api/trips/{trip_id}", Role.ENTERPRISE, None, ENTERPRISE.enterprise_id
    ).json()
    assert {line["account"].split(":")[0] for line in answer["lines"]} == {"enterprise"}


def test_the_figures_of_the_scrape_come_from_the_database(callers: Callers, trip_id: str) -> None:
    def owed() -> dict[str, float]:
        text = callers.client.get("/metrics").text
        found = re.findall(r'zhida_ledger_fen\{account="carrier",balance="(\w+)"\} (\S+)', text)
        return {balance: float(fen) for balance, fen in found}

    trip = callers.dispatch.trips()[0]
    nothing = dict.fromkeys(("limit", "reserved", "committed", "settled", "paid"), 0)
    assert owed() == nothing | {"reserved": trip.cost_fen}
    callers.dispatch.confirm(trip)
    assert owed() == nothing | {"settled": trip.cost_fen}
    assert 'zhida_trips{state="settled"} 1.0' in callers.client.get("/metrics").text
