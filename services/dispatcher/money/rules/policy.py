"""Knows what a subsidy policy may say, dated and versioned; computes nothing.

The kinds of rule are those of the published notices (`domain.md` §2.1). Docstrings of fields and their Chinese titles are
the published schema's (`docs/policy.schema.json`), where a clerk's editor shows them. A policy has provisions, each for some
organising modes and classes of workers, with its rule, its payers and its claimant; whoever no provision is for
is carried without subsidy.
"""

import hashlib
import json
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from services.dispatcher.money.rules.fields import (
    Count,
    Day,
    Fen,
    Flag,
    LoadFactor,
    Part,
    Percent,
    Positive,
    Seats,
)
from shared.roster import Category, OrganisingMode


class Payer(StrEnum):
    """A level of government that bears a part: of the origin, or of the destination."""

    ORIGIN_COUNTY = "origin_county"
    ORIGIN_PREFECTURE = "origin_prefecture"
    ORIGIN_PROVINCE = "origin_province"
    DESTINATION_COUNTY = "destination_county"
    DESTINATION_PREFECTURE = "destination_prefecture"


class PayerShare(Part):
    """One payer and its weight among the payers: 1 and 1 is half each."""

    payer: Payer = Field(title="出资方")
    """The level of government that pays, of the origin or of the destination."""
    share: Positive = Field(title="份额")
    """Its weight among the payers of the provision."""


class Distance(StrEnum):
    """How far a trip goes, by the divisions of its two ends."""

    SAME_COUNTY = "same_county"
    SAME_PREFECTURE = "same_prefecture"
    SAME_PROVINCE = "same_province"
    OTHER_PROVINCE = "other_province"


class Percentage(Part):
    """So many per cent of the charter, rounded down to whole fen."""

    kind: Literal["percentage"] = Field(default="percentage", title="规则类型")
    """The kind of rule: so many per cent of the charter."""
    rate_percent: Percent = Field(title="补贴比例（%）")
    """Per cent of the charter that government pays."""


class FullCost(Part):
    """The whole charter."""

    kind: Literal["full_cost"] = Field(default="full_cost", title="规则类型")
    """The kind of rule: all of the charter."""


class Bands(Part):
    """A flat amount a vehicle by seats and distance, never more than the charter (Zhumadian, Longhua 2020)."""

    kind: Literal["bands"] = Field(default="bands", title="规则类型")
    """The kind of rule: a flat amount a vehicle, by its seats and the distance."""
    seats: tuple[Seats, ...] = Field(default=(), title="座位分档")
    """The most approved seats of each band but the last, ascending: [30, 47] makes three bands."""
    fen: dict[Distance, tuple[Fen, ...] | Literal["full_cost"]] = Field(min_length=1, title="每车定额")
    """Distance -> an amount in fen for each band of seats, or full_cost for the whole charter; a distance that is not named
    is paid nothing."""

    @model_validator(mode="after")
    def _in_bands(self) -> "Bands":
        if list(self.seats) != sorted(set(self.seats)):
            raise ValueError(
                "seats must ascend: write the most seats of each band but the last"
                " / 座位档须从小到大，请写出除最后一档外各档的座位上限"
            )
        for distance, amounts in self.fen.items():
            if amounts != "full_cost" and len(amounts) != len(self.seats) + 1:
                raise ValueError(
                    f"{distance} has {len(amounts)} amounts for {len(self.seats) + 1} bands of seats: give one each"
                    f" / {distance} 有 {len(amounts)} 个金额，座位共 {len(self.seats) + 1} 档，请逐档填写"
                )
        return self


class ShareRatio(Part):
    """Government, enterprise and workers bear the charter in this ratio: 2 : 1 : 0 in Longwan 2020."""

    kind: Literal["share_ratio"] = Field(default="share_ratio", title="规则类型")
    """The kind of rule: a ratio between government, enterprise and workers."""
    public: Positive = Field(title="政府份额")
    """Government's weight."""
    enterprise: Count = Field(default=0, title="企业份额")
    """The enterprises' weight."""
    workers: Count = Field(default=0, title="务工人员份额")
    """The workers' own weight, which the carrier collects."""


Rule = Annotated[Percentage | FullCost | Bands | ShareRatio, Field(discriminator="kind")]


class Claimant(StrEnum):
    """Who claims the public part: the enterprise that has paid the carrier first (先支后补), or the carrier itself."""

    ENTERPRISE = "enterprise"
    CARRIER = "carrier"


class JointCharter(StrEnum):
    """Who claims for a coach that several enterprises share: each for its heads (Rizhao), or the one with most (Ningbo)."""

    BY_HEADS = "by_heads"
    LEAD_ENTERPRISE = "lead_enterprise"


class Ownership(StrEnum):
    """Whose an enterprise is, as it declares on its claim."""

    PRIVATE = "private"
    FOREIGN = "foreign"
    COLLECTIVE = "collective"
    STATE = "state"


class Period(Part):
    """Days from the first to the last, both included."""

    first: Day = Field(title="首日")
    """The first day, included."""
    last: Day = Field(title="末日")
    """The last day, included."""

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.last < self.first:
            raise ValueError("last is before first: put them in order / 截止日期早于开始日期，请更正")
        return self

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day <= self.last


class Provision(Part):
    """For whom a rule holds, what it pays, and who bears and who claims it."""

    modes: tuple[OrganisingMode, ...] = Field(default=(), title="组织方式")
    """Organising modes that it is for; empty: all."""
    categories: tuple[Category, ...] = Field(default=(), title="人员类别")
    """Classes of workers that it is for; empty: all."""
    rule: Rule = Field(title="补贴规则")
    """What it pays of its workers' part of the charter."""
    payers: tuple[PayerShare, ...] = Field(min_length=1, title="出资方")
    """Who bears it, by weight; an odd fen falls to the largest remainder, the first of equals."""
    claimant: Claimant = Field(default=Claimant.ENTERPRISE, title="申领人")
    """Who claims it."""

    @model_validator(mode="after")
    def _each_payer_once(self) -> "Provision":
        if len({share.payer for share in self.payers}) != len(self.payers):
            raise ValueError("a payer is named twice: add its shares up / 出资方重复，请合并其份额")
        return self

    def is_for(self, mode: str, category: str) -> bool:
        """Whether a worker of this organising mode and class comes under it."""
        return (not self.modes or mode in self.modes) and (not self.categories or category in self.categories)


_DIVISION = re.compile(r"\d\d((?!00)\d\d){0,2}")
"""No trailing 00: 330000 is the beginning of no county's code."""


class Policy(Part):
    """One version of a subsidy policy; a trip is held to the version in force on its day, for good.

    All amounts are fen. A floor or cap is of those whom a provision is for.
    """

    id: str = Field(min_length=1, max_length=100, pattern=r"^[^@#\s]+$", title="政策编号")
    """What all versions of the policy have in common: guizhou-2020-epidemic."""
    version: Positive = Field(title="版本号")
    """Each change takes the next number: a version that was loaded is never changed."""
    name: str = Field(title="政策名称")
    """What people call it."""
    valid_from: Day = Field(title="生效日期")
    """The first day of departure that it holds for."""
    valid_to: Day | None = Field(default=None, title="截止日期")
    """The last day of departure that it holds for, included; none: until another begins."""
    load_factor_percent: LoadFactor = Field(default=100, title="载客率上限（%）")
    """Passengers allowed, of the approved capacity (50 in 交运明电〔2020〕56号)."""
    toll_exempt: Flag = Field(default=False, title="免收通行费")
    """Whether the charter pays no toll."""
    provisions: tuple[Provision, ...] = Field(min_length=1, title="补贴条款")
    """A worker comes under the first that is for them; whoever none is for is carried without subsidy."""
    cap_vehicle_fen: Fen | None = Field(default=None, title="每车补贴上限")
    """The most that is paid for one vehicle's trip, in fen."""
    cap_head_fen: Fen | None = Field(default=None, title="每人补贴上限")
    """The most that is paid for one worker, in fen: of each provision, its workers times this."""
    cap_claimant_fen: Fen | None = Field(default=None, title="每个申领人每季补贴上限")
    """What one claimant may be paid in one season, in fen."""
    min_passengers_vehicle: Count = Field(default=0, title="每车最少人数")
    """Subsidised passengers that each coach must carry to be paid at all."""
    min_passengers_trip: Count = Field(default=0, title="每批最少人数")
    """Subsidised passengers of all coaches of one day from one county to one prefecture, an organised trip; judged on the
    claim, since a vehicle does not know the others."""
    destinations: tuple[str, ...] = Field(default=(), title="目的地代码")
    """Codes of divisions, or beginnings of them, that a trip must go to: 33 for a province, 3302 for a prefecture; empty:
    anywhere."""
    trips: Period | None = Field(default=None, title="出行期间")
    """Days on which a trip must leave to be paid; none: any day on which the policy is in force."""
    claims: Period | None = Field(default=None, title="申报期间")
    """Days on which a claim may be submitted; none: any day."""
    ownerships: tuple[Ownership, ...] = Field(default=(), title="企业所有制")
    """Whose a claiming enterprise may be; empty: anybody's."""
    prefile_hours: Count = Field(default=0, title="提前备案小时数")
    """Hours before departure by which the contract must be filed with the bureau; 0: need not."""
    joint_charter: JointCharter = Field(default=JointCharter.BY_HEADS, title="合租申领方式")
    """Who claims for a coach that several enterprises share."""
    exclusive_with_individual: Flag = Field(default=True, title="与个人交通补贴互斥")
    """A worker with an individual transport allowance in the year is not paid for again (`domain.md` §2.2)."""
    notice_workdays: Count = Field(default=5, title="公示工作日数")
    """Working days of the public notice before a claim is approved."""
    confirm_days: Count = Field(default=15, title="确认天数")
    """Days after arrival within which the enterprise must have confirmed."""
    source: str = Field(default="", title="依据")
    """The notices that it is from."""
    assumed: tuple[str, ...] = Field(default=(), title="假定")
    """What no notice says and somebody has decided, for whoever reads the policy."""

    @field_validator("destinations")
    @classmethod
    def _divisions(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_DIVISION.fullmatch(code) for code in codes):
            raise ValueError(
                "write 33 for a province, 3302 for a prefecture, 330206 for a county"
                " / 请写区划代码：省 33，市 3302，县 330206"
            )
        return codes

    @model_validator(mode="after")
    def _consistent(self) -> "Policy":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(
                "valid_to is before valid_from: put them in order / 截止日期早于生效日期，请更正"
            )
        return self

    @property
    def key(self) -> str:
        """The name of this version on every line that it makes: `guizhou-2020@1`."""
        return f"{self.id}@{self.version}"

    def place_of(self, mode: str, category: str) -> int:
        """The provision that a worker of this organising mode and class comes under, by its place; -1 for none."""
        return next((i for i, one in enumerate(self.provisions) if one.is_for(mode, category)), -1)


def digest_of(body: object) -> str:
    """SHA-256 in hex of a JSON value, its keys sorted: a policy that was edited in place has another."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
