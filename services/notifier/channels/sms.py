"""Text messages: checks the number and hands the text to a provider; refuses to know which provider it is."""

import re
from typing import Protocol

from services.notifier.channels.port import Message, Undeliverable

_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


class SmsProvider(Protocol):
    """Whoever carries text messages. One effect per key; raises Unavailable or Undeliverable."""

    def submit(self, key: str, phone: str, text: str) -> None: ...


class Sms:
    """The channel for text messages."""

    def __init__(self, provider: SmsProvider) -> None:
        self._provider = provider

    def send(self, message: Message) -> None:
        """Send the body; the subject is for other channels. The error never shows the number."""
        mobile = _MOBILE.fullmatch(re.sub(r"[\s-]", "", message.to))
        if mobile is None:
            raise Undeliverable(fault="not a mobile number of mainland China")
        self._provider.submit(message.idempotency_key, mobile.group(1), message.body)
