"""Why a record of a try is not taken, and how that is worded; tells nothing of who it was about."""

from typing import Final

from services.registry.domain.fault import Fault

_WORDS: Final[dict[str, tuple[str, str, str, str, str]]] = {
    "not-on-your-list": (
        "person_id",
        "此人在该月不在您的名单上",
        "This person is not on your list of that month",
        "请联网刷新名单；名单已移交的，由现在的帮扶责任人登记",
        "Load the list again; whoever helps them now records it",
    ),
    "month-closed": (
        "month",
        "该月已于{closes_on}截止",
        "That month closed on {closes_on}",
        "请在本月的任务中登记，或请县人社局说明",
        "Record it with this month's task, or tell the county bureau",
    ),
    "month-to-come": (
        "month",
        "该月还没有开始",
        "That month has not begun",
        "请核对月份和手机时间",
        "Check the month and the phone's clock",
    ),
    "clock-ahead": (
        "recorded_at",
        "登记时间在当前时间之后",
        "It says it was recorded later than now",
        "请校准手机时间后重新登记",
        "Set the phone's clock and record it again",
    ),
    "try-outside-month": (
        "tried_at",
        "联系时间不在该月内，或晚于登记时间",
        "The try lies outside the month, or after it was recorded",
        "请填写该月内实际联系的时间",
        "Give the time of the try, within that month",
    ),
    "id-in-use": (
        "record_id",
        "同一编号此前登记过不同的内容",
        "Something else was recorded under this id before",
        "请用新编号重新登记；先前的登记没有改动",
        "Record it again under a new id; what was recorded before is as it was",
    ),
    "nowhere-employed": (
        "outcome",
        "系统里没有此人原来的单位",
        "No employer of this person is known, so it cannot be the same",
        "请改选“换了单位”，并写明所在地",
        "Choose “changed” and say where",
    ),
    "area-needed": (
        "area_code",
        "没有写明在哪里工作",
        "It does not say where the new work is",
        "请写明六位行政区划代码，或登记过的企业",
        "Give a division's code of six digits, or a registered enterprise",
    ),
    "enterprise-unknown": (
        "enterprise_id",
        "没有登记过这家企业",
        "This enterprise is not registered",
        "请只写所在地，或先登记企业",
        "Say only where it is, or register the enterprise first",
    ),
    "not-employed-there": (
        "enterprise_id",
        "未就业的结果不能写单位、所在地或工资",
        "Who is not employed has no employer, place or wage",
        "请去掉这些内容",
        "Leave these out",
    ),
}


def fault(code: str, **said: str) -> Fault:
    """That fault, with what it speaks of put in."""
    field, *words = _WORDS[code]
    zh, en, mend_zh, mend_en = (one.format(**said) for one in words)
    return Fault(field, code, zh, en, mend_zh, mend_en)
