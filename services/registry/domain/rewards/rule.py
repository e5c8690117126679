"""Knows what a rule of rewards and benefits may say, dated and versioned; computes nothing.

The kinds of amount are those of the published notices (`domain.md` §2.2 and §5). A rule says who is rewarded for a worker, how
much, under which conditions, how often, and beside which other payments for the same worker.
"""

import hashlib
import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.registry.domain.rewards.fields import Count, Day, Fen, Flag, Part, Positive, Words
from shared.roster import Category


class Claimant(StrEnum):
    """Who is rewarded: the agency that organised the worker, the enterprise that took them, or the worker."""

    AGENCY = "agency"
    ENTERPRISE = "enterprise"
    WORKER = "worker"


class Purpose(StrEnum):
    """What a payment is for. Two of one purpose for one worker in one period are the same thing paid twice, in whatever county."""

    AGENCY_REWARD = "agency_reward"
    ENTERPRISE_INCENTIVE = "enterprise_incentive"
    JOB_SEEKING = "job_seeking"
    TRANSPORT = "transport"


class Once(StrEnum):
    """How often one worker may be paid for."""

    EVER = "ever"
    YEAR = "year"
    SEASON = "season"


class Reach(StrEnum):
    """How far from home a worker works, by the divisions of home and job."""

    SAME_COUNTY = "same_county"
    SAME_PREFECTURE = "same_prefecture"
    SAME_PROVINCE = "same_province"
    OTHER_PROVINCE = "other_province"


class Seat(StrEnum):
    """What a seat on organised transport means: nothing, needed, or a bar (one subsidy a worker and season)."""

    ANY = "any"
    REQUIRED = "required"
    EXCLUDED = "excluded"


class CountedOver(StrEnum):
    """Over which time a claimant's workers are counted, across all its lists by one version: what they bring depends on their number."""

    SEASON = "season"
    YEAR = "year"
    RULE = "rule"
    """All days that the rule is in force."""


class PerHead(Part):
    """So much for each worker."""

    kind: Literal["per_head"] = Field(default="per_head", title="标准种类")
    """So much for each worker."""
    fen: Fen = Field(title="每人金额")
    """Fen for each worker."""
    is_ceiling: Flag = Field(default=False, title="为上限")
    """Whether the notice gives it as the most, and the office may decide on less."""


class Tier(Part):
    """The rate for so many workers."""

    heads_to: Positive | None = Field(default=None, title="人数上限")
    """The most workers of this tier; none in the last."""
    fen: Fen = Field(title="每人金额")
    """Fen for each worker."""


class Tiers(Part):
    """A rate a head by the number organised; it holds for every one of them, those on earlier lists included."""

    kind: Literal["tiers"] = Field(title="标准种类")
    """A rate a head by the number organised."""
    tiers: tuple[Tier, ...] = Field(min_length=1, title="档次")
    """From the fewest workers to the most; the rate must not fall."""
    counted_over: CountedOver = Field(default=CountedOver.SEASON, title="人数累计期间")
    """Over which time the agency's workers are counted, across all its lists by this version of the rule."""

    @model_validator(mode="after")
    def _ascending(self) -> "Tiers":
        ends = [one.heads_to for one in self.tiers]
        inner = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(inner) != len(ends) - 1 or inner != sorted(set(inner)):
            raise ValueError(
                "heads_to must ascend and be left out of the last tier / 人数上限须递增，最后一档不填"
            )
        rates = [one.fen for one in self.tiers]
        if rates != sorted(rates):
            raise ValueError(
                "the rate must not fall: one worker more would bring less in all"
                " / 每人标准不得随人数下降，否则多组织一人总额反而减少"
            )
        return self


class Blocks(Part):
    """A lump for the first so many workers, another for each further so many, and a cap."""

    kind: Literal["blocks"] = Field(title="标准种类")
    """A lump for the first so many workers, another for each further so many."""
    first_heads: Positive = Field(title="首批人数")
    """Workers needed for the first lump."""
    first_fen: Fen = Field(title="首批金额")
    """Fen for those."""
    further_heads: Positive = Field(title="每再增加人数")
    """Workers of each further lump; fewer add nothing."""
    further_fen: Fen = Field(title="每次增加金额")
    """Fen for each further so many."""
    cap_fen: Fen = Field(title="总额上限")
    """The most that is paid for all of them."""
    counted_over: CountedOver = Field(default=CountedOver.SEASON, title="人数累计期间")
    """Over which time the agency's workers are counted, across all its lists by this version of the rule."""


class Instalment(Part):
    """A part that is due once the job has lasted so many months."""

    months: Positive = Field(title="满月数")
    """Months that the job must have lasted."""
    fen: Fen = Field(title="每人金额")
    """Fen for each worker."""


class Instalments(Part):
    """So much for each worker, in parts by how long the job has lasted."""

    kind: Literal["instalments"] = Field(title="标准种类")
    """So much for each worker, in parts by how long the job has lasted."""
    parts: tuple[Instalment, ...] = Field(min_length=1, title="分期")
    """By ascending months."""

    @model_validator(mode="after")
    def _ascending(self) -> "Instalments":
        months = [one.months for one in self.parts]
        if months != sorted(set(months)):
            raise ValueError("months must ascend / 月数须递增")
        return self


class Between(Part):
    """An amount of which the notice gives the least and the most."""

    least_fen: Fen = Field(title="最低金额")
    """Fen at least."""
    most_fen: Fen = Field(title="最高金额")
    """Fen at most."""

    @model_validator(mode="after")
    def _in_order(self) -> "Between":
        if self.most_fen < self.least_fen:
            raise ValueError("most_fen is below least_fen / 上限低于下限")
        return self


class ByReach(Part):
    """So much for each worker by how far they went; nothing where the distance is not named."""

    kind: Literal["by_reach"] = Field(title="标准种类")
    """So much for each worker by how far they went."""
    fen: dict[Reach, Fen | Between] = Field(min_length=1, title="每人金额")
    """Fen for each worker by distance; nothing where a distance is not named."""


class ByIncome(Part):
    """So much for each worker by what they earned in the year."""

    kind: Literal["by_income"] = Field(title="标准种类")
    """So much for each worker by what they earned in the year."""
    limit_fen: Fen = Field(title="收入界线")
    """The income of the year, in fen, that divides the two."""
    below_fen: Fen = Field(title="低于界线的金额")
    """For who earned less than the limit."""
    from_fen: Fen = Field(title="达到界线的金额")
    """For who earned as much or more."""


Amount = Annotated[PerHead | Tiers | Blocks | Instalments | ByReach | ByIncome, Field(discriminator="kind")]


class Conditions(Part):
    """What must be so of a worker; what is left out is not asked. All of what is asked must be met."""

    categories: tuple[Category, ...] = Field(default=(), title="人员类别")
    """Classes of which the worker must have been one on the day; empty: everybody."""
    age_min: Count = Field(default=0, title="最低年龄")
    """Years of age on the day."""
    reach: tuple[Reach, ...] = Field(default=(), title="就业地远近")
    """How far from home the job must be; empty: anywhere."""
    job_months: Count = Field(default=0, title="就业月数")
    """Months that the job must have lasted."""
    same_enterprise: Flag = Field(default=True, title="须在所送企业")
    """Whether job, contract and insurance must be at the enterprise that the worker was brought to."""
    contract_months: Count = Field(default=0, title="合同月数")
    """Months that the labour contract must be for."""
    insurance_months: Count = Field(default=0, title="社会保险月数")
    """Months of social insurance after arrival."""
    tracked_months: Count = Field(default=0, title="跟踪月数")
    """Months after arrival in which the named helper recorded how the worker is."""
    organised_seat: Seat = Field(default=Seat.ANY, title="组织包车座位")
    """Whether a seat on organised transport is needed, bars it, or does not matter."""
    first_export: Flag = Field(default=False, title="首次有组织外出")
    """Whether it is for the first organised journey alone."""
    no_allowance: Flag = Field(default=False, title="当年未领个人补贴")
    """Whether an allowance on another office's list for the same year bars it."""


class Stack(Part):
    """Another payment that the same worker may be the reason of in the same period."""

    purpose: Purpose = Field(title="奖补项目")
    """What that payment is for."""
    categories: tuple[Category, ...] = Field(default=(), title="人员类别")
    """For which classes of workers; empty: everybody."""


class Rule(Part):
    """One version of a rule; a list that was made by it keeps its digest for good. All amounts are fen."""

    id: str = Field(min_length=1, max_length=60, pattern=r"^[a-z0-9-]+$", title="规则编号")
    """What all versions of the rule have in common."""
    version: Positive = Field(title="版本号")
    """Raised with each change: a version in force never changes."""
    name: Words = Field(title="规则名称")
    """What the rule is called."""
    claimant: Claimant = Field(title="奖补对象")
    """Who is rewarded."""
    purpose: Purpose = Field(title="奖补项目")
    """What it is paid for: two of one purpose for one worker and period are one thing paid twice."""
    valid_from: Day = Field(title="生效日期")
    """The first day of arrival, or of taking up the job, that it holds for."""
    valid_to: Day | None = Field(default=None, title="截止日期")
    """The last such day, included."""
    amount: Amount = Field(title="标准")
    """What is paid."""
    conditions: Conditions = Field(default=Conditions(), title="条件")
    """What must be so of a worker."""
    once: Once = Field(default=Once.EVER, title="每人次数")
    """How often one worker may be paid for under this purpose, in all counties together."""
    stacks: tuple[Stack, ...] = Field(default=(), title="可同时享受")
    """What else the same worker may have been paid for in the same period; what is not named here bars it."""
    cap_claimant_fen: Fen | None = Field(default=None, title="每家每年上限")
    """The most that one claimant is paid under the rule for one calendar year of arrivals."""
    bring: tuple[Words, ...] = Field(default=(), title="应带材料")
    """The papers to bring."""
    where: Words | None = Field(default=None, title="办理地点")
    """Where to ask for it."""
    source: Words = Field(title="依据")
    """The notice that it is from, as far as it is known."""
    assumed: tuple[Words, ...] = Field(default=(), title="假定")
    """What no notice says and somebody has decided, for whoever reads the rule."""

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from / 截止日期早于生效日期")
        if self._is_uncertain() and self.claimant is not Claimant.WORKER:
            raise ValueError(
                "an amount that this system cannot know exactly is for a worker's benefit alone"
                " / 本系统无法确定的金额只能用于务工人员本人的待遇"
            )
        return self

    def _is_uncertain(self) -> bool:
        match self.amount:
            case PerHead(is_ceiling=True) | ByIncome():
                return True
            case ByReach(fen=by_reach):
                return any(isinstance(one, Between) for one in by_reach.values())
        return False

    @property
    def key(self) -> str:
        """The name of this version: `guizhou-2021@1`."""
        return f"{self.id}@{self.version}"

    @property
    def counted_over(self) -> CountedOver | None:
        """Over which time workers are counted; None where each brings the same, however many they are."""
        return self.amount.counted_over if isinstance(self.amount, Tiers | Blocks) else None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def digest(self) -> str:
        """SHA-256 in hex of all that it says: a rule that was edited in place has another."""
        body = json.dumps(
            self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(body.encode()).hexdigest()
