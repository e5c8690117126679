"""A helper's page for the phone. The page itself holds nobody's data: its script asks for the list and keeps it."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from services.registry.callers import Helper, PartsOf
from services.registry.domain.months import month_of, month_text
from services.registry.domain.tracking.outcome import FINDING_WORDS, WAGE_WORDS
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.web.pages import HERE, TEMPLATES
from shared.http import t, url
from shared.kernel.clock import local_date

router = APIRouter(include_in_schema=False)
_PROVINCES: Final = (
    ("520000", "贵州省内其他地方", "Elsewhere in Guizhou"),
    ("440000", "广东", "Guangdong"),
    ("330000", "浙江", "Zhejiang"),
    ("350000", "福建", "Fujian"),
    ("320000", "江苏", "Jiangsu"),
    ("310000", "上海", "Shanghai"),
)
"""Where most go; anywhere else is recorded by the bureau with its code."""


@router.get("/my-list")
def show_my_list(request: Request, _principal: Helper, parts: PartsOf) -> Response:
    """The page of the caller's list."""
    today = local_date(parts.clock.now())
    month = month_of(today)
    findings = {code: t(*words) for code, words in FINDING_WORDS.items()}
    context = {
        "month": month_text(month),
        "due_on": shipped_rule(month).due_on(month),
        "tries": shipped_rule(month).tries,
        "findings": list(findings.items()),
        "wages": [(code, t(*words)) for code, words in WAGE_WORDS.items()],
        "provinces": [(code, t(zh, en)) for code, zh, en in _PROVINCES],
        "words": {
            "findings": findings,
            "open": t("待联系", "to call"),
            "tried": t("已试一次", "tried once"),
            "unnamed": t("（姓名未登记）", "(no name known)"),
            "unemployed": t("目前未就业", "not employed now"),
            "last": t("上一单位", "last:"),
            "understood": t("知道了", "Understood"),
        },
    }
    return TEMPLATES.TemplateResponse(request, "my_list.html", context)


@router.get("/my-list/worker.js")
def show_worker(request: Request, _principal: Helper) -> Response:
    """The script that answers for the network on that page; from here, for a worker reaches no higher than its address."""
    headers = {"Service-Worker-Allowed": url(request, "/my-list"), "Cache-Control": "no-cache"}
    return FileResponse(HERE / "static/my_list_worker.js", media_type="text/javascript", headers=headers)
