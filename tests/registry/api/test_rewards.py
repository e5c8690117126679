"""Rewards over HTTP: who puts rules in force, whose lists are whose, what a worker may be entitled to, and an enterprise's counts."""

from datetime import date
from typing import Any

import httpx
import pytest

from services.registry.domain.outside import OutsideKind
from services.registry.intake.reward_presets import presets
from shared.security import Role
from tests.registry.conftest import LIBO, NOW, SANDU, Registry
from tests.registry.folk import add_folk
from tests.registry.lists import SOURCE, load_lines
from tests.registry.rewarded import FEBRUARY, LATER, act, against, bring, contract, in_force, insure, make
from tests.registry.rosters import AGENCY_ID, ENTERPRISE_ID, worker

READERS = (Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR)
PERIOD = {"claimant_id": AGENCY_ID, "first_day": "2020-02-01", "last_day": "2020-02-20"}


def put(registry: Registry, body: dict[str, Any], areas: tuple[str, ...] = (SANDU,)) -> Any:
    return registry.client(areas=areas).post("/api/reward-rules", json=body)


# --- rules --------------------------------------------------------------------------------------------------------


def test_a_preset_is_put_in_force_once_for_an_area_and_what_lies_in_it(empty_registry: Registry) -> None:
    first = put(empty_registry, {"preset": "qiandongnan-agency"}, ("52",))
    again = put(empty_registry, {"preset": "qiandongnan-agency"}, ("52",))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["digest"] == presets()["qiandongnan-agency"].digest()
    put(empty_registry, {"preset": "yantai-2020-agency"}, (LIBO,))
    seen = {
        area: [
            one["rule"]["id"]
            for one in empty_registry.client(areas=(area,)).get("/api/reward-rules").json()["in_force"]
        ]
        for area in (SANDU, LIBO, "52")
    }
    assert seen == {
        SANDU: ["qiandongnan-agency"],
        LIBO: ["qiandongnan-agency", "yantai-2020-agency"],
        "52": ["qiandongnan-agency", "yantai-2020-agency"],
    }


def test_a_version_in_force_is_never_changed(empty_registry: Registry) -> None:
    put(empty_registry, {"preset": "qiandongnan-agency"})
    changed = presets()["qiandongnan-agency"].model_dump(mode="json") | {"valid_from": "2019-01-01"}
    taken = put(empty_registry, {"rule": changed})
    assert (taken.status_code, taken.json()["code"]) == (409, "reward-version-taken")
    assert put(empty_registry, {"rule": changed | {"version": 2}}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "rule-invalid"),
        ({"preset": "guizhou-1999"}, 404, "no-such-preset"),
        ({"preset": "yantai-2020-agency", "valid_from": "2021-01-01"}, 422, "rule-invalid"),
        ({"preset": "qiandongnan-agency", "area_code": LIBO}, 403, "area-not-yours"),
        ({"rule": {"id": "x"}}, 422, "fields-invalid"),
    ],
)
def test_what_is_no_rule_of_one_s_own_area_is_refused(
    empty_registry: Registry, body: dict[str, Any], status: int, code: str
) -> None:
    answer = put(empty_registry, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert empty_registry.counts()["reward_rule"] == 0


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"claimant_id": "一家机构"}, 422, "claimant-unreadable"),
        ({"first_day": "2020-02-21"}, 422, "period-invalid"),
        ({"last_day": "2020-02-21"}, 422, "period-invalid"),
        ({"area_code": LIBO}, 403, "area-not-yours"),
        ({"reward_rule_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ"}, 404, "reward-rule-unknown"),
    ],
)
def test_a_list_of_what_cannot_be_asked_for_is_not_made(
    empty_registry: Registry, changes: dict[str, str], status: int, code: str
) -> None:
    body = {"reward_rule_id": in_force(empty_registry)} | PERIOD | changes
    answer = empty_registry.client().post("/api/reward-lists", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert empty_registry.counts()["reward_list"] == 0


def test_a_worker_s_own_benefit_and_a_neighbour_s_rule_make_no_list(empty_registry: Registry) -> None:
    own = in_force(empty_registry, "guizhou-first-export")
    theirs = in_force(empty_registry, areas=(LIBO,))
    for rule, areas, area_code, code in (
        (own, (SANDU,), None, "not-for-claimants"),
        (theirs, (SANDU,), None, "reward-rule-unknown"),
        (theirs, ("52",), SANDU, "rule-not-for-area"),
    ):
        body = {"reward_rule_id": rule, "area_code": area_code} | PERIOD
        answer = empty_registry.client(areas=areas).post("/api/reward-lists", json=body)
        assert answer.json()["code"] == code


def test_a_neighbour_s_list_does_not_exist(registry: Registry) -> None:
    made = make(registry, in_force(registry), last_day="2020-02-20")
    path = f"/api/reward-lists/{made['reward_list_id']}"
    absent = "/api/reward-lists/01HZZZZZZZZZZZZZZZZZZZZZZZ"
    for role in READERS:
        client, mine = registry.client(role, areas=(LIBO,)), registry.client(role)
        assert client.get("/api/reward-lists").json()["total"] == 0
        assert mine.get("/api/reward-lists").json()["total"] == 1
        for end in ("", "/public.xlsx"):
            theirs, nothing = client.get(path + end), client.get(absent + end)
            assert theirs.status_code == 404
            said = [(one.json()["code"], one.json()["detail_zh"]) for one in (theirs, nothing)]
            assert said[0][1].replace(made["reward_list_id"], absent[-26:]) == said[1][1]
            assert said[0][0] == said[1][0]
            assert mine.get(path + end).status_code == 200
    for what in ("confirm", "hand-over", "withdraw"):
        assert act(registry, made, what, areas=(LIBO,)).status_code == 404


def test_an_agency_s_workers_of_another_county_are_on_no_list_of_one_s_own(registry: Registry) -> None:
    rule = in_force(registry, "qiandongnan-agency", valid_from=None)
    mine = bring(registry, [1])
    bring(registry, [2], areas=(LIBO,), stop="玉屏街道", key="libo-00001")
    registry.clock.at = LATER
    made = make(registry, rule)
    shown = registry.client().get(f"/api/reward-lists/{made['reward_list_id']}").json()
    assert [one["person_id"] for one in shown["entries"]] == mine
    assert (shown["heads"], shown["total_fen"], shown["claimant"]) == (1, 30_000, AGENCY_ID)


def test_an_arrival_that_was_no_agency_s_is_on_no_agency_s_list(registry: Registry) -> None:
    rule = in_force(registry, "qiandongnan-agency", valid_from=None)
    bring(registry, [1], agency=None)
    registry.clock.at = LATER
    made = make(registry, rule)
    assert (made["heads"], made["refused"]) == (0, 0)


def test_too_few_for_a_lump_qualify_and_bring_nothing_yet(registry: Registry) -> None:
    rule = in_force(registry, "changle-agency", valid_from=None)
    bring(registry, [1, 2])
    registry.clock.at = LATER
    made = make(registry, rule)
    assert (made["heads"], made["refused"], made["total_fen"]) == (2, 0, 0)
    shown = registry.client().get(f"/api/reward-lists/{made['reward_list_id']}").json()
    assert [one["amount_fen"] for one in shown["entries"]] == [0, 0]


def test_who_made_a_list_does_not_confirm_it_whatever_else_they_are(registry: Registry) -> None:
    rule = in_force(registry, "qiandongnan-agency", valid_from=None)
    bring(registry, [1])
    registry.clock.at = LATER
    body = {"reward_rule_id": rule, "claimant_id": AGENCY_ID} | FEBRUARY
    for roles in ((Role.BUREAU,), (Role.BUREAU, Role.FINANCE, Role.OPERATOR)):
        maker = registry.client(*roles, subject="one-clerk")
        path = f"/api/reward-lists/{maker.post('/api/reward-lists', json=body).json()['reward_list_id']}"
        refused = maker.post(f"{path}/confirm")
        assert (refused.status_code, refused.json()["code"]) == (409, "reward-list-own")
        assert "生成人不能确认" in refused.json()["detail_zh"]
        assert "who makes a list does not confirm it" in refused.json()["detail_en"]
    assert maker.get(path).json()["state"] == "draft"
    for role in (Role.FINANCE, Role.AUDIT, Role.OPERATOR):
        assert registry.client(role, subject="somebody-else").post(f"{path}/confirm").status_code == 403
    assert registry.client(subject="another-clerk").post(f"{path}/confirm").json()["state"] == "confirmed"
    shown = maker.get(path).json()
    assert (shown["made_by"], shown["confirmed_by"]) == ("one-clerk", "another-clerk")


def test_who_judges_a_draft_anew_has_made_it(registry: Registry) -> None:
    """Somebody else has looked at it then, who may leave the confirming to the first, and may not do it themselves."""
    rule = in_force(registry, "qiandongnan-agency", valid_from=None)
    bring(registry, [1])
    registry.clock.at = LATER
    body = {"reward_rule_id": rule, "claimant_id": AGENCY_ID} | FEBRUARY
    first, second = registry.client(subject="first"), registry.client(subject="second")
    path = [
        f"/api/reward-lists/{one.post('/api/reward-lists', json=body).json()['reward_list_id']}/confirm"
        for one in (first, second)
    ]
    assert path[0] == path[1]
    assert [one.post(path[0]).status_code for one in (second, first)] == [409, 200]


# --- a worker's own -----------------------------------------------------------------------------------------------


def benefits(registry: Registry, person_id: str, areas: tuple[str, ...] = (SANDU,)) -> Any:
    return registry.client(areas=areas).get(f"/api/people/{person_id}/benefits")


def test_who_went_by_an_organised_seat_for_the_first_time_may_be_entitled_to_1_000_yuan_and_to_no_fare(
    registry: Registry,
) -> None:
    in_force(registry, "guizhou-first-export", valid_from=None)
    in_force(registry, "guizhou-2021-transport")
    in_force(registry)
    [person] = bring(registry, [1])
    registry.clock.at = LATER
    first, fare = benefits(registry, person).json()
    assert (first["rule"]["id"], first["stand"]) == ("guizhou-first-export", "entitled")
    assert (first["least_fen"], first["most_fen"], first["placed_on"]) == (100_000, 100_000, "2020-02-25")
    assert first["rule"]["bring"][0]["zh"] == "本人身份证"
    assert first["rule"]["where"]["zh"]
    assert (fare["rule"]["id"], fare["stand"]) == ("guizhou-2021-transport", "barred")
    assert against(fare) == {"seat": ("not_met", "2020-02-25")}


def test_who_went_alone_may_ask_for_the_fare_once_three_months_are_over(empty_registry: Registry) -> None:

    in_force(empty_registry, "guizhou-2021-transport")
    [person] = add_folk(
        empty_registry.parts, [1], employed_since=date(2020, 2, 1), enterprise_id=ENTERPRISE_ID
    )
    [early] = benefits(empty_registry, person.id).json()
    assert (early["stand"], early["least_fen"], early["most_fen"]) == ("open", 0, 50_000)
    assert [one["due"] for one in early["evidence"] if one["condition"] == "job"] == ["2020-05-01"]
    empty_registry.clock.at = LATER
    assert benefits(empty_registry, person.id).json()[0]["stand"] == "entitled"
    assert benefits(empty_registry, person.id, (LIBO,)).status_code == 404
    put_away = benefits(empty_registry, "01HZZZZZZZZZZZZZZZZZZZZZZZ", (LIBO,))
    assert put_away.status_code == 404


def test_a_file_that_a_neighbour_s_became_tells_the_neighbour_alone(empty_registry: Registry) -> None:
    in_force(empty_registry, "guizhou-2021-transport", areas=("52",))
    [there] = add_folk(empty_registry.parts, [2], place_code="522722100")
    [here] = add_folk(empty_registry.parts, [1], employed_since=date(2020, 2, 1), enterprise_id=ENTERPRISE_ID)
    before = benefits(empty_registry, there.id, (LIBO,)).json()
    merged = empty_registry.client(areas=("5227",)).post(
        f"/api/people/{there.id}/merge", json={"into_id": here.id, "reason": "同一人两证"}
    )
    assert merged.status_code == 200
    assert benefits(empty_registry, here.id).json() != []
    assert benefits(empty_registry, there.id, (LIBO,)).json() == before == []


def test_who_was_paid_an_allowance_this_year_is_told_so_and_not_by_whom(empty_registry: Registry) -> None:
    in_force(empty_registry, "guizhou-2021-transport")
    [person] = add_folk(
        empty_registry.parts, [1], employed_since=date(2020, 2, 1), enterprise_id=ENTERPRISE_ID
    )
    load_lines(
        empty_registry, OutsideKind.ALLOWANCE, [person.resident_id, "2020", "500", SOURCE], areas=(LIBO,)
    )
    empty_registry.clock.at = LATER
    answer = benefits(empty_registry, person.id)
    assert against(answer.json()[0]) == {"allowance": ("not_met", "2020")}
    assert SOURCE not in answer.text


def test_nothing_is_said_where_no_rule_is_in_force(registry: Registry) -> None:
    [person] = bring(registry, [1])
    in_force(registry, "guizhou-first-export", areas=(LIBO,), valid_from=None)
    assert benefits(registry, person).json() == []


# --- an enterprise's own --------------------------------------------------------------------------------------------


def workforce(registry: Registry, organisation: str = ENTERPRISE_ID) -> httpx.Response:
    client = registry.client(Role.ENTERPRISE, areas=(), organisation=organisation)
    return client.get("/api/workforce")


def test_an_enterprise_sees_counts_of_its_own_workers_by_months_and_nothing_else(registry: Registry) -> None:
    bring(registry, range(1, 7))
    registry.clock.at = LATER
    assert workforce(registry).json() == {
        "enterprise_id": ENTERPRISE_ID,
        "as_of": "2020-07-01",
        "in_steps_of": 5,
        "months": [0, 1, 3, 6, 12],
        "at_least": [5, 5, 5, 0, 0],
    }
    assert workforce(registry, AGENCY_ID).json()["at_least"] == [0, 0, 0, 0, 0]


def test_whatever_class_its_workers_are_of_an_enterprise_is_told_the_same(registry: Registry) -> None:
    bring(registry, range(1, 7))
    registry.clock.at = LATER
    before = workforce(registry).content
    registry.sql("UPDATE travel_request SET category = 'REGISTERED_POOR' RETURNING id")
    registry.sql(
        "INSERT INTO person_class (person_id, category, valid_from, source)"
        " SELECT id, 'MARGINAL_RISK', DATE '2020-01-01', 'test' FROM person ORDER BY id LIMIT 1 RETURNING person_id"
    )
    assert workforce(registry).content == before


def test_none_and_a_few_are_told_alike_and_who_has_two_ids_counts_once(registry: Registry) -> None:
    registry.clock.at = LATER
    none = workforce(registry).content
    registry.clock.at = NOW
    four = bring(registry, range(1, 5))
    registry.clock.at = LATER
    assert workforce(registry).content == none
    registry.clock.at = NOW
    [fifth] = bring(registry, [5], key="bring-0002")
    registry.clock.at = LATER
    assert workforce(registry).json()["at_least"][0] == 5
    registry.sql("UPDATE person SET file_id = :one WHERE id = :two RETURNING id", one=four[0], two=fifth)
    assert workforce(registry).content == none


def test_an_enterprise_is_told_the_same_whatever_list_its_workers_are_on(registry: Registry) -> None:
    """That an agency was rewarded, or two counties are at odds, is nothing that the enterprise can see."""
    rule = in_force(registry)
    bring(registry, [1])
    registry.clock.at = LATER
    resident_id = worker(1)["resident_id"]
    contract(registry, [resident_id], 12)
    insure(registry, [resident_id], ["2020-03", "2020-04", "2020-05"])
    client = registry.client(Role.ENTERPRISE, areas=(), organisation=ENTERPRISE_ID)
    before = client.get("/api/workforce").content
    act(registry, make(registry, rule), "confirm")
    assert client.get("/api/workforce").content == before
    for path in ("/api/reward-lists", "/api/reward-rules"):
        assert client.get(path).status_code == 403
