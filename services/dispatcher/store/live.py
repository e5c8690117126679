"""A mark that differs whenever what a caller may see of rounds, trips and who waits has changed; knows no page."""

from datetime import date

from sqlmodel import Session, func, select

from services.dispatcher.store.demand import count_waiting
from services.dispatcher.store.tables import RoundRow, TripRow
from services.dispatcher.store.trips import visible
from shared.security import Principal, within


def read_mark(session: Session, principal: Principal, day: date | None) -> str:
    """Counts and sums of versions, of a day's or of all: versions only grow, so no change goes unseen. And who waits."""
    trips = select(func.count(), func.coalesce(func.sum(TripRow.version), 0)).where(visible(principal))
    rounds = select(func.count(), func.coalesce(func.sum(RoundRow.version), 0)).where(
        within(RoundRow.area, principal)
    )
    if day is not None:
        trips, rounds = trips.where(TripRow.day == day), rounds.where(RoundRow.day == day)
    waiting = count_waiting(session, principal, day)
    figures = (*session.exec(trips).one(), *session.exec(rounds).one(), waiting)
    return "-".join(str(int(figure)) for figure in figures)
