"""Traces claims: who did what, what the checks found, each line's arithmetic, and that the books paid just that; decides none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.dispatcher.domain.trace import Claim, ClaimLine, Findings, Payment, Step, Working
from services.dispatcher.money.books.ledger import Kind
from services.dispatcher.money.claims.assessment import CLAWED_BACK, Standing
from services.dispatcher.money.claims.claim import PAID, ClaimState
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimLineRow, ClaimRow, ClaimSeatRow, TransferRow
from services.dispatcher.store.trace import list_entries_of_claim
from shared.kernel.money import share, yuan

PAID_FOR = (Standing.COUNTED, CLAWED_BACK)
"""Standings of those for whom a claim's payments were made."""


@dataclass(frozen=True)
class ClaimRead:
    """All that hangs on a claim, read once for every trip of it; seats and transfers by trip."""

    claim: ClaimRow
    lines: Sequence[ClaimLineRow]
    seats: Mapping[str, Sequence[ClaimSeatRow]]
    transfers: Mapping[str, Sequence[TransferRow]]
    steps: tuple[Step, ...]
    flags: Mapping[str, int]


def read_claim(session: Session, claim: ClaimRow) -> ClaimRead:
    """The claim with what hangs on it."""
    seats: dict[str, list[ClaimSeatRow]] = defaultdict(list)
    for seat in claims.list_seats(session, claim.claim_id):
        seats[seat.trip_id].append(seat)
    transfers: dict[str, list[TransferRow]] = defaultdict(list)
    for transfer in list_entries_of_claim(session, claim.claim_id):
        transfers[str(transfer.trip_id)].append(transfer)
    flags = Counter(row.code for row in claims.list_flags(session, claim.claim_id))
    return ClaimRead(
        claim=claim,
        lines=claims.list_lines(session, [claim.claim_id]),
        seats=seats,
        transfers=transfers,
        steps=tuple(Step(**claims.step_values(row)) for row in claims.list_steps(session, claim.claim_id)),
        flags=dict(sorted(flags.items())),
    )


def trace_claim(read: ClaimRead, findings: Findings, trip_id: str | None = None) -> Claim:
    """The claim, with the line of one trip where one is given."""
    claim, lines = read.claim, [line for line in read.lines if trip_id in (None, line.trip_id)]
    for line in lines:
        _check_line(claim, line, read.transfers.get(line.trip_id, ()), findings)
    recovered = sum(t.amount_fen for some in read.transfers.values() for t in some if t.kind == Kind.RECOVER)
    if recovered != claim.recovered_fen:
        findings.gap(
            claim.claim_id,
            f"账册追回 {yuan(recovered)} 元，申报记为 {yuan(claim.recovered_fen)} 元。",
            f"The books have {yuan(recovered)} yuan recovered, and the claim says {yuan(claim.recovered_fen)}.",
        )
    _say_state(claim, findings)
    return Claim(
        **claim.model_dump(include=set(Claim.__dataclass_fields__)),
        steps=read.steps,
        flags=dict(read.flags),
        lines=tuple(_line(line, read.seats.get(line.trip_id, ())) for line in lines),
    )


def _line(line: ClaimLineRow, seats: Sequence[ClaimSeatRow]) -> ClaimLine:
    known = set(ClaimLine.__dataclass_fields__) - {"standings", "parts", "workings"}
    return ClaimLine(
        **line.model_dump(include=known),
        standings=dict(sorted(Counter(seat.standing for seat in seats).items())),
        parts=tuple(line.parts),
        workings=tuple(Working(**step) for step in line.workings),
    )


def _check_line(
    claim: ClaimRow, line: ClaimLineRow, transfers: Iterable[TransferRow], findings: Findings
) -> None:
    """What was paid is the line's parts, payer by payer, and nothing before the claim was paid."""
    paid = Counter[str]()
    for transfer in transfers:
        if transfer.kind == Kind.PAY:
            paid[transfer.debit] += transfer.amount_fen
    wanted = {part["payer"]: part["payable_fen"] for part in line.parts} if claim.state in PAID else {}
    for payer in sorted(paid.keys() | wanted.keys()):
        if paid[payer] != wanted.get(payer, 0):
            findings.gap(
                claim.claim_id,
                f"{line.trip_id}：{payer} 支付 {yuan(paid[payer])} 元，申报核定 {yuan(wanted.get(payer, 0))} 元。",
                f"{line.trip_id}: {payer} paid {yuan(paid[payer])} yuan, and the claim has"
                f" {yuan(wanted.get(payer, 0))} payable.",
            )


def _say_state(claim: ClaimRow, findings: Findings) -> None:
    """Why a claim has no payment, or has one no more."""
    match claim.state:
        case ClaimState.REJECTED:
            zh, en = "申报已驳回，没有支付。", "The claim was rejected, and nothing is paid by it."
        case ClaimState.CLAWBACK_OPEN:
            left = yuan(claim.clawback_fen - claim.recovered_fen)
            zh, en = f"追回 {left} 元，尚未到账。", f"{left} yuan are asked back, and not yet received."
        case _ if claim.state in PAID:
            return
        case _:
            zh, en = f"申报状态为 {claim.state}，尚未支付。", f"The claim is {claim.state}, and not yet paid."
    findings.note(claim.claim_id, zh, en)


def list_payments(reads: Iterable[ClaimRead], trip_id: str, findings: Findings) -> dict[str, list[Payment]]:
    """Request id -> its part of each payment for the trip: by heads of those who are paid for, and of those clawed back for
    what was recovered. All parts of a transfer sum to it."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for read in reads:
        for transfer in read.transfers.get(trip_id, ()):
            is_payment = transfer.kind == Kind.PAY
            wanted = PAID_FOR if is_payment else (CLAWED_BACK,)
            some = [seat.request_id for seat in read.seats.get(trip_id, ()) if seat.standing in wanted]
            if not some:
                findings.gap(
                    transfer.id,
                    "没有对应的人员。",
                    "Nobody in the claim is whom this was paid or recovered for.",
                )
                continue
            payer = transfer.debit if is_payment else transfer.credit
            for request_id, fen in zip(some, share(transfer.amount_fen, [1] * len(some)), strict=True):
                found[request_id].append(Payment(transfer.id, transfer.kind, payer, read.claim.claim_id, fen))
    return found
