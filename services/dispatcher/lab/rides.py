"""Knows a coach's run as money sees it, from a plan or from what is kept of a trip, and what it costs whom under given terms."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.dispatcher.domain.pool import Pool
from services.dispatcher.lab.terms import Terms
from services.dispatcher.money.rules.subsidy import Heads, Line, Parties, Run, bear, vehicle_rule
from services.dispatcher.money.rules.tariff import charter_price
from services.dispatcher.planning.elapsed import count_days, count_drivers
from services.dispatcher.planning.objective import CHARTER, Subsidy, public_fen
from services.dispatcher.planning.plan import Plan, Trip
from services.dispatcher.planning.problem import Problem


@dataclass(frozen=True)
class Ride:
    """One coach on one day, everybody arriving. `seats`: how many of its approved ones were for sale."""

    pool_id: str
    day: date
    parties: Parties
    coach_type: str
    seats_approved: int
    seats: int
    distance_m: int
    drivers: int
    days: int
    heads: tuple[Heads, ...]

    @property
    def workers(self) -> int:
        return sum(heads.booked for heads in self.heads)


@dataclass(frozen=True)
class Fare:
    """What a ride costs, whom, and what it counts by the objective; None where that cannot weigh the policy."""

    charter_fen: int
    lines: tuple[Line, ...]
    objective_fen: int | None


def price(ride: Ride, terms: Terms) -> Fare:
    """The ride under these terms, by the same rules by which trips are billed. Raises KeyError for a coach type without a tariff."""
    policy = terms.policy
    tariff = terms.tariffs[ride.coach_type]
    charter_fen = charter_price(
        tariff, ride.distance_m, ride.drivers, ride.days, toll_exempt=policy.toll_exempt
    ).total_fen
    lines = bear(policy, Run(charter_fen, ride.seats_approved, ride.day), ride.heads, ride.parties)
    if terms.objective == CHARTER:
        return Fare(charter_fen, lines, charter_fen)
    rule = vehicle_rule(policy)
    if rule is None:
        return Fare(charter_fen, lines, None)
    subsidy = Subsidy(rule.rate_percent, rule.cap_vehicle_fen, rule.min_passengers)
    return Fare(charter_fen, lines, public_fen(subsidy, charter_fen, ride.workers))


@dataclass(frozen=True, slots=True)
class Worker:
    """What money asks of a request: whose worker, to which gate in which county, and of which mode and class."""

    enterprise_id: str
    gate_id: str
    gate_county: str
    mode: str
    category: str


@dataclass(frozen=True)
class Coach:
    """What money asks of a problem's coach."""

    carrier_id: str
    coach_type: str
    seats_approved: int


@dataclass(frozen=True)
class Manned:
    """A pool's problem with who is behind its figures: group -> its parties' request ids, request id -> worker, coach id -> coach."""

    pool: Pool
    season: str
    problem: Problem
    members: Mapping[str, Sequence[Sequence[str]]]
    workers: Mapping[str, Worker]
    coaches: Mapping[str, Coach]

    def rides(self, plan: Plan) -> list[Ride]:
        """The plan's trips."""
        return [self._ride(trip) for trip in plan.trips]

    def left(self, plan: Plan) -> dict[str, str]:
        """Request id -> the rule by which the plan leaves it behind."""
        return {
            request_id: one.reason.rule
            for one in plan.unserved
            for party in one.parties
            for request_id in self.members[one.group][party]
        }

    def _ride(self, trip: Trip) -> Ride:
        riders = [
            self.workers[request_id]
            for load in trip.loads
            for party in load.parties
            for request_id in self.members[load.group][party]
        ]
        coach = self.coaches[trip.coach]
        ((_, county), _) = Counter(sorted((w.gate_id, w.gate_county) for w in riders)).most_common(1)[0]
        parties = Parties(
            self.season, self.pool.county_code, self.pool.prefecture_code, coach.carrier_id, county
        )
        booked = Counter((w.enterprise_id, w.mode, w.category) for w in riders)
        return Ride(
            pool_id=self.pool.id,
            day=self.problem.days[trip.day],
            parties=parties,
            coach_type=coach.coach_type,
            seats_approved=coach.seats_approved,
            seats=self.problem.coaches[self.problem.coach_index[trip.coach]].seats,
            distance_m=trip.distance_m,
            drivers=count_drivers(self.problem, trip.distance_m),
            days=count_days(trip.duration_s),
            heads=tuple(
                Heads.as_booked(enterprise, count, mode, category)
                for (enterprise, mode, category), count in sorted(booked.items())
            ),
        )
