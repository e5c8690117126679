"""A year in fast motion on the embedded bus and real PostgreSQL: each of its stories comes out as those who lived it see it."""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from services.day import Day, Office
from services.demo import databases_on, running_parts
from services.demo.run import DAY, MORNING_BEFORE
from services.demo.year import year_table
from services.year import Outcome, live_year
from services.year.case import OWED_FEN
from services.year.desk import Desk
from services.year.reward import AGENCY_ID
from shared.kernel.clock import ReplayClock
from tests.journeys.books import Books

PEOPLE = 100


@dataclass(frozen=True)
class Lived:
    """A year that is over, and its services, which still answer."""

    outcome: Outcome
    desk: Desk
    office: Office
    databases: dict[str, str]
    day: Day


@pytest.fixture(scope="module")
def lived(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The year, lived once for all tests here."""
    folder, clock = tmp_path_factory.mktemp("year"), ReplayClock(MORNING_BEFORE)
    databases = databases_on(postgres.replace("://", "+psycopg://", 1), secrets.token_hex(3))
    with running_parts(folder, databases, clock, planner_seconds=0.2) as (_, office):
        day = Day(office, folder / "season", DAY)
        outcome = live_year(day, clock, people=PEOPLE, seed=1)
        yield Lived(outcome, Desk(office, clock, outcome.county_code), office, databases, day)


def test_whoever_arrived_is_followed_for_twelve_months_and_no_record_counts_twice(lived: Lived) -> None:
    outcome, tracked = lived.outcome, lived.outcome.tracked
    assert outcome.register["new"] >= outcome.arrived > 40
    assert tracked.tasks.total() == 12 * outcome.arrived
    assert tracked.tasks["open"] == 0
    assert tracked.sent == tracked.known_again
    with Books(lived.databases) as books:
        assert len(books.rows("registry", "SELECT id FROM tracking_record")) == tracked.sent


def test_a_late_task_climbs_to_the_county_and_is_recorded_before_its_month_closes(lived: Lived) -> None:
    assert lived.outcome.tracked.late == {"county": 1}


def test_whoever_is_not_reached_on_two_days_is_lost_for_that_month(lived: Lived) -> None:
    assert lived.outcome.tracked.tasks["not_reached"] == 1
    with Books(lived.databases) as books:
        tries = books.rows("registry", "SELECT tried_at FROM tracking_record WHERE outcome = 'not_reached'")
    assert len({row.tried_at.date() for row in tries}) == 2


def test_milestones_are_held_by_all_but_those_who_left_their_employer(lived: Lived) -> None:
    held, arrived = lived.outcome.tracked.milestones, lived.outcome.arrived
    erased, changed, looked, fell = 1, 1, 1, 1
    third = arrived - erased - changed - looked
    assert held == Counter({1: arrived - erased, 3: third, 6: third, 12: third - fell})


def test_a_household_with_nobody_employed_is_helped_within_three_days_and_cleared_within_five(
    lived: Lived,
) -> None:
    opened, cleared = lived.outcome.fallen.opened, lived.outcome.fallen.cleared
    known = date.fromisoformat(opened["known_on"])
    assert (opened["help_by"], opened["clear_by"]) == (
        (known + timedelta(days=3)).isoformat(),
        (known + timedelta(days=5)).isoformat(),
    )
    assert opened["task_id"] == cleared["task_id"]
    assert Counter(one["kind"] for one in cleared["helps"] if one["done_on"]) == {
        "guidance": 1,
        "offer": 3,
        "training": 1,
    }
    assert max(one["done_on"] for one in cleared["helps"]) <= opened["help_by"]
    assert opened["fell_on"] < cleared["ended_on"] <= opened["clear_by"]
    assert lived.desk.ask(lived.desk.bureau, "/api/households/zero")["total"] == 0


def test_wages_are_awarded_by_arbitration_after_mediation_has_run_out(lived: Lived) -> None:
    mediated, awarded = lived.outcome.mediated, lived.outcome.awarded
    assert (mediated["state"], mediated["days_left"]) == ("mediation", -1)
    assert (awarded["state"], awarded["outcome"], awarded["outcome_fen"]) == ("closed", "award", OWED_FEN)
    acts = [step["act"] for step in awarded["steps"]]
    assert acts == [
        "open",
        "assign",
        "mediate",
        "arbitrate",
        "hand_over",
        "accept",
        "admit",
        "resolve",
        "close",
    ]


def test_the_enterprise_of_the_case_is_told_nothing_of_it(lived: Lived) -> None:
    with Books(lived.databases) as books:
        told = books.rows("registry", "SELECT convert_from(payload, 'UTF8') AS told, type FROM outbox")
    assert not any("case" in row.type.lower() or lived.outcome.awarded["case_id"] in row.told for row in told)


def test_the_agency_earns_500_yuan_a_worker_and_is_refused_the_one_without_insurance(lived: Lived) -> None:
    reward = lived.outcome.reward
    assert (reward["claimant_id"], reward["state"]) == (AGENCY_ID, "handed_over")
    assert reward["total_fen"] == 50_000 * reward["heads"] > 0
    [refused] = [one for one in reward["entries"] if not one["is_earned"]]
    unmet = [one["condition"] for one in refused["evidence"] if one["outcome"] != "met"]
    assert unmet == ["insurance"]


def test_a_month_goes_to_the_province_and_only_what_was_refused_goes_again(lived: Lived) -> None:
    sent = lived.outcome.exchanged
    assert sent.receipt["refused"] == 1
    assert sent.receipt["accepted"] == sent.first["rows"] - 1 > 40
    assert sent.again["rows"] == 1
    total = sent.report["total"]
    assert total["acknowledged"] == total["due"] >= lived.outcome.arrived


def test_whoever_is_erased_has_their_copy_and_is_nobody_afterwards(lived: Lived) -> None:
    erased = lived.outcome.erased
    tables = {part["table"] for part in erased.copy["parts"]}
    assert {"person", "statement", "travel_request", "tracking_record", "membership"} <= tables
    assert erased.status_after == 410
    assert erased.is_found == (True, False)


def test_the_year_fits_a_table(lived: Lived) -> None:
    assert year_table(lived.outcome, DAY, lived.day.seconds).row_count > 20
