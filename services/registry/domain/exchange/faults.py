"""Knows each reason for refusing a line of the provincial system's files, and how it is worded; none quotes a person."""

from typing import Final

from services.registry.domain.fault import Fault

_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "word-unknown": (
        "“{heading}”的内容不在代码表中",
        "The word under “{heading}” is not in the mapping's table",
        "请填写以下之一：{choices}；或在列对应表的新版本中增加",
        "Write one of: {choices}; or add it to a new version of the mapping",
    ),
    "place-unknown": (
        "没有找到该乡镇或安置点，或其不在您的辖区内",
        "There is no such township or site, or it is not in your area",
        "请核对县名与乡镇、安置点名称，或填写代码",
        "Check the names of the county and the place, or write the code",
    ),
    "work-area": (
        "务工地代码不是6位行政区划代码",
        "The work area is no division code of six digits",
        "请填写地级市或县的6位代码，如 441900",
        "Write the six digits of a prefecture or county, such as 441900",
    ),
    "removal": (
        "该行要求移除人员，导入时不执行",
        "The row asks for a removal, which an import does not carry out",
        "请由经办人核实后在人员页面办理迁出",
        "Have a clerk check it and settle it on the person's page",
    ),
    "not-your-file": (
        "该人员不能由您的辖区导入",
        "Your area cannot import this person",
        "请联系州、省人社部门核对其户籍所在地",
        "Ask the prefecture's or the province's bureau where the person is registered",
    ),
    "token-unknown": (
        "没有这个行号，或它不属于您的辖区",
        "There is no row of that number, or it is not your area's",
        "请核对回执文件是否对应本系统导出的文件",
        "Check that the receipts belong to a file exported from here",
    ),
    "token-absent": (
        "没有行号，也没有指明是哪一次导出，无法对应",
        "Without a row number, and without an export named, it answers nothing",
        "请在上传时选择所回复的那一次导出",
        "Name the export that it answers when you upload it",
    ),
    "person-not-sent": (
        "所选的导出中没有此人",
        "This person is not in the export that was named",
        "请核对所选导出，或身份证号",
        "Check which export was named, or the resident ID",
    ),
    "answer-reversed": (
        "此行已被接受，后来的退回不再生效",
        "This row was accepted before: a refusal after that is not taken",
        "请向系统管理方核实以哪一次为准",
        "Ask the system's office which of the two holds",
    ),
    "answered-twice": (
        "同一文件的第{row}行已对此行作出回复",
        "Row {row} of the same file answers this row already",
        "请只保留一条回执",
        "Keep one receipt for one row",
    ),
}


def fault(field: str, code: str, **data: object) -> Fault:
    """The fault `code` of `field`, its words filled from `data`."""
    return Fault(field, code, *(text.format(**data) for text in _WORDS[code]))
