"""A question to the lab: both variants planned by the planners that rounds ask, with the coaches that others leave, and weighed."""

from typing import Any

import pytest
from sqlmodel import select

from services.dispatcher.domain.lab import LabBusy, NothingToPlanAgain
from services.dispatcher.lab.outcome import Outcome
from services.dispatcher.planning.objective import CHARTER, PUBLIC_THEN_CHARTER
from services.dispatcher.store.lab import get_standing_round, list_lab_pools
from services.dispatcher.store.tables import LabPoolRow, LabRunRow
from services.dispatcher.usecases.build_problem import PolicyNotPlannable
from services.dispatcher.usecases.lab.answer import ASKED_MAX, OUTCOMES, AnswerLabs
from services.dispatcher.usecases.lab.ask import ask_lab
from services.dispatcher.usecases.lab.price_again import price_again, terms_of
from services.dispatcher.usecases.load_terms import load_fleet
from services.dispatcher.usecases.request_plan import Search
from shared.events import PoolNotPlanned, PoolPlanRequested
from shared.messaging import Cause
from shared.reference import list_county_stops
from shared.security import Principal, Role
from tests.dispatcher.dispatch import PROVINCE, Dispatch, coaches, submitted

SANDU, DUYUN, GUANSHANHU = "522732", "522701", "520115"


@pytest.fixture
def round_id(dispatch: Dispatch) -> str:
    """A proposed round of two counties of one prefecture: 27 workers of Sandu, 26 of Duyun."""
    stop = list_county_stops(DUYUN)[0].code
    dispatch.tell(*(submitted(n) for n in range(27)))
    dispatch.tell(*(submitted(n, county_code=DUYUN, stop_code=stop) for n in range(100, 126)))
    dispatch.jobs()
    return dispatch.propose(area="52")


def ask(
    dispatch: Dispatch,
    round_id: str,
    changes: dict[str, Any],
    objective: str = PUBLIC_THEN_CHARTER,
    principal: Principal = PROVINCE,
) -> str:
    with dispatch.database.session() as session:
        row = get_standing_round(session, round_id, principal)
        return ask_lab(session, row, changes, objective, principal, Cause.fresh(), dispatch.clock).lab_id


def worker_of(dispatch: Dispatch, engine: str = "columns") -> AnswerLabs:
    search = Search(seconds=0.3, engine=engine, objective=CHARTER, pickups_max=3, drops_max=3)
    return AnswerLabs(dispatch.database, dispatch.roads, dispatch.judges, search, dispatch.clock)


def answer(dispatch: Dispatch, worker: AnswerLabs) -> int:
    """Bring the oldest question to its end; the most pools that planners were asked for at a time."""
    most = 0
    worker.look()
    while jobs := dispatch.jobs():
        most = max(most, len(jobs))
        dispatch.tell(*map(dispatch.answer, jobs))
        worker.look()
    return most


def run_of(dispatch: Dispatch, lab_id: str) -> LabRunRow:
    with dispatch.database.session() as session:
        return session.get_one(LabRunRow, lab_id)


def outcomes_of(dispatch: Dispatch, lab_id: str) -> tuple[Outcome, Outcome]:
    run = run_of(dispatch, lab_id)
    assert run.state == "done", run.note
    found = OUTCOMES.validate_python(run.outcomes)
    return found["before"], found["after"]


def test_both_variants_are_planned_and_weighed_and_the_round_stays_as_it_was(
    dispatch: Dispatch, round_id: str
) -> None:
    before_trips = dispatch.trips()
    lab_id = ask(dispatch, round_id, {"load_factor_percent": 100, "min_passengers_vehicle": 27})
    assert answer(dispatch, worker_of(dispatch)) == ASKED_MAX
    before, after = outcomes_of(dispatch, lab_id)
    assert (before.carried, after.carried) == (53, 53)
    assert after.coaches == 2 < before.coaches, "at full load each county needs one coach"
    for outcome in (before, after):
        assert sum(outcome.borne.values()) == outcome.charter_fen
        assert outcome.planned_fen == outcome.objective_fen
        assert outcome.bound_fen is not None
        assert 0 < outcome.bound_fen <= outcome.objective_fen
        assert outcome.left == {}
    assert after.unfunded_workers == 26, "of Duyun: one short of the floor"
    assert [trip.model_dump() for trip in dispatch.trips()] == [trip.model_dump() for trip in before_trips]


def test_without_a_change_both_variants_come_to_the_same(dispatch: Dispatch, round_id: str) -> None:
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    answer(dispatch, worker_of(dispatch, "firstfit"))
    before, after = outcomes_of(dispatch, lab_id)
    assert before == after
    assert before.gap is None, "first fit proves nothing"
    assert before.charter_fen == sum(trip.cost_fen for trip in dispatch.trips())


def test_what_is_planned_again_is_billed_as_trips_are_whatever_the_rule_goes_by(
    dispatch: Dispatch, round_id: str
) -> None:
    by_seats = {"kind": "bands", "seats": [40], "fen": {"other_province": [300_000, 500_000]}}
    changes = {"provisions.0.rule": by_seats}
    lab_id = ask(dispatch, round_id, changes, CHARTER)
    answer(dispatch, worker_of(dispatch, "firstfit"))
    with dispatch.database.session() as session:
        row = get_standing_round(session, round_id, PROVINCE)
        priced = price_again(session, row, terms_of(session, row), changes, PROVINCE)
    planned = outcomes_of(dispatch, lab_id)
    assert [one.borne for one in planned] == [one.borne for one in priced]
    assert planned[0].borne != planned[1].borne


def test_few_pools_are_asked_for_at_a_time_and_none_before_those_that_take_of_its_coaches(
    dispatch: Dispatch,
) -> None:
    others = [
        line.model_copy(update={"carrier_id": "C02", "home_prefecture_code": "520100"}) for line in coaches()
    ]
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, [*coaches(), *others])
    stops = {county: list_county_stops(county)[0].code for county in (DUYUN, GUANSHANHU)}
    dispatch.tell(*(submitted(n) for n in range(27)))
    for first, (county, stop) in zip((100, 200), stops.items(), strict=True):
        riders = range(first, first + 20 - first // 100)
        dispatch.tell(*(submitted(n, county_code=county, stop_code=stop) for n in riders))
    round_id = dispatch.propose(area="52")
    dispatch.jobs()
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    worker = worker_of(dispatch, "firstfit")
    worker.look()
    worker.look()
    before, after = dispatch.jobs()
    assert place_of(dispatch, before) == ("before", SANDU)
    assert place_of(dispatch, after) == ("after", SANDU)
    dispatch.tell(dispatch.answer(after))
    worker.look()
    (third,) = dispatch.jobs()
    assert place_of(dispatch, third) == ("after", DUYUN), "Duyun's other variant waits for Sandu's coaches"
    dispatch.tell(dispatch.answer(before), dispatch.answer(third))
    answer(dispatch, worker)
    assert outcomes_of(dispatch, lab_id)[0].carried == 27 + 19 + 18


def place_of(dispatch: Dispatch, job: PoolPlanRequested) -> tuple[str, str]:
    with dispatch.database.session() as session:
        row = session.exec(select(LabPoolRow).where(LabPoolRow.job_id == job.job_id)).one()
        return row.variant, row.pool_id[:6]


def test_pools_of_one_home_have_the_coaches_that_those_before_them_leave(
    dispatch: Dispatch, round_id: str
) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(count=1))
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    answer(dispatch, worker_of(dispatch, "firstfit"))
    before, _ = outcomes_of(dispatch, lab_id)
    # One coach of 19 and one of 24 seats at half load: Sandu, the larger pool, takes both.
    assert before.coaches == 2
    assert before.by_county == {SANDU: 27}
    assert set(before.left.values()) == {"no-coach-left"}
    assert len(before.left) == 26


def test_a_county_asks_about_its_own_pools_with_the_coaches_that_the_others_leave(
    dispatch: Dispatch, round_id: str
) -> None:
    elsewhere = [trip.coach_type for trip in dispatch.trips() if trip.county_code == SANDU]
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(count=1))
    finance = Principal("duyun", frozenset({Role.FINANCE}), (DUYUN,), None, "都匀财政")
    lab_id = ask(dispatch, round_id, {}, CHARTER, finance)
    assert run_of(dispatch, lab_id).area == DUYUN
    answer(dispatch, worker_of(dispatch, "firstfit"))
    before, _ = outcomes_of(dispatch, lab_id)
    assert elsewhere == ["39", "39"], "and of each type there is one now"
    assert (before.coaches, before.seats, before.carried, len(before.left)) == (1, 24, 24, 2)


def test_one_question_about_a_round_at_a_time(dispatch: Dispatch, round_id: str) -> None:
    ask(dispatch, round_id, {}, CHARTER)
    with pytest.raises(LabBusy):
        ask(dispatch, round_id, {}, CHARTER)
    answer(dispatch, worker_of(dispatch, "firstfit"))
    ask(dispatch, round_id, {}, CHARTER)


def test_a_policy_that_no_plan_can_be_judged_by_is_refused_when_it_is_asked(
    dispatch: Dispatch, round_id: str
) -> None:
    flat = {"kind": "bands", "fen": {"other_province": [300_000]}}
    with pytest.raises(PolicyNotPlannable):
        ask(dispatch, round_id, {"provisions.0.rule": flat})
    ask(dispatch, round_id, {"provisions.0.rule": flat}, CHARTER)


def test_a_round_without_pools_is_nothing_to_plan_again(dispatch: Dispatch, round_id: str) -> None:
    with dispatch.database.session() as session:
        row = get_standing_round(session, round_id, PROVINCE)
        nobody = Principal("x", frozenset({Role.FINANCE}), ("520115",), None, "x")
        row.area = "520115"
        with pytest.raises(NothingToPlanAgain):
            ask_lab(session, row, {}, CHARTER, nobody, Cause.fresh(), dispatch.clock)
        session.rollback()


def test_a_pool_that_planners_give_up_ends_the_question_with_the_reason(
    dispatch: Dispatch, round_id: str
) -> None:
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    worker = worker_of(dispatch)
    worker.look()
    job = dispatch.jobs()[0]
    dispatch.tell(PoolNotPlanned(job_id=job.job_id, version=1, zh="内存不足", en="no memory", crashes=2))
    run = run_of(dispatch, lab_id)
    assert (run.state, run.note) == ("failed", "内存不足 / no memory")
    worker.look()
    assert dispatch.jobs() == []


def test_a_plan_that_breaks_a_rule_ends_the_question(dispatch: Dispatch, round_id: str) -> None:
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    worker = worker_of(dispatch, "firstfit")
    worker.look()
    told = dispatch.answer(dispatch.jobs()[0])
    told.plan["trips"].pop()
    dispatch.tell(told)
    worker.look()
    run = run_of(dispatch, lab_id)
    assert run.state == "failed"
    assert "party-once" in (run.note or "")


def test_a_plan_that_is_told_twice_is_kept_once(dispatch: Dispatch, round_id: str) -> None:
    lab_id = ask(dispatch, round_id, {}, CHARTER)
    worker = worker_of(dispatch, "firstfit")
    worker.look()
    told = [dispatch.answer(job) for job in dispatch.jobs()]
    dispatch.tell(*told)
    worker.look()
    dispatch.tell(*told)
    with dispatch.database.session() as session:
        pools = list_lab_pools(session, lab_id)
        rows = session.exec(select(LabPoolRow).where(LabPoolRow.lab_id == lab_id)).all()
    assert sum(pool.done for pool in pools) == 2
    assert [row.answer for row in rows] == [None] * 4
