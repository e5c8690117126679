"""Requests over HTTP: submitted once, in a batch, amended, withdrawn, and seen by their own county alone."""

import threading
from typing import Any

import httpx

from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.rosters import AGENCY_ID, ENTERPRISE_ID, resident_id, worker


def post(registry: Registry, body: dict[str, Any], key: str = "key-00001", **caller: Any) -> httpx.Response:
    return registry.client(**caller).post("/api/requests", json=body, headers={"Idempotency-Key": key})


def members(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"requests": list(rows)}


def post_batch(registry: Registry, body: dict[str, Any], key: str = "key-00001") -> httpx.Response:
    return registry.client().post("/api/requests/batch", json=body, headers={"Idempotency-Key": key})


def test_one_request_is_accepted_and_told_without_its_person(
    registry: Registry, body: dict[str, Any]
) -> None:
    answer = post(registry, body)
    assert answer.status_code == 201
    [told] = registry.told("RequestSubmitted")
    assert told["request_id"] == answer.json()["request_id"]
    assert told["version"] == 1
    assert told["party_size"] == 1
    assert not {"name", "resident_id", "phone"} & told.keys()


def test_the_same_key_gets_the_first_answer_and_changes_nothing(
    registry: Registry, body: dict[str, Any]
) -> None:
    first = post(registry, body)
    before = registry.counts()
    again = post(registry, body)
    assert (again.status_code, again.json()) == (201, first.json())
    assert registry.counts() == before


def test_the_same_key_for_another_body_is_a_conflict(registry: Registry, body: dict[str, Any]) -> None:
    post(registry, body)
    before = registry.counts()
    answer = post(registry, body | {"phone": "15400009999"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key-reused")
    assert registry.counts() == before


def test_the_same_key_of_another_caller_is_another_key(registry: Registry, body: dict[str, Any]) -> None:
    post(registry, body)
    other = body | {"resident_id": resident_id(9), "stop": "玉屏街道"}
    assert post(registry, other, areas=(LIBO,)).status_code == 201


def test_one_key_sent_many_times_at_once_makes_one_request(registry: Registry, body: dict[str, Any]) -> None:
    answers: list[httpx.Response] = []
    senders = [threading.Thread(target=lambda: answers.append(post(registry, body))) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["request_id"] for answer in answers}) == 1
    assert registry.counts()["travel_request"] == 1
    assert len(registry.told("RequestSubmitted")) == 1


def test_a_refused_request_leaves_its_key_free_and_nothing_behind(
    registry: Registry, body: dict[str, Any]
) -> None:
    before = registry.counts()
    answer = post(registry, body | {"phone": "123", "gate": "后门"})
    assert (answer.status_code, answer.json()["code"]) == (422, "request-refused")
    assert [error["field"] for error in answer.json()["errors"]] == ["phone", "gate"]
    assert all(error["mend_zh"] and error["mend_en"] for error in answer.json()["errors"])
    assert registry.counts() == before
    assert post(registry, body).status_code == 201


def test_a_key_is_needed(registry: Registry, body: dict[str, Any]) -> None:
    answer = registry.client().post("/api/requests", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


def test_the_value_of_an_unknown_field_is_not_repeated(registry: Registry, body: dict[str, Any]) -> None:
    assert "小测" not in post(registry, body | {"nickname": "小测"}).text


def test_a_batch_accepts_what_is_good_and_returns_the_rest(registry: Registry) -> None:
    answer = post_batch(
        registry,
        members(worker(1), worker(2, phone="1"), worker(3, party="A"), worker(4, party="A", stop="nowhere")),
    ).json()
    assert [one["index"] for one in answer["accepted"]] == [0]
    refused = {one["index"]: [error["code"] for error in one["errors"]] for one in answer["refused"]}
    assert refused == {1: ["phone"], 2: ["party-refused"], 3: ["unknown-stop"]}
    assert registry.counts()["travel_request"] == 1


def test_a_batch_sent_again_gets_its_first_answer(registry: Registry) -> None:
    batch = members(worker(1), worker(2, phone="1"))
    first = post_batch(registry, batch).json()
    before = registry.counts()
    assert post_batch(registry, batch).json() == first
    assert registry.counts() == before


def test_a_batch_of_more_than_1000_is_refused_by_the_limit(registry: Registry) -> None:
    answer = post_batch(registry, members(*(worker(n) for n in range(1001))))
    assert answer.status_code == 422
    assert "1000" in answer.json()["errors"][0]["mend_en"]


def test_what_is_shown_is_masked(registry: Registry, body: dict[str, Any]) -> None:
    request_id = post(registry, body).json()["request_id"]
    client = registry.client()
    shown = client.get(f"/api/requests/{request_id}")
    assert shown.json()["name"] == f"测**{body['name'][-1]}"
    assert shown.json()["phone"] == "154****0001"
    assert shown.json()["resident_id"].startswith("529900********")
    for text in (shown.text, client.get("/api/requests").text):
        assert body["name"] not in text
        assert body["phone"] not in text
        assert body["resident_id"] not in text


def test_a_list_is_paged_and_narrowed(registry: Registry) -> None:
    registry.accept(*(worker(n) for n in range(1, 8)))
    first, *_ = registry.accept(worker(20, earliest="2020-03-10", latest="2020-03-12"))
    client = registry.client()
    client.post(f"/api/requests/{first}/withdraw", json={})
    page = client.get("/api/requests", params={"size": 3, "page": 3}).json()
    assert (len(page["items"]), page["total"]) == (2, 8)
    assert client.get("/api/requests", params={"status": "withdrawn"}).json()["total"] == 1
    assert client.get("/api/requests", params={"day": "2020-03-11"}).json()["total"] == 1
    assert client.get("/api/requests", params={"day": "2020-02-25"}).json()["total"] == 7
    assert client.get("/api/requests", params={"status": "nonsense"}).status_code == 422


def test_amending_checks_the_new_values_and_tells_the_whole_new_state(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    answer = registry.client().patch(
        f"/api/requests/{request_id}", json={"gate": "西门", "latest": "2020-02-28"}
    )
    assert (answer.json()["gate_name"], answer.json()["version"]) == ("西门", 2)
    [told] = registry.told("RequestAmended")
    assert (told["latest"], told["version"], told["stop_code"]) == ("2020-02-28", 2, "522732001")


def test_the_agency_that_organised_the_journey_may_be_named_and_corrected(
    registry: Registry, body: dict[str, Any]
) -> None:
    answer = post(registry, body | {"organiser": ENTERPRISE_ID})
    path = f"/api/requests/{answer.json()['request_id']}"
    assert registry.client().get(path).json()["organiser_id"] == ENTERPRISE_ID
    wrong = registry.client().patch(path, json={"organiser": "一家机构"})
    assert [one["code"] for one in wrong.json()["errors"]] == ["credit-code"]
    assert registry.client().patch(path, json={"organiser": AGENCY_ID}).status_code == 200
    assert registry.client().patch(path, json={"gate": "西门"}).json()["organiser_id"] == AGENCY_ID


def test_a_new_phone_concerns_nobody_else(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    answer = registry.client().patch(f"/api/requests/{request_id}", json={"phone": "15400008888"})
    assert answer.json()["phone"] == "154****8888"
    assert registry.told("RequestAmended") == []


def test_a_family_is_amended_as_one(registry: Registry) -> None:
    first, second = registry.accept(worker(1, party="A"), worker(2, party="A"))
    registry.client().patch(f"/api/requests/{first}", json={"stop": "大河镇"})
    told = registry.told("RequestAmended")
    assert {one["request_id"] for one in told} == {first, second}
    assert len({one["stop_code"] for one in told}) == 1


def test_an_amendment_that_breaks_a_rule_changes_nothing(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    before = registry.counts()
    answer = registry.client().patch(f"/api/requests/{request_id}", json={"latest": "2020-02-01"})
    assert answer.json()["errors"][0]["code"] == "window-reversed"
    assert registry.counts() == before
    assert registry.sql("SELECT version, latest::text FROM travel_request") == [(1, "2020-02-26")]


def test_a_window_cannot_move_into_a_season_in_which_the_worker_has_a_request(registry: Registry) -> None:
    registry.clock.advance(days=120)
    spring = {"earliest": "2020-06-24", "latest": "2020-06-28"}
    autumn = {"earliest": "2020-07-02", "latest": "2020-07-05"}
    [request_id] = registry.accept(worker(1, **spring))
    [other] = registry.accept(worker(1, **autumn))
    before = registry.counts()
    answer = registry.client().patch(f"/api/requests/{request_id}", json=autumn)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "already-active")
    assert other in answer.json()["detail_zh"]
    assert registry.counts() == before


def test_who_travels_cannot_be_amended(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    answer = registry.client().patch(f"/api/requests/{request_id}", json={"name": "别人"})
    assert answer.json()["errors"][0]["field"] == "name"


def test_withdrawing_is_told_once_and_frees_the_worker(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    client = registry.client()
    for _ in range(2):
        answer = client.post(f"/api/requests/{request_id}/withdraw", json={"reason": "worker_asked"})
        assert answer.json()["status"] == "withdrawn"
    [told] = registry.told("RequestWithdrawn")
    assert (told["request_id"], told["version"], told["reason"]) == (request_id, 2, "worker_asked")
    registry.accept(worker(1))
    assert registry.counts()["person"] == 1


def test_a_reason_in_free_words_is_refused_for_it_could_name_somebody(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    answer = registry.client().post(f"/api/requests/{request_id}/withdraw", json={"reason": "张三病了"})
    assert answer.status_code == 422
    assert registry.told("RequestWithdrawn") == []


def test_who_withdraws_from_a_family_leaves_a_smaller_one(registry: Registry) -> None:
    first, second, third = registry.accept(*(worker(n, party="A") for n in (1, 2, 3)))
    registry.client().post(f"/api/requests/{first}/withdraw", json={})
    told = registry.told("RequestAmended")
    assert [(one["request_id"], one["party_size"]) for one in told] == [(second, 2), (third, 2)]


def test_a_neighbours_request_is_in_no_list_of_ones_own(registry: Registry) -> None:
    registry.accept(worker(1))
    assert registry.client(areas=(LIBO,)).get("/api/requests").json()["total"] == 0
    assert registry.client(areas=("52",)).get("/api/requests").json()["total"] == 1
    assert registry.client(areas=()).get("/api/requests").json()["total"] == 0


def test_an_expired_or_forged_token_opens_nothing(registry: Registry) -> None:
    client = registry.client()
    registry.clock.advance(hours=2)
    assert client.get("/api/requests").json()["code"] == "token-expired"
    client.headers["Authorization"] += "x"
    assert client.get("/api/requests").json()["code"] == "token-forged"
    assert registry.client().get("/api/requests").status_code == 200


def test_other_roles_may_not_submit(registry: Registry, body: dict[str, Any]) -> None:
    for role in (Role.ENTERPRISE, Role.CARRIER, Role.FINANCE, Role.AUDIT, Role.DISPATCHER, Role.SERVICE):
        headers = {"Idempotency-Key": "key-00001"}
        answer = registry.client(role, areas=(SANDU,)).post("/api/requests", json=body, headers=headers)
        assert answer.status_code == 403
    assert registry.counts()["travel_request"] == 0
