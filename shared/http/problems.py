"""How an error looks on the wire (RFC 9457, problem+json): one table of statuses, one shape, both languages."""

from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from shared.http.language import current_language
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    ZhidaError,
)

RETRY_AFTER_S = 5


class PathUnknown(NotFound):
    """There is nothing at this address. Check it for typing errors, or start from the first page."""

    zh = "该地址不存在。请检查地址是否有误，或从首页进入。"


class MethodNotAllowed(ZhidaError):
    """This address does not take {method}."""

    zh = "该地址不接受 {method} 请求。"


class BodyTooLarge(TooLarge):
    """This is larger than the {limit_mb} MB that are accepted. Split it into smaller parts."""

    zh = "内容超过允许的 {limit_mb} MB，请拆分后再提交。"


class BodyUnreadable(InvalidInput):
    """The body cannot be read. Send JSON in UTF-8, and a form as multipart/form-data or application/x-www-form-urlencoded."""

    zh = "无法读取提交的内容。JSON 请用 UTF-8 编码，表单请以 multipart/form-data 或 application/x-www-form-urlencoded 格式提交。"


class JsonInvalid(InvalidInput):
    """The body is not JSON: it stops making sense at character {position}. Send one JSON object."""

    zh = "提交内容不是有效的 JSON：从第 {position} 个字符起无法识别。请提交一个 JSON 对象。"


class FieldsInvalid(InvalidInput):
    """{count} field(s) are not valid; each is named with its fault and mend."""

    zh = "有 {count} 个字段无效，逐项列出了问题和改正办法。"


class Overtaken(Conflict):
    """Somebody else was a moment faster, and what this stood on, such as what is left of a budget, is no longer so. Nothing of it was done: look again, and repeat it if it still holds."""

    zh = "他人的操作先行一步，本次操作所依据的情况（如预算余额）已经变化。本次未作任何改动：请查看最新情况，如仍需要请重试。"


class InternalError(ZhidaError):
    """Something went wrong on our side. Tell the operator this number: {correlation_id}"""

    zh = "系统内部出错。请将此编号告知系统管理员：{correlation_id}"


STATUS: Final[dict[type[ZhidaError], HTTPStatus]] = {
    JsonInvalid: HTTPStatus.BAD_REQUEST,
    BodyUnreadable: HTTPStatus.BAD_REQUEST,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ZhidaError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each class of errors; a subclass without a row has its nearest ancestor's."""


def status_of(error: ZhidaError) -> HTTPStatus:
    """The HTTP status of an error."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


@dataclass(frozen=True)
class Problem:
    """One error, ready to be told: as JSON to programs, on a page to people."""

    status: int
    code: str
    detail_zh: str
    detail_en: str
    correlation_id: str
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    @property
    def detail(self) -> str:
        """In the reader's language."""
        return self.detail_en if current_language() == "en" else self.detail_zh

    def response(self) -> Response:
        """As application/problem+json."""
        body = {
            "type": f"urn:zhida:problem:{self.code}",
            "title": self.title,
            "detail": self.detail,
            **asdict(self),
        }
        return JSONResponse(body, self.status, headers_of(self.status), media_type="application/problem+json")


def problem_of(error: ZhidaError, correlation_id: str) -> Problem:
    """The problem that an error is, with its status.

    `errors` are the error's own datum of that name; where it names one `field` instead, that field's fault.
    """
    errors = error.data.get("errors")
    if errors is None:
        errors = [_one_field(error)] if "field" in error.data else []
    return Problem(
        int(status_of(error)), error.code, error.message("zh"), error.message("en"), correlation_id, errors
    )


def headers_of(status: int) -> dict[str, str]:
    """What a status asks for besides: how to sign in, when to try again."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="zhida"'}
    return {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def _one_field(error: ZhidaError) -> dict[str, Any]:
    return {"field": error.data["field"], "fault_zh": error.message("zh"), "fault_en": error.message("en")}
