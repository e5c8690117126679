"""Rounds: what is refused with its mend, how they are planned, resumed, approved and rejected."""

import json
from collections import Counter
from concurrent.futures import wait
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import select

from services.dispatcher.domain.round import RoundNotReady
from services.dispatcher.store.rounds import get_round, list_pool_plans, list_progress
from services.dispatcher.store.tables import DemandRow, PoolPlanRow, RoundRow, UnservedRow
from services.dispatcher.usecases.cut_off import CutOff, day_to_plan
from services.dispatcher.usecases.decide_round import reject_round
from services.dispatcher.usecases.load_terms import load_fleet, load_tariffs
from services.dispatcher.usecases.open_round import (
    DayIsPast,
    NoPolicyInForce,
    NoTariffForCoach,
    NoTariffInForce,
    NothingToPlan,
    RoundUnderWay,
)
from services.dispatcher.usecases.summarise_day import summarise_day
from shared.events import (
    EnterpriseRegistered,
    Gate,
    PoolNotPlanned,
    PoolPlanRequested,
    RequestUnserved,
    TripPublished,
)
from tests.dispatcher.dispatch import DAY, PROVINCE, Dispatch, coaches, submitted, tariffs


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


def two_pools(dispatch: Dispatch) -> None:
    gate = Gate(
        gate_id="G2", name="南门", town_code="440306", prefecture_code="440300", lon=113.88, lat=22.55
    )
    dispatch.tell(
        EnterpriseRegistered(enterprise_id="E2", version=1, name="宝安电子", email=None, gates=(gate,)),
        *(submitted(n) for n in range(30)),
        *(submitted(n, gate_id="G2", enterprise_id="E2") for n in range(30, 50)),
    )


def plans_of(dispatch: Dispatch, round_id: str) -> list[PoolPlanRow]:
    with dispatch.database.session() as session:
        return list_pool_plans(session, round_id)


def test_a_round_killed_in_the_middle_is_finished_and_published_once(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    killed = dispatch.rounds()
    dispatch.go_on(killed, round_id)
    asked = dispatch.jobs()
    dispatch.tell(dispatch.answer(asked[0]))
    dispatch.go_on(killed, round_id)
    first, second = plans_of(dispatch, round_id)
    assert (first.plan is not None, second.plan) == (True, None)
    assert round_row(dispatch, round_id).state == "planning"
    dispatch.tell(dispatch.answer(asked[1]))
    assert not dispatch.go_on(dispatch.rounds(), round_id), "another takes the round up"
    assert dispatch.jobs() == [], "nothing is asked for twice"
    assert plans_of(dispatch, round_id)[0].plan == first.plan
    dispatch.approve(round_id)
    published = dispatch.told(TripPublished)
    riders = [rider.request_id for trip in published for rider in trip.riders]  # type: ignore[attr-defined]
    assert sorted(riders) == [f"R{n:04d}" for n in range(50)]


def test_where_coaches_are_scarce_a_pool_is_asked_for_when_its_turn_comes(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(3))
    two_pools(dispatch)
    round_id, worker = dispatch.open(), dispatch.rounds()
    dispatch.go_on(worker, round_id)
    (first,) = dispatch.jobs()
    assert first.problem["name"].startswith("522732-330500"), "the larger pool"
    dispatch.tell(dispatch.answer(first))
    dispatch.go_on(worker, round_id)
    (second,) = dispatch.jobs()
    taken = sum(left["per_day"][0] for left in first.problem["coaches"]) - sum(
        left["per_day"][0] for left in second.problem["coaches"]
    )
    assert taken == len(json.loads(plans_of(dispatch, round_id)[0].plan or "")["trips"]) > 0


def test_where_there_is_enough_every_pool_is_asked_for_at_once(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    dispatch.go_on(dispatch.rounds(), dispatch.open())
    jobs = dispatch.jobs()
    assert sorted(job.problem["name"][:13] for job in jobs) == ["522732-330500", "522732-440300"]
    assert len({job.key for job in jobs}) == 2, "one key would have one reader"


def test_an_answer_that_comes_again_changes_nothing(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    worker = dispatch.rounds()
    dispatch.go_on(worker, round_id)
    answers = [dispatch.answer(job) for job in dispatch.jobs()]
    dispatch.tell(answers[0], answers[0])
    dispatch.go_on(worker, round_id)
    before = plans_of(dispatch, round_id)
    late = answers[0].model_copy(update={"seconds": 99.0})
    dispatch.tell(late)
    dispatch.go_on(worker, round_id)
    assert plans_of(dispatch, round_id) == before
    dispatch.tell(answers[1], *answers)
    assert not dispatch.go_on(worker, round_id)
    assert sorted(r.request_id for trip in dispatch.trips() for r in dispatch.riders(trip.trip_id)) == [
        f"R{n:04d}" for n in range(50)
    ]
    dispatch.tell(*answers)
    assert len(dispatch.trips()) == len({trip.trip_id for trip in dispatch.trips()})


def test_who_was_overtaken_changes_nothing(dispatch: Dispatch) -> None:
    """A worker that has lost its hold with the database's restart, and keeps the same answer a second time."""
    two_pools(dispatch)
    round_id = dispatch.open()
    late, other = dispatch.rounds(), dispatch.rounds()
    dispatch.go_on(other, round_id)
    dispatch.tell(dispatch.answer(dispatch.jobs()[0]))
    with dispatch.database.session() as session:
        turn = list_progress(session, round_id)[0]
    late._judging[turn.job_id or ""] = late._judge(round_id, turn.pool_id)
    wait(late._judging.values())
    dispatch.go_on(other, round_id)
    before = round_row(dispatch, round_id), plans_of(dispatch, round_id)
    assert late._keep(round_id, turn)
    assert (round_row(dispatch, round_id), plans_of(dispatch, round_id)) == before


def test_a_plan_that_breaks_a_rule_is_not_kept_and_fails_its_round_with_the_rule(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(30)))
    round_id = dispatch.open()
    dispatch.go_on(dispatch.rounds(), round_id)
    answer = dispatch.answer(dispatch.jobs()[0])
    answer.plan["cost_fen"] -= 1
    dispatch.tell(answer)
    assert not dispatch.go_on(dispatch.rounds(), round_id)
    failed = round_row(dispatch, round_id)
    assert failed.state == "failed"
    assert "breaks rule cost" in (failed.note or "")
    assert [row.plan for row in plans_of(dispatch, round_id)] == [None]
    assert dispatch.trips() == []


def test_a_bound_that_is_not_proven_is_not_kept(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(30)))
    round_id = dispatch.open()
    dispatch.go_on(dispatch.rounds("columns"), round_id)
    answer = dispatch.answer(dispatch.jobs()[0])
    answer.plan["bound_fen"] += 100
    dispatch.tell(answer)
    assert not dispatch.go_on(dispatch.rounds(), round_id)
    failed = round_row(dispatch, round_id)
    assert failed.state == "failed"
    assert "certificate" in (failed.note or "")


def test_a_bound_is_kept_with_the_plan_that_it_is_proven_for(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.propose(engine="columns")
    rows = plans_of(dispatch, round_id)
    assert all(row.bound_fen and 0 < row.bound_fen <= row.cost_fen for row in rows)
    with dispatch.database.session() as session:
        figures = summarise_day(session, PROVINCE, DAY)
    bound = sum(row.bound_fen or 0 for row in rows)
    assert figures.bound_fen == bound
    assert figures.gap == (figures.planned_fen - bound) / bound


def test_without_certificates_there_is_no_gap(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    assert [row.bound_fen for row in plans_of(dispatch, round_id)] == [None]
    with dispatch.database.session() as session:
        figures = summarise_day(session, PROVINCE, DAY)
    assert (figures.planned_fen > 0, figures.bound_fen, figures.gap) == (True, None, None)


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


def given_up(job: PoolPlanRequested, crashes: int) -> PoolNotPlanned:
    """What a planner says when it has no plan."""
    return PoolNotPlanned(job_id=job.job_id, version=1, crashes=crashes, zh="不行", en="It cannot be.")


def test_a_pool_that_planners_died_of_is_left_behind_and_the_others_ride(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    worker = dispatch.rounds()
    dispatch.go_on(worker, round_id)
    huzhou, shenzhen = dispatch.jobs()
    dispatch.tell(given_up(huzhou, 3), dispatch.answer(shenzhen))
    assert not dispatch.go_on(worker, round_id)
    assert round_row(dispatch, round_id).state == "proposed"
    assert unserved(dispatch) == {f"R{n:04d}": "planner-crashed" for n in range(30)}
    assert {trip.prefecture_code for trip in dispatch.trips()} == {"440300"}
    dispatch.approve(round_id)
    told = dispatch.told(RequestUnserved)[0]
    assert isinstance(told, RequestUnserved)
    assert "died 3 times" in told.mend_en
    assert "3 次" in told.mend_zh
    dispatch.approve(dispatch.propose())
    assert {trip.prefecture_code for trip in dispatch.trips()} == {"330500", "440300"}


def test_a_problem_that_a_planner_refuses_fails_its_round_and_frees_its_requests(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.open()
    dispatch.go_on(dispatch.rounds(), round_id)
    dispatch.tell(given_up(dispatch.jobs()[0], 0))
    failed = round_row(dispatch, round_id)
    assert (failed.state, failed.note) == ("failed", "不行 / It cannot be.")
    assert dispatch.metrics.rounds.labels("failed")._value.get() == 1
    dispatch.approve(dispatch.propose())
    assert len(dispatch.trips()) == 1


def test_a_fleet_that_changes_while_a_round_is_planned_does_not_break_it(dispatch: Dispatch) -> None:
    two_pools(dispatch)
    round_id = dispatch.open()
    worker = dispatch.rounds()
    dispatch.go_on(worker, round_id)
    first, second = dispatch.jobs()
    dispatch.tell(dispatch.answer(first))
    dispatch.go_on(worker, round_id)
    known, unpriced = coaches()[0], coaches()[1].model_copy(update={"coach_type": "99"})
    with dispatch.database.session() as session:
        others = [kind.model_copy(update={"carrier_id": "C02"}) for kind in (known, unpriced)]
        load_fleet(session, PROVINCE, others)
    dispatch.tell(dispatch.answer(second))
    assert dispatch.go_on(worker, round_id), "its coaches are gone, so it is asked for again"
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


@pytest.mark.parametrize("changes", [{}, {"minimum_day_fen": 1_500_000, "toll_fen_per_km": 75}], ids=str)
@pytest.mark.parametrize("engine", ["firstfit", "routing"])
def test_what_the_planner_minimises_is_what_the_contract_costs(
    dispatch: Dispatch, engine: str, changes: dict[str, int]
) -> None:
    """Trip by trip and to the fen, also where the day's minimum lifts the hire and toll is paid on top."""
    dearer = tariffs(version=2, valid_from="2020-02-01", **changes)
    with dispatch.database.session() as session:
        load_tariffs(session, PROVINCE, dearer, dispatch.clock)
    dispatch.load_policy(version=2, valid_from="2020-02-01", toll_exempt=False)
    two_pools(dispatch)
    dispatch.propose(engine=engine)
    assert any(trip.price["minimum_fen"] for trip in dispatch.trips()) == bool(changes)
    for trip in dispatch.trips():
        assert trip.planned_fen == trip.cost_fen == sum(trip.price.values())
        assert sum(line["due_fen"] + line["held_fen"] for line in trip.lines) == trip.cost_fen


def test_a_round_that_shall_cost_the_public_least_takes_coaches_that_are_funded(dispatch: Dispatch) -> None:
    """60 workers at half load: 19 in a 39-seat coach are below the minimum of 20, and the county bears the whole."""
    dispatch.tell(*(submitted(n, stop_code="522732001") for n in range(60)))
    fleets, public = {}, {}
    for objective in ("charter", "public"):
        round_id = dispatch.propose(engine="columns", objective=objective)
        trips = [trip for trip in dispatch.trips() if trip.round_id == round_id]
        fleets[objective] = Counter(trip.coach_type for trip in trips)
        public[objective] = sum(trip.subsidy_fen or trip.cost_fen for trip in trips)
        assert sum(trip.planned_fen for trip in trips) == sum(
            trip.cost_fen if objective == "charter" else trip.subsidy_fen for trip in trips
        )
        with dispatch.database.session() as session:
            reject_round(session, round_id, "test", None, dispatch.clock)
    assert fleets == {"charter": {"39": 2, "49": 1}, "public": {"49": 3}}
    assert public["public"] < 0.8 * public["charter"]


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
