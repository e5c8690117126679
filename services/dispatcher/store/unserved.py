"""Queries on whom rounds left behind and why; decides nothing about them."""

from datetime import date
from typing import Any

from sqlalchemy import Subquery, func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.store.rounds import STANDING
from services.dispatcher.store.tables import DemandRow, RoundRow, UnservedRow
from shared.security import Principal, within

REASONS_MAX = 50


def list_unserved(session: Session, round_id: str) -> list[UnservedRow]:
    """Whom a round left behind, by rule and request."""
    query = select(UnservedRow).where(UnservedRow.round_id == round_id)
    return list(session.exec(query.order_by(UnservedRow.rule, UnservedRow.request_id)))


def count_unserved(session: Session, principal: Principal, day: date) -> dict[str, int]:
    """Requests that the day's rounds left behind and that no later one carries, by rule, most first."""
    left = _left_behind(principal, day)
    query = select_columns(left.c.rule, func.count()).group_by(left.c.rule).order_by(func.count().desc())
    return {str(rule): int(count) for rule, count in session.execute(query)}


def list_reasons(session: Session, principal: Principal, day: date) -> list[dict[str, Any]]:
    """Why, with the mend and how many it concerns, most first."""
    left = _left_behind(principal, day)
    grouped = (left.c.rule, left.c.mend_zh, left.c.mend_en)
    query = select_columns(*grouped, func.count()).group_by(*grouped)
    return [
        {"rule": rule, "mend_zh": mend_zh, "mend_en": mend_en, "workers": workers}
        for rule, mend_zh, mend_en, workers in session.execute(
            query.order_by(func.count().desc(), left.c.rule).limit(REASONS_MAX)
        )
    ]


def _left_behind(principal: Principal, day: date) -> Subquery:
    """The last reason of every request of the area that still waits without a seat."""
    return (
        select_columns(UnservedRow)
        .join(RoundRow, col(RoundRow.round_id) == UnservedRow.round_id)
        .join(DemandRow, col(DemandRow.request_id) == UnservedRow.request_id)
        .where(col(RoundRow.day) == day, col(RoundRow.state).in_(STANDING))
        .where(col(DemandRow.state) == DemandState.WAITING.value, col(DemandRow.trip_id).is_(None))
        .where(within(UnservedRow.county_code, principal))
        .ext(distinct_on(col(UnservedRow.request_id)))
        .order_by(col(UnservedRow.request_id), col(UnservedRow.round_id).desc())
        .subquery()
    )
