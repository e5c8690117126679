"""Pydantic's findings as faults of fields with their mends, in both languages; never quotes the value.

The value may be a name or a phone, and an error is logged and shown where the value must not be.
"""

from collections.abc import Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from shared.http.problems import FieldsInvalid, JsonInvalid
from shared.kernel.errors import InvalidInput

Wording = tuple[str, str, str, str]
"""Fault in Chinese and English, mend in Chinese and English; {placeholders} from the finding's context."""

_WHERE = frozenset({"body", "query", "path", "header", "cookie"})

_WORDINGS: Final[dict[str, Wording]] = {
    "missing": ("缺少此字段", "is missing", "请补充", "Add it."),
    "extra_forbidden": (
        "不认识此字段",
        "is not a known field",
        "请删除或更正字段名",
        "Remove it or correct its name.",
    ),
    "string_type": ("不是文本", "is not text", "请填写文本", "Give text, in quotes."),
    "string_too_short": (
        "太短",
        "is too short",
        "至少 {min_length} 个字符",
        "Give at least {min_length} characters.",
    ),
    "string_too_long": (
        "太长",
        "is too long",
        "最多 {max_length} 个字符",
        "Give at most {max_length} characters.",
    ),
    "string_pattern_mismatch": (
        "格式不对",
        "is not of the expected form",
        "请符合格式 {pattern}",
        "Give it in the form {pattern}",
    ),
    "int_type": ("不是整数", "is not a whole number", "请填写整数", "Give a whole number."),
    "int_parsing": ("不是整数", "is not a whole number", "请填写整数", "Give a whole number."),
    "int_from_float": ("不是整数", "is not a whole number", "请填写整数", "Give a whole number."),
    "float_type": ("不是数字", "is not a number", "请填写数字", "Give a number."),
    "float_parsing": ("不是数字", "is not a number", "请填写数字", "Give a number."),
    "bool_type": ("不是真或假", "is neither true nor false", "请填写 true 或 false", "Give true or false."),
    "bool_parsing": (
        "不是真或假",
        "is neither true nor false",
        "请填写 true 或 false",
        "Give true or false.",
    ),
    "greater_than": ("太小", "is too small", "应大于 {gt}", "Give more than {gt}."),
    "greater_than_equal": ("太小", "is too small", "至少为 {ge}", "Give at least {ge}."),
    "less_than": ("太大", "is too large", "应小于 {lt}", "Give less than {lt}."),
    "less_than_equal": ("太大", "is too large", "最多为 {le}", "Give at most {le}."),
    "enum": ("不在可选值之内", "is not one of the choices", "可选：{expected}", "Choose from {expected}."),
    "literal_error": (
        "不在可选值之内",
        "is not one of the choices",
        "可选：{expected}",
        "Choose from {expected}.",
    ),
    "union_tag_invalid": (
        "不在可选值之内",
        "is not one of the choices",
        "{discriminator} 可选：{expected_tags}",
        "Choose {discriminator} from {expected_tags}.",
    ),
    "union_tag_not_found": (
        "没有注明种类",
        "does not say of which kind it is",
        "请补充 {discriminator}",
        "Add {discriminator}.",
    ),
    "list_type": ("不是列表", "is not a list", "请填写列表", "Give a list, in square brackets."),
    "tuple_type": ("不是列表", "is not a list", "请填写列表", "Give a list, in square brackets."),
    "dict_type": ("不是对象", "is not an object", "请填写 JSON 对象", "Give a JSON object."),
    "model_type": ("不是对象", "is not an object", "请填写 JSON 对象", "Give a JSON object."),
    "model_attributes_type": (
        "不是 JSON 对象",
        "is not a JSON object",
        "请提交 JSON 对象，并注明 Content-Type: application/json",
        "Send a JSON object with Content-Type: application/json.",
    ),
    "too_long": (
        "项目太多",
        "has too many items",
        "最多 {max_length} 项",
        "Give at most {max_length} items.",
    ),
    "too_short": (
        "项目太少",
        "has too few items",
        "至少 {min_length} 项",
        "Give at least {min_length} items.",
    ),
}
_DATE: Final[Wording] = (
    "不是日期",
    "is not a date",
    "请按 年-月-日 填写，如 2020-02-24",
    "Give year-month-day, such as 2020-02-24.",
)
_INSTANT: Final[Wording] = (
    "不是带时区的时刻",
    "is not an instant with a time zone",
    "请按 2020-02-24T08:30:00+08:00 填写",
    "Give it as 2020-02-24T08:30:00+08:00.",
)
_UNKNOWN: Final[Wording] = (
    "无效",
    "is not valid",
    "请对照接口说明改正",
    "Compare it with the API description.",
)


def invalid_input(error: RequestValidationError) -> InvalidInput:
    """What FastAPI found, as an error of ours."""
    findings: Sequence[Any] = error.errors()
    for finding in findings:
        if finding["type"] == "json_invalid":
            return JsonInvalid(position=finding["loc"][-1])
    return FieldsInvalid(count=len(findings), errors=[fault_of(finding) for finding in findings])


def fault_of(finding: Any) -> dict[str, str]:
    """One finding of pydantic's as field, fault and mend. `finding` has `type`, `loc`, `msg`, `ctx`."""
    kind = finding["type"]
    fault_zh, fault_en, mend_zh, mend_en = _wording(kind, finding)
    context = finding.get("ctx", {})
    return {
        "field": _field(finding["loc"]),
        "fault_zh": fault_zh,
        "fault_en": fault_en,
        "mend_zh": mend_zh.format_map(context),
        "mend_en": mend_en.format_map(context),
    }


def _wording(kind: str, finding: Any) -> Wording:
    if kind.startswith(("datetime_", "timezone_")):
        return _INSTANT
    if kind.startswith("date_"):
        return _DATE
    if kind == "value_error":
        # Raised by a validator of ours, which words it without the value.
        said = str(finding.get("ctx", {}).get("error", finding["msg"])).replace("{", "{{").replace("}", "}}")
        return ("无效", "is not valid", said, said)
    return _WORDINGS.get(kind, _UNKNOWN)


def _field(where: Sequence[str | int]) -> str:
    """`("body", "requests", 3, "phone")` -> `requests[3].phone`; the body itself is `body`."""
    parts = where[1:] if len(where) > 1 and where[0] in _WHERE else where
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
