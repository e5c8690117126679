"""The reader's language, Chinese or English, for the length of a request; refuses to know any sentence."""

from contextvars import ContextVar

from starlette.requests import HTTPConnection

from shared.kernel.errors import Language

COOKIE = "zhida_language"
_current: ContextVar[Language] = ContextVar("language", default="zh")


def current_language() -> Language:
    """The language of the request that is being answered; Chinese outside one."""
    return _current.get()


def use_language(language: Language) -> None:
    """Answer the present request in `language`."""
    _current.set(language)


def t(zh: str, en: str) -> str:
    """The sentence in the reader's language."""
    return en if current_language() == "en" else zh


def asked_for(connection: HTTPConnection) -> Language | None:
    """The language that the address asks for: `?lang=en`."""
    return _known(connection.query_params.get("lang"))


def language_of(connection: HTTPConnection) -> Language:
    """What the address asks for, else the cookie, else the browser's first choice of the two, else Chinese."""
    chosen = asked_for(connection) or _known(connection.cookies.get(COOKIE))
    return chosen or _preferred(connection.headers.get("accept-language", ""))


def _preferred(header: str) -> Language:
    choices: list[tuple[float, Language]] = []
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = _known(tag[:2].lower())
        if language is None:
            continue
        choices.append((_weight(parameter), language))
    return max(choices, key=lambda choice: choice[0])[1] if choices else "zh"


def _weight(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def _known(text: str | None) -> Language | None:
    if text == "zh":
        return "zh"
    return "en" if text == "en" else None
