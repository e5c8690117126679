"""The page for a link that does not work: which of the ways it fails, and what to do, in both languages at once.

Whoever holds a link has no account and no first page to go back to.
"""

from collections.abc import Callable

from fastapi import Request
from starlette.responses import Response

from services.notifier.web.pages import TEMPLATES
from shared.http import Problem

ErrorPage = Callable[[Request, Problem], Response]

_WORDS = {
    "link-expired": (
        "链接已过期",
        "请联系发送方重新发送：随车联络员找客运公司，接站人员找县人社局或登录系统的“到达安排”。",
        "This link has expired",
        "Ask for a new one: an escort the carrier, an enterprise the county labour bureau, or sign in to “Arrivals”.",
    ),
    "link-forged": (
        "链接无效",
        "请回到原来的短信或邮件，完整复制链接再打开；仍不行请向发送方索取新链接。",
        "This link is not valid",
        "Go back to the message and copy the whole link; if that does not help, ask the sender for a new one.",
    ),
    "link-used": (
        "链接已被使用",
        "请在第一次打开它的设备上继续；换设备请向发送方索取新链接。",
        "This link has been used",
        "Go on where it was first opened; for another device, ask the sender for a new link.",
    ),
    "link-not-opened": (
        "请重新打开链接",
        "请回到原来的短信或邮件，再点一次链接，然后按“在本机打开”。",
        "Open the link again",
        "Go back to the message, follow the link once more and press “Open on this device”.",
    ),
}
"""By the problem's code: title and next step in Chinese, title and next step in English."""


def with_link_faults(others: ErrorPage) -> ErrorPage:
    """The error page of the service: links have pages of their own, `others` shows the rest."""

    def error_page(request: Request, problem: Problem) -> Response:
        words = _WORDS.get(problem.code)
        if words is None or "hx-request" in request.headers:
            return others(request, problem)
        context = {"problem": problem, "words": words}
        return TEMPLATES.TemplateResponse(request, "link_fault.html", context, problem.status)

    return error_page
