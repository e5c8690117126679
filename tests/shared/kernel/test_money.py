import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import round_half_up, share, yuan


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_parts_always_sum_to_the_whole(total_fen: int, weights: list[int]) -> None:
    assert sum(share(total_fen, weights)) == total_fen


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**4), min_size=1).filter(any))
def test_no_part_is_a_fen_or_more_away_from_its_exact_share(total_fen: int, weights: list[int]) -> None:
    for part, weight in zip(share(total_fen, weights), weights, strict=True):
        assert abs(part * sum(weights) - total_fen * weight) < sum(weights)


def test_ten_yuan_among_three_gives_the_odd_fen_to_the_first() -> None:
    assert share(1000, [1, 1, 1]) == [334, 333, 333]


def test_money_without_anybody_to_bear_it_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        share(1, [0, 0])


def test_half_a_fen_is_rounded_up() -> None:
    assert [round_half_up(n, 2) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]


def test_an_amount_reads_as_yuan() -> None:
    assert (yuan(-1234567), yuan(5)) == ("-12,345.67", "0.05")
