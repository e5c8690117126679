import pytest

from services.registry.domain.rights.case import (
    CHANNELS,
    OVER,
    Act,
    ActNotPossible,
    AmountNotFitting,
    CaseOutcome,
    OutcomeNotPossible,
    State,
    check_outcome,
    follow,
    last_act,
    list_acts,
)


def test_a_case_goes_from_one_channel_to_the_next_and_to_its_end() -> None:
    state = State.OPENED
    for act, wanted in (
        (Act.ASSIGN, State.ASSIGNED),
        (Act.MEDIATE, State.MEDIATION),
        (Act.ARBITRATE, State.ARBITRATION),
        (Act.SUE, State.COURT),
        (Act.RESOLVE, State.RESOLVED),
        (Act.CLOSE, State.CLOSED),
    ):
        state = follow(state, act)
        assert state == wanted
    assert list_acts(State.CLOSED) == []


def test_nothing_goes_back_from_court_and_nobody_s_case_goes_nowhere_before_it_is_assigned() -> None:
    for act in (Act.MEDIATE, Act.ARBITRATE, Act.INSPECT):
        with pytest.raises(ActNotPossible):
            follow(State.COURT, act)
        with pytest.raises(ActNotPossible):
            follow(State.OPENED, act)
    with pytest.raises(ActNotPossible):
        follow(State.ARBITRATION, Act.MEDIATE)


def test_what_was_resolved_may_be_taken_up_again_and_what_is_withdrawn_only_closed() -> None:
    assert set(list_acts(State.RESOLVED)) == {Act.MEDIATE, Act.ARBITRATE, Act.SUE, Act.INSPECT, Act.CLOSE}
    assert list_acts(State.WITHDRAWN) == [Act.CLOSE]


def test_what_nobody_ends_is_withdrawn_and_keeps_the_outcome_it_has() -> None:
    ends = {state: follow(state, last_act(state)) for state in State if state not in OVER}
    assert ends.pop(State.RESOLVED) == State.CLOSED
    assert ends.keys() == {State.OPENED, State.ASSIGNED, *CHANNELS}
    assert set(ends.values()) == {State.WITHDRAWN}
    for state in OVER:
        with pytest.raises(ActNotPossible):
            last_act(state)


def test_an_award_comes_from_arbitration_a_judgment_from_court_and_an_order_from_inspection() -> None:
    own = {
        CaseOutcome.AWARD: State.ARBITRATION,
        CaseOutcome.JUDGMENT: State.COURT,
        CaseOutcome.INSPECTION_ORDER: State.INSPECTION,
    }
    for outcome, state in own.items():
        check_outcome(state, outcome, 1)
        for other in set(CHANNELS) - {state}:
            with pytest.raises(OutcomeNotPossible):
                check_outcome(other, outcome, 1)
    with pytest.raises(OutcomeNotPossible):
        check_outcome(State.MEDIATION, CaseOutcome.WITHDRAWN, None)


def test_who_settles_says_for_how_much_and_what_is_unfounded_has_no_amount() -> None:
    check_outcome(State.MEDIATION, CaseOutcome.SETTLED, 0)
    with pytest.raises(AmountNotFitting):
        check_outcome(State.MEDIATION, CaseOutcome.SETTLED, None)
    with pytest.raises(AmountNotFitting):
        check_outcome(State.MEDIATION, CaseOutcome.UNFOUNDED, 100)
