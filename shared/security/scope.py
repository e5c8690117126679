"""A caller's area and organisation as SQL, so that a neighbour's rows never leave the database."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from shared.security.principal import Principal

Column = ColumnElement[Any] | InstrumentedAttribute[Any] | Any
"""A column of a mapped class; SQLModel types it as the value it holds."""


def within(column: Column, principal: Principal) -> ColumnElement[bool]:
    """Rows whose division code lies in one of the caller's areas; no rows for a caller without areas."""
    areas = [area for area in principal.areas if area]
    if not areas:
        return false()
    return or_(*(column.startswith(area, autoescape=True) for area in areas))


def owned_by(column: Column, principal: Principal) -> ColumnElement[bool]:
    """Rows of the caller's organisation; no rows for a caller without one."""
    if not principal.organisation:
        return false()
    owned: ColumnElement[bool] = column == principal.organisation
    return owned
