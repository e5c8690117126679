"""What lies in a caller's area or organisation; as SQL, so that a neighbour's rows never leave the database."""

from typing import Any, Final

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from shared.security.errors import ProvinceNeeded
from shared.security.principal import Principal

PROVINCE: Final = "52"
"""Guizhou, the area that holds every county from which people leave."""

Column = ColumnElement[Any] | InstrumentedAttribute[Any] | Any
"""A column of a mapped class; SQLModel types it as the value it holds."""


def within(column: Column, principal: Principal) -> ColumnElement[bool]:
    """Rows whose division code lies in one of the caller's areas; no rows for a caller without areas."""
    areas = [area for area in principal.areas if area]
    if not areas:
        return false()
    return or_(*(column.startswith(area, autoescape=True) for area in areas))


def covers(principal: Principal, code: str) -> bool:
    """Whether one of the caller's areas holds the whole division of that code, or of that beginning of codes."""
    return any(area and code.startswith(area) for area in principal.areas)


def require_province(principal: Principal) -> None:
    """For what holds in every county. Raises ProvinceNeeded."""
    if not covers(principal, PROVINCE):
        raise ProvinceNeeded(province=PROVINCE, areas=", ".join(principal.areas) or "-")


def owned_by(column: Column, principal: Principal) -> ColumnElement[bool]:
    """Rows of the caller's organisation; no rows for a caller without one."""
    if not principal.organisation:
        return false()
    owned: ColumnElement[bool] = column == principal.organisation
    return owned
