"""Routes of named helpers: register one, list an area's, hand a list over."""

from fastapi import APIRouter

from services.registry.api.helpers_shapes import (
    HandedOverOut,
    HandOverIn,
    HelperIn,
    HelperOut,
    HelperPage,
)
from services.registry.callers import Clerk, Page, PartsOf, Reader, Size
from services.registry.usecases.tracking.helpers import (
    hand_over,
    register_helper,
    show_helpers,
)

router = APIRouter(prefix="/api/helpers", tags=["tracking"])


@router.post("", status_code=201)
def register(sent: HelperIn, principal: Clerk, parts: PartsOf) -> HelperOut:
    """Register a helper of one of the caller's townships or sites, or write anew who they are."""
    view = register_helper(
        parts, principal, sent.helper_id, name=sent.name, phone=sent.phone, place_code=sent.place_code
    )
    return HelperOut.model_validate(view, from_attributes=True)


@router.get("")
def list_all(principal: Reader, parts: PartsOf, page: Page = 1, size: Size = 50) -> HelperPage:
    """A page of the helpers of the caller's area."""
    views, total = show_helpers(parts, principal, offset=(page - 1) * size, limit=size)
    items = [HelperOut.model_validate(one, from_attributes=True) for one in views]
    return HelperPage(items=items, total=total, page=page, size=size)


@router.post("/{helper_id}/hand-over")
def hand_list_over(helper_id: str, sent: HandOverIn, principal: Clerk, parts: PartsOf) -> HandedOverOut:
    """Give a helper's whole list, or chosen people of it, to another; open tasks go along."""
    return HandedOverOut(people=hand_over(parts, principal, helper_id, sent.to, sent.person_ids))
