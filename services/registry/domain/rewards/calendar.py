"""Counts months as offices do: from 25 February, one month is over on 25 March."""

from datetime import date, timedelta

from services.registry.domain.months import add_months
from services.registry.domain.rewards.rule import CountedOver, Once, Rule
from shared.kernel.season import season_of


def whole_months(first: date, end: date) -> int:
    """How many whole months are over on `end`; 0 where it is before `first`."""
    months = (end.year - first.year) * 12 + end.month - first.month
    if months > 0 and add_months(first, months) > end:
        months -= 1
    return max(months, 0)


def period_of(once: Once, day: date) -> str:
    """The period in which one worker may be paid for once: `2020`, `2020-spring`, or empty for ever."""
    match once:
        case Once.YEAR:
            return f"{day.year}"
        case Once.SEASON:
            return season_of(day)
        case Once.EVER:
            return ""


def counting_days(rule: Rule, day: date) -> tuple[date, date] | None:
    """The first and last day over which a claimant's workers are counted together with one of `day`; None where the rule counts
    nobody."""
    year = date(day.year, 1, 1), date(day.year, 12, 31)
    match rule.counted_over:
        case CountedOver.SEASON:
            half = date(day.year, 6, 30)
            return (
                (year[0], half) if season_of(day) == season_of(half) else (half + timedelta(days=1), year[1])
            )
        case CountedOver.YEAR:
            return year
        case CountedOver.RULE:
            return rule.valid_from, rule.valid_to or date.max
    return None


def overlap(one: str, other: str) -> bool:
    """Whether two periods have a day in common; a season lies in its year, and all lies in ever."""
    return one.startswith(other) or other.startswith(one)
