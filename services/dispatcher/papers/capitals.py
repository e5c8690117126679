"""Writes an amount in Chinese capitals, as vouchers carry it (《支付结算办法》附一：正确填写票据和结算凭证的基本规定)."""

from shared.kernel.money import FEN_PER_YUAN

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capitals(amount_fen: int) -> str:
    """`1680050` is `壹万陆仟捌佰元伍角整`. Raises ValueError for less than nothing or 10^16 yuan and more."""
    whole, fen = divmod(amount_fen, FEN_PER_YUAN)
    if not 0 <= whole < 10**16:
        raise ValueError(f"{amount_fen} fen cannot be written in capitals: give 0 to 10^16 yuan")
    jiao, fen = divmod(fen, 10)
    text = f"{_whole(whole)}元" if whole or not (jiao or fen) else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif fen and whole:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "整")


def _whole(number: int) -> str:
    """Groups of four from the left, one 零 for any run of zeros between digits."""
    if number == 0:
        return "零"
    text = ""
    gap = False
    for group in reversed(range(len(_GROUPS))):
        four = number // 10 ** (4 * group) % 10**4
        for place in reversed(range(4)):
            digit = four // 10**place % 10
            if digit:
                text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = bool(text) and digit == 0
        text += _GROUPS[group] if four else ""
    return text
