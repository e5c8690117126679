"""Hands for the dispatcher's tests: what people and the other services would do to it, and what it then holds."""

import threading
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from services.dispatcher.domain.fleet import Coaches
from services.dispatcher.money.books.budget import Budget
from services.dispatcher.money.books.ledger import Balance, balances
from services.dispatcher.money.rules.policy import Payer, Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.plan_format import plan_to_json
from services.dispatcher.planning.problem_format import problem_from_json
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.reactions import make_reactions
from services.dispatcher.roads import Roads
from services.dispatcher.store.ledger import list_of_trip
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import PolicyRow, RiderRow, TransferRow, TripRow
from services.dispatcher.usecases.decide_round import approve_round
from services.dispatcher.usecases.keep_budgets import allocate
from services.dispatcher.usecases.load_terms import load_policies
from services.dispatcher.usecases.open_round import open_round
from services.dispatcher.usecases.plan_round import PlanRounds
from services.dispatcher.usecases.request_plan import Search
from shared import reference
from shared.database import Database
from shared.events import (
    CATALOGUE,
    ArrivalConfirmed,
    EnterpriseRegistered,
    Event,
    Gate,
    Outcome,
    PoolPlanned,
    PoolPlanRequested,
    RequestSubmitted,
    TripDeparted,
)
from shared.kernel.clock import FixedClock
from shared.kernel.ids import derive_id
from shared.messaging import Cause
from shared.messaging.tables import outbox
from shared.metrics import Metrics
from shared.security import Principal, Role

PROVINCE = Principal("province", frozenset({Role.DISPATCHER, Role.FINANCE}), ("52",), None, "省调度")
DAY = date(2020, 2, 24)
SANDU_STOPS = ("522732001", "522732111", "522732112")
GATE = Gate(
    gate_id="G1", name="东门", town_code="330502100", prefecture_code="330500", lon=120.25667, lat=30.87358
)
ENTERPRISE = EnterpriseRegistered(
    enterprise_id="91330500MA28C0DE01", version=1, name="织里童装", email=None, gates=(GATE,)
)


def coaches(count: int = 50, prefecture: str = "522700") -> list[Coaches]:
    """Two types of one carrier."""
    return [
        Coaches(
            carrier_id="C01",
            carrier_name="黔南客运",
            contact_email="dispatch@example.com",
            home_prefecture_code=prefecture,
            coach_type=kind,
            seats_approved=seats,
            coaches_per_day=count,
        )
        for kind, seats in (("39", 39), ("49", 49))
    ]


def tariffs(**changes: Any) -> list[Tariff]:
    """The shipped price model of both types, in force from 2020."""
    by_type = {"39": (39, 750, 180_000), "49": (49, 950, 240_000)}
    return [
        Tariff.model_validate(
            {
                "id": f"{kind}-2020",
                "coach_type": kind,
                "seats": seats,
                "valid_from": "2020-01-01",
                "fen_per_km": fen_per_km,
                "minimum_day_fen": minimum_day_fen,
                "driver_day_fen": 30_000,
            }
            | changes
        )
        for kind, (seats, fen_per_km, minimum_day_fen) in by_type.items()
    ]


def policy(**changes: Any) -> Policy:
    """Half load, half the charter up to 10,000 yuan a vehicle from 20 passengers, county and prefecture 1 : 1."""
    body = {
        "id": "guizhou-2020",
        "version": 1,
        "name": "测试政策",
        "valid_from": "2020-01-01",
        "load_factor_percent": 50,
        "cap_vehicle_fen": 1_000_000,
        "min_passengers_vehicle": 20,
        "toll_exempt": True,
        "provisions": [
            {
                "rule": {"kind": "percentage", "rate_percent": 50},
                "payers": [
                    {"payer": "origin_county", "share": 1},
                    {"payer": "origin_prefecture", "share": 1},
                ],
            }
        ],
    }
    return Policy.model_validate(body | changes)


def fund(url: str) -> None:
    """Give every county and prefecture more than a test can spend."""
    counties = sorted(county.code for county in reference.list_counties())
    codes = [*counties, *sorted({code[:4] + "00" for code in counties})]
    budgets = [
        Budget(payer=payer, code=code, season="2020-spring", amount_fen=10**12, document="测试")
        for code in codes
        for payer in (Payer.ORIGIN_PREFECTURE if code.endswith("00") else Payer.ORIGIN_COUNTY,)
    ]
    database = Database(url)
    with database.session() as session:
        clock = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
        allocate(session, PROVINCE, budgets, Cause.fresh(), clock)
    database.dispose()


def submitted(number: int, **changes: Any) -> RequestSubmitted:
    """The request of worker `number`, alone, on the day."""
    values = {
        "request_id": f"R{number:04d}",
        "version": 1,
        "season": "2020-spring",
        "party_id": f"P{number:04d}",
        "party_size": 1,
        "county_code": "522732",
        "stop_code": SANDU_STOPS[number % 3],
        "enterprise_id": ENTERPRISE.enterprise_id,
        "gate_id": "G1",
        "earliest": DAY,
        "latest": DAY,
        "category": "ORDINARY",
        "organising_mode": "GOV_PART_SUBSIDY",
    }
    return RequestSubmitted.model_validate(values | changes)


@dataclass
class Dispatch:
    """One dispatcher: its database, its clock, and hands to do what people and other services do."""

    database: Database
    planners: PlannerPool
    judges: Processes[Judged]
    roads: Roads
    clock: FixedClock
    metrics: Metrics = field(default_factory=lambda: Metrics("dispatcher"))
    numbers: Iterator[int] = field(default_factory=count)
    answered: int = 0

    def tell(self, *events: Event, chain: str = "test-chain") -> None:
        """Deliver events, each in a transaction of its own, as the consumer would."""
        reactions = make_reactions(self.metrics, self.clock)
        for event in events:
            event_id = derive_id("test", event.type_name(), event.key, str(next(self.numbers)))
            with self.database.session() as session:
                reactions[type(event)](session, event, Cause(chain, event_id))

    def rounds(self, engine: str = "firstfit", objective: str = "charter") -> PlanRounds:
        """The worker that has rounds planned."""
        search = Search(seconds=1.0, engine=engine, objective=objective, pickups_max=3, drops_max=3)
        return PlanRounds(self.database, self.roads, self.judges, search, self.metrics, self.clock)

    def jobs(self) -> list[PoolPlanRequested]:
        """What planners were asked for since the last call."""
        asked = [job for job in self.told(PoolPlanRequested) if isinstance(job, PoolPlanRequested)]
        fresh, self.answered = asked[self.answered :], len(asked)
        return fresh

    def answer(self, job: PoolPlanRequested) -> PoolPlanned:
        """A planner's answer to a job."""
        stop, params = Stop(job.seconds, job.work), Params(job.engine)
        planned = self.planners.submit(problem_from_json(job.problem), stop, job.seed, params).result()
        return PoolPlanned(
            job_id=job.job_id,
            version=1,
            plan=plan_to_json(planned.plan),
            seconds=planned.seconds,
            first_fit_fen=planned.first_fit_fen,
        )

    def open(self, area: str = "522732", day: date = DAY, requested_by: str = "test") -> str:
        """Ask for a round; its id."""
        with self.database.session() as session:
            cause = Cause.fresh()
            row = open_round(
                session, day=day, area=area, requested_by=requested_by, cause=cause, clock=self.clock
            )
            return row.round_id

    def propose(
        self, area: str = "522732", engine: str = "firstfit", day: date = DAY, objective: str = "charter"
    ) -> str:
        """Ask for a round and plan it; its id."""
        round_id = self.open(area, day)
        self.plan(round_id, engine, objective)
        return round_id

    def plan(self, round_id: str, engine: str = "firstfit", objective: str = "charter") -> None:
        """Plan a round that is open."""
        worker = self.rounds(engine, objective)
        while self.go_on(worker, round_id):
            self.tell(*map(self.answer, self.jobs()))

    def go_on(self, worker: PlanRounds, round_id: str) -> bool:
        """Have the worker do what it can, and judge what is there to be judged; whether the round is still to be planned."""
        worker.go_on(round_id, threading.Event())
        while worker._judging:
            wait(worker._judging.values())
            worker.go_on(round_id, threading.Event())
        with self.database.session() as session:
            return get_round(session, round_id).state == "planning"

    def approve(self, round_id: str) -> None:
        """Approve a round."""
        with self.database.session() as session:
            approve_round(session, round_id, "test", Cause.fresh(), self.clock)

    def trips(self) -> list[TripRow]:
        """Every trip, by id."""
        with self.database.session() as session:
            return list(session.exec(select(TripRow).order_by(TripRow.trip_id)))

    def riders(self, trip_id: str) -> list[RiderRow]:
        """Every seat of a trip, taken away or not."""
        with self.database.session() as session:
            query = select(RiderRow).where(RiderRow.trip_id == trip_id).order_by(RiderRow.request_id)
            return list(session.exec(query))

    def told(self, *kinds: type[Event]) -> list[Event]:
        """What the dispatcher has told, in order."""
        with self.database.session() as session:
            rows = session.execute(
                select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq)  # type: ignore[call-overload]
            ).all()
        events = [CATALOGUE[kind].model_validate_json(bytes(payload)) for kind, payload in rows]
        return [event for event in events if not kinds or isinstance(event, kinds)]

    def transfers(self) -> list[TransferRow]:
        """The whole ledger."""
        with self.database.session() as session:
            return list(session.exec(select(TransferRow).order_by(TransferRow.trip_id, TransferRow.number)))

    def balances(self) -> dict[str, Balance]:
        """Reserved and settled fen of every account."""
        with self.database.session() as session:
            transfers = [t for trip in self.trips() for t in list_of_trip(session, trip.trip_id)]
        return balances(transfers)

    def load_policy(self, **changes: Any) -> None:
        """Load one more policy."""
        with self.database.session() as session:
            load_policies(session, PROVINCE, [policy(**changes)], self.clock)

    def remove_policy(self, version: int) -> None:
        """Take a policy away, as nobody can outside a test."""
        with self.database.session() as session:
            session.execute(text("ALTER TABLE policy DISABLE TRIGGER policy_append_only"))
            session.delete(session.get_one(PolicyRow, ("guizhou-2020", version)))
            session.flush()
            session.execute(text("ALTER TABLE policy ENABLE TRIGGER policy_append_only"))

    def depart(self, trip: TripRow) -> None:
        """The escort reports that the coach has left with everybody."""
        ids = tuple(rider.request_id for rider in self.riders(trip.trip_id) if rider.riding)
        self.tell(TripDeparted(trip_id=trip.trip_id, version=1, at=self.clock.now(), request_ids=ids))

    def confirm(self, trip: TripRow, outcome: Outcome = Outcome.ARRIVED, version: int = 1) -> None:
        """The enterprise says the same of everyone who rides."""
        self.tell(
            *(self.arrival(rider, outcome, version) for rider in self.riders(trip.trip_id) if rider.riding)
        )

    def arrival(self, rider: RiderRow, outcome: Outcome, version: int = 1) -> ArrivalConfirmed:
        """What an enterprise says of one worker."""
        return ArrivalConfirmed(
            trip_id=rider.trip_id,
            version=version,
            at=self.clock.now(),
            request_id=rider.request_id,
            enterprise_id=rider.enterprise_id,
            outcome=outcome,
        )
