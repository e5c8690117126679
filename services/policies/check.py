"""Checks files of policies, tariffs and rules of rewards: each file's faults, then what is odd between all that are in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.dispatcher.intake.terms import read_policies, read_tariffs
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.review import Remark, review_policies, review_tariffs
from services.dispatcher.money.rules.tariff import Tariff
from services.registry.domain.rewards.rule import Rule
from services.registry.intake.reward_rules import read_rules
from shared.kernel.errors import InvalidInput
from shared.rules.document import read_document
from shared.rules.versions import LinesInvalid

OF_REWARDS = {"rules", "claimant", "purpose", "amount"}
"""What a file of rules of rewards has and a policy has not."""


@dataclass(frozen=True)
class Checked:
    """One file: how much is in it, and its faults."""

    path: Path
    policies: list[Policy]
    tariffs: list[Tariff]
    rewards: list[Rule]
    faults: list[Remark]

    @property
    def versions(self) -> dict[str, Policy | Tariff | Rule]:
        """All of it, by key."""
        found: list[Policy | Tariff | Rule] = [*self.policies, *self.tariffs, *self.rewards]
        return {one.key: one for one in found}


def check_files(paths: Sequence[Path]) -> tuple[list[Checked], list[Remark]]:
    """Every file with its faults, and remarks on all that could be read, together. Raises OSError."""
    files: list[Checked] = []
    for path in paths:
        known = {key: one for file in files for key, one in file.versions.items()}
        files.append(_check(path, known))
    policies = {policy.key: policy for file in files for policy in file.policies}
    tariffs = {tariff.key: tariff for file in files for tariff in file.tariffs}
    return files, [*review_policies([*policies.values()]), *review_tariffs([*tariffs.values()])]


def is_of_rewards(value: Any) -> bool:
    """Whether what a file holds is rules of rewards."""
    return isinstance(value, dict) and not OF_REWARDS.isdisjoint(value)


def list_faults(error: InvalidInput) -> list[Remark]:
    """An error of a file, fault by fault."""
    if not isinstance(error, LinesInvalid):
        return [Remark("", error.message("zh"), error.message("en"))]
    return [
        Remark(
            one["field"],
            f"{one['fault_zh']}。{one['mend_zh']}",
            f"{one['fault_en']}. {one['mend_en']}",
        )
        for one in error.errors
    ]


def _check(path: Path, known: Mapping[str, Policy | Tariff | Rule]) -> Checked:
    content = path.read_bytes()
    policies: list[Policy] = []
    tariffs: list[Tariff] = []
    rewards: list[Rule] = []
    try:
        value = read_document(content).value
        if isinstance(value, dict) and "tariffs" in value:
            tariffs = read_tariffs(content)
        elif is_of_rewards(value):
            rewards = read_rules(content)
        else:
            policies = read_policies(content)
    except InvalidInput as error:
        return Checked(path, policies, tariffs, rewards, list_faults(error))
    read = Checked(path, policies, tariffs, rewards, [])
    faults = [
        Remark(
            key,
            "前面的文件中已有此版本，且内容不同。请使用下一个版本号。",
            "A file before has this version, and it says something else. Give it the next number.",
        )
        for key, one in read.versions.items()
        if known.get(key, one) != one
    ]
    return replace(read, faults=faults)
