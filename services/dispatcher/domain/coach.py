"""Knows how many seats of a coach may be sold and who must be aboard; knows no tariff and no plate."""

from services.dispatcher.domain.rules import CN_CHARTER_2020, DrivingRules
from shared.kernel.errors import InvalidInput


class BadCoach(InvalidInput):
    """The coach's {field} is {value}: it must be from {low} to {high}. Correct the fleet list."""

    zh = "车辆的 {field} 为 {value}，应在 {low} 至 {high} 之间。请更正车辆清单。"


def count_crew(
    distance_m: int, *, expressway: bool, escorts: int = 1, rules: DrivingRules = CN_CHARTER_2020
) -> int:
    """Drivers and escorts on a run of this length.

    Drivers: 《道路旅客运输企业安全管理规范》 art. 38, two above 400 km, or above 600 km by expressway; three
    from 1,900 km, as was done on the longest runs of 2020 (no article asks for it). Escorts: one cadre of the
    bureau on each trip in 2020.
    """
    return rules.drivers_for(distance_m, expressway=expressway) + escorts


def count_sellable_seats(approved_seats: int, load_percent: int, crew: int) -> int:
    """Seats that may be sold: min(floor(load factor x approved), approved - crew), never below zero.

    `load_percent` is 100, or 50 where 交运明电〔2020〕56号 (2020-02-11) limits charters to half of the
    approved capacity. The approved capacity (核定载客) counts the driver; the half is read as a limit on
    passengers alone.

    Raises:
        BadCoach: a figure is out of range.
    """
    _check("approved_seats", approved_seats, 1, 200)
    _check("load_percent", load_percent, 1, 100)
    _check("crew", crew, 1, 20)
    return max(0, min(approved_seats * load_percent // 100, approved_seats - crew))


def _check(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadCoach(field=field, value=value, low=low, high=high)
