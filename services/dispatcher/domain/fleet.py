"""Knows the coaches that carriers offer a day; knows no plate and no price."""

from pydantic import BaseModel, ConfigDict, Field


class Coaches(BaseModel):
    """Coaches of one type of one carrier. `home_prefecture_code` is where they are registered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    carrier_id: str = Field(min_length=1, max_length=60, pattern=r"^[^/:\s]+$")
    carrier_name: str = Field(min_length=1, max_length=120)
    home_prefecture_code: str = Field(pattern=r"^\d{6}$")
    coach_type: str = Field(min_length=1, max_length=30, pattern=r"^[^/:\s]+$")
    seats_approved: int = Field(ge=10, le=80)
    coaches_per_day: int = Field(ge=0, le=10_000)
    contact_email: str | None = None
