"""Hands for the tests of claims: three coaches that two enterprises shared, and everybody who does something to a claim."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from services.dispatcher.domain.contract import Contract
from services.dispatcher.money.claims.claim import Act
from services.dispatcher.store import claims
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import (
    AccountRow,
    ClaimFlagRow,
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    RiderRow,
    TripRow,
)
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.draft import InvoiceIn, PapersIn
from services.dispatcher.usecases.claims.owed import Overpaid
from services.dispatcher.usecases.sign_contract import sign_contracts
from services.ledger.audit import audit_season
from shared.directory import Contact, Origin, PersonCheck
from shared.events import EnterpriseRegistered, Outcome, WorkerBoarded
from shared.kernel.clock import FixedClock
from shared.messaging import Cause
from shared.security import Principal, Role, Seal
from tests.dispatcher.conftest import copy_of
from tests.dispatcher.dispatch import DAY, ENTERPRISE, GATE, PROVINCE, Dispatch, submitted

COUNTY, SEASON = "522732", "2020-spring"
A, B = ENTERPRISE.enterprise_id, "91330500MA28C0DE02"
OTHER = EnterpriseRegistered(
    enterprise_id=B,
    version=1,
    name="织里家纺",
    email=None,
    gates=(GATE.model_copy(update={"gate_id": "G2"}),),
)
PAYERS = (f"payer:origin_county:522732:{SEASON}", f"payer:origin_prefecture:522700:{SEASON}")
HEADS = 3
"""Of each enterprise on each coach; the first of each three is relocated."""


def terms(**changes: Any) -> dict[str, Any]:
    """The whole charter of the relocated, half of others', at most 1,500 yuan a head, from four on a coach; a season's cap."""
    payers = [{"payer": "origin_county", "share": 1}, {"payer": "origin_prefecture", "share": 1}]
    return {
        "version": 2,
        "min_passengers_vehicle": 4,
        "cap_head_fen": 150_000,
        "provisions": [
            {"categories": ["RELOCATED"], "rule": {"kind": "full_cost"}, "payers": payers},
            {"rule": {"kind": "percentage", "rate_percent": 50}, "payers": payers},
        ],
    } | changes


def live(dispatch: Dispatch, coaches: int = 3, **changes: Any) -> None:
    """Coaches, one a day, from the roster to everybody's arrival."""
    dispatch.load_policy(**terms(**changes))
    dispatch.tell(OTHER)
    numbers = iter(range(1000))
    for after in range(coaches):
        day = DAY + timedelta(days=after)
        dispatch.tell(
            *(
                submitted(
                    next(numbers),
                    enterprise_id=firm,
                    gate_id=gate,
                    stop_code="522732001",
                    earliest=day,
                    latest=day,
                    category="RELOCATED" if place == 0 else "ORDINARY",
                )
                for firm, gate in ((A, "G1"), (B, "G2"))
                for place in range(HEADS)
            )
        )
        dispatch.approve(dispatch.propose(day=day))
    trips = dispatch.trips()
    assert len(trips) == coaches
    with dispatch.database.session() as session:
        said = [contract_of(trip, f"贵J1234{n}") for n, trip in enumerate(trips)]
        sign_contracts(session, PROVINCE, said, Cause.fresh(), dispatch.clock)
    dispatch.clock.advance(days=coaches + 2)
    for trip in trips:
        for rider in dispatch.riders(trip.trip_id):
            at = dispatch.clock.now()
            dispatch.tell(WorkerBoarded(trip_id=trip.trip_id, request_id=rider.request_id, version=1, at=at))
        dispatch.confirm(trip)
    dispatch.clock.advance(days=1)


def contract_of(trip: TripRow, plate: str, **changes: Any) -> Contract:
    said = {
        "trip_id": trip.trip_id,
        "contract_no": f"HT-{trip.trip_id}",
        "charterer_id": A,
        "price_fen": trip.cost_fen,
        "plate": plate,
        "plate_prefecture_code": "522700",
        "signed_on": date(2020, 2, 23),
    }
    return Contract.model_validate(said | changes)


class People:
    """The registry: one person behind each request, unless a test says that two are the same, or that it knows nobody."""

    def __init__(self) -> None:
        self.same: dict[str, str] = {}
        self.unknown: set[str] = set()
        self.changes: dict[str, dict[str, Any]] = defaultdict(dict)

    def check_people(
        self, request_ids: Sequence[str], day: date, purpose: str, reader: str
    ) -> dict[str, PersonCheck]:
        """Somebody of 30 without any history, or as a test has changed them."""
        values: dict[str, Any] = {
            "erased": False,
            "age": 30,
            "resident_id_valid": True,
            "phone_shared_by": 1,
            "other_requests": (),
            "allowance": None,
            "deceased_on": None,
            "employed": (),
        }
        return {
            one: PersonCheck(person=self.same.get(one, f"person of {one}"), **values | self.changes[one])
            for one in request_ids
            if one not in self.unknown
        }

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        raise NotImplementedError

    def find_origins(self, request_ids: Sequence[str], reader: str) -> dict[str, Origin]:
        raise NotImplementedError


def firm(organisation: str = A, subject: str = "") -> Principal:
    return Principal(subject or f"clerk of {organisation}", frozenset({Role.ENTERPRISE}), (), organisation)


def office(subject: str) -> Principal:
    """Somebody who may everything that an office may: what they still may not is another's part."""
    return Principal(subject, frozenset({Role.BUREAU, Role.FINANCE, Role.AUDIT}), (COUNTY,))


REVIEWER, PAYER, AUDITOR = office("reviewer"), office("payer"), office("auditor")


@dataclass
class Claiming:
    """A dispatcher whose coaches have arrived, the desk, and hands for all that is done at it."""

    dispatch: Dispatch
    people: People = field(default_factory=People)
    versions: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))

    def __post_init__(self) -> None:
        clock = self.dispatch.clock
        self.desk = ClaimDesk(self.dispatch.database, self.people, Seal(bytes(32)), clock)

    def draft(self, claimant: Principal | None = None, keep: Iterable[str] | None = None) -> str:
        """A draft of all that is owed, or of what these trips owe."""
        who = claimant or firm()
        (claim,) = self.desk.draft(who, COUNTY, SEASON, Cause.fresh())
        trips = {line.trip_id for line in self.lines(claim.claim_id)}
        if keep is not None and trips - set(keep):
            self.desk.drop_trips(who, claim.claim_id, trips - set(keep))
        return claim.claim_id

    def fill(self, claim_id: str, claimant: Principal | None = None) -> None:
        """The papers of a draft, as the contracts are."""
        invoices = tuple(
            InvoiceIn(
                trip_id=line.trip_id,
                invoice_no=f"FP-{line.trip_id}",
                issuer_id="C01",
                amount_fen=self.trip(line.trip_id).cost_fen,
                issued_on=date(2020, 3, 1),
            )
            for line in self.lines(claim_id)
        )
        papers = PapersIn(bank_account="6222020200112233445", invoices=invoices)
        self.desk.write_papers(claimant or firm(), claim_id, papers)

    def submit(self, claimant: Principal | None = None, keep: Iterable[str] | None = None) -> str:
        claim_id = self.draft(claimant, keep)
        self.fill(claim_id, claimant)
        self.desk.submit(claimant or firm(), claim_id)
        return claim_id

    def publicise(self, claimant: Principal | None = None, keep: Iterable[str] | None = None) -> str:
        claim_id = self.submit(claimant, keep)
        self.desk.take_up(REVIEWER, claim_id)
        self.let_pass(claim_id)
        self.desk.publicise(REVIEWER, claim_id)
        return claim_id

    def let_pass(self, claim_id: str) -> None:
        """Clear what must only be looked at."""
        for flag in self.flags(claim_id):
            if flag.severity == "review" and flag.cleared_by is None:
                self.desk.clear_flag(REVIEWER, claim_id, flag.number, "已核对")

    def approve(self, claimant: Principal | None = None, keep: Iterable[str] | None = None) -> str:
        claim_id = self.publicise(claimant, keep)
        self.dispatch.clock.advance(days=9)
        self.desk.approve(REVIEWER, claim_id, Cause.fresh())
        return claim_id

    def pay(self, claim_id: str) -> None:
        self.desk.receive(PAYER, claim_id)
        self.desk.pay(PAYER, claim_id, f"ZF-{claim_id}", Cause.fresh())

    def paid(self, claimant: Principal | None = None, keep: Iterable[str] | None = None) -> str:
        claim_id = self.approve(claimant, keep)
        self.pay(claim_id)
        return claim_id

    def again(self, claim_id: str) -> None:
        """From a suspension to the next approval."""
        self.desk.decide(REVIEWER, claim_id, Act.RESUME, "重新审核")
        self.desk.check(REVIEWER, claim_id)
        self.let_pass(claim_id)
        self.desk.publicise(REVIEWER, claim_id)
        self.dispatch.clock.advance(days=9)
        self.desk.approve(REVIEWER, claim_id, Cause.fresh())

    def clawback(self, claim_id: str, *request_ids: str) -> None:
        self.desk.open_clawback(AUDITOR, claim_id, request_ids, "审计发现", Cause.fresh())

    def recover(self, claim_id: str) -> None:
        self.desk.recover(PAYER, claim_id, f"SK-{claim_id}", Cause.fresh())

    def say(self, request_id: str, outcome: Outcome) -> None:
        """The enterprise's word of one worker, the latest that it has said."""
        with self.dispatch.database.session() as session:
            rider = session.exec(select(RiderRow).where(RiderRow.request_id == request_id)).one()
        self.versions[request_id] += 1
        self.dispatch.tell(self.dispatch.arrival(rider, outcome, self.versions[request_id]))

    def claim(self, claim_id: str) -> ClaimRow:
        with self.dispatch.database.session() as session:
            return session.get_one(ClaimRow, claim_id)

    def claims(self) -> list[ClaimRow]:
        with self.dispatch.database.session() as session:
            return list(session.exec(select(ClaimRow).order_by(ClaimRow.claim_id)))

    def lines(self, claim_id: str) -> list[ClaimLineRow]:
        with self.dispatch.database.session() as session:
            return claims.list_lines(session, [claim_id])

    def seats(self, claim_id: str) -> dict[str, ClaimSeatRow]:
        with self.dispatch.database.session() as session:
            return {seat.request_id: seat for seat in claims.list_seats(session, claim_id)}

    def flags(self, claim_id: str) -> list[ClaimFlagRow]:
        with self.dispatch.database.session() as session:
            return claims.list_flags(session, claim_id)

    def trip(self, trip_id: str) -> TripRow:
        with self.dispatch.database.session() as session:
            return session.get_one(TripRow, trip_id)

    def overpaid(self) -> list[Overpaid]:
        return self.desk.list_overpaid(AUDITOR, COUNTY, SEASON)

    def account(self, name: str) -> AccountRow:
        with self.dispatch.database.session() as session:
            return session.get_one(AccountRow, name)

    def require_sound(self) -> None:
        """All that must hold after whatever anybody has done."""
        with self.dispatch.database.session() as session:
            accounts = {row.account: row for row in session.exec(select(AccountRow))}
            holding = session.exec(
                select(ClaimSeatRow.season, ClaimSeatRow.person).where(col(ClaimSeatRow.holds))
            ).all()
            trips = self.dispatch.trips()
            known = books.list_of_trips(session, [trip.trip_id for trip in trips])
        for name, row in accounts.items():
            if name.startswith("payer:"):
                assert row.limit_fen >= row.reserved_fen + row.committed_fen + row.settled_fen, name
        assert len(set(holding)) == len(holding)
        assert all(person for _, person in holding)
        money: dict[str, int] = defaultdict(int)
        asked: dict[tuple[str, str], int] = defaultdict(int)
        for claim in self.claims():
            money[claim.claimant] += claim.paid_fen - claim.recovered_fen
            assert 0 <= claim.recovered_fen <= claim.clawback_fen <= max(claim.paid_fen, 0)
            if claim.state == "clawback_open":
                given = self._recovered(claim.claim_id, known)
                for line in self.lines(claim.claim_id):
                    for part in line.parts:
                        key = (line.trip_id, part["payer"])
                        asked[key] += part.get("clawback_fen", 0) - given[key]
        for claimant, fen in money.items():
            assert (accounts[claimant].paid_fen if claimant in accounts else 0) == fen
        told: dict[tuple[str, str], int] = defaultdict(int)
        for one in self.overpaid():
            told[one.trip_id, one.payer] += one.fen
        for trip in trips:
            assert sum(line["due_fen"] + line["held_fen"] for line in trip.lines) == trip.cost_fen
            for payer in PAYERS:
                mine = [t for t in known[trip.trip_id] if payer in (t.debit, t.credit)]
                settled = sum({"settle": t.amount_fen, "correct": -t.amount_fen}.get(t.kind, 0) for t in mine)
                paid = sum({"pay": t.amount_fen, "recover": -t.amount_fen}.get(t.kind, 0) for t in mine)
                assert paid - settled <= told[trip.trip_id, payer] + asked[trip.trip_id, payer]
        audited = audit_season(self.dispatch.database, SEASON)
        assert audited.findings == []
        # What was asked back stays asked, though a later word may make the bill owe it again.
        to_recover = sum(one.fen for one in audited.to_recover)
        assert sum(told.values()) <= to_recover <= sum(told.values()) + sum(asked.values())

    def _recovered(self, claim_id: str, known: dict[str, list[Any]]) -> dict[tuple[str, str], int]:
        with self.dispatch.database.session() as session:
            mine = books.list_ids_of_claim(session, claim_id)
        given: dict[tuple[str, str], int] = defaultdict(int)
        for trip_id, transfers in known.items():
            for t in transfers:
                if t.kind == "recover" and t.id in mine:
                    given[trip_id, t.credit] += t.amount_fen
        return given


@contextmanager
def copied(postgres: str, arrived: Dispatch) -> Iterator[Claiming]:
    """A dispatcher of one's own at the moment at which this one's coaches have arrived."""
    with copy_of(postgres, str(arrived.database.engine.url.database)) as database:
        yield Claiming(replace(arrived, database=database, clock=FixedClock(arrived.clock.now())))
