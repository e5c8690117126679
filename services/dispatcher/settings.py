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
    planner_engine: Literal["columns", "routing", "firstfit", "separate"] = Field(
        default="columns",
        description="The planning engine; columns alone proves how far from the best its plans are.",
    )
    planner_objective: Literal["charter", "public", "public, then charter"] = Field(
        default="charter",
        description="What a plan is judged by: the charters, or what the public pays for them by the policy in force; a trip below the"
        " policy's minimum of passengers is not funded, and all of it counts as the public's.",
    )
    planner_database_url: str | None = Field(
        default=None,
        description="The planner's database, whose outbox this service reads when the bus is embedded.",
        examples=["postgresql+psycopg://zhida:change-me@127.0.0.1:5432/planner"],
    )
    pickups_max: int = Field(default=3, ge=1, le=4, description="Stops at which one coach picks up, at most.")
    drops_max: int = Field(default=3, ge=1, le=4, description="Gates at which one coach sets down, at most.")

    moved_fen: int = Field(
        default=5_000, ge=0, description="Fen that it counts to let a worker ride another trip than was told."
    )
    changed_fen: int = Field(
        default=20_000,
        ge=0,
        description="Fen that it counts to run a trip with another coach or way than was told.",
    )
    cancelled_fen: int = Field(
        default=100_000, ge=0, description="Fen that it counts to cancel a carrier's trip."
    )

    @field_validator("cut_off", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        """An empty variable is one that is not set, so that no cut-off needs a word of its own."""
        return None if value == "off" else value

    def peers(self) -> dict[str, str]:
        """The other services, and the planner, which answers nobody else."""
        planner = {"planner": self.planner_database_url} if self.planner_database_url else {}
        return super().peers() | planner
