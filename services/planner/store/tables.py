"""Knows the planner's one table."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The base of this service's tables, so that two services' tables meet in no registry."""


class JobRow(Base, table=True):
    """A pool that waits to be planned, or is being planned; gone once that has been answered.

    `held_by` plans it until `held_until` at least, by the database's clock; who goes on with it says so in time.
    """

    __tablename__: ClassVar[Any] = "job"

    seq: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    job_id: str = Field(unique=True)
    problem: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    engine: str
    seconds: float | None = None
    work: int | None = None
    seed: int = Field(sa_column=Column(BigInteger, nullable=False))
    crashes: int = 0
    """Processes that have died of it."""
    correlation_id: str
    cause_id: str | None = None
    held_by: str | None = None
    held_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
