"""Which use case answers which event, and nothing else."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import Session

from services.dispatcher.usecases.record_handover import record_arrival, record_boarding, record_departure
from services.dispatcher.usecases.take_demand import take_enterprise, take_request, withdraw_request
from services.dispatcher.usecases.take_plan import take_plan, take_refusal
from shared.events import (
    ArrivalConfirmed,
    EnterpriseRegistered,
    Event,
    NoShowRecorded,
    PoolNotPlanned,
    PoolPlanned,
    RequestAmended,
    RequestSubmitted,
    RequestWithdrawn,
    TripDeparted,
    WorkerBoarded,
)
from shared.kernel.clock import Clock
from shared.messaging import Cause, Reaction, Reactions
from shared.metrics import Metrics


def make_reactions(metrics: Metrics, clock: Clock) -> Reactions:
    """The dispatcher's reactions; news that a use case calls old is counted."""

    def react(take: Callable[[Session, Any, Cause, Clock], bool]) -> Reaction:
        def reaction(session: Session, event: Event, cause: Cause) -> None:
            if not take(session, event, cause, clock):
                metrics.events_stale.labels(event.type_name()).inc()

        return reaction

    return {
        RequestSubmitted: react(take_request),
        RequestAmended: react(take_request),
        RequestWithdrawn: react(withdraw_request),
        EnterpriseRegistered: react(take_enterprise),
        WorkerBoarded: react(record_boarding),
        NoShowRecorded: react(record_boarding),
        TripDeparted: react(record_departure),
        ArrivalConfirmed: react(record_arrival),
        PoolPlanned: react(take_plan),
        PoolNotPlanned: react(partial(take_refusal, metrics=metrics)),
    }
