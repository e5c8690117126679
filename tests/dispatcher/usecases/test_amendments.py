"""A plan that stands is amended: a late worker joins, who withdrew shortens a trip, a coach breaks down; the others keep theirs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.dispatcher.domain.amendment import AmendmentNotOpen, AmendmentOutdated, NothingStands
from services.dispatcher.planning.mending import Promises
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.store.demand import find_demand
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import AmendmentRow, DemandRow, TripRow
from services.dispatcher.store.trips import NoSuchTrip
from services.dispatcher.usecases.ask_amendment import Asked, ask_amendment
from services.dispatcher.usecases.decide_amendment import approve_amendment, drop_amendment
from services.dispatcher.usecases.load_terms import load_fleet
from shared.events import Event, RequestUnserved, RequestWithdrawn, TripCancelled, TripPublished
from shared.messaging import Cause
from tests.dispatcher.dispatch import DAY, PROVINCE, Dispatch, coaches, submitted

POOL = "522732-330500"
PROMISES = Promises(moved_fen=5_000, changed_fen=20_000, cancelled_fen=100_000)
ASKED = Asked(POOL)


def ask(dispatch: Dispatch, round_id: str, asked: Asked = ASKED) -> AmendmentRow:
    with dispatch.database.session() as session:
        row = get_round(session, round_id)
        return ask_amendment(session, row, asked, PROMISES, dispatch.roads, "test", dispatch.clock)


def take(dispatch: Dispatch, amendment: AmendmentRow) -> None:
    with dispatch.database.session() as session:
        approve_amendment(session, amendment.amendment_id, "test", Cause.fresh(), dispatch.clock)


def demand(dispatch: Dispatch, request_id: str) -> DemandRow:
    with dispatch.database.session() as session:
        found = find_demand(session, request_id)
        assert found is not None
        return found


def riding(dispatch: Dispatch, trip: TripRow) -> set[str]:
    return {rider.request_id for rider in dispatch.riders(trip.trip_id) if rider.riding}


def approved(dispatch: Dispatch, workers: int = 50) -> str:
    """A round of several trips that everybody was told of."""
    dispatch.tell(*(submitted(n) for n in range(workers)))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    return round_id


def since(dispatch: Dispatch, told: int, *kinds: type[Event]) -> list[Event]:
    return dispatch.told(TripPublished, TripCancelled, RequestUnserved)[told:]


def count_told(dispatch: Dispatch) -> int:
    return len(since(dispatch, 0))


def books_balance(dispatch: Dispatch) -> None:
    standing = [trip for trip in dispatch.trips() if trip.state == "approved"]
    carriers = {trip.carrier_id for trip in standing}
    reserved = sum(
        balance.reserved_fen
        for account, balance in dispatch.balances().items()
        if account.partition(":")[0] == "carrier"
    )
    assert carriers == {"C01"}
    assert reserved == sum(trip.cost_fen for trip in standing)


def test_a_late_worker_joins_a_trip_and_the_others_keep_their_version(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    before = {trip.trip_id: trip for trip in dispatch.trips()}
    told = count_told(dispatch)
    dispatch.tell(submitted(70))
    amendment = ask(dispatch, round_id)
    assert {trip.trip_id: trip for trip in dispatch.trips()} == before, "it is only a proposal"
    (move,) = amendment.difference["moved"]
    assert (move["request_id"], move["from"]) == ("R0070", None)
    take(dispatch, amendment)
    after = {trip.trip_id: trip for trip in dispatch.trips()}
    changed = [trip_id for trip_id in after if after[trip_id] != before.get(trip_id)]
    assert changed == [move["to"]]
    assert len(after) == len(before) > 1
    assert after[move["to"]].version == before[move["to"]].version + 1
    assert "R0070" in riding(dispatch, after[move["to"]])
    (event,) = since(dispatch, told)
    assert isinstance(event, TripPublished)
    assert {rider.request_id for rider in event.riders} == riding(dispatch, after[move["to"]])
    row = demand(dispatch, "R0070")
    assert (row.state, row.trip_id, row.round_id) == ("planned", move["to"], round_id)
    assert sum(trip.cost_fen for trip in after.values()) == amendment.difference["cost_after_fen"]
    books_balance(dispatch)


def test_who_withdrew_shortens_a_trip_to_what_its_riders_need(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n, stop_code="522732001") for n in range(20)))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    (before,) = dispatch.trips()
    assert before.coach_type == "49"
    dispatch.tell(*(RequestWithdrawn(request_id=f"R{n:04d}", version=2, reason="ill") for n in range(3)))
    told = count_told(dispatch)
    amendment = ask(dispatch, round_id)
    (change,) = amendment.difference["trips"]
    assert (change["change"], change["coach_before"], change["coach_after"]) == ("changed", "49", "39")
    assert change["more_fen"] < 0
    take(dispatch, amendment)
    (after,) = dispatch.trips()
    assert (after.coach_type, after.trip_id, len(riding(dispatch, after))) == ("39", before.trip_id, 17)
    assert after.cost_fen == before.cost_fen + change["more_fen"]
    assert [event.key for event in since(dispatch, told)] == [after.trip_id]
    books_balance(dispatch)


def test_the_riders_of_a_broken_coach_ride_and_nobody_rides_twice(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    broken = dispatch.trips()[0].trip_id
    take(dispatch, ask(dispatch, round_id, Asked(POOL, broken=(broken,))))
    standing = [trip for trip in dispatch.trips() if trip.state == "approved"]
    aboard = [request_id for trip in standing for request_id in riding(dispatch, trip)]
    assert sorted(aboard) == [f"R{n:04d}" for n in range(50)]
    assert all(demand(dispatch, one).state == "planned" for one in aboard)
    for trip in standing:
        assert {one for one in aboard if demand(dispatch, one).trip_id == trip.trip_id} == riding(
            dispatch, trip
        )
        assert len(riding(dispatch, trip)) <= trip.seats_max
    books_balance(dispatch)


def test_who_finds_no_seat_after_a_breakdown_is_told_why_and_waits(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1))
    dispatch.tell(*(submitted(n) for n in range(40)))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    first, second = dispatch.trips()
    told = count_told(dispatch)
    amendment = ask(dispatch, round_id, Asked(POOL, broken=(first.trip_id,)))
    take(dispatch, amendment)
    left = {entry["request_id"] for entry in amendment.difference["left"]}
    assert len(left) == 40 - max(trip.seats_max for trip in (second,))
    events = since(dispatch, told)
    unserved = {event.key for event in events if isinstance(event, RequestUnserved)}
    assert unserved == left
    assert {event.key for event in events if isinstance(event, TripCancelled)} == {first.trip_id}
    assert {demand(dispatch, one).state for one in left} == {"waiting"}
    assert {demand(dispatch, one).trip_id for one in left} == {None}
    books_balance(dispatch)


def test_who_comes_late_to_a_proposal_is_approved_with_it(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(50)))
    round_id = dispatch.propose()
    dispatch.tell(submitted(70))
    take(dispatch, ask(dispatch, round_id))
    assert dispatch.told(TripPublished) == []
    dispatch.approve(round_id)
    riders = [rider.request_id for e in dispatch.told(TripPublished) for rider in e.riders]  # type: ignore[attr-defined]
    assert sorted(riders) == [f"R{n:04d}" for n in [*range(50), 70]]
    books_balance(dispatch)


def test_whom_a_proposal_left_behind_is_carried_once_there_are_coaches_and_told_nothing_else(
    dispatch: Dispatch,
) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    dispatch.tell(*(submitted(n) for n in range(25)))
    round_id = dispatch.propose()
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(2)[:1])
    take(dispatch, ask(dispatch, round_id))
    dispatch.approve(round_id)
    assert dispatch.told(RequestUnserved) == []
    assert sum(len(riding(dispatch, trip)) for trip in dispatch.trips()) == 25


def test_a_family_whose_last_member_comes_late_rides_together(dispatch: Dispatch) -> None:
    family = {"party_id": "F", "party_size": 2, "stop_code": "522732001"}
    dispatch.tell(submitted(1, stop_code="522732001"), submitted(2, **family | {"party_size": 1}))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    dispatch.tell(submitted(3, **family))
    take(dispatch, ask(dispatch, round_id))
    assert demand(dispatch, "R0002").trip_id == demand(dispatch, "R0003").trip_id is not None


def test_a_family_that_is_not_complete_keeps_the_seats_it_has(dispatch: Dispatch) -> None:
    family = {"party_id": "F", "party_size": 3}
    dispatch.tell(submitted(1, party_id="F", stop_code="522732001"))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    dispatch.tell(submitted(2, stop_code="522732001", **family))
    difference = ask(dispatch, round_id).difference
    assert (difference["moved"], difference["trips"]) == ([], [])


def test_a_family_of_which_one_withdrew_keeps_its_seats(dispatch: Dispatch) -> None:
    family = {"party_id": "F", "party_size": 3, "stop_code": "522732001"}
    dispatch.tell(*(submitted(n, **family) for n in range(3)))
    round_id = dispatch.propose()
    dispatch.approve(round_id)
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="ill"))
    difference = ask(dispatch, round_id).difference
    assert (difference["moved"], difference["trips"]) == ([], [])


def test_who_comes_late_to_a_proposal_that_has_no_seat_is_told_why_with_it(dispatch: Dispatch) -> None:
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1)[:1])
    dispatch.tell(*(submitted(n) for n in range(19)))
    round_id = dispatch.propose()
    dispatch.tell(submitted(70))
    take(dispatch, ask(dispatch, round_id))
    assert dispatch.told(RequestUnserved) == []
    dispatch.approve(round_id)
    assert [event.key for event in dispatch.told(RequestUnserved)] == ["R0070"]


def test_who_may_leave_only_on_another_day_is_not_asked_for(dispatch: Dispatch) -> None:
    round_id = approved(dispatch, 5)
    later = DAY + timedelta(days=2)
    dispatch.tell(submitted(70, earliest=later, latest=later))
    assert ask(dispatch, round_id).difference["moved"] == []


def test_a_late_worker_whose_place_no_road_knows_keeps_nobody_else_from_joining(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    dispatch.tell(submitted(70, stop_code="522732999"), submitted(71))
    newcomers = [m["request_id"] for m in ask(dispatch, round_id).difference["moved"] if m["from"] is None]
    assert newcomers == ["R0071"]


def test_an_amendment_is_void_once_what_it_stood_on_has_changed(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    dispatch.tell(submitted(70))
    amendment = ask(dispatch, round_id)
    trip_id = amendment.difference["moved"][0]["to"]
    gone = next(iter(sorted(riding(dispatch, next(t for t in dispatch.trips() if t.trip_id == trip_id)))))
    dispatch.tell(RequestWithdrawn(request_id=gone, version=2, reason="ill"))
    with pytest.raises(AmendmentOutdated, match=trip_id):
        take(dispatch, amendment)
    second = ask(dispatch, round_id)
    dispatch.tell(RequestWithdrawn(request_id="R0070", version=2, reason="ill"))
    with pytest.raises(AmendmentOutdated, match="R0070"):
        take(dispatch, second)


def test_an_amendment_is_void_once_another_round_has_taken_its_seeker(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    dispatch.tell(submitted(70))
    amendment = ask(dispatch, round_id)
    dispatch.approve(dispatch.propose())
    with pytest.raises(AmendmentOutdated, match="R0070"):
        take(dispatch, amendment)


def test_an_amendment_is_void_once_its_new_coach_is_gone(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    dispatch.tell(*(submitted(n) for n in range(70, 95)))
    amendment = ask(dispatch, round_id)
    assert [trip["change"] for trip in amendment.difference["trips"]].count("new") == 1
    with dispatch.database.session() as session:
        load_fleet(session, PROVINCE, coaches(1))
    with pytest.raises(AmendmentOutdated, match="C01/"):
        take(dispatch, amendment)


def test_what_is_dropped_changes_nothing_and_is_decided_once(dispatch: Dispatch) -> None:
    round_id = approved(dispatch)
    dispatch.tell(submitted(70))
    amendment, before = ask(dispatch, round_id), dispatch.trips()
    with dispatch.database.session() as session:
        drop_amendment(session, amendment.amendment_id, "test", dispatch.clock)
    assert dispatch.trips() == before
    with pytest.raises(AmendmentNotOpen):
        take(dispatch, amendment)


def test_there_is_nothing_to_amend_where_no_trip_stands_and_no_trip_breaks_that_is_not_there(
    dispatch: Dispatch,
) -> None:
    round_id = approved(dispatch, 5)
    with pytest.raises(NothingStands, match="522732-440300"):
        ask(dispatch, round_id, replace(ASKED, pool_id="522732-440300"))
    with pytest.raises(NoSuchTrip):
        ask(dispatch, round_id, replace(ASKED, broken=("T-522732-20200224-999",)))


def test_a_whole_pool_is_planned_again_and_never_costs_more_with_the_promises_it_breaks(
    dispatch: Dispatch,
) -> None:
    dispatch.tell(*(submitted(n) for n in range(60)))
    round_id = dispatch.propose(engine="separate")
    dispatch.approve(round_id)
    amendment = ask(dispatch, round_id, replace(ASKED, again=True))
    told = amendment.difference
    assert told["cost_after_fen"] < told["cost_before_fen"]
    assert sum(told["accounts"].values()) == told["cost_after_fen"] - told["cost_before_fen"]
    take(dispatch, amendment)
    standing = [trip for trip in dispatch.trips() if trip.state == "approved"]
    assert sorted(one for trip in standing for one in riding(dispatch, trip)) == [
        f"R{n:04d}" for n in range(60)
    ]
    assert sum(trip.cost_fen for trip in standing) == told["cost_after_fen"]
    books_balance(dispatch)


def test_a_round_that_costs_the_public_least_is_amended_by_the_same_measure(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(20)))
    round_id = dispatch.propose(objective="public")
    dispatch.approve(round_id)
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="ill"), submitted(70), submitted(71))
    amendment = ask(dispatch, round_id)
    assert read_problem(amendment.problem).objective == "public"
    take(dispatch, amendment)
    standing = [trip for trip in dispatch.trips() if trip.state == "approved"]
    assert sum(len(riding(dispatch, trip)) for trip in standing) == 21
    books_balance(dispatch)
