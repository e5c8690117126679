"""Reads the clocks of cases from the data files beside the rules; decides nothing."""

from functools import cache
from importlib.resources import files

import yaml

from services.registry.domain.rights.clocks import ClockRules

_FOLDER = files("services.registry.domain.rights") / "presets"


@cache
def list_rules() -> tuple[ClockRules, ...]:
    """Every version, by name of its file."""
    found = sorted(
        (item for item in _FOLDER.iterdir() if item.name.endswith(".yaml")), key=lambda one: one.name
    )
    return tuple(ClockRules.model_validate(yaml.safe_load(item.read_bytes())) for item in found)
