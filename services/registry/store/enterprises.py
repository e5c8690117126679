"""Writes and finds enterprises and their gates; they are known to all counties."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.domain.places import Enterprise, Gate
from services.registry.store.tables import EnterpriseRow, GateRow


def list_enterprises(
    session: Session, ids: Sequence[str] | None = None
) -> list[tuple[EnterpriseRow, list[GateRow]]]:
    """Enterprises with their gates, by name; all, or those of `ids`."""
    gates: dict[str, list[GateRow]] = defaultdict(list)
    enterprises = select(EnterpriseRow).order_by(col(EnterpriseRow.name), col(EnterpriseRow.id))
    doors = select(GateRow).order_by(col(GateRow.name))
    if ids is not None:
        enterprises = enterprises.where(col(EnterpriseRow.id).in_(ids))
        doors = doors.where(col(GateRow.enterprise_id).in_(ids))
    for gate in session.exec(doors):
        gates[gate.enterprise_id].append(gate)
    return [(one, gates[one.id]) for one in session.exec(enterprises)]


def known_enterprises(session: Session) -> list[Enterprise]:
    """All enterprises as the rules see them, by name. Asked for each roster: columns, since whole rows cost several times as
    much, and by one statement."""
    columns = select(EnterpriseRow.id, EnterpriseRow.name, GateRow.id, GateRow.name)
    doors = columns.join(GateRow, col(GateRow.enterprise_id) == EnterpriseRow.id, isouter=True)
    ordered = doors.order_by(col(EnterpriseRow.name), col(EnterpriseRow.id), col(GateRow.name))
    return [
        Enterprise(
            id_, name, tuple(Gate(gate_id, gate) for _, _, gate_id, gate in rows if gate_id is not None)
        )
        for (id_, name), rows in groupby(session.exec(ordered), key=lambda row: (row[0], row[1]))
    ]


def save_enterprise(session: Session, enterprise: EnterpriseRow, gates: Sequence[GateRow]) -> None:
    """Write an enterprise and its gates over what was there. A gate that is not named again stays."""
    _upsert(session, EnterpriseRow, enterprise)
    for gate in gates:
        _upsert(session, GateRow, gate)


def _upsert(
    session: Session, table: type[EnterpriseRow] | type[GateRow], row: EnterpriseRow | GateRow
) -> None:
    values = row.model_dump()
    statement = insert(table).values(values)
    changed = {name: statement.excluded[name] for name in values if name != "id"}
    session.connection().execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))
