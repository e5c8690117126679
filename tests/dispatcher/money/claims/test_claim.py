"""Every act from every state by everybody, against a table of `domain.md` §6; and no person in two offices' parts."""

from datetime import date
from itertools import product

import pytest

from services.dispatcher.money.claims.claim import (
    LIVE,
    PENDING,
    Act,
    CalendarUnknown,
    ClaimNotReady,
    ClaimState,
    DutiesNotSeparate,
    Duty,
    Note,
    ReviewerChanged,
    Step,
    duty_of,
    follow,
    list_acts,
    notice_end,
    require_separate,
)

# State -> act -> state after it, whose part the act is (c: claimant, r: reviewer, p: payer, -: nobody's).
ALLOWED = {
    "draft": {"submit": "submitted c"},
    "returned": {"submit": "submitted c"},
    "submitted": {"precheck": "prechecked -"},
    "prechecked": {"take_up": "under_review r"},
    "under_review": {
        "publicise": "publicised r",
        "return": "returned r",
        "reject": "rejected r",
        "suspend": "suspended r",
    },
    "publicised": {
        "approve": "approved r",
        "return": "returned r",
        "reject": "rejected r",
        "suspend": "suspended r",
    },
    "approved": {"receive": "finance_review p", "suspend": "suspended r"},
    "finance_review": {"pay": "paid p", "suspend": "suspended r"},
    "suspended": {"resume": "under_review r"},
    "paid": {"archive": "archived p", "open_clawback": "clawback_open r"},
    "archived": {"open_clawback": "clawback_open r"},
    "clawback_open": {"recover": "recovered p"},
    "recovered": {"archive": "archived p", "open_clawback": "clawback_open r"},
    "rejected": {},
}
WHOSE = {"c": Duty.CLAIMANT, "r": Duty.REVIEWER, "p": Duty.PAYER, "-": Duty.SYSTEM}
PARTS = {
    Duty.CLAIMANT: (Act.SUBMIT, Note.DRAFT, Note.PAPERS),
    Duty.REVIEWER: (Act.TAKE_UP, Act.OPEN_CLAWBACK, Note.CLEAR_FLAG, Note.ANSWER_OBJECTION),
    Duty.PAYER: (Act.RECEIVE, Act.PAY, Act.RECOVER, Act.ARCHIVE),
}


@pytest.mark.parametrize(("state", "act"), list(product(ClaimState, Act)), ids=str)
def test_an_act_is_possible_from_these_states_and_no_other(state: ClaimState, act: Act) -> None:
    allowed = ALLOWED[state].get(act)
    assert (act in list_acts(state)) == (allowed is not None)
    if allowed is None:
        with pytest.raises(ClaimNotReady, match=f"is {state}, so {act} is not possible"):
            follow("C-1", state, act)
    else:
        after, whose = allowed.split()
        assert (follow("C-1", state, act), duty_of(act)) == (after, WHOSE[whose])


def test_a_claim_is_never_at_a_dead_end_but_where_it_is_rejected() -> None:
    assert {state for state in ClaimState if not list_acts(state)} == {"rejected"}
    assert set(ClaimState) - LIVE == {"rejected"}


def test_what_waits_for_an_office_holds_up_the_close_of_a_season_and_what_waits_for_its_claimant_does_not() -> (
    None
):
    assert set(PENDING) == {
        "submitted",
        "prechecked",
        "under_review",
        "publicised",
        "approved",
        "finance_review",
        "suspended",
    }


@pytest.mark.parametrize(
    ("done", "wanted"), list(product(PARTS, (*PARTS, Duty.SYSTEM))), ids=lambda duty: str(duty)
)
def test_nobody_does_anything_of_two_offices_parts(done: Duty, wanted: Duty) -> None:
    acts = (*PARTS.get(wanted, ()), *([Act.PRECHECK, Note.OBJECT] if wanted is Duty.SYSTEM else []))
    for before, act in product(PARTS[done], acts):
        history = [Step(before, "a")]
        if wanted in (done, Duty.SYSTEM):
            require_separate("C-1", history, act, "a")
            continue
        with pytest.raises(DutiesNotSeparate, match=f"a has been the {done} of claim C-1"):
            require_separate("C-1", history, act, "a")
        require_separate("C-1", history, act, "b")


@pytest.mark.parametrize("act", [Act.PUBLICISE, Act.APPROVE, Act.REJECT])
def test_who_took_a_claim_up_decides_it_until_it_is_returned(act: Act) -> None:
    history = [Step(Act.SUBMIT, "a"), Step(Act.TAKE_UP, "b"), Step(Act.SUSPEND, "d"), Step(Act.RESUME, "d")]
    require_separate("C-1", history, act, "b")
    with pytest.raises(ReviewerChanged, match="b has taken up claim C-1"):
        require_separate("C-1", history, act, "d")
    again = [Step(Act.RETURN, "d"), Step(Act.SUBMIT, "a"), Step(Act.TAKE_UP, "d")]
    require_separate("C-1", history + again, act, "d")
    with pytest.raises(ReviewerChanged, match="d has taken up claim C-1"):
        require_separate("C-1", history + again, act, "b")


@pytest.mark.parametrize(
    ("first", "workdays", "last"),
    [
        (date(2024, 4, 9), 5, date(2024, 4, 15)),  # Fuyuan
        (date(2024, 1, 19), 5, date(2024, 1, 25)),  # Qingzhen
        (date(2020, 4, 25), 1, date(2020, 4, 26)),  # a Saturday; the Sunday was worked for Labour Day
        (date(2020, 4, 30), 2, date(2020, 5, 6)),
        (date(2020, 3, 4), 0, date(2020, 3, 4)),
    ],
)
def test_a_notice_runs_for_working_days(first: date, workdays: int, last: date) -> None:
    assert notice_end(first, workdays) == last


def test_a_notice_of_a_year_whose_holidays_nobody_knows_is_refused() -> None:
    with pytest.raises(CalendarUnknown, match="working days of 2098"):
        notice_end(date(2098, 3, 1), 5)
