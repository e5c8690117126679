"""Takes an amendment, so that its trips become what it planned, or drops it; plans nothing.

Trips that it does not touch keep their version. What it stood on must still be there: a trip or a request that has
changed since makes it void.
"""

from collections import Counter
from collections.abc import Mapping

from sqlmodel import Session, col, delete

from services.dispatcher.domain.amendment import AmendmentNotOpen, AmendmentOutdated, AmendmentState
from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState
from services.dispatcher.domain.trip import TripState
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import read_plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.store.amendments import get_amendment
from services.dispatcher.store.demand import list_demand
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import (
    AmendmentRow,
    DemandRow,
    FleetRow,
    RoundRow,
    TripRow,
    TripStopRow,
    UnservedRow,
)
from services.dispatcher.store.terms import count_taken, list_home_fleet
from services.dispatcher.store.trips import find_contract, get_trip, list_all_riders
from services.dispatcher.usecases import SOURCE, bill_trip
from services.dispatcher.usecases.amend_trip import free, take_off_road
from services.dispatcher.usecases.compose_trip import Composed, Composer
from services.dispatcher.usecases.decide_round import tell_unserved
from services.dispatcher.usecases.publish_trip import published
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit

OTHER_COACH = "its riders go by other trips / 乘客改乘其他班次"
_OWN = {"trip_id", "version", "state", "round_id", "departed_at", "settled_at", "note"}
"""What a trip keeps when it is planned otherwise."""


def approve_amendment(
    session: Session, amendment_id: str, by: str, cause: Cause, clock: Clock
) -> AmendmentRow:
    """Make its trips what it planned and tell what was told before. Raises AmendmentNotOpen, AmendmentOutdated."""
    amendment = _decide(session, amendment_id, AmendmentState.APPROVED, by, clock)
    row = get_round(session, amendment.round_id)  # rounds before requests before trips, as everywhere
    demands = {demand.request_id: demand for demand in list_demand(session, amendment.base["requests"])}
    trips = {trip_id: get_trip(session, trip_id) for trip_id in sorted(amendment.base["trips"])}
    problem = read_problem(amendment.problem)
    plan = read_plan(amendment.plan, problem)
    _require_unchanged(amendment, demands, trips)
    _require_coaches(session, amendment, row, plan, trips)
    _Taking(session, amendment, row, demands, trips, problem, plan, cause, clock).run()
    return amendment


def drop_amendment(session: Session, amendment_id: str, by: str, clock: Clock) -> AmendmentRow:
    """Put it away; nothing changes. Raises AmendmentNotOpen."""
    return _decide(session, amendment_id, AmendmentState.DROPPED, by, clock)


def _decide(
    session: Session, amendment_id: str, wanted: AmendmentState, by: str, clock: Clock
) -> AmendmentRow:
    amendment = get_amendment(session, amendment_id)
    if amendment.state != AmendmentState.PROPOSED:
        raise AmendmentNotOpen(amendment_id=amendment_id, state=amendment.state)
    amendment.state = wanted.value
    amendment.decided_by, amendment.decided_at = by, clock.now()
    return amendment


def _require_unchanged(
    amendment: AmendmentRow, demands: Mapping[str, DemandRow], trips: Mapping[str, TripRow]
) -> None:
    seated = {move["request_id"]: move["from"] for move in amendment.difference["moved"]}
    for trip_id, version in amendment.base["trips"].items():
        if trips[trip_id].version != version:
            raise AmendmentOutdated(amendment_id=amendment.amendment_id, what=trip_id)
    for request_id, version in amendment.base["requests"].items():
        demand = demands[request_id]
        is_same = demand.version == version and demand.state != DemandState.WITHDRAWN
        held = demand.round_id in (None, amendment.round_id)
        if not (is_same and held and demand.trip_id == seated.get(request_id, demand.trip_id)):
            raise AmendmentOutdated(amendment_id=amendment.amendment_id, what=request_id)


def _require_coaches(
    session: Session, amendment: AmendmentRow, row: RoundRow, plan: Plan, trips: Mapping[str, TripRow]
) -> None:
    """No more coaches than are still left: another round may have taken them since."""
    more = Counter(trip.coach for trip in plan.trips)
    more.subtract(f"{trip.carrier_id}/{trip.coach_type}" for trip in trips.values())
    home = Pool.from_id(amendment.pool_id).home
    taken = count_taken(session, home, row.day)
    left = {
        f"{coach.carrier_id}/{coach.coach_type}": coach.coaches_per_day
        - taken.get((coach.carrier_id, coach.coach_type), 0)
        for coach in list_home_fleet(session, home)
    }
    for coach, count in more.items():
        if count > max(0, left.get(coach, 0)):
            raise AmendmentOutdated(amendment_id=amendment.amendment_id, what=coach)


class _Taking:
    """One amendment being taken, with everything that it is about locked."""

    def __init__(
        self,
        session: Session,
        amendment: AmendmentRow,
        row: RoundRow,
        demands: Mapping[str, DemandRow],
        trips: Mapping[str, TripRow],
        problem: Problem,
        plan: Plan,
        cause: Cause,
        clock: Clock,
    ) -> None:
        self._session, self._amendment, self._round = session, amendment, row
        self._demands, self._trips, self._problem, self._plan = demands, trips, problem, plan
        self._cause, self._clock = cause, clock
        self._fleet = {coach: FleetRow(**values) for coach, values in amendment.fleet.items()}
        self._pool = Pool.from_id(amendment.pool_id)
        self._composer = Composer(session, row, demands.values())
        self._told = row.state == RoundState.APPROVED

    def run(self) -> None:
        """First whoever leaves a trip, then whoever boards one: nobody is on two."""
        steps = self._amendment.steps
        for step in steps:
            if step["planned"] is None:
                take_off_road(
                    self._session, self._trips[step["trip_id"]], OTHER_COACH, self._cause, self._clock
                )
        moved = [move["request_id"] for move in self._amendment.difference["moved"]]
        free(self._session, moved)
        for step in (one for one in steps if one["planned"] is not None):
            planned = self._plan.trips[step["planned"]]
            demands = [self._demands[one] for one in sorted(self._aboard(step["planned"]))]
            coach = self._fleet[planned.coach]
            if step["trip_id"] is None:
                made = self._composer.add(self._problem, planned, self._pool, coach, demands)
            else:
                old = self._trips[step["trip_id"]]
                contract = find_contract(self._session, old.trip_id)
                laid = self._composer.lay_out(
                    old.trip_id,
                    self._problem,
                    planned,
                    self._pool,
                    coach,
                    demands,
                    agreed_fen=contract.price_fen if contract else None,
                )
                if contract is not None:  # its price stands until another contract is recorded
                    contract.tariff_fen = sum(laid.trip.price.values())
                made = self._change(old, laid)
            for demand in demands:
                demand.trip_id, demand.round_id = made.trip.trip_id, self._round.round_id
            self._forget_reasons(demands)
            if self._told:
                self._tell(made, demands)
        self._leave_behind()

    def _aboard(self, planned: int) -> set[str]:
        loads = self._plan.trips[planned].loads
        parties = (self._amendment.members[load.group][party] for load in loads for party in load.parties)
        return {request_id for party in parties for request_id in party}

    def _change(self, trip: TripRow, laid: Composed) -> Composed:
        """The trip's row as it is laid out, its stops and seats with it."""
        for name in set(TripRow.model_fields) - _OWN:
            setattr(trip, name, getattr(laid.trip, name))
        trip.version += 1
        self._session.execute(delete(TripStopRow).where(col(TripStopRow.trip_id) == trip.trip_id))
        wanted = {rider.request_id: rider for rider in laid.riders}
        for rider in list_all_riders(self._session, trip.trip_id):
            rider.riding = wanted.pop(rider.request_id, None) is not None
        self._session.add_all((*laid.stops, *wanted.values()))
        self._session.flush()
        return Composed(trip, laid.stops, laid.riders)

    def _tell(self, made: Composed, demands: list[DemandRow]) -> None:
        trip = made.trip
        if trip.state == TripState.PROPOSED:  # new: as when its round was approved
            trip.state = TripState.APPROVED.value
            trip.version += 1
        for demand in demands:
            demand.state = DemandState.PLANNED.value
        bill_trip.reserve(self._session, trip, self._cause, self._clock.now())
        chain = self._cause.within(demand.correlation_id for demand in demands)
        event = published(trip, made.stops, made.riders)
        emit(self._session, event, source=SOURCE, cause=chain, clock=self._clock)

    def _forget_reasons(self, demands: list[DemandRow]) -> None:
        """Whom the round had left behind and who rides now."""
        ids = [demand.request_id for demand in demands]
        self._session.execute(
            delete(UnservedRow).where(
                col(UnservedRow.round_id) == self._round.round_id, col(UnservedRow.request_id).in_(ids)
            )
        )

    def _leave_behind(self) -> None:
        """Keep why somebody has no seat, and tell it where trips were told."""
        for left in self._amendment.difference["left"]:
            demand = self._demands[left["request_id"]]
            row = self._session.merge(
                UnservedRow(
                    round_id=self._round.round_id,
                    county_code=demand.county_code,
                    pool_id=self._amendment.pool_id,
                    **left,
                )
            )
            if not self._told:
                demand.round_id = self._round.round_id  # its approval tells them
            else:
                demand.told += 1
                chain = self._cause.within([demand.correlation_id])
                event = tell_unserved(row, demand.told)
                emit(self._session, event, source=SOURCE, cause=chain, clock=self._clock)
