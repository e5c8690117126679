"""Templates and what every page may use in them; knows no service's data.

The navigation is what a service gave `add_pages`; who sees which entry depends on the caller's roles.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.templating import Jinja2Templates

from shared.http.app import url
from shared.http.language import current_language, t
from shared.security import Principal, Role
from shared.security.access import declared_routes, find_session
from shared.web import words

_HERE = Path(__file__).parent
STATIC: Final = _HERE / "static"
_FILTERS: Final[dict[str, Callable[[Any], str]]] = {
    "state_word": words.state_word,
    "state_tone": words.state_tone,
    "reason_word": words.reason_word,
    "role_word": words.role_word,
    "money": words.money,
    "kilometres": words.kilometres,
    "duration": words.duration,
    "day": words.day,
    "hour": words.hour,
    "moment": words.moment,
    "number": words.number,
}


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation, for those who hold one of `roles`.

    `path` is this service's own (`/rosters`), or another service's whole address.
    """

    path: str
    zh: str
    en: str
    roles: frozenset[Role]

    def href(self, request: Request) -> str:
        """Where the entry leads, as the browser must ask for it."""
        return url(request, self.path) if self.path.startswith("/") else self.path


def templates(directory: Path) -> Jinja2Templates:
    """Templates of a service, which extend `base.html` and take their pieces from `pieces.html`.

    In every template: `t(zh, en)`, `language`, `principal`, `csrf_token`, `navigation`, `url(path)`,
    `static(path)`, `here`, `address(page=2)`, and the filters of `shared.web.words`. A name that was not given is an
    error.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(directory), FileSystemLoader(_HERE / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=t, percent=words.percent)
    environment.filters.update({name: _for_reader(word) for name, word in _FILTERS.items()})
    return Jinja2Templates(env=environment, context_processors=[_common])


def _for_reader(word: Callable[[Any], str]) -> Callable[[Context, Any], str]:
    """A filter that Jinja must not work out when it compiles: its words depend on who reads."""

    @pass_context
    def in_context(_context: Context, value: Any) -> str:
        return word(value)

    return in_context


def visible_navigation(request: Request, principal: Principal | None) -> list[NavItem]:
    """The entries that a caller may see."""
    if principal is None:
        return []
    return [item for item in request.app.state.navigation if principal.has(*item.roles)]


def current_entry(entries: Iterable[NavItem], here: str) -> NavItem | None:
    """The entry under which a page lies: of several, that of the longest path, so that never two are current."""
    above = [
        one for one in entries if here == one.path or (one.path != "/" and here.startswith(f"{one.path}/"))
    ]
    return max(above, key=lambda one: len(one.path), default=None)


def home_of(request: Request) -> str:
    """The first page that whoever is signed in may see; the sign-in page for nobody."""
    session = find_session(request)
    if session is None:
        return url(request, "/sign-in")
    entries = visible_navigation(request, session.principal)
    entries.sort(
        key=lambda item: not item.path.startswith("/")
    )  # this service's own pages before the others'
    return entries[0].href(request) if entries else url(request, "/sign-in")


def _common(request: Request) -> dict[str, Any]:
    """What every template may use."""
    session = find_session(request)
    principal = getattr(request.state, "principal", None) or (session.principal if session else None)
    csrf_token = getattr(request.state, "csrf_token", None) or (session.csrf_token if session else "")
    navigation = visible_navigation(request, principal)
    here = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return {
        "language": current_language(),
        "principal": principal,
        "csrf_token": csrf_token,
        "navigation": navigation,
        "current": current_entry(navigation, here),
        "url": lambda path: url(request, path),
        "static": lambda path: url(request, f"/static/{path}?v={_EDITION}"),
        "here": here,
        "address": partial(address_of, request),
        "other_language": _in_the_other_language(request),
    }


def address_of(request: Request, **changes: Any) -> str:
    """This page's address with such changes to its query. Without scheme and host: behind a proxy the browser alone
    knows them."""
    parts = request.url.include_query_params(**changes) if changes else request.url
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _in_the_other_language(request: Request) -> str:
    """This page in the other language. What answers a form may be at an address that only forms are sent to: then the
    nearest page above it."""
    path, route = request.url.path, request.scope.get("route")
    if request.method == "POST" and route is not None:
        pages = {one for method, one, _ in declared_routes(request.app) if method == "GET"}
        under = route.path
        while under and under not in pages:
            under, path = under.rpartition("/")[0], path.rpartition("/")[0]
        path = path if under else f"{path}/"
    here = request.url.replace(path=path).include_query_params(lang=t("en", "zh"))
    return f"{here.path}?{here.query}"


def edition_of(files: Iterable[Path]) -> str:
    """A short name of these files as they are, so that browsers may keep them until they change."""
    digest = sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


_EDITION = edition_of(file for file in sorted(STATIC.rglob("*")) if file.is_file())
COMMON_TEMPLATES = templates(_HERE / "templates")
"""For the pages that all services have."""
