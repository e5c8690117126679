"""The pages of the exchange with the provincial system: how a month stands, send it, take in answers and the system's own files."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import CauseOf, Clerk, Operator, Page, PartsOf, Reader
from services.registry.domain.exchange.drawing import STATE_WORDS
from services.registry.domain.exchange.incoming import OUTCOME_WORDS, Outcome
from services.registry.domain.exchange.receipts import WORDS, RowState
from services.registry.domain.months import add_months, month_of, month_text
from services.registry.domain.tracking.outcome import FINDING_WORDS
from services.registry.intake.grid import FILE_BYTES_MAX
from services.registry.intake.sheets import Encoding
from services.registry.store.exchange.answers import list_receipts
from services.registry.store.exchange.imports import list_imports
from services.registry.store.exchange.sent import list_exports
from services.registry.usecases.exchange.errors import ExchangeAreaNotYours
from services.registry.usecases.exchange.export import (
    REASON_WORDS,
    Asked,
    ExportReason,
    ask,
    expiry_of,
    standing_of,
)
from services.registry.usecases.exchange.mappings import add_mapping, list_mappings
from services.registry.usecases.exchange.receipts import Received, receive
from services.registry.usecases.exchange.report import (
    Report,
    report_of,
    show_differences,
    show_export,
    show_rows,
)
from services.registry.usecases.exchange.take_in import TakenIn, take_in
from services.registry.usecases.exchange.write import FileKind, write_file
from services.registry.usecases.parts import Parts
from services.registry.usecases.place_names import place_name
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import t, url
from shared.http.attachment import attachment_in_pieces
from shared.http.problems import status_of
from shared.kernel.clock import local_date
from shared.kernel.errors import ZhidaError
from shared.reference import find_county, list_counties, list_county_stops
from shared.security import Principal, Role

router = APIRouter(include_in_schema=False)
FILES: dict[str, tuple[FileKind, Encoding]] = {
    "xlsx": ("xlsx", "utf-8"),
    "csv": ("csv", "utf-8"),
    "csv-gb18030": ("csv", "gb18030"),
}
SHOWN = 20
Form60 = Annotated[str, Form(max_length=60)]
Query60 = Annotated[str, Query(max_length=60)]


@router.get("/exchange")
def show_exchange(
    request: Request, principal: Reader, parts: PartsOf, month: Query60 = "", area_code: Query60 = ""
) -> Response:
    """How a month stands, and for a bureau what was sent, answered and taken in."""
    return _page(request, principal, parts, month=month, area_code=area_code)


@router.post("/exchange/exports")
def send_export(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    reason: Annotated[ExportReason, Form()],
    scope: Annotated[Literal["all", "changed"], Form()] = "changed",
    month: Form60 = "",
    area_code: Form60 = "",
    mapping_id: Form60 = "",
) -> Response:
    """Ask for a month and lead to its page, where its drawing up can be watched."""
    asked = Asked(reason, scope == "changed", area_code or None, month or None, mapping_id or None)
    try:
        row, _ = ask(parts, principal, asked)
    except ZhidaError as error:
        return _failed(request, principal, parts, error, area_code)
    return RedirectResponse(url(request, f"/exchange/exports/{row.id}"), 303)


@router.post("/exchange/files")
def send_file(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    kind: Annotated[Literal["receipts", "import"], Form()],
    file: Annotated[UploadFile, File()],
    export_id: Form60 = "",
    area_code: Form60 = "",
    mapping_id: Form60 = "",
) -> Response:
    """Take in answers, or a file of the system, and show what became of each line."""
    named: dict[str, Any] = {"mapping_id": mapping_id or None, "area_code": area_code or None}
    content, name = file.file.read(), (file.filename or "file")[:120]
    try:
        if kind == "receipts":
            taken = receive(parts, principal, content, file=name, export_id=export_id or None, **named)
            return _page(request, principal, parts, area_code=area_code, received=taken)
        return _page(
            request,
            principal,
            parts,
            area_code=area_code,
            taken=take_in(parts, principal, content, file=name, **named),
        )
    except ZhidaError as error:
        return _failed(request, principal, parts, error, area_code)


@router.post("/exchange/mappings")
def send_mapping(
    request: Request, principal: Operator, parts: PartsOf, file: Annotated[UploadFile, File()]
) -> Response:
    """Add a version of a column mapping."""
    try:
        add_mapping(parts, principal, file.file.read())
    except ZhidaError as error:
        return _failed(request, principal, parts, error, "")
    return RedirectResponse(url(request, "/exchange"), 303)


@router.get("/exchange/exports/{export_id}")
def show_one_export(
    request: Request,
    export_id: str,
    principal: Clerk,
    parts: PartsOf,
    state: Annotated[RowState | None, Query()] = None,
    page: Page = 1,
) -> Response:
    """An export: how far it is, its file to fetch, and how its rows stand."""
    now = parts.clock.now()
    with parts.database.session() as session:
        export, states = show_export(session, principal, export_id, now)
        rows = show_rows(
            session, principal, parts.vault, export_id, now, state=state, page=page, size=PAGE_SIZE
        )
    total = states.get(state, 0) if state else sum(states.values())
    context = {
        "export": export,
        "area": place_name(export.area_code),
        "standing": standing_of(export, now),
        "expires_at": expiry_of(export),
        "states": states,
        "state": state,
        "rows": rows,
        "words": WORDS,
        "reasons": REASON_WORDS,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "exchange_export.html", context)


@router.post("/exchange/exports/{export_id}/file")
def fetch_file(
    export_id: str,
    principal: Clerk,
    parts: PartsOf,
    cause: CauseOf,
    form: Annotated[Literal["xlsx", "csv", "csv-gb18030"], Form()],
) -> Response:
    """The file with full personal data; everybody in it finds that in the access log."""
    kind, encoding = FILES[form]
    pieces: Iterator[bytes] = write_file(
        parts, principal, export_id, kind=kind, encoding=encoding, cause=cause
    )
    return attachment_in_pieces(f"exchange-{export_id}.{kind}", pieces)


def _failed(
    request: Request, principal: Principal, parts: Parts, error: ZhidaError, area_code: str
) -> Response:
    """The page with the reason: nothing was changed. An area that is not the caller's is not tried again."""
    if status_of(error) >= 500:
        raise error
    known = "" if isinstance(error, ExchangeAreaNotYours) else area_code
    return _page(request, principal, parts, area_code=known, error=error)


def _page(
    request: Request,
    principal: Principal,
    parts: Parts,
    *,
    month: str = "",
    area_code: str = "",
    error: ZhidaError | None = None,
    received: Received | None = None,
    taken: TakenIn | None = None,
) -> Response:
    area = area_code or (principal.areas[0] if principal.areas else None)
    report = report_of(parts, principal, area_code=area, month=month or None, mapping_id=None)
    can_send, now = principal.has(Role.BUREAU), parts.clock.now()
    with parts.database.session() as session:
        mappings = list_mappings(session)
        exports = list_exports(session, principal, offset=0, limit=SHOWN)[0] if can_send else []
        imports = list_imports(session, principal, offset=0, limit=SHOWN)[0] if can_send else []
        receipts = list_receipts(session, principal, SHOWN) if can_send else []
    differences = (
        show_differences(
            parts, principal, area_code=area, month=month_text(report.month), page=1, size=PAGE_SIZE
        )
        if can_send
        else []
    )
    refused = taken.refused if taken else received.refused if received else {}
    context = {
        "report": report,
        "area": place_name(report.area_code),
        "areas": _areas(principal),
        "months": _months(report, local_date(now)),
        "mappings": mappings,
        "mapping_choices": [(one.id, one.name) for one in _newest(mappings)],
        "exports": [(one, standing_of(one, now)) for one in exports],
        "state_words": STATE_WORDS,
        "exports_named": [
            (one.id, f"{month_text(one.month)} {place_name(one.area_code)} {one.id[-6:]}")
            for one in exports
            if one.finished_at
        ],
        "imports": imports,
        "receipts": receipts,
        "differences": differences,
        "received": received,
        "taken": taken,
        "told": _told(taken),
        "refused_shown": sorted(refused.items())[:PAGE_SIZE],
        "is_cut": len(refused) > PAGE_SIZE,
        "error": error,
        "can_send": can_send,
        "can_map": principal.has(Role.OPERATOR),
        "reasons": [(str(code), t(*words)) for code, words in REASON_WORDS.items()],
        "reason_words": REASON_WORDS,
        "outcome_words": OUTCOME_WORDS,
        "findings": FINDING_WORDS,
        "bytes_max": FILE_BYTES_MAX,
    }
    return TEMPLATES.TemplateResponse(request, "exchange.html", context, status_of(error) if error else 200)


def _told(taken: TakenIn | None) -> list[tuple[int, tuple[str, str]]]:
    """What lines did that changed something or were in conflict."""
    if taken is None:
        return []
    told = (Outcome.FRESH, Outcome.CHANGED, Outcome.CONFLICT)
    return [(row, OUTCOME_WORDS[one]) for row, one in sorted(taken.outcomes.items()) if one in told][
        :PAGE_SIZE
    ]


def _newest(mappings: list[Any]) -> list[Any]:
    return list({one.id: one for one in reversed(mappings)}.values())


def _months(report: Report, today: date) -> list[tuple[str, str]]:
    """This month and the twelve before it, and the one that is shown."""
    months = [month_text(add_months(month_of(today), -back)) for back in range(13)]
    return [(one, one) for one in dict.fromkeys([*months, month_text(report.month)])]


def _areas(principal: Principal) -> list[tuple[str, str]]:
    """What the caller can ask for: their areas, and the counties or places within them."""
    found = [(area, place_name(area)) for area in principal.areas]
    for area in principal.areas:
        county = find_county(area) if len(area) == 6 else None
        if county:
            found += [(stop.code, stop.name) for stop in list_county_stops(area) if stop.kind != "seat"]
        elif len(area) < 6:
            found += [(one.code, one.name) for one in list_counties() if one.code.startswith(area)]
    return list(dict(found).items())
