"""An agency's reward from the coach to the finance office: earned, refused with its reason, and never paid in two counties."""

import io
import logging
from datetime import date, timedelta

import openpyxl
import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from services.registry.domain.months import add_months
from services.registry.store.people import hold_people
from services.registry.store.rewards.lists import insert_holds
from services.registry.store.tables import RewardHoldRow, TrackingTaskRow
from shared.security import Role
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.rewarded import (
    LATER,
    act,
    against,
    bring,
    contract,
    in_force,
    insure,
    make,
    show,
)
from tests.registry.rosters import AGENCY_ID, ENTERPRISE_ID, worker

SPRING = ["2020-03", "2020-04", "2020-05"]
IDS = {number: worker(number)["resident_id"] for number in range(1, 10)}


def test_an_agency_is_rewarded_for_who_stayed_and_told_why_not_for_the_other(registry: Registry) -> None:
    rule = in_force(registry)
    stayed, uninsured = bring(registry, [1, 2])
    registry.clock.at = LATER
    contract(registry, [IDS[1], IDS[2]], 12)
    insure(registry, [IDS[1]], SPRING)
    early = make(registry, rule, last_day="2020-02-20")
    assert (early["heads"], early["refused"], early["total_fen"]) == (0, 0, 0)
    made = make(registry, rule)
    assert (made["state"], made["heads"], made["refused"], made["total_fen"]) == ("draft", 1, 1, 50_000)
    shown = show(registry, made)
    assert shown["rule"] == "guizhou-2021-agency@1"
    good, bad = shown["entries"]
    assert (good["person_id"], good["is_earned"], good["amount_fen"]) == (stayed, True, 50_000)
    assert {one["condition"]: one["found_zh"] for one in good["evidence"]} == {
        "person": "",
        "window": "2020-02-25",
        "contract": "合同 12 个月",
        "insurance": "已查到：2020-03, 2020-04, 2020-05 (3)",
        "once": "",
        "stack": "",
    }
    assert (bad["person_id"], bad["is_earned"], bad["amount_fen"]) == (uninsured, False, 0)
    assert against(bad) == {"insurance": ("not_met", "已查到：0")}
    assert act(registry, made, "confirm").json()["state"] == "confirmed"
    assert act(registry, made, "hand-over").json()["state"] == "handed_over"
    assert act(registry, made, "withdraw").json()["code"] == "reward-list-state"


def test_a_worker_on_one_county_s_list_is_refused_in_another_s_without_a_word_of_where(
    registry: Registry,
) -> None:
    """The same human being was sent by two counties in two seasons, with two IDs of one file."""
    rule = in_force(registry)
    [first] = bring(registry, [1])
    [second] = bring(registry, [2], areas=(LIBO,), stop="522722001", key="libo-00001", agency=ENTERPRISE_ID)
    registry.clock.at = LATER
    contract(registry, [IDS[1], IDS[2]], 12)
    insure(registry, [IDS[1], IDS[2]], SPRING)
    registry.sql("UPDATE person SET file_id = :into WHERE id = :id RETURNING id", into=second, id=first)
    theirs = make(registry, rule, areas=(LIBO,), claimant=ENTERPRISE_ID)
    assert theirs["heads"] == 1
    registry.sql("UPDATE person SET file_id = id RETURNING id")
    mine = make(registry, rule)
    assert (mine["heads"], mine["total_fen"]) == (1, 50_000)
    registry.sql("UPDATE person SET file_id = :into WHERE id = :id RETURNING id", into=first, id=second)
    assert act(registry, mine, "confirm").status_code == 200
    refused = act(registry, theirs, "confirm", areas=(LIBO,))
    assert (refused.status_code, refused.json()["code"]) == (409, "reward-list-stale")
    registry.sql("UPDATE person SET file_id = :into RETURNING id", into=second)
    again = make(registry, rule, areas=(LIBO,), claimant=ENTERPRISE_ID)
    assert again["reward_list_id"] == theirs["reward_list_id"]
    [entry] = show(registry, again, areas=(LIBO,))["entries"]
    assert against(entry) == {"once": ("not_met", "此人已计入其他名单")}
    told = str(entry) + refused.text
    for secret in (SANDU, "三都", AGENCY_ID, mine["reward_list_id"]):
        assert secret not in told


def test_who_was_paid_for_as_one_of_two_ids_is_not_paid_for_again_once_they_are_parted(
    registry: Registry,
) -> None:
    """The ID that arrived is the one that is held; the other, which nobody has paid for, is free again."""
    rule = in_force(registry)
    [arrived] = bring(registry, [1])
    [other] = bring(registry, [2], key="bring-0002", agency=ENTERPRISE_ID)
    registry.clock.at = LATER
    contract(registry, [IDS[1], IDS[2]], 12)
    insure(registry, [IDS[1], IDS[2]], SPRING)
    registry.sql("UPDATE person SET file_id = :into WHERE id = :id RETURNING id", into=other, id=arrived)
    act(registry, make(registry, rule), "confirm")
    assert make(registry, rule, claimant=ENTERPRISE_ID)["heads"] == 0
    registry.sql("UPDATE person SET file_id = id RETURNING id")
    registry.clock.at = LATER + timedelta(days=1)
    again = make(registry, rule)
    assert (again["heads"], again["total_fen"]) == (0, 0)
    [entry] = show(registry, again)["entries"]
    assert against(entry) == {"once": ("not_met", "此人已计入其他名单")}
    assert make(registry, rule, claimant=ENTERPRISE_ID)["heads"] == 1


def test_what_was_made_is_judged_anew_while_it_is_a_draft_and_stays_once_it_is_confirmed(
    registry: Registry,
) -> None:
    rule = in_force(registry)
    bring(registry, [1])
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    made = make(registry, rule)
    assert made["heads"] == 0
    assert against(show(registry, made)["entries"][0]) == {"insurance": ("not_known", "已查到：0")}
    assert act(registry, made, "confirm").json()["code"] == "nothing-earned"
    insure(registry, [IDS[1]], SPRING)
    again = make(registry, rule)
    assert (again["reward_list_id"], again["heads"]) == (made["reward_list_id"], 1)
    act(registry, made, "confirm")
    before = registry.counts()
    assert make(registry, rule)["state"] == "confirmed"
    assert act(registry, made, "confirm").json()["state"] == "confirmed"
    assert registry.counts() == before
    registry.clock.at = LATER + timedelta(days=1)
    later = make(registry, rule)
    assert later["reward_list_id"] != made["reward_list_id"]
    assert (later["heads"], later["refused"]) == (0, 1)


def test_a_year_of_tracking_earns_what_eleven_months_of_it_do_not(registry: Registry) -> None:
    """Guizhou 2017: 400 yuan a poor worker, six months in a job, a year tracked; who was not reached was not tracked."""
    rule = in_force(registry, "guizhou-2017-agency", valid_from=None)
    year, lost, ordinary = (
        bring(registry, [number], key=f"bring-000{number}", category=category)[0]
        for number, category in ((1, "脱贫劳动力"), (2, "脱贫劳动力"), (3, "普通"))
    )
    registry.clock.at = LATER.replace(year=2021)
    follow_for(registry, [year, ordinary], 12)
    follow_for(registry, [lost], 11)
    follow_for(registry, [lost], 1, after=11, outcome="not_reached")
    made = make(registry, rule)
    assert (made["heads"], made["refused"], made["total_fen"]) == (1, 2, 40_000)
    entries = {one["person_id"]: one for one in show(registry, made)["entries"]}
    assert entries[year]["is_earned"]
    assert against(entries[lost]) == {"tracking": ("not_met", "已记录 11 个月")}
    assert against(entries[ordinary]) == {"class": ("not_met", "普通")}


def follow_for(
    registry: Registry, people: list[str], months: int, *, after: int = 0, outcome: str = "same"
) -> None:
    """So many months of tasks from March 2020 on, after some others, each with its outcome."""
    with registry.parts.database.session() as session:
        session.add_all(
            [
                TrackingTaskRow(
                    month=(month := add_months(date(2020, 3, 1), after + n)),
                    person_id=person,
                    place_code=SANDU,
                    due_on=month.replace(day=25),
                    outcome=outcome,
                )
                for n in range(months)
                for person in people
            ]
        )


def test_a_list_is_not_handed_over_once_an_arrival_on_it_was_taken_back(registry: Registry) -> None:
    rule = in_force(registry)
    bring(registry, [1, 2])
    registry.clock.at = LATER
    contract(registry, [IDS[1], IDS[2]], 12)
    insure(registry, [IDS[1], IDS[2]], SPRING)
    made = make(registry, rule)
    act(registry, made, "confirm")
    registry.sql(
        "UPDATE tracking SET taken_back_at = now() WHERE id = (SELECT min(id) FROM tracking) RETURNING id"
    )
    refused = act(registry, made, "hand-over")
    assert (refused.status_code, refused.json()["code"]) == (409, "reward-list-stale")
    assert "1 人" in refused.json()["detail_zh"]
    act(registry, made, "withdraw")
    fresh = make(registry, rule)
    assert fresh["heads"] == 1
    act(registry, fresh, "confirm")
    assert act(registry, fresh, "hand-over").json()["state"] == "handed_over"
    assert act(registry, fresh, "hand-over").status_code == 200


def test_a_list_that_is_taken_back_frees_its_workers(registry: Registry) -> None:
    rule = in_force(registry)
    bring(registry, [1])
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    insure(registry, [IDS[1]], SPRING)
    made = make(registry, rule)
    act(registry, made, "confirm")
    assert act(registry, made, "withdraw").json()["state"] == "withdrawn"
    assert act(registry, made, "withdraw").status_code == 200
    fresh = make(registry, rule)
    assert fresh["reward_list_id"] != made["reward_list_id"]
    assert fresh["heads"] == 1
    assert act(registry, made, "confirm").json()["code"] == "reward-list-state"


def test_of_two_lists_that_are_confirmed_at_once_one_gets_the_worker(registry: Registry) -> None:
    """Two agencies name the same worker: both wait for the worker's row, and the second finds that it stands otherwise now."""
    rule = in_force(registry)
    bring(registry, [1])
    bring(registry, [1], key="again-0001", earliest="2020-07-01", latest="2020-07-03", agency=ENTERPRISE_ID)
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    insure(registry, [IDS[1]], SPRING)
    one = make(registry, rule)
    other = make(registry, rule, claimant=ENTERPRISE_ID)
    assert (one["heads"], other["heads"]) == (1, 1)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("SELECT 1 FROM person FOR NO KEY UPDATE")
        waiting = [
            run_into(registry.parts.database, lambda made=made: act(registry, made, "confirm"))
            for made in (one, other)
        ]
        assert not any(thread.done() for thread in waiting)
    answers = [thread.result(60) for thread in waiting]
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert registry.sql("SELECT count(*) FROM reward_hold") == [(1,)]


def test_a_list_is_made_while_a_roster_holds_its_workers(registry: Registry) -> None:
    """Who only refers to people waits for none of them: to wait in another order than that of fingerprints would be a ring."""
    rule = in_force(registry)
    bring(registry, [1])
    registry.clock.at = LATER
    vault = registry.parts.vault
    with registry.parts.database.session() as session:
        hold_people(session, vault, {vault.fingerprint(IDS[1]): IDS[1]}, LATER)
        making = run_into(registry.parts.database, lambda: make(registry, rule))
        assert making.done()
    assert making.result(10)["refused"] == 1


def test_the_database_itself_keeps_a_worker_from_being_held_twice(registry: Registry) -> None:
    rule = in_force(registry)
    [person] = bring(registry, [1])
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    insure(registry, [IDS[1]], SPRING)
    made = make(registry, rule)
    act(registry, made, "confirm")
    row = RewardHoldRow(
        person_id=person,
        purpose="agency_reward",
        period="",
        part="",
        list_id=made["reward_list_id"],
        rule_id="another",
        claimant_id=ENTERPRISE_ID,
        area_code=LIBO,
    )
    with (
        pytest.raises((IntegrityError, psycopg.errors.UniqueViolation)),
        registry.parts.database.session() as session,
    ):
        insert_holds(session, [row])


def test_an_enterprise_s_cap_is_shared_by_all_its_lists_of_the_year(registry: Registry) -> None:
    rule_id = in_force(registry, "qiandongnan-enterprise", valid_from=None)
    rules = registry.client(areas=("52",)).get("/api/reward-rules").json()["in_force"]
    capped = next(one["rule"] for one in rules if one["reward_rule_id"] == rule_id)
    capped |= {"version": 2, "cap_claimant_fen": 120_001}
    told = registry.client(areas=("52",)).post("/api/reward-rules", json={"rule": capped}).json()
    third = bring(registry, [1, 2, 3])[2]
    registry.clock.at = LATER
    contract(registry, [IDS[1], IDS[2]], 12)
    first = make(registry, told["reward_rule_id"], claimant=ENTERPRISE_ID)
    assert (first["heads"], first["refused"], first["total_fen"]) == (2, 1, 100_000)
    act(registry, first, "confirm")
    registry.clock.at = LATER + timedelta(days=1)
    contract(registry, [IDS[3]], 12, role=Role.FINANCE)
    second = make(registry, told["reward_rule_id"], claimant=ENTERPRISE_ID)
    assert (second["heads"], second["refused"], second["total_fen"]) == (1, 2, 20_001)
    assert [one["person_id"] for one in show(registry, second)["entries"] if one["is_earned"]] == [third]


def test_the_public_sheet_is_masked_and_the_payer_s_is_in_full_and_logged(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    rule = in_force(registry)
    [person] = bring(registry, [1])
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    insure(registry, [IDS[1]], SPRING)
    with caplog.at_level(logging.DEBUG):
        made = make(registry, rule)
        act(registry, made, "confirm")
        path = f"/api/reward-lists/{made['reward_list_id']}"
        public = registry.client(Role.FINANCE).get(f"{path}/public.xlsx")
        full = registry.client(Role.FINANCE, subject="finance-1").get(f"{path}/full.xlsx")
    cells = [
        str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(public.content)).active for cell in row
    ]
    name = worker(1)["name"]
    assert name not in " ".join(cells)
    assert not any(IDS[1][:6] in one for one in cells)
    assert f"**************{IDS[1][-4:]}" in cells
    assert any("500 人" not in one and "500.00 元" in one for one in cells)
    sheet = openpyxl.load_workbook(io.BytesIO(full.content)).active
    rows = [[cell.value for cell in row] for row in sheet]
    line = next(row for row in rows if name in row)
    assert line[2] == IDS[1]
    assert line[5] == 500
    assert "社会保险满 3 个月：符合（已查到：2020-03, 2020-04, 2020-05 (3)）" in line[6]
    assert rows[-1][5] == 500
    logged = registry.sql("SELECT subject, purpose, person_ids FROM access_log WHERE purpose = 'reward-list'")
    assert logged == [("finance-1", "reward-list", [person])]
    everything = "\n".join(str(record.__dict__) for record in caplog.records)
    for secret in (IDS[1], name):
        assert secret not in everything
        assert secret not in str(show(registry, made))


def test_who_was_erased_earns_nothing_more(registry: Registry) -> None:
    rule = in_force(registry)
    bring(registry, [1])
    registry.clock.at = LATER
    contract(registry, [IDS[1]], 12)
    insure(registry, [IDS[1]], SPRING)
    made = make(registry, rule)
    registry.sql("UPDATE person SET wrapped_key = NULL RETURNING id")
    assert act(registry, made, "confirm").json()["code"] == "reward-list-stale"
    again = make(registry, rule)
    [entry] = show(registry, again)["entries"]
    assert against(entry)["person"] == ("not_met", "个人信息已删除")
    assert (entry["name"], entry["resident_id"]) == ("—", "—")
