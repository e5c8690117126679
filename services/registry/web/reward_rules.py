"""The page of an office's own rules of rewards: send a file, see its faults or what it would do, and put it in force."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import Clerk, PartsOf
from services.registry.intake.reward_presets import presets
from services.registry.usecases.rewards.rules import Checked, Stand, check_file, put_file_in_force
from services.registry.web.pages import TEMPLATES
from services.registry.web.rewards import area_words
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.rules.document import BYTES_MAX
from shared.rules.versions import LinesInvalid
from shared.security import Principal

router = APIRouter(include_in_schema=False)
STANDS = {
    Stand.NEW: ("将生效", "comes into force", "good"),
    Stand.KNOWN: ("已生效，内容相同", "in force already, and the same", "plain"),
    Stand.TAKEN: ("版本号已被占用", "its version is taken", "bad"),
}
AreaCode = Annotated[str | None, Form()]


@router.get("/rewards/rules/file")
def show_form(request: Request, principal: Clerk) -> Response:
    """How to write rules, and the form to send them."""
    return _page(request, principal)


@router.post("/rewards/rules/file")
def check(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    file: Annotated[UploadFile, File()],
    area_code: AreaCode = None,
) -> Response:
    """Show what the file would do, or every fault of it with its line; nothing comes into force."""
    content = file.file.read(BYTES_MAX + 1)
    try:
        area, checked = check_file(parts, principal, content, area_code)
    except ZhidaError as error:
        return _refused(request, principal, error)
    # The file goes on with the form, as a browser sends none twice.
    return _page(request, principal, area=area, checked=checked, text=content.decode("utf-8-sig"))


@router.post("/rewards/rules/file/put")
def put(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    text: Annotated[str, Form()],
    area_code: AreaCode = None,
) -> Response:
    """Put in force what was checked, all or none, and show the rules in force."""
    try:
        put_file_in_force(parts, principal, text.encode(), area_code)
    except ZhidaError as error:
        return _refused(request, principal, error)
    return RedirectResponse(url(request, "/rewards"), 303)


def _refused(request: Request, principal: Principal, error: ZhidaError) -> Response:
    if status_of(error) >= 500:
        raise error
    return _page(request, principal, error=error)


def _page(
    request: Request,
    principal: Principal,
    *,
    area: str = "",
    checked: list[Checked] | None = None,
    text: str = "",
    error: ZhidaError | None = None,
) -> Response:
    found = checked or []
    context: dict[str, Any] = {
        "area": area,
        "checked": found,
        "stands": STANDS,
        "is_puttable": any(one.stand is Stand.NEW for one in found)
        and not any(one.stand is Stand.TAKEN for one in found),
        "text": text,
        "error": error,
        "faults": error.errors if isinstance(error, LinesInvalid) else [],
        "areas": [(code, area_words(code)) for code in principal.areas],
        "presets": [(key, t(rule.name.zh, rule.name.en)) for key, rule in presets().items()],
        "bytes_max": BYTES_MAX,
    }
    return TEMPLATES.TemplateResponse(
        request, "reward_rules.html", context, status_of(error) if error else 200
    )
