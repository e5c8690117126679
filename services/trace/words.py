"""How codes read on a terminal, English and Chinese together."""

from collections.abc import Mapping

from services.dispatcher.money.books.words import KINDS
from services.dispatcher.money.claims.words import ACTS, STATES
from services.dispatcher.money.rules.words import BEARERS

_WORDS: Mapping[str, str] = {
    "trip": "车次", "claim": "申报", "transfer": "分录", "voucher": "凭证", "request": "申请",
    "waiting": "等待编排", "planned": "已编车", "withdrawn": "已撤回", "notified": "已通知", "unserved": "未能安排",
    "proposed": "待审批", "departed": "已发车", "settled": "已结算", "cancelled": "已取消",
    "round": "编排", "amendment": "调整方案",
    "counted": "计入", "held": "暂缓", "clawed_back": "已追回",
    "boarded": "已上车", "arrived": "已到厂", "no_show": "未乘车", "refused": "不予补贴或未接收", "disputed": "有争议",
    "bill": "车次账单", "charter": "包车费用", "base": "人数占比", "rule": "规则", "caps": "上限", "payer": "出资方", "season_cap": "每季上限",
    "cut": "核减",
    **{code: zh for words in (ACTS, STATES, KINDS, BEARERS) for code, (zh, _) in words.items()},
}  # fmt: skip
"""Of a code that stands in two tables (`draft`, `recover`) the later one's word."""


def word(code: str | None) -> str:
    """`settle` -> `settle 结算`; the code alone where there is no word."""
    if code is None:
        return "-"
    text = code.replace("_", " ")
    return f"{text} {_WORDS[code]}" if code in _WORDS else text
