"""Knows what a season consists of before anybody is in it: its jobs, fleet, prices and policy; makes no request.

By the sample's generators, so the shape is that of a sample day: some hundred workers a batch, a batch a pool and day.
"""

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from services.dispatcher.domain.pool import Pool
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store.tables import FleetRow
from services.sample.fleet import Need, fleet_csv, policy, tariffs
from services.sample.season import PEAK, Batch, people_by_day, plan_day

FIXED_WORKERS = 30
"""What any pool needs before its first worker is looked at, in the time of a worker."""


def weigh(workers: int) -> int:
    """A pool's part of the time, in workers."""
    return FIXED_WORKERS + workers


@dataclass(frozen=True)
class Job:
    """A day of a home prefecture: all that leaves its counties on that day."""

    day: date
    home: str
    batches: tuple[Batch, ...]
    seed: int

    @property
    def workers(self) -> int:
        return sum(batch.workers for batch in self.batches)

    @property
    def weight(self) -> int:
        """Its pools' parts of the time: a batch is a pool."""
        return sum(weigh(batch.workers) for batch in self.batches)

    @property
    def name(self) -> str:
        return f"{self.home} {self.day}"


@dataclass(frozen=True)
class Terms:
    """The fleet, as its file has it, and the days whose tariffs and policy hold."""

    fleet_csv: str
    start: date
    end: date

    @cached_property
    def fleet(self) -> dict[str, list[FleetRow]]:
        """Home prefecture -> its carriers' coaches."""
        homes: dict[str, list[FleetRow]] = defaultdict(list)
        for row in csv.DictReader(self.fleet_csv.splitlines()):
            homes[row["home_prefecture_code"]].append(FleetRow.model_validate(row))
        return homes

    @cached_property
    def tariffs(self) -> dict[str, Tariff]:
        """Coach type -> its prices."""
        listed = tariffs(self.start, self.end)["tariffs"]
        return {one["coach_type"]: Tariff.model_validate(one) for one in listed}

    @cached_property
    def policy(self) -> Policy:
        return Policy.model_validate(policy(self.start, self.end))


def plan_season(people: int, days: int, seed: int) -> tuple[list[Job], Terms]:
    """The jobs, most workers first, of about so many people on so many days around the season's peak, and their terms."""
    peak = date(2020, *PEAK)
    start = peak - timedelta(days=days // 2)
    rng = random.Random(f"zhida {seed} season")  # noqa: S311 - invention, not cryptography
    homes: dict[tuple[date, str], list[Batch]] = defaultdict(list)
    need = Need()
    for i, today in enumerate(people_by_day(rng, people, start, days)):
        batches = plan_day(rng, start + timedelta(days=i), today)
        need.add_day(batches)
        for batch in batches:
            homes[batch.day, Pool(batch.county.code, batch.prefecture.code).home].append(batch)
    jobs = [Job(day, home, tuple(batches), seed) for (day, home), batches in homes.items()]
    jobs.sort(key=lambda job: (-job.workers, job.name))
    return jobs, Terms(fleet_csv(need), start, start + timedelta(days=days - 1))
