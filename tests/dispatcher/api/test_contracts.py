"""Contracts as carriers and bureaus send them: whose they are, what is refused, and what a trip's page shows."""

from typing import Any

import pytest

from shared.security import Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import ENTERPRISE, Dispatch, submitted

OWN, NEIGHBOUR = "522732", "522701"
HEADINGS = "trip_id,contract_no,charterer_id,price_yuan,plate,plate_prefecture_code,seats_approved,signed_on,filed_at,emergency_order"
LINE = ",HT-1,522732,10000.01,贵J12345,522700,53,2020-02-23,2020-02-23T12:00:00+08:00,"


def said(trip_id: str, **changes: Any) -> dict[str, Any]:
    contract = {
        "trip_id": trip_id,
        "contract_no": "HT-1",
        "charterer_id": "522732",
        "price_fen": 1_000_001,
        "plate": "贵J12345",
        "plate_prefecture_code": "522700",
        "seats_approved": 53,
        "signed_on": "2020-02-23",
        "filed_at": "2020-02-23T12:00:00+08:00",
        "emergency_order": None,
    }
    return contract | changes


def send(callers: Callers, contract: dict[str, Any], role: Role = Role.BUREAU, *who: Any) -> Any:
    return callers.ask("POST", "/api/contracts", role, *(who or (OWN,)), json={"contracts": [contract]})


def send_file(callers: Callers, *lines: str) -> Any:
    sent = {"file": ("contracts.csv", "\n".join((HEADINGS, *lines)).encode())}
    return callers.ask("POST", "/api/contracts/file", Role.CARRIER, None, "C01", files=sent)


def shown(callers: Callers, trip_id: str) -> Any:
    return callers.ask("GET", f"/api/trips/{trip_id}/contract", Role.AUDIT, OWN).json()


@pytest.mark.parametrize(
    "who",
    [(Role.CARRIER, None, "C01"), (Role.BUREAU, OWN), (Role.DISPATCHER, "5227")],
    ids=lambda who: who[0],
)
def test_a_trip_s_carrier_and_its_area_s_bureau_and_dispatcher_record_its_contract(
    callers: Callers, trip_id: str, who: Any
) -> None:
    assert shown(callers, trip_id) is None
    assert send(callers, said(trip_id), *who).json() == {"given": 1, "loaded": 1}
    assert send(callers, said(trip_id), *who).json() == {"given": 1, "loaded": 0}
    contract = shown(callers, trip_id)
    assert contract.items() >= (said(trip_id) | {"filed_at": "2020-02-23T04:00:00Z"}).items()
    assert (contract["recorded_by"], contract["tariff_fen"] > 0) == (who[0], True)
    trip = callers.ask("GET", f"/api/trips/{trip_id}").json()
    assert trip["cost_fen"] == 1_000_001


def test_a_file_says_the_same_as_json(callers: Callers, trip_id: str) -> None:
    assert send_file(callers, trip_id + LINE).json() == {"given": 1, "loaded": 1}
    assert send(callers, said(trip_id)).json() == {"given": 1, "loaded": 0}


@pytest.mark.parametrize(
    "who",
    [
        (Role.CARRIER, None, "C02"),
        (Role.CARRIER, None, None),
        (Role.BUREAU, NEIGHBOUR),
        (Role.DISPATCHER, None),
    ],
)
def test_a_neighbour_s_trip_is_not_there_to_sign_for_nor_its_contract_to_see(
    callers: Callers, trip_id: str, who: Any
) -> None:
    refused = send(callers, said(trip_id), *who)
    absent = send(callers, said("T-522732-20200224-999"), *who)
    assert (refused.status_code, refused.json()["code"]) == (404, "no-such-trip")
    assert refused.json()["detail_en"].replace(trip_id, "") == absent.json()["detail_en"].replace(
        "T-522732-20200224-999", ""
    )
    send(callers, said(trip_id))
    assert callers.ask("GET", f"/api/trips/{trip_id}/contract", *who).status_code == 404
    mine = callers.ask(
        "GET", f"/api/trips/{trip_id}/contract", Role.ENTERPRISE, None, ENTERPRISE.enterprise_id
    )
    assert mine.json()["contract_no"] == "HT-1"


def test_one_contract_that_is_refused_refuses_the_list(callers: Callers, trip_id: str) -> None:
    both = {"contracts": [said(trip_id), said("T-522732-20200224-999")]}
    assert callers.ask("POST", "/api/contracts", Role.BUREAU, OWN, json=both).status_code == 404
    assert shown(callers, trip_id) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_fen": 0}, "price_fen"),
        ({"price_fen": 10**9 + 1}, "price_fen"),
        ({"plate": "贵J1234"}, "plate"),
        ({"plate": "贵J123456I"}, "plate"),
        ({"plate": "贵J1234O"}, "plate"),
        ({"plate": "J12345"}, "plate"),
        ({"plate_prefecture_code": "贵阳"}, "plate_prefecture_code"),
        ({"filed_at": "2020-02-23T12:00:00"}, "filed_at"),
        ({"signed_on": "昨天"}, "signed_on"),
    ],
)
def test_what_no_contract_says_is_refused_with_its_field(
    callers: Callers, trip_id: str, changes: dict[str, Any], field: str
) -> None:
    refused = send(callers, said(trip_id, **changes))
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["errors"]] == [f"contracts[0].{field}"]
    assert shown(callers, trip_id) is None


@pytest.mark.parametrize("plate", ["贵JD12345", "京A1A2B3"])
def test_plates_of_new_energy_and_of_other_provinces_are_plates(
    callers: Callers, trip_id: str, plate: str
) -> None:
    assert send(callers, said(trip_id, plate=plate)).status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("10000.01", "10000.001", "price_yuan"),
        ("10000.01", "10000000.01", "price_yuan"),
        ("贵J12345", "贵J 12345", "plate"),
        ("+08:00", "", "filed_at"),
    ],
)
def test_a_bad_line_of_a_file_is_named(
    callers: Callers, trip_id: str, old: str, new: str, field: str
) -> None:
    refused = send_file(callers, trip_id + LINE.replace(old, new))
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert (fault["field"], bool(fault["mend_zh"] and fault["mend_en"])) == (f"line 2: {field}", True)


def test_a_contract_is_filed_later_and_changes_in_nothing_else_under_its_number(
    callers: Callers, trip_id: str
) -> None:
    send(callers, said(trip_id, filed_at=None))
    version = callers.ask("GET", f"/api/trips/{trip_id}").json()["version"]
    for other in ({"price_fen": 1}, {"plate": "贵J54321"}, {"filed_at": None, "charterer_id": "520115"}):
        refused = send(callers, said(trip_id, **other))
        assert (refused.status_code, refused.json()["code"]) == (409, "contract-taken")
    assert send(callers, said(trip_id)).json()["loaded"] == 1
    assert shown(callers, trip_id)["filed_at"] == "2020-02-23T04:00:00Z"
    assert callers.ask("GET", f"/api/trips/{trip_id}").json()["version"] == version
    refused = send(callers, said(trip_id, filed_at="2020-02-22T12:00:00+08:00"))
    assert refused.status_code == 409, "it was filed once"


def test_a_trip_that_does_not_run_has_no_contract(callers: Callers, dispatch: Dispatch, trip_id: str) -> None:
    callers.ask("POST", f"/api/trips/{trip_id}/cancel", json={"reason": "暴雪封路"})
    refused = send(callers, said(trip_id))
    assert (refused.status_code, refused.json()["code"]) == (409, "trip-not-running")
    dispatch.tell(*(submitted(n) for n in range(30, 54)))
    dispatch.propose()
    proposed = next(trip.trip_id for trip in dispatch.trips() if trip.state == "proposed")
    assert send(callers, said(proposed)).json()["code"] == "trip-not-running"
    assert send(callers, said(proposed), Role.CARRIER, None, "C01").json()["code"] == "no-such-trip"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CARRIER, Role.BUREAU, Role.DISPATCHER}))
def test_nobody_else_records_contracts(callers: Callers, role: Role) -> None:
    for path in ("/api/contracts", "/api/contracts/file", "/trips/x/contract"):
        assert callers.ask("POST", path, role, "52").status_code == 403


FORM = {
    "contract_no": "HT-9",
    "charterer_id": "522732",
    "price_yuan": "9999.5",
    "plate": "贵J00009",
    "plate_prefecture_code": "522700",
    "signed_on": "2020-02-23",
    "filed_at": "2020-02-23T12:00",
    "emergency_order": "",
}
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("field", "typed", "label"),
    [
        ("price_yuan", "9,999.50", "合同价（元）"),
        ("signed_on", "", "签订日期"),
        ("filed_at", "昨天", "备案时间（北京时间，可后补）"),
    ],
)
def test_a_refused_form_names_its_field_as_the_page_does_and_keeps_what_was_typed(
    callers: Callers, trip_id: str, field: str, typed: str, label: str
) -> None:
    sent = FORM | {field: typed}
    refused = callers.ask("POST", f"/trips/{trip_id}/contract", Role.BUREAU, OWN, data=sent, headers=HTML)
    assert refused.status_code == 422
    assert f"<b>{label}</b>" in refused.text
    form = refused.text.partition('id="sign"')[2].partition("</form>")[0]
    assert all(f'value="{one}"' in form for one in sent.values())
    assert shown(callers, trip_id) is None


def test_a_number_that_is_taken_is_refused_beside_its_form(callers: Callers, trip_id: str) -> None:
    path = f"/trips/{trip_id}/contract"
    callers.ask("POST", path, Role.BUREAU, OWN, data=FORM, headers=HTML)
    dearer = FORM | {"price_yuan": "10999.5"}
    refused = callers.ask("POST", path, Role.BUREAU, OWN, data=dearer, headers=HTML)
    assert refused.status_code == 409
    assert 'value="10999.5"' in refused.text


def test_a_bureau_records_a_contract_on_the_trip_s_page_and_sees_it_there(
    callers: Callers, trip_id: str
) -> None:
    def page(role: Role, *who: Any) -> str:
        asked = {"params": {"lang": "en"}, "headers": HTML}
        return callers.ask("GET", f"/trips/{trip_id}", role, *(who or (OWN,)), **asked).text

    assert "Record the contract" in page(Role.BUREAU)
    assert "Record the contract" not in page(Role.CARRIER, None, "C01")
    by_tariff = callers.ask("GET", f"/api/trips/{trip_id}").json()["cost_fen"]
    sent = callers.ask("POST", f"/trips/{trip_id}/contract", Role.BUREAU, OWN, data=FORM, headers=HTML)
    assert sent.status_code == 303, sent.text
    contract = shown(callers, trip_id)
    assert (contract["price_fen"], contract["filed_at"]) == (999_950, "2020-02-23T04:00:00Z")
    assert (contract["emergency_order"], contract["tariff_fen"]) == (None, by_tariff)
    for shows in (page(Role.AUDIT), page(Role.CARRIER, None, "C01")):
        assert all(text in shows for text in ("HT-9", "贵J00009", "¥9,999.50", f"¥{by_tariff / 100:,.2f}"))


def test_a_form_with_a_bad_plate_says_so_and_a_neighbour_s_form_finds_nothing(
    callers: Callers, trip_id: str
) -> None:
    path = f"/trips/{trip_id}/contract"
    bad = callers.ask("POST", path, Role.BUREAU, OWN, data=FORM | {"plate": "贵J0"}, headers=HTML)
    assert (bad.status_code, "贵J12345" in bad.text) == (422, True)
    assert callers.ask("POST", path, Role.BUREAU, NEIGHBOUR, data=FORM, headers=HTML).status_code == 404
    assert shown(callers, trip_id) is None
