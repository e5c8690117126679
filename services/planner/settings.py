"""What a planner is told about its surroundings."""

from pydantic import Field

from shared.settings import ServiceSettings


class PlannerSettings(ServiceSettings):
    """The planner: plans what the dispatcher asks for. Start as many as there are machines, all with one database."""

    workers: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Processes that plan, each one pool at a time; 0 takes one a core.",
    )

    def peers(self) -> dict[str, str]:
        """The dispatcher's alone: nobody else asks for plans."""
        return {"dispatcher": self.dispatcher_database_url} if self.dispatcher_database_url else {}
