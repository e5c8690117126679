"""Reads and writes organisations, webhook subscriptions and opened links."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.notifier.domain.notice import Audience
from services.notifier.store.tables import OpenedLinkRow, OrganisationRow, SubscriptionRow


def find_organisation(session: Session, audience: Audience, ref: str) -> OrganisationRow | None:
    """A carrier or an enterprise, if anybody has told of it."""
    return session.get(OrganisationRow, (audience.value, ref))


def store_organisation(
    session: Session, audience: Audience, ref: str, *, version: int, name: str, email: str | None
) -> None:
    """Its name and mailbox as last told. Carriers have no version of their own: the last trip's word holds."""
    values = {"audience": audience.value, "ref": ref, "version": version, "name": name, "email": email}
    statement = insert(OrganisationRow).values(values)
    changed = statement.on_conflict_do_update(
        index_elements=["audience", "ref"],
        set_={"version": version, "name": name, "email": email},
        where=col(OrganisationRow.version) <= version,
    )
    session.connection().execute(changed)


def list_names(session: Session, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """The names of those enterprises that the registry has told of."""
    query = select(OrganisationRow.ref, OrganisationRow.name).where(
        OrganisationRow.audience == Audience.ENTERPRISE.value,
        col(OrganisationRow.ref).in_(list(enterprise_ids)),
    )
    return dict(session.exec(query).all())


def find_subscription(session: Session, organisation: str) -> SubscriptionRow | None:
    """Where an organisation takes webhooks."""
    return session.get(SubscriptionRow, organisation)


def list_subscribed(session: Session, organisations: Iterable[str]) -> set[str]:
    """Which of these organisations take webhooks."""
    query = select(SubscriptionRow.organisation).where(
        col(SubscriptionRow.organisation).in_(list(organisations))
    )
    return set(session.exec(query).all())


def open_once(
    session: Session, jti: str, purpose: str, trip_id: str, device: str, opened_at: datetime
) -> str:
    """Record that a link was opened by a device; gives the device that was first, this one or another."""
    values = {"jti": jti, "purpose": purpose, "trip_id": trip_id, "device": device, "opened_at": opened_at}
    session.connection().execute(insert(OpenedLinkRow).values(values).on_conflict_do_nothing())
    return session.exec(select(OpenedLinkRow.device).where(OpenedLinkRow.jti == jti)).one()
