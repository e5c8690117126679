"""Routes of roster files: upload, outcome row by row, refused rows back, template."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from services.registry.api.outgoing import RosterDetailOut, RosterOut, RosterPage, RowOut
from services.registry.callers import CauseOf, Clerk, Page, PartsOf, Reader, Size, Writer
from services.registry.intake.template import RefusedRow, write_refused, write_template
from services.registry.store.access import log_access
from services.registry.store.enterprises import known_enterprises
from services.registry.store.rosters import get_roster, list_refused, list_rosters
from services.registry.usecases.county import county_of
from services.registry.usecases.import_roster import receive_roster
from services.registry.usecases.seal_roster import open_refused
from services.registry.usecases.show import show_rows, view_roster
from shared.http.attachment import XLSX, attachment
from shared.reference import list_county_stops

router = APIRouter(prefix="/api/rosters", tags=["rosters"])
County = Annotated[str | None, Form(pattern=r"^\d{6}$")]


@router.post("", status_code=201)
def upload_roster(
    response: Response,
    principal: Writer,
    parts: PartsOf,
    cause: CauseOf,
    file: Annotated[UploadFile, File()],
    county_code: County = None,
) -> RosterOut:
    """Upload a roster, XLSX or CSV. 201 with the counts; 200 with the first outcome for bytes that were sent before."""
    roster, is_new = receive_roster(
        parts, principal, file.file.read(), file=file.filename or "", county_code=county_code, cause=cause
    )
    response.status_code = 201 if is_new else 200
    return RosterOut.of(view_roster(roster, principal, parts.vault), known=not is_new)


@router.get("")
def list_all(principal: Reader, parts: PartsOf, page: Page = 1, size: Size = 50) -> RosterPage:
    """A page of the caller's rosters, newest first."""
    with parts.database.session() as session:
        rosters, total = list_rosters(session, principal, offset=(page - 1) * size, limit=size)
    items = [RosterOut.of(view_roster(one, principal, parts.vault)) for one in rosters]
    return RosterPage(items=items, total=total, page=page, size=size)


@router.get("/template.xlsx", response_class=Response)
def download_template(
    principal: Writer, parts: PartsOf, county_code: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None
) -> Response:
    """The roster template of a county, with its stops and all registered gates as drop-down lists."""
    county = county_of(principal, county_code)
    with parts.database.session() as session:
        enterprises = known_enterprises(session)
    stops = [stop.name for stop in list_county_stops(county)]
    content = write_template(stops, [(one.name, gate.name) for one in enterprises for gate in one.gates])
    return attachment(f"roster-{county}.xlsx", content, XLSX)


@router.get("/{roster_id}")
def get_one(
    roster_id: str,
    principal: Reader,
    parts: PartsOf,
    outcome: Annotated[str | None, Query(pattern="^refused$")] = None,
    page: Page = 1,
    size: Size = 50,
) -> RosterDetailOut:
    """A roster and what became of its rows, in the order of the file; `outcome=refused` narrows to those."""
    with parts.database.session() as session:
        roster = get_roster(session, principal, roster_id)
        rows = show_rows(
            session,
            principal,
            roster,
            parts.vault,
            only_refused=outcome == "refused",
            page=page,
            size=size,
        )
    shown = RosterOut.of(view_roster(roster, principal, parts.vault)).model_dump()
    return RosterDetailOut(**shown, rows=[RowOut.of(row) for row in rows], page=page, size=size)


@router.get("/{roster_id}/refused.xlsx", response_class=Response)
def download_refused(roster_id: str, principal: Clerk, parts: PartsOf, cause: CauseOf) -> Response:
    """The refused rows in the roster's own columns, in full, with the reasons; the look-up is logged."""
    with parts.database.session() as session:
        roster = get_roster(session, principal, roster_id)
        refused = list(open_refused(list_refused(session, roster), parts.vault))
        rows = [
            RefusedRow(
                cells,
                "；".join(f"{one.zh}。{one.mend_zh}" for one in faults),
                "; ".join(f"{one.en}. {one.mend_en}" for one in faults),
            )
            for _, cells, faults in refused
        ]
        log_access(
            session,
            subject=principal.subject,
            purpose="refused-rows",
            request_ids=[f"{roster.id}#{number}" for number, _, _ in refused],
            correlation_id=cause.correlation_id,
            at=parts.clock.now(),
        )
    return attachment(f"refused-{roster.id}.xlsx", write_refused(rows), XLSX)
