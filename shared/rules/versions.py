"""Reads the dated versions that a YAML file of rules has; knows nothing of what they say.

Every refusal names the line and the place in the file, the fault and the mend, in both languages.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self, TypeVar

from pydantic import ValidationError

from shared.http.validation import fault_of
from shared.kernel.errors import InvalidInput
from shared.rules.document import Document, Place


class Versioned(Protocol):
    """One version of a rule, a model whose `key` no other has."""

    @property
    def key(self) -> str: ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self: ...


V = TypeVar("V", bound=Versioned)


class LinesInvalid(InvalidInput):
    """{count} place(s) of the file are not valid; each is named with its fault and mend."""

    zh = "文件中有 {count} 处无效，逐项列出了问题和改正办法。"


def read_versions(document: Document, model: type[V], under: str) -> list[V]:
    """Each entry of the list under a name, or the one that the document is."""
    found: dict[str, Place] = {}
    faults: list[dict[str, str]] = []
    read: list[V] = []
    place: Place
    for place, item in _entries(document, under):
        try:
            one = model.model_validate(item)
        except ValidationError as error:
            findings = _deepest(item, error.errors())
            findings.sort(key=lambda finding: document.line((*place, *finding["loc"])))
            faults += [_fault(document, place, finding) for finding in findings]
            continue
        read.append(one)
        if one.key in found:
            first = document.line(found[one.key])
            said = f"line {first} has {one.key} already: give it the next number / 第 {first} 行已有 {one.key}：请使用下一个版本号"
            error_of = {"type": "value_error", "loc": ("version",), "msg": "", "ctx": {"error": said}}
            faults.append(_fault(document, place, error_of))
        found.setdefault(one.key, (*place, "version"))
    if faults:
        raise LinesInvalid(count=len(faults), errors=faults)
    return read


def _entries(document: Document, under: str) -> list[tuple[Place, Any]]:
    if under not in document.value:
        return [((), document.value)]
    items, others = document.value[under], [key for key in document.value if key != under]
    if not isinstance(items, list):
        finding: Any = {"type": "list_type", "loc": (under,), "msg": ""}
        raise LinesInvalid(count=1, errors=[_fault(document, (), finding)])
    if others:
        findings: list[Any] = [{"type": "extra_forbidden", "loc": (key,), "msg": ""} for key in others]
        raise LinesInvalid(count=len(others), errors=[_fault(document, (), one) for one in findings])
    return [((under, i), item) for i, item in enumerate(items)]


def _deepest(item: Any, findings: Sequence[Any]) -> list[Any]:
    """The findings at places of the file, without pydantic's own steps among them (`percentage`, `tuple[...]`); of several on
    the way to one value the deepest, of several at one place the first."""
    placed = [finding | {"loc": _place(item, finding["loc"])} for finding in findings]
    places = [finding["loc"] for finding in placed]
    return [
        finding
        for i, finding in enumerate(placed)
        if finding["loc"] not in places[:i]
        and not any(other[: len(finding["loc"])] == finding["loc"] != other for other in places)
    ]


def _place(item: Any, where: Place) -> Place:
    found: list[str | int] = []
    part: Any
    for i, part in enumerate(where):
        if (isinstance(item, dict) and part in item) or (isinstance(item, list) and isinstance(part, int)):
            item = item[part]
        elif not (isinstance(item, dict) and i == len(where) - 1 and str(part).isidentifier()):
            continue  # a step of pydantic's own, or something in a place that is not there
        found.append(part)
    return tuple(found)


def _fault(document: Document, place: Place, finding: Any) -> dict[str, str]:
    whole = (*place, *finding["loc"])
    line = document.line(whole)
    fault = fault_of(finding | {"loc": whole})
    return fault | {"field": f"line {line}: {fault['field'] or '-'}"}
