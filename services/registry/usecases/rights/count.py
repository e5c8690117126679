"""Counts cases for an audit: by type, month and county, and nothing that tells of one or two people."""

from dataclasses import dataclass

from services.registry.store.rights import count_by_month
from services.registry.usecases.parts import Parts
from shared.security import Principal

SHOWN_FROM = 3
"""A smaller number is told as smaller, never as itself; no sums are told, for they would give it away."""


@dataclass(frozen=True)
class CountView:
    """How many cases of a type were opened in a county's month: a number from 3 on, else `<3`."""

    county_code: str
    month: str
    case_type: str
    count: str


def count_cases(parts: Parts, principal: Principal) -> list[CountView]:
    """The counts of the caller's area; a month without a case of a type has no line."""
    with parts.database.session() as session:
        found = count_by_month(session, principal)
    return [
        CountView(county, month, kind, str(count) if count >= SHOWN_FROM else f"<{SHOWN_FROM}")
        for county, month, kind, count in found
    ]
