"""What a charter costs, worked by hand from the shipped price model of domain.md §3.4."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.dispatcher.money.rules.dated import find_each_in_force, find_in_force
from services.dispatcher.money.rules.tariff import Tariff, charter_price

LARGE = Tariff(
    id="C55",
    coach_type="C55",
    seats=55,
    valid_from=date(2020, 1, 1),
    fen_per_km=1050,
    minimum_day_fen=280_000,
    driver_day_fen=30_000,
    toll_fen_per_km=75,
)


def version(number: int, valid_from: date, valid_to: date | None = None) -> Tariff:
    changes = {"version": number, "valid_from": valid_from, "valid_to": valid_to}
    return LARGE.model_copy(update=changes)


def test_a_long_charter_is_paid_by_the_kilometre() -> None:
    # 1,750 km x 10.5 yuan = 18,375 yuan (domain.md §3.4); 2 drivers x 2 days x 300 yuan = 1,200 yuan.
    price = charter_price(LARGE, 1_750_000, drivers=2, days=2, toll_exempt=True)
    assert (price.km_fen, price.driver_days_fen, price.minimum_fen, price.toll_fen) == (
        1_837_500,
        120_000,
        0,
        0,
    )
    assert price.total_fen == 1_957_500


def test_a_short_charter_is_lifted_to_the_minimum_a_day() -> None:
    # 100 km x 10.5 = 1,050 yuan, the day's minimum is 2,800 yuan: 1,750 yuan are added.
    price = charter_price(LARGE, 100_000, drivers=1, days=1, toll_exempt=True)
    assert (price.km_fen, price.minimum_fen) == (105_000, 175_000)
    assert price.total_fen == 280_000 + 30_000


def test_toll_is_an_item_of_its_own_unless_the_charter_is_exempt() -> None:
    # 1,000 km x 0.75 yuan = 750 yuan of toll.
    paid = charter_price(LARGE, 1_000_000, drivers=2, days=1, toll_exempt=False)
    exempt = charter_price(LARGE, 1_000_000, drivers=2, days=1, toll_exempt=True)
    assert paid.toll_fen == 75_000
    assert paid.total_fen - exempt.total_fen == 75_000


def test_what_goes_by_the_kilometre_is_rounded_half_up_once_a_trip() -> None:
    # 333 m x 11.25 yuan/km = 374.625 fen: 375, of which toll 24 (24.975 cut) and hire 351.
    price = charter_price(LARGE, 333, drivers=0, days=0, toll_exempt=False)
    assert (price.toll_fen, price.km_fen) == (24, 351)


def test_a_tariff_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="valid_to is before valid_from"):
        Tariff.model_validate(LARGE.model_dump() | {"valid_to": date(2019, 12, 31)})


def test_the_version_in_force_is_the_latest_that_has_begun_and_not_ended() -> None:
    old = version(1, date(2020, 1, 1))
    new = version(2, date(2020, 2, 1))
    short = version(3, date(2020, 2, 10), date(2020, 2, 12))
    versions = [short, old, new]
    assert find_in_force(versions, date(2019, 12, 31)) is None
    assert find_in_force(versions, date(2020, 1, 31)) is old
    assert find_in_force(versions, date(2020, 2, 12)) is short
    assert find_in_force(versions, date(2020, 2, 13)) is new


def test_each_coach_type_has_its_own_version_in_force_and_none_where_none_holds() -> None:
    old, new = version(1, date(2020, 1, 1)), version(2, date(2020, 2, 1))
    small = version(1, date(2020, 2, 10), date(2020, 2, 12)).model_copy(update={"coach_type": "C39"})
    versions = [new, small, old]
    for day, held in (
        (date(2019, 12, 31), {}),
        (date(2020, 1, 31), {"C55": old}),
        (date(2020, 2, 12), {"C55": new, "C39": small}),
        (date(2020, 2, 13), {"C55": new}),
    ):
        assert find_each_in_force(versions, lambda tariff: tariff.coach_type, day) == held
