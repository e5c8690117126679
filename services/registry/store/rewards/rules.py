"""Writes and finds the rules that offices have put in force; a rule of an area holds in all that lies in it."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, literal, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.registry.domain.rewards.rule import Rule
from services.registry.store.tables import RewardRuleRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class RewardRuleUnknown(NotFound):
    """There is no rule {reward_rule_id} in force for your area. Choose one of the list of rules."""

    zh = "您的辖区没有编号为 {reward_rule_id} 的规则。请从规则列表中选择。"


def insert_rule(session: Session, row: RewardRuleRow) -> RewardRuleRow:
    """The row of this rule and version in its area: this one, or the one that was there first."""
    session.connection().execute(insert(RewardRuleRow).values(row.model_dump()).on_conflict_do_nothing())
    return session.exec(_version(row.area_code, row.rule_id, row.version)).one()


def find_version(session: Session, area: str, rule_id: str, version: int) -> RewardRuleRow | None:
    """This version of a rule as it is in force for just this area."""
    return session.exec(_version(area, rule_id, version)).first()


def _version(area: str, rule_id: str, version: int) -> SelectOfScalar[RewardRuleRow]:
    return select(RewardRuleRow).where(
        RewardRuleRow.area_code == area, RewardRuleRow.rule_id == rule_id, RewardRuleRow.version == version
    )


def list_rules(session: Session, principal: Principal) -> list[RewardRuleRow]:
    """The rules that hold in the caller's areas: of the areas themselves, of what lies in them and of what they lie in."""
    around = [_around(area) for area in principal.areas if area]
    mine = or_(within(RewardRuleRow.area_code, principal), *around)
    rows = select(RewardRuleRow).where(mine)
    order = (col(RewardRuleRow.rule_id), col(RewardRuleRow.version).desc(), col(RewardRuleRow.area_code))
    return list(session.exec(rows.order_by(*order)))


def rules_for(session: Session, code: str) -> list[Rule]:
    """The rules that hold at a place; of several versions of a rule for one area the highest."""
    rows = select(RewardRuleRow).where(_around(code)).order_by(col(RewardRuleRow.version))
    newest = {(row.area_code, row.rule_id): row for row in session.exec(rows)}
    return [rule_of(row) for _, row in sorted(newest.items())]


def get_rule(session: Session, principal: Principal, reward_rule_id: str) -> RewardRuleRow:
    """A rule that holds in the caller's area or in a part of it. Raises RewardRuleUnknown."""
    found = next((row for row in list_rules(session, principal) if row.id == reward_rule_id), None)
    if found is None:
        raise RewardRuleUnknown(reward_rule_id=reward_rule_id[:40])
    return found


def find_rules(session: Session, ids: Iterable[str]) -> dict[str, RewardRuleRow]:
    """Rules by id, whoever's they are."""
    rows = session.exec(select(RewardRuleRow).where(col(RewardRuleRow.id).in_(list(ids))))
    return {row.id: row for row in rows}


def rule_of(row: RewardRuleRow) -> Rule:
    """The rule that a row keeps."""
    return Rule.model_validate(row.body)


def _around(code: str) -> ColumnElement[bool]:
    return literal(code).startswith(col(RewardRuleRow.area_code))
