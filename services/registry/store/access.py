"""Writes down who was shown whose full personal data; refuses to hold the data itself."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.registry.store.tables import AccessRow


def log_access(
    session: Session,
    *,
    subject: str,
    purpose: str,
    request_ids: Sequence[str],
    correlation_id: str,
    at: datetime,
    service: str = "registry",
) -> None:
    """One entry in the transaction that reads what it tells of; `service` is the one that shows it to `subject`."""
    session.add(
        AccessRow(
            at=at,
            subject=subject,
            service=service,
            purpose=purpose,
            request_ids=list(request_ids),
            correlation_id=correlation_id,
        )
    )
