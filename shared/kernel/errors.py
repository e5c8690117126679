"""The one family of errors: what went wrong, and what to do, in English and Chinese.

A subclass's docstring is its English message and `zh` its Chinese one, both filled from the
keyword arguments it is raised with; its `code` is its name on the wire.
"""

import re
from typing import Any, ClassVar, Literal

Language = Literal["zh", "en"]


class ZhidaError(Exception):
    """Something went wrong."""

    zh: ClassVar[str] = "出错了。"
    code: ClassVar[str] = "zhida-error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """The message for people, its placeholders filled from the error's data."""
        template = self.zh if language == "zh" else " ".join((self.__doc__ or "").split())
        return template.format(**self.data)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.data))


def _rebuild(cls: type[ZhidaError], data: dict[str, Any]) -> ZhidaError:
    return cls(**data)


class InvalidInput(ZhidaError):
    """The input is not valid."""

    zh = "输入无效。"


class Unauthenticated(ZhidaError):
    """Nobody is signed in. Sign in, or send a bearer token."""

    zh = "尚未登录。请登录或提供访问令牌。"


class Forbidden(ZhidaError):
    """This is not allowed for your role or area."""

    zh = "您的角色或辖区无权进行此操作。"


class NotFound(ZhidaError):
    """There is no such thing, or it is not yours to see."""

    zh = "不存在，或您无权查看。"


class Conflict(ZhidaError):
    """The present state does not allow this."""

    zh = "当前状态不允许此操作。"


class Gone(ZhidaError):
    """This has been used or has expired."""

    zh = "已使用或已过期。"


class TooLarge(ZhidaError):
    """This is larger than is accepted."""

    zh = "超过允许的大小。"


class Unavailable(ZhidaError):
    """A part that is needed does not answer at the moment. Try again shortly."""

    zh = "所需部件暂时没有响应，请稍后再试。"
