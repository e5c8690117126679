"""The kinds of field that tariffs and policies have in common; money is in whole fen, and nothing is guessed from another type.

YAML reads `yes` as true and pydantic would read true as 1 and 20200224 as seconds since 1970: both are refused.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

FEN_MAX = 1_000_000_000_000
"""Ten billion yuan: more is a slip of the hand, and still exact in JSON."""

Fen = Annotated[int, Field(strict=True, ge=0, le=FEN_MAX)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
LoadFactor = Annotated[int, Field(strict=True, ge=1, le=100)]
Seats = Annotated[int, Field(strict=True, ge=1, le=200)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Positive = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Flag = StrictBool

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_as_a_day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DAY.fullmatch(value)):
        return value
    raise ValueError("write the date as 2020-02-24 / 日期请写成 2020-02-24 的形式")


def _of_our_time(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise ValueError("give a year from 2000 to 2100 / 年份请填写 2000 至 2100")
    return day


Day = Annotated[date, BeforeValidator(_written_as_a_day), AfterValidator(_of_our_time)]


class Part(BaseModel):
    """What is written once and never changed: no unknown field, and its docstrings are the schema's descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
