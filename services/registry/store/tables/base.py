"""What the registry's rows are made of. A name, a resident ID or a phone is only ever bytes sealed under a key that can be destroyed.

Instants are aware UTC, days are the calendar's in China. A spell of days begins with `valid_from` and ends before
`valid_to`; without one it goes on. County codes are six digits (GB/T 2260, edition of spring 2020); a `place_code` is
that of a stop of `shared.reference` (township, resettlement site or county seat), so an area holds it by its beginning.
"""

from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The base of this service's tables, so that two services' tables meet in no registry."""


def instant(nullable: bool = False) -> Any:
    """A column of an instant."""
    return Field(
        default=None if nullable else ..., sa_column=Column(DateTime(timezone=True), nullable=nullable)
    )


def sealed(nullable: bool = False) -> Any:
    """A column of bytes that a key opens, or of a wrapped key."""
    return Field(sa_column=Column(LargeBinary, nullable=nullable))


def texts() -> Any:
    """A column of codes or ids."""
    return Field(sa_column=Column(ARRAY(Text), nullable=False))
