"""Traces a trip's money: vouchers with their place and seal, the rule's version, the arithmetic once more; moves none."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.trace import Entry, Findings, Rule, Voucher, Working
from services.dispatcher.domain.trip import TripState
from services.dispatcher.money.books import ledger
from services.dispatcher.money.books.audit import digest_page
from services.dispatcher.money.books.recount import standing
from services.dispatcher.money.books.voucher import Act, TripStage, trip_facts
from services.dispatcher.money.claims.assessment import explain
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, bear, cut, public_parts
from services.dispatcher.store import ledger as books
from services.dispatcher.store import trace as chain
from services.dispatcher.store.audit import read_pages_of
from services.dispatcher.store.tables import TransferRow, TripRow, VoucherRow
from services.dispatcher.store.terms import StoredPolicy, find_stored_policy
from services.dispatcher.store.trips import find_contract
from services.dispatcher.usecases import bill_trip
from shared.kernel.money import share, yuan

_STAGES = {
    TripState.APPROVED: TripStage.PROMISED,
    TripState.DEPARTED: TripStage.PROMISED,
    TripState.SETTLED: TripStage.CONFIRMED,
}
"""How far a trip's money is in each state; in all others nothing of it stands."""


def trace_vouchers(
    session: Session, voucher_ids: Sequence[str], findings: Findings, trip_id: str | None = None
) -> list[Voucher]:
    """The vouchers in the order of the book, with the entries of one trip where one is given."""
    entries: dict[str, list[Entry]] = {voucher_id: [] for voucher_id in voucher_ids}
    for entry in chain.list_entries(session, voucher_ids):
        if trip_id in (None, entry.trip_id):
            entries[entry.voucher_id].append(_entry(entry))
    pages = {page.voucher_id: (before, page) for before, page in read_pages_of(session, voucher_ids)}
    found = []
    for row in chain.list_vouchers(session, voucher_ids):
        before, page = pages.get(row.id, ("", None))
        sealed = page is not None and digest_page(before, page) == page.digest
        if not sealed:
            findings.gap(
                row.id,
                "凭证未封存，或其内容与账册摘要不符。请运行 zhida ledger audit。",
                "The voucher is not sealed, or does not say what the book's digest says. Run zhida ledger audit.",
            )
        found.append(
            Voucher(
                **row.model_dump(exclude={"county_code"}),
                position=page.position if page else None,
                digest=page.digest if page else None,
                sealed=sealed,
                workings=_workings_of(session, row, findings),
                entries=tuple(entries[row.id]),
            )
        )
    return sorted(found, key=lambda voucher: (voucher.recorded_at, voucher.position or 0))


def _entry(row: TransferRow) -> Entry:
    return Entry(**row.model_dump(include=set(Entry.__dataclass_fields__)))


def _workings_of(session: Session, voucher: VoucherRow, findings: Findings) -> tuple[Working, ...]:
    """A bill's arithmetic, worked out again from its facts; other acts say their amounts in their facts."""
    if voucher.act != Act.BILL:
        return ()
    facts = voucher.facts
    terms = find_stored_policy(session, facts["policy"])
    if terms is None or terms.digest != facts["policy_digest"]:
        findings.gap(
            voucher.id,
            f"政策 {facts['policy']} 已不是记账时的版本（摘要 {facts['policy_digest'][:16]}）。",
            f"Policy {facts['policy']} is not what it was when this was booked (digest {facts['policy_digest'][:16]}).",
        )
        return ()
    run = facts["run"] | {"day": date.fromisoformat(facts["run"]["day"])}
    heads, parties = [Heads(**one) for one in facts["heads"]], Parties(**facts["parties"])
    return explain_bill(terms.policy, Run(**run), heads, parties, facts["cuts"])


def explain_bill(
    policy: Policy, run: Run, heads: Sequence[Heads], parties: Parties, cuts: Sequence[Mapping[str, Any]]
) -> tuple[Working, ...]:
    """A trip's bill step by step: the rule and its caps, each payer's share, what was cut."""
    steps = [Working(**vars(step)) for step in explain(policy, run, heads, parties)]
    for part in public_parts(policy, run, heads, parties):
        payers = policy.provisions[part.provision].payers
        shares = [payer.share for payer in payers]
        for payer, fen in zip(payers, share(part.paid_fen, shares), strict=True):
            steps.append(
                Working(
                    what=f"payer:{parties.payer_account(payer.payer)}",
                    formula=f"{yuan(part.paid_fen)} × {payer.share} ÷ {sum(shares)}",
                    result_fen=fen,
                    rule=f"{policy.key} provisions[{part.provision}].payers",
                )
            )
    for one in cuts:
        ends = f"{one['payer']} → {one['claimant']}"
        steps.append(Working(f"cut:{one['reason']}", ends, -one["fen"], one["claim_id"] or policy.key))
    return tuple(steps)


def trace_rule(terms: StoredPolicy | None, vouchers: Sequence[Voucher]) -> Rule | None:
    """The rule's version, and whether every voucher was written by what it says now."""
    if terms is None:
        return None
    bills = [v.facts for v in vouchers if v.act == Act.BILL]
    told = {facts["policy_digest"] for facts in bills if facts["policy"] == terms.policy.key}
    return Rule(
        policy=terms.policy.key,
        name=terms.policy.name,
        source=terms.policy.source,
        assumed=terms.policy.assumed,
        loaded_at=terms.row.loaded_at,
        digest=terms.digest,
        unchanged=told <= {terms.digest},
    )


def check_books(session: Session, trip: TripRow, terms: StoredPolicy, findings: Findings) -> None:
    """Hold the trip's lines to its bill, and what stands in the books to the audit's own arithmetic."""
    heads, parties, cuts = bill_trip.read_heads(trip), bill_trip.parties_of(trip), bill_trip.read_cuts(trip)
    run = bill_trip.run_of(trip)
    lines = cut(bear(terms.policy, run, heads, parties), cuts) if heads else ()
    if lines != tuple(bill_trip.read_lines(trip.lines)):
        findings.gap(
            trip.trip_id,
            "车次上的承担金额与按政策重新计算的不符。",
            "Who bears the trip is not what its policy makes of it, worked out again.",
        )
    if trip.waits_for is not None:
        findings.gap(
            trip.trip_id,
            f"账册在等 {trip.waits_for} 追加预算，尚未反映实际到厂情况。",
            f"The books wait for the budget of {trip.waits_for}: they do not have yet what happened.",
        )
        return
    stage = _STAGES.get(TripState(trip.state), TripStage.ENDED)
    committed = find_contract(session, trip.trip_id) is not None
    facts = trip_facts(terms.policy.key, terms.digest, run, heads, parties, cuts, stage, committed=committed)
    wanted = standing(terms.row.body, facts)
    stands = {
        account: (balance.reserved_fen + balance.committed_fen, balance.settled_fen)
        for account, balance in ledger.balances(books.list_of_trip(session, trip.trip_id)).items()
        if not account.startswith("carrier:")
    }
    for account in sorted(wanted.keys() | stands.keys()):
        booked, due = stands.get(account, (0, 0)), wanted.get(account, (0, 0))
        if booked != due:
            words = [yuan(fen) for fen in (*booked, *due)]
            findings.gap(
                trip.trip_id,
                f"{account} 账上承诺 {words[0]}、结算 {words[1]} 元，应为 {words[2]}、{words[3]} 元。",
                f"{account} has {words[0]} yuan promised and {words[1]} settled in the books, which should be {words[2]} and"
                f" {words[3]}.",
            )
