"""What the registry is told about its surroundings."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings


class RegistrySettings(ServiceSettings):
    """The registry: who needs to travel."""

    vault_key_file: Path = Field(
        description="File with the keys that open personal data. Whoever loses it loses every name, resident ID "
        "and phone: keep a copy in a safe. Write one with `zhida keys`, change its keys with `zhida vault`. "
        "It is read again when it is replaced, so mount its folder and not the file alone.",
        examples=["/run/zhida-keys/vault.key"],
    )
