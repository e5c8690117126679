"""The rules of rewards and benefits that come with Zhida, each as its notice has it; an office takes one over for its area."""

from functools import cache
from importlib.resources import files

from services.registry.domain.rewards.rule import Rule
from services.registry.intake.reward_rules import read_rules
from shared.kernel.errors import NotFound

_FOLDER = files("services.registry.domain.rewards") / "presets"


class NoSuchPreset(NotFound):
    """There is no preset {name}. Choose one of {known}."""

    zh = "没有预设规则 {name}。请从 {known} 中选择。"


@cache
def preset_files() -> dict[str, bytes]:
    """All of them by id, in the order of their ids, as an office may write its own."""
    items = sorted(_FOLDER.iterdir(), key=lambda item: item.name)
    return {
        item.name.removesuffix(".yaml"): item.read_bytes() for item in items if item.name.endswith(".yaml")
    }


@cache
def presets() -> dict[str, Rule]:
    """All of them by id, in the order of their ids."""
    return {rule.id: rule for content in preset_files().values() for rule in read_rules(content)}


def read_preset(name: str) -> Rule:
    """The rule of that id. Raises NoSuchPreset."""
    _require(name)
    return presets()[name]


def read_preset_file(name: str) -> bytes:
    """The file of that id, for an office to begin its own with. Raises NoSuchPreset."""
    _require(name)
    return preset_files()[name]


def _require(name: str) -> None:
    if name not in presets():
        raise NoSuchPreset(name=name[:40], known=", ".join(presets()))
