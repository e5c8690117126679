"""Knows what a subsidy policy may say, dated and versioned; computes nothing.

Percentage of the charter with a cap and a minimum of passengers a vehicle: the commonest rule of those
published (`domain.md` §2.1). Bands, full cost and claimants' caps come with the claims.
"""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Payer(StrEnum):
    """A level of government that bears a part: of the origin, or of the destination."""

    ORIGIN_COUNTY = "origin_county"
    ORIGIN_PREFECTURE = "origin_prefecture"
    ORIGIN_PROVINCE = "origin_province"
    DESTINATION_PREFECTURE = "destination_prefecture"


class PayerShare(BaseModel):
    """One payer and its weight among the payers: 1 and 1 is half each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    payer: Payer
    share: int = Field(gt=0)


class Policy(BaseModel):
    """One version of a subsidy policy; a trip is held to the version in force on its day, for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, pattern=r"^[^@\s]+$")
    version: int = Field(ge=1)
    name: str
    valid_from: date
    valid_to: date | None = None
    load_factor_percent: int = Field(ge=1, le=100)
    """Passengers allowed, of the approved capacity (50 in 交运明电〔2020〕56号)."""
    rate_percent: int = Field(ge=0, le=100)
    cap_vehicle_fen: int | None = Field(default=None, ge=0)
    min_passengers_vehicle: int = Field(default=0, ge=0)
    toll_exempt: bool = False
    payers: tuple[PayerShare, ...] = Field(min_length=1)
    source: str = ""
    assumed: tuple[str, ...] = ()
    """What no notice says and somebody has decided, for whoever reads the policy."""

    @model_validator(mode="after")
    def _consistent(self) -> "Policy":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from / 截止日期早于生效日期")
        if len({share.payer for share in self.payers}) != len(self.payers):
            raise ValueError("a payer is named twice / 出资方重复")
        return self

    @property
    def rule(self) -> str:
        """The name of this version on every line that it makes: `guizhou-2020@1`."""
        return f"{self.id}@{self.version}"
