"""Knows what a charter costs by a dated tariff; refuses to know who rides and who pays.

No official tariff per km was found (`domain.md` §3.4), so every figure is data: one way with the empty return
in the price per km, a minimum a day, the crew's keep, and toll unless the charter is exempt.
"""

from dataclasses import dataclass

from pydantic import Field, model_validator

from services.dispatcher.money.rules.fields import Day, Fen, Part, Positive, Seats
from shared.kernel.money import round_half_up

METRES_PER_KM = 1000


class Tariff(Part):
    """Prices of one coach type in fen, dated; both days are included, no last day means until replaced."""

    id: str = Field(min_length=1, max_length=100, pattern=r"^[^@#\s]+$", title="价目编号")
    """What all versions of the price list have in common: C53-2020."""
    version: Positive = Field(default=1, title="版本号")
    """Each change takes the next number: a version that was loaded is never changed."""
    coach_type: str = Field(min_length=1, title="车型")
    """The type of coach as the fleet's file names it."""
    seats: Seats = Field(title="核定座位")
    """Approved seats of the type, the driver's included."""
    valid_from: Day = Field(title="生效日期")
    """The first day of departure that it holds for."""
    valid_to: Day | None = Field(default=None, title="截止日期")
    """The last day of departure that it holds for, included; none: until replaced."""
    fixed_fen: Fen = Field(default=0, title="每趟固定费用")
    """What each trip costs before it moves, in fen."""
    fen_per_km: Fen = Field(title="每公里价格")
    """The price of a kilometre one way, the empty return included, in fen."""
    minimum_day_fen: Fen = Field(default=0, title="每日最低收费")
    """What hire comes to at least for each calendar day, in fen."""
    driver_day_fen: Fen = Field(default=0, title="驾驶员每日食宿")
    """Food and lodging of one driver for one day, in fen."""
    toll_fen_per_km: Fen = Field(default=0, title="每公里通行费")
    """Toll of a kilometre, in fen, unless the policy exempts the charter."""
    source: str = Field(default="", title="依据")
    """What the prices are from."""

    @model_validator(mode="after")
    def _in_order(self) -> "Tariff":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(
                "valid_to is before valid_from: put them in order / 截止日期早于生效日期，请更正"
            )
        return self

    @property
    def key(self) -> str:
        """The name of this version: `C53-2020@1`."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True)
class Price:
    """What one trip costs, item by item in fen; the items sum to `total_fen`."""

    fixed_fen: int
    km_fen: int
    minimum_fen: int
    """What lifts fixed and km up to the minimum a day; 0 where they reach it."""
    driver_days_fen: int
    toll_fen: int

    @property
    def total_fen(self) -> int:
        return self.fixed_fen + self.km_fen + self.minimum_fen + self.driver_days_fen + self.toll_fen


def charter_price(tariff: Tariff, distance_m: int, drivers: int, days: int, *, toll_exempt: bool) -> Price:
    """The price of one trip of `distance_m` metres with `drivers` for `days` calendar days.

    What goes by the km is rounded half up once a trip, toll and hire together, as the planner rounds it.
    """
    toll_rate = 0 if toll_exempt else tariff.toll_fen_per_km
    by_km_fen = round_half_up((tariff.fen_per_km + toll_rate) * distance_m, METRES_PER_KM)
    toll_fen = toll_rate * distance_m // METRES_PER_KM
    hire_fen = tariff.fixed_fen + by_km_fen - toll_fen
    return Price(
        fixed_fen=tariff.fixed_fen,
        km_fen=by_km_fen - toll_fen,
        minimum_fen=max(0, tariff.minimum_day_fen * days - hire_fen),
        driver_days_fen=tariff.driver_day_fen * drivers * days,
        toll_fen=toll_fen,
    )
