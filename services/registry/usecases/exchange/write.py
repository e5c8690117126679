"""Writes the file of an export anew as often as it is asked for, until it expires: no file is ever kept.

What has changed since the export was drawn up is left out, for an answer to it would speak of something else: it goes with
the next one. Whoever is erased meanwhile is in no file any more, nor in any backup of one.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlmodel import Session

from services.registry.domain.exchange.drawing import ExportState
from services.registry.domain.exchange.fields import Change, Field
from services.registry.domain.exchange.lines import write_line
from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.months import last_day
from services.registry.intake.cells import ROW_NUMBER_MAX
from services.registry.intake.mapping import exchange_rule
from services.registry.intake.sheets import Encoding, Line, write_csv, write_xlsx
from services.registry.store.access import log_access
from services.registry.store.exchange.people import read_these
from services.registry.store.exchange.sent import Gone, get_export, read_sent, resident_ids_sealed
from services.registry.store.tables import ExportRow, SentRow
from services.registry.usecases.exchange.errors import ExportExpired, ExportNotReady, ExportTooLong
from services.registry.usecases.exchange.export import (
    digest_of,
    expiry_of,
    id_of,
    removal,
    standing_of,
    token_of,
)
from services.registry.usecases.exchange.facts import Opener
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Principal

log = logging.getLogger(__name__)
FileKind = Literal["xlsx", "csv"]
SHEET_ROWS_MAX: Final = ROW_NUMBER_MAX - 1
"""Rows below the headings of a sheet: what Excel and LibreOffice open."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who is shown the file, and why; and how it is written."""

    parts: Parts
    principal: Principal
    cause: Cause
    export: ExportRow
    sheet: Sheet


def write_file(
    parts: Parts, principal: Principal, export_id: str, *, kind: FileKind, encoding: Encoding, cause: Cause
) -> Iterator[bytes]:
    """The file of an export in pieces. Who is in a piece is written to the access log before it is sent.

    Raises ExportUnknown, ExportNotReady, ExportExpired, ExportTooLong at once.
    """
    with parts.database.session() as session:
        export = get_export(session, principal, export_id)
        _check(parts, export, kind)
        sheet = get_mapping(session, export.mapping_id, export.mapping_version).rows
    log.info("export written", extra={"subject": principal.subject, "export_id": export.id, "kind": kind})
    headings = [column.heading for column in sheet.columns]
    lines = _lines(_Reader(parts, principal, cause, export, sheet))
    return (
        write_xlsx(sheet.title, headings, lines) if kind == "xlsx" else write_csv(headings, lines, encoding)
    )


def _check(parts: Parts, export: ExportRow, kind: FileKind) -> None:
    state = standing_of(export, parts.clock.now())
    expiry = expiry_of(export)
    if state is ExportState.EXPIRED and expiry is not None:
        raise ExportExpired(export_id=export.id, day=local_date(expiry))
    if state is not ExportState.READY:
        raise ExportNotReady(export_id=export.id)
    if kind == "xlsx" and export.rows > SHEET_ROWS_MAX:
        raise ExportTooLong(rows=f"{export.rows:,}", limit=f"{SHEET_ROWS_MAX:,}")


def _lines(reader: _Reader) -> Iterator[Line]:
    # A transaction a piece: whoever takes the file slowly keeps none open meanwhile.
    after: int | None = 0
    while after is not None:
        with reader.parts.database.session() as session:
            piece = read_sent(session, reader.export.id, after=after)
            shown = list(_piece(session, reader, piece))
            _note(session, reader, [person_id for person_id, _ in shown])
            after = piece[-1].row if piece else None
        for _, line in shown:
            yield line


def _note(session: Session, reader: _Reader, person_ids: Sequence[str]) -> None:
    if person_ids:
        log_access(
            session,
            subject=reader.principal.subject,
            principal=reader.principal,
            purpose=f"exchange-export-{reader.export.reason}",
            request_ids=[],
            person_ids=person_ids,
            fields=sorted(reader.sheet.fields),
            correlation_id=reader.cause.correlation_id,
            at=reader.parts.clock.now(),
        )


def _piece(session: Session, reader: _Reader, piece: Sequence[SentRow]) -> Iterator[tuple[str, Line]]:
    """Whose each line is, and the line, in order; without those of which something else is known by now."""
    export, vault = reader.export, reader.parts.vault
    reported = [row.person_id for row in piece if row.change == Change.REPORT]
    known = read_these(session, reported, export.month, last_day(export.month))
    opener = Opener(session, vault, export.month, exchange_rule(export.month))
    facts_of = {one.head.person_id: facts for one, facts, _ in opener.open(list(known.values()))}
    gone = [row.person_id for row in piece if row.change == Change.REMOVE]
    numbers = resident_ids_sealed(session, gone) if gone else {}
    for row in piece:
        facts = facts_of.get(row.person_id)
        if row.change == Change.REMOVE:
            key, sealed = numbers.get(row.person_id, (None, None))
            left = Gone(row.person_id, row.place_code, row.prior_token or "", key, sealed)
            facts = removal(export.month, id_of(left, vault))
        if facts is not None and digest_of(vault, reader.sheet, facts) == row.digest:
            numbered = {Field.TOKEN: token_of(row), Field.PRIOR_TOKEN: row.prior_token or ""}
            yield row.person_id, write_line(reader.sheet, facts | numbered)
