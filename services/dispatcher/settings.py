"""How the dispatcher is told about its surroundings; refuses to know what to do with them."""

from datetime import time
from typing import Any, Literal

from pydantic import Field, field_validator

from shared.settings import ServiceSettings


class DispatcherSettings(ServiceSettings):
    """The dispatcher: who rides which coach, and who pays."""

    cut_off: time | None = Field(
        default=time(18, 0),
        description="Local time (Asia/Shanghai) at which the next day is planned by itself; off: only on request.",
    )
    cut_off_area: str = Field(
        default="52",
        pattern=r"^\d{2,6}$",
        description="The area that is planned at the cut-off: a county's code or its beginning.",
    )
    planner_seconds: float = Field(
        default=3.0, gt=0, le=3600, description="Seconds that the search may take for each pool."
    )
    planner_engine: Literal["routing", "firstfit", "separate"] = Field(
        default="routing", description="The planning engine."
    )
    planner_processes: int = Field(
        default=0, ge=0, le=256, description="Planner processes; 0 takes one a core."
    )
    pickups_max: int = Field(default=3, ge=1, le=4, description="Stops at which one coach picks up, at most.")
    drops_max: int = Field(default=3, ge=1, le=4, description="Gates at which one coach sets down, at most.")

    @field_validator("cut_off", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        """An empty variable is one that is not set, so that no cut-off needs a word of its own."""
        return None if value == "off" else value
