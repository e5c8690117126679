"""The sixteen checks before and after anybody is paid (`domain.md` §2.5), each a function of the facts of one claim."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.dispatcher.money.claims.checks.counting import count_eligible
from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.checks.papers import (
    f09_price_unusual,
    f10_papers_wrong,
    f11_out_of_time,
)
from services.dispatcher.money.claims.checks.people import (
    f01_rosters_overlap,
    f02_paid_before,
    f03_has_allowance,
    f12_person_doubtful,
    f14_not_employed,
)
from services.dispatcher.money.claims.checks.process import f13_not_its_people, f15_duties_not_separate
from services.dispatcher.money.claims.checks.rides import f04_not_boarded, f05_not_confirmed
from services.dispatcher.money.claims.checks.vehicles import (
    f06_too_few,
    f07_overloaded,
    f08_plate_elsewhere,
    f16_no_end_at_home,
)
from services.dispatcher.money.claims.facts import ClaimFacts

Check = Callable[[ClaimFacts], list[Flag]]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "F01": f01_rosters_overlap,
        "F02": f02_paid_before,
        "F03": f03_has_allowance,
        "F04": f04_not_boarded,
        "F05": f05_not_confirmed,
        "F06": f06_too_few,
        "F07": f07_overloaded,
        "F08": f08_plate_elsewhere,
        "F09": f09_price_unusual,
        "F10": f10_papers_wrong,
        "F11": f11_out_of_time,
        "F12": f12_person_doubtful,
        "F13": f13_not_its_people,
        "F14": f14_not_employed,
        "F15": f15_duties_not_separate,
        "F16": f16_no_end_at_home,
    }
)
"""Code -> check, in order."""


def run_checks(facts: ClaimFacts) -> list[Flag]:
    """All that the checks find, by code; the order of trips, seats and papers in the facts is no matter."""
    return sorted((flag for check in CHECKS.values() for flag in check(facts)), key=lambda flag: flag.rank)


__all__ = ["CHECKS", "Cause", "Check", "Flag", "Severity", "count_eligible", "run_checks"]
