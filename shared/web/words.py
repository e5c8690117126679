"""How states, roles, categories and figures read on a page, in both languages; refuses to know what they cause."""

from datetime import date, datetime
from typing import Final, Literal

from shared.http.language import current_language, t
from shared.kernel.clock import SHANGHAI
from shared.kernel.money import yuan
from shared.security.principal import ROLE_WORDS, Role

Tone = Literal["plain", "wait", "go", "good", "warn", "bad"]
"""How a badge looks; the word says it too, so that nobody needs the colour."""

STATES: Final[dict[str, tuple[str, str, Tone]]] = {
    # a request
    "submitted": ("已登记", "submitted", "wait"),
    "planned": ("已编车", "planned", "go"),
    "notified": ("已通知", "notified", "go"),
    "boarded": ("已上车", "boarded", "go"),
    "arrived": ("已到厂", "arrived", "good"),
    "no_show": ("未乘车", "no-show", "bad"),
    "refused": ("企业未接收", "refused", "bad"),
    "disputed": ("有争议", "disputed", "warn"),
    "unserved": ("未能安排", "unserved", "bad"),
    "withdrawn": ("已撤回", "withdrawn", "plain"),
    # a round and a trip
    "requested": ("待编排", "requested", "wait"),
    "planning": ("编排中", "planning", "wait"),
    "proposed": ("待审批", "proposed", "warn"),
    "approved": ("已批准", "approved", "go"),
    "rejected": ("已退回", "rejected", "bad"),
    "failed": ("编排失败", "failed", "bad"),
    "departed": ("已发车", "departed", "go"),
    "settled": ("已结算", "settled", "good"),
    "cancelled": ("已取消", "cancelled", "bad"),
    # a roster row and a notice
    "accepted": ("已接受", "accepted", "good"),
    "known": ("已有登记", "known already", "plain"),
    "pending": ("待发送", "pending", "wait"),
    "sent": ("已发送", "sent", "good"),
    "expected": ("待确认", "expected", "wait"),
}
"""A state's code -> its words and tone; the codes are those of the wire."""

REASONS: Final[dict[str, tuple[str, str]]] = {
    "health": ("健康检查未通过", "health check not passed"),
    "papers": ("证件或证明不全", "papers missing"),
    "job": ("岗位或待遇与约定不符", "job or pay not as agreed"),
    "not_hired": ("不在招用名单", "not on the list of those hired"),
}
"""Why an enterprise refuses or disputes a worker, by the code on the wire."""

_WEEKDAYS: Final = (("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"))  # fmt: skip


def state_word(state: str) -> str:
    """A state in the reader's language; its code where it has no words."""
    zh, en, _ = STATES.get(state, (state, state, "plain"))
    return t(zh, en)


def state_tone(state: str) -> Tone:
    """How a state's badge looks."""
    return STATES.get(state, ("", "", "plain"))[2]


def reason_word(reason: str) -> str:
    """An enterprise's reason in the reader's language."""
    return t(*REASONS[reason])


def role_word(role: Role) -> str:
    """A role in the reader's language."""
    return t(*ROLE_WORDS[role])


def money(amount_fen: int) -> str:
    """`123456` fen -> `¥1,234.56`."""
    text = yuan(amount_fen)
    return f"−¥{text[1:]}" if text.startswith("-") else f"¥{text}"


def kilometres(distance_m: int) -> str:
    """`1234567` -> `1,235 km`, in Chinese `1,235 公里`."""
    return f"{round(distance_m / 1000):,} {t('公里', 'km')}"


def duration(duration_s: int) -> str:
    """`30900` -> `8 小时 35 分`, `8 h 35 min`; rounded to the minute."""
    hours, minutes = divmod(round(duration_s / 60), 60)
    if not hours:
        return t(f"{minutes} 分", f"{minutes} min")
    return t(f"{hours} 小时 {minutes:02d} 分", f"{hours} h {minutes:02d} min")


def day(value: date) -> str:
    """`2月24日 周一`, `24 Feb, Mon`."""
    zh, en = _WEEKDAYS[value.weekday()]
    if current_language() == "zh":
        return f"{value.month}月{value.day}日 {zh}"
    return f"{value.day} {value:%b}, {en}"


def hour(instant: datetime) -> str:
    """The wall time in China: `08:30`."""
    return instant.astimezone(SHANGHAI).strftime("%H:%M")


def moment(instant: datetime) -> str:
    """Day and wall time in China: `2月24日 周一 08:30`."""
    return f"{day(instant.astimezone(SHANGHAI).date())} {hour(instant)}"


def number(value: float) -> str:
    """`12345` -> `12,345`."""
    return f"{value:,}"


def percent(part: float, whole: float) -> str:
    """`percent(1, 3)` -> `33.3%`; a dash where there is no whole."""
    return f"{100 * part / whole:.1f}%" if whole else "—"
