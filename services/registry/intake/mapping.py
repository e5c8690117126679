"""Reads a column mapping of the provincial system, and the dated rules of the exchange; every fault names its line.

What came with Zhida lies in `domain/exchange/presets`; what an operator adds is read in the same way.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from services.registry.domain.exchange.mapping import Mapping
from services.registry.domain.exchange.rules import ExchangeRule, rule_of
from shared.http.validation import fault_of
from shared.kernel.errors import InvalidInput

BYTES_MAX = 100_000
_PRESETS = files("services.registry.domain.exchange") / "presets"
_Place = tuple[str | int, ...]


class MappingUnreadable(InvalidInput):
    """The file is not a mapping in YAML: {detail}. Save it as YAML in UTF-8, at most 100,000 bytes, and send it again."""

    zh = "文件不是 YAML 格式的列对应表：{detail}。请另存为 UTF-8 编码的 YAML（不超过10万字节）后重新提交。"


class MappingInvalid(InvalidInput):
    """{count} place(s) of the mapping are not valid; each is named with its line, fault and mend."""

    zh = "列对应表中有 {count} 处无效，逐项列出了行号、问题和改正办法。"


@cache
def read_presets() -> tuple[Mapping, ...]:
    """The mappings that came with Zhida, by key."""
    names = sorted(one.name for one in _PRESETS.iterdir() if one.name.startswith("mapping-"))
    return tuple(read_mapping((_PRESETS / name).read_text("utf-8")) for name in names)


@cache
def read_rules() -> tuple[ExchangeRule, ...]:
    """The dated rules."""
    value = yaml.safe_load((_PRESETS / "rules.yaml").read_bytes())
    return TypeAdapter(tuple[ExchangeRule, ...]).validate_python(value)


def exchange_rule(month: date) -> ExchangeRule:
    """The rule that came with Zhida for a month. Raises NoRuleThen."""
    return rule_of(read_rules(), month)


@lru_cache(64)
def read_mapping(document: str) -> Mapping:
    """The mapping that a document holds. Raises MappingUnreadable, MappingInvalid."""
    if len(document) > BYTES_MAX:
        raise MappingUnreadable(detail=f"> {BYTES_MAX}")
    try:
        if any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(document, yaml.SafeLoader)):
            raise ValueError("an alias (*)")  # a few lines of them can stand for gigabytes
        node = yaml.compose(document, yaml.SafeLoader)
        lines = dict(_lines(node, ()))
        value = yaml.safe_load(document)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingUnreadable(detail=" ".join(str(error).split())[:200]) from error
    try:
        return Mapping.model_validate(value)
    except ValidationError as error:
        raise _invalid(error, lines) from error


def _invalid(error: ValidationError, lines: dict[_Place, int]) -> MappingInvalid:
    told = []
    for finding in error.errors(include_url=False):
        one = fault_of(finding)
        if finding["type"] == "value_error":  # ours, which say more than that it is not valid
            one["fault_zh"] = one["fault_en"] = str(finding["ctx"]["error"])
        place = finding["loc"]
        around = (place[:length] for length in range(len(place), -1, -1))
        line = next((lines[key] for key in around if key in lines), 1)
        told.append(one | {"field": f"line {line}: {'.'.join(map(str, place))}"})
    return MappingInvalid(count=len(told), errors=told)


def _lines(node: Any, place: _Place) -> Iterator[tuple[_Place, int]]:
    """Each place of a document with its line. Raises ValueError for a key that is given twice."""
    if node is None:
        return
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield from _lines(item, (*place, position))
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ValueError(f"line {key.start_mark.line + 1}: {key.value} twice")
            seen.add(key.value)
            yield from _lines(value, (*place, key.value))
