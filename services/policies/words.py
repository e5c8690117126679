"""How the fields and values of policies and of rules of rewards read, Chinese beside English: titles from the published schema, words for its codes."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from services.dispatcher.money.rules.fields import Part
from services.dispatcher.money.rules.policy import (
    Bands,
    Payer,
    PayerShare,
    Percentage,
    Period,
    Policy,
    Provision,
    ShareRatio,
)
from services.dispatcher.money.rules.words import BEARERS, DISTANCES, OWNERSHIPS
from services.registry.domain.rewards import rule as rewards
from services.registry.domain.rewards.fields import Words
from services.registry.domain.rewards.words import PURPOSES, REACHES
from shared.kernel.money import yuan
from shared.roster import CATEGORY_WORDS, ORGANISING_MODE_WORDS

Path = tuple[str | int, ...]

_MODELS: tuple[type[Part], ...] = (Bands, Percentage, ShareRatio, PayerShare, Period, Provision, Policy)
_REWARDS: tuple[type[BaseModel], ...] = (
    Words,
    rewards.PerHead,
    rewards.Tier,
    rewards.Tiers,
    rewards.Blocks,
    rewards.Instalment,
    rewards.Instalments,
    rewards.Between,
    rewards.ByReach,
    rewards.ByIncome,
    rewards.Conditions,
    rewards.Stack,
    rewards.Rule,
)


def _titles(models: tuple[type[BaseModel], ...]) -> dict[str, str]:
    return {name: field.title or name for model in models for name, field in model.model_fields.items()}


_TITLES: dict[type[BaseModel], dict[str, str]] = {Policy: _titles(_MODELS), rewards.Rule: _titles(_REWARDS)}
_WORDS: dict[str, str] = {**CATEGORY_WORDS, **ORGANISING_MODE_WORDS}
_VALUES: dict[str, str] = {
    "percentage": "按比例",
    "full_cost": "全额",
    "bands": "分档定额",
    "share_ratio": "按份额分担",
    **{code: zh for code, (zh, _) in DISTANCES.items()},
    **{payer: BEARERS[payer][0] for payer in Payer},
    "enterprise": "企业",
    "carrier": "承运企业",
    "by_heads": "各企业按人数申领",
    "lead_enterprise": "人数最多的企业申领",
    **{code: zh for code, (zh, _) in OWNERSHIPS.items()},
    **{code: word for word, code in _WORDS.items()},
    "per_head": "每人定额",
    "tiers": "按人数分档",
    "blocks": "按批定额",
    "instalments": "分期",
    "by_reach": "按就业地远近",
    "by_income": "按年收入",
    "agency": "人力资源机构",
    "worker": "务工人员本人",
    "season": "一季",
    "year": "一年",
    "ever": "终身",
    "rule": "规则有效期",
    **{code: zh for code, (zh, _) in PURPOSES.items()},
    **{code: zh for code, (zh, _) in REACHES.items()},
}


def label(kind: type[BaseModel], path: Path) -> tuple[str, str]:
    """`("provisions", 0, "rule", "rate_percent")` of a policy in Chinese and in English; items are counted from 1."""
    titles = _TITLES[kind]
    zh: list[str] = []
    en: list[str] = []
    for part in path:
        if isinstance(part, int):
            zh[-1] += f" {part + 1}"
            en[-1] += f" {part + 1}"
        else:
            zh.append(titles.get(part) or _VALUES.get(part, part))
            en.append(part.removesuffix("_fen").replace("_", " "))
    return " · ".join(zh), " · ".join(en)


def say(path: Path, value: Any) -> str:
    """A value as people read it: fen as yuan, codes with their Chinese word."""
    if isinstance(value, list) and value:
        return ("\n" if path == ("assumed",) else ", ").join(say(path, one) for one in value)
    if value is None or value == []:
        return "无 none"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, int) and any(str(part) == "fen" or str(part).endswith("_fen") for part in path):
        return f"{yuan(value)} 元"
    return f"{_VALUES[value]} {value}" if value in _VALUES else str(value)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each value of a policy with its path; a list of plain values is one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value
