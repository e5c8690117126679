"""Whatever is told of trips, in whatever order: no payer passes its budget, the books are the same, and their audit is clean."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from services.dispatcher.money.books.budget import Budget
from services.dispatcher.money.rules.policy import Payer
from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import TableRoads
from services.dispatcher.store.tables import AccountRow
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.keep_budgets import allocate
from services.ledger.audit import audit_season
from shared.events import (
    ArrivalConfirmed,
    Event,
    NoShowRecorded,
    Outcome,
    RequestWithdrawn,
    TripDeparted,
    WorkerBoarded,
)
from shared.kernel.errors import Conflict
from shared.messaging import Cause, InvalidMessage
from tests.dispatcher.books.scene import SEASON, sign
from tests.dispatcher.conftest import begin, copy_of
from tests.dispatcher.dispatch import DAY, ENTERPRISE, PROVINCE, Dispatch, submitted

PAYER = f"payer:destination_prefecture:330500:{SEASON}"
RIDERS = 4
ON_A_DATABASE = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""Each example is a database of its own."""


def fund(dispatch: Dispatch, amount_fen: int, document: str) -> None:
    budget = Budget(
        payer=Payer.DESTINATION_PREFECTURE,
        code="330500",
        season=SEASON,
        amount_fen=amount_fen,
        document=document,
    )
    with dispatch.database.session() as session:
        allocate(session, PROVINCE, [budget], Cause.fresh(), dispatch.clock)


@pytest.fixture(scope="module")
def proposed(
    postgres: str, template: str, planners: PlannerPool, judges: Processes[Judged], table_roads: TableRoads
) -> Iterator[tuple[Dispatch, list[str]]]:
    """Two days' rounds of one coach each, and a budget for about one and a half of them. Those of the poor pay nothing, so that
    heads of one class move what the other's payer bears."""
    payers = [{"payer": "destination_prefecture", "share": 1}]
    provisions: list[dict[str, Any]] = [
        {"categories": ["REGISTERED_POOR"], "rule": {"kind": "full_cost"}, "payers": payers},
        {
            "rule": {"kind": "percentage", "rate_percent": 50},
            "payers": [*payers, {"payer": "origin_county", "share": 2}],
        },
    ]
    with copy_of(postgres, template) as database:
        dispatch = begin(database, planners, judges, table_roads)
        dispatch.load_policy(
            version=2, valid_from=DAY, provisions=provisions, min_passengers_vehicle=2, cap_vehicle_fen=None
        )
        for n in range(2 * RIDERS):
            day = DAY + timedelta(days=n // RIDERS)
            category = "REGISTERED_POOR" if n % 2 else "ORDINARY"
            dispatch.tell(submitted(n, earliest=day, latest=day, category=category))
        rounds = [dispatch.propose(day=DAY + timedelta(days=n)) for n in range(2)]
        subsidy = sum(trip.subsidy_fen for trip in dispatch.trips())
        fund(dispatch, subsidy * 3 // 4, "D1")
        database.dispose()
        yield dispatch, rounds


@dataclass(frozen=True)
class Step:
    """Something that somebody does to one of the two trips."""

    what: str
    trip: int
    rider: int
    version: int
    amount: int

    def take(self, dispatch: Dispatch, rounds: list[str]) -> None:
        """Raises what refuses it."""
        trip = dispatch.trips()[self.trip]
        rider = dispatch.riders(trip.trip_id)[self.rider]
        said: dict[str, Any] = {"trip_id": trip.trip_id, "version": self.version, "at": dispatch.clock.now()}
        match self.what:
            case "approve":
                dispatch.approve(rounds[self.trip])
            case "sign":
                sign(dispatch, trip, trip.cost_fen + self.amount - 400_000, f"HT-{self.amount}")
            case "confirm":
                dispatch.confirm(trip, Outcome.ARRIVED, self.version)
            case "cancel":
                with dispatch.database.session() as session:
                    cancel_trip(session, trip.trip_id, "snow", Cause.fresh(), dispatch.clock)
            case "withdraw":
                dispatch.tell(RequestWithdrawn(request_id=rider.request_id, version=2, reason="worker-asked"))
            case "depart":
                dispatch.depart(trip)
            case "no_show_marked":
                dispatch.tell(NoShowRecorded(request_id=rider.request_id, **said))
            case "fund":
                fund(dispatch, self.amount + 1, f"D{self.version}-{self.amount}")
            case outcome:
                dispatch.tell(dispatch.arrival(rider, Outcome(outcome), self.version))


WHAT = (
    "approve",
    "approve",
    "sign",
    "confirm",
    "confirm",
    "cancel",
    "withdraw",
    "depart",
    "no_show_marked",
    "fund",
)
STEPS = st.builds(
    Step,
    st.sampled_from([*WHAT, *(outcome.value for outcome in Outcome)]),
    st.integers(0, 1),
    st.integers(0, RIDERS - 1),
    st.integers(1, 5),
    st.integers(0, 1_000_000),
)


def accounts(dispatch: Dispatch) -> dict[str, AccountRow]:
    with dispatch.database.session() as session:
        return {row.account: row for row in session.exec(select(AccountRow))}


def test_no_sequence_overdraws_and_a_budget_that_is_raised_settles_what_waited(
    postgres: str, proposed: tuple[Dispatch, list[str]]
) -> None:
    begun, rounds = proposed

    @ON_A_DATABASE
    @given(st.lists(STEPS, max_size=14))
    def search(steps: list[Step]) -> None:
        with copy_of(postgres, str(begun.database.engine.url.database)) as database:
            dispatch = replace(begun, database=database)
            dispatch.approve(rounds[0])
            for step in steps:
                try:
                    step.take(dispatch, rounds)
                except (Conflict, InvalidMessage):
                    continue
                account = accounts(dispatch)[PAYER]
                used = account.reserved_fen + account.committed_fen + account.settled_fen
                assert used <= account.limit_fen
            assert audit_season(database, SEASON).findings == []
            fund(dispatch, 10**9, "enough")
            assert [trip.waits_for for trip in dispatch.trips()] == [None, None]
            assert audit_season(database, SEASON).findings == []

    search()


def test_a_trip_that_waits_for_a_budget_is_settled_when_it_is_raised(
    postgres: str, proposed: tuple[Dispatch, list[str]]
) -> None:
    begun, rounds = proposed
    with copy_of(postgres, str(begun.database.engine.url.database)) as database:
        dispatch = replace(begun, database=database)
        dispatch.approve(rounds[0])
        first = dispatch.trips()[0]
        dispatch.confirm(first, Outcome.NO_SHOW)
        dispatch.approve(rounds[1])
        dispatch.confirm(first, Outcome.ARRIVED, version=2)
        waiting = dispatch.trips()[0]
        assert (waiting.waits_for, waiting.state) == (PAYER, "settled")
        assert audit_season(database, SEASON).findings == []
        fund(dispatch, 10**9, "enough")
        assert dispatch.trips()[0].waits_for is None
        assert accounts(dispatch)[PAYER].settled_fen > 0
        assert audit_season(database, SEASON).findings == []


@pytest.fixture(scope="module")
def approved(postgres: str, proposed: tuple[Dispatch, list[str]]) -> Iterator[Dispatch]:
    """Both trips run, one under a contract, with money enough."""
    begun, rounds = proposed
    with copy_of(postgres, str(begun.database.engine.url.database)) as database:
        dispatch = replace(begun, database=database)
        fund(dispatch, 10**9, "enough")
        for round_id in rounds:
            dispatch.approve(round_id)
        sign(dispatch, dispatch.trips()[0], 1_234_567)
        database.dispose()
        yield dispatch


@st.composite
def handovers(draw: st.DrawFn) -> tuple[list[tuple[int, int, str, int]], list[tuple[int, int, str, int]]]:
    """Trip, rider, word and version of what escorts and enterprises say, in order; and the same in any order, some twice."""
    words: list[tuple[int, int, str, int]] = []
    for trip in range(2):
        words += [(trip, 0, "departed", 1)] if draw(st.booleans()) else []
        for rider in range(RIDERS):
            if draw(st.booleans()):
                words.append((trip, rider, draw(st.sampled_from(["boarded", "absent"])), 1))
            said = draw(st.lists(st.sampled_from(list(Outcome)), max_size=3))
            words += [(trip, rider, outcome.value, version) for version, outcome in enumerate(said, 1)]
    again = draw(st.lists(st.sampled_from(words), max_size=5)) if words else []
    return words, draw(st.permutations(words + again))


def test_any_order_of_redelivery_gives_the_same_ledger(postgres: str, approved: Dispatch) -> None:
    aboard = [(trip, approved.riders(trip.trip_id)) for trip in approved.trips()]
    approved.database.dispose()

    def event(word: tuple[int, int, str, int]) -> Event:
        place, number, what, version = word
        trip, riders = aboard[place]
        said: dict[str, Any] = {"trip_id": trip.trip_id, "version": version, "at": approved.clock.now()}
        if what == "departed":
            return TripDeparted(request_ids=(), **said)
        request_id = riders[number].request_id
        if what in ("boarded", "absent"):
            kind = WorkerBoarded if what == "boarded" else NoShowRecorded
            return kind(request_id=request_id, **said)
        return ArrivalConfirmed(
            request_id=request_id, enterprise_id=ENTERPRISE.enterprise_id, outcome=Outcome(what), **said
        )

    def ledger_after(words: list[tuple[int, int, str, int]]) -> tuple[Any, Any]:
        with copy_of(postgres, str(approved.database.engine.url.database)) as database:
            dispatch = replace(approved, database=database)
            dispatch.tell(*map(event, words))
            assert audit_season(database, SEASON).findings == []
            books = {name: row.model_dump() for name, row in accounts(dispatch).items()}
            trips = [(trip.state, trip.lines, trip.heads, trip.subsidy_fen) for trip in dispatch.trips()]
            return books, trips

    @ON_A_DATABASE
    @given(handovers())
    def search(told: tuple[list[tuple[int, int, str, int]], list[tuple[int, int, str, int]]]) -> None:
        in_order, in_any_order = told
        assert ledger_after(in_any_order) == ledger_after(in_order)

    search()
