"""Every event there is, by its type on the wire; a published version stays here forever."""

from typing import Final

from shared.events.enterprises import EnterpriseRegistered
from shared.events.event import Event
from shared.events.handovers import ArrivalConfirmed, NoShowRecorded, TripDeparted, WorkerBoarded
from shared.events.notices import WorkerNotified
from shared.events.plans import PoolNotPlanned, PoolPlanned, PoolPlanRequested
from shared.events.requests import PersonErased, RequestAmended, RequestSubmitted, RequestWithdrawn
from shared.events.trips import RequestPooled, RequestUnserved, TripCancelled, TripPublished

PUBLISHED_BY: Final[dict[str, tuple[type[Event], ...]]] = {
    "registry": (RequestSubmitted, RequestAmended, RequestWithdrawn, PersonErased, EnterpriseRegistered),
    "dispatcher": (RequestPooled, RequestUnserved, TripPublished, TripCancelled, PoolPlanRequested),
    "planner": (PoolPlanned, PoolNotPlanned),
    "notifier": (WorkerNotified, WorkerBoarded, NoShowRecorded, TripDeparted, ArrivalConfirmed),
}
"""Which service may tell which events."""

CONSUMED_BY: Final[dict[str, tuple[type[Event], ...]]] = {
    "registry": (
        RequestPooled,
        RequestUnserved,
        TripPublished,
        TripCancelled,
        WorkerNotified,
        WorkerBoarded,
        NoShowRecorded,
        TripDeparted,
        ArrivalConfirmed,
    ),
    "dispatcher": (
        RequestSubmitted,
        RequestAmended,
        RequestWithdrawn,
        EnterpriseRegistered,
        WorkerBoarded,
        NoShowRecorded,
        TripDeparted,
        ArrivalConfirmed,
        PoolPlanned,
        PoolNotPlanned,
    ),
    "planner": (PoolPlanRequested,),
    "notifier": (EnterpriseRegistered, TripPublished, TripCancelled, RequestWithdrawn, PersonErased),
}
"""Which service listens to which events; its topics follow."""

CATALOGUE: Final[dict[str, type[Event]]] = {
    model.type_name(): model for models in PUBLISHED_BY.values() for model in models
}

TOPICS: Final[tuple[str, ...]] = tuple(sorted({model.topic for model in CATALOGUE.values()}))


def find_model(type_name: str) -> type[Event] | None:
    """The model of a CloudEvents type such as `zhida.TripPublished.v1`; None where nobody tells it."""
    return CATALOGUE.get(type_name)
