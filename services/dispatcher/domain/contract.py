"""Knows what a carrier's charter contract for a trip says; knows neither tariff nor policy."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

PRICE_MAX_FEN = 10**9
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{5,6}}")


def _is_plate(written: str) -> str:
    """GA 36: province, letter, five characters, six of a new-energy coach, without I and O (`domain.md` §4.2)."""
    if not _PLATE.fullmatch(written):
        raise ValueError("请填写车牌号，如 贵J12345 / Give the plate without spaces, such as 贵J12345.")
    return written


Plate = Annotated[str, AfterValidator(_is_plate)]


class Agreed(BaseModel):
    """What a contract says but for its price; `filed_at` is when it was filed with the bureau, None: not yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trip_id: str = Field(min_length=1, max_length=60)
    contract_no: str = Field(min_length=1, max_length=100)
    charterer_id: str = Field(min_length=1, max_length=60)
    """The enterprise's credit code, or the bureau's area code for a government purchase."""
    plate: Plate
    plate_prefecture_code: str = Field(pattern=r"^\d{6}$")
    seats_approved: int | None = Field(default=None, ge=10, le=80)
    """Of the coach with this plate, where it is not of the type that was planned."""
    signed_on: date
    filed_at: AwareDatetime | None = None
    emergency_order: str | None = Field(default=None, min_length=1, max_length=200)


class Contract(Agreed):
    """A charter contract for one trip."""

    price_fen: int = Field(gt=0, le=PRICE_MAX_FEN)
