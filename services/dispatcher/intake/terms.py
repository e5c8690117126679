"""Reads fleet.csv, tariffs.yaml and policy.yaml as `zhida sample` writes them; loads nothing.

Every refusal names the line and the place in the file, the fault and the mend, in both languages.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.dispatcher.domain.fleet import Coaches
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from shared.http.validation import fault_of
from shared.kernel.errors import InvalidInput
from shared.rules.document import FileUnreadable, decode, read_document
from shared.rules.versions import LinesInvalid, read_versions

M = TypeVar("M", bound=BaseModel)


class ColumnsMissing(InvalidInput):
    """The file has no column {columns}. Take the headings from the file that `zhida sample` writes."""

    zh = "文件缺少列：{columns}。请参照 `zhida sample` 生成的文件中的表头。"


def read_fleet(content: bytes) -> list[Coaches]:
    """The coaches of a fleet CSV, one line a carrier and type. Raises what `read_lines` does."""
    return read_lines(content, Coaches)


def read_lines(content: bytes, model: type[M]) -> list[M]:
    """The lines of a CSV whose columns are a model's fields. Raises FileUnreadable, ColumnsMissing, LinesInvalid."""
    text = decode(content, "CSV", " CSV 文件")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))
    lines = ((f"line {reader.line_num}", {k: v or None for k, v in row.items() if k}) for row in reader)
    return _read_each(lines, model)


def read_tariffs(content: bytes) -> list[Tariff]:
    """The tariffs under `tariffs:`. Raises what `read_document` does, and LinesInvalid."""
    document = read_document(content)
    if not isinstance(document.value, dict) or "tariffs" not in document.value:
        raise FileUnreadable(
            wanted="YAML with a list `tariffs:`", wanted_zh="含 tariffs: 列表的 YAML 文件", detail="-"
        )
    return read_versions(document, Tariff, "tariffs")


def read_policies(content: bytes) -> list[Policy]:
    """The one policy of the file, or the list under `policies:`. Raises what `read_document` does, and LinesInvalid."""
    document = read_document(content)
    if not isinstance(document.value, dict):
        raise FileUnreadable(wanted="YAML with a policy", wanted_zh="含政策的 YAML 文件", detail="-")
    return read_versions(document, Policy, "policies")


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
