"""Finds and adds column mappings: those that came with Zhida, and those an operator added, a newer version before an older."""

from sqlmodel import Session, col, select

from services.registry.domain.exchange.mapping import Mapping
from services.registry.intake.mapping import MappingUnreadable, read_mapping, read_presets
from services.registry.store.tables import MappingRow
from services.registry.usecases.exchange.errors import MappingTaken, MappingUnknown
from services.registry.usecases.parts import Parts
from shared.security import Principal, require_province


def list_mappings(session: Session) -> list[Mapping]:
    """All versions, the newest of each id first."""
    rows = session.exec(select(MappingRow).order_by(col(MappingRow.id)))
    known = [*read_presets(), *(read_mapping(row.document) for row in rows)]
    return sorted(known, key=lambda one: (one.id, -one.version))


def get_mapping(session: Session, mapping_id: str | None, version: int | None = None) -> Mapping:
    """The newest version of a mapping, or the one named; without an id the preset. Raises MappingUnknown."""
    known = list_mappings(session)
    wanted = mapping_id or read_presets()[0].id
    for one in known:
        if one.id == wanted and version in (None, one.version):
            return one
    names = ", ".join(dict.fromkeys(one.id for one in known))
    raise MappingUnknown(mapping_id=wanted[:60], known=names)


def add_mapping(parts: Parts, principal: Principal, content: bytes) -> tuple[Mapping, bool]:
    """Add a version, for every county; whether it is new. The same file again changes nothing.

    Raises ProvinceNeeded, MappingUnreadable, MappingInvalid, MappingTaken.
    """
    require_province(principal)
    try:
        document = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingUnreadable(detail=f"byte {error.start}") from error
    mapping = read_mapping(document)
    with parts.database.session() as session:
        known = {one.key: one for one in list_mappings(session)}
        if mapping.key in known:
            if known[mapping.key] != mapping:
                raise MappingTaken(key=mapping.key)
            return mapping, False
        row = MappingRow(
            id=mapping.id,
            version=mapping.version,
            document=document,
            added_by=principal.subject,
            added_at=parts.clock.now(),
        )
        session.add(row)
    return mapping, True
