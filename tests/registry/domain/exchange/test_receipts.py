"""The states of a sent row grow alone: whatever order answers come in, twice or late, the end is the same."""

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.exchange.fields import Result
from services.registry.domain.exchange.receipts import Effect, RowState, answer

ANSWERS = st.lists(st.sampled_from(Result), max_size=8)


def end(answers: list[Result]) -> RowState:
    state = RowState.SENT
    for told in answers:
        if answer(state, told) is Effect.APPLIED:
            state = RowState(told.value)
    return state


@given(ANSWERS, st.randoms())
def test_answers_in_any_order_and_any_number_end_the_same(answers: list[Result], random: object) -> None:
    again = answers * 2
    random.shuffle(again)  # type: ignore[attr-defined]
    assert end(again) == end(answers)


def test_an_acceptance_stands_against_a_refusal_before_or_after_it() -> None:
    assert end([Result.REFUSED, Result.ACCEPTED]) is RowState.ACCEPTED
    assert end([Result.ACCEPTED, Result.REFUSED]) is RowState.ACCEPTED
    assert answer(RowState.ACCEPTED, Result.REFUSED) is Effect.REVERSED


def test_the_same_answer_again_changes_nothing() -> None:
    assert answer(RowState.ACCEPTED, Result.ACCEPTED) is Effect.UNCHANGED
    assert answer(RowState.REFUSED, Result.REFUSED) is Effect.UNCHANGED
