"""Amounts in Chinese capitals."""

import pytest

from services.dispatcher.papers.capitals import capitals


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (1_00, "壹元整"),
        (1_05, "壹元零伍分"),
        (10_00, "壹拾元整"),
        (101_00, "壹佰零壹元整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (107_000_53, "壹拾万零柒仟元伍角叁分"),
        (1_000_005_00, "壹佰万零伍元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_100_00, "壹亿零壹佰元整"),
        (1_234_567_890_12, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)
def test_an_amount_reads_as_vouchers_carry_it(amount_fen: int, text: str) -> None:
    assert capitals(amount_fen) == text


@pytest.mark.parametrize("amount_fen", [-1, 10**18])
def test_an_amount_beyond_words_is_refused(amount_fen: int) -> None:
    with pytest.raises(ValueError, match="cannot be written in capitals"):
        capitals(amount_fen)
