"""Knows the law on driving hours as figures (and, below, as one check a rule); builds no timetable."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class DrivingRules:
    """One named set of limits on a charter coach's driving; the shipped one is `CN_CHARTER_2020`.

    Source: 《道路旅客运输企业安全管理规范》 art. 38 (continuous driving, rest, 8 h in 24 h, the stop from
    02:00 to 05:00, drivers by distance). That night is 22:00-06:00 is common practice, not the article's.
    Driving is not slowed down at night: the 80 % rule caps the night's top speed (80 of 100 km/h on an
    expressway), and the road table's average speed is already at that cap.
    """

    name: str
    continuous_day_s: int = 4 * 3600
    continuous_night_s: int = 2 * 3600
    rest_s: int = 20 * 60
    driver_24h_s: int = 8 * 3600
    night_from_h: int = 22
    night_to_h: int = 6
    stop_from_h: int = 2
    stop_to_h: int = 5
    two_drivers_above_m: int = 400_000
    two_drivers_above_expressway_m: int = 600_000
    three_drivers_from_m: int = 1_900_000

    def drivers_for(self, distance_m: int, *, expressway: bool) -> int:
        """The least number of drivers for a run of this length, by road or mostly by expressway."""
        if distance_m >= self.three_drivers_from_m:
            return 3
        two_above = self.two_drivers_above_expressway_m if expressway else self.two_drivers_above_m
        return 2 if distance_m > two_above else 1


CN_CHARTER_2020 = DrivingRules("cn-charter-2020")
RULE_SETS = MappingProxyType({CN_CHARTER_2020.name: CN_CHARTER_2020})
