"""What every channel promises: one message out, or an error that says whether trying again makes sense."""

from dataclasses import dataclass, field
from typing import Protocol

from shared.kernel.errors import ZhidaError


class Undeliverable(ZhidaError):
    """The message cannot be delivered, and trying again would not help: {fault}."""

    zh = "消息无法送达，重试也无用：{fault}。"


@dataclass(frozen=True)
class Message:
    """One message, ready to leave. `to` is a phone, a mailbox or a URL and is nowhere stored with it.

    The provider sees `idempotency_key` again when a message is sent again, and owes one effect for it.
    `secret` signs a webhook.
    """

    idempotency_key: str
    to: str = field(repr=False)
    subject: str
    body: str
    secret: str = field(default="", repr=False)


class Channel(Protocol):
    """Sends a message. Raises Unavailable where another try may succeed, Undeliverable where none will."""

    def send(self, message: Message) -> None: ...
