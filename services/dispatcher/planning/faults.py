"""Knows what can be wrong with what a planner is given, and how to say it; plans nothing."""

from shared.kernel.errors import InvalidInput, Unavailable


class BadProblem(InvalidInput):
    """The planning problem is refused at {where}: {fault}. {mend}."""

    zh = "规划问题在 {where} 处被拒绝：{fault_zh}。{mend_zh}。"


class BadPlan(InvalidInput):
    """The plan is refused at {where}: {fault}. {mend}."""

    zh = "方案在 {where} 处被拒绝：{fault_zh}。{mend_zh}。"


class PlanRefused(InvalidInput):
    """The plan of {problem} breaks rule {rule} ({where}): it is not kept. Report it with the round's id."""

    zh = "{problem} 的方案违反规则 {rule}（{where}），不予采用。请附上轮次编号报告此问题。"


class UnknownEngine(InvalidInput):
    """There is no planning engine {engine!r}. Choose one of: {known}."""

    zh = "没有名为 {engine!r} 的规划引擎。请选择：{known}。"


class BadStop(InvalidInput):
    """The stopping rule is refused: {field} is {value}. Give a figure above zero, or leave it out."""

    zh = "停止规则被拒绝：{field} 为 {value}。请填写大于零的数，或不填。"


class PlannerCrashed(Unavailable):
    """The worker process that was planning {problem!r} ended before it answered. Send the problem again."""

    zh = "正在规划 {problem!r} 的工作进程意外结束。请重新提交该问题。"
