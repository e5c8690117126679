"""Makes, confirms, hands over and takes back reward lists: what a claimant has earned, judged anew from what is known.

Who makes a list does not confirm it. One list of a claimant is worked on at a time, and whoever confirms one holds all persons on
it: of two offices that confirm the same worker at once, one finds that their list says something else now.
"""

import logging
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.identity import find_enterprise_code
from services.registry.domain.rewards.calendar import counting_days
from services.registry.domain.rewards.judge import Candidate
from services.registry.domain.rewards.rule import Claimant, Rule
from services.registry.store.rewards.lists import (
    CONFIRMED,
    DRAFT,
    HANDED_OVER,
    WITHDRAWN,
    find_standing,
    get_list,
    insert_holds,
    lock_list,
    release_holds,
    replace_entries,
)
from services.registry.store.rewards.rules import get_rule, rule_of
from services.registry.store.tables import RewardHoldRow, RewardListRow, RewardRuleRow
from services.registry.usecases.county import area_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.rewards.errors import (
    ClaimantUnreadable,
    NotForClaimants,
    NothingEarned,
    PeriodInvalid,
    RewardListOwn,
    RewardListState,
    RuleNotForArea,
)
from services.registry.usecases.rewards.judging import entry_of, judge_again, judge_all, write_down
from shared.database import hold
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.security import Principal

log = logging.getLogger(__name__)
STATES: dict[str, tuple[str, str]] = {
    DRAFT: ("草稿", "a draft"),
    CONFIRMED: ("已确认", "confirmed"),
    HANDED_OVER: ("已移交财政", "handed over to finance"),
    WITHDRAWN: ("已撤回", "withdrawn"),
}
"""A list's state in Chinese and English."""


@dataclass(frozen=True)
class Asked:
    """By which rule, for whom, and by the arrivals of which days."""

    reward_rule_id: str
    claimant_id: str
    first_day: date
    last_day: date
    area_code: str | None = None


def make_list(parts: Parts, principal: Principal, asked: Asked) -> tuple[RewardListRow, bool]:
    """The draft of what is asked, as of today, and whether it is new. The same asked again on the same day judges the draft anew;
    a list that is confirmed stays as it is.

    Raises RewardRuleUnknown, NotForClaimants, RuleNotForArea, ClaimantUnreadable, PeriodInvalid, AreaNotYours, AreaNotNamed.
    """
    area, claimant = area_of(principal, asked.area_code), find_enterprise_code(asked.claimant_id)
    if claimant is None:
        raise ClaimantUnreadable()
    now = parts.clock.now()
    days = (asked.first_day, asked.last_day)
    with parts.database.session() as session:
        rule_row = get_rule(session, principal, asked.reward_rule_id)
        rule = rule_of(rule_row)
        _check(rule, rule_row, area, days, local_date(now))
        _hold_claimant(session, claimant)
        row = find_standing(session, rule_row.id, area, claimant, days, local_date(now))
        if row is not None and row.state != DRAFT:
            return row, False
        is_new = row is None
        row = row or RewardListRow(
            id=new_id(),
            reward_rule_id=rule_row.id,
            digest=rule_row.digest,
            area_code=area,
            claimant_id=claimant,
            first_day=days[0],
            last_day=days[1],
            as_of=local_date(now),
            state=DRAFT,
            made_by=principal.subject,
            made_at=now,
        )
        judged = judge_all(parts, session, rule, rule_row, row)
        row.made_by, row.made_at = principal.subject, now
        write_down(row, judged)
        session.add(row)
        session.flush()
        replace_entries(session, row.id, [entry_of(row.id, one) for one in judged.verdicts])
    _tell("reward list made", principal, row)
    return row, is_new


def confirm_list(parts: Parts, principal: Principal, reward_list_id: str) -> RewardListRow:
    """Freeze a draft that somebody else made; from now on it holds its workers. Twice changes nothing.

    Raises RewardListUnknown, RewardListState, RewardListOwn, NothingEarned, RewardListStale where it would come out otherwise now.
    """
    with parts.database.session() as session:
        _hold_claimant(session, get_list(session, principal, reward_list_id).claimant_id)
        row = lock_list(session, principal, reward_list_id)
        if row.state == CONFIRMED:
            return row
        _require(row, DRAFT)
        if row.made_by == principal.subject:
            raise RewardListOwn()
        if row.heads == 0:
            raise NothingEarned()
        rule, judged = judge_again(parts, session, row)
        insert_holds(session, [_hold(row, rule, one) for one in judged.earned])
        row.counted_lists = list(judged.counted.list_ids)
        row.state, row.confirmed_by, row.confirmed_at = CONFIRMED, principal.subject, parts.clock.now()
        session.add(row)
    _tell("reward list confirmed", principal, row)
    return row


def hand_over_list(parts: Parts, principal: Principal, reward_list_id: str) -> RewardListRow:
    """The list goes to those who pay; it is not taken back after that. Twice changes nothing.

    Raises RewardListUnknown, RewardListState, RewardListStale where an arrival was taken back since, or a list that it counts on.
    """
    with parts.database.session() as session:
        _hold_claimant(session, get_list(session, principal, reward_list_id).claimant_id)
        row = lock_list(session, principal, reward_list_id)
        if row.state == HANDED_OVER:
            return row
        _require(row, CONFIRMED)
        judge_again(parts, session, row)
        row.state, row.handed_over_by, row.handed_over_at = (
            HANDED_OVER,
            principal.subject,
            parts.clock.now(),
        )
        session.add(row)
    _tell("reward list handed over", principal, row)
    return row


def withdraw_list(parts: Parts, principal: Principal, reward_list_id: str) -> RewardListRow:
    """Take a list back before it is handed over: its workers are free again. Twice changes nothing. Raises RewardListUnknown, RewardListState."""
    with parts.database.session() as session:
        _hold_claimant(session, get_list(session, principal, reward_list_id).claimant_id)
        row = lock_list(session, principal, reward_list_id)
        if row.state == WITHDRAWN:
            return row
        _require(row, DRAFT, CONFIRMED)
        release_holds(session, row.id)
        row.state, row.withdrawn_by, row.withdrawn_at = WITHDRAWN, principal.subject, parts.clock.now()
        session.add(row)
    _tell("reward list withdrawn", principal, row)
    return row


def _check(rule: Rule, rule_row: RewardRuleRow, area: str, days: tuple[date, date], today: date) -> None:
    if rule.claimant is Claimant.WORKER:
        raise NotForClaimants(rule_id=rule.id)
    if not area.startswith(rule_row.area_code):
        raise RuleNotForArea(rule_id=rule.id, rule_area=rule_row.area_code, area=area)
    reason = None
    if days[1] < days[0]:
        reason = ("截止日期早于开始日期", "the last day is before the first")
    elif days[1] > today:
        reason = (f"截止日期晚于今天（{today}）", f"the last day is after today ({today})")
    elif rule.cap_claimant_fen is not None and days[0].year != days[1].year:
        reason = (
            "该规则有年度上限，请按自然年分别生成",
            "the rule has a cap for a year, so ask for each year by itself",
        )
    elif counting_days(rule, days[0]) != counting_days(rule, days[1]):
        reason = (
            "该规则按一季或一年累计人数，请按季或按年分别生成",
            "the rule counts workers over a season or a year, so ask for each by itself",
        )
    if reason:
        raise PeriodInvalid(first=days[0], last=days[1], reason_zh=reason[0], reason_en=reason[1])


def _hold_claimant(session: Session, claimant: str) -> None:
    """One at a time for a claimant, so that two lists do not both fill what is left of a cap, or each count without the other."""
    hold(session, f"registry.rewards.{claimant}")


def _require(row: RewardListRow, *states: str) -> None:
    if row.state not in states:
        state_zh, state = STATES[row.state]
        raise RewardListState(state=state, state_zh=state_zh)


def _hold(row: RewardListRow, rule: Rule, earned: Candidate) -> RewardHoldRow:
    return RewardHoldRow(
        person_id=earned.placement.person_id,
        purpose=rule.purpose,
        period=earned.period,
        part=earned.part,
        list_id=row.id,
        rule_id=rule.id,
        claimant_id=row.claimant_id,
        area_code=row.area_code,
    )


def _tell(what: str, principal: Principal, row: RewardListRow) -> None:
    about = {"reward_list_id": row.id, "area_code": row.area_code, "heads": row.heads, "fen": row.total_fen}
    log.info(what, extra={"subject": principal.subject, **about})
