"""Text messages and mail that go to the log alone: for a demo, they reach nobody.

A phone is masked and a link is left out; the outbox page shows what was said.
"""

import logging

from services.notifier.channels.port import Message
from shared.security import mask

_log = logging.getLogger(__name__)


class ConsoleProvider:
    """Writes each text as one log line, and a key that comes again not at all."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def submit(self, key: str, phone: str, text: str) -> None:
        """Write the message once."""
        if key not in self._seen:
            self._seen.add(key)
            _log.info("sms to %s: %s", mask.phone(phone), text, extra={"idempotency_key": key})


class ConsoleMail:
    """The channel for mail that writes whom it would go to and its subject."""

    def send(self, message: Message) -> None:
        """Write one line."""
        _log.info(
            "mail to %s: %s",
            message.to,
            message.subject,
            extra={"idempotency_key": message.idempotency_key},
        )
