"""The pages of registers: send one, watch it being dealt with, see which rows came back."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import CauseOf, Clerk, Page, PartsOf, Reader
from services.registry.intake.stream import STREAM_BYTES_MAX
from services.registry.store.population import get_population, list_populations
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.outcomes import show_lines
from services.registry.usecases.people.population import name_for, receive_population
from services.registry.usecases.place_names import place_name
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import url
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.security import Principal, Role

router = APIRouter(include_in_schema=False)
OUTCOMES: Final[dict[str, tuple[str, str, str]]] = {
    "new": ("新建档", "New files", "good"),
    "changed": ("有变化", "Changed", "good"),
    "unchanged": ("无变化", "Unchanged", ""),
    "refused": ("退回", "Refused", "bad"),
}
"""What may become of a row, in Chinese and English, and its colour."""


@router.get("/population")
def show_registers(request: Request, principal: Reader, parts: PartsOf, page: Page = 1) -> Response:
    """The registers that were sent, newest first, and the form to send one."""
    return _page(request, principal, parts, page)


@router.post("/population")
def send_register(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    cause: CauseOf,
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> Response:
    """Receive a register and lead to its page, where the worker can be watched; to send it again changes nothing."""
    try:
        name = file.filename or "register"
        row, _ = receive_population(parts, principal, file.file, file=name, area_code=area_code, cause=cause)
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _page(request, principal, parts, 1, error=error)
    return RedirectResponse(url(request, f"/population/{row.id}"), 303)


@router.get("/population/{population_id}")
def show_register(
    request: Request,
    population_id: str,
    principal: Reader,
    parts: PartsOf,
    outcome: Annotated[str, Query(pattern="^(all|new|changed|unchanged|refused)$")] = "all",
    page: Page = 1,
) -> Response:
    """How far a register is, and what became of its rows so far."""
    with parts.database.session() as session:
        row = get_population(session, principal, population_id)
    narrowed = None if outcome == "all" else outcome
    lines = show_lines(parts, principal, population_id, narrowed, page=page, size=PAGE_SIZE)
    counts = {
        "new": row.fresh,
        "changed": row.changed,
        "unchanged": row.unchanged,
        "refused": row.refused,
    }
    total = sum(counts.values()) if narrowed is None else counts[narrowed]
    context: dict[str, Any] = {
        "row": row,
        "file_name": name_for(principal, row, parts.vault),
        "counts": counts,
        "lines": lines,
        "outcome": outcome,
        "outcomes": OUTCOMES,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "population_one.html", context)


def _page(
    request: Request, principal: Principal, parts: Parts, page: int, *, error: ZhidaError | None = None
) -> Response:
    with parts.database.session() as session:
        rows, total = list_populations(session, principal, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    context = {
        "rows": [(row, name_for(principal, row, parts.vault)) for row in rows],
        "error": error,
        "can_load": principal.has(Role.BUREAU),
        "areas": [(area, place_name(area)) for area in principal.areas],
        "bytes_max": STREAM_BYTES_MAX,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "population.html", context, status_of(error) if error else 200)
