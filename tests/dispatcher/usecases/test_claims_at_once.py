"""Two people at the same claim, trip or season at the same moment: the second goes by what the first has made of it."""

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from sqlmodel import Session

from services.dispatcher.money.claims.claim import ClaimNotReady
from services.dispatcher.store import claims
from services.dispatcher.store.tables import RiderRow
from services.dispatcher.usecases.claims import draft as drafting
from services.dispatcher.usecases.claims import pay as payment
from services.dispatcher.usecases.claims import review
from services.dispatcher.usecases.claims.gather import ask_people, requests_by_day
from services.dispatcher.usecases.claims.review import FlagsStand
from services.dispatcher.usecases.claims.step import PeriodClosed
from services.dispatcher.usecases.record_handover import record_arrival
from shared.events import Outcome
from shared.messaging import Cause
from shared.security import Principal
from tests.dispatcher.usecases.claiming import (
    COUNTY,
    PAYER,
    PAYERS,
    REVIEWER,
    SEASON,
    B,
    Claiming,
    firm,
)
from tests.racing import run_into

FIRST, SECOND = "T-522732-20200224-001", "T-522732-20200225-001"


def approve(claiming: Claiming, session: Session, claim_id: str) -> None:
    claim = claims.get_claim(session, claim_id, REVIEWER, lock=True)
    people = ask_people(claiming.people, requests_by_day(session, claim), "reviewer")
    review.approve(session, REVIEWER, claim, people, Cause.fresh(), claiming.dispatch.clock)


def pay(claiming: Claiming, session: Session, claim_id: str, principal: Principal = PAYER) -> None:
    claim = claims.get_claim(session, claim_id, principal, lock=True)
    payment.pay(session, principal, claim, "ZF-first", Cause.fresh(), claiming.dispatch.clock)


def say_no_show(claiming: Claiming, session: Session, request_id: str) -> None:
    rider = session.get_one(RiderRow, (FIRST, request_id))
    arrival = claiming.dispatch.arrival(rider, Outcome.NO_SHOW, 9)
    record_arrival(session, arrival, Cause.fresh(), claiming.dispatch.clock)


def meet(claiming: Claiming, first: Callable[[Session], None], second: Callable[[], None]) -> Future[None]:
    with claiming.dispatch.database.session() as session:
        first(session)
        session.flush()
        late = run_into(claiming.dispatch.database, second)
    return late


def test_two_claims_for_one_worker_that_are_approved_at_once_are_not_both(claiming: Claiming) -> None:
    claiming.people.same["R0009"] = "person of R0000"
    first, second = claiming.publicise(keep=[FIRST]), claiming.publicise(firm(B), keep=[SECOND])
    claiming.dispatch.clock.advance(days=9)
    late = meet(
        claiming,
        lambda session: approve(claiming, session, first),
        lambda: claiming.desk.approve(REVIEWER, second, Cause.fresh()),
    )
    with pytest.raises(FlagsStand, match="F02"):
        late.result()
    claiming.require_sound()


def test_two_claims_of_one_claimant_that_are_approved_at_once_keep_its_cap(claiming: Claiming) -> None:
    all_but_one = claiming.publicise(keep=[FIRST, SECOND])
    one = claiming.publicise()
    claiming.dispatch.clock.advance(days=9)
    late = meet(
        claiming,
        lambda session: approve(claiming, session, all_but_one),
        lambda: claiming.desk.approve(REVIEWER, one, Cause.fresh()),
    )
    late.result()
    claiming.pay(all_but_one)
    claiming.pay(one)
    assert sum(claim.paid_fen for claim in claiming.claims()) == 900_000
    claiming.require_sound()


def test_a_claim_that_is_paid_twice_at_once_is_paid_once(claiming: Claiming) -> None:
    claim_id = claiming.approve(keep=[FIRST])
    claiming.desk.receive(PAYER, claim_id)
    late = meet(
        claiming,
        lambda session: pay(claiming, session, claim_id),
        lambda: claiming.desk.pay(PAYER, claim_id, "ZF-second", Cause.fresh()),
    )
    with pytest.raises(ClaimNotReady, match="is paid"):
        late.result()
    assert claiming.claim(claim_id).payment_no == "ZF-first"
    claiming.require_sound()


def test_two_claims_on_one_coach_that_are_paid_at_once_are_both(claiming: Claiming) -> None:
    first, second = claiming.approve(keep=[FIRST]), claiming.approve(firm(B), keep=[FIRST])
    for claim_id in (first, second):
        claiming.desk.receive(PAYER, claim_id)
    late = meet(
        claiming,
        lambda session: pay(claiming, session, first),
        lambda: claiming.desk.pay(PAYER, second, "ZF-second", Cause.fresh()),
    )
    late.result()
    claiming.require_sound()


def test_a_word_that_changes_while_a_claim_is_approved_is_what_it_is_approved_by(claiming: Claiming) -> None:
    claim_id = claiming.publicise(keep=[FIRST])
    claiming.dispatch.clock.advance(days=9)
    late = meet(
        claiming,
        lambda session: say_no_show(claiming, session, "R0001"),
        lambda: claiming.desk.approve(REVIEWER, claim_id, Cause.fresh()),
    )
    with pytest.raises(FlagsStand, match="F13"):  # it asks for three heads, and two are left
        late.result()
    assert [h["arrived"] for h in claiming.trip(FIRST).heads if h["category"] == "ORDINARY"] == [1, 2]
    claiming.desk.check(REVIEWER, claim_id)
    claiming.let_pass(claim_id)
    claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    assert claiming.seats(claim_id)["R0001"].standing != "counted"
    claiming.pay(claim_id)
    claiming.require_sound()


def test_a_word_that_changes_while_a_claim_is_asked_back_is_in_the_bill(claiming: Claiming) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    late = meet(
        claiming,
        lambda session: say_no_show(claiming, session, "R0001"),
        lambda: claiming.clawback(claim_id, "R0002"),
    )
    late.result()
    claiming.recover(claim_id)
    assert [h["arrived"] for h in claiming.trip(FIRST).heads if h["category"] == "ORDINARY"] == [1, 2]
    claiming.require_sound()


def test_what_is_submitted_while_the_season_is_closed_comes_too_late(claiming: Claiming) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.fill(claim_id)

    def close(session: Session) -> None:
        payment.close_period(session, PAYER, COUNTY, SEASON, Cause.fresh(), claiming.dispatch.clock)

    late = meet(claiming, close, lambda: claiming.desk.submit(firm(), claim_id))
    with pytest.raises(PeriodClosed):
        late.result()
    assert claiming.claim(claim_id).state == "draft"
    assert all(claiming.account(payer).settled_fen == 0 for payer in PAYERS)


def test_a_season_that_is_closed_while_a_claim_is_submitted_waits_for_it(claiming: Claiming) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.fill(claim_id)

    def submit(session: Session) -> None:
        claim = claims.get_claim(session, claim_id, firm(), lock=True)
        drafting.submit_claim(session, firm(), claim, claiming.dispatch.clock)

    late = meet(
        claiming, submit, lambda: claiming.desk.close_period(PAYER, COUNTY, SEASON, Cause.fresh()) and None
    )
    with pytest.raises(payment.ClaimsOpen, match=claim_id):
        late.result()


@pytest.mark.parametrize("other", [None, B])
def test_two_drafts_at_once_have_each_its_number_and_nobody_twice(
    claiming: Claiming, other: str | None
) -> None:
    def draft(session: Session) -> None:
        drafting.draft_claim(session, firm(), COUNTY, SEASON, Cause.fresh(), claiming.dispatch.clock)

    second = firm(other) if other else firm()
    late = meet(claiming, draft, lambda: claiming.draft(second) and None)
    if other is None:
        with pytest.raises(drafting.NothingToClaim):
            late.result()
    else:
        late.result()
    assert len(claiming.claims()) == (1 if other is None else 2)
