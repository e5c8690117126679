"""Reads rules of rewards from YAML, an office's own as those that come with Zhida; puts none in force."""

from services.registry.domain.rewards.rule import Rule
from shared.rules.document import FileUnreadable, read_document
from shared.rules.versions import read_versions

UNDER = "rules"


def read_rules(content: bytes) -> list[Rule]:
    """The one rule of the file, or the list under `rules:`. Raises what `read_document` does, and LinesInvalid."""
    document = read_document(content)
    if not isinstance(document.value, dict):
        raise FileUnreadable(
            wanted="YAML with a rule of rewards", wanted_zh="含奖补规则的 YAML 文件", detail="-"
        )
    return read_versions(document, Rule, UNDER)
