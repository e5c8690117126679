"""The API: what each may see and do, and what is answered to the rest."""

from datetime import timedelta
from typing import Any

import pytest

from shared.events import ArrivalConfirmed, NoShowRecorded, PersonErased, TripDeparted, WorkerBoarded
from shared.security import Role, declared_routes
from tests.notifier.running import Site, free_port, http_server
from tests.notifier.world import (
    CARRIER,
    DAY,
    FACTORY,
    OTHER_CARRIER,
    OTHER_FACTORY,
    REQUESTS,
    TRIP,
    published,
    registered,
    riders,
)

CONFIRM = f"/api/trips/{TRIP}/confirmations"
BOARD = f"/api/trips/{TRIP}/boarding"


@pytest.fixture
def arrived(site: Site) -> Site:
    """A trip of two enterprises whose coach is at the gate."""
    site.world.tell(registered(), registered(OTHER_FACTORY), published())
    site.world.clock.at = DAY + timedelta(hours=24)
    return site


def answers(*outcomes: str, start: int = 0) -> dict[str, Any]:
    reasons = {"refused": {"reason": "health"}, "disputed": {"reason": "job"}}
    return {
        "answers": [
            {"request_id": REQUESTS[start + number], "outcome": outcome, **reasons.get(outcome, {})}
            for number, outcome in enumerate(outcomes)
        ]
    }


# --- confirmations ---------------------------------------------------------------------------------------------


def test_an_enterprise_confirms_its_workers_and_each_is_told_once(arrived: Site) -> None:
    factory = arrived.program(Role.ENTERPRISE, FACTORY)
    body = answers("arrived", "no_show", "refused", "disputed")
    assert factory.post(CONFIRM, json=body).json() == {"changed": 4}
    assert factory.post(CONFIRM, json=body).json() == {"changed": 0}
    told = arrived.world.events(ArrivalConfirmed)
    assert [event.outcome for event in told] == ["arrived", "no_show", "refused", "disputed"]
    assert [event.reason for event in told] == [None, None, "health", "job"]
    assert {event.enterprise_id for event in told} == {FACTORY}


def test_a_note_is_kept_for_who_may_see_its_worker_and_told_to_nobody(arrived: Site) -> None:
    factory = arrived.program(Role.ENTERPRISE, FACTORY)
    answer = {"request_id": REQUESTS[0], "outcome": "refused", "note": "潘秀英体温偏高"}
    assert factory.post(CONFIRM, json={"answers": [answer]}).json() == {"changed": 1}
    again = {"answers": [answer | {"note": "潘秀英体温38.1"}]}
    assert factory.post(CONFIRM, json=again).json() == {"changed": 1}
    assert [event.version for event in arrived.world.events(ArrivalConfirmed)] == [1]
    riders_seen = factory.get(f"/api/trips/{TRIP}/riders").json()["riders"]
    assert [rider["note"] for rider in riders_seen if rider["outcome"]] == ["潘秀英体温38.1"]
    assert "潘秀英" not in arrived.world.scalar(
        "SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox"
    )
    assert "潘秀英".encode() not in arrived.world.scalar("SELECT note FROM rider WHERE note IS NOT NULL")


def test_no_word_is_kept_of_whoever_is_erased_neither_an_old_one_nor_a_new_one(arrived: Site) -> None:
    factory = arrived.program(Role.ENTERPRISE, FACTORY)

    def write(note: str) -> None:
        said = [{"request_id": one, "outcome": "refused", "note": note} for one in REQUESTS[:2]]
        assert factory.post(CONFIRM, json={"answers": said}).status_code == 200

    def notes() -> list[str | None]:
        seen = {
            one["request_id"]: one["note"]
            for one in factory.get(f"/api/trips/{TRIP}/riders").json()["riders"]
        }
        return [seen[one] for one in REQUESTS[:2]]

    write("体温偏高")
    assert arrived.world.tell(PersonErased(request_id=REQUESTS[0], version=3)) == [True]
    assert notes() == [None, "体温偏高"]
    write("体温38.1")
    assert notes() == [None, "体温38.1"]
    assert arrived.world.scalar("SELECT count(*) FROM rider WHERE note IS NOT NULL") == 1
    assert arrived.world.tell(PersonErased(request_id="01HNOBODY", version=1)) == [False]


def test_nobody_is_confirmed_as_arrived_while_the_coach_is_far_away(arrived: Site) -> None:
    arrived.world.clock.at = DAY + timedelta(hours=12)
    answer = arrived.program(Role.ENTERPRISE, FACTORY).post(CONFIRM, json=answers("arrived"))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too-early")
    assert arrived.world.events(ArrivalConfirmed) == []


def test_a_departure_days_before_the_hour_is_refused_and_the_coach_still_waits(arrived: Site) -> None:
    arrived.world.clock.at = DAY - timedelta(hours=20)
    carrier = arrived.program(Role.CARRIER, CARRIER)
    answer = carrier.post(BOARD, json={"departed_at": arrived.world.clock.now().isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "too-early-to-leave")
    assert "请在发车后报告" in answer.json()["detail_zh"]
    assert carrier.get("/api/trips").json()["trips"][0]["state"] == "published"
    assert arrived.world.events(TripDeparted) == []


def test_a_changed_answer_is_a_later_version(arrived: Site) -> None:
    factory = arrived.program(Role.ENTERPRISE, FACTORY)
    factory.post(CONFIRM, json=answers("arrived"))
    factory.post(CONFIRM, json=answers("disputed"))
    first, second = arrived.world.events(ArrivalConfirmed)
    assert second.version > first.version
    assert second.outcome == "disputed"


def test_another_enterprise_s_rider_refuses_the_whole_batch_and_names_it(arrived: Site) -> None:
    factory = arrived.program(Role.ENTERPRISE, FACTORY)
    answer = factory.post(CONFIRM, json=answers("arrived", "arrived", start=3))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "confirmations-refused"
    assert [(fault["field"], fault["code"]) for fault in problem["errors"]] == [
        ("answers[1]", "not-your-rider")
    ]
    assert "名单" in problem["errors"][0]["fault_zh"]
    assert arrived.world.events(ArrivalConfirmed) == []


def test_an_enterprise_without_riders_on_a_trip_cannot_tell_it_from_none(arrived: Site) -> None:
    stranger = arrived.program(Role.ENTERPRISE, "91330523MA00000000")
    answer = stranger.post(CONFIRM, json=answers("arrived"))
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-trip")
    missing = stranger.post("/api/trips/T-none/confirmations", json=answers("arrived"))
    assert (missing.status_code, missing.json()["code"]) == (404, "no-such-trip")


def test_nobody_confirms_before_the_coach_has_left(arrived: Site) -> None:
    arrived.world.clock.at = DAY
    answer = arrived.program(Role.ENTERPRISE, FACTORY).post(CONFIRM, json=answers("arrived"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not-yet-departed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answers": [{"request_id": REQUESTS[0], "outcome": "vanished"}]}, "answers[0].outcome"),
        ({"answers": [{"outcome": "arrived"}]}, "answers[0].request_id"),
        ({"answers": []}, "answers"),
        ({"answers": [{"request_id": REQUESTS[0], "outcome": "arrived", "name": "x"}]}, "answers[0].name"),
        ({}, "answers"),
    ],
)
def test_a_body_of_another_form_names_the_field(arrived: Site, body: dict[str, Any], field: str) -> None:
    answer = arrived.program(Role.ENTERPRISE, FACTORY).post(CONFIRM, json=body)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


# --- boarding --------------------------------------------------------------------------------------------------


def test_a_carrier_sends_marks_late_with_the_hour_at_which_they_were_made(arrived: Site) -> None:
    carrier = arrived.program(Role.CARRIER, CARRIER)
    body = {
        "marks": [
            {"request_id": REQUESTS[0], "presence": "boarded", "at": "2020-02-24T08:31:00+08:00"},
            {"request_id": REQUESTS[1], "presence": "no_show", "at": "2020-02-24T09:16:00+08:00"},
        ],
        "departed_at": "2020-02-24T09:20:00+08:00",
    }
    assert carrier.post(BOARD, json=body).json() == {"changed": 3}
    assert carrier.post(BOARD, json=body).json() == {"changed": 0}
    assert [event.request_id for event in arrived.world.events(WorkerBoarded)] == [REQUESTS[0]]
    assert [event.request_id for event in arrived.world.events(NoShowRecorded)] == [REQUESTS[1]]
    assert [event.request_ids for event in arrived.world.events(TripDeparted)] == [(REQUESTS[0],)]


def test_a_mark_made_after_the_departure_undoes_the_whole_batch(arrived: Site) -> None:
    carrier = arrived.program(Role.CARRIER, CARRIER)
    carrier.post(BOARD, json={"departed_at": "2020-02-24T09:20:00+08:00"})
    marks = [
        {"request_id": REQUESTS[0], "presence": "boarded", "at": "2020-02-24T09:10:00+08:00"},
        {"request_id": REQUESTS[1], "presence": "boarded", "at": "2020-02-24T09:21:00+08:00"},
    ]
    answer = carrier.post(BOARD, json={"marks": marks})
    assert (answer.status_code, answer.json()["code"]) == (409, "boarding-closed")
    assert arrived.world.events(WorkerBoarded) == []


def test_an_hour_without_a_zone_and_a_mark_that_marks_nothing_are_refused(arrived: Site) -> None:
    carrier = arrived.program(Role.CARRIER, CARRIER)
    mark = {"request_id": REQUESTS[0], "presence": "expected", "at": "2020-02-24T08:31:00"}
    answer = carrier.post(BOARD, json={"marks": [mark]})
    assert {fault["field"] for fault in answer.json()["errors"]} == {"marks[0].presence", "marks[0].at"}


def test_another_carrier_s_coach_does_not_exist(arrived: Site) -> None:
    other = arrived.program(Role.CARRIER, OTHER_CARRIER)
    assert other.post(BOARD, json={"departed_at": "2020-02-24T09:20:00+08:00"}).status_code == 404
    assert arrived.world.events() == []


def test_a_worker_who_was_taken_off_cannot_be_marked(arrived: Site) -> None:
    arrived.world.tell(published(version=2, riders=riders(REQUESTS[1:])))
    mark = {"request_id": REQUESTS[0], "presence": "boarded", "at": "2020-02-24T08:31:00+08:00"}
    answer = arrived.program(Role.CARRIER, CARRIER).post(BOARD, json={"marks": [mark]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-on-this-coach")


# --- what each may see -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "organisation", "areas", "seen"),
    [
        (Role.OPERATOR, None, ("52",), 6),
        (Role.DISPATCHER, None, ("522732",), 6),
        (Role.DISPATCHER, None, ("52",), 6),
        (Role.AUDIT, None, ("522732",), 6),
        (Role.CARRIER, CARRIER, (), 6),
        (Role.ENTERPRISE, FACTORY, (), 4),
        (Role.ENTERPRISE, OTHER_FACTORY, (), 2),
        (Role.DISPATCHER, None, ("522731",), None),
        (Role.DISPATCHER, None, (), None),
        (Role.OPERATOR, None, (), None),
        (Role.OPERATOR, None, ("522731",), None),
        (Role.CARRIER, OTHER_CARRIER, (), None),
        (Role.CARRIER, None, (), None),
        (Role.ENTERPRISE, None, (), None),
    ],
)
def test_trips_and_riders_are_seen_by_whom_they_concern(
    arrived: Site, role: Role, organisation: str | None, areas: tuple[str, ...], seen: int | None
) -> None:
    program = arrived.program(role, organisation, areas)
    trips = program.get("/api/trips").json()["trips"]
    found = program.get(f"/api/trips/{TRIP}/riders")
    if seen is None:
        assert trips == []
        assert found.status_code == 404
    else:
        assert [trip["riders"] for trip in trips] == [seen]
        assert len(found.json()["riders"]) == seen


@pytest.mark.parametrize(
    ("role", "organisation", "areas", "audiences"),
    [
        (Role.OPERATOR, None, ("52",), {"worker": 6, "carrier": 1, "enterprise": 2}),
        (Role.DISPATCHER, None, ("522732",), {"worker": 6, "carrier": 1, "enterprise": 2}),
        (Role.DISPATCHER, None, ("522731",), {}),
        (Role.OPERATOR, None, ("522731",), {}),
        (Role.CARRIER, CARRIER, (), {"carrier": 1}),
        (Role.CARRIER, OTHER_CARRIER, (), {}),
        (Role.ENTERPRISE, FACTORY, (), {"enterprise": 1}),
    ],
)
def test_notices_are_seen_by_whom_they_concern(
    arrived: Site,
    role: Role,
    organisation: str | None,
    areas: tuple[str, ...],
    audiences: dict[str, int],
) -> None:
    found = arrived.program(role, organisation, areas).get("/api/notices").json()["notices"]
    counts: dict[str, int] = {}
    for notice in found:
        counts[notice["audience"]] = counts.get(notice["audience"], 0) + 1
    assert counts == audiences


def test_notices_and_trips_come_in_pages_without_gap_or_repetition(arrived: Site) -> None:
    operator = arrived.program(Role.OPERATOR, areas=("52",))
    arrived.world.tell(published(trip_id="T-522732-20200224-002"), published(trip_id="T-522732-20200224-003"))
    for path, key, name in (("/api/notices", "notices", "notice_id"), ("/api/trips", "trips", "trip_id")):
        whole = [one[name] for one in operator.get(path, params={"limit": 500}).json()[key]]
        pieces: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = operator.get(path, params=query).json()
            pieces += [one[name] for one in page[key]]
            if page["next"] is None:
                break
            query["before" if key == "notices" else "after"] = page["next"]
        assert pieces == whole
        assert len(set(whole)) == len(whole) > 2


def test_notices_are_found_by_trip_state_and_medium(arrived: Site) -> None:
    operator = arrived.program(Role.OPERATOR, areas=("52",))
    query = {"trip_id": TRIP, "state": "pending", "medium": "email"}
    assert len(operator.get("/api/notices", params=query).json()["notices"]) == 3
    assert operator.get("/api/notices", params={"state": "lost"}).status_code == 422


def test_no_answer_shows_a_link_an_address_or_a_secret(arrived: Site) -> None:
    text = arrived.program(Role.OPERATOR, areas=("52",)).get("/api/notices").text
    assert "eyJ" not in text
    assert "@" not in text
    assert "{link}" in text


@pytest.mark.parametrize("role", [Role.BUREAU, Role.FINANCE, Role.SERVICE])
def test_other_roles_are_refused(arrived: Site, role: Role) -> None:
    program = arrived.program(role, FACTORY, ("52",))
    for path in ("/api/notices", "/api/trips", f"/api/trips/{TRIP}/riders", "/api/webhooks"):
        assert program.get(path).status_code == 403
    assert program.post(CONFIRM, json=answers("arrived")).status_code == 403


def test_nobody_is_let_in_without_a_token(arrived: Site) -> None:
    for path in ("/api/notices", "/api/trips", "/api/webhooks"):
        assert arrived.browser().get(path).status_code == 401


def test_every_route_says_who_may_call_it(site: Site) -> None:
    silent = [
        (method, path) for method, path, declared in declared_routes(site.service.app) if declared is None
    ]
    assert silent == []


# --- one more device -------------------------------------------------------------------------------------------


def test_a_carrier_and_an_enterprise_make_links_for_their_own_trips_alone(arrived: Site) -> None:
    for role, own, other, letter in (
        (Role.CARRIER, CARRIER, OTHER_CARRIER, "b"),
        (Role.ENTERPRISE, FACTORY, "91330523MA00000000", "h"),
    ):
        made = arrived.program(role, own).post(f"/api/trips/{TRIP}/links")
        path = made.json()["url"].removeprefix(arrived.url)
        assert path.startswith(f"/{letter}/")
        assert arrived.browser().get(path).status_code == 200
        assert arrived.program(role, other).post(f"/api/trips/{TRIP}/links").status_code == 404


# --- webhooks --------------------------------------------------------------------------------------------------


def test_a_subscription_shows_its_secret_once_and_the_database_never_holds_it(site: Site) -> None:
    factory = site.program(Role.ENTERPRISE, FACTORY)
    assert factory.get("/api/webhooks").status_code == 404
    made = factory.put("/api/webhooks", json={"url": "http://127.0.0.1:9/in"}).json()
    assert made["secret"].startswith("whsec_")
    shown = factory.get("/api/webhooks").json()
    assert shown["url"] == "http://127.0.0.1:9/in"
    assert shown["secret"] is None
    row = site.world.scalar("SELECT subscription::text FROM subscription")
    assert made["secret"].removeprefix("whsec_") not in row
    again = factory.put("/api/webhooks", json={"url": "http://127.0.0.1:9/in"}).json()
    assert again["secret"] != made["secret"]


def test_each_organisation_has_its_own_subscription(site: Site) -> None:
    site.program(Role.ENTERPRISE, FACTORY).put("/api/webhooks", json={"url": "http://127.0.0.1:9/in"})
    assert site.program(Role.ENTERPRISE, OTHER_FACTORY).get("/api/webhooks").status_code == 404
    assert site.program(Role.ENTERPRISE, OTHER_FACTORY).delete("/api/webhooks").status_code == 404
    assert site.program(Role.ENTERPRISE, FACTORY).delete("/api/webhooks").status_code == 204
    assert site.program(Role.ENTERPRISE, None).get("/api/webhooks").json()["code"] == "organisation-missing"


def test_an_address_that_cannot_take_webhooks_is_refused_with_what_to_do(site: Site) -> None:
    factory = site.program(Role.ENTERPRISE, FACTORY)
    answer = factory.put("/api/webhooks", json={"url": "ftp://127.0.0.1/in"})
    assert (answer.status_code, answer.json()["code"]) == (422, "target-refused")
    assert "https" in answer.json()["detail_zh"]


@pytest.mark.parametrize("host", ["a..b", "a" * 64, "xn--", "xn--a", "-", "%00"])
def test_a_host_that_can_be_none_is_refused_and_breaks_nothing(site: Site, host: str) -> None:
    answer = site.program(Role.ENTERPRISE, FACTORY).put("/api/webhooks", json={"url": f"https://{host}/"})
    assert (answer.status_code, answer.json()["code"]) == (422, "target-refused")
    assert site.world.scalar("SELECT count(*) FROM subscription") == 0


def test_a_test_event_says_what_came_of_it(site: Site) -> None:
    factory = site.program(Role.ENTERPRISE, FACTORY)
    with http_server() as receiver:
        factory.put("/api/webhooks", json={"url": f"{receiver.url}/in"})
        assert factory.post("/api/webhooks/test").json()["outcome"] == "delivered"
        receiver.answer = lambda _: (404, {}, b"")
        assert factory.post("/api/webhooks/test").json()["outcome"] == "refused"
    factory.put("/api/webhooks", json={"url": f"http://127.0.0.1:{free_port()}/in"})
    assert factory.post("/api/webhooks/test").json()["outcome"] == "no-answer"
