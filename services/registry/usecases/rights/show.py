"""Shows cases as far as their readers may see them: masked, until somebody says what for and is written down."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlmodel import Session, col, select

from services.registry.domain.rights.case import State, list_acts, list_outcomes
from services.registry.domain.rights.clocks import ClockKind
from services.registry.store.access import log_access
from services.registry.store.enterprises import list_enterprises
from services.registry.store.rights import (
    count_overdue,
    get_case,
    list_cases,
    list_clocks,
    list_documents,
    list_steps,
)
from services.registry.store.tables import (
    CaseClockRow,
    CaseDocumentRow,
    CaseRow,
    CaseStepRow,
    PersonRow,
)
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import Contact
from services.registry.usecases.rights.clocks import rules_of
from services.registry.usecases.rights.known_as import contacts_of_cases
from services.registry.usecases.rights.steps import facts_context, note_context
from services.registry.usecases.rights.views import (
    CaseLine,
    CaseView,
    ClockView,
    Found,
    Full,
    OpeningReason,
    StepView,
)
from services.registry.usecases.rights.whose import contacts, find_people, latest_requests
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Principal, Role, mask

ERASED = "—"


def show_cases(
    session: Session,
    parts: Parts,
    principal: Principal,
    *,
    only_open: bool,
    state: State | None,
    page: int,
    size: int,
) -> tuple[list[CaseLine], int, int]:
    """A page (from 1) of the caller's cases, how many there are, and how many of all are overdue."""
    rows, total = list_cases(
        session, principal, only_open=only_open, state=state, offset=(page - 1) * size, limit=size
    )
    today = local_date(parts.clock.now())
    people = contacts_of_cases(session, parts.vault, principal, rows)
    names = _enterprise_names(session, (case for case, _ in rows))
    lines = [_line(case, people[case.id], names, today) for case, _ in rows]
    return lines, total, count_overdue(session, principal, today)


def show_case(session: Session, parts: Parts, principal: Principal, case_id: str) -> CaseView:
    """A case, masked. Raises CaseUnknown."""
    case, person = get_case(session, principal, case_id)
    return _view(session, parts, principal, case, person)


def open_in_full(
    session: Session, parts: Parts, principal: Principal, case_id: str, reason: OpeningReason, cause: Cause
) -> CaseView:
    """A case with all that is said in it and who it is, which is written into the access log. Raises CaseUnknown."""
    case, person = get_case(session, principal, case_id, shared=True)
    log_access(
        session,
        subject=principal.subject,
        purpose=f"rights/{reason}",
        request_ids=[],
        person_ids=[case.person_id],
        principal=principal,
        fields=["name", "resident_id", "phone", "case"],
        place_code=case.place_code,
        correlation_id=cause.correlation_id,
        at=parts.clock.now(),
    )
    return _view(session, parts, principal, case, person, in_full=True)


def show_found(
    session: Session, parts: Parts, principal: Principal, *, resident_id: str, phone: str
) -> list[Found]:
    """Whose resident ID, or else phone, this is, in the caller's area."""
    found = find_people(session, parts.vault, principal, resident_id=resident_id, phone=phone)
    ids = [one.person_id for one in found]
    people = {row.id: row for row in session.exec(select(PersonRow).where(col(PersonRow.id).in_(ids)))}
    known = contacts(session, parts.vault, people, principal)
    requests = latest_requests(session, ids, principal)
    names = {
        one.id: one.name
        for one, _ in list_enterprises(session, sorted({row.enterprise_id for row in requests.values()}))
    }
    return [
        Found(
            person_id=one.person_id,
            name=mask.name(known[one.person_id].name) or ERASED,
            phone=mask.phone(known[one.person_id].phone) or ERASED,
            place_code=one.place_code,
            request_id=requests[one.person_id].id if one.person_id in requests else None,
            enterprise_name=names.get(requests[one.person_id].enterprise_id, "")
            if one.person_id in requests
            else "",
        )
        for one in found
    ]


def _view(
    session: Session,
    parts: Parts,
    principal: Principal,
    case: CaseRow,
    person: PersonRow,
    *,
    in_full: bool = False,
) -> CaseView:
    today = local_date(parts.clock.now())
    contact = contacts_of_cases(session, parts.vault, principal, [(case, person)])[case.id]
    key = person.wrapped_key if in_full else None
    documents = list_documents(session, case.id)
    return CaseView(
        line=_line(case, contact, _enterprise_names(session, [case]), today),
        phone=mask.phone(contact.phone) or ERASED,
        steps=[_step(parts, row, key) for row in list_steps(session, case.id)],
        clocks=[_clock(row, today) for row in list_clocks(session, case.id)],
        documents=documents,
        acts=list_acts(case.state),
        outcomes=list_outcomes(case.state),
        may_act=principal.has(Role.BUREAU) or case.is_accepted,
        full=_full(parts, case, person, contact, documents, key) if key is not None else None,
        **{name: getattr(case, name) for name in _SAME},
    )


_SAME = (
    "channel",
    "known_on",
    "is_employed",
    "employed_until",
    "enterprise_id",
    "request_id",
    "trip_id",
    "claimed_fen",
    "outcome_fen",
    "decided_on",
    "erasure_asked_at",
)


def _full(
    parts: Parts,
    case: CaseRow,
    person: PersonRow,
    contact: Contact,
    documents: Iterable[CaseDocumentRow],
    key: bytes,
) -> Full:
    seal = parts.vault.seal_of(key)
    return Full(
        name=contact.name,
        resident_id=seal.open(person.resident_id_sealed, f"person/{person.id}/resident_id"),
        phone=contact.phone,
        facts=seal.open(case.facts_sealed, facts_context(case.id)),
        file_names={row.id: seal.open(row.name_sealed, f"case-document/{row.id}/name") for row in documents},
    )


def _line(case: CaseRow, contact: Contact, names: Mapping[str, str], today: date) -> CaseLine:
    return CaseLine(
        case_id=case.id,
        case_type=case.case_type,
        state=case.state,
        name=mask.name(contact.name) or ERASED,
        place_code=case.place_code,
        enterprise_name=names.get(case.enterprise_id or "", ""),
        handler_area=case.handler_area,
        is_accepted=case.is_accepted,
        opened_at=case.opened_at,
        due_on=case.due_on,
        days_left=(case.due_on - today).days if case.due_on else None,
        outcome=case.outcome,
    )


def _clock(row: CaseClockRow, today: date) -> ClockView:
    rule = rules_of(row).clocks[ClockKind(row.kind)]
    is_suspended = bool(row.pauses) and row.pauses[-1].endswith("/")
    runs = row.ended_on is None and row.due_on is not None
    return ClockView(
        kind=ClockKind(row.kind),
        begins_on=row.begins_on,
        due_on=row.due_on,
        is_provisional=row.is_provisional,
        is_suspended=is_suspended,
        ended_on=row.ended_on,
        days_left=(row.due_on - today).days if runs and row.due_on else None,
        extendable_days=(rule.extension_max or 0) - row.extension,
        mark=rule.mark,
        source=rule.source,
    )


def _step(parts: Parts, row: CaseStepRow, key: bytes | None) -> StepView:
    note = None
    if key is not None and row.note_sealed is not None:
        note = parts.vault.open(key, row.note_sealed, note_context(row.case_id, row.number))
    same = row.model_dump(exclude={"case_id", "note_sealed"})
    return StepView(has_note=row.note_sealed is not None, note=note, **same)


def _enterprise_names(session: Session, cases: Iterable[CaseRow]) -> dict[str, str]:
    ids = sorted({case.enterprise_id for case in cases if case.enterprise_id})
    return {one.id: one.name for one, _ in list_enterprises(session, ids)} if ids else {}
