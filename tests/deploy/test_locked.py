"""The image of each service holds its own packages, each as it was locked."""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

from deploy.locked import ENTRY, SERVICES, name_of, select_locked

ROOT = Path(__file__).parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
TABLE = tomllib.loads(PROJECT)["project"]


def list_names(service: str) -> set[str]:
    return {name_of(entry) for entry in ENTRY.split(select_locked(service, PROJECT, LOCK)) if entry}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_own_dependencies_and_its_extra(service: str) -> None:
    wanted = TABLE["dependencies"] + TABLE["optional-dependencies"][service]
    assert {name_of(line) for line in wanted} <= list_names(service)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_selected_needs_nothing_that_is_not_selected(service: str) -> None:
    """By the installed packages' own metadata, which the selection has not read; extras and markers aside."""
    names = {name.replace("_", "-") for name in list_names(service)}
    for name in names - {"colorama"}:
        for line in distribution(name).requires or []:
            if ";" not in line:
                assert name_of(line).replace("_", "-") in names, f"{name} needs {line}"


def test_only_who_plans_or_checks_carries_the_planners_libraries() -> None:
    assert [service for service in SERVICES if "ortools" in list_names(service)] == ["dispatcher", "planner"]
    assert all("pytest" not in list_names(service) for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_an_entry_keeps_its_version_and_its_hashes(service: str) -> None:
    for entry in filter(None, ENTRY.split(select_locked(service, PROJECT, LOCK))):
        assert entry in LOCK
        assert "==" in entry
        assert "--hash=sha256:" in entry


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(KeyError):
        select_locked("conductor", PROJECT, LOCK)
