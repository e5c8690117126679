"""Writes down what was done in a case, by whom, with a note that only the worker's key opens."""

from datetime import date, datetime

from sqlmodel import Session

from services.registry.domain.rights.case import Act, Note
from services.registry.store.rights import list_steps
from services.registry.store.tables import CaseRow, CaseStepRow, PersonRow
from services.registry.usecases.errors import PersonErased
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.errors import ReasonNeeded

NOTE_MAX = 2000


def write_step(
    session: Session,
    parts: Parts,
    case: CaseRow,
    person: PersonRow,
    act: Act | Note,
    *,
    from_state: str,
    day: date,
    by: str,
    note: str = "",
) -> None:
    """One more step. The caller holds the case's row. Raises PersonErased, ReasonNeeded for a note that is too long."""
    if len(note) > NOTE_MAX:
        raise ReasonNeeded(field="note", most=NOTE_MAX)
    row = add_step(session, case, act, from_state=from_state, day=day, by=by, at=parts.clock.now())
    said = note.strip()
    if said:
        row.note_sealed = parts.vault.seal(key_of(person), said, note_context(case.id, row.number))
    session.flush()


def add_step(
    session: Session, case: CaseRow, act: Act | Note, *, from_state: str, day: date, by: str, at: datetime
) -> CaseStepRow:
    """The same without a word, for which nobody's key is needed."""
    row = CaseStepRow(
        case_id=case.id,
        number=len(list_steps(session, case.id)) + 1,
        act=act,
        from_state=from_state,
        to_state=case.state,
        day=day,
        by=by,
        at=at,
    )
    session.add(row)
    return row


def require_reason(note: str) -> None:
    """Raises ReasonNeeded for nothing said."""
    if not note.strip():
        raise ReasonNeeded(field="note", most=NOTE_MAX)


def key_of(person: PersonRow) -> bytes:
    """The person's wrapped key. Raises PersonErased."""
    if person.wrapped_key is None:
        raise PersonErased()
    return person.wrapped_key


def note_context(case_id: str, number: int) -> str:
    """What a step's sealed note is bound to."""
    return f"case/{case_id}/step/{number}/note"


def facts_context(case_id: str) -> str:
    """What a case's sealed facts are bound to."""
    return f"case/{case_id}/facts"


def document_context(document_id: str, what: str) -> str:
    """What a document's sealed name, hash or content is bound to."""
    return f"case-document/{document_id}/{what}"
