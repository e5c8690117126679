"""The page on which a clerk is shown one person in full for a reason, and what can be handed to the person themselves."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.registry.callers import CauseOf, Clerk, Page, PartsOf
from services.registry.domain.privacy.reasons import (
    FIELD_WORDS,
    REASON_WORDS,
    Field,
    Reason,
    name_field,
)
from services.registry.usecases.parts import Parts
from services.registry.usecases.privacy.reveal import Revealed, reveal, show_accesses
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import t
from shared.security import Principal

router = APIRouter(include_in_schema=False)
REFERENCE_MIN, REFERENCE_MAX = 2, 200


@router.get("/people/{person_id}/reveal")
def ask(request: Request, person_id: str, principal: Clerk, parts: PartsOf, page: Page = 1) -> Response:
    """The form that asks for the reason, and who was shown this person before. Nothing of the person is on it."""
    return _page(request, person_id, principal, parts, page)


@router.post("/people/{person_id}/reveal")
def show(
    request: Request,
    person_id: str,
    principal: Clerk,
    parts: PartsOf,
    cause: CauseOf,
    reason: Annotated[Reason, Form()],
    reference: Annotated[str, Form(max_length=REFERENCE_MAX)] = "",
    fields: Annotated[list[Field], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """The person in full, once, below the form; the entry stands in the list."""
    given = reference.strip()
    faults = {}
    if len(given) < REFERENCE_MIN:
        faults["reference"] = t("请填写文书或案件名称、编号。", "Name the document or case.")
    if not fields:
        faults["fields"] = t("请至少选择一项。", "Choose one at least.")
    if faults:
        return _page(request, person_id, principal, parts, 1, faults=faults, reason=reason, reference=given)
    revealed = reveal(parts, principal, person_id, reason, given, fields, cause=cause)
    return _page(request, person_id, principal, parts, 1, revealed=revealed, reason=reason, reference=given)


def _page(
    request: Request,
    person_id: str,
    principal: Principal,
    parts: Parts,
    page: int,
    *,
    revealed: Revealed | None = None,
    faults: dict[str, str] | None = None,
    reason: Reason | None = None,
    reference: str = "",
) -> Response:
    with parts.database.session() as session:
        accesses = show_accesses(session, parts, principal, person_id, page=page, size=PAGE_SIZE + 1)
    context = {
        "person_id": person_id,
        "revealed": [
            (t(*FIELD_WORDS[field]), values) for field, values in (revealed.shown if revealed else {}).items()
        ],
        "faults": faults or {},
        "reasons": [(one.value, t(*REASON_WORDS[one])) for one in Reason],
        "reason": reason.value if reason else "",
        "reference": reference,
        "fields": [(one.value, t(*FIELD_WORDS[one])) for one in Field],
        "accesses": accesses[:PAGE_SIZE],
        "has_more": len(accesses) > PAGE_SIZE,
        "page": page,
        "name_field": lambda field: t(*name_field(field)),
    }
    return TEMPLATES.TemplateResponse(request, "reveal.html", context, 422 if faults else 200)
