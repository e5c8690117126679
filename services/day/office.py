"""A caller of the three services who signs in as anybody and is patient; refuses to know what is asked."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Self

import httpx

from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.reference import find_county
from shared.security import Keyring, Principal, Role, tokens

_AGAIN = frozenset({502, 503, 504})
PAUSE_MIN_S, PAUSE_MAX_S = 0.05, 1.0
FAULTS_SHOWN = 3


_OFFICES = {
    Role.BUREAU: "{}人社局",
    Role.DISPATCHER: "{}调度中心",
    Role.FINANCE: "{}财政部门",
    Role.AUDIT: "{}审计部门",
    Role.OPERATOR: "{}系统管理员",
    Role.RIGHTS: "{}劳动人事争议仲裁院",
}
"""What an office is called, after the place that it serves."""


def _place(area: str) -> str:
    county = find_county(area)
    return county.name if county else {"52": "贵州省"}.get(area, area)


class Refused(ZhidaError):
    """The call {call} was refused with {status}: {said_en}"""

    zh = "{call} 被拒绝（{status}）：{said_zh}"


class GaveUp(Unavailable):
    """Waited {seconds} s in vain: {what}."""

    zh = "等待 {seconds} 秒仍未完成：{what}。"


def _said(response: httpx.Response) -> dict[str, str]:
    """The service's own words, in both languages where it is one of ours that speaks."""
    if "problem+json" not in response.headers.get("content-type", ""):
        return {"said_zh": response.text[:600], "said_en": response.text[:600]}
    problem = response.json()
    errors = problem["errors"][:FAULTS_SHOWN]
    return {
        f"said_{language}": " ".join(
            [problem[f"detail_{language}"], *(one[f"fault_{language}"] for one in errors)]
        )
        for language in ("zh", "en")
    }


class Office:
    """Calls the services by name, as a principal; a service that is away for a moment is asked again.

    Every call may therefore reach a service twice: only calls that may be repeated go through here.
    """

    def __init__(
        self, urls: Mapping[str, str], keyring: Keyring, clock: Clock, *, patience_s: float = 60
    ) -> None:
        self.urls = dict(urls)
        self._keyring = keyring
        self._clock = clock
        self._patience_s = patience_s
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._pause = threading.Event()
        self.token = cache(self._issue)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _issue(
        self, role: Role, area: str = "", organisation: str | None = None, name: str = "", subject: str = ""
    ) -> str:
        who = organisation or area or "-"
        principal = Principal(
            subject=subject or f"{role}:{who}",
            roles=frozenset({role}),
            areas=(area,) if area else (),
            organisation=organisation,
            name=name or _OFFICES.get(role, "{}").format(_place(area) or who),
        )
        return tokens.issue(self._keyring, principal, timedelta(days=7), self._clock)

    def call(self, token: str, service: str, method: str, path: str, **content: Any) -> Any:
        """What a service answers, from JSON; raises Refused for a refusal, GaveUp when patience ends."""
        response = self._send(token, service, method, path, **content)
        return response.json() if response.content else None

    def download(self, token: str, service: str, method: str, path: str, **content: Any) -> bytes:
        """The file that a service answers with; raises what `call` raises."""
        return self._send(token, service, method, path, **content).content

    def _send(self, token: str, service: str, method: str, path: str, **content: Any) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        headers = {"Authorization": f"Bearer {token}", **content.pop("headers", {})}
        while True:
            try:
                response = self._http.request(method, self.urls[service] + path, headers=headers, **content)
                if response.status_code not in _AGAIN:
                    break
                fault = f"{service} answers {response.status_code}"
            except httpx.TransportError as error:
                fault = f"{service}: {type(error).__name__}"
            if time.monotonic() > deadline:
                raise GaveUp(seconds=round(self._patience_s), what=f"{method} {path}: {fault}")
            self._pause.wait(0.2)
        if response.is_error:
            raise Refused(call=f"{method} {path}", status=response.status_code, **_said(response))
        return response

    def await_true(self, is_true: Callable[[], object], what: str, timeout_s: float) -> None:
        """Ask again and again, ever more slowly, until `is_true()`; raises GaveUp.

        Asking takes time away from the services that are to make it true.
        """
        deadline, pause_s = time.monotonic() + timeout_s, PAUSE_MIN_S
        while not is_true():
            if time.monotonic() > deadline:
                raise GaveUp(seconds=round(timeout_s), what=what)
            self._pause.wait(pause_s)
            pause_s = min(PAUSE_MAX_S, pause_s * 1.5)
