"""Takes the provincial system's answers, row by row; twice, late, in halves or out of order leaves the same states."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from services.registry.domain.exchange.faults import fault
from services.registry.domain.exchange.fields import Field, Result
from services.registry.domain.exchange.lines import Line, read_line
from services.registry.domain.exchange.mapping import Mapping as ColumnMapping
from services.registry.domain.exchange.receipts import Effect, RowState, answer
from services.registry.domain.fault import Fault
from services.registry.domain.row import Row
from services.registry.store.exchange.answers import (
    Answer,
    Held,
    Place,
    count_open,
    exports_of,
    find_receipts,
    hold_persons,
    hold_places,
    insert_receipts,
    write_answers,
)
from services.registry.store.exchange.sent import get_export
from services.registry.store.tables import ReceiptRow
from services.registry.usecases.exchange.area import area_for
from services.registry.usecases.exchange.errors import ExportNotReady, ReceiptForOtherMapping
from services.registry.usecases.exchange.files import read_mapped
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.security import Principal, Vault

log = logging.getLogger(__name__)
_TOKEN = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})-([0-9]{1,7})")


@dataclass(frozen=True)
class Received:
    """What became of a file: its row, whether these bytes are new, what was refused by line, and how many rows of the
    exports that it speaks of are still open."""

    row: ReceiptRow
    is_new: bool
    refused: Mapping[int, tuple[Fault, ...]]
    still_open: int


@dataclass
class _Outcome:
    answers: list[Answer] = field(default_factory=list)
    accepted: int = 0
    refused: int = 0
    unchanged: int = 0
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    exports: set[str] = field(default_factory=set)


def receive(
    parts: Parts,
    principal: Principal,
    content: bytes,
    *,
    file: str,
    mapping_id: str | None,
    export_id: str | None,
    area_code: str | None,
) -> Received:
    """Take a file of receipts. Rows are found by their number, or by resident ID in the export that is named.

    Raises the errors of `intake.errors` before anything is written, ExchangeAreaNotYours, ExchangeAreaNotNamed,
    MappingUnknown, ExportUnknown, ExportNotReady, ReceiptForOtherMapping.
    """
    area = area_for(principal, area_code)
    now = parts.clock.now()
    with parts.database.session() as session:
        mapping = _mapping(session, principal, mapping_id, export_id)
        rows = read_mapped(content, file, mapping.receipts)
        lines = [read_line(mapping.receipts, row, local_date(now)) for row in rows]
        row = ReceiptRow(
            id=new_id(),
            area_code=area,
            about=export_id or "",
            stamp=parts.vault.stamp(content),
            mapping_id=mapping.id,
            mapping_version=mapping.version,
            accepted=0,
            refused=0,
            unchanged=0,
            unmatched=0,
            received_by=principal.subject,
            received_at=now,
        )
        is_new = insert_receipts(session, row)
        outcome = _weigh(session, principal, parts.vault, export_id, rows, lines)
        if is_new:
            _write(session, row, outcome)
        else:
            row = _first(session, row)
        still_open = count_open(session, sorted(outcome.exports))
    log.info(
        "receipts taken",
        extra={"subject": principal.subject, "receipt_id": row.id, "is_new": is_new, "open": still_open},
    )
    return Received(row, is_new, outcome.faults, still_open)


def _mapping(
    session: Session, principal: Principal, mapping_id: str | None, export_id: str | None
) -> ColumnMapping:
    if export_id is None:
        return get_mapping(session, mapping_id)
    export = get_export(session, principal, export_id)
    if export.finished_at is None:
        raise ExportNotReady(export_id=export.id)
    if mapping_id not in (None, "", export.mapping_id):
        raise ReceiptForOtherMapping(export_id=export_id, needed=export.mapping_id)
    return get_mapping(session, export.mapping_id)


def _first(session: Session, row: ReceiptRow) -> ReceiptRow:
    first = find_receipts(session, row.area_code, row.about, row.stamp)
    if first is None:
        raise RuntimeError("a file of receipts that was in the way is gone")
    return first


def _write(session: Session, row: ReceiptRow, outcome: _Outcome) -> None:
    if outcome.answers:
        write_answers(session, outcome.answers, row.id, row.received_at)
    row.accepted, row.refused = outcome.accepted, outcome.refused
    row.unchanged, row.unmatched = outcome.unchanged, len(outcome.faults)
    session.merge(row)


def _weigh(
    session: Session,
    principal: Principal,
    vault: Vault,
    export_id: str | None,
    rows: Sequence[Row],
    lines: Sequence[Line | tuple[Fault, ...]],
) -> _Outcome:
    outcome = _Outcome()
    good: list[Line] = []
    for row, line in zip(rows, lines, strict=True):
        if isinstance(line, Line):
            good.append(line)
        else:
            outcome.faults[row.number] = line
    found = _find(session, principal, vault, export_id, good)
    answered: dict[Place, int] = {}
    for line in good:
        held = found[line.row]
        if isinstance(held, Fault):
            outcome.faults[line.row] = (held,)
        elif held.place in answered:
            twice = fault(Field.RESULT, "answered-twice", row=answered[held.place])
            outcome.faults[line.row] = (twice,)
        else:
            answered[held.place] = line.row
            outcome.exports.add(held.place[0])
            _take(vault, held, line, outcome)
    return outcome


def _take(vault: Vault, held: Held, line: Line, outcome: _Outcome) -> None:
    told = Result(line.facts[Field.RESULT])
    effect = answer(RowState(held.state), told)
    if effect is Effect.REVERSED:
        outcome.faults[line.row] = (fault(Field.RESULT, "answer-reversed"),)
    elif effect is Effect.UNCHANGED:
        outcome.unchanged += 1
    else:
        reason = line.facts.get(Field.REASON) if told is Result.REFUSED else None
        outcome.answers.append(Answer(held.place, told, _seal(vault, held, reason)))
        if told is Result.ACCEPTED:
            outcome.accepted += 1
        else:
            outcome.refused += 1


def _seal(vault: Vault, held: Held, reason: str | None) -> bytes | None:
    """Their words may name the person: they are kept under the person's key, or not at all."""
    if not reason or held.wrapped_key is None:
        return None
    return vault.seal(held.wrapped_key, reason, reason_context(held.place))


def read_token(text: str) -> Place | None:
    """The export and the row that a number names."""
    found = _TOKEN.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def reason_context(place: Place) -> str:
    """What the sealed reason of a refusal is bound to."""
    return f"exchange_row/{place[0]}/{place[1]}/reason"


def _find(
    session: Session, principal: Principal, vault: Vault, export_id: str | None, lines: Sequence[Line]
) -> dict[int, Held | Fault]:
    """By line: the row that it answers, or why there is none. A row of a neighbour's export is none."""
    places: dict[int, Place] = {}
    persons: dict[int, str] = {}
    found: dict[int, Held | Fault] = {}
    for line in lines:
        token = read_token(line.facts.get(Field.TOKEN, ""))
        if token:
            places[line.row] = token
        elif line.facts.get(Field.TOKEN):
            found[line.row] = fault(Field.TOKEN, "token-unknown")
        elif export_id is None or Field.RESIDENT_ID not in line.facts:
            found[line.row] = fault(Field.TOKEN, "token-absent")
        else:
            persons[line.row] = vault.fingerprint(line.facts[Field.RESIDENT_ID])
    mine = exports_of(session, principal, {export for export, _ in places.values()})
    held = hold_places(session, sorted({place for place in places.values() if place[0] in mine}))
    for number, place in places.items():
        found[number] = held.get(place) or fault(Field.TOKEN, "token-unknown")
    if persons and export_id is not None:
        by_person = hold_persons(session, export_id, sorted(set(persons.values())))
        for number, fingerprint in persons.items():
            found[number] = by_person.get(fingerprint) or fault(Field.RESIDENT_ID, "person-not-sent")
    return found
