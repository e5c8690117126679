"""Knows how the fields of a plan file are read: each is of its kind, or the file is refused by the field's name."""

from typing import Any, NoReturn

from services.dispatcher.planning.faults import BadPlan

PRICE_MAX = 10**17


def refuse(where: str, wanted: str) -> NoReturn:
    """Raises BadPlan."""
    raise BadPlan(
        where=where,
        fault=f"it is not {wanted}",
        fault_zh=f"应为 {wanted}",
        mend=f"Give {wanted}",
        mend_zh=f"请填写 {wanted}",
    )


def fields(where: str, value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        refuse(where, f"an object with exactly the fields {', '.join(sorted(names))}")
    return value


def text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        refuse(where, "a text")
    return value


def number(where: str, value: Any) -> int:
    if type(value) is not int:
        refuse(where, "a whole number")
    return value


def number_or_none(where: str, value: Any) -> int | None:
    return None if value is None else number(where, value)


def items(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        refuse(where, "a list")
    return value


def texts(where: str, value: Any) -> tuple[str, ...]:
    return tuple(text(f"{where}[{i}]", item) for i, item in enumerate(items(where, value)))


def numbers(where: str, value: Any) -> tuple[int, ...]:
    return tuple(number(f"{where}[{i}]", item) for i, item in enumerate(items(where, value)))


def price(where: str, value: Any) -> int:
    """A figure that nothing may owe by being negative, and small enough for sums of many."""
    if type(value) is not int or not 0 <= value <= PRICE_MAX:
        refuse(where, f"a whole number from 0 to {PRICE_MAX}")
    return value


def prices(where: str, value: Any) -> dict[str, int]:
    """Prices by name."""
    if not isinstance(value, dict):
        refuse(where, "an object of whole numbers")
    return {name: price(f"{where}.{name}", figure) for name, figure in value.items()}
