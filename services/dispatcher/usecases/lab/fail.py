"""Ends a question to the lab that cannot be answered: whoever asked sees why."""

import logging

from sqlmodel import Session

from services.dispatcher.domain.lab import LabState
from services.dispatcher.store.lab import find_planning_lab

log = logging.getLogger(__name__)


def fail_lab(session: Session, lab_id: str, zh: str, en: str) -> bool:
    """Note why in both languages; False when it waits for no plan any more."""
    run = find_planning_lab(session, lab_id)
    if run is None:
        return False
    log.warning("lab failed", extra={"lab_id": lab_id, "why": en})
    run.state, run.note = LabState.FAILED.value, f"{zh} / {en}"
    return True
