"""The lab's sums: what rides come to under changed terms is what would be billed, to the fen, and nobody's part is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.lab.outcome import Outcome, Proof, Shift, compare, proven_change, weigh
from services.dispatcher.lab.picture import draw
from services.dispatcher.lab.rides import Ride, price
from services.dispatcher.lab.terms import BadChange, Terms
from services.dispatcher.money.rules.policy import Payer
from services.dispatcher.money.rules.subsidy import Heads, Parties
from services.dispatcher.money.rules.words import BEARERS
from services.dispatcher.planning.objective import PUBLIC
from tests.dispatcher.dispatch import DAY, policy, tariffs

TERMS = Terms(policy(), {tariff.coach_type: tariff for tariff in tariffs()}, PUBLIC)
"""Half the charter up to 10,000 yuan a vehicle from 20 passengers, county and prefecture 1 : 1."""


def ride(
    *booked: int, km: int = 1_400, coach_type: str = "49", county: str = "522732", day: date = DAY
) -> Ride:
    """A coach with so many workers of enterprise A, B, ... for two drivers and two days."""
    seats_approved = int(coach_type)
    heads = tuple(Heads.as_booked("ABCDEF"[i], count) for i, count in enumerate(booked) if count)
    parties = Parties("2020-spring", county, "330500", "C01", "330502")
    return Ride(
        pool_id=f"{county}-330500",
        day=day,
        parties=parties,
        coach_type=coach_type,
        seats_approved=seats_approved,
        seats=seats_approved // 2,
        distance_m=km * 1000,
        drivers=2,
        days=2,
        heads=heads,
    )


def come_to(rides: Sequence[Ride], terms: Terms = TERMS) -> Outcome:
    return weigh(rides, lambda _: terms, {})


RIDES = st.lists(
    st.builds(
        ride,
        st.integers(1, 20),
        st.integers(0, 7),
        km=st.integers(100, 2_600),
        coach_type=st.sampled_from(["39", "49"]),
        county=st.sampled_from(["522732", "522722", "520115"]),
    ),
    max_size=12,
)


def test_a_ride_costs_what_its_tariff_says_and_falls_on_whom_the_policy_says() -> None:
    # 1,400 km x 9.50 = 13,300.00; two drivers x two days x 300 = 1,200.00; half of 14,500.00 is the public's.
    found = come_to([ride(18, 6)])
    assert found.charter_fen == 1_450_000
    assert found.borne == {
        "payer:origin_county:522732:2020-spring": 362_500,
        "payer:origin_prefecture:522700:2020-spring": 362_500,
        "enterprise:A:2020-spring": 543_750,
        "enterprise:B:2020-spring": 181_250,
    }
    assert (found.public_fen, found.objective_fen) == (725_000, 725_000)
    assert found.by_kind["enterprise"] == 725_000


def test_a_coach_below_the_floor_falls_on_its_enterprises_and_counts_as_the_publics_by_the_objective() -> (
    None
):
    found = come_to([ride(19), ride(20)])
    assert (found.unfunded_coaches, found.unfunded_workers, found.unfunded_fen) == (1, 19, 1_450_000)
    assert found.public_fen == 725_000
    assert found.objective_fen == 725_000 + 1_450_000


@given(RIDES, st.integers(0, 30), st.one_of(st.none(), st.integers(0, 2_000_000)), st.integers(0, 100))
def test_what_all_bear_together_is_the_charters(
    rides: list[Ride], floor: int, cap_fen: int | None, rate: int
) -> None:
    changes = {
        "min_passengers_vehicle": floor,
        "cap_vehicle_fen": cap_fen,
        "provisions.0.rule.rate_percent": rate,
    }
    found = come_to(rides, TERMS.change(changes))
    assert sum(found.borne.values()) == found.charter_fen
    assert sum(found.by_kind.values()) == found.charter_fen
    assert found.carried == sum(found.by_county.values()) == sum(one.workers for one in rides)
    if rate and cap_fen != 0:
        assert found.objective_fen == found.public_fen + found.unfunded_fen


@given(RIDES, st.integers(0, 28), st.integers(0, 28))
def test_a_higher_floor_takes_from_no_payer_more_of_the_same_coaches(
    rides: list[Ride], low: int, more: int
) -> None:
    before = come_to(rides, TERMS.change({"min_passengers_vehicle": low}))
    after = come_to(rides, TERMS.change({"min_passengers_vehicle": low + more}))
    found = compare(before, after)
    assert all(shift.change < 0 for shift in found.payers)
    assert all(shift.change > 0 for shift in found.enterprises)
    assert sum(shift.change for shift in (*found.payers, *found.enterprises)) == 0


@given(RIDES, st.integers(0, 1_500_000), st.integers(0, 1_500_000))
def test_a_higher_cap_takes_from_no_enterprise_more_of_the_same_coaches(
    rides: list[Ride], cap_fen: int, more_fen: int
) -> None:
    before = come_to(rides, TERMS.change({"cap_vehicle_fen": cap_fen}))
    after = come_to(rides, TERMS.change({"cap_vehicle_fen": cap_fen + more_fen}))
    assert after.public_fen >= before.public_fen
    assert after.public_fen <= come_to(rides, TERMS.change({"cap_vehicle_fen": None})).public_fen


@given(RIDES)
def test_the_same_terms_again_change_nothing(rides: list[Ride]) -> None:
    found = compare(come_to(rides), come_to(rides, TERMS.change({})))
    assert not any((found.payers, found.enterprises, found.workers, found.counties, found.seated, found.left))


def test_who_gains_and_who_loses_is_told_with_the_largest_change_first() -> None:
    rides = [ride(19), ride(0, 24, county="522722"), ride(12, 6, km=2_000)]
    changed = TERMS.change({"min_passengers_vehicle": 18})
    found = compare(come_to(rides), come_to(rides, changed))
    county = "payer:origin_county:522732:2020-spring"
    # Half of 14,500 and, capped, 10,000 of 20,200, shared by county and prefecture; the coach of 24 stays as it was.
    assert found.payers[0] == Shift(county, 0, (725_000 + 1_000_000) // 2)
    assert [shift.who for shift in found.enterprises] == [
        "enterprise:A:2020-spring",
        "enterprise:B:2020-spring",
    ]
    assert [abs(shift.change) for shift in found.enterprises] == sorted(
        (abs(shift.change) for shift in found.enterprises), reverse=True
    )


def test_who_loses_a_seat_is_told_and_by_county_how_many() -> None:
    before = come_to([ride(24), ride(20, county="522722")])
    after = replace(come_to([ride(24)]), left={f"R{n}": "no-coach-left" for n in range(20)})
    found = compare(before, after)
    assert len(found.left) == 20
    assert found.seated == frozenset()
    assert found.counties == (Shift("522722", 20, 0),)
    assert compare(after, before).seated == found.left


def test_each_ride_is_held_to_the_terms_of_its_day() -> None:
    days = {DAY: TERMS, date(2020, 2, 25): TERMS.change({"tariff_percent": 200})}
    rides = [ride(24), ride(24, day=date(2020, 2, 25))]
    assert weigh(rides, days.__getitem__, {}).charter_fen == 1_450_000 + 2_900_000


def test_the_gap_is_that_of_all_pools_together_and_none_where_one_is_not_proven() -> None:
    proofs = [Proof("a", 24, 1_020, 1_000), Proof("b", 24, 3_000, 3_000)]
    found = weigh([], lambda _: TERMS, {}, proofs)
    assert (found.planned_fen, found.bound_fen, found.gap) == (4_020, 4_000, pytest.approx(0.005))
    unproven = weigh([], lambda _: TERMS, {}, [*proofs, Proof("c", 1, 5, None)])
    assert (unproven.bound_fen, unproven.gap) == (None, None)
    assert come_to([ride(24)]).planned_fen is None


def test_what_a_change_costs_lies_between_what_the_proofs_leave_open() -> None:
    before = weigh([], lambda _: TERMS, {}, [Proof("a", 24, 1_020, 1_000)])
    after = weigh([], lambda _: TERMS, {}, [Proof("a", 24, 1_260, 1_200)])
    assert proven_change(before, after) == (1_200 - 1_020, 1_260 - 1_000)
    unproven = weigh([], lambda _: TERMS, {}, [Proof("a", 24, 1_260, None)])
    assert proven_change(before, unproven) is None
    assert proven_change(unproven, after) is None
    assert proven_change(before, replace(after, carried=1)) is None, "a plan of fewer workers costs less"


def test_a_change_names_a_field_by_its_path_and_leaves_the_rest() -> None:
    changed = TERMS.change(
        {"provisions.0.rule.rate_percent": 60, "tariffs.49.fen_per_km": 1_000, "objective": "charter"}
    )
    # 14,000 + 1,200, of which 60 % is 9,120.
    fare = price(ride(24), changed)
    assert (fare.charter_fen, fare.objective_fen) == (1_520_000, 1_520_000)
    assert sum(line.amount_fen for line in fare.lines if line.account.startswith("payer:")) == 912_000
    assert changed.tariffs["39"] == TERMS.tariffs["39"]
    assert TERMS.policy == policy()


def test_carriers_prices_are_scaled_and_the_roads_toll_is_not() -> None:
    terms = Terms(policy(toll_exempt=False), {"49": tariffs(toll_fen_per_km=75)[1]})
    # 110 % of 13,300 and of 1,200, and 1,400 km x 0.75 of toll as before.
    assert price(ride(24), terms.change({"tariff_percent": 110})).charter_fen == 1_463_000 + 132_000 + 105_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_pasengers", 20),
        ("min_passengers_vehicle", -1),
        ("cap_claimant_fen", 100),
        ("min_passengers_trip", 30),
        ("provisions.7.rule.rate_percent", 60),
        ("provisions.0.rule.rate", 60),
        ("tariffs.53.fen_per_km", 900),
        ("tariffs.49.fen_per_mile", 900),
        ("tariff_percent", "ten"),
        ("objective", "happiness"),
    ],
)
def test_a_change_that_makes_no_terms_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(BadChange) as refused:
        TERMS.change({field: value})
    assert field in refused.value.message("en")
    assert str(value) in refused.value.message("zh")


def test_a_policy_that_the_objective_cannot_weigh_is_priced_and_not_judged() -> None:
    flat = {"kind": "bands", "seats": [40], "fen": {"other_province": [300_000, 500_000]}}
    found = come_to([ride(24)], TERMS.change({"provisions.0.rule": flat}))
    assert (found.public_fen, found.objective_fen) == (500_000, None)


def test_the_picture_has_a_bar_for_each_part_in_its_proportion_and_escapes_names() -> None:
    outcome = come_to([ride(24)])
    words = [(kind, en) for kind, (_, en) in BEARERS.items()]
    picture = ElementTree.fromstring(draw([("a < b & c", outcome)], "Who bears it", words))
    space = "{http://www.w3.org/2000/svg}"
    assert "a < b & c" in [text.text for text in picture.iter(f"{space}text")]
    bars = {
        bar.find(f"{space}title").text: float(bar.get("width", ""))  # type: ignore[union-attr]
        for bar in picture.iter(f"{space}rect")
        if bar.find(f"{space}title") is not None
    }
    # 3,625 yuan of each payer, 7,250 of the enterprise: in ten thousand yuan.
    assert list(bars) == ["county of origin 0.36", "prefecture of origin 0.36", "enterprises 0.72"]
    county, prefecture, enterprise = bars.values()
    assert county == prefecture == pytest.approx(enterprise / 2)


def test_every_kind_of_payer_has_its_words() -> None:
    assert set(BEARERS) == {*(payer.value for payer in Payer), "enterprise", "workers"}
