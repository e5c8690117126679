"""Writes a season's books as the dispatcher does, with its own use cases: budgets, approvals, contracts, arrivals, corrections.

Trips and riders are invented and put in as rows; whatever moves money goes the way that it goes in a running house. Beyond the
first trips a season is filled up with copies of them under names of their own, which the database seals one by one as it does all:
the audit has the same work with each, and to write them takes the tenth part of the time.
"""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, text, update
from sqlmodel import Session, col

from services.dispatcher.domain.contract import Contract
from services.dispatcher.domain.trip import TripState, trip_id
from services.dispatcher.money.books.budget import Budget
from services.dispatcher.money.rules.policy import (
    Payer,
    PayerShare,
    Percentage,
    Policy,
    Provision,
    ShareRatio,
)
from services.dispatcher.store.tables import RiderRow, RoundRow, TripRow
from services.dispatcher.store.terms import add_policy
from services.dispatcher.store.trips import list_riders
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.keep_budgets import allocate
from services.dispatcher.usecases.sign_contract import sign_contracts
from shared import reference
from shared.database import Database
from shared.kernel.clock import FixedClock
from shared.messaging import Cause
from shared.roster import Category, OrganisingMode
from shared.security import Principal, Role

SEASON = "2020-spring"
BATCH = 100
WRITTEN = 1500
"""So many trips are written by the use cases; more are copies."""
COPIED = {
    "trip": (("trip_id",), "r.trip_id"),
    "rider": (("trip_id", "request_id"), "r.trip_id"),
    "contract": (("trip_id", "contract_no"), "r.trip_id"),
    "voucher": (("id", "trip_id"), "(SELECT position FROM seal WHERE voucher_id = r.id)"),
    "transfer": (("id", "voucher_id", "trip_id", "answers", "corrects"), "r.id"),
}
"""Table -> the columns that are another's name in a copy, and the order of its rows: vouchers are sealed in that order."""
FIRST_DAY = date(2020, 2, 17)
DAYS = 40
CORRECTED_IN = 10
"""One trip of so many has a word that changes after it was settled."""
COACHES = ((45, 22), (49, 24), (53, 26), (55, 27))
"""Approved seats, and half of them."""
GATES = (("330206", "330200"), ("330502", "330500"), ("440306", "440300"), ("350203", "350200"))
"""The county and the prefecture where coaches go."""
OFFICE = Principal("bench", frozenset({Role.DISPATCHER, Role.FINANCE}), ("52",), None, "测试")
CLOCK = FixedClock(datetime(2020, 2, 16, tzinfo=UTC))
POLICY = Policy(
    id="season",
    version=1,
    name="包车补贴",
    valid_from=date(2020, 1, 1),
    load_factor_percent=50,
    provisions=(
        Provision(
            categories=(Category.REGISTERED_POOR,),
            rule=ShareRatio(public=2, enterprise=1),
            payers=(PayerShare(payer=Payer.ORIGIN_PROVINCE, share=1),),
        ),
        Provision(
            rule=Percentage(rate_percent=50),
            payers=(
                PayerShare(payer=Payer.ORIGIN_COUNTY, share=1),
                PayerShare(payer=Payer.ORIGIN_PREFECTURE, share=1),
            ),
        ),
    ),
    cap_vehicle_fen=1_000_000,
    min_passengers_vehicle=20,
)


def write_season(
    database: Database, trips: int, seed: int, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> None:
    """Write the books of so many trips into an empty dispatcher's database."""
    draw = random.Random(seed)  # noqa: S311 - a bench's chance is no secret
    counties = sorted(county.code for county in reference.list_counties())
    with database.session() as session:
        add_policy(session, POLICY, CLOCK.now())
        session.add(_round())
        allocate(session, OFFICE, _budgets(counties), Cause.fresh(), CLOCK)
    written: list[str] = []
    while len(written) < min(trips, WRITTEN):
        numbers = range(len(written), min(trips, WRITTEN, len(written) + BATCH))
        written += _write_batch(database, numbers, counties, draw)
        tell(len(written), trips)
    step = min(BATCH, len(written))
    for first in range(len(written), trips, step):
        begin = first % len(written)
        batch = written[begin : begin + min(step, trips - first)]
        _copy(database, batch, f"-{first // len(written)}")
        tell(first + len(batch), trips)


def _copy(database: Database, trip_ids: list[str], suffix: str) -> None:
    """All that these trips have, once more, each name with a suffix."""
    with database.session() as session:
        for table, (names, order) in COPIED.items():
            changed = ", ".join(f"'{name}', r.{name} || :suffix" for name in names)
            copy = f"""INSERT INTO {table} SELECT n.* FROM {table} r
                CROSS JOIN LATERAL jsonb_populate_record(r, jsonb_build_object({changed})) n
                WHERE r.trip_id = ANY(:trip_ids) ORDER BY {order}"""  # noqa: S608 - ours
            session.connection().execute(text(copy), {"suffix": suffix, "trip_ids": trip_ids})


def _budgets(counties: Sequence[str]) -> list[Budget]:
    payers = [(Payer.ORIGIN_COUNTY, code) for code in counties]
    payers += [(Payer.ORIGIN_PREFECTURE, code) for code in sorted({f"{code[:4]}00" for code in counties})]
    payers.append((Payer.ORIGIN_PROVINCE, "520000"))
    return [
        Budget(payer=payer, code=code, season=SEASON, amount_fen=10**12, document="测试〔2020〕1号")
        for payer, code in payers
    ]


def _round() -> RoundRow:
    return RoundRow(
        round_id="bench",
        state="approved",
        day=FIRST_DAY,
        area="52",
        tariffs={},
        policy=POLICY.key,
        requested_by="bench",
        requested_at=CLOCK.now(),
        correlation_id="bench",
    )


def _write_batch(
    database: Database, numbers: range, counties: Sequence[str], draw: random.Random
) -> list[str]:
    """Some trips from their approval to what was corrected of them, each step a transaction of its own; their ids."""
    trips = [_trip(number, counties, draw) for number in numbers]
    ids = [trip.trip_id for trip in trips]
    with database.session() as session:
        session.add_all(trips)
        session.flush()
        session.execute(insert(RiderRow), [row for trip in trips for row in _riders(trip, draw)])
        riders = list_riders(session, ids)
        for trip in trips:
            bill_trip.bill_as_booked(POLICY, trip, riders[trip.trip_id])
            bill_trip.reserve(session, trip, Cause.fresh(), CLOCK.now())
    with database.session() as session:
        contracts = [_contract(trip, draw) for trip in trips]
        sign_contracts(session, OFFICE, contracts, Cause.fresh(), CLOCK)
    with database.session() as session:
        _say(session, RiderRow.trip_id, ids, "arrived")
        for outcome, percent in (("no_show", 2), ("disputed", 1)):
            those = [r.request_id for trip in ids for r in riders[trip] if draw.randrange(100) < percent]
            _say(session, RiderRow.request_id, those, outcome)
        _settle(session, ids)
    with database.session() as session:
        late = draw.sample(ids, len(ids) // CORRECTED_IN)
        _say(session, RiderRow.request_id, [riders[trip][0].request_id for trip in late], "refused")
        _settle(session, late)
    return ids


def _say(session: Session, column: str, values: list[str], outcome: str) -> None:
    session.execute(
        update(RiderRow).where(col(column).in_(values)).values(outcome=outcome, outcome_version=1)
    )


def _settle(session: Session, trip_ids: Sequence[str]) -> None:
    for identity in trip_ids:
        trip = session.get_one(TripRow, identity)
        bill_trip.settle_trip(session, trip, Cause.fresh(), CLOCK.now())


def _trip(number: int, counties: Sequence[str], draw: random.Random) -> TripRow:
    county = counties[number % len(counties)]
    day = FIRST_DAY + timedelta(days=number // len(counties) % DAYS)
    approved, most = draw.choice(COACHES)
    to_county, to_prefecture = draw.choice(GATES)
    distance_m = draw.randint(900_000, 2_000_000)
    return TripRow(
        trip_id=trip_id(county, day, 1 + number // len(counties) // DAYS),
        state=TripState.APPROVED.value,
        round_id="bench",
        pool_id=f"{county}-{to_prefecture}",
        season=SEASON,
        day=day,
        county_code=county,
        prefecture_code=to_prefecture,
        destination_county_code=to_county,
        carrier_id=f"C{draw.randrange(40):02d}",
        carrier_name="测试客运",
        coach_type=str(approved),
        seats_approved=approved,
        seats_max=most,
        drivers=2,
        days=2,
        distance_m=distance_m,
        duration_s=distance_m // 20,
        cost_fen=distance_m // 1000 * 1050,
        policy=POLICY.key,
        tariff="bench@1",
        price={},
        lines=[],
        heads=[],
        cuts=[],
        timetable=[],
    )


def _riders(trip: TripRow, draw: random.Random) -> list[dict[str, object]]:
    """Most of a coach, of one to three enterprises and two classes."""
    enterprises = [f"E{draw.randrange(4000):04d}" for _ in range(draw.choice((1, 1, 2, 3)))]
    return [
        {
            "trip_id": trip.trip_id,
            "request_id": f"{trip.trip_id}-{n:02d}",
            "party_id": f"{trip.trip_id}-{n:02d}",
            "stop_code": f"{trip.county_code}001",
            "enterprise_id": draw.choice(enterprises),
            "gate_id": "G1",
            "organising_mode": OrganisingMode.GOV_PART_SUBSIDY,
            "category": Category.REGISTERED_POOR if draw.random() < 0.4 else Category.ORDINARY,
            "correlation_id": "bench",
            "earliest": trip.day,
            "latest": trip.day,
            "boarding": "boarded",
            "boarding_version": 1,
        }
        for n in range(draw.randint(trip.seats_max - 3, trip.seats_max))
    ]


def _contract(trip: TripRow, draw: random.Random) -> Contract:
    return Contract(
        trip_id=trip.trip_id,
        contract_no=f"HT-{trip.trip_id}",
        charterer_id=trip.county_code,
        plate="贵J12345",
        plate_prefecture_code=f"{trip.county_code[:4]}00",
        signed_on=trip.day - timedelta(days=2),
        price_fen=trip.cost_fen * draw.randint(80, 100) // 100,
    )
