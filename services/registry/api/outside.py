"""Routes of the lists that other offices keep about people: load, list what was loaded, withdraw, template."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from services.registry.api.outgoing import (
    FaultOut,
    LoadedOut,
    OutsideListOut,
    OutsideListPage,
    RefusedLineOut,
)
from services.registry.callers import ClerkOrFinance, Page, PartsOf, PaymentReader, Size
from services.registry.domain.outside import LIST_COLUMNS, WORDS, OutsideKind
from services.registry.intake.template import write_list_template
from services.registry.store.outside import list_outside
from services.registry.usecases.errors import told
from services.registry.usecases.load_outside import load_outside, withdraw_outside
from shared.http.attachment import XLSX, attachment

router = APIRouter(prefix="/api/outside-lists", tags=["outside lists"])
REFUSED_TOLD_MAX = 1000


@router.post("", status_code=201)
def load_list(
    response: Response,
    principal: ClerkOrFinance,
    parts: PartsOf,
    kind: Annotated[OutsideKind, Form()],
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> LoadedOut:
    """Load a list, XLSX or CSV: good lines count from now on, bad ones come back. 200 for bytes that were loaded before.

    `area_code` is needed where the caller has more areas than one.
    """
    name = (file.filename or "list")[:120]
    loading = load_outside(parts, principal, kind, file.file.read(), file=name, area_code=area_code)
    response.status_code = 201 if loading.is_new else 200
    return LoadedOut(
        **OutsideListOut.of(loading.row).model_dump(),
        known=not loading.is_new,
        errors=[
            RefusedLineOut(row=row, errors=[FaultOut(**told(one)) for one in faults])
            for row, faults in islice(loading.refused.items(), REFUSED_TOLD_MAX)
        ],
    )


@router.get("")
def list_all(principal: PaymentReader, parts: PartsOf, page: Page = 1, size: Size = 50) -> OutsideListPage:
    """A page of the lists that were loaded for the caller's area, newest first."""
    with parts.database.session() as session:
        rows, total = list_outside(session, principal, offset=(page - 1) * size, limit=size)
    return OutsideListPage(items=[OutsideListOut.of(row) for row in rows], total=total, page=page, size=size)


@router.post("/{list_id}/withdraw")
def withdraw_list(list_id: str, principal: ClerkOrFinance, parts: PartsOf) -> OutsideListOut:
    """Take back a list that was wrong: nothing of it counts any more. To withdraw it twice changes nothing."""
    return OutsideListOut.of(withdraw_outside(parts, principal, list_id))


@router.get("/template.xlsx", response_class=Response)
def download_template(_: ClerkOrFinance, kind: OutsideKind) -> Response:
    """The headings of a list and how to fill them."""
    return attachment(f"{kind}.xlsx", write_list_template(WORDS[kind][0], LIST_COLUMNS[kind]), XLSX)
