"""Figures for the operator's scrape, over all areas; no page shows them."""

from collections import defaultdict

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, func, select

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.store.tables import AccountRow, DemandRow, RoundRow, TripRow, UnservedRow


def count_trips(session: Session) -> dict[str, int]:
    """Trips by state."""
    return dict(session.exec(select(TripRow.state, func.count()).group_by(TripRow.state)).all())


def count_unserved_now(session: Session) -> dict[str, int]:
    """Requests that an approved round left behind and that still wait, by the rule that last did."""
    latest = (
        select(UnservedRow.request_id, UnservedRow.rule)
        .join(RoundRow, col(RoundRow.round_id) == UnservedRow.round_id)
        .where(RoundRow.state == "approved")
        .ext(distinct_on(col(UnservedRow.request_id)))
        .order_by(UnservedRow.request_id, col(UnservedRow.round_id).desc())
        .subquery()
    )
    query = (
        select(latest.c.rule, func.count())
        .join(DemandRow, col(DemandRow.request_id) == latest.c.request_id)
        .where(DemandRow.state == DemandState.WAITING)
        .group_by(latest.c.rule)
    )
    return {str(rule): int(count) for rule, count in session.execute(query)}


def sum_accounts(session: Session) -> dict[tuple[str, str], int]:
    """Fen by kind of account, such as `payer:origin_county`, `enterprise`, `carrier`: few, so that the figures stay
    few; and by stage: `limit`, `reserved`, `committed`, `settled`, `paid`."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in session.exec(select(AccountRow)):
        head, _, rest = row.account.partition(":")
        name = f"{head}:{rest.partition(':')[0]}" if head == "payer" else head
        for stage in ("limit", "reserved", "committed", "settled", "paid"):
            sums[name, stage] += getattr(row, f"{stage}_fen")
    return dict(sums)
