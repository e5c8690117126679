"""Queries on what planning stands on: the fleet, the price lists, the subsidy policies; interprets none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from services.dispatcher.domain.trip import TripState
from services.dispatcher.money.rules.policy import Policy, digest_of
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store.tables import FleetRow, PolicyRow, TariffRow, TripRow
from shared.security import Principal, within

_TAKES_A_COACH = [s.value for s in TripState if s not in (TripState.CANCELLED, TripState.REJECTED)]


def replace_fleet(session: Session, principal: Principal, rows: Sequence[FleetRow]) -> None:
    """The fleet of the caller's area becomes exactly these rows."""
    session.execute(delete(FleetRow).where(within(FleetRow.home_prefecture_code, principal)))
    session.add_all(rows)


def list_fleet(session: Session, principal: Principal) -> list[FleetRow]:
    """The coaches registered in the caller's area; a county sees those of its prefecture, which drive for it."""
    homes = tuple(area[:4] for area in principal.areas if area)
    wider = Principal(principal.subject, principal.roles, homes, principal.organisation, principal.name)
    query = select(FleetRow).where(within(FleetRow.home_prefecture_code, wider))
    return list(session.exec(query.order_by(FleetRow.carrier_id, FleetRow.coach_type)))


def list_home_fleet(session: Session, home: str) -> list[FleetRow]:
    """The coaches registered in a prefecture, by carrier and type."""
    query = select(FleetRow).where(FleetRow.home_prefecture_code == home)
    return list(session.exec(query.order_by(FleetRow.carrier_id, FleetRow.coach_type)))


def count_taken(session: Session, home: str, day: date) -> dict[tuple[str, str], int]:
    """Coaches of a prefecture that trips of the day have taken already, by carrier and type."""
    query = (
        select(TripRow.carrier_id, TripRow.coach_type, func.count())
        .where(TripRow.day == day, col(TripRow.state).in_(_TAKES_A_COACH))
        .where(col(TripRow.county_code).startswith(home[:4], autoescape=True))
        .group_by(TripRow.carrier_id, TripRow.coach_type)
    )
    return {(carrier, kind): count for carrier, kind, count in session.exec(query)}


def find_tariff(session: Session, key: str) -> Tariff | None:
    """The tariff of `id@version`."""
    tariff_id, _, version = key.rpartition("@")
    row = session.get(TariffRow, (tariff_id, int(version)))
    return Tariff.model_validate(row.body) if row else None


@dataclass(frozen=True)
class StoredPolicy:
    """A version of a policy: as it is stored, its digest, which later versions of this program do not change, and as it reads."""

    row: PolicyRow
    digest: str
    policy: Policy


def find_stored_policy(session: Session, key: str) -> StoredPolicy | None:
    """The policy of `id@version`, read and hashed once a transaction: a version never changes."""
    known: dict[str, StoredPolicy] = session.info.setdefault("policies", {})
    if key not in known:
        policy_id, _, version = key.rpartition("@")
        row = session.get(PolicyRow, (policy_id, int(version)))
        if row is None:
            return None
        known[key] = StoredPolicy(row, digest_of(row.body), Policy.model_validate(row.body))
    return known[key]


def find_policy(session: Session, key: str) -> Policy | None:
    """The policy of `id@version`."""
    stored = find_stored_policy(session, key)
    return stored.policy if stored else None


def get_policy_digest(session: Session, key: str) -> str:
    """The digest of the policy of `id@version`, which whoever asks has found before. Raises KeyError."""
    stored = find_stored_policy(session, key)
    if stored is None:
        raise KeyError(key)
    return stored.digest


def list_tariffs(session: Session) -> list[Tariff]:
    """Every version of every coach type's prices."""
    rows = session.exec(select(TariffRow).order_by(TariffRow.id, col(TariffRow.version)))
    return [Tariff.model_validate(row.body) for row in rows]


def list_policies(session: Session) -> list[Policy]:
    """Every version of every policy."""
    rows = session.exec(select(PolicyRow).order_by(PolicyRow.id, col(PolicyRow.version)))
    return [Policy.model_validate(row.body) for row in rows]


def add_tariff(session: Session, tariff: Tariff, at: datetime) -> None:
    """Keep a version that is not there yet."""
    session.add(TariffRow(id=tariff.id, version=tariff.version, body=_body(tariff), loaded_at=at))


def add_policy(session: Session, policy: Policy, at: datetime) -> None:
    """Keep a version that is not there yet."""
    session.add(PolicyRow(id=policy.id, version=policy.version, body=_body(policy), loaded_at=at))


def _body(model: Tariff | Policy) -> dict[str, Any]:
    return model.model_dump(mode="json")


def list_coach_types(session: Session, home_prefix: str) -> list[str]:
    """The coach types registered in prefectures whose code begins so."""
    query = select(FleetRow.coach_type).where(
        col(FleetRow.home_prefecture_code).startswith(home_prefix, autoescape=True)
    )
    return sorted(set(session.exec(query)))
