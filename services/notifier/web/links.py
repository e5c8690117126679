"""The first page of a link and its button; what lies behind is for the page that the link leads to."""

import secrets

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from services.notifier.usecases.open_link import open_link
from services.notifier.web.pages import TEMPLATES
from shared.database import Database
from shared.http import url
from shared.kernel.clock import Clock
from shared.security import Link, links
from shared.security.sessions import set_cookie

_DEVICE = "zhida_device"


def home_of_link(request: Request, link: Link) -> str:
    """The link's own address, as the browser must ask for it."""
    letter = "b" if link.purpose == "boarding" else "h"
    return url(request, f"/{letter}/{request.path_params['token']}")


def show_button(request: Request, link: Link, clock: Clock) -> Response:
    """The page with one button: opening a link by itself, as a mail scanner does, uses nothing up."""
    context = {"link": link, "home": home_of_link(request, link)}
    response = TEMPLATES.TemplateResponse(request, "link_button.html", context)
    if _DEVICE not in request.cookies:
        ttl = link.expires_at - clock.now()
        set_cookie(response, request, _DEVICE, secrets.token_urlsafe(24), home_of_link(request, link), ttl)
    return response


def exchange(request: Request, link: Link, database: Database, clock: Clock) -> Response:
    """The button: the link is this device's from now on. Pressed again by this device, it leads on.

    Raises LinkUsed for another device.
    """
    response = RedirectResponse(home_of_link(request, link), 303)
    if links.is_open(request, link):
        return response
    device = request.cookies.get(_DEVICE) or secrets.token_urlsafe(24)
    with database.session() as session:
        open_link(session, link, device, clock)
    links.open_on_device(response, request, link)
    return response
