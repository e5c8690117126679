"""The dispatcher's own style, beside the shared one."""

from hashlib import sha256
from typing import Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from services.dispatcher.web.pages import HERE, TEMPLATES
from shared.http import url
from shared.http.problems import PathUnknown
from shared.security import public

_FILES: Final = {file.name: file for file in sorted((HERE / "static").iterdir())}
_EDITION: Final = sha256(b"".join(file.read_bytes() for file in _FILES.values())).hexdigest()[:12]

router = APIRouter(include_in_schema=False)


@router.get("/assets/{name}", dependencies=[Depends(public("style, no data"))])
def show_asset(name: str) -> Response:
    """A file; its address changes with its content, so a browser may keep it."""
    if name not in _FILES:
        raise PathUnknown()
    return FileResponse(_FILES[name], headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _in_templates(request: Request) -> dict[str, Any]:
    return {"asset": lambda name: url(request, f"/assets/{name}?v={_EDITION}")}


TEMPLATES.context_processors.append(_in_templates)
