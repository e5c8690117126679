"""Mail over SMTP; the Message-ID follows from the idempotency key, so that a second copy is recognisable.

SMTP itself promises no more than once or more: a receiver that drops repeated Message-IDs shows one mail.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

from services.notifier.channels.port import Message, Undeliverable
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable


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


class Email:
    """The channel for mail: one connection a message, so that a server that went away is noticed at once."""

    def __init__(self, server: SmtpServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    def send(self, message: Message) -> None:
        """Hand one mail to the server; 4xx and broken connections are Unavailable, 5xx Undeliverable."""
        try:
            with smtplib.SMTP(self._server.host, self._server.port, timeout=self._server.timeout_s) as smtp:
                if self._server.starttls:
                    smtp.starttls(context=ssl.create_default_context())
                if self._server.user:
                    smtp.login(self._server.user, self._server.password)
                smtp.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _by_code(code) from error
        except smtplib.SMTPAuthenticationError as error:  # ours to mend, and then it will go
            raise Unavailable() from error
        except smtplib.SMTPResponseException as error:
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
    return Undeliverable(fault=f"the mail server answers {code}") if code >= 500 else Unavailable()
