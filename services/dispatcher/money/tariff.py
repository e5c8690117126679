"""Knows what a charter costs by a dated tariff; refuses to know who rides and who pays.

No official tariff per km was found (`domain.md` §3.4), so every figure is data: one way with the empty return
in the price per km, a minimum a day, the crew's keep, and toll unless the charter is exempt.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.kernel.money import round_half_up

METRES_PER_KM = 1000


class Tariff(BaseModel):
    """Prices of one coach type in fen, dated; both days are included, no last day means until replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, pattern=r"^[^@\s]+$")
    version: int = Field(default=1, ge=1)
    coach_type: str = Field(min_length=1)
    seats: int = Field(ge=1)
    """Approved seats of the type, the driver's included."""
    valid_from: date
    valid_to: date | None = None
    fixed_fen: int = Field(default=0, ge=0)
    fen_per_km: int = Field(ge=0)
    minimum_day_fen: int = Field(default=0, ge=0)
    driver_day_fen: int = Field(default=0, ge=0)
    toll_fen_per_km: int = Field(default=0, ge=0)
    source: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> "Tariff":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from / 截止日期早于生效日期")
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
