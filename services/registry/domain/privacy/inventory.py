"""Knows what is kept of people, table by table and column by column: its words, how sensitive it is, how long it is kept."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict

_PRESETS: Final = Path(__file__).parent / "presets"


class Kind(StrEnum):
    """What a column is to the law. FOUND: a keyed fingerprint, by which somebody is found and nobody read."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    FOUND = "found"
    KEY = "key"


KIND_WORDS: Final = {
    Kind.PLAIN: ("编号与办理信息", "numbers and workings"),
    Kind.PERSONAL: ("个人信息", "personal"),
    Kind.SENSITIVE: ("敏感个人信息", "sensitive"),
    Kind.FOUND: ("不可还原的指纹", "fingerprint"),
    Kind.KEY: ("密钥", "key"),
}


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Data):
    """A column's heading and kind."""

    zh: str
    en: str
    kind: Kind = Kind.PLAIN


class Kept(_Data):
    """A table: what it is called, the rules by which its rows end, and those of its columns that are not as everywhere."""

    zh: str
    en: str
    ends: tuple[str, ...] = ()
    """Names of rules of retention; without one, its rows end with the person's file."""
    columns: dict[str, Annotated[Entry, ...]] = {}


class Inventory(_Data):
    """All of it; `everywhere` holds the columns that mean the same in each table."""

    everywhere: dict[str, Entry]
    tables: dict[str, Kept]

    def entry(self, table: str, column: str) -> Entry | None:
        """What a column is; None where nobody has said it."""
        kept = self.tables.get(table)
        return (kept.columns.get(column) if kept else None) or self.everywhere.get(column)


@cache
def inventory() -> Inventory:
    """The inventory as it is shipped."""
    told = yaml.safe_load((_PRESETS / "inventory.yaml").read_text("utf-8"))
    return Inventory.model_validate(told)
