"""Reads the dated rules for households with nobody employed, which come with Zhida as a data file."""

from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from services.registry.domain.households.rules import ZeroRule

_FILE = files("services.registry.domain.households") / "presets" / "zero-employment.yaml"


@cache
def read_zero_rules() -> tuple[ZeroRule, ...]:
    """All of them, by the day on which they begin."""
    return TypeAdapter(tuple[ZeroRule, ...]).validate_python(yaml.safe_load(_FILE.read_bytes()))
