"""Whose hands a case is in: it is handed over to a rights office, which accepts it or returns it."""

from datetime import date

from services.registry.domain.rights.case import OVER, Note, State
from services.registry.store.rights import get_case
from services.registry.store.tables import CaseRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.errors import (
    CaseOver,
    DivisionUnknown,
    NotAccepted,
    NotHandedOver,
)
from services.registry.usecases.rights.steps import require_reason, write_step
from shared.kernel.clock import local_date
from shared.reference import find_county, find_destination, list_prefectures
from shared.security import Principal, Role


def require_hand(principal: Principal, case: CaseRow) -> None:
    """Whether the caller may do something in a case that they see. Raises NotAccepted."""
    if not principal.has(Role.BUREAU) and not case.is_accepted:
        raise NotAccepted()


def division_name(code: str) -> str | None:
    """The name of a prefecture or county, at home or at a destination; None where there is none of that code."""
    county = find_county(code) if code.isascii() and code.isdigit() else None
    if county is not None:
        return county.name
    for prefecture in list_prefectures():
        if prefecture.code == code:
            return prefecture.name
    found = find_destination(code) if len(code) == 6 and code.isascii() and code.isdigit() else None
    return found.name if found else None


def hand_over(parts: Parts, principal: Principal, case_id: str, area: str, note: str) -> None:
    """Offer a case to the rights office of a division; whoever had it before has it no more.

    Raises CaseUnknown, CaseOver, DivisionUnknown.
    """
    with parts.database.session() as session:
        case, person = get_case(session, principal, case_id, lock=True)
        if case.state in OVER:
            raise CaseOver()
        if division_name(area) is None:
            raise DivisionUnknown(field="area", area=area[:12])
        before, day = case.state, _today(parts)
        case.handler_area, case.is_accepted = area, False
        if case.state == State.OPENED:
            case.state = State.ASSIGNED
        session.add(case)
        write_step(
            session,
            parts,
            case,
            person,
            Note.HAND_OVER,
            from_state=before,
            day=day,
            by=principal.subject,
            note=note,
        )


def accept(parts: Parts, principal: Principal, case_id: str) -> None:
    """Take a case that was handed over. Raises CaseUnknown, NotHandedOver."""
    with parts.database.session() as session:
        case, person = get_case(session, principal, case_id, lock=True)
        if case.is_accepted or case.state in OVER:
            raise NotHandedOver()
        case.is_accepted = True
        session.add(case)
        write_step(
            session,
            parts,
            case,
            person,
            Note.ACCEPT,
            from_state=case.state,
            day=_today(parts),
            by=principal.subject,
        )


def give_back(parts: Parts, principal: Principal, case_id: str, note: str) -> None:
    """Return a case to the labour office that handed it over, with a reason. Raises CaseUnknown, CaseOver, ReasonNeeded."""
    with parts.database.session() as session:
        case, person = get_case(session, principal, case_id, lock=True)
        if case.state in OVER:
            raise CaseOver()
        require_reason(note)
        case.handler_area, case.is_accepted = None, False
        session.add(case)
        write_step(
            session,
            parts,
            case,
            person,
            Note.RETURN,
            from_state=case.state,
            day=_today(parts),
            by=principal.subject,
            note=note,
        )


def _today(parts: Parts) -> date:
    return local_date(parts.clock.now())
