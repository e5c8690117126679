"""Composes trips as rows from what the planner chose: timetable, price, bearers, stops and seats; chooses nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.rules import CN_CHARTER_2020
from services.dispatcher.domain.timetable import Timetable, build_timetable
from services.dispatcher.domain.trip import TripState, trip_id
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import charter_price
from services.dispatcher.planning.elapsed import DEPARTURE_S, count_days
from services.dispatcher.planning.plan import Trip
from services.dispatcher.planning.problem import Problem
from services.dispatcher.store.demand import get_gates
from services.dispatcher.store.tables import (
    DemandRow,
    FleetRow,
    GateRow,
    RiderRow,
    RoundRow,
    TripRow,
    TripStopRow,
)
from services.dispatcher.store.trips import last_number
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.build_problem import SERVICE_S
from services.dispatcher.usecases.open_round import get_tariffs
from shared import reference
from shared.kernel.clock import SHANGHAI


@dataclass(frozen=True)
class Composed:
    """A trip with its stops and seats."""

    trip: TripRow
    stops: list[TripStopRow]
    riders: list[RiderRow]


class Composer:
    """One round's trips in the making; `demands` are all who may ride them."""

    def __init__(self, session: Session, row: RoundRow, demands: Iterable[DemandRow]) -> None:
        self._session, self._round = session, row
        self._policy: Policy = bill_trip.get_policy(session, row.policy)
        self._tariffs = get_tariffs(session, row)
        self._gates: dict[str, GateRow] = get_gates(session, {demand.gate_id for demand in demands})
        self._numbers: dict[str, int] = {}

    def add(
        self, problem: Problem, planned: Trip, pool: Pool, coach: FleetRow, demands: Sequence[DemandRow]
    ) -> Composed:
        """Write a new proposed trip with its stops and seats, and seat the requests on it."""
        made = self.lay_out(self._next_id(pool.county_code), problem, planned, pool, coach, demands)
        self._session.add(made.trip)
        self._session.flush()
        self._session.add_all((*made.stops, *made.riders))
        for demand in demands:
            demand.trip_id = made.trip.trip_id
        return made

    def lay_out(
        self,
        number: str,
        problem: Problem,
        planned: Trip,
        pool: Pool,
        coach: FleetRow,
        demands: Sequence[DemandRow],
        *,
        agreed_fen: int | None = None,
    ) -> Composed:
        """The trip as it would be under this id, at the price of its contract where it has one; nothing is written."""
        timetable = _timetable(problem, planned)
        days = count_days(timetable.elapsed_s)
        tariff = self._tariffs[coach.coach_type]
        price = charter_price(
            tariff,
            planned.distance_m,
            timetable.drivers,
            days,
            toll_exempt=self._policy.toll_exempt,
        )
        trip = TripRow(
            trip_id=number,
            state=TripState.PROPOSED.value,
            round_id=self._round.round_id,
            pool_id=pool.id,
            season=min(demand.season for demand in demands),
            day=self._round.day,
            county_code=pool.county_code,
            prefecture_code=pool.prefecture_code,
            destination_county_code=self._destination_county(demands),
            carrier_id=coach.carrier_id,
            carrier_name=coach.carrier_name,
            carrier_email=coach.contact_email,
            coach_type=coach.coach_type,
            seats_approved=coach.seats_approved,
            seats_max=problem.coaches[problem.coach_index[planned.coach]].seats,
            drivers=timetable.drivers,
            days=days,
            distance_m=planned.distance_m,
            duration_s=timetable.elapsed_s,
            planned_fen=planned.cost_fen,
            cost_fen=price.total_fen if agreed_fen is None else agreed_fen,
            policy=self._round.policy,
            tariff=tariff.key,
            price=asdict(price),
            lines=[],
            heads=[],
            cuts=[],
            timetable=[_entry(entry) for entry in timetable.entries],
        )
        riders = [_rider(trip.trip_id, demand) for demand in demands]
        bill_trip.bill_as_booked(self._policy, trip, riders)
        return Composed(trip, self._stops(number, planned, timetable), riders)

    def _destination_county(self, demands: Sequence[DemandRow]) -> str:
        ((gate_id, _),) = Counter(sorted(demand.gate_id for demand in demands)).most_common(1)
        return self._gates[gate_id].town_code[:6]

    def _next_id(self, county_code: str) -> str:
        if county_code not in self._numbers:
            self._numbers[county_code] = last_number(self._session, county_code, self._round.day)
        self._numbers[county_code] += 1
        return trip_id(county_code, self._round.day, self._numbers[county_code])

    def _stops(self, trip: str, planned: Trip, timetable: Timetable) -> list[TripStopRow]:
        rows = []
        for position, code in enumerate((*planned.pickups, *planned.drops)):
            gate = self._gates.get(code) if position >= len(planned.pickups) else None
            place = gate or reference.get_stop(code)
            rows.append(
                TripStopRow(
                    trip_id=trip,
                    position=position,
                    kind="drop" if gate else "pickup",
                    code=code,
                    name=place.name,
                    lon=place.lon,
                    lat=place.lat,
                    arrive_at=timetable.arrivals[position + 1].astimezone(UTC),
                    depart_at=timetable.departures[position + 1].astimezone(UTC),
                )
            )
        return rows


def _timetable(problem: Problem, planned: Trip) -> Timetable:
    """The trip's timetable from the county seat at 08:00, as the planner measured it."""
    index = [problem.node_index[node] for node in (problem.start, *planned.pickups, *planned.drops)]
    legs_s = tuple(problem.duration_s[a][b] or 0 for a, b in pairwise(index))
    day = problem.days[planned.day]
    return build_timetable(
        legs_s,
        (0, *(SERVICE_S for _ in legs_s)),
        datetime.combine(day, time(hour=DEPARTURE_S // 3600), SHANGHAI),
        drivers=CN_CHARTER_2020.drivers_for(planned.distance_m, expressway=False),
        distance_m=planned.distance_m,
    )


def _entry(entry: Any) -> dict[str, Any]:
    return {
        "kind": entry.kind.value,
        "starts_at": entry.starts_at.astimezone(UTC).isoformat(),
        "ends_at": entry.ends_at.astimezone(UTC).isoformat(),
        "driver": entry.driver,
        "stop": None if entry.stop is None else entry.stop - 1,
    }


def _rider(trip: str, demand: DemandRow) -> RiderRow:
    return RiderRow(
        trip_id=trip,
        request_id=demand.request_id,
        party_id=demand.party_id,
        stop_code=demand.stop_code,
        enterprise_id=demand.enterprise_id,
        gate_id=demand.gate_id,
        organising_mode=demand.organising_mode,
        category=demand.category,
        earliest=demand.earliest,
        latest=demand.latest,
        correlation_id=demand.correlation_id,
    )
