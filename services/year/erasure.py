"""A worker asks to be forgotten: their own copy first, then the keys are destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.day.office import Refused
from services.year.desk import Desk


@dataclass(frozen=True)
class Erased:
    """What the worker was handed of their own data, and with what status the same is answered afterwards; whether the office
    found them by their name before, and after."""

    copy: Mapping[str, Any]
    status_after: int
    is_found: tuple[bool, bool]


def erase(desk: Desk, person_id: str) -> Erased:
    """Hand the worker a copy of all that is held of them, erase them, and ask once more."""
    path = f"/api/people/{person_id}"
    copy = desk.ask(desk.bureau, f"{path}/copy")
    name = _name_in(copy)
    before = _is_found(desk, person_id, name)
    desk.do(desk.operator, f"{path}/erase")
    status = 200
    try:
        desk.ask(desk.bureau, f"{path}/copy")
    except Refused as refused:
        status = refused.status
    return Erased(copy, status, (before, _is_found(desk, person_id, name)))


def _name_in(copy: Mapping[str, Any]) -> str:
    """The name that the copy tells, as any source gave it."""
    said = next(part for part in copy["parts"] if part["table"] == "statement")
    kind, value = ([one["key"] for one in said["headings"]].index(name) for name in ("kind", "value_sealed"))
    return next(str(row[value]) for row in said["rows"] if row[kind] == "name")


def _is_found(desk: Desk, person_id: str, name: str) -> bool:
    """Whether the office's search by name leads to this person."""
    found = desk.do(desk.bureau, "/api/people/search", sought=name)
    return person_id in [one["person_id"] for one in found]
