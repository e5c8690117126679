"""What a policy or tariff file may not say, each with what says so."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.dispatcher.money.rules.policy import Bands, Distance, Policy, digest_of
from services.dispatcher.money.rules.tariff import Tariff

BODY: dict[str, Any] = {
    "id": "p",
    "version": 1,
    "name": "示例",
    "valid_from": date(2020, 2, 1),
    "cap_claimant_fen": 20_000_000,
    "provisions": [
        {
            "rule": {"kind": "percentage", "rate_percent": 50},
            "payers": [{"payer": "origin_county", "share": 1}],
        }
    ],
}
TARIFF: dict[str, Any] = {
    "id": "C49",
    "coach_type": "C49",
    "seats": 49,
    "valid_from": "2020-01-01",
    "fen_per_km": 950,
}


def provision(**changes: Any) -> dict[str, Any]:
    return {"provisions": [BODY["provisions"][0] | changes]}


def test_a_season_s_cap_of_a_claimant_and_a_day_as_text_are_read() -> None:
    policy = Policy.model_validate(BODY | {"valid_from": "2020-02-01"})
    assert policy == Policy.model_validate(BODY)
    assert (policy.cap_claimant_fen, policy.key) == (20_000_000, "p@1")


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"version": 0}, "version", "greater_than_equal"),
        ({"load_factor_percent": 0}, "load_factor_percent", "greater_than_equal"),
        ({"version": True}, "version", "int_type"),  # YAML reads `yes` as true, pydantic true as 1
        ({"version": 3_000_000_000}, "version", "less_than_equal"),  # the database's integers end before
        ({"cap_vehicle_fen": float("nan")}, "cap_vehicle_fen", "int_type"),
        ({"cap_vehicle_fen": 10_000.0}, "cap_vehicle_fen", "int_type"),
        ({"cap_vehicle_fen": "1000000"}, "cap_vehicle_fen", "int_type"),
        ({"cap_vehicle_fen": 10**30}, "cap_vehicle_fen", "less_than_equal"),
        ({"cap_head_fen": -1}, "cap_head_fen", "greater_than_equal"),
        ({"min_passengers_vehicle": -1}, "min_passengers_vehicle", "greater_than_equal"),
        ({"toll_exempt": "no"}, "toll_exempt", "bool_type"),
        ({"valid_from": 20200224}, "valid_from", "value_error"),
        ({"valid_from": 1582502400}, "valid_from", "value_error"),  # would be 2020-02-24 in seconds since 1970
        ({"valid_from": "1582502400"}, "valid_from", "value_error"),
        ({"valid_from": "2020/2/24"}, "valid_from", "value_error"),
        ({"valid_from": "2020-02-30"}, "valid_from", "date_from_datetime_parsing"),
        ({"valid_to": "9999-12-31"}, "valid_to", "value_error"),
        ({"valid_to": date(2020, 1, 31)}, "", "value_error"),
        ({"trips": {"first": "2020-03-01", "last": "2020-02-01"}}, "trips", "value_error"),
        ({"destinations": ["330000"]}, "destinations", "value_error"),  # the beginning of no county's code
        ({"destinations": [""]}, "destinations", "value_error"),  # the beginning of every code
        ({"id": "p@1"}, "id", "string_pattern_mismatch"),
        ({"cap_vehicle": 10_000}, "cap_vehicle", "extra_forbidden"),
        ({"provisions": []}, "provisions", "too_short"),
        (provision(modes="GOV_PURCHASE"), "provisions.0.modes", "tuple_type"),
        (provision(categories=["POOR"]), "provisions.0.categories.0", "enum"),
        (provision(rule={"kind": "precentage", "rate_percent": 50}), "provisions.0.rule", "union_tag_invalid"),
        (provision(rule={"rate_percent": 50}), "provisions.0.rule", "union_tag_not_found"),
        (
            provision(rule={"kind": "percentage", "rate_percent": 101}),
            "provisions.0.rule.percentage.rate_percent",
            "less_than_equal",
        ),
        (provision(payers=[{"payer": "origin_county", "share": 0}]), "provisions.0.payers.0.share", "greater_than_equal"),
        (provision(payers=BODY["provisions"][0]["payers"] * 2), "provisions.0", "value_error"),
    ],
)  # fmt: skip
def test_what_a_policy_may_not_say(changes: dict[str, Any], field: str, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate(BODY | changes)
    finding = caught.value.errors()[0]
    assert (".".join(map(str, finding["loc"])), finding["type"]) == (field, kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"fen_per_km": -1},
        {"fen_per_km": 9.5},
        {"fen_per_km": True},
        {"seats": 0},
        {"valid_to": "2019-12-31"},
        {"fen_per_mile": 1},
    ],
)
def test_what_a_tariff_may_not_say(changes: dict[str, Any]) -> None:
    Tariff.model_validate(TARIFF)
    with pytest.raises(ValidationError):
        Tariff.model_validate(TARIFF | changes)


@pytest.mark.parametrize(
    "bands",
    [
        {"seats": (47, 30), "fen": {Distance.OTHER_PROVINCE: (1, 2, 3)}},
        {"seats": (30, 30), "fen": {Distance.OTHER_PROVINCE: (1, 2, 3)}},
        {"seats": (0,), "fen": {Distance.OTHER_PROVINCE: (1, 2)}},
        {"seats": (30, 47), "fen": {Distance.OTHER_PROVINCE: (1, 2)}},
        {"seats": (30,), "fen": {}},
    ],
)
def test_bands_ascend_and_have_an_amount_each(bands: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Bands(**bands)


def test_a_policy_edited_in_place_has_another_digest() -> None:
    policy = Policy.model_validate(BODY)
    again = Policy.model_validate(policy.model_dump(mode="json"))
    other = policy.model_copy(update={"cap_claimant_fen": 20_000_001})
    first, second, third = (digest_of(one.model_dump(mode="json")) for one in (policy, again, other))
    assert first == second != third
