"""Knows every reason for refusing a row and how each is worded; refuses to know which row it was.

A fault says what is wrong and what mends it, in Chinese and English. Its text may carry what somebody typed into
a place or enterprise cell, never a resident ID, a phone or a name: those are only pointed at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.roster import COLUMNS, LATER_COLUMNS, Column


class _Words(NamedTuple):
    zh: str
    en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, and what to do about it."""

    field: str
    code: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


WORDS: Final[dict[str, _Words]] = {
    "required": _Words(
        "{zh}没有填写", "{en} is empty", "请填写{zh}后重新上传这一行", "Fill in {en} and send this row again"
    ),
    "name-unreadable": _Words(
        "姓名含有数字或符号，或长度不对",
        "The name has digits or signs in it, or the wrong length",
        "请按身份证填写姓名（2至40个字）",
        "Write the name as on the identity card (2 to 40 characters)",
    ),
    "id-number": _Words(
        "身份证号是以数字格式保存的，末尾几位已丢失，无法恢复",
        "The resident ID was kept as a number: its last digits are lost and cannot be recovered",
        "请把该列设为“文本”格式，重新输入18位号码",
        "Format the column as text and type the 18 characters again",
    ),
    "id-15": _Words(
        "身份证号是15位的旧号码",
        "The resident ID is an old one of 15 digits",
        "请填写现行的18位身份证号",
        "Write the present ID of 18 characters",
    ),
    "id-format": _Words(
        "身份证号不是18位（前17位为数字，末位为数字或X）",
        "The resident ID is not 17 digits and a digit or X",
        "请对照身份证重新填写",
        "Copy it again from the identity card",
    ),
    "id-birth": _Words(
        "身份证号中的出生日期不存在",
        "The date of birth inside the resident ID does not exist",
        "请对照身份证重新填写",
        "Copy it again from the identity card",
    ),
    "id-checksum": _Words(
        "身份证号校验码不符，有一位写错了",
        "The resident ID fails its check digit: a character is wrong",
        "请对照身份证重新填写",
        "Copy it again from the identity card",
    ),
    "too-young": _Words(
        "出发时未满{age}周岁",
        "Younger than {age} on departure",
        "未满{age}周岁不得外出务工，请从名单中删除",
        "Take the row out: nobody under {age} may be sent to work",
    ),
    "phone": _Words(
        "手机号不是11位大陆手机号",
        "The phone is not a mainland mobile number of 11 digits",
        "请填写以1开头的11位手机号，可带+86",
        "Write the 11 digits that begin with 1; +86 may stand before them",
    ),
    "unknown-stop": _Words(
        "本县没有名为“{given}”的乡镇或安置点",
        "This county has no township or resettlement site called “{given}”",
        "{hint_zh}",
        "{hint_en}",
    ),
    "unknown-enterprise": _Words(
        "没有登记过名为“{given}”的企业",
        "No enterprise called “{given}” is registered",
        "{hint_zh}",
        "{hint_en}",
    ),
    "unknown-gate": _Words(
        "{enterprise}没有登记名为“{given}”的厂门",
        "{enterprise} has registered no gate called “{given}”",
        "{hint_zh}",
        "{hint_en}",
    ),
    "date-unreadable": _Words(
        "“{given}”不是可识别的日期",
        "“{given}” is not a date that can be read",
        "请写成 年-月-日，如 2020-02-24",
        "Write year-month-day, such as 2020-02-24",
    ),
    "window-past": _Words(
        "最晚出发日期 {latest} 已经过去（今天是 {today}）",
        "The latest departure {latest} is in the past (today is {today})",
        "请改为今天或以后的日期",
        "Give a day from today on",
    ),
    "window-reversed": _Words(
        "最晚出发日期 {latest} 早于最早出发日期 {earliest}",
        "The latest departure {latest} is before the earliest {earliest}",
        "请对调或改正两个日期",
        "Swap or correct the two dates",
    ),
    "window-long": _Words(
        "出发时间段有 {days} 天，最多 {limit} 天",
        "The departure window has {days} days; {limit} is the most",
        "请缩短时间段",
        "Shorten the window",
    ),
    "window-far": _Words(
        "最早出发日期 {earliest} 距今超过 {limit} 天",
        "The earliest departure {earliest} is more than {limit} days ahead",
        "请检查年份，或到时再报",
        "Check the year, or send it nearer the time",
    ),
    "category": _Words(
        "没有“{given}”这一人员类别",
        "There is no category “{given}”",
        "请从下拉列表中选择：{choices}",
        "Choose one of: {choices}",
    ),
    "organising-mode": _Words(
        "没有“{given}”这一组织方式",
        "There is no organising mode “{given}”",
        "请从下拉列表中选择：{choices}",
        "Choose one of: {choices}",
    ),
    "text-long": _Words(
        "{zh}超过{limit}个字",
        "{en} is longer than {limit} characters",
        "请缩短后重新上传",
        "Shorten it and send it again",
    ),
    "formula": _Words(
        "单元格里是公式，不是内容",
        "The cell holds a formula, not a value",
        "请复制后用“选择性粘贴—数值”粘贴，再上传",
        "Copy and paste it as values, then send it again",
    ),
    "duplicate-row": _Words(
        "与第{row}行是同一个人",
        "The same person as row {row}",
        "一人只报一行，请删除重复的一行",
        "Keep one row for one person",
    ),
    "already-active": _Words(
        "此人本季已有在办需求（{request}），无需重复上报",
        "This person already has a request under way this season ({request}); there is no need to send it again",
        "如需更改，请打开该需求进行修改或撤回",
        "To change it, open that request and amend or withdraw it",
    ),
    "active-elsewhere": _Words(
        "此人本季在其他县已有在办需求",
        "This person has a request under way in another county this season",
        "请本人联系原报名县撤回后再报，或由原报名县继续承运",
        "Ask the person to have the other county withdraw it, or to travel with that county",
    ),
    "party-large": _Words(
        "家庭编组有 {size} 人，最多 {limit} 人",
        "The family group has {size} people; {limit} is the most",
        "请按实际家庭分成几组",
        "Make several groups of the families that they are",
    ),
    "party-differs": _Words(
        "同一家庭编组的{zh}不一致，一家人须同站上车、同门下车、同一时间段",
        "The family group differs in {en}: a family boards, leaves and travels together",
        "请统一该编组各行的{zh}，或改为不同编组",
        "Make {en} the same in all its rows, or give them different groups",
    ),
    "day": _Words(
        "不是可识别的日期",
        "Not a date that can be read",
        "请写成 年-月-日，如 2020-02-24",
        "Write year-month-day, such as 2020-02-24",
    ),
    "month": _Words(
        "不是可识别的月份",
        "Not a month that can be read",
        "请写成 年-月，如 2020-03",
        "Write year-month, such as 2020-03",
    ),
    "not-yet": _Words(
        "时间在今天（{today}）以后",
        "Later than today ({today})",
        "请检查年份",
        "Check the year",
    ),
    "amount": _Words(
        "金额不是大于0的元数（最多两位小数）",
        "Not an amount in yuan above 0 with two decimals at most",
        "请只写数字，如 500 或 500.00",
        "Write digits alone, such as 500 or 500.00",
    ),
    "months": _Words(
        "不是 1 至 999 的整月数",
        "Not a whole number of months from 1 to 999",
        "请只写整数，如 12",
        "Write digits alone, such as 12",
    ),
    "credit-code": _Words(
        "统一社会信用代码不正确",
        "Not a unified social credit code",
        "请对照营业执照填写18位代码",
        "Copy the 18 characters from the business licence",
    ),
    "source-numbered": _Words(
        "来源里有一串像证件号或手机号的数字",
        "The source holds digits like those of an ID or a phone",
        "来源只写提供名单的单位名称",
        "Name the office that keeps the list, and nobody else",
    ),
    "household-number": _Words(
        "户编号不是由数字、字母组成的编号",
        "The household number is not made of digits and letters",
        "请填写本县台账中的户编号（最多40位）",
        "Write its number in the county's register (40 characters at most)",
    ),
    "relation": _Words(
        "不是可识别的家庭关系",
        "Not a relation to the head of the household that is known",
        "请填写：{choices}",
        "Write one of: {choices}",
    ),
    "yes-no": _Words("不是“是”或“否”", "Neither yes nor no", "请填写“是”或“否”", "Write yes or no"),
    "after-as-of": _Words(
        "就业日期晚于数据日期",
        "Employed only after the day of the data",
        "请核对两个日期",
        "Check both days",
    ),
    "work-area": _Words(
        "已就业但没有填写就业地",
        "Employed, and no work area is given",
        "请填写就业地的区划代码或全称",
        "Write the division code or the full name of where they work",
    ),
    "unknown-area": _Words(
        "没有名为“{given}”的省、市州或县",
        "There is no province, prefecture or county called “{given}”",
        "请填写六位区划代码或全称",
        "Write its six-digit code or its full name",
    ),
    "unknown-place": _Words(
        "所选辖区没有名为“{given}”的乡镇或安置点，或不止一个",
        "The area has no township or resettlement site called “{given}”, or more than one",
        "{hint_zh}",
        "{hint_en}",
    ),
    "unknown-helper": _Words(
        "没有登记过这位帮扶责任人，或其不在本辖区工作",
        "No such helper is registered in this area",
        "请先登记，或留空",
        "Register the helper first, or leave it empty",
    ),
    "registered-elsewhere": _Words(
        "此人登记在其他辖区",
        "This person is registered in another area",
        "请联系上级部门核实后调整归属",
        "Ask the office above both areas to move them",
    ),
    "erased": _Words(
        "这一行的内容已经删除",
        "What this row said has been erased",
        "本人如仍需出行，请重新上报",
        "Send it again if the person still wants to travel",
    ),
    "party-refused": _Words(
        "同一家庭编组的第{rows}行被退回，一家人不拆开，故整组退回",
        "Row {rows} of the same family group is refused, and a family is never split",
        "请改正第{rows}行后与本行一起重新上传",
        "Mend row {rows} and send this row again with it",
    ),
}


def fault(field: str, code: str, **data: object) -> Fault:
    """The fault `code` of `field`, its words filled from `data`. An unknown code is a KeyError: our own mistake."""
    words = WORDS[code]
    return Fault(field, code, *(text.format(**data) for text in words))


class _Hidden(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def unquoted(one: Fault, columns: Iterable[Column] = (*COLUMNS, *LATER_COLUMNS)) -> Fault:
    """The fault without what somebody typed, which may be a name in the wrong column: for readers who have nothing to mend."""
    column = next((column for column in columns if column.key == one.field), None)
    named = _Hidden(zh=column.zh, en=column.en) if column else _Hidden()
    return Fault(one.field, one.code, *(text.format_map(named) for text in WORDS[one.code]))
