"""Rounds: what is refused with its mend, how they are planned, resumed, approved and rejected."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from services.dispatcher.domain.round import RoundNotReady
from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.worker import Planned, PlannerPool
from services.dispatcher.store.rounds import get_round, list_pool_plans
from services.dispatcher.store.tables import DemandRow, RoundRow, UnservedRow
from services.dispatcher.usecases.cut_off import CutOff, day_to_plan
from services.dispatcher.usecases.decide_round import reject_round
from services.dispatcher.usecases.load_terms import load_fleet
from services.dispatcher.usecases.open_round import (
    DayIsPast,
    NoPolicyInForce,
    NoTariffForCoach,
    NoTariffInForce,
    NothingToPlan,
    RoundUnderWay,
)
from services.dispatcher.usecases.plan_round import PlanRounds
from services.dispatcher.usecases.summarise_day import summarise_day
from shared.events import EnterpriseRegistered, Gate, RequestUnserved, TripPublished
from tests.dispatcher.dispatch import DAY, PROVINCE, Dispatch, coaches, submitted


def round_row(dispatch: Dispatch, round_id: str) -> RoundRow:
    with dispatch.database.session() as session:
        return get_round(session, round_id)


def unserved(dispatch: Dispatch) -> dict[str, str]:
    with dispatch.database.session() as session:
        return {row.request_id: row.rule for row in session.exec(select(UnservedRow))}


def test_a_day_without_a_tariff_in_force_is_refused_with_the_mend(dispatch: Dispatch) -> None:
    dispatch.clock.at = datetime(2019, 12, 1, tzinfo=UTC)
    with pytest.raises(NoTariffInForce, match=r"2019-12-24.*POST /api/tariffs"):
        dispatch.open(day=date(2019, 12, 24))


def test_a_day_without_a_policy_in_force_is_refused_with_the_mend(dispatch: Dispatch) -> None:
    dispatch.load_policy(version=2, valid_from="2020-01-01", valid_to="2020-02-28")
    dispatch.remove_policy(1)
    with pytest.raises(NoPolicyInForce, match=r"2020-03-01.*POST /api/policies"):
        dispatch.open(day=date(2020, 3, 1))


def test_a_coach_without_a_price_is_refused_by_name(dispatch: Dispatch) -> None:
    odd = coaches()[0].model_copy(update={"coach_type": "99"})
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, [odd])
    with pytest.raises(NoTariffForCoach, match="Coach type 99"):
        dispatch.open()


def test_a_day_that_is_past_is_refused(dispatch: Dispatch) -> None:
    with pytest.raises(DayIsPast, match="2020-02-22"):
        dispatch.open(day=date(2020, 2, 22))


def test_a_day_for_which_nobody_waits_is_refused(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    with pytest.raises(NothingToPlan):
        dispatch.open(day=DAY + timedelta(days=1))


def test_two_rounds_never_share_coaches(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    dispatch.open("522732")
    with pytest.raises(RoundUnderWay):
        dispatch.open("522701")


def test_planning_twice_proposes_the_same_round_once(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(30)))
    round_id = dispatch.propose()
    trips = dispatch.trips()
    dispatch.plan(round_id)
    assert dispatch.trips() == trips


class Killed(Exception):
    """Stands for kill -9: the process ends between two transactions."""


class KilledAfterFirstPool(PlanRounds):
    """A planner whose process dies when its first pool's plan has been stored."""

    def _start_next(self, round_id, chain, running):  # type: ignore[no-untyped-def]
        with self._database.session() as session:
            if any(row.plan for row in list_pool_plans(session, round_id)):
                raise Killed
        super()._start_next(round_id, chain, running)


class Overtaken(PlanRounds):
    """A planner that has lost its hold with the database's restart: another one plans the whole round meanwhile."""

    def __init__(self, dispatch: Dispatch) -> None:
        whole = dispatch.planner(engine="separate")
        super().__init__(
            dispatch.database, dispatch.roads, dispatch.planners, whole._settings, dispatch.metrics
        )
        self._other: Callable[[str], None] | None = dispatch.plan

    @contextmanager
    def _hold(self, round_id: str) -> Iterator[bool]:
        yield True

    def _finish(self, round_id, job, future, running):  # type: ignore[no-untyped-def]
        if self._other is not None:
            future.result()
            self._other(round_id)
            self._other = None
        return super()._finish(round_id, job, future, running)


def two_pools(dispatch: Dispatch) -> None:
    gate = Gate(
        gate_id="G2", name="南门", town_code="440306", prefecture_code="440300", lon=113.88, lat=22.55
    )
    dispatch.tell(
        EnterpriseRegistered(enterprise_id="E2", version=1, name="宝安电子", email=None, gates=(gate,)),
        *(submitted(n) for n in range(30)),
        *(submitted(n, gate_id="G2", enterprise_id="E2") for n in range(30, 50)),
    )


def test_a_round_killed_in_the_middle_is_finished_and_published_once(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    whole = dispatch.planner()
    doomed = KilledAfterFirstPool(
        dispatch.database, dispatch.roads, dispatch.planners, whole._settings, dispatch.metrics
    )
    with pytest.raises(Killed):
        doomed.plan_one(round_id, threading.Event())
    with dispatch.database.session() as session:
        first, second = list_pool_plans(session, round_id)
    assert (first.plan is not None, second.plan) == (True, None)
    assert round_row(dispatch, round_id).state == "planning"
    dispatch.plan(round_id)
    with dispatch.database.session() as session:
        assert list_pool_plans(session, round_id)[0].plan == first.plan
    dispatch.approve(round_id)
    published = dispatch.told(TripPublished)
    riders = [rider.request_id for trip in published for rider in trip.riders]  # type: ignore[attr-defined]
    assert sorted(riders) == [f"R{n:04d}" for n in range(50)]


class Watched(PlannerPool):
    """A planner process that keeps what it was asked, and at which a round is told to stop."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: list[Future[Planned]] = []
        self.stop = threading.Event()

    def submit(self, problem: Problem, stop: Stop, seed: int, params: Params) -> Future[Planned]:
        """As the pool does."""
        self.asked.append(super().submit(problem, stop, seed, params))
        self.stop.set()
        return self.asked[-1]


def test_what_still_waits_for_a_planner_is_dropped_with_its_round(dispatch: Dispatch) -> None:
    elsewhere = [kind.model_copy(update={"carrier_id": "C02"}) for kind in coaches(prefecture="520200")]
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, [*coaches(), *elsewhere])
    dispatch.tell(submitted(1), submitted(2, county_code="520201", stop_code="520201"))
    round_id = dispatch.open(area="52")
    with Watched() as planners:
        dispatch.planners = planners
        dispatch.planner(engine="routing").plan_one(round_id, planners.stop)
        assert [future.cancelled() for future in planners.asked] == [False, True]


def test_a_planner_that_was_overtaken_changes_nothing(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    Overtaken(dispatch).plan_one(round_id, threading.Event())
    assert round_row(dispatch, round_id).state == "proposed"
    trips = dispatch.trips()
    assert len({trip.trip_id for trip in trips}) == len(trips)
    with dispatch.database.session() as session:
        plans = list_pool_plans(session, round_id)
    assert sum(trip.planned_fen for trip in trips) == sum(row.cost_fen for row in plans)
    assert [row.cost_fen for row in plans] == [row.first_fit_fen for row in plans], "the first plan counts"


def test_a_round_is_approved_once(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    with pytest.raises(RoundNotReady):
        dispatch.approve(round_id)
    assert len(dispatch.told(TripPublished)) == 1


def test_a_rejected_plan_is_told_to_nobody_and_its_requests_wait_again(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    with dispatch.database.session() as session:
        reject_round(session, round_id, "test", "换车型", dispatch.clock)
    assert dispatch.told(TripPublished) == []
    assert dispatch.balances() == {}
    dispatch.approve(dispatch.propose())
    assert [trip.state for trip in dispatch.trips()] == ["rejected", "approved"]


def test_who_finds_no_coach_is_told_rule_limit_figure_and_mend(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    dispatch.tell(*(submitted(n) for n in range(25)))
    dispatch.approve(dispatch.propose())
    told = dispatch.told(RequestUnserved)
    assert len(told) == 25 - 39 // 2
    first = told[0]
    assert isinstance(first, RequestUnserved)
    assert (first.rule, first.limit) == ("no-coach-left", "1")
    # One reason a stop: as many are told its figure as it counts.
    told_by_mend = Counter((event.figure, event.mend_en) for event in told)  # type: ignore[attr-defined]
    assert all(int(figure) == count for (figure, _), count in told_by_mend.items())
    assert "fleet has 1 coaches large enough, other trips of the day take 0 and this pool 1" in first.mend_en
    assert "增加 1 辆 C01/39" in first.mend_zh
    with dispatch.database.session() as session:
        waiting = session.exec(select(DemandRow).where(DemandRow.state == "waiting")).all()
    assert {row.round_id for row in waiting} == {None}


def test_whom_a_later_round_carries_is_left_behind_no_more(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    dispatch.tell(*(submitted(n) for n in range(25)))
    dispatch.approve(dispatch.propose())
    with dispatch.database.session() as session:
        assert summarise_day(session, PROVINCE, DAY).unserved_by_reason == {"no-coach-left": 6}
        load_fleet(session, PROVINCE, coaches(5))
    dispatch.approve(dispatch.propose())
    with dispatch.database.session() as session:
        figures = summarise_day(session, PROVINCE, DAY)
    assert (figures.unserved, figures.workers) == (0, 25)


def die_over_huzhou(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The port in a process that is killed over the pool to 330500, as often as the environment says."""
    deaths = Path(os.environ["TEST_DEATHS"])
    if "330500" in problem.name and (left := int(deaths.read_text())):
        deaths.write_text(str(left - 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return plan(problem, stop, seed, params)


@pytest.fixture
def dying(dispatch: Dispatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Planner processes that die over one pool: how many still will stands in the file."""
    deaths = tmp_path / "deaths"
    monkeypatch.setenv("TEST_DEATHS", str(deaths))
    with PlannerPool(1, run=die_over_huzhou) as planners:
        dispatch.planners = planners
        yield deaths


def test_a_pool_whose_planner_process_dies_is_planned_again(dispatch: Dispatch, dying: Path) -> None:
    dying.write_text("2")
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    assert len(dispatch.told(TripPublished)) == 1


def test_a_pool_whose_planner_processes_keep_dying_is_left_behind_and_the_others_ride(
    dispatch: Dispatch, dying: Path
) -> None:
    dying.write_text("5")
    two_pools(dispatch)
    round_id = dispatch.propose()
    assert dying.read_text() == "2", "three deaths are enough"
    assert round_row(dispatch, round_id).state == "proposed"
    assert unserved(dispatch) == {f"R{n:04d}": "planner-crashed" for n in range(30)}
    assert {trip.prefecture_code for trip in dispatch.trips()} == {"440300"}
    dispatch.approve(round_id)
    told = dispatch.told(RequestUnserved)[0]
    assert isinstance(told, RequestUnserved)
    assert "died 3 times" in told.mend_en
    assert "3 次" in told.mend_zh
    dying.write_text("0")
    dispatch.approve(dispatch.propose())
    assert {trip.prefecture_code for trip in dispatch.trips()} == {"330500", "440300"}


def test_a_fleet_that_changes_while_a_round_is_planned_does_not_break_it(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    whole = dispatch.planner()
    doomed = KilledAfterFirstPool(
        dispatch.database, dispatch.roads, dispatch.planners, whole._settings, dispatch.metrics
    )
    with pytest.raises(Killed):
        doomed.plan_one(round_id, threading.Event())
    known, unpriced = coaches()[0], coaches()[1].model_copy(update={"coach_type": "99"})
    with dispatch.database.session() as session:
        others = [kind.model_copy(update={"carrier_id": "C02"}) for kind in (known, unpriced)]
        load_fleet(session, PROVINCE, others)
    dispatch.plan(round_id)
    assert round_row(dispatch, round_id).state == "proposed"
    carriers = {(trip.prefecture_code, trip.carrier_id) for trip in dispatch.trips()}
    assert carriers == {("330500", "C01"), ("440300", "C02")}
    assert {trip.coach_type for trip in dispatch.trips() if trip.carrier_id == "C02"} == {"39"}


def test_where_coaches_are_short_the_last_day_goes_first(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    later = DAY + timedelta(days=2)
    dispatch.tell(
        *(submitted(n, latest=later, stop_code="522732001") for n in range(19)),
        *(submitted(n, stop_code="522732001") for n in range(19, 38)),
    )
    dispatch.propose()
    assert sorted(unserved(dispatch)) == [f"R{n:04d}" for n in range(19)]


def test_the_pools_of_a_prefecture_never_use_more_coaches_than_it_has(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1))
    two_pools(dispatch)
    dispatch.propose()
    trips = dispatch.trips()
    assert sorted(trip.coach_type for trip in trips) == ["39", "49"]
    # The larger pool (30) takes both; the smaller one (20) finds none.
    assert set(unserved(dispatch).values()) == {"no-coach-left"}
    assert len(unserved(dispatch)) == 20
    with dispatch.database.session() as session:
        reasons = session.exec(select(UnservedRow)).all()
    assert {row.limit for row in reasons} == {"0"}
    assert all("take 2 and this pool 0" in row.mend_en for row in reasons)


def test_the_coaches_of_earlier_trips_of_the_day_are_gone(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    dispatch.tell(submitted(2))
    dispatch.propose()
    assert unserved(dispatch) == {"R0002": "no-coach-left"}


def test_a_prefecture_without_registered_coaches_says_so(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(5, prefecture="520100"))
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    assert unserved(dispatch) == {"R0001": "coach-of-the-prefecture"}
    assert round_row(dispatch, round_id).state == "proposed"


def test_a_family_rides_together_or_says_why_not(dispatch: Dispatch) -> None:
    dispatch.tell(
        *(submitted(n, party_id="F1", party_size=3, stop_code="522732001") for n in (1, 2, 3)),
        *(submitted(n, party_id="F2", party_size=3) for n in (4, 7)),
        submitted(8, party_id="F3", party_size=2, stop_code="522732001"),
        submitted(9, party_id="F3", party_size=2, stop_code="522732111"),
        *(submitted(n) for n in range(20, 60)),
    )
    dispatch.propose()
    assert unserved(dispatch) == {
        "R0004": "family-complete",
        "R0007": "family-complete",
        "R0008": "family-one-stop-one-gate",
        "R0009": "family-one-stop-one-gate",
    }
    seats = {r.request_id: r.trip_id for trip in dispatch.trips() for r in dispatch.riders(trip.trip_id)}
    assert len({seats[request_id] for request_id in ("R0001", "R0002", "R0003")}) == 1


def test_a_place_that_no_road_knows_does_not_fail_the_round(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), submitted(2, stop_code="522732999"))
    round_id = dispatch.propose()
    assert round_row(dispatch, round_id).state == "proposed"
    assert unserved(dispatch) == {"R0002": "place-known"}


@pytest.mark.parametrize("engine", ["firstfit", "routing"])
def test_what_the_planner_minimises_is_what_the_contract_costs(dispatch: Dispatch, engine: str) -> None:
    two_pools(dispatch)
    dispatch.propose(engine=engine)
    for trip in dispatch.trips():
        assert trip.planned_fen == trip.cost_fen == sum(trip.price.values())
        assert sum(line["due_fen"] + line["held_fen"] for line in trip.lines) == trip.cost_fen


def test_a_trip_leaves_the_county_seat_at_eight_and_keeps_its_timetable(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    dispatch.propose()
    (trip,) = dispatch.trips()
    first = datetime.fromisoformat(trip.timetable[0]["starts_at"])
    assert first == datetime(2020, 2, 24, 0, 0, tzinfo=UTC)
    assert trip.drivers == 2
    assert {entry["kind"] for entry in trip.timetable} >= {"drive", "rest", "service"}


def test_the_cut_off_opens_tomorrows_round_once(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    worker = CutOff(dispatch.database, dispatch.clock, time(18, 0), "52")
    assert worker.look() is None  # 16:00 in China
    dispatch.clock.advance(hours=2)
    round_id = worker.look()
    assert round_id is not None
    assert round_row(dispatch, round_id).day == DAY
    assert worker.look() is None
    assert CutOff(dispatch.database, dispatch.clock, time(18, 0), "52").look() is None


def test_a_cut_off_that_lacks_a_policy_opens_its_round_once_there_is_one(
    dispatch: Dispatch, caplog: pytest.LogCaptureFixture
) -> None:
    dispatch.tell(submitted(1))
    dispatch.remove_policy(1)
    dispatch.clock.advance(hours=2)
    worker = CutOff(dispatch.database, dispatch.clock, time(18, 0), "52")
    assert [worker.look(), worker.look()] == [None, None]
    told = [record for record in caplog.records if "opens no round" in record.message]
    assert len(told) == 1, "it is looked at every few seconds, and told once"
    dispatch.load_policy()
    round_id = worker.look()
    assert round_id is not None
    assert round_row(dispatch, round_id).day == DAY


def test_a_cut_off_for_which_nobody_waits_is_over(dispatch: Dispatch) -> None:
    dispatch.clock.advance(hours=2)
    worker = CutOff(dispatch.database, dispatch.clock, time(18, 0), "52")
    assert worker.look() is None
    dispatch.tell(submitted(1))
    assert worker.look() is None


def test_the_cut_off_is_local_time() -> None:
    assert day_to_plan(datetime(2020, 2, 23, 9, 59, tzinfo=UTC), time(18, 0)) is None
    assert day_to_plan(datetime(2020, 2, 23, 10, 0, tzinfo=UTC), time(18, 0)) == DAY
