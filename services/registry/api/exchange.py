"""Routes of the exchange with the provincial system: mappings, exports and their files, receipts, imports, the report."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from fastapi.responses import StreamingResponse

from services.registry.api.exchange_shapes import (
    LINES_TOLD_MAX,
    DifferenceOut,
    DifferencePage,
    ExportDetailOut,
    ExportIn,
    ExportOut,
    ExportPage,
    ExportRowOut,
    ImportOut,
    ImportPage,
    MappingAddedOut,
    MappingOut,
    ReceivedOut,
    ReportOut,
    RowPage,
    TakenInOut,
    lines_of,
)
from services.registry.callers import CauseOf, Clerk, Operator, Page, PartsOf, Reader, Size
from services.registry.domain.exchange.incoming import Outcome
from services.registry.domain.exchange.receipts import RowState
from services.registry.intake.sheets import Encoding
from services.registry.store.exchange.imports import list_imports
from services.registry.store.exchange.sent import list_exports
from services.registry.usecases.exchange.export import ask
from services.registry.usecases.exchange.hand_back import refused_lines
from services.registry.usecases.exchange.mappings import add_mapping, list_mappings
from services.registry.usecases.exchange.receipts import receive
from services.registry.usecases.exchange.report import report_of, show_differences, show_export, show_rows
from services.registry.usecases.exchange.take_in import take_in
from services.registry.usecases.exchange.write import FileKind, write_file
from shared.http.attachment import XLSX, attachment_in_pieces

router = APIRouter(prefix="/api/exchange", tags=["exchange"])
MEDIA = {
    "xlsx": XLSX,
    "csv": "text/csv",
}
Named = Annotated[str | None, Form(max_length=60)]
Asked = Annotated[str | None, Query(max_length=60)]


@router.get("/mappings")
def get_mappings(_: Reader, parts: PartsOf) -> list[MappingOut]:
    """All versions of the column mappings, the newest of each first."""
    with parts.database.session() as session:
        return [MappingOut.of(one) for one in list_mappings(session)]


@router.post("/mappings", status_code=201)
def post_mapping(
    response: Response, principal: Operator, parts: PartsOf, file: Annotated[UploadFile, File()]
) -> MappingAddedOut:
    """Add a version of a column mapping, YAML, for every county. 200 where it was there word for word."""
    mapping, is_new = add_mapping(parts, principal, file.file.read())
    response.status_code = 201 if is_new else 200
    return MappingAddedOut(**MappingOut.of(mapping).model_dump(), known=not is_new)


@router.post("/exports", status_code=201)
def post_export(response: Response, body: ExportIn, principal: Clerk, parts: PartsOf) -> ExportOut:
    """Ask for a month of one of the caller's areas: it is drawn up in the background. Nothing leaves yet: see the file of an export.

    200 where the same is waiting already.
    """
    row, is_new = ask(parts, principal, body.asked())
    response.status_code = 201 if is_new else 200
    return ExportOut.of(row, parts.clock.now())


@router.get("/exports")
def get_exports(principal: Clerk, parts: PartsOf, page: Page = 1, size: Size = 50) -> ExportPage:
    """A page of the exports of the caller's area, newest first."""
    with parts.database.session() as session:
        rows, total = list_exports(session, principal, offset=(page - 1) * size, limit=size)
    now = parts.clock.now()
    return ExportPage(items=[ExportOut.of(row, now) for row in rows], total=total, page=page, size=size)


@router.get("/exports/{export_id}")
def get_one_export(export_id: str, principal: Clerk, parts: PartsOf) -> ExportDetailOut:
    """An export: how far it is drawn up, until when its file can be fetched, and how its rows stand."""
    now = parts.clock.now()
    with parts.database.session() as session:
        return ExportDetailOut.seen(*show_export(session, principal, export_id, now), now)


@router.get("/exports/{export_id}/rows")
def get_rows(
    export_id: str,
    principal: Clerk,
    parts: PartsOf,
    state: RowState | None = None,
    page: Page = 1,
    size: Size = 50,
) -> RowPage:
    """A page of an export's rows, masked, in the order of the file; `state` narrows to those that stand so."""
    with parts.database.session() as session:
        rows = show_rows(
            session, principal, parts.vault, export_id, parts.clock.now(), state=state, page=page, size=size
        )
    return RowPage(items=[ExportRowOut.of(one) for one in rows], page=page, size=size)


@router.post("/exports/{export_id}/file", response_class=StreamingResponse)
def post_file(
    export_id: str,
    principal: Clerk,
    parts: PartsOf,
    cause: CauseOf,
    kind: FileKind = "xlsx",
    encoding: Encoding = "utf-8",
) -> StreamingResponse:
    """The file with full personal data, made anew; everybody in it finds this in the access log, with the export's reason.

    409 until the export is ready, 410 once it has expired.

    What has changed since the export was drawn up is left out: it goes with the next one. CSV is UTF-8 with a byte
    order mark, or GB18030 where it is asked for.
    """
    pieces = write_file(parts, principal, export_id, kind=kind, encoding=encoding, cause=cause)
    return as_stream(pieces, f"exchange-{export_id}.{kind}", kind, encoding)


@router.post("/receipts", status_code=201)
def post_receipts(
    response: Response,
    principal: Clerk,
    parts: PartsOf,
    file: Annotated[UploadFile, File()],
    mapping_id: Named = None,
    export_id: Named = None,
    area_code: Named = None,
) -> ReceivedOut:
    """Take the provincial system's answers, XLSX or CSV. 200 for bytes that came before.

    A line is matched by the number that was sent with the row; by resident ID only in the export that `export_id` names.
    """
    taken = receive(
        parts,
        principal,
        file.file.read(),
        file=(file.filename or "receipts")[:120],
        mapping_id=mapping_id or None,
        export_id=export_id or None,
        area_code=area_code or None,
    )
    response.status_code = 201 if taken.is_new else 200
    return ReceivedOut.of(taken.row, not taken.is_new, taken.still_open, taken.refused)


@router.post("/imports", status_code=201)
def post_import(
    response: Response,
    principal: Clerk,
    parts: PartsOf,
    file: Annotated[UploadFile, File()],
    mapping_id: Named = None,
    area_code: Named = None,
) -> TakenInOut:
    """Take in a file of the provincial system, XLSX or CSV, beside what is known. 200 for bytes that came before."""
    taken = take_in(
        parts,
        principal,
        file.file.read(),
        file=(file.filename or "import")[:120],
        mapping_id=mapping_id or None,
        area_code=area_code or None,
    )
    response.status_code = 201 if taken.is_new else 200
    told = ((row, str(one)) for row, one in sorted(taken.outcomes.items()) if one is not Outcome.UNCHANGED)
    return TakenInOut(
        **ImportOut.of(taken.row).model_dump(),
        known=not taken.is_new,
        outcomes=dict(islice(told, LINES_TOLD_MAX)),
        errors=lines_of(taken.refused),
    )


@router.get("/imports")
def get_imports(principal: Clerk, parts: PartsOf, page: Page = 1, size: Size = 50) -> ImportPage:
    """A page of the imports of the caller's area, newest first."""
    with parts.database.session() as session:
        rows, total = list_imports(session, principal, offset=(page - 1) * size, limit=size)
    return ImportPage(items=[ImportOut.of(row) for row in rows], total=total, page=page, size=size)


@router.get("/imports/{import_id}/refused.xlsx", response_class=StreamingResponse)
def get_refused(import_id: str, principal: Clerk, parts: PartsOf, cause: CauseOf) -> StreamingResponse:
    """The refused lines of an import in full, with their reasons; the look-up is logged."""
    pieces = refused_lines(parts, principal, import_id, cause=cause)
    return as_stream(pieces, f"refused-{import_id}.xlsx", "xlsx", "utf-8")


@router.get("/report")
def get_report(
    principal: Reader,
    parts: PartsOf,
    month: Asked = None,
    area_code: Asked = None,
    mapping_id: Asked = None,
) -> ReportOut:
    """What of a month is sent, acknowledged, refused, missing and late, by county or place. Without `month` the last one."""
    return ReportOut.of(report_of(parts, principal, area_code=area_code, month=month, mapping_id=mapping_id))


@router.get("/differences")
def get_differences(
    principal: Clerk,
    parts: PartsOf,
    month: Asked = None,
    area_code: Asked = None,
    page: Page = 1,
    size: Size = 50,
) -> DifferencePage:
    """A page of whom the provincial system tells otherwise in a month; ours stands."""
    found = show_differences(parts, principal, area_code=area_code, month=month, page=page, size=size)
    return DifferencePage(items=[DifferenceOut.of(one) for one in found], page=page, size=size)


def as_stream(pieces: Iterator[bytes], name: str, kind: FileKind, encoding: Encoding) -> StreamingResponse:
    """A file that is made while it is sent."""
    media = MEDIA[kind] if kind == "xlsx" else f"{MEDIA[kind]}; charset={encoding}"
    return attachment_in_pieces(name, pieces, media)
