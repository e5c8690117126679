"""What is in order in a policy, and yet hardly meant."""

from typing import Any

import pytest

from services.dispatcher.intake.presets import read_preset
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.review import Remark, review_policies, review_tariffs
from services.dispatcher.money.rules.tariff import Tariff

HALF = {"kind": "percentage", "rate_percent": 50}
PAYERS = [{"payer": "origin_county", "share": 1}]


def policy(**changes: Any) -> Policy:
    body = {
        "id": "p",
        "version": 1,
        "name": "p",
        "valid_from": "2020-02-01",
        "valid_to": "2020-02-29",
        "provisions": [{"rule": HALF, "payers": PAYERS}],
        "source": "a notice",
    }
    return Policy.model_validate(body | changes)


def said(*policies: Policy) -> list[Remark]:
    remarks = review_policies(policies)
    assert all(remark.zh != remark.en for remark in remarks)
    return remarks


def test_of_a_policy_without_oddities_nothing_is_said() -> None:
    assert said(policy(), policy(version=2, valid_from="2020-03-01", valid_to=None)) == []


def test_twenty_at_half_load_names_the_coaches_that_lose() -> None:
    # The conflict of §2.1. Half of 19, 35, 39 seats: 9, 17, 19.
    (remark,) = said(policy(min_passengers_vehicle=20, load_factor_percent=50))
    for text in (remark.zh, remark.en):
        assert "19, 35, 39" in text
        assert "9, 17, 19" in text
        assert "45" not in text


@pytest.mark.parametrize(
    ("least", "load", "seats"),
    [(10, 50, ["19 座"]), (9, 50, []), (20, 100, ["19 座"]), (16, 100, []), (29, 50, ["53, 55 座"])],
)
def test_only_too_small_coaches_are_named(least: int, load: int, seats: list[str]) -> None:
    remarks = said(policy(min_passengers_vehicle=least, load_factor_percent=load))
    assert [one in remark.zh for remark, one in zip(remarks, seats, strict=True)] == [True] * len(seats)


def test_a_floor_that_no_coach_reaches_can_never_pay() -> None:
    # Half of 59 is 29.
    (remark,) = said(policy(min_passengers_vehicle=30, load_factor_percent=50))
    assert "it can never pay" in remark.en
    assert "永远不会支付" in remark.zh


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cap_vehicle_fen": 0}, "cap_vehicle_fen is 0"),
        ({"source": ""}, "source is empty"),
        ({"trips": {"first": "2020-01-31", "last": "2020-02-05"}}, "trips has days"),
        ({"trips": {"first": "2020-02-05", "last": "2020-03-01"}}, "trips has days"),
        ({"claims": {"first": "2020-01-01", "last": "2020-01-31"}}, "claims ends before"),
        (
            {
                "trips": {"first": "2020-02-10", "last": "2020-02-12"},
                "claims": {"first": "2020-02-01", "last": "2020-02-09"},
            },
            "claims ends before",
        ),
        (
            {"provisions": [{"rule": HALF, "payers": PAYERS}] * 2},
            "provisions[1] is for nobody",
        ),
        (
            {"provisions": [{"rule": {"kind": "percentage", "rate_percent": 0}, "payers": PAYERS}]},
            "provisions[0] pays nothing",
        ),
        (
            {
                "provisions": [
                    {
                        "rule": {"kind": "bands", "seats": [30], "fen": {"same_county": [0, 0]}},
                        "payers": PAYERS,
                    }
                ]
            },
            "provisions[0] pays nothing",
        ),
    ],
)
def test_what_never_pays_is_told(changes: dict[str, Any], words: str) -> None:
    (remark,) = said(policy(**changes))
    assert words in remark.en
    assert remark.key == "p@1"


def test_a_gap_and_an_overlap_between_versions_are_told_with_their_days() -> None:
    versions = [
        policy(),
        policy(version=2, valid_from="2020-03-03", valid_to="2020-03-31"),
        policy(version=3, valid_from="2020-03-31", valid_to="2020-04-30"),
        policy(version=4, valid_from="2020-04-10", valid_to="2020-04-11"),
        policy(version=5, valid_from="2020-05-01", valid_to=None),
    ]
    assert [(r.key, r.en.split(",")[0]) for r in said(*reversed(versions))] == [
        ("p@2", "From 2020-03-01 to 2020-03-02 no version holds"),
        ("p@3", "From 2020-03-31 to 2020-03-31 both p@2 and p@3 hold"),
        ("p@4", "From 2020-04-10 to 2020-04-11 both p@3 and p@4 hold"),
    ]


def test_a_version_without_a_last_day_holds_until_the_next() -> None:
    assert said(policy(valid_to=None), policy(version=2, valid_from="2020-03-03", valid_to=None)) == []


def test_two_policies_of_one_day_are_rivals() -> None:
    (remark,) = said(policy(valid_to=None), policy(id="q", valid_from="2021-01-01", valid_to=None))
    assert remark.en.startswith("From 2021-01-01 on both p@1 and q@1 hold, and the latter counts")
    assert said(policy(), policy(id="q", valid_from="2020-03-01", valid_to=None)) == []


def test_prices_of_a_coach_type_are_looked_at_together_whatever_their_ids() -> None:
    def tariff(name: str, coach_type: str, first: str, last: str) -> Tariff:
        body = {"id": name, "coach_type": coach_type, "seats": 49, "fen_per_km": 950}
        return Tariff.model_validate(body | {"valid_from": first, "valid_to": last})

    remarks = review_tariffs(
        [
            tariff("a", "C49", "2020-01-01", "2020-12-31"),
            tariff("b", "C49", "2021-01-02", "2021-12-31"),
            tariff("c", "C53", "2020-06-01", "2020-12-31"),
        ]
    )
    assert [(r.key, r.en.split(",")[0]) for r in remarks] == [
        ("b@1", "From 2021-01-01 to 2021-01-01 no version holds")
    ]


def test_of_the_presets_only_their_smallest_coaches_are_told() -> None:
    assert [r.key for r in said(read_preset("ningbo-2023"))] == ["ningbo-2023@1"]
    assert said(read_preset("nanchang-2022")) == said(read_preset("rizhao-2022")) == []
