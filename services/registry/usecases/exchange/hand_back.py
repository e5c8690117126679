"""Hands back the refused lines of a file with their reasons, in the file's own columns; who read them is written down."""

from collections.abc import Iterator

from services.registry.intake.sheets import write_xlsx
from services.registry.intake.template import REASON_HEADINGS
from services.registry.store.access import log_access
from services.registry.store.exchange.imports import get_import, list_refused_lines, persons_refused
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.exchange.refused import open_lines
from services.registry.usecases.parts import Parts
from shared.messaging import Cause
from shared.security import Principal


def refused_lines(parts: Parts, principal: Principal, import_id: str, *, cause: Cause) -> Iterator[bytes]:
    """A workbook in pieces, fit to be mended and sent again. Raises ImportUnknown."""
    with parts.database.session() as session:
        row = get_import(session, principal, import_id)
        sheet = get_mapping(session, row.mapping_id, row.mapping_version).rows
        lines = list(open_lines(list_refused_lines(session, row.id), parts.vault))
        log_access(
            session,
            subject=principal.subject,
            principal=principal,
            purpose="refused-rows",
            request_ids=[f"{row.id}#{number}" for number, _, _ in lines],
            person_ids=persons_refused(session, row.id),
            fields=sorted(sheet.fields),
            correlation_id=cause.correlation_id,
            at=parts.clock.now(),
        )
    headings = [*(column.heading for column in sheet.columns), *REASON_HEADINGS]
    return write_xlsx(
        sheet.title,
        headings,
        [
            [
                *(cells.get(column.field, "") for column in sheet.columns),
                "；".join(f"{one.zh}。{one.mend_zh}" for one in faults),
                "; ".join(f"{one.en}. {one.mend_en}" for one in faults),
            ]
            for _, cells, faults in lines
        ],
    )
