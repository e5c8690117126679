"""Plans that stand, changed, over HTTP and on the round's page."""

from services.dispatcher.store.rounds import list_rounds
from shared.security import Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import DAY, PROVINCE, submitted

HTML = {"Accept": "text/html"}
POOL = "522732-330500"


def approved(callers: Callers) -> str:
    callers.dispatch.tell(*(submitted(n) for n in range(40)))
    round_id = callers.dispatch.propose()
    callers.dispatch.approve(round_id)
    return round_id


def test_a_late_worker_joins_over_http_and_it_is_known_who_approved(callers: Callers) -> None:
    round_id = approved(callers)
    callers.dispatch.tell(submitted(70))
    made = callers.ask("POST", f"/api/rounds/{round_id}/amendments", json={"pool_id": POOL})
    assert made.status_code == 201
    shown = made.json()
    newcomers = [move for move in shown["difference"]["moved"] if move["from"] is None]
    assert [move["request_id"] for move in newcomers] == ["R0070"]
    path = f"/api/amendments/{shown['amendment_id']}"
    assert callers.ask("GET", path, Role.AUDIT).json() == shown
    assert callers.ask("POST", f"{path}/approve", Role.AUDIT).status_code == 403
    taken = callers.ask("POST", f"{path}/approve").json()
    assert (taken["state"], taken["decided_by"]) == ("approved", "dispatcher的办公室")
    again = callers.ask("POST", f"{path}/drop")
    assert (again.status_code, again.json()["code"]) == (409, "amendment-not-open")
    listed = callers.ask("GET", f"/api/rounds/{round_id}/amendments").json()["amendments"]
    assert [one["state"] for one in listed] == ["approved"]
    manifest = callers.ask("GET", f"/api/trips/{newcomers[0]['to']}/manifest").text
    assert "R0070" in manifest


def test_a_mark_is_set_and_lifted_over_http_with_who_and_why(callers: Callers) -> None:
    round_id = approved(callers)
    trip_id = callers.dispatch.trips()[0].trip_id
    asked = {"kind": "lock", "pool_id": POOL, "trip_id": trip_id, "reason": "随车医生"}
    made = callers.ask("POST", f"/api/rounds/{round_id}/marks", json=asked)
    assert made.status_code == 201
    callers.ask("POST", f"/api/marks/{made.json()['mark_id']}/lift")
    (mark,) = callers.ask("GET", f"/api/rounds/{round_id}/marks", Role.AUDIT).json()["marks"]
    office = "dispatcher的办公室"
    assert (mark["reason"], mark["set_by"], mark["lifted_by"]) == ("随车医生", office, office)
    bad = callers.ask("POST", f"/api/rounds/{round_id}/marks", json=asked | {"request_id": "R0001"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-mark")


def test_a_worker_is_forced_by_the_number_that_the_manifest_shows(callers: Callers) -> None:
    round_id = approved(callers)
    first, second = callers.dispatch.trips()
    rider = callers.dispatch.riders(first.trip_id)[0].request_id
    assert rider in callers.ask("GET", f"/trips/{first.trip_id}/manifest", headers=HTML).text
    sent = {"kind": "force", "trip_id": second.trip_id, "number": rider, "reason": "同乡"}
    callers.ask("POST", f"/rounds/{round_id}/marks", data=sent, headers=HTML)
    callers.ask("POST", f"/rounds/{round_id}/amendments", data={"pool_id": POOL}, headers=HTML)
    page = callers.ask("GET", f"/rounds/{round_id}", params={"lang": "en"}, headers=HTML).text
    assert "must ride" in page
    assert "Approve the amendment" in page
    (amendment,) = callers.ask("GET", f"/api/rounds/{round_id}/amendments").json()["amendments"]
    moves = {move["request_id"]: move["to"] for move in amendment["difference"]["moved"]}
    assert moves[rider] == second.trip_id


def test_who_may_not_plan_sees_what_would_change_and_no_buttons(callers: Callers) -> None:
    round_id = approved(callers)
    callers.dispatch.tell(submitted(70))
    callers.ask("POST", f"/api/rounds/{round_id}/amendments", json={"pool_id": POOL})
    page = callers.ask("GET", f"/rounds/{round_id}", Role.AUDIT, params={"lang": "en"}, headers=HTML).text
    assert "An amendment to decide on" in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]


def test_what_was_not_done_is_told_on_the_rounds_page(callers: Callers) -> None:
    round_id = approved(callers)
    sent = {"kind": "force", "number": "nobody", "reason": "同乡"}
    answer = callers.ask("POST", f"/rounds/{round_id}/marks", data=sent, params={"lang": "en"}, headers=HTML)
    assert answer.status_code == 409
    assert "Take its number from a trip" in answer.text
    with callers.dispatch.database.session() as session:
        assert [row.round_id for row in list_rounds(session, PROVINCE, DAY)] == [round_id]
