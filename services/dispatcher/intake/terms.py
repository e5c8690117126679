"""Reads fleet.csv, tariffs.yaml and policy.yaml as `zhida sample` writes them; loads nothing.

Every refusal names the place in the file, the fault and the mend, in both languages.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from services.dispatcher.domain.fleet import Coaches
from services.dispatcher.money.policy import Policy
from services.dispatcher.money.tariff import Tariff
from shared.http.validation import fault_of
from shared.kernel.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)


class FileUnreadable(InvalidInput):
    """The file is not {wanted}: {detail}. Save it as {wanted} in UTF-8 and send it again."""

    zh = "文件不是{wanted_zh}：{detail}。请另存为 UTF-8 编码的{wanted_zh}后重新提交。"


class ColumnsMissing(InvalidInput):
    """The file has no column {columns}. Take the headings from the file that `zhida sample` writes."""

    zh = "文件缺少列：{columns}。请参照 `zhida sample` 生成的文件中的表头。"


class LinesInvalid(InvalidInput):
    """{count} place(s) of the file are not valid; each is named with its fault and mend."""

    zh = "文件中有 {count} 处无效，逐项列出了问题和改正办法。"


def read_fleet(content: bytes) -> list[Coaches]:
    """The coaches of a fleet CSV, one line a carrier and type. Raises FileUnreadable, ColumnsMissing, LinesInvalid."""
    text = _decode(content, "CSV", " CSV 文件")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    needed = [name for name, field in Coaches.model_fields.items() if field.is_required()]
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))
    lines = ((f"line {reader.line_num}", {k: v or None for k, v in row.items() if k}) for row in reader)
    return _read_each(lines, Coaches)


def read_tariffs(content: bytes) -> list[Tariff]:
    """The tariffs under `tariffs:`. Raises FileUnreadable, LinesInvalid."""
    body = _load_yaml(content)
    items = body.get("tariffs") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise FileUnreadable(
            wanted="YAML with a list `tariffs:`", wanted_zh="含 tariffs: 列表的 YAML 文件", detail="-"
        )
    return _read_each(((f"tariffs[{i}]", item) for i, item in enumerate(items)), Tariff)


def read_policies(content: bytes) -> list[Policy]:
    """The one policy of the file, or the list under `policies:`. Raises FileUnreadable, LinesInvalid."""
    body = _load_yaml(content)
    items = body.get("policies", [body]) if isinstance(body, dict) else body
    if not isinstance(items, list):
        raise FileUnreadable(wanted="YAML with a policy", wanted_zh="含政策的 YAML 文件", detail="-")
    return _read_each(((f"policies[{i}]", item) for i, item in enumerate(items)), Policy)


def _load_yaml(content: bytes) -> Any:
    text = _decode(content, "YAML", " YAML 文件")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())[:200]
        raise FileUnreadable(wanted="YAML", wanted_zh=" YAML 文件", detail=detail) from error


def _decode(content: bytes, wanted: str, wanted_zh: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(wanted=wanted, wanted_zh=wanted_zh, detail=f"byte {error.start}") from error


def _read_each(items: Iterable[tuple[str, Any]], model: type[M]) -> list[M]:
    found: list[M] = []
    faults: list[dict[str, str]] = []
    for where, item in items:
        try:
            found.append(model.model_validate(item))
        except ValidationError as error:
            for fault in map(fault_of, error.errors()):
                faults.append(fault | {"field": f"{where}: {fault['field']}"})
    if faults:
        raise LinesInvalid(count=len(faults), errors=faults)
    return found
