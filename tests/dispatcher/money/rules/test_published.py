"""Every published rule for chartered coaches that has numbers (`domain.md` §2.1), each amount worked by hand to the fen.

Rules for trains and flights (Longhua's and Zhumadian's 50 % of a ticket, Xiamen's third of a flight) are out of scope: the
project charters coaches. What one claimant may have in a season, and a minimum of several coaches together, are judged on
the claim (`money/claims`); here it is only seen that the policies say them.
"""

from datetime import date
from typing import Any

import pytest

from services.dispatcher.domain.coach import count_sellable_seats
from services.dispatcher.intake.presets import read_preset
from services.dispatcher.money.rules.policy import JointCharter, Ownership, Period, Policy
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, bear, owe, public_parts
from services.dispatcher.money.rules.tariff import Tariff, charter_price

DAY = date(2020, 2, 24)
SANDU, NINGBO = "522732", ("330200", "330206")


def ends(origin: str = SANDU, to: tuple[str, str] = NINGBO) -> Parties:
    """From a county to a prefecture and a county in it."""
    return Parties("s", origin, to[0], "C01", to[1])


def policy(rule: dict[str, Any], payer: str = "destination_county", **changes: Any) -> Policy:
    """A policy for everybody, of which the notice says no more than `changes`."""
    provision = {"rule": rule, "payers": [{"payer": payer, "share": 1}]}
    body = {"id": "p", "version": 1, "name": "p", "valid_from": "2020-01-01", "provisions": [provision]}
    return Policy.model_validate(body | changes)


HALF = {"kind": "percentage", "rate_percent": 50}
FULL = {"kind": "full_cost"}


def public(
    rules: Policy,
    fen: int,
    heads: int = 24,
    *,
    day: date = DAY,
    seats: int = 49,
    parties: Parties | None = None,
) -> int:
    """What government pays of a charter of so many fen for one enterprise's heads."""
    parts = public_parts(rules, Run(fen, seats, day), [Heads.as_booked("E1", heads)], parties or ends())
    return sum(part.paid_fen for part in parts)


def borne(
    rules: Policy, fen: int, heads: list[Heads], *, day: date = DAY, parties: Parties | None = None
) -> dict[str, int]:
    """Account without its season -> fen."""
    lines = bear(rules, Run(fen, 49, day), heads, parties or ends())
    return {line.account.removesuffix(":s"): line.due_fen for line in lines}


def claimed(rules: Policy, fen: int, heads: list[Heads], *, day: date, parties: Parties) -> dict[str, int]:
    """Claimant without its season -> fen."""
    cells = owe(rules, Run(fen, 49, day), heads, parties)
    return {cell.claimant.removesuffix(":s"): cell.due_fen for cell in cells}


def test_ningbo_2020_pays_half() -> None:
    # 50 % of 18,375.00 is 9,187.50; of 18,375.01 it is 9,187.505: the half fen is not paid.
    assert public(policy(HALF), 1_837_500) == 918_750
    assert public(policy(HALF), 1_837_501) == 918_750


NINGBO_2022 = policy(
    HALF,
    cap_claimant_fen=20_000_000,
    trips={"first": "2022-02-01", "last": "2022-02-28"},
    claims={"first": "2022-03-01", "last": "2022-04-30"},
    ownerships=["private", "foreign", "collective"],
    joint_charter="lead_enterprise",
    destinations=["3302"],
)


def test_ningbo_2022_pays_half_in_february_to_the_enterprise_with_most_passengers() -> None:
    # 50 % of 20,000 is 10,000: all of it is claimed by E2 with 25 of 45 heads; E1 and E2 bear 10,000 by 20 : 25,
    # which is 4,444.44 and 5,555.56 (4,444.444.. and 5,555.555..: the fen goes to the larger remainder).
    day, heads = date(2022, 2, 28), [Heads.as_booked("E1", 20), Heads.as_booked("E2", 25)]
    assert claimed(NINGBO_2022, 2_000_000, heads, day=day, parties=ends()) == {"enterprise:E2": 1_000_000}
    assert borne(NINGBO_2022, 2_000_000, heads, day=day) == {
        "payer:destination_county:330206": 1_000_000,
        "enterprise:E1": 444_444,
        "enterprise:E2": 555_556,
    }
    assert public(NINGBO_2022, 2_000_000, day=date(2022, 3, 1)) == 0
    assert public(NINGBO_2022, 2_000_000, day=day, parties=ends(to=("330500", "330502"))) == 0
    assert NINGBO_2022.cap_claimant_fen == 200_000 * 100
    assert Ownership.STATE not in NINGBO_2022.ownerships


@pytest.mark.parametrize(
    ("yuan", "heads", "day", "expected_yuan"),
    [
        (19_999.98, 20, (1, 21), 9_999.99),
        (20_000, 20, (1, 21), 10_000),  # the cap is reached exactly
        (20_000.02, 20, (1, 21), 10_000),  # half is 10,000.01: a fen over the cap
        (23_000, 46, (2, 5), 10_000),
        (18_400, 19, (1, 21), 0),  # fewer than 20 employees a vehicle
        (18_400, 20, (1, 20), 0),  # the day before the first
        (18_400, 20, (2, 6), 0),  # the day after the last
    ],
)
def test_ningbo_2023(yuan: float, heads: int, day: tuple[int, int], expected_yuan: float) -> None:
    ningbo = read_preset("ningbo-2023")
    assert public(ningbo, round(yuan * 100), heads, day=date(2023, *day)) == round(expected_yuan * 100)


def test_ningbo_2023_says_what_is_judged_on_the_claim() -> None:
    ningbo = read_preset("ningbo-2023")
    assert ningbo.cap_claimant_fen == 200_000 * 100
    assert ningbo.claims == Period(first=date(2023, 2, 6), last=date(2023, 3, 5))
    assert ningbo.joint_charter is JointCharter.LEAD_ENTERPRISE


def test_fuqing_2020_pays_half_and_the_enterprise_the_odd_fen() -> None:
    # 50 % of 16,800.01 is 8,400.005: 8,400.00 by the city, 8,400.01 by the enterprise.
    fuqing = policy(HALF, "destination_prefecture")
    parties = ends(to=("350100", "350181"))
    assert borne(fuqing, 1_680_001, [Heads.as_booked("E1", 24)], parties=parties) == {
        "payer:destination_prefecture:350100": 840_000,
        "enterprise:E1": 840_001,
    }


def test_jiangyin_2022_pays_half_from_ten_people_a_run() -> None:
    jiangyin = policy(HALF, min_passengers_vehicle=10, cap_claimant_fen=2_000_000)
    assert public(jiangyin, 1_234_500, 9) == 0
    assert public(jiangyin, 1_234_500, 10) == 617_250  # half of 12,345.00 is 6,172.50
    assert jiangyin.cap_claimant_fen == 20_000 * 100


def test_rizhao_2022_has_each_enterprise_claim_its_own_heads() -> None:
    # 50 % of 22,500 is 11,250; 30 : 15 heads are 7,500 and 3,750, and so is what each bears.
    rizhao, parties, day = read_preset("rizhao-2022"), ends(to=("371100", "371102")), date(2022, 2, 28)
    heads = [Heads.as_booked("E1", 30), Heads.as_booked("E2", 15)]
    assert claimed(rizhao, 2_250_000, heads, day=day, parties=parties) == {
        "enterprise:E1": 750_000,
        "enterprise:E2": 375_000,
    }
    assert borne(rizhao, 2_250_000, heads, day=day, parties=parties) == {
        "payer:destination_county:371102": 1_125_000,
        "enterprise:E1": 750_000,
        "enterprise:E2": 375_000,
    }
    assert public(rizhao, 2_250_000, day=date(2022, 3, 1), parties=parties) == 0
    assert rizhao.min_passengers_trip == 10
    assert rizhao.claims is not None
    assert rizhao.claims.last == date(2022, 5, 31)


def test_shanghai_2023_pays_half_in_nine_days() -> None:
    shanghai = policy(HALF, trips={"first": "2023-01-28", "last": "2023-02-05"}, cap_claimant_fen=30_000_000)
    assert public(shanghai, 2_400_000, day=date(2023, 1, 28)) == 1_200_000
    assert public(shanghai, 2_400_000, day=date(2023, 1, 27)) == 0
    assert shanghai.cap_claimant_fen == 300_000 * 100


LONGHUA = policy(
    {
        "kind": "bands",
        "fen": {
            "same_county": [200_000],
            "same_prefecture": [200_000],
            "same_province": [200_000],
            "other_province": [500_000],
        },
    },
    min_passengers_vehicle=20,
    prefile_hours=24,
)


@pytest.mark.parametrize(
    ("origin", "yuan", "heads", "expected_yuan"),
    [
        ("441224", 8_000, 20, 2_000),  # Huaiji, in the province
        (SANDU, 8_000, 20, 5_000),  # outside
        (SANDU, 8_000, 19, 0),  # fewer than 20 a coach
        (SANDU, 4_200, 20, 4_200),  # never more than the charter
    ],
)
def test_longhua_2020_pays_a_flat_amount_a_trip(
    origin: str, yuan: int, heads: int, expected_yuan: int
) -> None:
    parties = ends(origin, ("440300", "440309"))
    assert public(LONGHUA, yuan * 100, heads, parties=parties) == expected_yuan * 100


ZHUMADIAN = {
    ("411702", ("411700", "411702")): (9_000, 9_000, 9_000),  # same county: all of 9,000
    ("411702", ("411700", "411723")): (500, 1_000, 1_500),
    ("411702", ("410100", "410102")): (1_000, 1_500, 2_000),
    ("411702", NINGBO): (1_500, 2_000, 2_500),
}


@pytest.mark.parametrize(("origin", "to"), ZHUMADIAN)
def test_zhumadian_2020_pays_by_seats_and_distance(origin: str, to: tuple[str, str]) -> None:
    zhumadian, parties, cells = read_preset("zhumadian-2020"), ends(origin, to), ZHUMADIAN[origin, to]
    day = date(2020, 3, 10)
    for band, most_and_least in enumerate(((19, 30), (31, 47), (48, 59))):
        for seats in most_and_least:
            paid = public(zhumadian, 900_000, 10, day=day, seats=seats, parties=parties)
            assert paid == cells[band] * 100
    assert zhumadian.min_passengers_trip == 10


def test_zhumadian_s_flat_amount_is_never_more_than_the_charter() -> None:
    # A coach of more than 47 seats to another province: 2,500, but the charter was 2,400.50.
    zhumadian = read_preset("zhumadian-2020")
    assert public(zhumadian, 240_050, seats=53, day=date(2020, 3, 10), parties=ends("411702")) == 240_050


def test_pingyin_2020_has_the_county_bear_all_at_half_load() -> None:
    pingyin = policy(FULL, "origin_county", load_factor_percent=50)
    heads = count_sellable_seats(49, pingyin.load_factor_percent, crew=3)
    assert heads == 24  # half of 49 is 24.5
    assert borne(pingyin, 777_777, [Heads.as_booked("E1", heads)], parties=ends("370124")) == {
        "payer:origin_county:370124": 777_777
    }


@pytest.mark.parametrize(
    "to",
    [("330700", "330782"), ("331000", "331002"), ("350200", "350203")],
    ids=["Yiwu", "Taizhou", "Xiamen"],
)
def test_a_free_coach_is_borne_by_the_destination_alone(to: tuple[str, str]) -> None:
    # Two enterprises, an odd charter: neither they nor a worker bear a fen.
    heads = [Heads.as_booked("E1", 17), Heads.as_booked("E2", 7)]
    free = policy(FULL, "destination_prefecture")
    assert borne(free, 1_999_999, heads, parties=ends(to=to)) == {
        f"payer:destination_prefecture:{to[0]}": 1_999_999
    }


def test_longwan_2020_shares_two_to_one() -> None:
    # 18,400 : two thirds are 12,266.666.., a third 6,133.333..: the fen that is left goes to the larger remainder.
    longwan, parties = read_preset("longwan-2020"), ends(to=("330300", "330303"))
    assert borne(longwan, 1_840_000, [Heads.as_booked("E1", 24)], parties=parties) == {
        "payer:destination_county:330303": 1_226_667,
        "enterprise:E1": 613_333,
    }


def test_nanchang_shares_the_whole_cost_one_to_one() -> None:
    # 18,375.01: 9,187.505 each; the odd fen falls to the first payer, the city.
    nanchang, parties = read_preset("nanchang-2022"), ends(to=("360100", "360121"))
    heads = [Heads.as_booked("E1", 46)]
    assert borne(nanchang, 1_837_501, heads, day=date(2022, 2, 10), parties=parties) == {
        "payer:destination_prefecture:360100": 918_751,
        "payer:destination_county:360121": 918_750,
    }
    assert nanchang.prefile_hours == 24


def test_a_little_from_government_enterprise_and_workers() -> None:
    # 7 March 2020: 政府补助一点、企业资助一点、农民工负担一点. 10,000 in three are 3,333.33 and a fen for the first.
    thirds = policy({"kind": "share_ratio", "public": 1, "enterprise": 1, "workers": 1}, "origin_county")
    assert borne(thirds, 1_000_000, [Heads.as_booked("E1", 24)]) == {
        "payer:origin_county:522732": 333_334,
        "workers:522732": 333_333,
        "enterprise:E1": 333_333,
    }


def test_guizhou_2020_pays_each_mode_and_class_by_its_provision() -> None:
    # 12,000 for 24 heads are 500 a head. Purchase of 6 relocated: all of 3,000; of 4 others: half of 2,000; part subsidy of 6:
    # half of 3,000; the destination's prefecture for 4 and its county for the enterprise's own 4: half of 2,000 each.
    # County 3,000 + 1,000 + 1,500 = 5,500. Enterprises: nothing for the relocated, half for all others: 4,500.
    assert borne(read_preset("guizhou-2020-epidemic"), 1_200_000, GUIZHOU_HEADS) == {
        "payer:origin_county:522732": 550_000,
        "payer:destination_prefecture:330200": 100_000,
        "payer:destination_county:330206": 100_000,
        "enterprise:E1": 450_000,
    }


def test_guizhou_2020_cuts_all_provisions_in_proportion_to_the_cap_a_vehicle() -> None:
    # 24,000: twice the amounts above, 6,000 + 2,000 + 3,000 + 2,000 + 2,000 = 15,000, cut to 10,000: two thirds of each are
    # 4,000, 1,333.33, 2,000, 1,333.33, 1,333.33; the fen that is left goes to the first of the equal remainders.
    parts = public_parts(read_preset("guizhou-2020-epidemic"), Run(2_400_000, 49, DAY), GUIZHOU_HEADS, ends())
    assert [part.paid_fen for part in parts] == [400_000, 133_334, 200_000, 133_333, 133_333]


GUIZHOU_HEADS = [
    Heads.as_booked("E1", 6, "GOV_PURCHASE", "RELOCATED"),
    Heads.as_booked("E1", 4, "GOV_PURCHASE", "ORDINARY"),
    Heads.as_booked("E1", 6, "GOV_PART_SUBSIDY", "REGISTERED_POOR"),
    Heads.as_booked("E1", 4, "DEST_AREA_ORGANISED"),
    Heads.as_booked("E1", 4, "ENTERPRISE_ORGANISED"),
]


def test_under_a_government_purchase_the_carrier_claims() -> None:
    heads = [Heads.as_booked("E1", 12, "GOV_PURCHASE", "RELOCATED"), Heads.as_booked("E1", 12)]
    assert claimed(read_preset("guizhou-2020-epidemic"), 1_200_000, heads, day=DAY, parties=ends()) == {
        "carrier:C01": 600_000,
        "enterprise:E1": 300_000,
    }


def test_a_cap_a_head_holds_in_each_provision() -> None:
    # 20,000 for 20 heads are 1,000 a head. Full cost would be 1,000, capped at 600; 20 % are 200. 10 x 600 + 10 x 200 = 8,000.
    provisions = [
        {"categories": ["RELOCATED"], "rule": FULL, "payers": [{"payer": "origin_county", "share": 1}]},
        {
            "rule": {"kind": "percentage", "rate_percent": 20},
            "payers": [{"payer": "origin_county", "share": 1}],
        },
    ]
    capped = policy(FULL, provisions=provisions, cap_head_fen=60_000)
    heads = [Heads.as_booked("E1", 10, category="RELOCATED"), Heads.as_booked("E1", 10)]
    assert [p.paid_fen for p in public_parts(capped, Run(2_000_000, 49, DAY), heads, ends())] == [
        600_000,
        200_000,
    ]


def test_at_half_load_a_39_seat_coach_loses_ningbo_s_subsidy_and_a_49_seat_coach_keeps_it() -> None:
    # The conflict of §2.1: half of 39 is 19 < 20, half of 49 is 24. 50 % of 15,000 is 7,500.
    day, ningbo = date(2023, 2, 1), read_preset("ningbo-2023")
    for seats, heads, expected in ((39, 19, 0), (49, 24, 750_000)):
        assert count_sellable_seats(seats, 50, crew=3) == heads
        assert public(ningbo, 1_500_000, heads, seats=seats, day=day) == expected


def test_the_smaller_of_contract_and_invoice_is_halved_capped_and_shared() -> None:
    # §2.6: min(23,000; 22,000) = 22,000, half 11,000, cap 10,000, three payers 1 : 1 : 1: 3,333.34, 3,333.33, 3,333.33.
    payers = ["origin_county", "origin_prefecture", "origin_province"]
    provision = {"rule": HALF, "payers": [{"payer": payer, "share": 1} for payer in payers]}
    shared = policy(HALF, provisions=[provision], cap_vehicle_fen=1_000_000)
    assert borne(shared, min(2_300_000, 2_200_000), [Heads.as_booked("E1", 24)]) == {
        "payer:origin_county:522732": 333_334,
        "payer:origin_prefecture:522700": 333_333,
        "payer:origin_province:520000": 333_333,
        "enterprise:E1": 1_200_000,
    }


def test_a_coach_of_1750_km_costs_18375_yuan_and_ningbo_pays_half() -> None:
    # §3.4: 1,750 x 10.50 = 18,375.00, which agrees with a cap of 10,000 at 50 %. Half is 9,187.50.
    tariff = Tariff(id="C53", coach_type="C53", seats=53, valid_from=date(2020, 1, 1), fen_per_km=1_050)
    price = charter_price(tariff, 1_750_000, drivers=0, days=1, toll_exempt=True)
    assert price.total_fen == 1_837_500
    assert public(read_preset("ningbo-2023"), price.total_fen, day=date(2023, 2, 1)) == 918_750
