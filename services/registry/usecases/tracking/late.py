"""How many tasks are late now and whose it is to see to them, while something can still be done about them."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from services.registry.domain.months import add_months, month_of
from services.registry.domain.tracking.late import Level, climbed_to
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.tracking.late import count_late


def late_months(today: date) -> list[date]:
    """The months of which a task can be late today and still be done, the earlier first: it climbs on into the next month."""
    present = month_of(today)
    return [
        month
        for month in (add_months(present, -1), present)
        if shipped_rule(month).due_on(month) < today <= shipped_rule(month).closes_on(month)
    ]


def late_by_level(session: Session, today: date) -> Mapping[Level, int]:
    """The late tasks of the months that still take a record, by level; nobody is late for a month that is closed."""
    found: Counter[Level] = Counter(dict.fromkeys(Level, 0))
    for month, due_on, number in count_late(session, late_months(today), today):
        if level := climbed_to(due_on, today, shipped_rule(month)):
            found[level] += number
    return found
