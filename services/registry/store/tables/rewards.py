"""Rows of rewards: the rules that offices have put in force, the lists that were made by them, and whom a list holds.

What a finding says are codes, months, days and numbers; no row names anybody.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant


class RewardRuleRow(Base, table=True):
    """One version of a rule as it is in force for an area and all that lies in it; it is never changed."""

    __tablename__: ClassVar[Any] = "reward_rule"
    __table_args__ = (UniqueConstraint("area_code", "rule_id", "version", name="reward_rule_version"),)

    id: str = Field(primary_key=True)
    area_code: str
    rule_id: str
    version: int
    digest: str
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    loaded_by: str
    loaded_at: datetime = instant()


class RewardListRow(Base, table=True):
    """What one claimant has earned in an area by the arrivals of a period, judged as of a day.

    `digest` is the rule's as it was then. `state` is draft, confirmed, handed_over or withdrawn. Where heads are counted across
    lists, `counted_lists` are those that were confirmed before, `before_heads` and `before_fen` what they come to, and
    `difference_fen` what their workers bring more now that there are so many.
    """

    __tablename__: ClassVar[Any] = "reward_list"
    __table_args__ = (
        Index(
            "one_standing_reward_list",
            "reward_rule_id",
            "area_code",
            "claimant_id",
            "first_day",
            "last_day",
            "as_of",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index("reward_list_by_area", "area_code", "id"),
    )

    id: str = Field(primary_key=True)
    reward_rule_id: str = Field(foreign_key="reward_rule.id")
    digest: str
    area_code: str
    claimant_id: str
    first_day: date
    last_day: date
    as_of: date
    state: str
    heads: int = 0
    refused: int = 0
    total_fen: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    counted_lists: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    before_heads: int = 0
    before_fen: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    difference_fen: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    made_by: str
    made_at: datetime = instant()
    confirmed_by: str | None = None
    confirmed_at: datetime | None = instant(nullable=True)
    handed_over_by: str | None = None
    handed_over_at: datetime | None = instant(nullable=True)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = instant(nullable=True)


class RewardEntryRow(Base, table=True):
    """One worker on a list, by the person whose file it is: what was earned, or why it was not. `findings` are the evidence."""

    __tablename__: ClassVar[Any] = "reward_entry"

    list_id: str = Field(primary_key=True, foreign_key="reward_list.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    period: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    placed_on: date
    enterprise_id: str | None = None
    is_earned: bool
    amount_fen: int = Field(sa_column=Column(BigInteger, nullable=False))
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class RewardHoldRow(Base, table=True):
    """A confirmed list holds a worker for one purpose, period and part, in all counties together."""

    __tablename__: ClassVar[Any] = "reward_hold"
    __table_args__ = (Index("hold_by_list", "list_id"),)

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    purpose: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    list_id: str = Field(foreign_key="reward_list.id")
    rule_id: str
    claimant_id: str
    area_code: str
