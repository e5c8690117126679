"""A resettlement site is a stop of its own in planning: who leaves from it is met there, not at its township."""

from shared.events import TripPublished
from shared.reference import get_stop
from tests.dispatcher.dispatch import Dispatch, submitted

SITE, TOWNSHIP = "522732111001", "522732111"


def test_a_coach_stops_at_a_site_for_those_who_leave_from_it(dispatch: Dispatch) -> None:
    dispatch.tell(
        *(submitted(n, stop_code=SITE) for n in range(10)),
        *(submitted(n, stop_code=TOWNSHIP) for n in range(10, 18)),
    )
    dispatch.approve(dispatch.propose())
    [trip] = [one for one in dispatch.told(TripPublished) if isinstance(one, TripPublished)]
    pickups = {stop.code: stop.name for stop in trip.stops if stop.kind == "pickup"}
    assert pickups == {SITE: get_stop(SITE).name, TOWNSHIP: get_stop(TOWNSHIP).name}
    boarding = [rider.stop_code for rider in trip.riders]
    assert (boarding.count(SITE), boarding.count(TOWNSHIP)) == (10, 8)
