"""Reads an amount of a file as whole fen: exact decimal yuan, and nothing that a reader would have to guess."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from shared.kernel.money import FEN_PER_YUAN, yuan

_EXACT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?")
_MENDS = (
    (r"[0-9]{14}", "请核对：金额过大", "Check it: so much money does not exist."),
    (
        r"[0-9.]+[eE][-+]?[0-9]+",
        "请写出全部数字，不用科学计数法",
        "Write all digits out, without an exponent.",
    ),
    (
        r"[0-9]{1,3}([,，'\s][0-9]{3})+(\.[0-9]*)?",
        "请去掉千分位分隔符",
        "Leave out the separators of thousands.",
    ),
    (r"[0-9]+\.[0-9]{3,}", "最多两位小数，即精确到分", "Give at most two decimals: fen are the smallest."),
)


def read_yuan(written: Any) -> int:
    """`1234.5` is 123,450 fen. Raises ValueError that says what to write instead."""
    text = str(written).strip()
    exact = _EXACT.fullmatch(text)
    if exact:
        return int(exact[1]) * FEN_PER_YUAN + int((exact[2] or "").ljust(2, "0"))
    for pattern, zh, en in _MENDS:
        if re.fullmatch(pattern, text):
            raise ValueError(f"{zh} / {en}")
    raise ValueError("请以元填写，如 1234.50 / Give yuan such as 1234.50.")


Yuan = Annotated[int, BeforeValidator(read_yuan), Field(gt=0)]
"""A column of yuan, as fen."""


def at_most(most_fen: int, what: tuple[str, str] = ("", "")) -> AfterValidator:
    """A limit that is told in yuan, as the amount is written; `what` costs no more, in Chinese and English."""

    def within(fen: int) -> int:
        if fen > most_fen:
            most = yuan(most_fen)
            raise ValueError(f"{what[0]}不超过 {most} 元，请核对 / Check it: {what[1]}at most {most} yuan.")
        return fen

    return AfterValidator(within)
