"""A service's own style and scripts, beside the shared ones; knows none of them."""

from pathlib import Path

from fastapi import APIRouter, Depends
from starlette.responses import FileResponse, Response
from starlette.templating import Jinja2Templates

from shared.http.app import url
from shared.http.problems import PathUnknown
from shared.security import public
from shared.web.rendering import edition_of

KEEP_FOREVER = "public, max-age=31536000, immutable"
"""For a file whose address changes with its content."""


def assets(folder: Path, pages: Jinja2Templates) -> APIRouter:
    """The route of the files in `folder`, whose addresses the templates of `pages` get by `asset(name)`."""
    files = {file.name: file for file in sorted(folder.iterdir())}
    edition = edition_of(files.values())
    pages.context_processors.append(
        lambda request: {"asset": lambda name: url(request, f"/assets/{name}?v={edition}")}
    )
    routes = APIRouter(include_in_schema=False)

    @routes.get("/assets/{name}", dependencies=[Depends(public("style and scripts, no data"))])
    def show_asset(name: str) -> Response:
        if name not in files:
            raise PathUnknown()
        return FileResponse(files[name], headers={"Cache-Control": KEEP_FOREVER})

    return routes
