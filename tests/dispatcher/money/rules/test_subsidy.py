"""Who bears a trip: published rules worked by hand, and what must hold for every trip."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.rules.policy import Payer, PayerShare, Percentage, Policy, Provision
from services.dispatcher.money.rules.subsidy import Heads, Line, Parties, Run, bear, public_parts

SANDU = Parties("2020-spring", "522732", "330500", "C01")
COUNTY = "payer:origin_county:522732:2020-spring"
PREFECTURE = "payer:origin_prefecture:522700:2020-spring"


def policy(
    rate: int = 50,
    cap: int | None = 1_000_000,
    minimum: int = 20,
    payers: tuple[tuple[Payer, int], ...] = ((Payer.ORIGIN_COUNTY, 1),),
) -> Policy:
    return Policy(
        id="p",
        version=1,
        name="p",
        valid_from=date(2020, 1, 1),
        load_factor_percent=50,
        provisions=(
            Provision(
                rule=Percentage(rate_percent=rate),
                payers=tuple(PayerShare(payer=p, share=s) for p, s in payers),
            ),
        ),
        cap_vehicle_fen=cap,
        min_passengers_vehicle=minimum,
    )


NINGBO_2023 = policy(rate=50, cap=1_000_000, minimum=20)


def run(charter_fen: int) -> Run:
    return Run(charter_fen, 49, date(2020, 2, 24))


def subsidy_fen(policy: Policy, charter_fen: int, passengers: int) -> int:
    heads = [Heads.as_booked("E1", passengers)]
    return sum(part.paid_fen for part in public_parts(policy, run(charter_fen), heads, SANDU))


def amounts(lines: tuple[Line, ...]) -> dict[str, tuple[int, int]]:
    return {line.account: (line.due_fen, line.held_fen) for line in lines}


def test_half_the_charter_is_paid_below_the_cap() -> None:
    # Ningbo 2023: 50 %, at most 10,000 yuan a vehicle. 18,400 yuan -> 9,200 yuan.
    assert subsidy_fen(NINGBO_2023, 1_840_000, 24) == 920_000


def test_a_dear_charter_is_capped_per_vehicle() -> None:
    # 50 % of 23,000 yuan would be 11,500; the cap is 10,000.
    assert subsidy_fen(NINGBO_2023, 2_300_000, 24) == 1_000_000


def test_at_half_load_a_39_seat_coach_loses_the_subsidy_and_a_49_seat_coach_keeps_it() -> None:
    # floor(39 / 2) = 19 < 20 passengers; floor(49 / 2) = 24 (domain.md §2.1).
    assert subsidy_fen(NINGBO_2023, 1_500_000, 39 // 2) == 0
    assert subsidy_fen(NINGBO_2023, 1_500_000, 49 // 2) == 750_000


def test_full_cost_is_shared_one_to_one_by_city_and_county() -> None:
    # Nanchang about 2022: 100 % of actual cost, city : county 1 : 1. An odd fen falls to the first payer.
    nanchang = policy(100, None, 0, ((Payer.ORIGIN_PREFECTURE, 1), (Payer.ORIGIN_COUNTY, 1)))
    lines = bear(nanchang, run(1_840_001), [Heads.as_booked("E1", 24)], SANDU)
    assert amounts(lines) == {PREFECTURE: (920_001, 0), COUNTY: (920_000, 0)}


def test_a_shared_coach_is_borne_by_the_enterprises_by_head_count() -> None:
    # 18,400 yuan, 9,200 public; 9,200 over 24 heads 18 : 6 -> 6,900 and 2,300 yuan.
    lines = bear(NINGBO_2023, run(1_840_000), [Heads.as_booked("E1", 18), Heads.as_booked("E2", 6)], SANDU)
    assert amounts(lines) == {
        COUNTY: (920_000, 0),
        "enterprise:E1:2020-spring": (690_000, 0),
        "enterprise:E2:2020-spring": (230_000, 0),
    }
    assert {line.rule for line in lines} == {"p@1"}


def test_below_the_minimum_of_confirmed_passengers_the_enterprises_bear_all() -> None:
    heads = [Heads("E1", booked=20, arrived=15), Heads("E2", booked=4, arrived=4)]
    # 19 arrived: 1,900,000 fen are 100,000 a head.
    assert amounts(bear(NINGBO_2023, run(1_900_000), heads, SANDU)) == {
        "enterprise:E1:2020-spring": (1_500_000, 0),
        "enterprise:E2:2020-spring": (400_000, 0),
    }


def test_the_part_of_a_worker_in_dispute_is_held() -> None:
    # 24 came, 1 of them in dispute: 1/24 of 9,600 yuan public and of 9,600 yuan private waits.
    heads = [Heads("E1", booked=24, arrived=23, disputed=1)]
    assert amounts(bear(NINGBO_2023, run(1_920_000), heads, SANDU)) == {
        COUNTY: (920_000, 40_000),
        "enterprise:E1:2020-spring": (920_000, 40_000),
    }


def test_the_whole_subsidy_is_held_where_the_minimum_hangs_on_a_dispute() -> None:
    heads = [Heads("E1", booked=20, arrived=19, disputed=1)]
    assert amounts(bear(NINGBO_2023, run(2_000_000), heads, SANDU)) == {
        COUNTY: (0, 1_000_000),
        "enterprise:E1:2020-spring": (950_000, 50_000),
    }


def test_an_empty_coach_is_borne_by_those_who_booked_it() -> None:
    heads = [Heads("E1", booked=3, arrived=0), Heads("E2", booked=1, arrived=0)]
    assert amounts(bear(NINGBO_2023, run(400_000), heads, SANDU)) == {
        "enterprise:E1:2020-spring": (300_000, 0),
        "enterprise:E2:2020-spring": (100_000, 0),
    }


def heads_strategy() -> st.SearchStrategy[Heads]:
    counts = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
    return st.builds(
        lambda e, c: Heads(f"E{e}", booked=max(1, sum(c)), arrived=c[0], disputed=c[1]), st.integers(), counts
    )


@given(
    charter=st.integers(0, 10**7),
    rate=st.integers(0, 100),
    cap=st.none() | st.integers(0, 10**7),
    minimum=st.integers(0, 40),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    heads=st.lists(heads_strategy(), min_size=1, max_size=5, unique_by=lambda h: h.enterprise_id),
)
def test_the_parts_of_every_trip_sum_to_its_charter_and_no_cap_is_passed(
    charter: int, rate: int, cap: int | None, minimum: int, weights: list[int], heads: list[Heads]
) -> None:
    rules = policy(rate, cap, minimum, tuple(zip(list(Payer), weights, strict=False)))
    lines = bear(rules, run(charter), heads, SANDU)
    public = sum(line.amount_fen for line in lines if line.account.startswith("payer:"))
    assert sum(line.amount_fen for line in lines) == charter
    assert min((line.due_fen for line in lines), default=0) >= 0
    assert min((line.held_fen for line in lines), default=0) >= 0
    assert public * 100 <= charter * rate
    assert cap is None or public <= cap
