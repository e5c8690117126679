"""An agency's workers count across its lists: what they bring does not depend on how they are divided, nor on whose list is first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.registry.usecases.privacy.retention import Retaining
from tests.registry.conftest import LIBO, Registry
from tests.registry.rewarded import LATER, act, bring, in_force, make, show
from tests.registry.rosters import ENTERPRISE_ID

SMALL = {"kind": "tiers", "tiers": [{"heads_to": 1, "fen": 120}, {"heads_to": 3, "fen": 150}, {"fen": 300}]}
"""Yantai's rates for one, two or three, and more."""
LUMPS = {"kind": "blocks", "first_heads": 3, "first_fen": 2_000, "further_heads": 2, "further_fen": 1_000}
LUMPS |= {"cap_fen": 5_000}
EARLY = {"first_day": "2020-02-01", "last_day": "2020-02-10"}
MIDDLE = {"first_day": "2020-02-11", "last_day": "2020-02-20"}
LATE = {"first_day": "2020-02-21", "last_day": "2020-02-29"}


def rule_of(registry: Registry, amount: dict[str, Any], **more: Any) -> str:
    """Qiandongnan's rule, which asks for an arrival and nothing else, with another amount."""
    in_force(registry, "qiandongnan-agency", valid_from=None)
    client = registry.client(areas=("52",))
    known = [one["rule"] for one in client.get("/api/reward-rules").json()["in_force"]]
    [base] = [one for one in known if one["id"] == "qiandongnan-agency"]
    answer = client.post(
        "/api/reward-rules", json={"rule": base | {"id": "by-number", "amount": amount} | more}
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["reward_rule_id"]
    return found


def bring_on(registry: Registry, *heads_of_day: tuple[int, list[int]]) -> list[list[str]]:
    """Workers who arrive on days of February."""
    brought = [
        bring(registry, numbers, key=f"bring-{day:04}", at=datetime(2020, 2, day, 2, tzinfo=UTC))
        for day, numbers in heads_of_day
    ]
    registry.clock.at = LATER
    return brought


def confirmed(registry: Registry, rule: str, period: dict[str, str]) -> dict[str, Any]:
    made = make(registry, rule, **period)
    answer = act(registry, made, "confirm")
    assert answer.status_code == 200, answer.text
    return made


def flat(fen: int) -> dict[str, Any]:
    """One rate, whatever the number."""
    return {"kind": "tiers", "tiers": [{"fen": fen}]}


def grow_old(registry: Registry) -> None:
    """It is three years and some months later, and what has had its time is destroyed."""
    registry.clock.at = datetime(2023, 5, 31, 2, tzinfo=UTC)
    Retaining(registry.parts.database, registry.clock).look()


@pytest.mark.parametrize("order", [[EARLY, MIDDLE, LATE], [LATE, MIDDLE, EARLY], [MIDDLE, LATE, EARLY]])
def test_in_whatever_order_its_lists_are_confirmed_four_workers_bring_four_times_the_highest_rate(
    registry: Registry, order: list[dict[str, str]]
) -> None:
    """1 + 1 + 2 workers: all four at 300."""
    rule = rule_of(registry, SMALL)
    bring_on(registry, (5, [1]), (15, [2]), (25, [3, 4]))
    whole = make(registry, rule)
    assert (whole["heads"], whole["total_fen"]) == (4, 1_200)
    lists = [confirmed(registry, rule, period) for period in order]
    assert sum(one["total_fen"] for one in lists) == 1_200
    for one in lists:
        assert act(registry, one, "hand-over").status_code == 200
    assert make(registry, rule)["total_fen"] == 0


def test_a_later_list_says_what_it_pays_for_the_workers_of_the_earlier_ones(registry: Registry) -> None:
    rule = rule_of(registry, SMALL)
    bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    first, second = confirmed(registry, rule, EARLY), make(registry, rule, **LATE)
    assert (first["total_fen"], second["total_fen"]) == (300, 900)
    shown = show(registry, second)
    assert [one["amount_fen"] for one in shown["entries"]] == [300, 300]
    assert (shown["before_heads"], shown["before_fen"], shown["difference_fen"]) == (2, 300, 300)


def test_a_draft_that_was_made_before_another_list_counted_is_made_again(registry: Registry) -> None:
    rule = rule_of(registry, SMALL)
    bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    first, second = make(registry, rule, **EARLY), make(registry, rule, **LATE)
    assert (first["total_fen"], second["total_fen"]) == (300, 300)
    assert act(registry, first, "confirm").status_code == 200
    stale = act(registry, second, "confirm").json()
    assert stale["code"] == "reward-list-stale"
    assert "合计应为 9.00 元，而不是 3.00 元" in stale["detail_zh"]
    assert confirmed(registry, rule, LATE)["total_fen"] == 900


def test_too_few_for_the_first_lump_are_counted_for_nothing_until_there_are_enough(
    registry: Registry,
) -> None:
    """2 of 3 bring nothing yet; with 1 more the first lump, with 2 more the second."""
    rule = rule_of(registry, LUMPS)
    bring_on(registry, (5, [1, 2]), (15, [3]), (25, [4, 5]))
    paid = [confirmed(registry, rule, period)["total_fen"] for period in (EARLY, MIDDLE, LATE)]
    assert paid == [0, 2_000, 1_000]


def test_a_list_that_is_taken_back_counts_for_none_that_counted_on_it(registry: Registry) -> None:
    rule = rule_of(registry, SMALL)
    bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    first, second = confirmed(registry, rule, EARLY), confirmed(registry, rule, LATE)
    act(registry, first, "withdraw")
    stale = act(registry, second, "hand-over").json()
    assert stale["code"] == "reward-list-stale"
    assert "合计应为 3.00 元" in stale["detail_zh"]
    act(registry, second, "withdraw")
    assert [confirmed(registry, rule, period)["total_fen"] for period in (LATE, EARLY)] == [300, 900]


def test_an_arrival_that_is_taken_back_after_it_was_paid_for_comes_off_the_next_list(
    registry: Registry,
) -> None:
    """Four were paid 1,200; one had not arrived. With one more there are four again, and nothing more is due."""
    rule = rule_of(registry, SMALL)
    bring_on(registry, (5, [1, 2, 3, 4]), (25, [5]))
    paid = confirmed(registry, rule, EARLY)
    act(registry, paid, "hand-over")
    registry.sql(
        "UPDATE tracking SET taken_back_at = now() WHERE id = (SELECT min(id) FROM tracking) RETURNING id"
    )
    made = show(registry, make(registry, rule, **LATE))
    assert (made["before_heads"], made["before_fen"]) == (3, 1_200)
    assert (made["heads"], made["total_fen"]) == (1, 0)


def test_two_ids_that_turn_out_to_be_one_worker_count_once_and_twice_once_they_are_parted(
    registry: Registry,
) -> None:
    rule = rule_of(registry, SMALL)
    [[one, other], _] = bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    act(registry, confirmed(registry, rule, EARLY), "hand-over")
    registry.sql("UPDATE person SET file_id = :into WHERE id = :id RETURNING id", into=one, id=other)
    merged = make(registry, rule, **LATE)
    assert (show(registry, merged)["before_heads"], merged["total_fen"]) == (1, 3 * 150 - 300)
    registry.sql("UPDATE person SET file_id = id RETURNING id")
    parted = make(registry, rule, **LATE)
    assert (show(registry, parted)["before_heads"], parted["total_fen"]) == (2, 4 * 300 - 300)


def test_another_agency_s_season_s_and_rule_s_workers_do_not_count(registry: Registry) -> None:
    rule = rule_of(registry, SMALL)
    bring(registry, [3], key="other-0001", agency=ENTERPRISE_ID)
    bring_on(registry, (5, [1, 2]))
    autumn = datetime(2020, 7, 15, 2, tzinfo=UTC)
    bring(registry, [4], key="autumn-001", at=autumn, earliest="2020-07-10", latest="2020-07-15")
    confirmed(registry, rule, EARLY)
    registry.clock.at = autumn + timedelta(days=1)
    theirs = make(registry, rule, claimant=ENTERPRISE_ID)
    assert (theirs["heads"], theirs["total_fen"]) == (1, 120)
    july = {"first_day": "2020-07-01", "last_day": "2020-07-16"}
    assert make(registry, rule, **july)["total_fen"] == 120
    both = registry.client().post(
        "/api/reward-lists",
        json={
            "reward_rule_id": rule,
            "claimant_id": ENTERPRISE_ID,
            "first_day": "2020-06-30",
            "last_day": "2020-07-01",
        },
    )
    assert both.json()["code"] == "period-invalid"
    assert "按季" in both.json()["detail_zh"]


def test_who_is_paid_for_once_a_season_is_paid_for_in_each_season_of_one_list_too(registry: Registry) -> None:
    rule = rule_of(registry, {"kind": "per_head", "fen": 300}, once="season")
    bring_on(registry, (5, [1]))
    autumn = datetime(2020, 7, 15, 2, tzinfo=UTC)
    bring(registry, [1], key="autumn-001", at=autumn, earliest="2020-07-10", latest="2020-07-15")
    registry.clock.at = autumn + timedelta(days=1)
    whole = make(registry, rule, first_day="2020-01-01", last_day="2020-07-16")
    assert (whole["heads"], whole["total_fen"]) == (1, 600)
    assert act(registry, whole, "confirm").status_code == 200
    assert registry.sql("SELECT count(*) FROM reward_hold") == [(2,)]


@pytest.mark.parametrize(("fen", "due"), [(200, 400), (50, 100)])
def test_a_later_version_neither_raises_nor_cuts_what_an_earlier_one_paid(
    registry: Registry, fen: int, due: int
) -> None:
    """2 workers at 100 until the 14th, 2 at another rate from then on: each version prices its own."""
    old = rule_of(registry, flat(100), valid_to="2020-02-14")
    new = rule_of(registry, flat(fen), version=2, valid_from="2020-02-15")
    bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    first, second = confirmed(registry, old, EARLY), confirmed(registry, new, LATE)
    assert (first["total_fen"], second["total_fen"]) == (200, due)
    assert (show(registry, second)["before_heads"], show(registry, second)["difference_fen"]) == (0, 0)
    for one in (first, second):
        assert act(registry, one, "hand-over").status_code == 200


def test_an_earlier_version_s_list_that_comes_late_is_not_priced_by_the_later_one(registry: Registry) -> None:
    old = rule_of(registry, flat(100), valid_to="2020-02-14")
    new = rule_of(registry, flat(200), version=2, valid_from="2020-02-15")
    bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    assert [confirmed(registry, *one)["total_fen"] for one in ((new, LATE), (old, EARLY))] == [400, 200]


def test_the_lists_of_two_counties_by_one_version_of_the_province_s_rule_count_together(
    registry: Registry,
) -> None:
    rule = rule_of(registry, SMALL)
    bring(registry, [3, 4], areas=(LIBO,), stop="玉屏街道", key="libo-00001")
    bring_on(registry, (5, [1, 2]))
    here = confirmed(registry, rule, EARLY)
    there = make(registry, rule, areas=(LIBO,), **LATE)
    assert (here["total_fen"], there["total_fen"]) == (300, 4 * 300 - 300)


def test_who_was_paid_for_counts_on_when_their_journey_has_been_destroyed_by_age(registry: Registry) -> None:
    """2 were paid 2 x 150. Three years later 2 more make 4 x 300; one of the first had not arrived: 3 x 150."""
    rule = rule_of(registry, {**SMALL, "counted_over": "rule"})
    bring_on(registry, (5, [1, 2]))
    act(registry, confirmed(registry, rule, EARLY), "hand-over")
    grow_old(registry)
    assert registry.sql("SELECT count(*) FROM tracking WHERE request_id IS NULL") == [(2,)]
    later = datetime(2023, 6, 5, 2, tzinfo=UTC)
    bring(registry, [3, 4], key="later-0001", at=later, earliest="2023-06-01", latest="2023-06-05")
    registry.clock.at = later + timedelta(days=1)
    june = {"first_day": "2023-06-01", "last_day": "2023-06-06"}
    made = make(registry, rule, **june)
    assert (show(registry, made)["before_heads"], made["total_fen"]) == (2, 1_200 - 300)
    registry.sql(
        "UPDATE tracking SET taken_back_at = now() WHERE id = (SELECT min(id) FROM tracking) RETURNING id"
    )
    made = make(registry, rule, **june)
    assert (show(registry, made)["before_heads"], made["total_fen"]) == (1, 450 - 300)
    registry.sql("DELETE FROM tracking WHERE request_id IS NULL AND taken_back_at IS NULL RETURNING id")
    assert show(registry, make(registry, rule, **june))["before_heads"] == 1


def test_an_enterprise_s_workers_count_as_long_as_it_stands_that_they_took_up_the_job(
    registry: Registry,
) -> None:
    rule = rule_of(registry, SMALL, claimant="enterprise", purpose="enterprise_incentive")
    [[one, _], _] = bring_on(registry, (5, [1, 2]), (25, [3, 4]))
    first = make(registry, rule, claimant=ENTERPRISE_ID, **EARLY)
    assert act(registry, first, "confirm").status_code == 200
    second = make(registry, rule, claimant=ENTERPRISE_ID, **LATE)
    assert (first["total_fen"], second["total_fen"]) == (300, 4 * 300 - 300)
    registry.sql("DELETE FROM employment WHERE person_id = :id RETURNING person_id", id=one)
    third = make(registry, rule, claimant=ENTERPRISE_ID, **LATE)
    assert (show(registry, third)["before_heads"], third["total_fen"]) == (1, 3 * 150 - 300)
