from pathlib import Path

import pytest
from pydantic import Field, ValidationError

from shared.settings import ServiceSettings, example

NEEDED = {
    "ZHIDA_DATABASE_URL": "postgresql+psycopg://zhida@127.0.0.1/registry",
    "ZHIDA_SIGNING_KEY_FILE": "/run/secrets/key",
}


class DepotSettings(ServiceSettings):
    """The depot's surroundings."""

    depot_seats: int = Field(default=30, description="Seats of a coach.", examples=[55])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDA_PORT", "9001")
    monkeypatch.setenv("ZHIDA_DEPOT_SEATS", "40")
    settings = DepotSettings()
    assert (settings.port, settings.depot_seats, settings.bus) == (9001, 40, "embedded")
    assert settings.signing_key_file == Path("/run/secrets/key")


def test_kafka_needs_its_address_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDA_BUS", "kafka")
    with pytest.raises(ValidationError, match="ZHIDA_KAFKA_BOOTSTRAP"):
        ServiceSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("ZHIDA_DATABASE_URL", "sqlite://"), ("ZHIDA_PORT", "70000"), ("ZHIDA_PUBLIC_URL", "zhida.cn"), ("ZHIDA_BUS", "post")],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        ServiceSettings()


def test_what_must_be_set_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIDA_DATABASE_URL")
    with pytest.raises(ValidationError, match="database_url"):
        ServiceSettings()


def test_the_peers_are_those_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ServiceSettings().peers() == {}
    monkeypatch.setenv("ZHIDA_NOTIFIER_DATABASE_URL", "postgresql+psycopg://n")
    assert ServiceSettings().peers() == {"notifier": "postgresql+psycopg://n"}


def test_the_example_names_every_setting_with_its_meaning_and_can_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = example(DepotSettings)
    for name, field in DepotSettings.model_fields.items():
        assert f"# {field.description}\n" in text
        assert f"ZHIDA_{name.upper()}=" in text
    assert "# One of: embedded, kafka\n#ZHIDA_BUS=embedded" in text
    assert "\n#ZHIDA_DEPOT_SEATS=55" in text
    for name in NEEDED:
        monkeypatch.delenv(name)
    set_lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert [line.split("=")[0] for line in set_lines] == list(NEEDED)
    for line in set_lines:
        monkeypatch.setenv(*line.split("=", 1))
    assert DepotSettings().port == 8000
