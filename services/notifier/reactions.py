"""Which use case answers which event of another service, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from services.notifier.usecases.notes import forget_words
from services.notifier.usecases.tell_trip import Teller
from shared.events import (
    EnterpriseRegistered,
    Event,
    PersonErased,
    RequestWithdrawn,
    TripCancelled,
    TripPublished,
)
from shared.messaging import Cause
from shared.metrics import Metrics


def reactions(
    teller: Teller, metrics: Metrics
) -> Mapping[type[Event], Callable[[Session, Event, Cause], None]]:
    """Event type -> what is done in the consumer's transaction; an event that is too old is counted."""
    cases: dict[type[Event], Callable[[Session, Any, Cause], bool]] = {
        EnterpriseRegistered: teller.register,
        TripPublished: teller.publish,
        TripCancelled: teller.cancel,
        RequestWithdrawn: teller.withdraw,
        PersonErased: forget_words,
    }

    def reaction(usecase: Callable[[Session, Any, Cause], bool]) -> Callable[[Session, Event, Cause], None]:
        def react(session: Session, event: Event, cause: Cause) -> None:
            if not usecase(session, event, cause):
                metrics.events_stale.labels(event.type_name()).inc()

        return react

    return {event: reaction(usecase) for event, usecase in cases.items()}
