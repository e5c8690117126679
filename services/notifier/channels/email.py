"""Mail over SMTP; the Message-ID follows from the idempotency key, so that a second copy is recognisable.

SMTP itself promises no more than once or more: a receiver that drops repeated Message-IDs shows one mail.
"""

import smtplib
import ssl
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from services.notifier.channels.port import Message, NotNow, Undeliverable
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable

_CLOSING = 421


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over; `user` empty means no login."""

    host: str
    port: int
    sender: str
    starttls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 10.0


class _Conversation(smtplib.SMTP):
    """SMTP that ends in time, of however many commands and answers it consists."""

    def __init__(self, server: SmtpServer) -> None:
        self._ends_at = time.monotonic() + server.timeout_s
        super().__init__(server.host, server.port, timeout=server.timeout_s)

    def getreply(self) -> tuple[int, bytes]:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if self.sock:
            self.sock.settimeout(left_s)
        return super().getreply()


class Email:
    """The channel for mail: one connection a message, so that a server that went away is noticed at once."""

    def __init__(self, server: SmtpServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    def send(self, message: Message) -> None:
        """Hand one mail to the server, within its `timeout_s`; only its word on mailbox and mail is about this message.

        There 5xx is Undeliverable and 4xx NotNow. Whatever else goes wrong is the server's or ours to mend, and
        then the mail will go: Unavailable.
        """
        try:
            with closing(_Conversation(self._server)) as smtp:
                if self._server.starttls:
                    smtp.starttls(context=ssl.create_default_context())
                if self._server.user:
                    smtp.login(self._server.user, self._server.password)
                smtp.send_message(self._mail(message))
                with suppress(smtplib.SMTPException, OSError):  # the mail is taken, whatever is said now
                    smtp.quit()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _by_code(code) from error
        except smtplib.SMTPDataError as error:
            raise _by_code(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable() from error

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        domain = self._server.sender.rpartition("@")[2]
        mail["Message-ID"] = f"<{message.idempotency_key}@{domain}>"
        mail["From"] = self._server.sender
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = self._clock.now()
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        return mail


def _by_code(code: int) -> Unavailable | Undeliverable:
    fault = f"the mail server answers {code}"
    if code >= 500:
        return Undeliverable(fault=fault)
    return Unavailable() if code == _CLOSING else NotNow(fault=fault)
