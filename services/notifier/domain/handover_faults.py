"""The words of what can be wrong with one answer of an enterprise: what it is, and what to do."""

from typing import Final

FAULTS: Final[dict[str, tuple[str, str]]] = {
    "not-your-rider": (
        "此人不在本车次送到贵单位的名单上。请核对编号，或刷新名单。",
        "Nobody with this number is on the list of this trip for your enterprise. Check it, or reload the list.",
    ),
    "answered-twice": (
        "同一人出现两次，请只保留一条。",
        "The same worker is answered twice. Keep one.",
    ),
    "outcome-missing": (
        "填写了原因或备注，但没有选择结果。请选择到达、未到、不接收或有异议。",
        "There is a reason or a note without an answer. Choose arrived, absent, refused or dispute.",
    ),
    "reason-missing": (
        "不接收或有异议须说明原因。请选择原因，或填写备注。",
        "To refuse or to dispute takes a reason. Choose one, or write a note.",
    ),
    "reason-out-of-place": (
        "只有不接收或有异议才需要原因。请删去原因。",
        "Only who is refused or disputed has a reason. Take it out.",
    ),
    "note-too-long": (
        "备注超过{length}字，请缩短。",
        "The note is longer than {length} characters. Shorten it.",
    ),
    "note-has-number": (
        "备注中有电话或证件号一类的长串数字，请删去；日期请写成“2月25日”。",
        "The note holds a long number, as of a phone or an ID. Take it out; write a date as 25 Feb.",
    ),
    "too-early": (
        "车辆最早 {opens_zh} 才能到厂。请在工人到厂后确认；车次时间有误请联系调度员。",
        "The coach cannot be at the gate before {opens_en}. Confirm when the worker is there; ask the dispatcher if the "
        "timetable is wrong.",
    ),
    "closed": (
        "更改期限已过（{until_zh}）。请联系县人社局。",
        "Answers could be changed until {until_en}. Ask the county labour bureau.",
    ),
}
"""Code -> Chinese, English."""
