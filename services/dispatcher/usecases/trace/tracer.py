"""Puts a trace together from the key that somebody gives; judges no money.

A key is looked up as what it can name: a trip, a claim, a transfer, a voucher, a request, where the caller may see it. What
the registry knows is asked in between two reads of the database, and logged there with the caller as its reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from services.dispatcher.domain.trace import HOW, Findings, Left, Other, Part, Trace, Trip, Worker
from services.dispatcher.domain.trace import Contract as ContractTold
from services.dispatcher.domain.trip import RUNNING
from services.dispatcher.money.claims.claim import LIVE
from services.dispatcher.store import claims, trips
from services.dispatcher.store import trace as chain
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.tables import ClaimRow, DemandRow, TripRow, VoucherRow
from services.dispatcher.store.terms import find_stored_policy
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.trace.books import (
    check_books,
    explain_bill,
    trace_rule,
    trace_vouchers,
)
from services.dispatcher.usecases.trace.claims import ClaimRead, list_payments, read_claim, trace_claim
from services.dispatcher.usecases.trace.rides import (
    check_origins,
    check_riders,
    divide_bill,
    read_origin,
    trace_plans,
    trace_riders,
)
from shared.database import Database, snapshot
from shared.directory import Directory, Origin, PersonCheck
from shared.kernel.errors import NotFound, Unavailable
from shared.security import Principal, covers


class NothingToTrace(NotFound):
    """There is nothing with the id {key}, or it is not yours to see. Give the id of a trip (T-522732-20200224-003), a claim
    (C-...), a transfer or voucher of the ledger, or a request."""

    zh = "没有编号为 {key} 的记录，或您无权查看。请填写班次（如 T-522732-20200224-003）、申报（C-…）、台账分录、凭证或申请的编号。"


@dataclass
class _Asked:
    """What a key names, the trips that it leads to, and whose rows are wanted."""

    kind: str
    trip_ids: list[str] = field(default_factory=list)
    claim: ClaimRow | None = None
    voucher: VoucherRow | None = None
    demand: DemandRow | None = None
    request_ids: list[str] = field(default_factory=list)


@dataclass
class _Registry:
    """What the registry says: where requests came from, and of one person's others; or why it says nothing."""

    origins: Mapping[str, Origin]
    people: Mapping[str, PersonCheck]
    away: dict[str, str] | None = None


def trace(database: Database, directory: Directory, principal: Principal, key: str) -> Trace:
    """The whole chain of what the key names. Raises NothingToTrace, also for a neighbour's."""
    with database.session() as session:
        asked = _find(session, principal, key)
    registry = _ask(directory, asked, principal.subject)
    findings = Findings()
    with database.session() as session:
        snapshot(session)
        found = _Tracer(session, principal, registry, findings)
        told = [found.trip(trip_id, asked.demand) for trip_id in asked.trip_ids]
        worker = found.worker(asked.demand) if asked.demand else None
        claim = trace_claim(found.claim(asked.claim), findings) if asked.claim else None
        voucher = trace_vouchers(session, [asked.voucher.id], findings)[0] if asked.voucher else None
    check_origins(asked.request_ids, registry.origins, registry.away, findings)
    gaps, notes = (tuple(dict.fromkeys(some)) for some in (findings.gaps, findings.notes))
    return Trace(key, asked.kind, not gaps, HOW, gaps, notes, worker, claim, voucher, tuple(told))


def _find(session: Session, principal: Principal, key: str) -> _Asked:
    """What the key names. Raises NothingToTrace."""
    if chain.list_visible_trips(session, [key], principal):
        asked = _Asked("trip", [key])
    elif found := chain.find_claim(session, key, principal):
        asked = _Asked("claim", [line.trip_id for line in claims.list_lines(session, [key])], claim=found)
    elif voucher := chain.find_voucher(session, key, principal):
        moved = chain.list_entries(session, [voucher.id])
        mine = [one for one in moved if one.id == key]
        kind = "transfer" if mine else "voucher"
        asked = _Asked(kind, sorted({one.trip_id for one in mine or moved if one.trip_id}), voucher=voucher)
    elif demand := chain.find_request(session, key, principal):
        return _Asked("request", _trips_of(session, principal, demand), demand=demand, request_ids=[key])
    else:
        raise NothingToTrace(key=key)
    asked.request_ids = [r.request_id for one in asked.trip_ids for r in trips.list_all_riders(session, one)]
    return asked


def _trips_of(session: Session, principal: Principal, demand: DemandRow) -> list[str]:
    """The trips on which a request has a seat, or whose claims ask for it."""
    riding = [rider.trip_id for rider in chain.list_seats_of(session, demand.request_id) if rider.riding]
    claimed = chain.list_claimed_trips(session, demand.request_id)
    return chain.list_visible_trips(session, {*riding, *claimed}, principal)


def _ask(directory: Directory, asked: _Asked, reader: str) -> _Registry:
    people: dict[str, PersonCheck] = {}
    try:
        origins = directory.find_origins(asked.request_ids, reader) if asked.request_ids else {}
        if asked.demand is not None:
            day = asked.demand.earliest
            people = directory.check_people([asked.demand.request_id], day, "trace", reader)
    except Unavailable as error:
        return _Registry({}, {}, {"zh": error.message("zh"), "en": error.message("en")})
    return _Registry(origins, people)


class _Tracer:
    """Puts one trace together."""

    def __init__(
        self, session: Session, principal: Principal, registry: _Registry, findings: Findings
    ) -> None:
        self._session, self._principal = session, principal
        self._registry, self._findings = registry, findings
        self._claims: dict[str, ClaimRead] = {}

    def claim(self, row: ClaimRow) -> ClaimRead:
        """A claim with what hangs on it, read once however many trips it has."""
        if row.claim_id not in self._claims:
            self._claims[row.claim_id] = read_claim(self._session, row)
        return self._claims[row.claim_id]

    def trip(self, trip_id: str, demand: DemandRow | None) -> Trip:
        """A trip's whole chain; of its riders only the one that was asked about, where one was."""
        session, findings = self._session, self._findings
        row = trips.get_trip(session, trip_id, self._principal)
        riders = sorted(trips.list_all_riders(session, trip_id), key=lambda rider: rider.request_id)
        riding = [rider for rider in riders if rider.riding]
        claim_rows = claims.list_claims(session, self._principal, trip_id=trip_id)
        voucher_ids = chain.list_vouchers_of_trip(session, trip_id)
        vouchers = trace_vouchers(session, voucher_ids, findings, trip_id)
        terms = find_stored_policy(session, row.policy)
        if terms is None:
            findings.gap(trip_id, f"政策 {row.policy} 未保存。", f"Policy {row.policy} is not stored.")
        else:
            check_books(session, row, terms, findings)
        reads = [self.claim(claim) for claim in claim_rows]
        seats = [seat for read in reads for seat in read.seats.get(trip_id, ())]
        bears = divide_bill(terms.policy, row, riding, seats, findings) if terms else {}
        payments = list_payments(reads, trip_id, findings)
        shown = [one for one in riders if demand is None or one.request_id == demand.request_id]
        told = trace_riders(session, shown, seats, bears, payments, self._registry.origins)
        alive = {claim.claim_id for claim in claim_rows if claim.state in LIVE}
        check_riders(row, told, alive, findings)
        self._say_stage(row, claim_rows)
        contract = trips.find_contract(session, trip_id)
        if contract is None and row.state in RUNNING:
            findings.note(trip_id, "尚未登记包车合同。", "No charter contract is recorded yet.")
        return Trip(
            **row.model_dump(include=_TRIP_FIELDS),
            aboard=len(riding),
            rule=trace_rule(terms, vouchers),
            workings=explain_bill(
                terms.policy,
                bill_trip.run_of(row),
                bill_trip.read_heads(row),
                bill_trip.parties_of(row),
                row.cuts,
            )
            if terms and row.heads
            else (),
            lines=tuple(Part(line["account"], line["due_fen"], line["held_fen"]) for line in row.lines),
            contract=ContractTold(**contract.model_dump(include=_CONTRACT_FIELDS)) if contract else None,
            plans=tuple(trace_plans(session, row, riding, findings)),
            vouchers=tuple(vouchers),
            claims=tuple(trace_claim(read, findings, trip_id) for read in reads),
            riders=tuple(told),
        )

    def _say_stage(self, row: TripRow, claim_rows: Sequence[ClaimRow]) -> None:
        if row.state in ("approved", "departed"):
            self._findings.note(
                row.trip_id,
                "尚未结算，金额为预留。",
                "It is not settled yet: its money is promised, not owed.",
            )
        elif row.state not in RUNNING:
            self._findings.note(
                row.trip_id,
                f"班次状态为 {row.state}，没有占用资金。",
                f"It is {row.state}: none of its money stands.",
            )
        if not claim_rows and row.state == "settled" and row.subsidy_fen:
            self._findings.note(row.trip_id, "尚未申报补贴。", "Nobody has claimed its subsidy yet.")

    def worker(self, demand: DemandRow) -> Worker:
        """A request, and what became of it."""
        check = self._registry.people.get(demand.request_id)
        others = check.other_requests if check else ()
        seen = [one for one in others if covers(self._principal, one.county_code)]
        left = chain.list_left_behind(self._session, demand.request_id)
        if len(others) > len(seen):
            self._findings.note(
                demand.request_id,
                f"此人在其他县另有 {len(others) - len(seen)} 项申请。",
                f"The person has {len(others) - len(seen)} more request(s) in other counties.",
            )
        if demand.state == "withdrawn":
            self._findings.note(demand.request_id, "申请已撤回。", "The request was withdrawn.")
        elif demand.trip_id is None:
            why_zh = f"被轮次 {left[-1][0].round_id} 留下：{left[-1][0].mend_zh}" if left else "等待编排。"
            why_en = (
                f"Round {left[-1][0].round_id} left it behind: {left[-1][0].mend_en}"
                if left
                else "It waits for a round."
            )
            self._findings.note(
                demand.request_id,
                f"没有座位，未花费资金。{why_zh}",
                f"It has no seat, and no fen was spent. {why_en}",
            )
        names = get_enterprise_names(self._session, [demand.enterprise_id])
        return Worker(
            **demand.model_dump(include=_WORKER_FIELDS),
            enterprise=names.get(demand.enterprise_id, demand.enterprise_id),
            chain=demand.correlation_id,
            left_behind=tuple(
                Left(day=day, **row.model_dump(include=set(Left.__dataclass_fields__) - {"day"}))
                for row, day in left
            ),
            others=tuple(Other(one.request_id, one.season, one.county_code, one.status) for one in seen),
            origin=read_origin(self._registry.origins.get(demand.request_id)),
        )


_CONTRACT_FIELDS = set(ContractTold.__dataclass_fields__)
_TRIP_FIELDS = set(TripRow.model_fields) & set(Trip.__dataclass_fields__) - {"lines"}
_WORKER_FIELDS = set(DemandRow.model_fields) & set(Worker.__dataclass_fields__)
