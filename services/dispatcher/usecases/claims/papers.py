"""Fills a claim's papers from what is stored, with names as the registry tells them at that moment, masked; judges nothing.

The papers speak of the moment of the last thing that happened to the claim or in its season's books, never of now: so long
as nothing happens they stay the same, byte for byte.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money.claims.assessment import Standing, Working
from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.claim import HOLDING, Act
from services.dispatcher.money.claims.words import ACTS, DOCUMENTS, SEVERITIES, STATES
from services.dispatcher.papers.bundle import claim_bundle
from services.dispatcher.papers.content import (
    CalculationLine,
    ClaimForm,
    ClaimPapers,
    FlagLine,
    PayerLine,
    RosterLine,
    Step,
    TripSheet,
)
from services.dispatcher.store import claims
from services.dispatcher.store.tables import (
    ClaimFlagRow,
    ClaimLineRow,
    ClaimStepRow,
    RiderRow,
)
from services.dispatcher.usecases import paper_words
from services.dispatcher.usecases.bill_trip import SYSTEM
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.filed import Filed, read_claim
from shared.database import snapshot
from shared.directory import Contact
from shared.security import Principal, Seal, mask

PURPOSE = "claim-bundle"
_NAMES_LINE = (Severity.BLOCK_LINE, Severity.HOLD_LINE)
_RESIDENT_ID = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")


def make_bundle(desk: ClaimDesk, principal: Principal, claim_id: str) -> bytes:
    """The ZIP of a claim that the caller may see. Raises NoSuchClaim, NothingOnClaim, Unavailable."""
    with desk.database.session() as session:
        snapshot(session)
        claim = claims.get_claim(session, claim_id, principal)
        filed = read_claim(session, claim, claims.list_evidence(session, claim_id, content=True))
    contacts = desk.directory.lookup(filed.request_ids, PURPOSE, principal.subject)
    return claim_bundle(claim_papers(filed, contacts), _attachments(filed, desk.seal))


def claim_papers(filed: Filed, contacts: Mapping[str, Contact]) -> ClaimPapers:
    """The papers of what is stored; whom the registry no longer knows stands without name or ID."""
    sheets = tuple(_sheet(filed, line) for line in filed.lines)
    return ClaimPapers(
        form=_form(filed, sheets, contacts),
        trips=sheets,
        roster=tuple(roster(filed, contacts)),
        calculation=tuple(_calculation(filed)),
        payers=tuple(
            PayerLine(
                line.trip_id, paper_words.payer_word(part["payer"]), part["payable_fen"], part["held_fen"]
            )
            for line in filed.lines
            for part in line.parts
        ),
        flags=tuple(_flag(filed, row, contacts) for row in filed.flags),
        policy=filed.terms.row.body,
        books_head=f"{filed.head.position}:{filed.head.digest}" if filed.head else "",
        made_at=filed.last_moment,
    )


def roster(filed: Filed, contacts: Mapping[str, Contact]) -> Iterable[RosterLine]:
    """Everybody who is the claimant's to claim for, trip by trip, and whether the claim counts them."""
    standings = {seat.request_id: seat.standing for seat in filed.seats}
    for line in filed.lines:
        for number, rider in enumerate(filed.riders.get(line.trip_id, []), 1):
            standing = standings.get(rider.request_id)
            counted = standing == Standing.COUNTED
            contact = contacts.get(rider.request_id)
            employer = filed.employers.get(rider.enterprise_id, rider.enterprise_id)
            yield RosterLine(
                trip_id=line.trip_id,
                number=number,
                masked_name=(mask.name(contact.name) if contact else "") or "*",
                id_tail=contact.resident_id_tail if contact else "",
                employer=employer,
                category=paper_words.CATEGORIES.get(rider.category, rider.category),
                boarding=paper_words.BOARDINGS[rider.boarding],
                boarded_at=rider.boarded_at,
                arrival=paper_words.OUTCOMES[rider.outcome],
                arrived_at=rider.confirmed_at,
                arrival_by=employer if rider.outcome else "",
                counted=counted,
                why_not="" if counted else _why_not(filed, rider, standing),
            )


def hide_people(text: str, contacts: Mapping[str, Contact]) -> str:
    """What somebody wrote, with the names and phones of those concerned masked, and whatever looks like a resident ID."""
    for contact in contacts.values():
        if len(contact.name) > 1:
            text = text.replace(contact.name, mask.name(contact.name))
        text = text.replace(contact.phone, mask.phone(contact.phone))
    return _RESIDENT_ID.sub(lambda found: mask.resident_id(found[0]), text)


def _attachments(filed: Filed, seal: Seal) -> dict[str, bytes]:
    """The documents that were handed in, under a name that tells no more than what they are."""
    found = {}
    for number, row in enumerate(filed.evidence, 1):
        # Of the name nothing but the type: people call a scan by who is on it.
        suffix = PurePath(seal.open(row.name, f"evidence/{row.evidence_id}/name")).suffix
        suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
        content = seal.open_bytes(row.content, f"evidence/{row.evidence_id}/content")
        found[f"{number:02d}-{DOCUMENTS[row.kind][0]}{suffix}"] = content
    return found


def _form(filed: Filed, sheets: Iterable[TripSheet], contacts: Mapping[str, Contact]) -> ClaimForm:
    claim, days = filed.claim, [trip.day for trip in filed.trips.values()]
    parts = [part for line in filed.lines for part in line.parts]
    return ClaimForm(
        claim_id=claim.claim_id,
        state=STATES[claim.state][0],
        season=claim.season,
        claimant_name=claim.claimant_name,
        claimant_code=claim.claimant_id,
        policy_key=claim.policy,
        policy_name=filed.terms.policy.name,
        policy_source=filed.terms.policy.source,
        policy_digest=filed.terms.digest,
        first_day=min(days),
        last_day=max(days),
        account_tail=claim.bank_account_tail,
        charter_fen=sum(sheet.price_fen or 0 for sheet in sheets),
        claimed_fen=claim.claimed_fen,
        computed_fen=sum(part["payable_fen"] for part in parts),
        held_fen=sum(part["held_fen"] for part in parts),
        approved_fen=claim.payable_fen if claim.state in HOLDING else None,
        paid_fen=claim.paid_fen if claim.payment_no else None,
        recovered_fen=claim.recovered_fen or None,
        steps=tuple(_step(row, contacts) for row in filed.steps),
    )


def _step(row: ClaimStepRow, contacts: Mapping[str, Contact]) -> Step:
    by = "系统" if row.actor == SYSTEM else row.actor
    # A receipt's number is no person's, whatever it looks like.
    note = row.note if row.act in (Act.PAY, Act.RECOVER) else hide_people(row.note, contacts)
    return Step(f"{STATES[row.state][0]}（{ACTS[row.act][0]}）", row.at, by, note)


def _sheet(filed: Filed, line: ClaimLineRow) -> TripSheet:
    trip, stops = filed.trips[line.trip_id], filed.stops[line.trip_id]
    contract = filed.contracts.get(line.trip_id)
    ends = dict.fromkeys(map(paper_words.place_word, (trip.prefecture_code, trip.destination_county_code)))
    seats = (contract.seats_approved if contract else None) or trip.seats_approved
    return TripSheet(
        trip_id=trip.trip_id,
        day=trip.day,
        origin=f"{paper_words.place_word(trip.county_code)}{stops[0].name}",
        destination=f"{''.join(ends)}{stops[-1].name}",
        carrier=trip.carrier_name,
        plate=contract.plate if contract else "",
        coach=f"{seats}座",
        distance_m=trip.distance_m,
        contract_no=contract.contract_no if contract else "",
        price_fen=contract.price_fen if contract else None,
        signed_on=contract.signed_on if contract else None,
        filed_at=contract.filed_at if contract else None,
        invoice_no=line.invoice_no or "",
        invoice_fen=line.invoice_fen,
    )


def _calculation(filed: Filed) -> Iterable[CalculationLine]:
    """Each trip's workings, and how the claim sums up."""
    for line in filed.lines:
        contract = filed.contracts.get(line.trip_id)
        for number, step in enumerate((Working(**kept) for kept in line.workings), 1):
            yield CalculationLine(
                trip_id=line.trip_id,
                number=number,
                what=paper_words.working_word(step, contract.price_fen if contract else None),
                formula=paper_words.formula_word(step.formula),
                result_fen=step.result_fen,
                rule=paper_words.rule_word(step.rule),
            )
    parts = [part for line in filed.lines for part in line.parts]
    sums = [("应付合计", "payable_fen"), ("暂缓合计", "held_fen"), ("不予支付合计", "refused_fen")]
    whole = [(what, f"{len(filed.lines)} 个车次相加", sum(part[key] for part in parts)) for what, key in sums]
    blocking = sorted({f.code for f in filed.flags if f.severity == Severity.BLOCK and f.cleared_by is None})
    if blocking:
        whole.append(("核查意见未消除，整份不付", "、".join(blocking), 0))
    for number, (what, formula, fen) in enumerate(whole, 1):
        yield CalculationLine(None, number, what, formula, fen, filed.terms.policy.key)


def _flag(filed: Filed, row: ClaimFlagRow, contacts: Mapping[str, Contact]) -> FlagLine:
    return FlagLine(
        code=row.code,
        severity=SEVERITIES[row.severity][0],
        # A trip may have been taken out of the claim since the checks ran.
        trip_id=row.trip_id if row.trip_id in filed.trips else None,
        message=row.zh,
        cleared_by=row.cleared_by or "",
        cleared_why=hide_people(row.cleared_why or "", contacts),
    )


def _why_not(filed: Filed, rider: RiderRow, standing: str | None) -> str:
    if standing is None:
        if answer(rider.boarding, rider.outcome) is Answer.ARRIVED:
            return "未列入本次申报"
        return paper_words.OUTCOMES[rider.outcome] if rider.outcome else paper_words.BOARDINGS[rider.boarding]
    named = {
        row.code
        for row in filed.flags
        if row.cleared_by is None
        and (
            (row.severity in _NAMES_LINE and rider.request_id in row.request_ids)
            or (row.severity == Severity.BLOCK_VEHICLE and row.trip_id == rider.trip_id)
        )
    }
    return paper_words.STANDINGS[standing] + (f"（{'、'.join(sorted(named))}）" if named else "")
