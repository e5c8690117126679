"""How a service is told about its surroundings: environment variables named ZHIDA_..., and nothing else.

Refuses to know what any one service needs besides; its `settings.py` adds that to `ServiceSettings`.
"""

from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import Field, SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service is told. A field is the variable ZHIDA_<FIELD> in capitals."""

    model_config = SettingsConfigDict(env_prefix="ZHIDA_", frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        description="This service's own database.",
        examples=["postgresql+psycopg://zhida:change-me@127.0.0.1:5432/zhida"],
        pattern=r"^postgresql\+psycopg://",
    )
    signing_key_file: Path = Field(
        description="File with the secret that the three services share: tokens, sessions, links, webhooks. "
        "Write one with `zhida keys`.",
        examples=["/run/secrets/zhida-signing-key"],
    )
    bus: Literal["embedded", "kafka"] = Field(
        default="embedded",
        description="How events travel: kafka, or embedded, which reads the other services' outboxes in order.",
    )
    kafka_bootstrap: str | None = Field(
        default=None,
        description="Apache Kafka's address; needed when the bus is kafka.",
        examples=["127.0.0.1:9092"],
    )
    kafka_prefix: str = Field(
        default="",
        description="Stands before every topic and group, so that several installations can share one broker; "
        "the same for all three services.",
        examples=["rehearsal."],
        pattern=r"^[A-Za-z0-9._-]*$",
    )
    registry_database_url: str | None = Field(
        default=None,
        description="The registry's database, whose outbox this service reads when the bus is embedded.",
        examples=["postgresql+psycopg://zhida:change-me@127.0.0.1:5432/registry"],
    )
    dispatcher_database_url: str | None = Field(
        default=None,
        description="The dispatcher's database, whose outbox this service reads when the bus is embedded.",
        examples=["postgresql+psycopg://zhida:change-me@127.0.0.1:5432/dispatcher"],
    )
    notifier_database_url: str | None = Field(
        default=None,
        description="The notifier's database, whose outbox this service reads when the bus is embedded.",
        examples=["postgresql+psycopg://zhida:change-me@127.0.0.1:5432/notifier"],
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="This service's address as browsers see it; with https, cookies are sent over https alone.",
        pattern=r"^https?://",
    )
    registry_url: str = Field(
        default="http://127.0.0.1:8001",
        description="The registry's address, for links and for looking up names.",
    )
    dispatcher_url: str = Field(
        default="http://127.0.0.1:8002", description="The dispatcher's address, for links."
    )
    notifier_url: str = Field(
        default="http://127.0.0.1:8003", description="The notifier's address, for links."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged, as one-line JSON on standard error."
    )

    @model_validator(mode="after")
    def _bus_has_its_address(self) -> Self:
        if self.bus == "kafka" and not self.kafka_bootstrap:
            raise ValueError("ZHIDA_BUS is kafka: set ZHIDA_KAFKA_BOOTSTRAP to its address, host:port")
        return self

    def peers(self) -> dict[str, str]:
        """Service name -> database URL of the outboxes that the embedded bus reads; only those that are set."""
        urls = {
            "registry": self.registry_database_url,
            "dispatcher": self.dispatcher_database_url,
            "notifier": self.notifier_database_url,
        }
        return {service: url for service, url in urls.items() if url}


def example(settings_class: type[ServiceSettings]) -> str:
    """A documented example of the environment of a service, as a .env file.

    What must be set is set to its example; what has a default is a comment that shows it.
    """
    title = " ".join((settings_class.__doc__ or "").split())
    blocks = [f"# {title}\n# Written from {settings_class.__module__}; change it there."]
    blocks += [_block(name, field) for name, field in settings_class.model_fields.items()]
    return "\n\n".join(blocks) + "\n"


def _block(name: str, field: FieldInfo) -> str:
    shown = field.examples[0] if field.examples else None
    required = field.default is PydanticUndefined
    value = shown if shown is not None else _plain(field.default)
    variable = f"ZHIDA_{name.upper()}={_plain(value)}"
    choices = get_args(field.annotation) if str(field.annotation).startswith("typing.Literal") else ()
    lines = [f"# {field.description}"]
    if choices:
        lines.append("# One of: " + ", ".join(map(str, choices)))
    lines.append(variable if required else f"#{variable}")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "" if value is None or value is PydanticUndefined else str(value)
