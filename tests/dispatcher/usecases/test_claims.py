"""What people do to claims one after another, and what becomes of the money then."""

from collections.abc import Callable
from datetime import date

import pytest

from services.dispatcher.money.claims.claim import Act, ClaimNotReady, DutiesNotSeparate
from services.dispatcher.store.claims import list_objections
from services.dispatcher.usecases.claims.draft import InvoiceIn, NotAskedFor, NothingToClaim, PapersIn
from services.dispatcher.usecases.claims.pay import DueChanged, NoAccount, NobodyToClawBack
from services.dispatcher.usecases.claims.review import (
    FlagsStand,
    NeverCleared,
    NoSuchObjection,
    NoticeOutrun,
    NotTheReviewer,
    ObjectionsOpen,
)
from services.dispatcher.usecases.claims.step import PeriodClosed
from services.dispatcher.usecases.sign_contract import TripClaimed, sign_contracts
from shared.events import Outcome
from shared.kernel.money import yuan
from shared.messaging import Cause
from shared.security import Principal, Role
from tests.dispatcher.dispatch import PROVINCE, Dispatch
from tests.dispatcher.usecases.claiming import (
    AUDITOR,
    COUNTY,
    PAYER,
    PAYERS,
    REVIEWER,
    SEASON,
    A,
    B,
    Claiming,
    contract_of,
    firm,
    live,
    office,
)

FIRST, SECOND, THIRD = (f"T-522732-202002{day}-001" for day in (24, 25, 26))
# Of each coach R0000-R0002 are A's, the first of them relocated, and R0003-R0005 B's; then R0006 and so on.
# A head's part of 13,039.88 yuan is 2,173.31: of the relocated up to 1,500 are paid, of others half.
HEAD_FEN, RELOCATED_FEN = 108_665, 150_000


def test_the_cap_of_a_season_holds_over_several_claims_and_what_is_beyond_falls_back(
    claiming: Claiming,
) -> None:
    first, second = claiming.paid(keep=[THIRD]), claiming.paid(keep=[FIRST])
    third = claiming.paid(keep=[SECOND])
    whole = [claiming.claim(one).paid_fen for one in (first, second, third)]
    assert whole[0] == whole[1]
    assert abs(whole[0] - 2 * HEAD_FEN - RELOCATED_FEN) <= 2  # each payer's half of each provision is rounded
    assert sum(whole) == 900_000
    claiming.require_sound()
    with pytest.raises(NothingToClaim):
        claiming.draft()


@pytest.mark.parametrize("who", ["drafts", "fills in"])
def test_who_has_drafted_a_claim_or_said_where_to_pay_it_does_nothing_else_to_it(
    claiming: Claiming, who: str
) -> None:
    both = firm(A, "both")
    claim_id = claiming.draft(both if who == "drafts" else firm())
    claiming.fill(claim_id, both if who == "fills in" else firm())
    claiming.desk.submit(firm(), claim_id)
    with pytest.raises(DutiesNotSeparate, match="both has been the claimant"):
        claiming.desk.take_up(office("both"), claim_id)


def test_a_reviewer_cannot_write_the_account_of_a_claim_that_came_back(claiming: Claiming) -> None:
    claim_id = claiming.submit()
    claiming.desk.take_up(office("both"), claim_id)
    claiming.desk.decide(office("both"), claim_id, Act.RETURN, "账号有误")
    with pytest.raises(DutiesNotSeparate, match="both has been the reviewer"):
        claiming.fill(claim_id, firm(A, "both"))
    with pytest.raises(DutiesNotSeparate, match="both has been the reviewer"):
        claiming.desk.drop_trips(firm(A, "both"), claim_id, [FIRST])


def test_no_state_is_reached_by_words_alone_that_needs_more(claiming: Claiming) -> None:
    claim_id = claiming.approve(keep=[FIRST])
    claiming.desk.receive(PAYER, claim_id)
    with pytest.raises(ValueError, match="pay is no decision"):
        claiming.desk.decide(PAYER, claim_id, Act.PAY, "已付")


def test_a_word_that_changes_between_approval_and_payment_stops_the_payment_until_it_is_reviewed_again(
    claiming: Claiming,
) -> None:
    claim_id = claiming.approve(keep=[FIRST])
    approved = claiming.claim(claim_id).payable_fen
    claiming.say("R0001", Outcome.NO_SHOW)
    claiming.desk.receive(PAYER, claim_id)
    # The books owe more than that for the coach, but it is B's.
    assert claiming.account(PAYERS[0]).settled_fen > approved
    with pytest.raises(DueChanged, match="suspend it and review it again"):
        claiming.desk.pay(PAYER, claim_id, "ZF-1", Cause.fresh())
    claiming.desk.decide(REVIEWER, claim_id, Act.SUSPEND, "到岗情况有变")
    claiming.again(claim_id)
    claiming.pay(claim_id)
    assert claiming.seats(claim_id)["R0001"].standing == "held"
    assert not claiming.seats(claim_id)["R0001"].holds
    assert claiming.claim(claim_id).paid_fen < approved
    claiming.paid(firm(B), keep=[FIRST])
    claiming.require_sound()
    claiming.say("R0001", Outcome.ARRIVED)  # the enterprise was wrong
    later = claiming.submit(keep=[FIRST])
    assert list(claiming.seats(later)) == ["R0001"]
    claiming.require_sound()


def test_an_account_that_is_missing_is_asked_for_also_of_a_claim_that_finance_has(claiming: Claiming) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.desk.submit(firm(), claim_id)
    claiming.desk.take_up(REVIEWER, claim_id)
    for flag in claiming.flags(claim_id):
        claiming.desk.clear_flag(REVIEWER, claim_id, flag.number, "已核对原件")
    claiming.desk.publicise(REVIEWER, claim_id)
    claiming.dispatch.clock.advance(days=9)
    claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    claiming.desk.receive(PAYER, claim_id)
    with pytest.raises(NoAccount):
        claiming.desk.pay(PAYER, claim_id, "ZF-1", Cause.fresh())
    for act in (Act.SUSPEND, Act.RESUME, Act.RETURN):
        claiming.desk.decide(REVIEWER, claim_id, act, "缺收款账户")
    claiming.fill(claim_id)
    claiming.require_sound()


def test_a_suspended_claim_that_is_approved_again_has_its_cuts_once(claiming: Claiming) -> None:
    claim_id = claiming.approve()
    cuts = [claiming.trip(trip_id).cuts for trip_id in (FIRST, SECOND, THIRD)]
    assert all(cuts)
    claiming.desk.decide(REVIEWER, claim_id, Act.SUSPEND, "待核实")
    assert not any(trip.cuts for trip in claiming.dispatch.trips())
    assert not any(seat.holds for seat in claiming.seats(claim_id).values())
    claiming.require_sound()
    claiming.again(claim_id)
    assert [claiming.trip(trip_id).cuts for trip_id in (FIRST, SECOND, THIRD)] == cuts
    claiming.pay(claim_id)
    assert claiming.claim(claim_id).paid_fen == 900_000
    claiming.require_sound()


def test_what_a_bill_owes_no_more_after_payment_is_told_and_asked_back_to_the_fen(claiming: Claiming) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    paid = claiming.claim(claim_id).paid_fen
    claiming.say("R0001", Outcome.NO_SHOW)
    over = claiming.overpaid()
    # Five heads came: 2,607.97 yuan a head, half of it for the one of A's two who is not relocated.
    owed = RELOCATED_FEN + 130_398
    assert abs(sum(one.fen for one in over) - (paid - owed)) <= 2
    assert {one.claim_ids for one in over} == {(claim_id,)}
    claiming.desk.check(AUDITOR, claim_id)
    assert ("F05", "not_arrived", ["R0001"]) in [
        (flag.code, flag.cause, flag.request_ids) for flag in claiming.flags(claim_id)
    ]
    assert claiming.claim(claim_id).payable_fen == paid
    claiming.require_sound()
    claiming.clawback(claim_id)
    assert claiming.claim(claim_id).clawback_fen == sum(one.fen for one in over)
    assert claiming.overpaid() == []
    claiming.require_sound()
    claiming.recover(claim_id)
    assert claiming.trip(FIRST).cuts == []
    claiming.paid(firm(B), keep=[FIRST])
    for payer in PAYERS:
        account = claiming.account(payer)
        rest = sum(trip.subsidy_fen for trip in claiming.dispatch.trips() if trip.trip_id != FIRST) // 2
        assert account.settled_fen - account.paid_fen == rest
    claiming.require_sound()


def test_a_claw_back_of_somebody_whom_the_bill_has_dropped_takes_only_what_is_left_of_their_part(
    claiming: Claiming,
) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    claiming.say("R0001", Outcome.NO_SHOW)
    over = sum(one.fen for one in claiming.overpaid())
    claiming.clawback(claim_id, "R0001")
    asked = claiming.claim(claim_id).clawback_fen
    assert asked >= over
    assert sum(one["fen"] for one in claiming.trip(FIRST).cuts) == asked - over
    claiming.recover(claim_id)
    claiming.require_sound()


def test_what_one_claimant_must_give_back_is_never_cut_from_what_another_is_owed(claiming: Claiming) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    claiming.clawback(claim_id, "R0000", "R0001", "R0002")
    claiming.say("R0000", Outcome.DISPUTED)  # the bill owes A less now than was cut
    claiming.recover(claim_id)
    claiming.require_sound()
    assert claiming.overpaid() == []
    other = claiming.paid(firm(B), keep=[FIRST])
    assert abs(claiming.claim(other).paid_fen - RELOCATED_FEN - 2 * HEAD_FEN) <= 4
    claiming.say("R0000", Outcome.ARRIVED)
    claiming.require_sound()


def test_a_claw_back_takes_of_each_worker_what_their_provision_paid(claiming: Claiming) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    claiming.clawback(claim_id, "R0000")
    assert abs(claiming.claim(claim_id).clawback_fen - RELOCATED_FEN) <= 1
    claiming.require_sound()
    claiming.recover(claim_id)
    claiming.require_sound()


def test_money_is_asked_back_a_second_time_and_of_what_was_put_away_until_nothing_is_left(
    claiming: Claiming,
) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    paid = claiming.claim(claim_id).paid_fen
    claiming.desk.archive(PAYER, claim_id)
    for request_id in ("R0000", "R0001", "R0002"):
        claiming.clawback(claim_id, request_id)
        claiming.require_sound()
        claiming.recover(claim_id)
        claiming.require_sound()
    row = claiming.claim(claim_id)
    assert row.clawback_fen == row.recovered_fen == paid
    with pytest.raises(NobodyToClawBack):
        claiming.clawback(claim_id, "R0000")


@pytest.mark.parametrize("wrong", [["R0001", "R0003"], ["R0009"], []])
def test_a_claw_back_names_people_who_are_paid_for_and_no_others(
    claiming: Claiming, wrong: list[str]
) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    with pytest.raises(NobodyToClawBack):
        claiming.clawback(claim_id, *wrong)
    assert claiming.claim(claim_id).state == "paid"
    claiming.require_sound()


def test_a_worker_whose_dispute_is_decided_for_them_after_the_payment_is_claimed_for_alone(
    claiming: Claiming,
) -> None:
    claiming.say("R0001", Outcome.DISPUTED)
    first = claiming.paid(keep=[FIRST])
    assert list(claiming.seats(first)) == ["R0000", "R0002"]
    claiming.say("R0001", Outcome.ARRIVED)
    later = claiming.paid(keep=[FIRST])
    assert list(claiming.seats(later)) == ["R0001"]
    assert abs(claiming.claim(later).paid_fen - HEAD_FEN) <= 2
    claiming.require_sound()


def test_somebody_in_dispute_since_the_draft_is_held_and_costs_the_others_nothing(claiming: Claiming) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.fill(claim_id)
    claiming.say("R0001", Outcome.DISPUTED)
    claiming.desk.submit(firm(), claim_id)
    assert claiming.seats(claim_id)["R0001"].standing == "held"
    # Two heads of three: the relocated and one other.
    assert abs(claiming.claim(claim_id).payable_fen - RELOCATED_FEN - HEAD_FEN) <= 2
    claiming.desk.take_up(REVIEWER, claim_id)
    claiming.let_pass(claim_id)
    claiming.desk.publicise(REVIEWER, claim_id)
    claiming.dispatch.clock.advance(days=9)
    claiming.say("R0001", Outcome.ARRIVED)
    with pytest.raises(NoticeOutrun, match=yuan(claiming.claim(claim_id).payable_fen)):
        claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    claiming.desk.decide(REVIEWER, claim_id, Act.SUSPEND, "公示后有变")
    claiming.again(claim_id)
    claiming.pay(claim_id)
    assert claiming.seats(claim_id)["R0001"].holds
    claiming.require_sound()


def test_who_is_held_is_claimed_for_again_once_the_claim_is_decided_and_not_before(
    claiming: Claiming,
) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.fill(claim_id)
    claiming.say("R0001", Outcome.DISPUTED)
    claiming.desk.submit(firm(), claim_id)
    claiming.say("R0001", Outcome.ARRIVED)
    other = claiming.draft()
    assert {line.trip_id for line in claiming.lines(other)} == {SECOND, THIRD}
    claiming.say("R0001", Outcome.DISPUTED)
    claiming.desk.take_up(REVIEWER, claim_id)
    claiming.let_pass(claim_id)
    claiming.desk.publicise(REVIEWER, claim_id)
    claiming.dispatch.clock.advance(days=9)
    claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    claiming.pay(claim_id)
    claiming.say("R0001", Outcome.ARRIVED)
    later = claiming.paid(keep=[FIRST])
    assert list(claiming.seats(later)) == ["R0001"]
    claiming.require_sound()


def test_one_worker_is_paid_for_once_a_season_whoever_claims(claiming: Claiming) -> None:
    claiming.people.same["R0009"] = "person of R0000"  # B's of the second coach
    first = claiming.publicise(keep=[FIRST])
    second = claiming.publicise(firm(B), keep=[SECOND])
    claiming.dispatch.clock.advance(days=9)
    claiming.desk.approve(REVIEWER, first, Cause.fresh())
    with pytest.raises(FlagsStand, match="F02"):
        claiming.desk.approve(REVIEWER, second, Cause.fresh())
    claiming.desk.check(REVIEWER, second)
    (paid_before,) = (flag for flag in claiming.flags(second) if flag.code == "F02")
    assert paid_before.evidence["paid_by"] == first
    with pytest.raises(NeverCleared):
        claiming.desk.clear_flag(REVIEWER, second, paid_before.number, "同名同姓")
    claiming.desk.decide(REVIEWER, second, Act.RETURN, "一人已由他方领取")
    with pytest.raises(NotAskedFor, match="R0000"):
        claiming.desk.drop_requests(firm(B), second, ["R0000", "R0009"])
    claiming.desk.drop_requests(firm(B), second, ["R0009"])
    assert [line.heads for line in claiming.lines(second)] == [2]
    claiming.desk.submit(firm(B), second)
    claiming.desk.take_up(REVIEWER, second)
    claiming.let_pass(second)
    claiming.desk.publicise(REVIEWER, second)
    claiming.dispatch.clock.advance(days=9)
    claiming.desk.approve(REVIEWER, second, Cause.fresh())
    claiming.pay(first)
    claiming.pay(second)
    claiming.require_sound()
    # What the first had of them is asked back: now they are the other's to claim for.
    claiming.clawback(first, "R0000")
    claiming.recover(first)
    third = claiming.paid(firm(B), keep=[SECOND])
    assert list(claiming.seats(third)) == ["R0009"]
    claiming.require_sound()


def test_nobody_is_paid_for_whom_the_registry_does_not_know(claiming: Claiming) -> None:
    claiming.people.unknown.add("R0001")
    claim_id = claiming.submit(keep=[FIRST])
    claiming.desk.take_up(REVIEWER, claim_id)
    (unknown,) = (flag for flag in claiming.flags(claim_id) if flag.code == "F12")
    with pytest.raises(NeverCleared, match="without being known"):
        claiming.desk.clear_flag(REVIEWER, claim_id, unknown.number, "本人已到场")
    assert claiming.claim(claim_id).payable_fen == 0


def test_a_claim_is_approved_by_what_is_known_that_day(claiming: Claiming) -> None:
    claim_id = claiming.publicise(keep=[FIRST])
    claiming.dispatch.clock.advance(days=9)
    claiming.people.changes["R0001"]["deceased_on"] = date(2020, 2, 1)
    with pytest.raises(FlagsStand, match="F12"):
        claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    claiming.desk.check(REVIEWER, claim_id)
    (dead,) = (flag for flag in claiming.flags(claim_id) if flag.code == "F12")
    noticed = claiming.claim(claim_id).payable_fen
    claiming.desk.clear_flag(REVIEWER, claim_id, dead.number, "名单有误，已由民政部门更正")
    claiming.desk.approve(REVIEWER, claim_id, Cause.fresh())
    assert claiming.claim(claim_id).payable_fen == noticed


def test_an_erased_worker_is_paid_for_by_what_was_found_before_and_still_once(claiming: Claiming) -> None:
    claiming.people.changes["R0001"] |= {"erased": True, "age": None, "resident_id_valid": None}
    claiming.people.same["R0007"] = "person of R0001"
    claiming.people.changes["R0007"] |= claiming.people.changes["R0001"]
    claim_id = claiming.paid(keep=[FIRST])
    assert claiming.seats(claim_id)["R0001"].holds
    later = claiming.submit(keep=[SECOND])
    assert "F02" in {flag.code for flag in claiming.flags(later)}


def test_a_flag_that_was_let_pass_stands_again_for_the_next_reviewer(claiming: Claiming) -> None:
    claiming.people.changes["R0001"]["phone_shared_by"] = 9
    claim_id = claiming.publicise(keep=[FIRST])
    claiming.desk.check(REVIEWER, claim_id)
    assert [flag.cleared_by for flag in claiming.flags(claim_id)] == ["reviewer"]
    claiming.desk.decide(REVIEWER, claim_id, Act.RETURN, "补充材料")
    claiming.dispatch.clock.advance(days=1)
    claiming.desk.submit(firm(), claim_id)
    assert [(flag.code, flag.cleared_by) for flag in claiming.flags(claim_id)] == [("F12", None)]


def test_an_objection_after_the_approval_holds_the_payment_until_its_reviewer_has_answered(
    claiming: Claiming,
) -> None:
    claim_id = claiming.approve(keep=[FIRST])
    claiming.desk.receive(PAYER, claim_id)
    claiming.desk.object(office("counter"), claim_id, "名单有误")
    with pytest.raises(ObjectionsOpen):
        claiming.desk.pay(PAYER, claim_id, "ZF-1", Cause.fresh())
    with pytest.raises(NoSuchObjection):
        claiming.desk.answer_objection(REVIEWER, claim_id, "O-1", "查无此事")
    with claiming.dispatch.database.session() as session:
        (filed,) = list_objections(session, claim_id)
    with pytest.raises(NotTheReviewer):
        claiming.desk.answer_objection(office("another"), claim_id, filed.objection_id, "属实")
    claiming.desk.answer_objection(REVIEWER, claim_id, filed.objection_id, "已核实，名单无误")
    claiming.desk.pay(PAYER, claim_id, "ZF-1", Cause.fresh())
    claiming.require_sound()


def test_who_reviewed_a_claim_before_it_came_back_has_no_part_in_it_any_more(claiming: Claiming) -> None:
    claim_id = claiming.publicise(keep=[FIRST])
    claiming.desk.object(office("counter"), claim_id, "名单有误")
    claiming.desk.decide(REVIEWER, claim_id, Act.RETURN, "补充材料")
    claiming.desk.submit(firm(), claim_id)
    with claiming.dispatch.database.session() as session:
        (filed,) = list_objections(session, claim_id)
    with pytest.raises(NotTheReviewer):
        claiming.desk.answer_objection(REVIEWER, claim_id, filed.objection_id, "已核实")
    claiming.desk.take_up(office("another"), claim_id)
    claiming.desk.answer_objection(office("another"), claim_id, filed.objection_id, "已核实")
    claiming.desk.check(office("another"), claim_id)
    assert claiming.flags(claim_id) == []


def test_a_claim_that_its_claimant_leaves_lying_does_not_hold_up_the_close_of_the_season(
    claiming: Claiming,
) -> None:
    claim_id = claiming.publicise(keep=[FIRST])
    claiming.desk.decide(REVIEWER, claim_id, Act.RETURN, "补充材料")
    claiming.desk.close_period(PAYER, COUNTY, SEASON, Cause.fresh())
    for payer in PAYERS:
        assert claiming.account(payer).settled_fen == 0
    with pytest.raises(PeriodClosed):
        claiming.desk.submit(firm(), claim_id)
    claiming.require_sound()


def test_what_is_asked_back_after_the_close_lapses_too(claiming: Claiming) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    claiming.desk.close_period(PAYER, COUNTY, SEASON, Cause.fresh())
    claiming.require_sound()
    claiming.clawback(claim_id, "R0002")
    claiming.recover(claim_id)
    for payer in PAYERS:
        assert claiming.account(payer).settled_fen == claiming.account(payer).paid_fen
    claiming.require_sound()


@pytest.mark.parametrize(
    ("number", "state", "stopped"),
    [
        (f"FP-{FIRST}", "submitted", True),
        (f"fp {FIRST.replace('-', ' ')}", "submitted", True),
        (f"FP-{FIRST}", "draft", False),
        ("FP-2", "submitted", False),
    ],
)
def test_an_invoice_that_another_trip_was_claimed_with_stops_a_claim_however_it_is_typed(
    claiming: Claiming, number: str, state: str, stopped: bool
) -> None:
    other = claiming.draft(firm(B), keep=[SECOND])
    invoice = InvoiceIn(
        trip_id=SECOND, invoice_no=number, issuer_id="C01", amount_fen=1_303_988, issued_on=date(2020, 3, 1)
    )
    claiming.desk.write_papers(firm(B), other, PapersIn(invoices=(invoice,)))
    if state == "submitted":
        claiming.desk.submit(firm(B), other)
    claim_id = claiming.submit(keep=[FIRST])
    assert ("invoice_reused" in {flag.cause for flag in claiming.flags(claim_id)}) == stopped


def test_a_claim_of_people_who_are_on_no_list_is_told_of_once_lists_are_loaded_and_not_before(
    claiming: Claiming,
) -> None:
    claim_id = claiming.paid(keep=[FIRST])
    claiming.dispatch.clock.advance(days=90)
    claiming.desk.check(AUDITOR, claim_id)
    assert claiming.flags(claim_id) == []
    for request_id in ("R0000", "R0001", "R0002"):
        claiming.people.changes[request_id]["employment_known_to"] = "2020-05"
    claiming.desk.check(AUDITOR, claim_id)
    told = [(flag.code, flag.severity, flag.request_ids) for flag in claiming.flags(claim_id)]
    assert told == [("F14", "claw_back_candidate", [f"R000{n}"]) for n in range(3)]
    assert claiming.claim(claim_id).state == "paid"


def test_a_draft_asks_for_no_more_than_what_is_left_in_it(claiming: Claiming) -> None:
    (whole,) = claiming.desk.list_claimable(firm())
    claim_id = claiming.draft()
    assert claiming.claim(claim_id).claimed_fen == whole.owed_fen
    claiming.desk.drop_trips(firm(), claim_id, [THIRD])
    (rest,) = claiming.desk.list_claimable(firm())
    assert abs(rest.owed_fen - 2 * HEAD_FEN - RELOCATED_FEN) <= 2
    assert claiming.claim(claim_id).claimed_fen == whole.owed_fen - rest.owed_fen
    claiming.desk.drop_requests(firm(), claim_id, ["R0001"])
    (rest,) = claiming.desk.list_claimable(firm())
    # A head's part of the coach is rounded down, in the draft and outside it.
    assert 0 <= whole.owed_fen - rest.owed_fen - claiming.claim(claim_id).claimed_fen <= 1
    claiming.desk.drop_trips(firm(), claim_id, [FIRST, SECOND])
    assert claiming.claim(claim_id).claimed_fen == 0


def test_another_contract_is_recorded_once_the_claim_by_the_first_is_returned_and_not_before(
    claiming: Claiming,
) -> None:
    trip = claiming.trip(FIRST)

    def sign(number: str) -> int:
        other = contract_of(trip, "贵J12340", contract_no=number, price_fen=trip.cost_fen - 60_000)
        with claiming.dispatch.database.session() as session:
            return sign_contracts(session, PROVINCE, [other], Cause.fresh(), claiming.dispatch.clock)

    claim_id = claiming.submit(keep=[FIRST])
    claiming.desk.take_up(REVIEWER, claim_id)
    with pytest.raises(TripClaimed, match=f"contract HT-{FIRST}. Have the claim returned"):
        sign("HT-2")
    claiming.desk.decide(REVIEWER, claim_id, Act.RETURN, "合同有误")
    assert sign("HT-2") == 1
    claiming.fill(claim_id)
    claiming.desk.submit(firm(), claim_id)
    # Half of the 100 yuan less a head of the two others; the relocated are above their cap either way.
    assert abs(claiming.claim(claim_id).payable_fen - 2 * (HEAD_FEN - 5_000) - RELOCATED_FEN) <= 2
    assert claiming.claim(claim_id).claimed_fen == claiming.claim(claim_id).payable_fen
    with pytest.raises(TripClaimed, match="by contract HT-2"):
        sign("HT-3")
    claiming.require_sound()


def test_an_empty_claim_is_not_handed_in(claiming: Claiming) -> None:
    claim_id = claiming.draft(keep=[FIRST])
    claiming.desk.drop_trips(firm(), claim_id, [FIRST])
    with pytest.raises(NothingToClaim):
        claiming.desk.submit(firm(), claim_id)


@pytest.mark.parametrize("state", ["draft", "returned", "rejected"])
def test_what_was_not_handed_in_or_is_refused_is_not_checked(claiming: Claiming, state: str) -> None:
    claim_id = claiming.submit(keep=[FIRST]) if state != "draft" else claiming.draft(keep=[FIRST])
    if state != "draft":
        claiming.desk.take_up(REVIEWER, claim_id)
        claiming.desk.decide(
            REVIEWER, claim_id, Act.RETURN if state == "returned" else Act.REJECT, "材料不实"
        )
    with pytest.raises(ClaimNotReady):
        claiming.desk.check(firm(), claim_id)


@pytest.fixture
def shared(dispatch: Dispatch) -> Callable[..., Claiming]:
    """One coach under other terms."""

    def lived(**changes: object) -> Claiming:
        live(dispatch, 1, **changes)
        return Claiming(dispatch)

    return lived


def test_the_lead_enterprise_of_a_joint_charter_claims_for_all_and_the_other_for_nobody(
    shared: Callable[..., Claiming],
) -> None:
    claiming = shared(joint_charter="lead_enterprise")
    with pytest.raises(NothingToClaim):
        claiming.draft(firm(B))
    claim_id = claiming.paid()
    assert len(claiming.seats(claim_id)) == 6
    assert claiming.claim(claim_id).paid_fen == claiming.trip(FIRST).subsidy_fen
    assert claiming.flags(claim_id) == []
    claiming.require_sound()


def test_a_carrier_claims_what_its_provision_pays_and_the_enterprises_the_rest(
    shared: Callable[..., Claiming],
) -> None:
    payers = [{"payer": "origin_county", "share": 1}, {"payer": "origin_prefecture", "share": 1}]
    bought = {
        "categories": ["RELOCATED"],
        "rule": {"kind": "full_cost"},
        "payers": payers,
        "claimant": "carrier",
    }
    rest = {"rule": {"kind": "percentage", "rate_percent": 50}, "payers": payers}
    claiming = shared(provisions=[bought, rest])
    carrier = Principal("carrier's clerk", frozenset({Role.CARRIER}), (), "C01")
    first = claiming.paid(carrier)
    assert sorted(claiming.seats(first)) == ["R0000", "R0003"]
    assert claiming.claim(first).paid_fen == 2 * RELOCATED_FEN
    second = claiming.paid()
    assert sorted(claiming.seats(second)) == ["R0001", "R0002"]
    claiming.paid(firm(B))
    claiming.require_sound()
    for payer in PAYERS:
        assert claiming.account(payer).settled_fen == claiming.account(payer).paid_fen
