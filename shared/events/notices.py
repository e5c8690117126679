"""Told by the notifier: who has been told."""

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.event import Event


class WorkerNotified(Event):
    """The worker of a request has been told about the trip."""

    topic: ClassVar[str] = "zhida.notices"
    keyed_by: ClassVar[str] = "request_id"

    request_id: str
    trip_id: str
    channel: Literal["sms", "email", "webhook"]
    at: datetime
