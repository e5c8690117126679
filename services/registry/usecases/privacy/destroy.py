"""Destroys what the registry holds of people, in the caller's transaction; refuses to ask whether they may be."""

from collections.abc import Sequence

from sqlmodel import Session

from services.registry.store.exchange.drawing import wait_for_drawing
from services.registry.store.households.forget import forget_words
from services.registry.store.people import erase_person
from services.registry.store.privacy.endings import end_spells
from services.registry.store.privacy.subjects import forget_fingerprints
from services.registry.store.requests import requests_of
from services.registry.store.tables import PersonRow, RequestRow
from services.registry.usecases.households.fallen import household_employment_changed
from services.registry.usecases.submit import SOURCE
from shared.events import PersonErased
from shared.kernel.clock import Clock, local_date
from shared.messaging import Cause, emit_all

BY = "erasure"
"""Whose word it was that a household has one less who works."""


def destroy(session: Session, persons: Sequence[PersonRow], *, clock: Clock, cause: Cause) -> None:
    """Destroy the keys of these persons, whose rows are held, end what went on for them, and tell the other services.

    What was counted of them in the past stays counted; from today on they are nowhere.
    """
    wait_for_drawing(session)
    ids, today = [one.id for one in persons], local_date(clock.now())
    end_spells(session, ids, today)
    household_employment_changed(session, ids, today, BY)
    tell_erased(session, requests_of(session, ids), clock=clock, cause=cause)
    forget_words(session, ids)
    for one in persons:
        forget_fingerprints(session, one.id, one.fingerprint)
        erase_person(session, one.id)


def tell_erased(session: Session, requests: Sequence[RequestRow], *, clock: Clock, cause: Cause) -> None:
    """Have the other services destroy what they hold of whoever these requests were."""
    emit_all(session, map(_erased, requests), source=SOURCE, cause=cause, clock=clock)


def _erased(request: RequestRow) -> PersonErased:
    request.version += 1
    return PersonErased(request_id=request.id, version=request.version)
