"""Invents a season's claims that nothing is wrong with, one at a time; knows no fault.

Beside what is claimed stands what must not trigger: riders of other enterprises, people who did not come and are not claimed
for, older requests, other people's payments, other trips' papers, a coach's earlier and later runs.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from services.dispatcher.money.claims.facts import (
    BOARDED,
    ClaimFacts,
    Contract,
    Invoice,
    OtherRequest,
    OtherRun,
    OtherUse,
    Person,
    Seat,
    TripFacts,
)
from services.dispatcher.money.rules.policy import (
    Ownership,
    Payer,
    PayerShare,
    Percentage,
    Period,
    Policy,
    Provision,
)
from shared.roster import Category, OrganisingMode

SEASON = "2020-spring"
FIRST_DAY = date(2020, 2, 17)
DAYS = 40
TRIPS_A_CLAIM = 10
COACHES = ((45, 22), (49, 24), (49, 24), (53, 26), (55, 27))
"""Approved seats, and half of them."""
COUNTIES = {"522732": (107.87, 25.98), "520525": (105.38, 26.78), "522326": (106.09, 25.18)}
PREFECTURES = {"330500": (120.09, 30.89), "440300": (114.06, 22.54), "350200": (118.09, 24.48)}
FEN_PER_KM = 1050
MONTHS = (date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1))
POLICY = Policy(
    id="season",
    version=1,
    name="包车补贴",
    valid_from=date(2020, 1, 1),
    load_factor_percent=50,
    provisions=(
        Provision(
            modes=(OrganisingMode.GOV_PART_SUBSIDY, OrganisingMode.ENTERPRISE_ORGANISED),
            rule=Percentage(rate_percent=50),
            payers=(PayerShare(payer=Payer.ORIGIN_COUNTY, share=1),),
        ),
    ),
    min_passengers_vehicle=20,
    min_passengers_trip=10,
    trips=Period(first=FIRST_DAY, last=FIRST_DAY + timedelta(days=DAYS)),
    claims=Period(first=date(2020, 4, 1), last=date(2020, 5, 31)),
    ownerships=(Ownership.PRIVATE,),
    prefile_hours=24,
)


def invent_claims(trips: int, seed: int) -> Iterator[ClaimFacts]:
    """So many trips in claims of ten, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - a bench's chance is no secret
    for first in range(0, trips, TRIPS_A_CLAIM):
        yield _claim(first, min(trips, first + TRIPS_A_CLAIM), draw)


def _claim(first: int, end: int, draw: random.Random) -> ClaimFacts:
    claimant = f"E{first // TRIPS_A_CLAIM:05d}"
    trips = tuple(_trip(number, claimant, draw) for number in range(first, end))
    own = [(t, s) for t in trips for s in t.seats if s.enterprise_id == claimant and s.boarding == BOARDED]
    return ClaimFacts(
        claim_id=f"K{first // TRIPS_A_CLAIM:05d}",
        claimant_id=claimant,
        season=SEASON,
        policy=POLICY,
        submitted_on=date(2020, 4, 20),
        today=date(2020, 8, 1),
        trips=trips,
        people={seat.request_id: _person(seat, claimant, draw) for _, seat in own},
        claimed_requests=frozenset(seat.request_id for _, seat in own),
        claimed_heads={t.trip_id: sum(trip is t for trip, _ in own) for t in trips},
        declared_ownership="private",
        paid={f"P-other-{n}": "K-other" for n in range(20)},
        uses=tuple(OtherUse("invoice", f"FP-9{t.trip_id}", t.carrier_id, f"{t.trip_id}-9") for t in trips),
        runs=tuple(run for t in trips for run in _other_runs(t)),
        actors=(("submit", "enterprise"), ("review", "bureau"), ("pay", "finance")),
        employment_known_to=MONTHS[-1],
    )


def _trip(number: int, claimant: str, draw: random.Random) -> TripFacts:
    day = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
    departs_at = datetime.combine(day, time(1), UTC)
    arrives_at = departs_at + timedelta(hours=draw.randint(18, 34))
    approved, most = draw.choice(COACHES)
    county, origin = draw.choice(list(COUNTIES.items()))
    prefecture, destination = draw.choice(list(PREFECTURES.items()))
    distance_m = draw.randint(900_000, 2_000_000)
    charter_fen = distance_m // 1000 * FEN_PER_KM
    price_fen = charter_fen * draw.randint(75, 125) // 100
    trip_id, carrier = f"T{number:06d}", f"C{draw.randrange(40):02d}"
    guests = draw.choice((0, 0, 0, 5))
    seats = tuple(
        _seat(f"{trip_id}-{n:02d}", "E-guest" if n < guests else claimant, day, arrives_at, draw)
        for n in range(most)
    )
    absent = Seat(
        f"{trip_id}-absent", claimant, seats[0].organising_mode, Category.ORDINARY, day, day, "no_show", None
    )
    return TripFacts(
        trip_id=trip_id,
        day=day,
        departs_at=departs_at,
        arrives_at=arrives_at,
        origin=origin,
        destination=destination,
        county_code=county,
        prefecture_code=prefecture,
        carrier_id=carrier,
        seats_approved=approved,
        seats_max=most,
        distance_m=distance_m,
        charter_fen=charter_fen,
        contract=Contract(
            contract_no=f"HT-{number}",
            carrier_id=carrier,
            price_fen=price_fen,
            plate=f"贵J{number:05d}",
            plate_prefecture_code=f"{draw.choice((county, prefecture))[:4]}00",
            seats_approved=approved,
            filed_at=departs_at - timedelta(hours=draw.randint(24, 90)),
        ),
        invoice=Invoice(f"FP-{number}", carrier, price_fen),
        seats=(*seats, absent),
        organised_heads=most * draw.randint(1, 4),
    )


def _seat(request_id: str, enterprise_id: str, day: date, arrives_at: datetime, draw: random.Random) -> Seat:
    return Seat(
        request_id,
        enterprise_id,
        OrganisingMode.GOV_PART_SUBSIDY if draw.random() < 0.7 else OrganisingMode.ENTERPRISE_ORGANISED,
        Category.ORDINARY if draw.random() < 0.5 else Category.REGISTERED_POOR,
        earliest=day - timedelta(days=2),
        latest=day + timedelta(days=3),
        boarding=BOARDED,
        outcome="arrived",
        confirmed_at=arrives_at + timedelta(hours=draw.randrange(24 * 14)),
        confirmed_by=enterprise_id,
    )


def _person(seat: Seat, employer: str, draw: random.Random) -> Person:
    last_year = OtherRequest(
        f"{seat.request_id}-old", "522732", date(2019, 2, 10), date(2019, 2, 20), "arrived"
    )
    return Person(
        person=f"P-{seat.request_id}",
        age=draw.randint(16, 60),
        resident_id_valid=True,
        phone_shared_by=draw.randint(1, 5),
        employed=tuple((employer, month) for month in MONTHS[: draw.randint(1, 3)]),
        others=(last_year,) if draw.random() < 0.3 else (),
    )


def _other_runs(trip: TripFacts) -> Iterator[OtherRun]:
    """The same coach back again: in time, from where it is."""
    plate = trip.contract.plate if trip.contract else ""
    back = trip.arrives_at + timedelta(hours=12)
    yield OtherRun(
        plate, f"{trip.trip_id}-back", back, back + timedelta(hours=30), trip.destination, trip.origin
    )
