"""The contract between the services: every fact that one tells another, one model per type and version.

Facts carry no name, resident ID or phone: people are request ids here.
"""

from shared.events.catalogue import CATALOGUE, TOPICS, find_model
from shared.events.enterprises import EnterpriseRegistered, Gate
from shared.events.event import Event
from shared.events.handovers import (
    ArrivalConfirmed,
    NoShowRecorded,
    ObjectionReason,
    Outcome,
    TripDeparted,
    WorkerBoarded,
)
from shared.events.notices import WorkerNotified
from shared.events.plans import PoolNotPlanned, PoolPlanned, PoolPlanRequested
from shared.events.requests import PersonErased, RequestAmended, RequestSubmitted, RequestWithdrawn
from shared.events.trips import (
    RequestPooled,
    RequestUnserved,
    Rider,
    TripCancelled,
    TripPublished,
    TripStop,
)

__all__ = [
    "CATALOGUE",
    "TOPICS",
    "ArrivalConfirmed",
    "EnterpriseRegistered",
    "Event",
    "Gate",
    "NoShowRecorded",
    "ObjectionReason",
    "Outcome",
    "PersonErased",
    "PoolNotPlanned",
    "PoolPlanRequested",
    "PoolPlanned",
    "RequestAmended",
    "RequestPooled",
    "RequestSubmitted",
    "RequestUnserved",
    "RequestWithdrawn",
    "Rider",
    "TripCancelled",
    "TripDeparted",
    "TripPublished",
    "TripStop",
    "WorkerBoarded",
    "WorkerNotified",
    "find_model",
]
