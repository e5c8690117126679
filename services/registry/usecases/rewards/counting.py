"""Counts a claimant's workers across its lists, where what they bring depends on how many they are.

A list counts on the lists that were confirmed before it by the same version of its rule, and keeps which: once one of them is
taken back, or an arrival on one, it comes out otherwise and is made again. So all lists of a version together come to what one
list of all their workers would; another version has days and rates of its own, and neither counts nor prices these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.rewards.amounts import NOTHING, Before
from services.registry.domain.rewards.calendar import counting_days
from services.registry.domain.rewards.rule import Claimant, Rule
from services.registry.store.rewards.facts import (
    Found,
    count_employed,
    count_organised,
    employed_by,
    organised_by,
)
from services.registry.store.rewards.lists import CONFIRMED, HANDED_OVER, lists_of
from services.registry.store.tables import RewardListRow


@dataclass(frozen=True)
class Counted:
    """The lists that a list counts on, and what they come to."""

    list_ids: tuple[str, ...] = ()
    before: Before = NOTHING


def count_before(session: Session, rule: Rule, row: RewardListRow) -> Counted:
    """What was counted and paid before a list: for a draft by all that are confirmed by now, for one that is confirmed itself by
    those of its time that still stand."""
    days = counting_days(rule, row.first_day)
    if days is None:
        return Counted()
    earlier = [
        one
        for one in lists_of(session, row.reward_rule_id, row.claimant_id, days, but=row.id)
        if row.state not in (CONFIRMED, HANDED_OVER) or one.id in row.counted_lists
    ]
    paid = sum(one.total_fen for one in earlier)
    ids = tuple(one.id for one in earlier)
    return Counted(ids, Before(_heads(session, rule, ids), paid))


def placed_by(session: Session, rule: Rule, claimant: str, area: str, days: tuple[date, date]) -> list[Found]:
    """Whom a claimant may name for the arrivals of these days."""
    look = organised_by if rule.claimant is Claimant.AGENCY else employed_by
    return look(session, claimant, area, *days)


def _heads(session: Session, rule: Rule, list_ids: Sequence[str]) -> int:
    """Workers, once a period each, whose placement still stands; two IDs of one file are one worker, wherever they belong by now."""
    count = count_organised if rule.claimant is Claimant.AGENCY else count_employed
    return count(session, list_ids)
