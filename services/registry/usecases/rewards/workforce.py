"""Counts an enterprise's own workers by how long they have been in the job, and of nobody tells anything else.

Not by class: that somebody was poor or was relocated is a matter of their household. The office that pays a reward by class finds
it in its own list, made from tracking, and asks no enterprise. Nor is a count told exactly, for that somebody left may be what
they told their helper; a step may still go down on that day (`domain.rewards.workforce`). It reads employment alone: no class, no
tracking record, no case, no household.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.rewards.workforce import at_least
from services.registry.store.rewards.facts import days_of_start


@dataclass(frozen=True)
class Workforce:
    """Those in the job on a day; `at_least` goes with MONTHS."""

    enterprise_id: str
    as_of: date
    at_least: tuple[int, ...]


def count_workforce(session: Session, enterprise_id: str, as_of: date) -> Workforce:
    """Who works at the enterprise on a day."""
    return Workforce(enterprise_id, as_of, at_least(days_of_start(session, enterprise_id, as_of), as_of))
