"""Knows how to lay out a lawful timetable of a trip; knows nothing of prices, passengers or calendars.

The coach drives whenever the law lets it and rests when it must: given the legs, that is the earliest
timetable which neither idles nor rests before it has to. The laws are those of `rules`, whose checks share no
arithmetic with this module. Three readings of them are ours, each the stricter: continuous driving is counted for
the coach, so that a change of driver is only made in a rest; service at a stop is work and no rest; and
short runs get no exemption from the stop at 02:00-05:00.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.dispatcher.domain.rules import CN_CHARTER_2020, DrivingRules
from shared.kernel.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY_S = 24 * 3600


class TooFewDrivers(InvalidInput):
    """{drivers} driver(s) for {distance_m} m: the law asks for {needed}. Add a driver to the crew."""

    zh = "行程 {distance_m} 米只有 {drivers} 名驾驶员，按规定应有 {needed} 名。请增加驾驶员。"


class BadTimes(InvalidInput):
    """The timetable's {field} is refused: {fault}. {mend}."""

    zh = "时刻表的 {field} 被拒绝：{fault_zh}。{mend_zh}。"


class EntryKind(StrEnum):
    DRIVE = "drive"
    REST = "rest"
    NIGHT_STOP = "night-stop"
    CHANGE = "change-of-driver"
    SERVICE = "service"


@dataclass(frozen=True)
class Entry:
    """One line of the timetable: `driver` is who drives (or takes over), `stop` where service is given."""

    kind: EntryKind
    starts_at: datetime
    ends_at: datetime
    driver: int | None = None
    stop: int | None = None


@dataclass(frozen=True)
class Timetable:
    """A trip in time. Stop 0 is where it departs; leg i leads from stop i to stop i + 1.

    Wall times in Asia/Shanghai; `arrivals[i]` and `departures[i]` belong to stop i, and the departure from
    the last stop is the end of service there.
    """

    rule_set: str
    drivers: int
    distance_m: int
    expressway: bool
    legs_s: tuple[int, ...]
    services_s: tuple[int, ...]
    entries: tuple[Entry, ...]
    arrivals: tuple[datetime, ...]
    departures: tuple[datetime, ...]

    @property
    def elapsed_s(self) -> int:
        return int((self.departures[-1] - self.arrivals[0]).total_seconds())


def build_timetable(
    legs_s: tuple[int, ...],
    services_s: tuple[int, ...],
    departs_at: datetime,
    *,
    drivers: int,
    distance_m: int,
    expressway: bool = False,
    rules: DrivingRules = CN_CHARTER_2020,
) -> Timetable:
    """The timetable of a trip that begins at `departs_at` (service at stop 0 first, then leg 0).

    `legs_s` are seconds of driving between consecutive stops, `services_s` one figure a stop.

    Raises:
        BadTimes: `departs_at` has no zone, a figure is negative, or the counts do not fit.
        TooFewDrivers: the law asks for more drivers on this distance.
    """
    _check_times(legs_s, services_s, departs_at)
    needed = rules.drivers_for(distance_m, expressway=expressway)
    if drivers < needed:
        raise TooFewDrivers(drivers=drivers, distance_m=distance_m, needed=needed)
    wall = departs_at.astimezone(SHANGHAI)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    layout = _Layout(wall.hour * 3600 + wall.minute * 60 + wall.second, drivers, rules)
    layout.run(legs_s, services_s)
    lines = layout.lines

    def at(second: int) -> datetime:
        return midnight + timedelta(seconds=second)

    return Timetable(
        rule_set=rules.name,
        drivers=drivers,
        distance_m=distance_m,
        expressway=expressway,
        legs_s=legs_s,
        services_s=services_s,
        entries=tuple(
            Entry(line.kind, at(line.begin), at(line.end), line.driver, line.stop) for line in lines
        ),
        arrivals=tuple(at(second) for second in layout.arrivals),
        departures=tuple(at(second) for second in layout.departures),
    )


def measure_elapsed_s(
    legs_s: tuple[int, ...],
    services_s: tuple[int, ...],
    departs_s: int,
    drivers: int,
    rules: DrivingRules = CN_CHARTER_2020,
) -> int:
    """Seconds from `departs_s` (after midnight) to the end of the same layout, without building it."""
    layout = _Layout(departs_s, drivers, rules)
    layout.run(legs_s, services_s)
    return layout.departures[-1] - departs_s


def _check_times(legs_s: tuple[int, ...], services_s: tuple[int, ...], departs_at: datetime) -> None:
    if departs_at.tzinfo is None:
        raise BadTimes(
            field="departs_at",
            fault="it has no time zone",
            fault_zh="没有时区",
            mend="Give Asia/Shanghai",
            mend_zh="请注明 Asia/Shanghai",
        )
    if not legs_s or len(services_s) != len(legs_s) + 1:
        raise BadTimes(
            field="services_s",
            fault=f"{len(services_s)} stops for {len(legs_s)} legs",
            fault_zh=f"{len(legs_s)} 段路程对应 {len(services_s)} 个站点",
            mend="Give one more stop than legs, and at least one leg",
            mend_zh="站点数应比路段数多一，且至少一段",
        )
    if min(*legs_s, *services_s) < 0:
        raise BadTimes(
            field="legs_s, services_s",
            fault="a figure is negative",
            fault_zh="存在负数",
            mend="Give seconds of zero or more",
            mend_zh="请填写不小于零的秒数",
        )


@dataclass(frozen=True)
class _Line:
    kind: EntryKind
    begin: int
    end: int
    driver: int | None = None
    stop: int | None = None


class _Layout:
    """The clock of the coach, in seconds after the midnight before departure, and what it has done."""

    def __init__(self, departs_s: int, drivers: int, rules: DrivingRules) -> None:
        self._rules = rules
        self._now = departs_s
        self._driver = 0
        self._stint_s = 0  # driven since the last rest
        self._stint_night_s = 0  # of it, by night
        self._driven: list[list[tuple[int, int]]] = [[] for _ in range(drivers)]
        self.lines: list[_Line] = []
        self.arrivals: list[int] = []
        self.departures: list[int] = []

    def run(self, legs_s: tuple[int, ...], services_s: tuple[int, ...]) -> None:
        self._serve(0, services_s[0])
        for leg, leg_s in enumerate(legs_s):
            self._drive(leg_s)
            self._serve(leg + 1, services_s[leg + 1])

    def _serve(self, stop: int, service_s: int) -> None:
        self.arrivals.append(self._now)
        if service_s:
            self.lines.append(_Line(EntryKind.SERVICE, self._now, self._now + service_s, stop=stop))
            self._now += service_s
        self.departures.append(self._now)

    def _drive(self, leg_s: int) -> None:
        left_s = leg_s
        while left_s > 0:
            drive_s = min(left_s, self._may_drive_s())
            if drive_s <= 0:
                self._rest()
                continue
            begin, end = self._now, self._now + drive_s
            self.lines.append(_Line(EntryKind.DRIVE, begin, end, driver=self._driver + 1))
            self._driven[self._driver].append((begin, end))
            self._stint_s += drive_s
            self._stint_night_s += self._night_before(end) - self._night_before(begin)
            self._now = end
            left_s -= drive_s

    def _may_drive_s(self) -> int:
        """Seconds that the driver at the wheel may go on for, from now."""
        rules = self._rules
        until_stop_s = self._until_night_stop_s(self._now)
        stint_left_s = rules.continuous_day_s - self._stint_s
        night_left_s = rules.continuous_night_s - self._stint_night_s
        return min(
            until_stop_s,
            stint_left_s,
            self._until_night_spent_s(night_left_s),
            self._allowance_s(self._driver, self._now),
        )

    def _until_night_stop_s(self, at: int) -> int:
        second = at % _DAY_S
        if self._rules.stop_from_h * 3600 <= second < self._rules.stop_to_h * 3600:
            return 0
        return (self._rules.stop_from_h * 3600 - second) % _DAY_S

    def _until_night_spent_s(self, night_left_s: int) -> int:
        """Seconds from now in which `night_left_s` seconds of night go by."""
        second = self._now % _DAY_S
        night_from, night_to = self._rules.night_from_h * 3600, self._rules.night_to_h * 3600
        if night_to <= second < night_from:
            return night_from - second + night_left_s
        until_dawn_s = (night_to - second) % _DAY_S
        return night_left_s if night_left_s < until_dawn_s else until_dawn_s + self._rules.continuous_day_s

    def _night_before(self, at: int) -> int:
        """Seconds of night from a fixed origin to this moment: differences are night within a span."""
        days, second = divmod(at, _DAY_S)
        night_from, night_to = self._rules.night_from_h * 3600, self._rules.night_to_h * 3600
        return days * (night_to + _DAY_S - night_from) + min(second, night_to) + max(0, second - night_from)

    def _allowance_s(self, driver: int, at: int) -> int:
        """Seconds that the driver may drive without a break from `at`, by what he drove in 24 hours.

        The window slides while he drives: old driving that leaves it makes room as fast as it is used.
        """
        limit_s = self._rules.driver_24h_s
        old = [(max(begin, at - _DAY_S), end) for begin, end in self._driven[driver] if end > at - _DAY_S]
        room_s = limit_s - sum(end - begin for begin, end in old)
        ahead = 0
        for begin, end in old:
            gap_s = begin + _DAY_S - at - ahead
            if room_s < gap_s:
                return ahead + room_s
            room_s -= gap_s
            ahead += gap_s + (end - begin)
        return ahead + room_s

    def _rest(self) -> None:
        """Stand still for a lawful rest, through the night stop, and until some driver may drive."""
        begin = self._now
        until = self._after_night_stop(begin + self._rules.rest_s)
        drivers = range(len(self._driven))
        while not any(self._allowance_s(driver, until) > 0 for driver in drivers):
            freed = min(
                end_of_wait
                for driver in drivers
                for end_of_wait in (start + _DAY_S for start, end in self._driven[driver])
                if end_of_wait > until
            )
            until = self._after_night_stop(freed)
        self._stand(begin, until)
        self._now = until
        self._stint_s = self._stint_night_s = 0
        fresh = max(drivers, key=lambda driver: (self._allowance_s(driver, until), -driver))
        if fresh != self._driver:
            self._driver = fresh
            self.lines.append(_Line(EntryKind.CHANGE, until, until, driver=fresh + 1))

    def _after_night_stop(self, at: int) -> int:
        if self._until_night_stop_s(at) > 0:
            return at
        return at - at % _DAY_S + self._rules.stop_to_h * 3600

    def _stand(self, begin: int, until: int) -> None:
        """Lines for standing still, cut where the night stop begins and ends."""
        while begin < until:
            second = begin % _DAY_S
            night_stop = self._until_night_stop_s(begin) == 0
            if night_stop:
                end = begin - second + self._rules.stop_to_h * 3600
            else:
                end = begin + self._until_night_stop_s(begin)
            end = min(end, until)
            self.lines.append(_Line(EntryKind.NIGHT_STOP if night_stop else EntryKind.REST, begin, end))
            begin = end
