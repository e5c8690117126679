"""What docker-compose.yml promises, as far as no Docker engine is needed to see it."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES = ["registry", "dispatcher", "notifier", "planner"]


def test_the_services_and_their_two_stores_are_there() -> None:
    assert set(COMPOSE["services"]) == {*SERVICES, "postgres", "kafka"}


@pytest.mark.parametrize("container", COMPOSE["services"].values(), ids=COMPOSE["services"])
def test_every_container_has_a_health_check_and_runs_as_an_ordinary_user(container: dict[str, Any]) -> None:
    assert container["healthcheck"]["test"][0] == "CMD"
    assert container["user"] not in ("root", "0")


def test_what_is_stored_lies_in_named_volumes() -> None:
    assert COMPOSE["volumes"].keys() == {"postgres-data", "kafka-data"}
    for name in ("postgres", "kafka"):
        assert f"{name}-data" in COMPOSE["services"][name]["volumes"][0]


def test_the_stores_are_the_official_images_of_the_versions_that_the_tests_use() -> None:
    tested = re.findall(
        r"kafka_2\.13</artifactId>\s*<version>(.*?)</version>", (ROOT / "deploy/kafka/pom.xml").read_text()
    )
    assert COMPOSE["services"]["kafka"]["image"] == f"apache/kafka:{tested[0]}"
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_that_is_given_is_one_that_the_service_reads(service: str) -> None:
    settings = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
    known = {f"ZHIDA_{field.upper()}" for field in settings.model_fields}
    given = COMPOSE["services"][service]["environment"]
    assert given.keys() <= known
    required = {
        f"ZHIDA_{name.upper()}" for name, field in settings.model_fields.items() if field.is_required()
    }
    assert required <= given.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_healthy_stores_and_is_given_its_own_database(service: str) -> None:
    container = COMPOSE["services"][service]
    assert container["depends_on"] == {
        name: {"condition": "service_healthy"} for name in ("postgres", "kafka")
    }
    assert re.search(
        rf"//{service}:.*@postgres:5432/{service}$", container["environment"]["ZHIDA_DATABASE_URL"]
    )
    assert container["build"]["args"] == {"SERVICE": service}


def test_the_key_that_seals_people_is_given_to_the_registry_alone() -> None:
    """As a folder: the file is replaced for a new key, and a container that has the file alone keeps the old one."""
    holders = [name for name in SERVICES if "KEYS_DIR" in str(COMPOSE["services"][name].get("volumes"))]
    assert holders == ["registry"]
    registry = COMPOSE["services"]["registry"]
    assert registry["volumes"] == ["${KEYS_DIR:-.data/keys}:/run/keys:ro"]
    assert registry["environment"]["ZHIDA_VAULT_KEY_FILE"] == "/run/keys/vault.key"
    assert set(COMPOSE["secrets"]) == {"signing_key"}


def test_every_variable_without_a_default_is_in_the_example_and_no_password_is_written_down() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy/compose.env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) == set(example)
    assert {name for name, value in example.items() if not value} == {
        name for name in example if "PASSWORD" in name
    }
