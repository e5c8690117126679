"""Tells what happened to single workers, each in the chain of the upload that the worker came by."""

from collections.abc import Iterable
from itertools import groupby

from sqlmodel import Session

from services.notifier.store.tables import RiderRow
from services.notifier.usecases import SOURCE
from shared.events import Event
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit_all


def tell_of_riders(
    session: Session, told: Iterable[tuple[RiderRow, Event]], cause: Cause, clock: Clock
) -> None:
    """Tell the events in their order."""
    for chain, run in groupby(told, key=lambda one: one[0].correlation_id):
        events = [event for _, event in run]
        emit_all(session, events, source=SOURCE, cause=cause.within([chain]), clock=clock)
