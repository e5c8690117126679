"""Asks a dispatcher for a trace over HTTP, with somebody's token."""

from typing import Any
from urllib.parse import quote

import httpx

from shared.kernel.errors import InvalidInput, Unavailable, ZhidaError

_TIMEOUT_S = 60.0


class NoToken(InvalidInput):
    """There is no token to ask with. Set ZHIDA_TOKEN or give --token: `zhida token --role audit --area 52` prints one, and in a
    demo it is what stands behind #token= in the audit office's sign-in link."""

    zh = "没有访问令牌。请设置 ZHIDA_TOKEN 或使用 --token：zhida token --role audit --area 52 可签发；演示环境中即审计部门登录链接里 #token= 之后的部分。"


class NoDispatcher(Unavailable):
    """The dispatcher does not answer at {url} ({reason}). Give its address with --url."""

    zh = "{url} 的调度服务没有响应（{reason}）。请用 --url 指定其地址。"


class TraceRefused(ZhidaError):
    """The dispatcher answers {status}: {said_en}"""

    zh = "调度服务返回 {status}：{said_zh}"


def ask(url: str, token: str | None, key: str) -> Any:
    """The trace as the dispatcher answers it, from JSON. Raises NoToken, NoDispatcher, TraceRefused."""
    if not token:
        raise NoToken
    try:
        response = httpx.get(
            f"{url.rstrip('/')}/api/trace/{quote(key, safe='')}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise NoDispatcher(url=url, reason=type(error).__name__) from None
    if "problem+json" in response.headers.get("content-type", ""):
        problem = response.json()
        said = {f"said_{language}": problem[f"detail_{language}"] for language in ("zh", "en")}
        raise TraceRefused(status=response.status_code, **said)
    if response.is_error:
        raise NoDispatcher(url=url, reason=f"HTTP {response.status_code}")
    return response.json()
