"""What a dispatcher lays down holds when a pool is planned again: locked trips, forced and forbidden seats."""

from dataclasses import replace

import pytest

from services.dispatcher.domain.mark import BadMark, MarkKind, MarkNotKept, NoSuchMark, RequestNotInPool
from services.dispatcher.store.marks import list_marks
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import MarkRow
from services.dispatcher.store.trips import NoSuchTrip
from services.dispatcher.usecases.ask_amendment import Asked
from services.dispatcher.usecases.load_terms import load_fleet
from services.dispatcher.usecases.mark_round import Marked, lift_mark, set_mark
from shared.security import Principal, Role
from tests.dispatcher.dispatch import PROVINCE, Dispatch, coaches, submitted
from tests.dispatcher.usecases.test_amendments import POOL, ask, demand, riding, take

AGAIN = Asked(POOL, again=True)
NEIGHBOUR = Principal("n", frozenset({Role.DISPATCHER}), ("520115",), None, "邻县")


def mark(dispatch: Dispatch, round_id: str, kind: MarkKind, **fields: str) -> MarkRow:
    with dispatch.database.session() as session:
        marked = Marked(kind, POOL, "轮椅", **fields)
        return set_mark(session, get_round(session, round_id), marked, "三都调度", dispatch.clock)


def proposed(dispatch: Dispatch, workers: int = 60) -> str:
    """A round that planning again would change: nobody shares a coach with another stop."""
    dispatch.tell(*(submitted(n) for n in range(workers)))
    return dispatch.propose(engine="separate")


def test_a_locked_trip_keeps_its_riders_and_its_version(dispatch: Dispatch) -> None:
    round_id = proposed(dispatch)
    touched = {trip["trip_id"] for trip in ask(dispatch, round_id, AGAIN).difference["trips"]}
    before = {trip.trip_id: trip for trip in dispatch.trips()}
    locked = sorted(touched & before.keys())[0]
    mark(dispatch, round_id, MarkKind.LOCK, trip_id=locked)
    amendment = ask(dispatch, round_id, AGAIN)
    assert locked not in {trip["trip_id"] for trip in amendment.difference["trips"]}
    take(dispatch, amendment)
    assert {trip.trip_id: trip for trip in dispatch.trips()}[locked] == before[locked]


def test_a_request_is_forced_onto_a_trip_and_rides_it_when_the_pool_is_planned_again(
    dispatch: Dispatch,
) -> None:
    round_id = proposed(dispatch)
    first, second = dispatch.trips()[:2]
    request_id = sorted(riding(dispatch, first))[0]
    mark(dispatch, round_id, MarkKind.FORCE, trip_id=second.trip_id, request_id=request_id)
    take(dispatch, ask(dispatch, round_id, AGAIN))
    assert demand(dispatch, request_id).trip_id == second.trip_id
    assert request_id in riding(dispatch, second)


def test_a_request_is_forbidden_a_trip_and_two_requests_one_another(dispatch: Dispatch) -> None:
    round_id = proposed(dispatch)
    first = dispatch.trips()[0]
    off, one, other = sorted(riding(dispatch, first))[:3]
    mark(dispatch, round_id, MarkKind.FORBID, trip_id=first.trip_id, request_id=off)
    mark(dispatch, round_id, MarkKind.FORBID, request_id=one, other_id=other)
    take(dispatch, ask(dispatch, round_id, replace(AGAIN, again=False)))
    assert demand(dispatch, off).trip_id not in (None, first.trip_id)
    seats = [demand(dispatch, request_id).trip_id for request_id in (one, other)]
    assert None not in seats
    assert seats[0] != seats[1]


def test_a_mark_that_no_plan_can_keep_is_told_with_its_reason(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1))
    dispatch.tell(*(submitted(n) for n in range(43)))
    round_id = dispatch.propose()
    first, second = dispatch.trips()
    for request_id in riding(dispatch, first):
        mark(dispatch, round_id, MarkKind.FORCE, trip_id=second.trip_id, request_id=request_id)
    mark(dispatch, round_id, MarkKind.LOCK, trip_id=second.trip_id)
    with pytest.raises(MarkNotKept, match="轮椅"):
        ask(dispatch, round_id, AGAIN)


def test_a_lifted_mark_holds_no_longer_and_stays_known(dispatch: Dispatch) -> None:
    round_id = proposed(dispatch)
    first, second = dispatch.trips()[:2]
    request_id = sorted(riding(dispatch, first))[0]
    made = mark(dispatch, round_id, MarkKind.FORCE, trip_id=second.trip_id, request_id=request_id)
    with dispatch.database.session() as session:
        with pytest.raises(NoSuchMark):
            lift_mark(session, made.mark_id, NEIGHBOUR, dispatch.clock)
        lift_mark(session, made.mark_id, PROVINCE, dispatch.clock)
    with dispatch.database.session() as session:
        (kept,) = list_marks(session, round_id)
        assert list_marks(session, round_id, pool_id=POOL) == []
    assert (kept.reason, kept.set_by, kept.lifted_by) == ("轮椅", "三都调度", PROVINCE.display_name)
    moves = {move["request_id"]: move["to"] for move in ask(dispatch, round_id).difference["moved"]}
    assert moves.get(request_id) != second.trip_id


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (MarkKind.LOCK, {"request_id": "R0001"}),
        (MarkKind.FORCE, {"trip_id": "T"}),
        (MarkKind.FORBID, {"request_id": "R0001"}),
        (MarkKind.FORBID, {"request_id": "R0001", "other_id": "R0001"}),
    ],
)
def test_a_mark_of_the_wrong_fields_is_refused_with_the_right_ones(
    dispatch: Dispatch, kind: MarkKind, fields: dict[str, str]
) -> None:
    round_id = proposed(dispatch, 5)
    with pytest.raises(BadMark, match=kind.value):
        mark(dispatch, round_id, kind, **fields)


def test_a_mark_names_what_the_pool_has(dispatch: Dispatch) -> None:
    round_id = proposed(dispatch, 5)
    with pytest.raises(NoSuchTrip):
        mark(dispatch, round_id, MarkKind.LOCK, trip_id="T-522732-20200224-999")
    trip_id = dispatch.trips()[0].trip_id
    with pytest.raises(RequestNotInPool, match="R9999"):
        mark(dispatch, round_id, MarkKind.FORCE, trip_id=trip_id, request_id="R9999")
