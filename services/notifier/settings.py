"""What the notifier is told about its surroundings: its providers, and how long links and answers hold."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import ServiceSettings


class NotifierSettings(ServiceSettings):
    """The notifier: who was told what, and what they answered."""

    smtp_host: str = Field(default="127.0.0.1", description="The mail server that takes our mail.")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="Its port; 587 with STARTTLS.")
    smtp_sender: str = Field(
        default="zhida@localhost", description="The sender's mailbox.", examples=["zhida@example.org"]
    )
    smtp_starttls: bool = Field(default=False, description="Encrypt the connection to the mail server.")
    smtp_user: str = Field(default="", description="Its user; empty for no login.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Its password.")
    mail: Literal["smtp", "console"] = Field(
        default="smtp", description="How mail leaves: smtp, or console, which reaches nobody and logs it."
    )
    outbox_links: bool = Field(
        default=False,
        description="Show in the operator's outbox the links that are in notices, and let whoever sees them act as "
        "their recipients; for a demo, and only where mail is console.",
    )
    send_timeout_s: float = Field(
        default=5.0, gt=0, le=14, description="How long a mail server or a webhook may take to answer."
    )
    webhook_allow_private: bool = Field(
        default=False, description="Let webhooks reach this machine and private networks; for a demo."
    )
    link_days: int = Field(
        default=7, ge=1, le=90, description="How long a link is good for after the coach's arrival."
    )
    correction_hours: int = Field(
        default=48, ge=0, le=720, description="How long an enterprise may change what it confirmed."
    )
    jitter_seed: int = Field(default=1, description="Seed of the spread between retries.")

    @model_validator(mode="after")
    def _links_are_shown_to_one_alone(self) -> Self:
        if self.outbox_links and self.mail != "console":
            raise ValueError(
                "ZHIDA_OUTBOX_LINKS shows links that recipients get by mail: set ZHIDA_MAIL=console"
            )
        return self

    @property
    def link_lasts(self) -> timedelta:
        return timedelta(days=self.link_days)

    @property
    def correctable_for(self) -> timedelta:
        return timedelta(hours=self.correction_hours)
