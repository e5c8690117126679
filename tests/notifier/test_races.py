"""Two phones at one gate: whoever comes second answers after the first, and is told so by a higher version."""

from datetime import timedelta

from services.notifier.domain.handover import Answer
from shared.events import ArrivalConfirmed, Outcome
from shared.messaging import Cause
from shared.security import Role
from tests.notifier.running import Site
from tests.notifier.test_links import csrf_of
from tests.notifier.test_pages import signed_in
from tests.notifier.world import DAY, FACTORY, REQUESTS, TRIP, published, registered
from tests.racing import run_into


def test_two_phones_that_answer_at_once_are_told_one_after_the_other(site: Site) -> None:
    world = site.world
    world.tell(registered(), published())
    world.clock.at = DAY + timedelta(hours=24)
    browser = signed_in(site, Role.ENTERPRISE, FACTORY)
    token = csrf_of(browser.get(f"/arrivals/{TRIP}"))
    form = {"csrf_token": token, f"outcome.{REQUESTS[0]}": "arrived"}
    with world.database.session() as session:
        answer = Answer(REQUESTS[0], Outcome.DISPUTED, "岗位不符")
        world.confirmer.confirm(session, TRIP, FACTORY, [answer], Cause.fresh())
        session.flush()
        second = run_into(world.database, lambda: browser.post(f"/arrivals/{TRIP}", data=form))
    assert second.result().status_code == 200
    told = [(event.version, event.outcome) for event in world.events(ArrivalConfirmed)]
    assert told == [(1, Outcome.DISPUTED), (2, Outcome.ARRIVED)]
