"""Reads one YAML document and knows on which line each value stands; knows nothing of what it says.

What YAML lets a reader guess is refused or left as the text that it is: a key that is given twice (the first would be lost),
aliases (a few lines can stand for gigabytes), `yes` for true, `010` for eight; a date is text for whoever wants a date.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from shared.kernel.errors import InvalidInput

BYTES_MAX = 1_000_000
Place = tuple[str | int, ...]


class FileUnreadable(InvalidInput):
    """The file is not {wanted}: {detail}. Save it as {wanted} in UTF-8 and send it again."""

    zh = "文件不是{wanted_zh}：{detail}。请另存为 UTF-8 编码的{wanted_zh}后重新提交。"


class FileTooLong(InvalidInput):
    """The file is longer than {limit} bytes. Divide it into several files."""

    zh = "文件超过 {limit} 字节。请拆分为多个文件。"


class NotPlainYaml(InvalidInput):
    """Line {line} has {what}, which a file of rules does not need. Write out what it stands for."""

    zh = "第 {line} 行含有{what_zh}，规则文件不需要它。请直接写出其内容。"


class KeyTwice(InvalidInput):
    """Line {line} gives {key} again, which line {first} has given already; one of the two would be lost. Remove one."""

    zh = "第 {line} 行重复给出 {key}（第 {first} 行已有），其中一个会丢失。请删除一个。"


@dataclass(frozen=True)
class Document:
    """A document's value, and the line of every place in it."""

    value: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        around = (place[:length] for length in range(len(place), -1, -1))
        return next((self.lines[one] for one in around if one in self.lines), 1)


def decode(content: bytes, wanted: str, wanted_zh: str) -> str:
    """The text of a file. Raises FileUnreadable."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(wanted=wanted, wanted_zh=wanted_zh, detail=f"byte {error.start}") from error


def read_document(content: bytes) -> Document:
    """The document of a YAML file. Raises FileTooLong, FileUnreadable, NotPlainYaml, KeyTwice."""
    if len(content) > BYTES_MAX:
        raise FileTooLong(limit=BYTES_MAX)
    text = decode(content, "YAML", " YAML 文件")
    lines: dict[Place, int] = {}
    try:
        loader = _Plain(text)
        node = loader.get_single_node()
        _walk(node, (), lines)
        return Document(None if node is None else loader.construct_document(node), lines)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        detail = " ".join(str(error).split())[:200]
        raise FileUnreadable(wanted="YAML", wanted_zh=" YAML 文件", detail=detail) from error


class _Plain(yaml.SafeLoader):
    """Text is text, unless it can be nothing but a number, true, false or null."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own name; not to share its list

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1
            raise NotPlainYaml(line=line, what="an anchor or alias (& or *)", what_zh="锚点或别名（& 或 *）")
        return super().compose_node(parent, index)


for _kind, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9_]*)", list("-0123456789")),
    ("float", r"-?[0-9]+\.[0-9]+|-?\.inf|\.nan", list("-.0123456789")),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"(?:{_pattern})$"), _first)
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map")}


def _walk(node: yaml.Node | None, place: Place, lines: dict[Place, int]) -> None:
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if node.tag not in _TAGS:
        raise NotPlainYaml(
            line=node.start_mark.line + 1, what=f"the tag {node.tag}", what_zh=f"标签 {node.tag}"
        )
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            _walk(item, (*place, i), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise NotPlainYaml(line=line, what="a key that is not a word", what_zh="不是文字的键")
            if (*place, key.value) in lines:
                raise KeyTwice(line=line, key=key.value, first=lines[*place, key.value])
            lines[*place, key.value] = line
            _walk(value, (*place, key.value), lines)
