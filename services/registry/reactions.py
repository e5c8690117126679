"""Event type -> what the registry does about it, nothing else: every one is a fact about how far a request has come."""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from services.registry.domain.status import Fact, FactKind, Status
from services.registry.store.facts import Told
from services.registry.usecases.follow import Follower, about_trip
from shared.events import (
    ArrivalConfirmed,
    Event,
    NoShowRecorded,
    RequestPooled,
    RequestUnserved,
    TripCancelled,
    TripDeparted,
    TripPublished,
    WorkerBoarded,
    WorkerNotified,
)
from shared.messaging import Cause, InRuns, Reactions
from shared.metrics import Metrics


def facts_told(event: Event) -> list[Told]:
    """What an event says about single requests; events about whole trips are followed as such."""
    match event:
        case RequestPooled():
            return [Told(event.request_id, Fact(FactKind.POOLED, event.pool_id), event.version)]
        case RequestUnserved():
            fact = Fact(FactKind.UNSERVED, event.round_id, order=event.round_id)
            detail = event.model_dump(include={"rule", "limit", "figure", "mend_zh", "mend_en"})
            return [Told(event.request_id, fact, event.version, detail)]
        case WorkerNotified():
            kind = FactKind.NOTIFIED
            return [about_trip(kind, event.request_id, event.trip_id, event.version, channel=event.channel)]
        case WorkerBoarded():
            kind, status = FactKind.BOARDING, Status.BOARDED
            return [about_trip(kind, event.request_id, event.trip_id, event.version, status)]
        case NoShowRecorded():
            kind, status = FactKind.BOARDING, Status.NO_SHOW
            return [about_trip(kind, event.request_id, event.trip_id, event.version, status)]
        case TripDeparted():
            kind = FactKind.DEPARTED
            return [about_trip(kind, one, event.trip_id, event.version) for one in event.request_ids]
        case ArrivalConfirmed():
            kind, status = FactKind.ARRIVAL, Status(event.outcome)
            told = {"at": event.at.isoformat()} | ({"reason": event.reason.value} if event.reason else {})
            return [about_trip(kind, event.request_id, event.trip_id, event.version, status, **told)]
    raise TypeError(f"nobody here listens to {event.type_name()}")


def reactions(follower: Follower, metrics: Metrics) -> Reactions:
    """What the registry's consumer runs."""

    def counted(follow: Callable[[Session, Event], int]) -> Callable[[Session, Event, Cause], None]:
        def react(session: Session, event: Event, _cause: Cause) -> None:
            stale = follow(session, event)
            if stale:
                metrics.events_stale.labels(event.type_name()).inc(stale)

        return react

    def follow_trip(session: Session, event: Event) -> int:
        if isinstance(event, TripPublished):
            return follower.publish(session, event)
        if isinstance(event, TripCancelled):
            return follower.cancel(session, event)
        raise TypeError(f"{event.type_name()} is no trip")

    def follow_run(session: Session, run: Sequence[tuple[Event, Cause]]) -> None:
        stale = follower.tell(session, [told for event, _ in run for told in facts_told(event)])
        if stale:
            metrics.events_stale.labels(run[0][0].type_name()).inc(stale)

    single = (
        RequestPooled,
        RequestUnserved,
        WorkerNotified,
        WorkerBoarded,
        NoShowRecorded,
        TripDeparted,
        ArrivalConfirmed,
    )
    return {
        TripPublished: counted(follow_trip),
        TripCancelled: counted(follow_trip),
        **dict.fromkeys(single, InRuns(follow_run)),
    }
