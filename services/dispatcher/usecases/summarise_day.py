"""The figures of a day, as far as the caller may see them; changes nothing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from services.dispatcher.domain.round import measure_gap
from services.dispatcher.domain.trip import TripState
from services.dispatcher.store.rounds import sum_pool_plans
from services.dispatcher.store.tables import TripRow
from services.dispatcher.store.trips import list_riders, list_trips
from services.dispatcher.store.unserved import count_unserved
from services.dispatcher.usecases.bill_trip import read_lines
from shared.security import Principal

STANDING = (TripState.PROPOSED, TripState.APPROVED, TripState.DEPARTED, TripState.SETTLED)


@dataclass(frozen=True)
class DayFigures:
    """One day. `bound_fen` (None where a plan has no certificate) and `first_fit_fen` compare with `planned_fen`: what the planner
    priced."""

    day: date
    batches: int = 0
    workers: int = 0
    coaches: int = 0
    seats_sold: int = 0
    """Seats that may be sold on the coaches that run."""
    seats_used: int = 0
    cost_fen: int = 0
    cost_per_worker_fen: int = 0
    subsidy_fen: int = 0
    subsidy_by_payer: dict[str, int] = field(default_factory=dict)
    enterprises_fen: int = 0
    unserved: int = 0
    unserved_by_reason: dict[str, int] = field(default_factory=dict)
    planned_fen: int = 0
    bound_fen: int | None = None
    first_fit_fen: int = 0
    gap: float | None = None
    """(planned - bound) / bound; None where nothing is planned or proven."""
    trips_by_state: dict[str, int] = field(default_factory=dict)


def summarise_day(session: Session, principal: Principal, day: date) -> DayFigures:
    """The figures of the trips that stand (proposed or running) and of whom the day's rounds left behind."""
    trips = list_trips(session, principal, day=day)
    standing = [trip for trip in trips if trip.state in STANDING]
    riders = list_riders(session, [trip.trip_id for trip in standing])
    unserved = count_unserved(session, principal, day)
    planned, bound, first_fit = sum_pool_plans(session, principal, day)
    payers = _by_payer(standing)
    workers = sum(map(len, riders.values()))
    cost_fen = sum(trip.cost_fen for trip in standing)
    return DayFigures(
        day=day,
        batches=len({trip.pool_id for trip in standing}),
        workers=workers,
        coaches=len(standing),
        seats_sold=sum(trip.seats_max for trip in standing),
        seats_used=workers,
        cost_fen=cost_fen,
        cost_per_worker_fen=round(cost_fen / workers) if workers else 0,
        unserved=sum(unserved.values()),
        unserved_by_reason=unserved,
        planned_fen=planned,
        bound_fen=bound,
        first_fit_fen=first_fit,
        gap=measure_gap(planned, bound),
        trips_by_state=dict(sorted(Counter(trip.state for trip in trips).items())),
        subsidy_fen=sum(payers.values()),
        subsidy_by_payer=payers,
        enterprises_fen=cost_fen - sum(payers.values()),
    )


def _by_payer(trips: list[TripRow]) -> dict[str, int]:
    """Public money by payer, `origin_county:522732`, most first. The enterprises bear the rest."""
    payers: Counter[str] = Counter()
    for trip in trips:
        for line in read_lines(trip.lines):
            kind, _, rest = line.account.partition(":")
            if kind == "payer":
                payers[rest.rpartition(":")[0]] += line.amount_fen
    return dict(sorted(payers.items(), key=lambda item: (-item[1], item[0])))
