"""The pages of resettlement sites: those of an area, and one with all that is known of it today."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.callers import IndicatorReader, PartsOf
from services.registry.usecases.households.sites import show_site, show_sites
from services.registry.web.pages import TEMPLATES

router = APIRouter(include_in_schema=False)


@router.get("/sites")
def show_list(request: Request, principal: IndicatorReader, parts: PartsOf) -> Response:
    """The sites of the caller's area that the tables have."""
    return TEMPLATES.TemplateResponse(request, "sites.html", {"sites": show_sites(parts, principal)})


@router.get("/sites/{site_code}")
def show_one(request: Request, site_code: str, principal: IndicatorReader, parts: PartsOf) -> Response:
    """One site, or a township."""
    site = show_site(parts, principal, site_code)
    return TEMPLATES.TemplateResponse(request, "site.html", {"site": site})
