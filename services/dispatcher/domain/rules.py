"""Knows the law on driving hours: its figures, and one check a rule on a finished timetable; builds none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the timetable's builder reads its limits from here
    from services.dispatcher.domain.timetable import Entry, Timetable


@dataclass(frozen=True)
class DrivingRules:
    """One named set of limits on a charter coach's driving; the shipped one is `CN_CHARTER_2020`.

    Source: 《道路旅客运输企业安全管理规范》 art. 38 (continuous driving, rest, 8 h in 24 h, the stop from
    02:00 to 05:00, two drivers by distance). That night is 22:00-06:00 is common practice, not the article's.
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


@dataclass(frozen=True)
class Violation:
    """A broken rule: its code, its limit, the figure that breaks it (seconds or a count), and where."""

    rule: str
    limit: int
    figure: int
    where: str


Found = Iterable["Violation"]
_STANDING = ("rest", "night-stop")


def check_timetable(timetable: Timetable, rules: DrivingRules = CN_CHARTER_2020) -> list[Violation]:
    """Every breach of the rules in the timetable; empty for a lawful one."""
    return [violation for rule in TIMETABLE_RULES for violation in rule(timetable, rules)]


def check_gaps(timetable: Timetable, _rules: DrivingRules) -> Found:
    """`gap`: each line begins when the one before ends, and none ends before it begins."""
    for before, after in zip(timetable.entries, timetable.entries[1:], strict=False):
        if before.ends_at != after.starts_at:
            yield Violation("gap", 0, _seconds(after.starts_at - before.ends_at), _at(after))
    for entry in timetable.entries:
        if entry.ends_at < entry.starts_at:
            yield Violation("gap", 0, _seconds(entry.ends_at - entry.starts_at), _at(entry))


def check_legs(timetable: Timetable, _rules: DrivingRules) -> Found:
    """`leg`: between two stops exactly the leg's seconds are driven; `service`: each stop gets its own."""
    drives = [entry for entry in timetable.entries if entry.kind == "drive"]
    for leg, leg_s in enumerate(timetable.legs_s):
        begin, end = timetable.departures[leg], timetable.arrivals[leg + 1]
        driven_s = sum(_overlap_s(entry, begin, end) for entry in drives)
        if driven_s != leg_s:
            yield Violation("leg", leg_s, driven_s, f"leg {leg}")
    for stop, service_s in enumerate(timetable.services_s):
        given_s = sum(_length_s(e) for e in timetable.entries if e.kind == "service" and e.stop == stop)
        stood_s = _seconds(timetable.departures[stop] - timetable.arrivals[stop])
        if given_s != service_s or stood_s != service_s:
            yield Violation("service", service_s, given_s, f"stop {stop}")


def check_continuous_driving(timetable: Timetable, rules: DrivingRules) -> Found:
    """`continuous-driving`: at most 4 h between two rests."""
    for stint in _stints(timetable, rules):
        driven_s = sum(_length_s(entry) for entry in stint)
        if driven_s > rules.continuous_day_s:
            yield Violation("continuous-driving", rules.continuous_day_s, driven_s, _at(stint[0]))


def check_continuous_night_driving(timetable: Timetable, rules: DrivingRules) -> Found:
    """`continuous-night-driving`: at most 2 h of night between two rests."""
    for stint in _stints(timetable, rules):
        driven_s = sum(_within_hours_s(entry, rules.night_from_h, rules.night_to_h) for entry in stint)
        if driven_s > rules.continuous_night_s:
            yield Violation("continuous-night-driving", rules.continuous_night_s, driven_s, _at(stint[0]))


def check_driver_day(timetable: Timetable, rules: DrivingRules) -> Found:
    """`driver-24h`: no driver drives more than 8 h within any 24 h.

    The worst window begins where one of his drives begins or ends where one ends.
    """
    for driver in range(1, timetable.drivers + 1):
        own = [entry for entry in timetable.entries if entry.kind == "drive" and entry.driver == driver]
        begins = [e.starts_at for e in own] + [e.ends_at - timedelta(hours=24) for e in own]
        worst_s, worst = 0, None
        for begin in begins:
            driven_s = sum(_overlap_s(entry, begin, begin + timedelta(hours=24)) for entry in own)
            if driven_s > worst_s:
                worst_s, worst = driven_s, begin
        if worst is not None and worst_s > rules.driver_24h_s:
            yield Violation(
                "driver-24h", rules.driver_24h_s, worst_s, f"driver {driver} from {worst:%m-%d %H:%M}"
            )


def check_night_stop(timetable: Timetable, rules: DrivingRules) -> Found:
    """`night-stop`: the coach does not move between 02:00 and 05:00."""
    for entry in timetable.entries:
        if entry.kind == "drive":
            moved_s = _within_hours_s(entry, rules.stop_from_h, rules.stop_to_h)
            if moved_s:
                yield Violation("night-stop", 0, moved_s, _at(entry))


def check_number_of_drivers(timetable: Timetable, rules: DrivingRules) -> Found:
    """`drivers`: enough drivers for the distance, and nobody else drives."""
    metres = timetable.distance_m
    least = 1
    if metres > (rules.two_drivers_above_expressway_m if timetable.expressway else rules.two_drivers_above_m):
        least = 2
    if metres >= rules.three_drivers_from_m:
        least = 3
    if timetable.drivers < least:
        yield Violation("drivers", least, timetable.drivers, f"{metres} m")
    for entry in timetable.entries:
        if entry.kind == "drive" and (entry.driver is None or not 1 <= entry.driver <= timetable.drivers):
            yield Violation("drivers", timetable.drivers, entry.driver or 0, _at(entry))


TIMETABLE_RULES: tuple[Callable[[Timetable, DrivingRules], Found], ...] = (
    check_gaps,
    check_legs,
    check_continuous_driving,
    check_continuous_night_driving,
    check_driver_day,
    check_night_stop,
    check_number_of_drivers,
)


def _stints(timetable: Timetable, rules: DrivingRules) -> list[list[Entry]]:
    """Drives between two rests; a rest is an unbroken standing of at least the rule's length.

    The coach is looked at, whoever drives, and service at a stop is no rest: both the stricter reading.
    """
    stints: list[list[Entry]] = [[]]
    stood_s = 0
    for entry in timetable.entries:
        if entry.kind in _STANDING:
            stood_s += _length_s(entry)
        elif entry.starts_at != entry.ends_at:
            if stood_s >= rules.rest_s:
                stints.append([])
            stood_s = 0
            if entry.kind == "drive":
                stints[-1].append(entry)
    return [stint for stint in stints if stint]


def _within_hours_s(entry: Entry, from_h: int, to_h: int) -> int:
    """Seconds of the entry between these hours of any day; the span may run over midnight."""
    midnight = datetime.combine(entry.starts_at.date() - timedelta(days=1), time(0), entry.starts_at.tzinfo)
    span = timedelta(hours=(to_h - from_h) % 24)
    seconds = 0
    while midnight < entry.ends_at:
        begin = midnight + timedelta(hours=from_h)
        seconds += _overlap_s(entry, begin, begin + span)
        midnight += timedelta(days=1)
    return seconds


def _overlap_s(entry: Entry, begin: datetime, end: datetime) -> int:
    return max(0, _seconds(min(entry.ends_at, end) - max(entry.starts_at, begin)))


def _length_s(entry: Entry) -> int:
    return _seconds(entry.ends_at - entry.starts_at)


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


def _at(entry: Entry) -> str:
    return f"{entry.kind} at {entry.starts_at:%m-%d %H:%M}"
