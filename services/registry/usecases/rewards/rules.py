"""Puts rules in force for an area: one of those that come with Zhida, or an office's own. A version never changes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from services.registry.domain.rewards.rule import Rule
from services.registry.intake.reward_presets import read_preset
from services.registry.intake.reward_rules import read_rules
from services.registry.store.rewards.rules import find_version, insert_rule
from services.registry.store.tables import RewardRuleRow
from services.registry.usecases.county import area_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.rewards.errors import RewardVersionTaken, RuleInvalid
from shared.kernel.ids import new_id
from shared.security import Principal

log = logging.getLogger(__name__)


class Stand(StrEnum):
    """How a rule stands to those that are in force for an area."""

    NEW = "new"
    KNOWN = "known"
    TAKEN = "taken"
    """Its version is in force already and says something else."""


@dataclass(frozen=True)
class Checked:
    """A rule that could be read, and how it stands."""

    rule: Rule
    stand: Stand


def put_in_force(
    parts: Parts, principal: Principal, rules: Sequence[Rule], area_code: str | None
) -> list[tuple[RewardRuleRow, bool]]:
    """The rules as they are in force for the area, each with whether it is new: all of them or, on an error, none.

    Raises RewardVersionTaken, AreaNotYours, AreaNotNamed.
    """
    area, now = area_of(principal, area_code), parts.clock.now()
    with parts.database.session() as session:
        kept = [_put(session, principal, rule, area, now) for rule in rules]
    for row, is_new in kept:
        if is_new:
            about = {"rule": f"{row.rule_id}@{row.version}", "area_code": area, "digest": row.digest}
            log.info("reward rule in force", extra={"subject": principal.subject, **about})
    return kept


def check_file(
    parts: Parts, principal: Principal, content: bytes, area_code: str | None
) -> tuple[str, list[Checked]]:
    """The area, and each rule of an office's own file with how it stands there; nothing comes into force.

    Raises AreaNotYours, AreaNotNamed, and what `read_rules` raises: every fault with its line.
    """
    area = area_of(principal, area_code)
    rules = read_rules(content)
    with parts.database.session() as session:
        return area, [Checked(rule, _stand(session, rule, area)) for rule in rules]


def put_file_in_force(
    parts: Parts, principal: Principal, content: bytes, area_code: str | None
) -> list[tuple[RewardRuleRow, bool]]:
    """The rules of an office's own file, as `put_in_force` puts them. Raises what that and `read_rules` do."""
    area = area_of(principal, area_code)
    return put_in_force(parts, principal, read_rules(content), area)


def _put(
    session: Session, principal: Principal, rule: Rule, area: str, now: datetime
) -> tuple[RewardRuleRow, bool]:
    row = RewardRuleRow(
        id=new_id(),
        area_code=area,
        rule_id=rule.id,
        version=rule.version,
        digest=rule.digest(),
        body=rule.model_dump(mode="json"),
        loaded_by=principal.subject,
        loaded_at=now,
    )
    kept = insert_rule(session, row)
    if kept.digest != row.digest:
        raise RewardVersionTaken(version=rule.version, rule_id=rule.id, area=area)
    return kept, kept.id == row.id


def _stand(session: Session, rule: Rule, area: str) -> Stand:
    row = find_version(session, area, rule.id, rule.version)
    if row is None:
        return Stand.NEW
    return Stand.KNOWN if row.digest == rule.digest() else Stand.TAKEN


def take_over(name: str, valid_from: date | None, valid_to: date | None) -> Rule:
    """A preset, from and to other days if the office says so. Raises NoSuchPreset, RuleInvalid."""
    preset = read_preset(name)
    days: dict[str, Any] = {"valid_from": valid_from, "valid_to": valid_to}
    given = {key: day.isoformat() for key, day in days.items() if day is not None}
    try:
        return Rule.model_validate(preset.model_dump(mode="json") | given)
    except ValidationError as error:
        detail = "; ".join(str(one["msg"]) for one in error.errors(include_input=False))
        raise RuleInvalid(detail=detail) from error
