"""The year after a day of departure, in one county: month by month as helpers, bureaus, other offices and workers live it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.day import Day, live
from services.sample import write_sample
from services.year.case import WageCase
from services.year.cast import AWARD_IN, CASE_IN, FALLS_IN, LATE_IN, ORGANISED, Cast, cast_of
from services.year.desk import Desk, day_of
from services.year.erasure import Erased, erase
from services.year.exchange import Exchanged, report_month
from services.year.household import Fallen, fall_and_recover
from services.year.months import MONTHS, Months, Tracked
from services.year.register import register_people
from services.year.reward import AGENCY_ID, load_evidence, reward_agency
from services.year.roll import largest_roll, name_organiser
from shared.kernel.clock import ReplayClock

CASE_ON = 8
"""Day of the month on which the worker who is owed wages calls."""
ARRIVED_DAYS, ALL_ARRIVED_DAYS = 1, 3
"""After the departure: when the first have arrived, and when all have."""


@dataclass(frozen=True)
class Outcome:
    """What a year came to, as the offices see it."""

    county_code: str
    helpers: tuple[str, ...]
    work_area: str
    """Where the worker of the wage case works."""
    register: Mapping[str, Any]
    arrived: int
    tracked: Tracked
    fallen: Fallen
    mediated: Mapping[str, Any]
    """The wage case on the day after its mediation was over."""
    awarded: Mapping[str, Any]
    reward: Mapping[str, Any]
    exchanged: Exchanged
    erased: Erased


def live_year(day: Day, clock: ReplayClock, *, people: int, seed: int) -> Outcome:
    """A day of departure of so many people, and the year after it in the county that most of them are from."""
    with day.stage("sample written"):
        write_sample(day.folder, people=people, start=day.day, seed=seed)
        roll = largest_roll(day.folder, day.day)
        name_organiser(roll, AGENCY_ID, ORGANISED)
    desk = Desk(day.office, clock, roll.county_code)
    with day.stage("register taken in"):
        day.load_terms()
        helpers, register = register_people(desk, day.folder, roll, day.day)
    live(day, lambda: desk.come(day.day + timedelta(days=ALL_ARRIVED_DAYS)))
    months = Months(desk, helpers, day_of(day.day, 1, after=1))
    months.begin(1)
    cast = cast_of(roll, [one for helper in helpers for one in desk.people_of(helper)])
    year = _Year(desk, day, months, cast)
    for number in range(1, MONTHS + 1):
        with day.stage(f"month {number}"):
            year.live_month(number)
        day.progress("months", number, MONTHS)
    with day.stage("reward, report, erasure"):
        reward, exchanged, erased = year.end()
    return Outcome(
        county_code=roll.county_code,
        helpers=helpers,
        work_area=cast.owed.worker.work_area,
        register=register,
        arrived=cast.arrived,
        tracked=months.end(),
        reward=reward,
        exchanged=exchanged,
        erased=erased,
        **year.came_of,
    )


@dataclass
class _Year:
    """The county's year under way."""

    desk: Desk
    day: Day
    months: Months
    cast: Cast
    came_of: dict[str, Any] = field(default_factory=dict)
    """What single months brought, by the field of Outcome."""

    def __post_init__(self) -> None:
        owed = self.cast.owed
        self.case = WageCase(self.desk, owed.person_id, owed.worker.enterprise_id, owed.worker.work_area)

    def live_month(self, number: int) -> None:
        """A month from its first morning to its calls, and what happens in it, day after day."""
        month = self.months.begin(number)
        if number == LATE_IN + 1:
            self.months.look_late(month, self.cast)
        if number == FALLS_IN:
            self.came_of["fallen"] = fall_and_recover(self.months, self.cast.falls.person_id, month)
        if number == CASE_IN:
            self.case.open(day_of(month, CASE_ON))
        if number == AWARD_IN:
            self.came_of["awarded"] = self.case.award(month)
        self.months.call_everybody(number, month, self.cast)
        if number == CASE_IN:
            self.came_of["mediated"] = self.case.arbitrate(day_of(month, CASE_ON))

    def end(self) -> tuple[Mapping[str, Any], Exchanged, Erased]:
        """The morning after the twelve months; helpers have a new list."""
        last = day_of(self.months.first, 1, after=MONTHS - 1)
        self.months.begin(MONTHS + 1)
        folder, arrived_on = self.day.folder, self.day.day + timedelta(days=ARRIVED_DAYS)
        workers = [one.worker for one in self.cast.organised]
        load_evidence(self.desk, folder, workers, workers[-1], arrived_on)
        reward = reward_agency(self.desk, self.day.day, self.day.day + timedelta(days=ALL_ARRIVED_DAYS))
        exchanged = report_month(self.desk, folder, last)
        return reward, exchanged, erase(self.desk, self.cast.forgotten.person_id)
