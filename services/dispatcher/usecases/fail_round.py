"""Ends a round that cannot be planned: its requests wait for another."""

import logging

from sqlmodel import Session

from services.dispatcher.domain.round import UNPLANNED, RoundState, follow
from services.dispatcher.store.demand import free_from_round
from services.dispatcher.store.rounds import get_round

log = logging.getLogger(__name__)


def fail_round(session: Session, round_id: str, zh: str, en: str) -> bool:
    """Note why in both languages; False when the round waits for no plan any more."""
    row = get_round(session, round_id)
    if row.state not in UNPLANNED:
        return False
    log.warning("round failed", extra={"round_id": round_id, "why": en})
    row.state = follow(round_id, row.state, RoundState.FAILED)
    row.version += 1
    row.note = f"{zh} / {en}"
    free_from_round(session, round_id)
    return True
