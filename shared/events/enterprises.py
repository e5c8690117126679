"""Told by the registry: the enterprises that take workers, and the gates they arrive at."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.events.event import Event


class Gate(BaseModel):
    """An enterprise's door: where a coach sets down. Coordinates in degrees, WGS-84."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate_id: str
    name: str
    town_code: str
    prefecture_code: str
    lon: float
    lat: float


class EnterpriseRegistered(Event):
    """An enterprise is known, or has changed; carries its whole state."""

    topic: ClassVar[str] = "zhida.enterprises"
    keyed_by: ClassVar[str] = "enterprise_id"

    enterprise_id: str
    """Unified social credit code, 18 characters (GB 32100)."""
    name: str
    email: str | None
    """A role mailbox of the organisation, never a person's."""
    gates: tuple[Gate, ...]
