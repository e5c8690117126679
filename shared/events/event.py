"""What all events have in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact, told by the service that owns it. Unknown fields are refused, values cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: ClassVar[str]
    version_of_type: ClassVar[int] = 1
    keyed_by: ClassVar[str]
    """The field that orders events: what has the same key is delivered in the order it was told."""

    version: int
    """Version of the aggregate, ascending; a consumer ignores one that is older than what it knows."""

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type: `zhida.RequestSubmitted.v1`."""
        return f"zhida.{cls.__name__}.v{cls.version_of_type}"

    @property
    def key(self) -> str:
        value: str = getattr(self, self.keyed_by)
        return value
