"""Queries on claims and what hangs on them, held to the caller's area or organisation; decides nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from services.dispatcher.money.claims.claim import HANDED_IN, HOLDING, LIVE, Act, Note, Step
from services.dispatcher.store.tables import (
    ClaimFlagRow,
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    ClaimStepRow,
    EvidenceRow,
    ObjectionRow,
    PeriodRow,
    TripRow,
)
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import OFFICES, Principal, Role, owned_by, within

_LIVE = [state.value for state in LIVE]
_HOLDING = [state.value for state in HOLDING]


class NoSuchClaim(NotFound):
    """There is no claim {claim_id}, or it is not yours to see."""

    zh = "没有编号为 {claim_id} 的申报，或您无权查看。"


def visible(principal: Principal) -> ColumnElement[bool]:
    """Offices see their area's claims once they are submitted; an enterprise or a carrier its own."""
    rules: list[ColumnElement[bool]] = [false()]
    if principal.has(*OFFICES):
        rules.append(within(ClaimRow.county_code, principal) & (col(ClaimRow.state) != "draft"))
    for role in (Role.ENTERPRISE, Role.CARRIER):
        if principal.has(role):
            mine = col(ClaimRow.claimant).startswith(f"{role}:", autoescape=True)
            rules.append(mine & owned_by(ClaimRow.claimant_id, principal))
    return or_(*rules)


def get_claim(session: Session, claim_id: str, principal: Principal, *, lock: bool = False) -> ClaimRow:
    """The claim, where the caller may see it. Raises NoSuchClaim, also for a neighbour's."""
    query = select(ClaimRow).where(ClaimRow.claim_id == claim_id, visible(principal))
    found = session.exec(locked(query) if lock else query).one_or_none()
    if found is None:
        raise NoSuchClaim(claim_id=claim_id)
    return found


def list_claims(
    session: Session,
    principal: Principal,
    *,
    state: str | None = None,
    season: str | None = None,
    county_code: str | None = None,
    claimant_id: str | None = None,
    trip_id: str | None = None,
    limit: int = 500,
) -> list[ClaimRow]:
    """The caller's claims, the latest first."""
    query = select(ClaimRow).where(visible(principal))
    for column, value in (
        (ClaimRow.state, state),
        (ClaimRow.season, season),
        (ClaimRow.county_code, county_code),
        (ClaimRow.claimant_id, claimant_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if trip_id is not None:
        query = query.where(
            col(ClaimRow.claim_id).in_(select(ClaimLineRow.claim_id).where(ClaimLineRow.trip_id == trip_id))
        )
    return list(session.exec(query.order_by(col(ClaimRow.claim_id).desc()).limit(limit)))


def count_by_state(session: Session, principal: Principal) -> dict[str, tuple[int, int]]:
    """State -> how many of the caller's claims, and their payable fen."""
    query = select(ClaimRow.state, func.count(), func.sum(ClaimRow.payable_fen)).where(visible(principal))
    return {state: (count, int(fen)) for state, count, fen in session.exec(query.group_by(ClaimRow.state))}


def last_number(session: Session, prefix: str) -> int:
    """The highest number of the claims whose ids begin so; 0 where there is none."""
    query = select(func.max(ClaimRow.claim_id)).where(
        col(ClaimRow.claim_id).startswith(prefix, autoescape=True)
    )
    found = session.exec(query).one()
    return int(found.rpartition("-")[2]) if found else 0


def list_lines(session: Session, claim_ids: Iterable[str]) -> list[ClaimLineRow]:
    """The lines of claims, by claim and trip."""
    query = select(ClaimLineRow).where(col(ClaimLineRow.claim_id).in_(list(claim_ids)))
    return list(session.exec(query.order_by(ClaimLineRow.claim_id, ClaimLineRow.trip_id)))


def lock_trips(session: Session, claim_id: str) -> dict[str, TripRow]:
    """The trips of a claim by id, locked: before anything of them is read that money goes by."""
    mine = select(ClaimLineRow.trip_id).where(ClaimLineRow.claim_id == claim_id)
    query = locked(select(TripRow).where(col(TripRow.trip_id).in_(mine)).order_by(TripRow.trip_id))
    return {trip.trip_id: trip for trip in session.exec(query)}


def list_paid_trips(session: Session, county_code: str, season: str) -> list[TripRow]:
    """The trips of a county's season of which a claim was paid, by id."""
    paid = (
        select(ClaimLineRow.trip_id)
        .join(ClaimRow, col(ClaimRow.claim_id) == ClaimLineRow.claim_id)
        .where(
            ClaimRow.season == season,
            ClaimRow.county_code == county_code,
            ClaimRow.paid_fen > 0,
        )
    )
    return list(session.exec(select(TripRow).where(col(TripRow.trip_id).in_(paid)).order_by(TripRow.trip_id)))


def list_live_lines(session: Session, trip_ids: Iterable[str]) -> list[tuple[ClaimRow, ClaimLineRow]]:
    """The lines of these trips in claims that are alive, drafts too."""
    query = (
        select(ClaimRow, ClaimLineRow)
        .join(ClaimLineRow, col(ClaimLineRow.claim_id) == ClaimRow.claim_id)
        .where(col(ClaimLineRow.trip_id).in_(list(trip_ids)), col(ClaimRow.state).in_(_LIVE))
        .order_by(ClaimRow.claim_id, ClaimLineRow.trip_id)
    )
    return [(claim, line) for claim, line in session.exec(query)]


def is_claimed(session: Session, trip_id: str) -> bool:
    """Whether a claim that was handed in has the trip; one that was returned is its claimant's to change."""
    return any(claim.state in HANDED_IN for claim, _ in list_live_lines(session, [trip_id]))


def list_seats(session: Session, claim_id: str) -> list[ClaimSeatRow]:
    """Whom a claim asks for."""
    query = select(ClaimSeatRow).where(ClaimSeatRow.claim_id == claim_id)
    return list(session.exec(query.order_by(ClaimSeatRow.trip_id, ClaimSeatRow.request_id)))


def list_asked_for(session: Session, trip_ids: Iterable[str]) -> set[str]:
    """Whom claims that are alive ask for on these trips, but for those who were still held when their claim was approved."""
    query = (
        select(ClaimSeatRow.request_id)
        .join(ClaimRow, col(ClaimRow.claim_id) == ClaimSeatRow.claim_id)
        .where(col(ClaimSeatRow.trip_id).in_(list(trip_ids)), col(ClaimRow.state).in_(_LIVE))
        .where(or_(col(ClaimSeatRow.standing) != "held", col(ClaimRow.state).not_in(_HOLDING)))
    )
    return set(session.exec(query))


def find_holders(session: Session, season: str, persons: Iterable[str], claim_id: str) -> dict[str, str]:
    """Person -> the other claim that is paid, or approved to be, for them in the season."""
    query = select(ClaimSeatRow.person, ClaimSeatRow.claim_id).where(
        ClaimSeatRow.season == season,
        col(ClaimSeatRow.holds),
        col(ClaimSeatRow.person).in_(list(persons)),
        ClaimSeatRow.claim_id != claim_id,
    )
    return {str(person): holder for person, holder in session.exec(query)}


def sum_had(session: Session, claimant: str, policy_id: str, claim_id: str) -> int:
    """What a claimant's other claims by the policy have been approved for in the season, less what was clawed back."""
    query = select(func.coalesce(func.sum(ClaimRow.payable_fen - ClaimRow.clawback_fen), 0)).where(
        ClaimRow.claimant == claimant,
        ClaimRow.policy_id == policy_id,
        ClaimRow.claim_id != claim_id,
        col(ClaimRow.state).in_(_HOLDING),
    )
    return int(session.exec(query).one())


def list_flags(session: Session, claim_id: str) -> list[ClaimFlagRow]:
    """What the checks found, in order."""
    query = select(ClaimFlagRow).where(ClaimFlagRow.claim_id == claim_id)
    return list(session.exec(query.order_by(col(ClaimFlagRow.number))))


def list_steps(session: Session, claim_id: str) -> list[ClaimStepRow]:
    """What was done to a claim, in order."""
    query = select(ClaimStepRow).where(ClaimStepRow.claim_id == claim_id)
    return list(session.exec(query.order_by(col(ClaimStepRow.number))))


def history(session: Session, claim_id: str) -> list[Step]:
    """The same, as the rules know it."""
    return [
        Step(Act(row.act) if row.act in set(Act) else Note(row.act), row.actor)
        for row in list_steps(session, claim_id)
    ]


def list_evidence(session: Session, claim_id: str, *, content: bool = False) -> list[EvidenceRow]:
    """The documents handed in, in order; megabytes each, so what is in them is read only where it is asked for."""
    query = select(EvidenceRow).where(EvidenceRow.claim_id == claim_id)
    if not content:
        query = query.options(defer(cast(Any, EvidenceRow.content), raiseload=True))
    return list(session.exec(query.order_by(EvidenceRow.evidence_id)))


def find_evidence(session: Session, claim_id: str, evidence_id: str) -> EvidenceRow | None:
    """One document of a claim, with what is in it."""
    row = session.get(EvidenceRow, evidence_id)
    return row if row is not None and row.claim_id == claim_id else None


def list_objections(session: Session, claim_id: str) -> list[ObjectionRow]:
    """The objections filed, in order."""
    query = select(ObjectionRow).where(ObjectionRow.claim_id == claim_id)
    return list(session.exec(query.order_by(ObjectionRow.objection_id)))


def list_noticed(session: Session, day: date, county_code: str | None = None) -> list[ClaimRow]:
    """The claims whose public notice runs on a day."""
    query = select(ClaimRow).where(
        ClaimRow.state == "publicised",
        col(ClaimRow.notice_first) <= day,
        col(ClaimRow.notice_last) >= day,
    )
    if county_code is not None:
        query = query.where(ClaimRow.county_code == county_code)
    return list(session.exec(query.order_by(ClaimRow.claim_id)))


def count_counted(session: Session, claim_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Claim -> trips on which somebody counts, and how many people count."""
    query = (
        select(ClaimSeatRow.claim_id, func.count(col(ClaimSeatRow.trip_id).distinct()), func.count())
        .where(col(ClaimSeatRow.claim_id).in_(list(claim_ids)), ClaimSeatRow.standing == "counted")
        .group_by(ClaimSeatRow.claim_id)
    )
    return {claim_id: (trips, heads) for claim_id, trips, heads in session.exec(query)}


def find_period(session: Session, county_code: str, season: str) -> PeriodRow | None:
    """The closing of a county's season, where finance has closed it."""
    return session.get(PeriodRow, (county_code, season))


def step_values(row: ClaimStepRow) -> dict[str, Any]:
    """A step as JSON values."""
    return {"act": row.act, "state": row.state, "actor": row.actor, "note": row.note, "at": row.at}
