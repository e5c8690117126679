"""Told by the notifier: who boarded, when the coach left, and what the enterprise confirmed."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.events.event import Event


class Outcome(StrEnum):
    """What the enterprise says of one worker at its gate."""

    ARRIVED = "arrived"
    NO_SHOW = "no_show"
    REFUSED = "refused"
    DISPUTED = "disputed"


class ObjectionReason(StrEnum):
    """Why an enterprise refuses a worker or disputes their arrival; a code, for a free text could name somebody."""

    HEALTH = "health"
    PAPERS = "papers"
    JOB = "job"
    NOT_HIRED = "not_hired"


class _Handover(Event):
    topic: ClassVar[str] = "zhida.handovers"
    keyed_by: ClassVar[str] = "trip_id"

    trip_id: str
    at: datetime
    """When it happened, by the clock of whoever reports it."""


class WorkerBoarded(_Handover):
    """The escort has marked that this worker is on the coach. `version` is that of the rider's boarding."""

    request_id: str


class NoShowRecorded(_Handover):
    """The escort has marked that this worker did not come."""

    request_id: str


class TripDeparted(_Handover):
    """The coach has left its last pickup with these people; nobody boards after it."""

    request_ids: tuple[str, ...]


class ArrivalConfirmed(_Handover):
    """The enterprise has said what became of one worker; a later version replaces an earlier one.

    What else it wrote stays with the notifier.
    """

    request_id: str
    enterprise_id: str
    outcome: Outcome
    reason: ObjectionReason | None = None
