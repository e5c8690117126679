"""The policies that come with Zhida, each as its notice has it; a county copies one and makes it its own."""

from importlib.resources import files

from services.dispatcher.intake.terms import read_policies
from services.dispatcher.money.rules.policy import Policy
from shared.kernel.errors import NotFound

_FOLDER = files("services.dispatcher.money.rules") / "presets"


class NoSuchPreset(NotFound):
    """There is no preset {name}. Choose one of {known}, or name a file."""

    zh = "没有预设政策 {name}。请从 {known} 中选择，或指定文件。"


def list_presets() -> list[str]:
    """Their names, which are their policies' ids."""
    return sorted(
        item.name.removesuffix(".yaml") for item in _FOLDER.iterdir() if item.name.endswith(".yaml")
    )


def read_preset(name: str) -> Policy:
    """The policy of a preset. Raises NoSuchPreset."""
    if name not in list_presets():
        raise NoSuchPreset(name=name, known=", ".join(list_presets()))
    (policy,) = read_policies((_FOLDER / f"{name}.yaml").read_bytes())
    return policy
