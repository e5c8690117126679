"""What every channel promises: one message out, or an error that says whether trying again makes sense."""

from dataclasses import dataclass, field
from typing import Protocol

from shared.kernel.errors import Unavailable, ZhidaError


class Undeliverable(ZhidaError):
    """The message cannot be delivered, and trying again would not help: {fault}."""

    zh = "消息无法送达，重试也无用：{fault}。"


class NotNow(Unavailable):
    """The message is not taken at the moment, others may be: {fault}. Try again shortly."""

    zh = "消息暂时未被接收，其他消息不受影响：{fault}。请稍后再试。"


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
    """Sends a message. Raises Unavailable where another try may succeed, Undeliverable where none will.

    Of these, NotNow says that the server is there and only this message has to wait.
    """

    def send(self, message: Message) -> None: ...
