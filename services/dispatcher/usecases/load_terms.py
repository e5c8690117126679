"""Loads fleet, price lists and policies; a version once loaded is never changed, for money hangs on it.

All three are the province's: the latest price list and policy hold in every county, and so does what a fleet says of
a carrier's mailbox, to which the escort's link goes.
"""

from collections.abc import Sequence

from pydantic import BaseModel
from sqlmodel import Session

from services.dispatcher.domain.fleet import Coaches
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store.tables import FleetRow
from services.dispatcher.store.terms import (
    add_policy,
    add_tariff,
    find_policy,
    find_tariff,
    replace_fleet,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Forbidden, InvalidInput
from shared.security import Principal, covers, require_province


class VersionTaken(Conflict):
    """{kind} {key} is loaded already and says something else. Give the change a new version number."""

    zh = "{kind} {key} 已载入且内容不同。请为修改后的内容使用新的版本号。"


class NotYourFleet(Forbidden):
    """The coaches of {carrier_id} are registered in {home}, which is outside your area. Leave them out."""

    zh = "{carrier_id} 的车辆登记在 {home}，不在您的辖区内。请去掉这些车辆。"


class CoachesTwice(InvalidInput):
    """Carrier {carrier_id} has coach type {coach_type} twice. Add the two numbers up on one line."""

    zh = "承运企业 {carrier_id} 的车型 {coach_type} 出现两次。请合并为一行。"


def load_fleet(session: Session, principal: Principal, fleet: Sequence[Coaches]) -> int:
    """The fleet of the caller's area becomes exactly these coaches; how many.

    Raises ProvinceNeeded, CoachesTwice, and NotYourFleet for a coach registered elsewhere.
    """
    require_province(principal)
    seen: set[tuple[str, str]] = set()
    for line in fleet:
        key = (line.carrier_id, line.coach_type)
        if key in seen:
            raise CoachesTwice(carrier_id=line.carrier_id, coach_type=line.coach_type)
        seen.add(key)
        if not covers(principal, line.home_prefecture_code):
            raise NotYourFleet(home=line.home_prefecture_code, carrier_id=line.carrier_id)
    replace_fleet(session, principal, [FleetRow(**line.model_dump()) for line in fleet])
    return sum(line.coaches_per_day for line in fleet)


def load_tariffs(session: Session, principal: Principal, tariffs: Sequence[Tariff], clock: Clock) -> int:
    """Keep versions of coach types' prices; how many were not there yet. Raises ProvinceNeeded, VersionTaken."""
    require_province(principal)
    return sum(_load_tariff(session, tariff, clock) for tariff in tariffs)


def load_policies(session: Session, principal: Principal, policies: Sequence[Policy], clock: Clock) -> int:
    """Keep versions of policies; how many were not there yet. Raises ProvinceNeeded, VersionTaken."""
    require_province(principal)
    return sum(_load_policy(session, policy, clock) for policy in policies)


def _load_tariff(session: Session, tariff: Tariff, clock: Clock) -> bool:
    known = find_tariff(session, tariff.key)
    if known is not None:
        _require_same("tariff", tariff.key, known, tariff)
        return False
    add_tariff(session, tariff, clock.now())
    return True


def _load_policy(session: Session, policy: Policy, clock: Clock) -> bool:
    known = find_policy(session, policy.key)
    if known is not None:
        _require_same("policy", policy.key, known, policy)
        return False
    add_policy(session, policy, clock.now())
    return True


def _require_same(kind: str, key: str, known: BaseModel, given: BaseModel) -> None:
    if known != given:
        raise VersionTaken(kind=kind, key=key)
