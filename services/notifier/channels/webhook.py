"""Webhooks: a signed POST to an organisation's own system; refuses to reach into our own network.

Signed as the Standard Webhooks specification has it: `webhook-id`, `webhook-timestamp` (seconds) and
`webhook-signature: v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, with the secret that was shown once.
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

from services.notifier.channels.port import Message, Undeliverable
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput, Unavailable

_TRY_AGAIN = {408, 425, 429}


class TargetRefused(InvalidInput):
    """The address {url} cannot take webhooks: {fault}. Give a public https address."""

    zh = "地址 {url} 不能接收推送：{fault_zh}。请填写公网 https 地址。"


class Webhook:
    """The channel for webhooks. `allow_private` lets it reach this machine, for a demo and for tests.

    Each message has a connection of its own, so that none is shared by two hosts on one address.
    """

    def __init__(self, clock: Clock, *, timeout_s: float, allow_private: bool) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._allow_private = allow_private
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._resolving = ThreadPoolExecutor(8, thread_name_prefix="resolve")

    def send(self, message: Message) -> None:
        """POST the body as a CloudEvent; 2xx is delivered, 408, 425, 429, 5xx and silence are Unavailable.

        Ends within `timeout_s`, whatever the receiver does. The connection goes to the very address that was
        checked, so that a name which resolves differently the second time reaches nothing inside.
        """
        try:
            url = check_target(message.to, allow_private=self._allow_private)
            status = asyncio.run(self._post(url, message))
        except TargetRefused as error:
            raise Undeliverable(fault=f"its address takes no webhooks, {error.fault}") from error
        except (httpx.HTTPError, OSError) as error:  # a name that is unknown and a deadline are OSErrors
            raise Unavailable() from error
        if status in _TRY_AGAIN or status >= 500:
            raise Unavailable()
        if not 200 <= status < 300:
            raise Undeliverable(fault=f"the receiver answers {status}")

    def close(self) -> None:
        """Wait for no name server any more."""
        self._resolving.shutdown(wait=False, cancel_futures=True)

    async def _post(self, url: httpx.URL, message: Message) -> int:
        """The status of the answer; its body is never read. A timeout of httpx would begin anew at each byte."""
        async with asyncio.timeout(self._timeout_s):
            resolving = partial(resolve, url, allow_private=self._allow_private)
            address = await asyncio.get_running_loop().run_in_executor(self._resolving, resolving)
            async with (
                httpx.AsyncClient(verify=self._tls, timeout=None, trust_env=False) as client,  # noqa: S113 - above
                client.stream(
                    "POST",
                    url.copy_with(host=address),
                    content=message.body.encode(),
                    headers={"Host": url.netloc.decode("ascii"), **self._headers(message)},
                    extensions={"sni_hostname": _host(url)},
                ) as answer,
            ):
                return answer.status_code

    def _headers(self, message: Message) -> Mapping[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "Idempotency-Key": message.idempotency_key,
            "Webhook-Id": message.idempotency_key,
            "Webhook-Timestamp": timestamp,
            "Webhook-Signature": sign(message.secret, message.idempotency_key, timestamp, message.body),
        }


def sign(secret: str, message_id: str, timestamp: str, body: str) -> str:
    """The signature a receiver computes again: `v1,` and base64. `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def check_target(text: str, *, allow_private: bool) -> httpx.URL:
    """The URL, if its form can take webhooks; raises TargetRefused. Asks no name server."""
    try:
        url = httpx.URL(text)
        _host(url).encode("idna")  # as a resolver does: no label is empty or has more than 63 characters
    except (httpx.InvalidURL, UnicodeError) as error:
        raise TargetRefused(url=text, fault="it is not a URL", fault_zh="不是有效的网址") from error
    if url.scheme not in (("http", "https") if allow_private else ("https",)):
        raise TargetRefused(
            url=text, fault="it does not begin with https://", fault_zh="不是以 https:// 开头"
        )
    if not _host(url) or url.userinfo or url.fragment:
        raise TargetRefused(
            url=text,
            fault="it needs a host, and no user, password or fragment",
            fault_zh="须有主机名，且不得带用户名、密码或 # 片段",
        )
    if url.port is not None and not 0 < url.port < 65536:
        raise TargetRefused(url=text, fault="its port is none", fault_zh="端口号无效")
    return url


def resolve(url: httpx.URL, *, allow_private: bool) -> str:
    """The IP address of the URL's host; raises TargetRefused where any of its addresses is not public."""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = socket.getaddrinfo(_host(url), port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise TargetRefused(url=str(url), fault="it leads into a private network", fault_zh="指向内部网络")
    return str(addresses[0])


def _host(url: httpx.URL) -> str:
    """The host as it stands on the wire; `url.host` puts it into letters of its language, and fails where it cannot."""
    return url.raw_host.decode("ascii")


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Site-local addresses (RFC 3879) and 6to4's, which carry an IPv4 address of any kind, count as global to Python."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local or address.sixtofour:
            return False
        address = address.ipv4_mapped or address
    return address.is_global and not address.is_multicast and not address.is_reserved
