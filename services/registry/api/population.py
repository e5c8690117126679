"""Routes of the register of a population: send one, see how far it is, what became of its rows, template."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from services.registry.api.people_shapes import LinePage, PopulationOut, PopulationPage, RegisterRowOut
from services.registry.callers import CauseOf, Clerk, ClerkOrFinance, Page, PartsOf, Reader, Size
from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from services.registry.intake.template import write_list_template
from services.registry.store.population import get_population, list_populations
from services.registry.usecases.people.outcomes import refused_file, show_lines
from services.registry.usecases.people.population import name_for, receive_population
from shared.http.attachment import XLSX, attachment

router = APIRouter(prefix="/api/population", tags=["people"])
OutcomeOf = Annotated[str | None, Query(pattern="^(new|changed|unchanged|refused)$")]


@router.post("", status_code=201)
def send_register(
    response: Response,
    principal: Clerk,
    parts: PartsOf,
    cause: CauseOf,
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> PopulationOut:
    """Send the register of an area, XLSX or CSV of up to a million rows: it is looked through now, and dealt with in the background.

    200 for bytes that were sent before. `area_code` is needed where the caller has more areas than one.
    """
    name = file.filename or "register"
    row, is_new = receive_population(parts, principal, file.file, file=name, area_code=area_code, cause=cause)
    response.status_code = 201 if is_new else 200
    return PopulationOut.of(row, name_for(principal, row, parts.vault), known=not is_new)


@router.get("")
def list_all(principal: Reader, parts: PartsOf, page: Page = 1, size: Size = 50) -> PopulationPage:
    """A page of the registers of the caller's area, newest first, each with how far it is."""
    with parts.database.session() as session:
        rows, total = list_populations(session, principal, offset=(page - 1) * size, limit=size)
    items = [PopulationOut.of(row, name_for(principal, row, parts.vault)) for row in rows]
    return PopulationPage(items=items, total=total, page=page, size=size)


@router.get("/template.xlsx", response_class=Response)
def download_template(_: ClerkOrFinance) -> Response:
    """The headings of a register and how to fill them."""
    return attachment("population.xlsx", write_list_template(POPULATION_TITLE, POPULATION_COLUMNS), XLSX)


@router.get("/{population_id}")
def get_one(population_id: str, principal: Reader, parts: PartsOf) -> PopulationOut:
    """A register: how far it is, and what became of its rows so far."""
    with parts.database.session() as session:
        row = get_population(session, principal, population_id)
    return PopulationOut.of(row, name_for(principal, row, parts.vault))


@router.get("/{population_id}/rows")
def list_rows(
    population_id: str,
    principal: Reader,
    parts: PartsOf,
    outcome: OutcomeOf = None,
    page: Page = 1,
    size: Size = 50,
) -> LinePage:
    """A page of its rows in the order of the file; all, or those with one outcome."""
    lines = show_lines(parts, principal, population_id, outcome, page=page, size=size)
    return LinePage(items=[RegisterRowOut.of(one) for one in lines], page=page, size=size)


@router.get("/{population_id}/refused.xlsx", response_class=Response)
def download_refused(population_id: str, principal: Clerk, parts: PartsOf, cause: CauseOf) -> Response:
    """The refused rows in full, with the reasons; the look-up is logged."""
    content = refused_file(parts, principal, population_id, cause=cause)
    return attachment(f"refused-{population_id}.xlsx", content, XLSX)
