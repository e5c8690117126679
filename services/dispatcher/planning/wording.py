"""Knows how to tell people why somebody stays behind and what would change it, in Chinese and English."""

from services.dispatcher.planning.plan import Mend, Reason
from services.dispatcher.planning.problem import Problem
from shared.kernel.errors import Language

_RULES = {
    "party-exceeds-coach": (
        "同行小组有 {figure} 人，最大车型只可售 {limit} 座",
        "the party has {figure} people and the largest coach {limit} seats",
    ),
    "no-coach-left": (
        "车队有 {fleet} 辆座位足够的车，当日其他班次占用 {elsewhere} 辆，本资源池用 {limit} 辆，"
        "由此上车点前往此厂门的 {figure} 人没有座位",
        "the fleet has {fleet} coaches large enough, other trips of the day take {elsewhere} and this "
        "pool {limit}, and {figure} workers from this stop to this gate find no seat",
    ),
    "duration-exceeded": (
        "单独成行也至少需要 {figure}，上限为 {limit}",
        "even alone the trip takes {figure}, and the limit is {limit}",
    ),
    "timetable-exceeded": (
        "按驾驶时间规定单独成行也至少需要 {figure}，上限为 {limit}",
        "even alone the lawful timetable takes {figure}, and the limit is {limit}",
    ),
    "no-road": ("没有可通行的道路", "there is no road"),
}
_MENDS = {
    "coach-with-seats": ("提供可售 {amount} 座的车辆", "a coach with {amount} seats"),
    "one-more-coach": (
        "{day} 增加 {amount} 辆 {coach}（{cost} 元）",
        "{amount} more {coach} on {day} (CNY {cost})",
    ),
    "another-day": ("改在 {day} 出发（增加 {cost} 元）", "leaving on {day} instead (CNY {cost} more)"),
    "longer-duration": ("将行程时限放宽到 {amount}", "a limit of {amount} for the trip"),
    "road": ("补充 {a} 至 {b} 的道路数据", "a road from {a} to {b} in the road table"),
}
_DURATIONS = ("duration-exceeded", "timetable-exceeded")


def word_reason(problem: Problem, reason: Reason, language: Language, elsewhere: int = 0) -> str:
    """One sentence: why, and the cheapest change that would carry them. `problem` names the days.

    `elsewhere`: coaches large enough that had been taken already when the problem was posed.
    """
    rule = _RULES[reason.rule][language == "en"]
    figures: dict[str, object] = {"limit": reason.limit, "figure": reason.figure}
    figures |= {"fleet": (reason.limit or 0) + elsewhere, "elsewhere": elsewhere}
    if reason.rule in _DURATIONS:
        figures = {name: _hours(figures[name], language) for name in ("limit", "figure")}
    why, mend = rule.format(**figures), _word_mend(problem, reason.mend, language)
    if language == "zh":
        return f"{why}；可行的办法：{mend}。"
    return f"{why[0].upper()}{why[1:]}; what would carry them: {mend}."


def _word_mend(problem: Problem, mend: Mend, language: Language) -> str:
    amount = _hours(mend.amount, language) if mend.change == "longer-duration" else mend.amount
    a, b = mend.nodes or ("", "")
    return _MENDS[mend.change][language == "en"].format(
        amount=amount,
        coach=mend.coach,
        day="" if mend.day is None else problem.days[mend.day].isoformat(),
        cost=_yuan(mend.cost_fen or 0),
        a=a,
        b=b,
    )


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def _hours(seconds: object, language: Language) -> str:
    """Hours and minutes, the minutes rounded up, so that a limit as worded is enough."""
    minutes = -(-int(str(seconds)) // 60)
    hour, minute = ("小时", "分钟") if language == "zh" else (" h ", " min")
    return f"{minutes // 60}{hour}{minutes % 60:02d}{minute}"
