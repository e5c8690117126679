"""Where enterprises are, and what they and divisions are called."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from services.registry.store.tables import EnterpriseRow, GateRow


def areas_of_enterprises(session: Session, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """The prefecture of each registered enterprise's first gate."""
    doors = select(GateRow.enterprise_id, GateRow.prefecture_code).where(
        col(GateRow.enterprise_id).in_(list(enterprise_ids))
    )
    found: dict[str, str] = {}
    for enterprise_id, prefecture_code in session.exec(doors.order_by(col(GateRow.id))):
        found.setdefault(enterprise_id, prefecture_code)
    return found


def names_of_enterprises(session: Session, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """The name of each registered enterprise."""
    wanted = select(EnterpriseRow.id, EnterpriseRow.name).where(
        col(EnterpriseRow.id).in_(list(enterprise_ids))
    )
    return dict(session.exec(wanted).all())
