"""For each check what must trigger it, and what comes as near as can be and must not."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.facts import ClaimFacts, OtherRun, OtherUse
from services.dispatcher.money.rules.policy import Claimant, JointCharter
from shared.roster import Category, OrganisingMode
from tests.dispatcher.money.claims.claim import (
    ARRIVES_AT,
    DEPARTS_AT,
    HUZHOU,
    SANDU,
    at,
    claim,
    contract,
    ids,
    invoice,
    other_request,
    person,
    policy,
    provision,
    seat,
    seats,
    trip,
    with_contract,
    with_person,
    with_policy,
    with_seats,
    with_trip,
)

S = Severity
Found = tuple[str, Severity, str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Trigger:
    """A claim, and all that the check must say of it: cause, severity, trip, requests."""

    code: str
    name: str
    facts: ClaimFacts
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Miss:
    """A claim of which the check must say nothing."""

    code: str
    name: str
    facts: ClaimFacts


FIRST = ids(1, [0])
ONE_DEGREE_NORTH = (HUZHOU[0], HUZHOU[1] + 1)


def _line(cause: str, severity: Severity, request_ids: tuple[str, ...] = FIRST) -> tuple[Found, ...]:
    return ((cause, severity, "T1", request_ids),)


def _trip(cause: str, severity: Severity) -> tuple[Found, ...]:
    return ((cause, severity, "T1", ()),)


def _whole(cause: str, severity: Severity) -> tuple[Found, ...]:
    return ((cause, severity, None, ()),)


def _other(first: date, last: date, status: str = "arrived") -> ClaimFacts:
    return with_person(others=(other_request(first, last, status=status),))


def _run_after(seconds: int, origin: tuple[float, float] = HUZHOU, plate: str = "贵J00001") -> ClaimFacts:
    departs_at = ARRIVES_AT + timedelta(seconds=seconds)
    return claim(runs=(OtherRun(plate, "T9", departs_at, departs_at + timedelta(hours=30), origin, SANDU),))


def _run_before(overlap_s: int) -> ClaimFacts:
    ends_at = DEPARTS_AT + timedelta(seconds=overlap_s)
    return claim(runs=(OtherRun("贵J00001", "T9", ends_at - timedelta(hours=9), ends_at, HUZHOU, SANDU),))


def _two_runs_of_others() -> ClaimFacts:
    runs = (OtherRun("贵J00001", name, at(3, 20), at(3, 21), HUZHOU, SANDU) for name in ("T8", "T9"))
    return claim(runs=tuple(runs))


def _one_trip_due() -> ClaimFacts:
    facts = claim(trip(1), trip(2, arrives_at=at(3, 10)))
    nobody = {request_id: person(request_id, employed=()) for request_id in ("R1-00", "R2-00")}
    return replace(facts, people={**facts.people, **nobody})


def _two_requests_of_one() -> ClaimFacts:
    facts = claim()
    both = {
        mine: person(
            mine, person="P", others=(other_request(date(2020, 2, 20), date(2020, 2, 26), request_id=other),)
        )
        for mine, other in (("R1-00", "R2-00"), ("R2-00", "R1-00"))
    }
    return replace(facts, people={**facts.people, **both})


def _few(came: int, **of_the_rest: object) -> ClaimFacts:
    rest = {"boarding": "no_show", "outcome": None, **of_the_rest}
    mine = (*seats(1, came), *(seat(f"R1-{i:02d}", **rest) for i in range(came, 24)))
    return claim(trip(1, seats=mine), trip(2))


def _joint(**changes: object) -> ClaimFacts:
    """18 of E1 and 6 of E2 on T1; E1 claims for its own."""
    mine = (*seats(1, 18), *(seat(f"R1-{i}", enterprise_id="E2", confirmed_by="E2") for i in range(18, 24)))
    facts = claim(trip(1, seats=mine))
    own = frozenset(ids(1, range(18)))
    return replace(facts, **{"claimed_requests": own, "claimed_heads": {"T1": 18}, **changes})  # type: ignore[arg-type]


def _employed(*months: date, **changes: object) -> ClaimFacts:
    facts = with_person(employed=tuple(("E7", month) for month in months))
    return replace(facts, **changes)  # type: ignore[arg-type]


def _close_race(claimant_id: str) -> ClaimFacts:
    """Of E1 10 arrived, one more was not seen boarding and one is in dispute; of E2 11 arrived: by the bill E1 has more."""
    mine = (
        *seats(1, 10),
        seat("R1-10", boarding=None),
        seat("R1-11", outcome="disputed"),
        *(seat(f"R1-{i}", enterprise_id="E2", confirmed_by="E2") for i in range(12, 23)),
    )
    heads = 21 if claimant_id == "E1" else 0
    return claim(trip(1, seats=mine), policy=LEAD, claimant_id=claimant_id, claimed_heads={"T1": heads})


LEAD = policy(joint_charter=JointCharter.LEAD_ENTERPRISE)
BY_CARRIER = policy(provisions=(provision(Claimant.CARRIER),))
FOR_THE_POOR = policy(provisions=(provision(categories=(Category.REGISTERED_POOR,)),))
E2S = ids(1, range(18, 24))
ALL_T1, ALL_T2 = ids(1, range(24)), ids(2, range(24))

TRIGGERS = (
    Trigger("F01", "the other's last day is the first", _other(date(2020, 2, 10), date(2020, 2, 20)), _line("rosters_overlap", S.BLOCK)),
    Trigger("F01", "the other's id is the lesser", with_person(others=(other_request(date(2020, 2, 22), date(2020, 2, 23), request_id="A1"),)), _line("rosters_overlap", S.BLOCK)),
    Trigger("F01", "the windows share their last and first day", _other(date(2020, 2, 26), date(2020, 3, 3)), _line("rosters_overlap", S.BLOCK)),
    Trigger("F01", "the other lies within", _other(date(2020, 2, 22), date(2020, 2, 23), "no_show"), _line("rosters_overlap", S.BLOCK)),
    Trigger("F01", "both are in the claim and are told once", _two_requests_of_one(), _line("rosters_overlap", S.BLOCK, ("R1-00", "R2-00"))),
    Trigger("F02", "another claim has paid", claim(paid={"P-R1-00": "K0"}), _line("paid_before", S.BLOCK)),
    Trigger("F02", "one person has two seats in the claim", _two_requests_of_one(), (("twice_in_claim", S.BLOCK, None, ("R1-00", "R2-00")),)),
    Trigger("F03", "an allowance of the year", with_person(allowance="清镇市"), _line("has_allowance", S.BLOCK)),
    Trigger("F04", "the escort marked nothing, the enterprise said arrived", with_seats(boarding=None), _line("not_boarded", S.BLOCK_LINE)),
    Trigger("F04", "the escort marked no-show", with_seats(boarding="no_show"), _line("not_boarded", S.BLOCK_LINE)),
    Trigger("F04", "the seat was taken away", with_seats(riding=False), (("no_seat", S.BLOCK_LINE, None, FIRST),)),
    Trigger("F05", "nobody knows when it was confirmed", with_seats(confirmed_at=None), _line("unconfirmed", S.HOLD_LINE)),
    Trigger("F05", "the enterprise took its word back", with_seats(outcome=None), _line("unconfirmed", S.HOLD_LINE)),
    Trigger("F05", "no word of the enterprise", with_seats(outcome=None, confirmed_at=None, confirmed_by=None), _line("unconfirmed", S.HOLD_LINE)),
    Trigger("F05", "the enterprise says refused", with_seats(outcome="refused"), _line("not_arrived", S.HOLD_LINE)),
    Trigger("F05", "another enterprise confirmed", with_seats(confirmed_by="E2"), _line("confirmed_by_other", S.HOLD_LINE)),
    # Arrived on 25 February in Shanghai, 15 days: 11 March. Midnight there is 16:00 UTC.
    Trigger("F05", "confirmed when the last day is over", with_seats(confirmed_at=at(3, 11, 16)), _line("confirmed_late", S.HOLD_LINE)),
    Trigger("F06", "19 of 20 came", _few(19), _trip("vehicle_too_few", S.BLOCK_VEHICLE)),
    Trigger("F06", "20 came and one has no boarding record", _few(19, boarding=None, outcome="arrived"), _trip("vehicle_too_few", S.BLOCK_VEHICLE)),
    Trigger("F06", "a provision is for 19 of 24", claim(trip(1, seats=(*seats(1, 19, category=Category.REGISTERED_POOR), *(seat(f"R1-{i}") for i in range(19, 24)))), policy=FOR_THE_POOR), _trip("vehicle_too_few", S.BLOCK_VEHICLE)),
    Trigger("F06", "9 of 10 on all coaches of the day", with_trip(organised_heads=9), _trip("organised_too_few", S.BLOCK_VEHICLE)),
    Trigger("F07", "the 25th arrived and nobody saw it board", replace(with_trip(seats=(*seats(1), seat("R1-24", boarding=None))), claimed_heads={"T1": 24, "T2": 24}), (*_trip("overloaded", S.BLOCK), *_trip("overloaded_alert", S.ALERT))),
    Trigger("F07", "the 25th boarded and was refused", replace(with_trip(seats=(*seats(1), seat("R1-24", outcome="refused"))), claimed_heads={"T1": 24, "T2": 24}), (*_trip("overloaded", S.BLOCK), *_trip("overloaded_alert", S.ALERT))),
    Trigger("F07", "25 aboard, 24 allowed", with_trip(seats=seats(1, 25)), (*_trip("overloaded", S.BLOCK), *_trip("overloaded_alert", S.ALERT))),
    Trigger("F07", "24 aboard, 25 claimed", claim(claimed_heads={"T1": 25, "T2": 24}), (*_trip("overloaded", S.BLOCK), *_trip("overloaded_alert", S.ALERT))),
    Trigger("F08", "the other trip left first and is not back", _run_before(1), _trip("plate_twice", S.BLOCK)),
    Trigger("F08", "leaves a second before it arrives", _run_after(-1), _trip("plate_twice", S.BLOCK)),
    Trigger("F08", "the plate is typed otherwise", _run_after(-1, plate="贵j·0000 1"), _trip("plate_twice", S.BLOCK)),
    Trigger("F08", "one plate on two trips of the claim", claim(trip(1), trip(2, contract=contract(2, plate="贵J00001"))), _trip("plate_twice", S.BLOCK)),
    # A degree of latitude is 111,195 m; by 1.30 at 80 km/h 6,504.9 s.
    Trigger("F08", "a second too few for the way", _run_after(6_504, ONE_DEGREE_NORTH), _trip("plate_too_far", S.BLOCK)),
    Trigger("F09", "a fen over 30 %", with_contract(price_fen=2_392_001), (*_trip("price_per_km", S.REVIEW), *_trip("price_per_seat", S.REVIEW))),
    Trigger("F09", "a fen under 30 %", with_contract(price_fen=1_287_999), (*_trip("price_per_km", S.REVIEW), *_trip("price_per_seat", S.REVIEW))),
    Trigger("F09", "a smaller coach for the price of a large one", with_contract(seats_approved=37), _trip("price_per_seat", S.REVIEW)),
    Trigger("F10", "no contract", with_trip(contract=None), _trip("no_contract", S.BLOCK)),
    Trigger("F10", "no invoice", with_trip(invoice=None), _trip("no_invoice", S.BLOCK)),
    Trigger("F10", "another trip's contract number", claim(uses=(OtherUse("contract", "HT-1", "C01", "T9"),)), _trip("contract_reused", S.BLOCK)),
    Trigger("F10", "another trip's invoice number, typed otherwise", claim(uses=(OtherUse("invoice", "fp 1", "C01", "T9"),)), _trip("invoice_reused", S.BLOCK)),
    Trigger("F10", "one invoice for two trips of the claim", claim(trip(1), trip(2, invoice=invoice(1))), (*_trip("invoice_reused", S.BLOCK), ("invoice_reused", S.BLOCK, "T2", ()))),
    Trigger("F10", "a fen more on the invoice", with_trip(invoice=invoice(1, amount_fen=1_840_001)), _trip("amounts_differ", S.BLOCK)),
    Trigger("F10", "the invoice is somebody else's", with_trip(invoice=invoice(1, issuer_id="C02")), _trip("other_issuer", S.BLOCK)),
    Trigger("F10", "the contract is somebody else's", with_contract(carrier_id="C02"), _trip("other_carrier", S.BLOCK)),
    Trigger("F11", "the day before the first", with_trip(day=date(2020, 1, 31)), _trip("trip_out_of_days", S.BLOCK)),
    Trigger("F11", "the day after the last", with_trip(day=date(2020, 2, 29)), _trip("trip_out_of_days", S.BLOCK)),
    Trigger("F11", "the policy was not in force any more", claim(trip(1), policy=policy(trips=None, valid_to=date(2020, 2, 23))), _trip("trip_out_of_days", S.BLOCK)),
    Trigger("F11", "submitted the day after the last", claim(submitted_on=date(2020, 5, 1)), _whole("claim_out_of_days", S.BLOCK)),
    Trigger("F11", "filed a second late", with_contract(filed_at=at(2, 23, 1, 0, 1)), _trip("not_prefiled", S.BLOCK)),
    Trigger("F11", "never filed", with_contract(filed_at=None), _trip("not_prefiled", S.BLOCK)),
    Trigger("F12", "the registry knows nobody", claim(people={k: v for k, v in claim().people.items() if k != "R1-00"}), _line("unknown_person", S.BLOCK)),
    Trigger("F12", "the ID fails its check", with_person(resident_id_valid=False, age=None), _line("id_invalid", S.BLOCK)),
    Trigger("F12", "15 years old", with_person(age=15), _line("too_young", S.BLOCK)),
    Trigger("F12", "died the day before", with_person(deceased_on=date(2020, 2, 23)), _line("deceased", S.BLOCK)),
    Trigger("F12", "six share the phone", with_person(phone_shared_by=6), _line("phone_shared", S.REVIEW)),
    Trigger("F12", "erased", with_person(age=None, resident_id_valid=None, phone_shared_by=None, erased=True), _line("erased_person", S.REVIEW)),
    Trigger("F13", "claims for another's workers too", _joint(claimed_requests=frozenset(ALL_T1)), _line("other_claimant", S.REVIEW, E2S)),
    Trigger("F13", "not the lead enterprise", _joint(policy=LEAD, claimant_id="E2", claimed_requests=frozenset(E2S), claimed_heads={"T1": 0}), _line("other_claimant", S.REVIEW, E2S)),
    Trigger("F13", "the lead is not who has most that boarded and arrived", _close_race("E2"), _line("other_claimant", S.REVIEW, ids(1, range(23)))),
    Trigger("F13", "the carrier's to claim", claim(trip(1), policy=BY_CARRIER, claimed_heads={"T1": 0}), _line("other_claimant", S.REVIEW, ALL_T1)),
    Trigger("F13", "no provision is for them", claim(trip(1), policy=FOR_THE_POOR, claimed_heads={"T1": 0}), _line("no_provision", S.REVIEW, ALL_T1)),
    Trigger("F13", "one head more than its own", _joint(claimed_heads={"T1": 19}), _trip("heads_differ", S.REVIEW)),
    Trigger("F13", "a head that did not arrive", with_seats(outcome="disputed"), _trip("heads_differ", S.REVIEW)),
    Trigger("F13", "declares to be the state's", claim(declared_ownership="state"), _whole("not_its_ownership", S.BLOCK)),
    Trigger("F13", "declares nothing", claim(declared_ownership=None), _whole("ownership_undeclared", S.REVIEW)),
    Trigger("F14", "due for one trip and not for the other", _one_trip_due(), _line("not_employed", S.CLAW_BACK_CANDIDATE)),
    Trigger("F14", "a record of the month of arrival and of the fourth after", _employed(date(2020, 2, 1), date(2020, 6, 1)), _line("not_employed", S.CLAW_BACK_CANDIDATE)),
    # Arrived on 25 February in Shanghai.
    Trigger("F14", "on the day that the three months are over", _employed(today=date(2020, 5, 25)), _line("not_employed", S.CLAW_BACK_CANDIDATE)),
    # 30 November and three months: the last day of February.
    Trigger("F14", "the end of a shorter month", claim(trip(1, arrives_at=at(11, 30)), today=date(2021, 2, 28), employment_known_to=date(2021, 2, 1)), tuple(found for i in range(24) for found in _line("not_employed", S.CLAW_BACK_CANDIDATE, ids(1, [i])))),
    Trigger("F15", "submits and pays", claim(actors=(("submit", "a"), ("review", "b"), ("pay", "a"))), _whole("two_duties", S.BLOCK)),
    Trigger("F15", "submits and reviews", claim(actors=(("submit", "a"), ("review", "a"))), _whole("two_duties", S.BLOCK)),
    Trigger("F15", "reviews and pays", claim(actors=(("submit", "a"), ("review", "b"), ("pay", "b"))), _whole("two_duties", S.BLOCK)),
    Trigger("F15", "a second reviewer", claim(actors=(("submit", "a"), ("review", "b"), ("review", "d"))), _whole("reviewer_changed", S.BLOCK)),
    Trigger("F15", "reviewed it before it was returned, and pays", claim(actors=(("submit", "a"), ("review", "b"), ("submit", "a"), ("review", "d"), ("pay", "b"))), _whole("two_duties", S.BLOCK)),
    Trigger("F16", "registered at neither end", with_contract(plate_prefecture_code="520100"), _trip("no_end_at_home", S.REVIEW)),
)  # fmt: skip

MISSES = (
    Miss("F01", "the windows touch: the other begins a day later", _other(date(2020, 2, 27), date(2020, 3, 3))),
    Miss("F01", "the other ends a day earlier", _other(date(2020, 2, 10), date(2020, 2, 19))),
    Miss("F01", "the other was withdrawn", _other(date(2020, 2, 20), date(2020, 2, 26), "withdrawn")),
    Miss("F01", "the other's own request is not claimed", replace(_other(date(2020, 2, 20), date(2020, 2, 26)), claimed_requests=frozenset(ALL_T2))),
    Miss("F02", "this very claim has paid", claim(paid={"P-R1-00": "K1"})),
    Miss("F02", "somebody else was paid", claim(paid={"P-R9-00": "K0"})),
    Miss("F03", "the policy does not exclude it", replace(with_person(allowance="清镇市"), policy=policy(exclusive_with_individual=False))),
    Miss("F03", "it is for somebody whom the claim leaves out", replace(with_person(allowance="清镇市"), claimed_requests=frozenset(ALL_T2))),
    Miss("F04", "a ghost whom the claim leaves out", replace(with_seats(boarding=None), claimed_requests=frozenset(ALL_T2))),
    Miss("F05", "confirmed in the last second of the last day", with_seats(confirmed_at=at(3, 11, 15, 59, 59))),
    Miss("F05", "not boarded: that is F04's", with_seats(boarding=None, outcome=None, confirmed_at=None)),
    Miss("F06", "exactly 20 came", _few(20)),
    Miss("F06", "20 with those in dispute: the subsidy is held, not lost", _few(19, boarding="boarded", outcome="disputed")),
    Miss("F06", "exactly 10 on all coaches of the day", with_trip(organised_heads=10)),
    Miss("F06", "no floor", claim(trip(1, seats=seats(1, 1), organised_heads=1), policy=policy(min_passengers_vehicle=0, min_passengers_trip=0))),
    Miss("F07", "the 25th seat was taken away", replace(with_trip(seats=(*seats(1), seat("R1-24", riding=False))), claimed_heads={"T1": 24, "T2": 24})),
    Miss("F07", "24 aboard, 24 allowed", claim()),
    Miss("F07", "the 25th did not come", replace(with_trip(seats=(*seats(1), seat("R1-24", boarding="no_show", outcome=None))), claimed_heads={"T1": 24, "T2": 24})),
    Miss("F08", "two trips of others, far from this one in time", _two_runs_of_others()),
    Miss("F08", "the other trip ended where and when this one begins", _run_before(0)),
    Miss("F08", "leaves when it arrives, where it arrives", _run_after(0)),
    Miss("F08", "just time for the way", _run_after(6_505, ONE_DEGREE_NORTH)),
    Miss("F08", "another plate", _run_after(-1, plate="贵J00009")),
    Miss("F08", "the same trip in another enterprise's claim", claim(runs=(OtherRun("贵J00001", "T1", DEPARTS_AT, ARRIVES_AT, SANDU, HUZHOU),))),
    Miss("F09", "exactly 30 % over", with_contract(price_fen=2_392_000)),
    Miss("F09", "exactly 30 % under", with_contract(price_fen=1_288_000)),
    Miss("F09", "exactly 30 % over a seat", with_trip(seats_approved=39, contract=contract(1, seats_approved=30))),
    Miss("F10", "the same papers for the same trip in another claim", claim(uses=(OtherUse("contract", "HT-1", "C01", "T1"), OtherUse("invoice", "FP-1", "C01", "T1")))),
    Miss("F10", "another carrier's contract of the same number", claim(uses=(OtherUse("contract", "HT-1", "C02", "T9"),))),
    Miss("F10", "an invoice with the contract's number", claim(uses=(OtherUse("invoice", "HT-1", "C01", "T9"),))),
    Miss("F11", "the first day", with_trip(day=date(2020, 2, 1))),
    Miss("F11", "the last day", with_trip(day=date(2020, 2, 28))),
    Miss("F11", "submitted on the first day", claim(submitted_on=date(2020, 3, 1))),
    Miss("F11", "submitted on the last day", claim(submitted_on=date(2020, 4, 30))),
    Miss("F11", "filed exactly 24 hours before", with_contract(filed_at=at(2, 23, 1))),
    Miss("F11", "need not be filed", replace(with_contract(filed_at=None), policy=policy(prefile_hours=0))),
    Miss("F11", "any day of a policy without days", claim(submitted_on=date(2021, 1, 1), policy=policy(trips=None, claims=None))),
    Miss("F12", "16 years old", with_person(age=16)),
    Miss("F12", "five share the phone", with_person(phone_shared_by=5)),
    Miss("F12", "died on the day of the trip", with_person(deceased_on=date(2020, 2, 24))),
    Miss("F13", "its own share of a joint charter", _joint()),
    Miss("F13", "the lead enterprise claims for all", _joint(policy=LEAD, claimed_requests=frozenset(ALL_T1), claimed_heads={"T1": 24})),
    Miss("F13", "the lead is whom the bill owes", _close_race("E1")),
    Miss("F13", "the carrier claims, and declares nothing", claim(trip(1), claimant_id="C01", policy=BY_CARRIER, declared_ownership=None)),
    Miss("F13", "any ownership will do", replace(with_policy(ownerships=()), declared_ownership=None)),
    Miss("F14", "a record of the first month", _employed(date(2020, 3, 1))),
    Miss("F14", "a record of the third month", _employed(date(2020, 5, 1))),
    Miss("F14", "a day before the three months are over", _employed(today=date(2020, 5, 24))),
    Miss("F14", "the third month's list is not loaded", _employed(employment_known_to=date(2020, 4, 1))),
    Miss("F14", "no list is loaded", _employed(employment_known_to=None)),
    Miss("F14", "a day before the end of a shorter month", claim(trip(1, arrives_at=at(11, 30)), today=date(2021, 2, 27), employment_known_to=date(2021, 2, 1))),
    Miss("F14", "somebody erased", with_person(employed=(), erased=True)),
    Miss("F15", "three people, one of them twice the reviewer", claim(actors=(("submit", "a"), ("review", "b"), ("submit", "a"), ("review", "b"), ("pay", "c")))),
    Miss("F15", "another reviewer after it was returned and submitted again", claim(actors=(("submit", "a"), ("review", "b"), ("submit", "a"), ("review", "d"), ("pay", "c")))),
    Miss("F15", "who submits also drafted", claim(actors=(("draft", "a"), ("submit", "a"), ("review", "b")))),
    Miss("F15", "another looked at it before it was submitted", claim(actors=(("review", "d"), ("submit", "a"), ("review", "b")))),
    Miss("F16", "registered where it goes", with_contract(plate_prefecture_code="330500")),
    Miss("F16", "ordered in an emergency", with_contract(plate_prefecture_code="520100", emergency_order="黔交应急〔2020〕3号")),
    Miss("F16", "a municipality is one place", claim(trip(1, prefecture_code="310000", contract=contract(1, plate_prefecture_code="310115")))),
)  # fmt: skip

MANY_FAULTS = replace(
    _two_requests_of_one(),
    trips=(
        trip(1, seats=_few(19).trips[0].seats, contract=contract(1, plate_prefecture_code="520100")),
        trip(2, contract=contract(1), invoice=invoice(2, issuer_id="C02")),
    ),
    paid={"P-R1-01": "K0", "P-R1-02": "K7"},
    uses=tuple(OtherUse("contract", "HT-1", "C01", f"T{i}") for i in (9, 8)),
    runs=tuple(OtherRun("贵J00001", f"T{i}", DEPARTS_AT, ARRIVES_AT, SANDU, HUZHOU) for i in (9, 8)),
    policy=policy(provisions=(provision(modes=(OrganisingMode.GOV_PART_SUBSIDY,)),)),
)
