"""A table that an enterprise is told gives back no count of a few; two of them do not say how many moved, though a step may fall."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from itertools import combinations, combinations_with_replacement, pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.rewards.workforce import MONTHS, SMALLEST, at_least, in_steps

AS_OF = date(2021, 3, 1)
STARTS = tuple(
    date(2021, 3 - months, 1) if months < 3 else date(2020, 15 - months, 1) for months in range(13)
)
"""By whole months until AS_OF."""
MOST = 16
DAYS = st.lists(st.sampled_from(STARTS), max_size=60)


def test_counts_are_of_those_that_many_months_and_more_in_steps_of_five() -> None:
    assert [in_steps(count) for count in (0, 1, 4, 5, 9, 10, 14)] == [0, 0, 0, 5, 5, 10, 10]
    days = [STARTS[0]] * 3 + [STARTS[2]] * 2 + [STARTS[3]] * 5 + [STARTS[12]] * 4
    assert at_least(days, AS_OF) == (10, 10, 5, 0, 0)  # of 14, 11, 9, 4, 4
    assert at_least([], AS_OF) == (0, 0, 0, 0, 0)


def _tables() -> list[tuple[int, ...]]:
    """Every table of up to MOST workers: how many have been there for at least each of MONTHS."""
    return [rising[::-1] for rising in combinations_with_replacement(range(MOST + 1), len(MONTHS))]


def _told(true: Sequence[int]) -> tuple[int, ...]:
    days = [
        STARTS[least]
        for least, (count, next_one) in zip(MONTHS, pairwise((*true, 0)), strict=True)
        for _ in range(count - next_one)
    ]
    return at_least(days, AS_OF)


def _figures() -> list[Callable[[Sequence[int]], int]]:
    """All that can be made of one table: each count, and who lies between any two of them."""
    counts: list[Callable[[Sequence[int]], int]] = [lambda row, n=n: row[n] for n in range(len(MONTHS))]
    between: list[Callable[[Sequence[int]], int]] = [
        lambda row, a=a, b=b: row[a] - row[b] for a, b in combinations(range(len(MONTHS)), 2)
    ]
    return counts + between


def test_no_count_of_a_few_follows_from_a_table_nor_from_any_difference_in_it() -> None:
    """By trying every table: wherever the truth is below five, what is told would be the same with another truth."""
    figures = _figures()
    possible: dict[tuple[int, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in figures])
    for true in _tables():
        for seen, figure in zip(possible[_told(true)], figures, strict=True):
            seen.add(figure(true))
    cut = {told for told in possible if told[0] > MOST - SMALLEST}  # whose larger truths were not tried
    for told in possible.keys() - cut:
        for values in possible[told]:
            assert len(values) > 1 or min(values) >= SMALLEST, told
            assert not values & set(range(SMALLEST)) or max(values) >= SMALLEST - 1, told


def test_of_just_so_many_as_make_a_step_one_who_leaves_is_seen_to_by_who_knew_the_number() -> None:
    """What rounding does not hide, as docs/privacy.md says."""
    assert [at_least([STARTS[0]] * count, AS_OF)[0] for count in (10, 9)] == [10, 5]


@given(DAYS, DAYS)
def test_two_days_views_do_not_tell_how_many_came_or_went_where_it_may_be_a_few(
    before: list[date], after: list[date]
) -> None:
    """Whatever moved, nine different movements of each count are told the same way."""
    for one, other in zip(at_least(before, AS_OF), at_least(after, AS_OF), strict=True):
        told = {
            b - a for a in range(one, one + SMALLEST) for b in range(other, other + SMALLEST)
            if (in_steps(a), in_steps(b)) == (one, other)
        }  # fmt: skip
        assert len(told) == 2 * SMALLEST - 1
