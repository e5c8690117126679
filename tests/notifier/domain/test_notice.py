"""Who is told what, and when again: pure rules, no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notifier.domain.notice import Audience, Kind, Medium, Recipient, State, Telling, Told, to_tell
from services.notifier.domain.trip import MalformedTrip, Seat, Stop, Trip

AT = datetime(2020, 2, 24, 0, 30, tzinfo=UTC)
WORKER = Recipient(Audience.WORKER, "R1", Medium.SMS)
CARRIER = Recipient(Audience.CARRIER, "C", Medium.EMAIL)
FACTORY = Recipient(Audience.ENTERPRISE, "F1", Medium.EMAIL)


def stop(kind: str, code: str, hours: float) -> Stop:
    at = AT + timedelta(hours=hours)
    return Stop("pickup" if kind == "pickup" else "drop", code, f"名{code}", at, at)


TRIP = Trip(
    trip_id="T-1",
    version=1,
    day=date(2020, 2, 24),
    county_code="522732",
    prefecture_code="330500",
    carrier_id="C",
    carrier_name="黔南客运",
    coach_type="C49",
    seats_approved=49,
    drivers=2,
    stops=(stop("pickup", "S1", 0), stop("pickup", "S2", 1), stop("drop", "G1", 23), stop("drop", "G2", 24)),
    seats=(Seat("R1", "S1", "F1", "G1"), Seat("R2", "S2", "F1", "G1"), Seat("R3", "S1", "F2", "G2")),
)


def told_of(telling: Telling, **changes: object) -> dict[Recipient, Told]:
    """What was told, as it stands after it was sent; `changes` to each."""
    return {
        notice.recipient: replace(
            Told(notice.notice_id, notice.kind, notice.facts, State.SENT, perhaps_known=True),
            **changes,  # type: ignore[arg-type]
        )
        for notice in telling.notices
    }


def kinds(telling: Telling) -> dict[Recipient, Kind]:
    return {notice.recipient: notice.kind for notice in telling.notices}


def test_everybody_on_a_new_trip_is_told_once_and_first() -> None:
    telling = to_tell(TRIP, "T-1", {}, [])
    recipients = {(r.audience, r.ref, r.medium) for r in kinds(telling)}
    assert recipients == {
        *((Audience.WORKER, ref, Medium.SMS) for ref in ("R1", "R2", "R3")),
        (Audience.CARRIER, "C", Medium.EMAIL),
        *((Audience.ENTERPRISE, ref, Medium.EMAIL) for ref in ("F1", "F2")),
    }
    assert set(kinds(telling).values()) == {Kind.FIRST}


def test_the_same_trip_told_again_makes_no_notice() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    assert to_tell(replace(TRIP, version=2), "T-1", told, []) == Telling((), ())


def test_doing_the_same_step_again_makes_the_same_ids() -> None:
    first, again = to_tell(TRIP, "T-1", {}, []), to_tell(TRIP, "T-1", {}, [])
    assert [n.notice_id for n in first.notices] == [n.notice_id for n in again.notices]
    assert len({n.notice_id for n in first.notices}) == len(first.notices)


def test_a_later_hour_at_one_stop_is_told_to_whom_it_concerns_alone() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    assert kinds(to_tell(later, "T-1", told, [])) == {
        WORKER: Kind.CHANGED,
        replace(WORKER, ref="R3"): Kind.CHANGED,
        CARRIER: Kind.CHANGED,
    }


def test_a_later_arrival_is_told_to_enterprise_and_carrier_and_not_to_workers() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    later = replace(TRIP, stops=(*TRIP.stops[:2], stop("drop", "G1", 23.5), TRIP.stops[3]))
    assert set(kinds(to_tell(later, "T-1", told, []))) == {CARRIER, FACTORY}


@pytest.mark.parametrize("change", [{"seats_approved": 39}, {"carrier_name": "都匀客运"}])
def test_another_coach_is_told_to_everybody(change: dict[str, object]) -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    assert len(to_tell(replace(TRIP, **change), "T-1", told, []).notices) == len(told)  # type: ignore[arg-type]


def test_going_back_to_an_earlier_hour_is_told_again_each_time() -> None:
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    told, ids = told_of(to_tell(TRIP, "T-1", {}, [])), set()
    for trip in (later, TRIP, later, TRIP):
        telling = to_tell(trip, "T-1", told, [])
        assert kinds(telling)[WORKER] is Kind.CHANGED
        told |= told_of(telling)
        ids |= {notice.notice_id for notice in telling.notices}
    assert len(ids) == 4 * 3


def test_who_has_not_been_reached_yet_hears_the_new_hour_as_the_first_and_the_old_one_never() -> None:
    waiting = told_of(to_tell(TRIP, "T-1", {}, []), state=State.PENDING, perhaps_known=False)
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    telling = to_tell(later, "T-1", waiting, [])
    assert kinds(telling)[WORKER] is Kind.FIRST
    assert waiting[WORKER].notice_id in telling.superseded
    assert waiting[replace(WORKER, ref="R2")].notice_id not in telling.superseded


def test_who_may_have_been_reached_hears_that_it_changed() -> None:
    trying = told_of(to_tell(TRIP, "T-1", {}, []), state=State.PENDING, perhaps_known=True)
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    telling = to_tell(later, "T-1", trying, [])
    assert kinds(telling)[WORKER] is Kind.CHANGED
    assert trying[WORKER].notice_id in telling.superseded


def test_who_heard_of_the_trip_before_an_unsent_change_still_counts_as_knowing_it() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    assert all(notice.known_before for notice in to_tell(later, "T-1", told, []).notices)


def test_a_cancelled_trip_is_told_to_all_who_knew_of_it_and_once() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    telling = to_tell(None, "T-1", told, [])
    assert set(kinds(telling)) == set(told)
    assert set(kinds(telling).values()) == {Kind.CANCELLED}
    assert to_tell(None, "T-1", told | told_of(telling), []) == Telling((), ())


def test_a_trip_cancelled_before_anybody_heard_is_told_to_nobody() -> None:
    waiting = told_of(to_tell(TRIP, "T-1", {}, []), state=State.PENDING, perhaps_known=False)
    telling = to_tell(None, "T-1", waiting, [])
    assert telling.notices == ()
    assert set(telling.superseded) == {told.notice_id for told in waiting.values()}


def test_a_rider_who_is_taken_off_is_told_and_so_is_the_enterprise() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    without = replace(TRIP, seats=TRIP.seats[1:])
    assert kinds(to_tell(without, "T-1", told, [])) == {
        WORKER: Kind.CANCELLED,
        CARRIER: Kind.CHANGED,
        FACTORY: Kind.CHANGED,
    }


def test_a_rider_in_place_of_another_changes_the_enterprise_s_list() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    other = replace(TRIP, seats=(replace(TRIP.seats[0], request_id="R9"), *TRIP.seats[1:]))
    assert kinds(to_tell(other, "T-1", told, []))[FACTORY] is Kind.CHANGED


def test_a_rider_who_comes_back_after_a_cancellation_is_told_as_if_for_the_first_time() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    told |= told_of(to_tell(None, "T-1", told, []))
    assert set(kinds(to_tell(TRIP, "T-1", told, [])).values()) == {Kind.FIRST}


def test_another_carrier_gets_the_order_and_the_first_one_the_cancellation() -> None:
    told = told_of(to_tell(TRIP, "T-1", {}, []))
    moved = kinds(to_tell(replace(TRIP, carrier_id="D"), "T-1", told, []))
    assert moved[CARRIER] is Kind.CANCELLED
    assert moved[replace(CARRIER, ref="D")] is Kind.FIRST


def test_an_organisation_that_subscribed_is_told_by_webhook_too() -> None:
    telling = to_tell(TRIP, "T-1", {}, ["F1"])
    assert replace(FACTORY, medium=Medium.WEBHOOK) in kinds(telling)
    assert Recipient(Audience.ENTERPRISE, "F2", Medium.WEBHOOK) not in kinds(telling)


def test_a_notice_that_failed_is_followed_by_a_first_one_and_not_by_a_change() -> None:
    failed = told_of(to_tell(TRIP, "T-1", {}, []), state=State.FAILED, perhaps_known=False)
    later = replace(TRIP, stops=(stop("pickup", "S1", 0.5), *TRIP.stops[1:]))
    assert kinds(to_tell(later, "T-1", failed, []))[WORKER] is Kind.FIRST


def test_a_rider_without_a_stop_on_the_way_is_refused() -> None:
    with pytest.raises(MalformedTrip, match="R1"):
        replace(TRIP, seats=(Seat("R1", "S9", "F1", "G1"),))
    with pytest.raises(MalformedTrip, match="at least one pickup"):
        replace(TRIP, stops=TRIP.stops[2:], seats=())
