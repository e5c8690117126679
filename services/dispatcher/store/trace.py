"""Queries that lead from one link of a trace to the next; a key that comes from outside is held to the caller's area."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, or_, select

from services.dispatcher.store import claims, trips
from services.dispatcher.store.rounds import STANDING
from services.dispatcher.store.tables import (
    ClaimRow,
    ClaimSeatRow,
    DemandRow,
    RiderRow,
    RoundRow,
    TransferRow,
    TripRow,
    UnservedRow,
    VoucherRow,
)
from shared.security import Principal, within


def list_visible_trips(session: Session, trip_ids: Iterable[str], principal: Principal) -> list[str]:
    """Those of the trips that the caller may see, by id."""
    wanted = col(TripRow.trip_id).in_(list(trip_ids))
    query = select(TripRow.trip_id).where(wanted, trips.visible(principal))
    return list(session.exec(query.order_by(TripRow.trip_id)))


def find_claim(session: Session, claim_id: str, principal: Principal) -> ClaimRow | None:
    """The claim, where the caller may see it."""
    query = select(ClaimRow).where(ClaimRow.claim_id == claim_id, claims.visible(principal))
    return session.exec(query).one_or_none()


def find_voucher(session: Session, identity: str, principal: Principal) -> VoucherRow | None:
    """The voucher of that id, or that of the transfer of that id, in the caller's area."""
    of_transfer = select(TransferRow.voucher_id).where(TransferRow.id == identity)
    named = or_(col(VoucherRow.id) == identity, col(VoucherRow.id).in_(of_transfer))
    query = select(VoucherRow).where(named, within(VoucherRow.county_code, principal))
    return session.exec(query).one_or_none()


def find_request(session: Session, request_id: str, principal: Principal) -> DemandRow | None:
    """The request, where it is of the caller's area."""
    mine = within(DemandRow.county_code, principal)
    return session.exec(select(DemandRow).where(DemandRow.request_id == request_id, mine)).one_or_none()


def list_vouchers(session: Session, voucher_ids: Iterable[str]) -> list[VoucherRow]:
    """These vouchers."""
    return list(session.exec(select(VoucherRow).where(col(VoucherRow.id).in_(list(voucher_ids)))))


def list_vouchers_of_trip(session: Session, trip_id: str) -> list[str]:
    """The vouchers that have transfers of a trip, those of claims too."""
    query = select(TransferRow.voucher_id).where(TransferRow.trip_id == trip_id)
    return sorted(set(session.exec(query)))


def list_entries(session: Session, voucher_ids: Iterable[str]) -> list[TransferRow]:
    """The transfers of these vouchers, in order."""
    query = select(TransferRow).where(col(TransferRow.voucher_id).in_(list(voucher_ids)))
    return list(session.exec(query.order_by(TransferRow.voucher_id, col(TransferRow.position))))


def list_entries_of_claim(session: Session, claim_id: str) -> list[TransferRow]:
    """The transfers by which a claim was paid and recovered, in order."""
    query = select(VoucherRow.id).where(VoucherRow.claim_id == claim_id)
    return list_entries(session, session.exec(query))


def list_seats_of(session: Session, request_id: str) -> list[RiderRow]:
    """Every seat that a request has or had, by trip."""
    query = select(RiderRow).where(RiderRow.request_id == request_id)
    return list(session.exec(query.order_by(RiderRow.trip_id)))


def list_claimed_trips(session: Session, request_id: str) -> list[str]:
    """The trips for which claims ask for a request."""
    query = select(ClaimSeatRow.trip_id).where(ClaimSeatRow.request_id == request_id)
    return sorted(set(session.exec(query)))


def list_left_behind(session: Session, request_id: str) -> list[tuple[UnservedRow, date]]:
    """Why standing rounds left a request behind, and the day of each, the latest last."""
    query = (
        select(UnservedRow, col(RoundRow.day))
        .join(RoundRow, col(RoundRow.round_id) == UnservedRow.round_id)
        .where(UnservedRow.request_id == request_id, col(RoundRow.state).in_(STANDING))
        .order_by(UnservedRow.round_id)
    )
    return [(row, day) for row, day in session.exec(query)]
