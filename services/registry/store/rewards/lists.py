"""Writes and finds reward lists, their entries and whom they hold; a caller sees those of their area alone."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, delete, func, insert, text
from sqlmodel import Session, col, select

from services.registry.store.copying import copy_rows
from services.registry.store.tables import (
    PersonRow,
    RewardEntryRow,
    RewardHoldRow,
    RewardListRow,
    RewardRuleRow,
)
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within

DRAFT, CONFIRMED, HANDED_OVER, WITHDRAWN = "draft", "confirmed", "handed_over", "withdrawn"


class RewardListUnknown(NotFound):
    """There is no reward list {reward_list_id}, or it is not your area's. Check the number in the list of lists."""

    zh = "没有编号为 {reward_list_id} 的奖补名单，或它不属于您的辖区。请在名单列表中核对编号。"


def get_list(session: Session, principal: Principal, reward_list_id: str) -> RewardListRow:
    """A list of the caller's area. Raises RewardListUnknown."""
    return _one(session, principal, reward_list_id, is_locked=False)


def lock_list(session: Session, principal: Principal, reward_list_id: str) -> RewardListRow:
    """The same, held to the end of the transaction."""
    return _one(session, principal, reward_list_id, is_locked=True)


def _one(session: Session, principal: Principal, reward_list_id: str, *, is_locked: bool) -> RewardListRow:
    mine = select(RewardListRow).where(
        RewardListRow.id == reward_list_id, within(RewardListRow.area_code, principal)
    )
    found = session.exec(locked(mine) if is_locked else mine).first()
    if found is None:
        raise RewardListUnknown(reward_list_id=reward_list_id[:40])
    return found


def list_lists(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[RewardListRow], int]:
    """A page of the caller's lists, newest first, and how many there are."""
    mine = within(RewardListRow.area_code, principal)
    total = session.exec(select(func.count()).select_from(RewardListRow).where(mine)).one()
    newest = select(RewardListRow).where(mine).order_by(col(RewardListRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit))), total


def find_standing(
    session: Session, rule_row_id: str, area: str, claimant: str, days: tuple[date, date], as_of: date
) -> RewardListRow | None:
    """The list that was made of just this and not withdrawn, held to the end."""
    return session.exec(
        locked(
            select(RewardListRow).where(
                RewardListRow.reward_rule_id == rule_row_id,
                RewardListRow.area_code == area,
                RewardListRow.claimant_id == claimant,
                RewardListRow.first_day == days[0],
                RewardListRow.last_day == days[1],
                RewardListRow.as_of == as_of,
                RewardListRow.state != WITHDRAWN,
            )
        )
    ).first()


def paid_fen(session: Session, rule: RewardRuleRow, claimant: str, year: int, *, but: str) -> int:
    """What all confirmed lists of a rule, in whatever version, give a claimant for a year of arrivals, `but` for one list."""
    paid = session.exec(
        select(func.coalesce(func.sum(RewardListRow.total_fen), 0))
        .join(RewardRuleRow, col(RewardRuleRow.id) == RewardListRow.reward_rule_id)
        .where(
            col(RewardRuleRow.area_code) == rule.area_code,
            col(RewardRuleRow.rule_id) == rule.rule_id,
            *_confirmed(claimant, but),
            col(RewardListRow.first_day).between(date(year, 1, 1), date(year, 12, 31)),
        )
    ).one()
    return int(paid)


def lists_of(
    session: Session, rule_row_id: str, claimant: str, days: tuple[date, date], *, but: str
) -> list[RewardListRow]:
    """A claimant's confirmed lists by this version of a rule, of whatever area, that have a day in common with these, `but` for
    one list."""
    rows = select(RewardListRow).where(
        RewardListRow.reward_rule_id == rule_row_id,
        *_confirmed(claimant, but),
        col(RewardListRow.first_day) <= days[1],
        col(RewardListRow.last_day) >= days[0],
    )
    return list(session.exec(rows.order_by(RewardListRow.id)))


def _confirmed(claimant: str, but: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RewardListRow.claimant_id) == claimant,
        col(RewardListRow.id) != but,
        col(RewardListRow.state).in_((CONFIRMED, HANDED_OVER)),
    )


def replace_entries(session: Session, list_id: str, entries: Sequence[RewardEntryRow]) -> None:
    """These are the list's entries and no others."""
    session.connection().execute(delete(RewardEntryRow).where(col(RewardEntryRow.list_id) == list_id))
    if entries:
        session.connection().execute(insert(RewardEntryRow), [one.model_dump() for one in entries])


def entries_of(
    session: Session,
    list_id: str,
    *,
    is_earned: bool | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[tuple[RewardEntryRow, PersonRow]]:
    """A page of a list's entries with their people: who earned first, then by person."""
    rows = (
        select(RewardEntryRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == RewardEntryRow.person_id)
        .where(RewardEntryRow.list_id == list_id)
    )
    if is_earned is not None:
        rows = rows.where(col(RewardEntryRow.is_earned) == is_earned)
    ordered = rows.order_by(
        col(RewardEntryRow.is_earned).desc(),
        col(RewardEntryRow.person_id),
        col(RewardEntryRow.period),
        col(RewardEntryRow.part),
    )
    return list(session.exec(ordered.offset(offset).limit(limit)).all())


def insert_holds(session: Session, holds: Sequence[RewardHoldRow]) -> None:
    """From now on these are held; one who is held for the same already raises psycopg's UniqueViolation."""
    copy_rows(session, "reward_hold", tuple(RewardHoldRow.model_fields), holds)


def release_holds(session: Session, list_id: str) -> None:
    """The list holds nobody any more."""
    session.connection().execute(delete(RewardHoldRow).where(col(RewardHoldRow.list_id) == list_id))


_HELD = text("""
    SELECT p.file_id, h.purpose, h.period, h.part, h.rule_id, h.claimant_id, h.area_code
    FROM reward_hold h JOIN person p ON p.id = h.person_id
    WHERE p.file_id = ANY(:files) AND h.list_id <> :but
    ORDER BY p.file_id, h.purpose, h.period, h.part
""")


def holds_on(session: Session, file_ids: Sequence[str], *, but: str = "") -> list[tuple[str, ...]]:
    """Everything that holds these files, by whatever county, `but` for one list: file, purpose, period, part, rule, claimant, area."""
    values = {"files": list(file_ids), "but": but}
    return [tuple(row) for row in session.connection().execute(_HELD, values)]
