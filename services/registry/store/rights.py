"""Writes and finds workers' cases; every question asked for a caller is narrowed in the SQL to what is theirs.

A case is seen by the labour office of its place, and by the rights office that it was handed to. For everybody else
there is none, and nothing outside this module reads these tables.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, false, func, literal, or_, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.domain.rights.case import OVER, State
from services.registry.store.tables import (
    CaseClockRow,
    CaseDocumentRow,
    CasePastRow,
    CaseRow,
    CaseStepRow,
    PersonRow,
    RightsLinkRow,
)
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.reference import COUNTY_DIGITS
from shared.security import Principal, Role, within

_OVER = sorted(OVER)


class CaseUnknown(NotFound):
    """There is no case {case_id}, or it is not yours to see."""

    zh = "没有编号为 {case_id} 的案件，或您无权查看。"


class DocumentUnknown(NotFound):
    """There is no document {document_id}, or it is not yours to see."""

    zh = "没有编号为 {document_id} 的材料，或您无权查看。"


def hold_open_cases(session: Session, person_ids: Iterable[str]) -> list[CaseRow]:
    """The cases of these persons that are not over, held to the end. Whoever is told of one must be who may see it."""
    theirs = select(CaseRow).where(
        col(CaseRow.person_id).in_(list(person_ids)), col(CaseRow.state).not_in(_OVER)
    )
    return list(session.exec(locked(theirs.order_by(col(CaseRow.id)))))


def writable(text: str) -> str:
    """An id as PostgreSQL takes it: its text holds no NUL, and no id of ours does."""
    return text.replace("\0", "")


def visible(principal: Principal) -> ColumnElement[bool]:
    """The labour office's own place, the rights office's own division; nothing for any other role."""
    rules: list[ColumnElement[bool]] = [false()]
    if principal.has(Role.BUREAU):
        rules.append(within(CaseRow.place_code, principal))
    if principal.has(Role.RIGHTS):
        rules.append(within(CaseRow.handler_area, principal))
    return or_(*rules)


def narrowed(principal: Principal) -> dict[str, ColumnElement[bool]]:
    """By table: which of its rows are the caller's to see, of those that not everybody may see who may see the person."""
    return {
        str(CaseRow.__tablename__): visible(principal),
        str(RightsLinkRow.__tablename__): within(RightsLinkRow.place_code, principal),
    }


def insert_case(session: Session, case: CaseRow) -> bool:
    """Whether the case is new; one that the same opening opened before stays as it is."""
    made = session.connection().execute(
        insert(CaseRow)
        .values(case.model_dump())
        .on_conflict_do_nothing(index_elements=["opening"])
        .returning(col(CaseRow.id))
    )
    return made.first() is not None


def find_opened(session: Session, opening: str) -> CaseRow | None:
    """The case that this opening opened."""
    return session.exec(select(CaseRow).where(CaseRow.opening == opening)).first()


def get_case(
    session: Session, principal: Principal, case_id: str, *, lock: bool = False, shared: bool = False
) -> tuple[CaseRow, PersonRow]:
    """A case that is the caller's to see, and whose it is; to be written (`lock`), or to be opened beside others who only
    open it (`shared`): an erasure seals it anew, and waits, or is waited for. Raises CaseUnknown."""
    query = select(CaseRow).where(CaseRow.id == writable(case_id), visible(principal))
    if lock or shared:
        query = locked(query, shared=shared)
    case = session.exec(query).first()
    if case is None:
        raise CaseUnknown(case_id=case_id[:40])
    # Asked for when the case is held: an erasure that was faster has given the case a person of its own.
    return case, session.exec(select(PersonRow).where(PersonRow.id == case.person_id)).one()


def list_cases(
    session: Session, principal: Principal, *, only_open: bool, state: State | None, offset: int, limit: int
) -> tuple[list[tuple[CaseRow, PersonRow]], int]:
    """A page of the caller's cases, the most urgent first, and how many there are in all."""
    conditions = [visible(principal)]
    if only_open:
        conditions.append(col(CaseRow.state).not_in(_OVER))
    if state is not None:
        conditions.append(col(CaseRow.state) == state)
    total = session.exec(select(func.count()).select_from(CaseRow).where(*conditions)).one()
    page = session.exec(
        select(CaseRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == CaseRow.person_id)
        .where(*conditions)
        .order_by(col(CaseRow.due_on).asc().nulls_last(), col(CaseRow.opened_at), col(CaseRow.id))
        .offset(offset)
        .limit(limit)
    )
    return list(page), total


def count_overdue(session: Session, principal: Principal, today: date) -> int:
    """How many of the caller's open cases have let a day go by."""
    query = select(func.count()).select_from(CaseRow)
    query = query.where(visible(principal), col(CaseRow.state).not_in(_OVER), col(CaseRow.due_on) < today)
    return session.exec(query).one()


def count_open_at(session: Session, principal: Principal, place_codes: Sequence[str]) -> dict[str, int]:
    """Open cases by place, of those that are the caller's to see: nothing for who may see none."""
    query = (
        select(CaseRow.place_code, func.count())
        .where(visible(principal), col(CaseRow.place_code).in_(place_codes), col(CaseRow.state).not_in(_OVER))
        .group_by(col(CaseRow.place_code))
    )
    return dict(session.exec(query).all())


def count_by_month(session: Session, principal: Principal) -> list[tuple[str, str, str, int]]:
    """County, month (`2020-03`), type, number of cases opened, also of those that are no more; within the caller's area, whatever their role."""
    at: ColumnElement[datetime] = func.timezone("Asia/Shanghai", col(CaseRow.opened_at)).label("at")
    one: ColumnElement[int] = literal(1).label("cases")
    kept = select(col(CaseRow.place_code), at, col(CaseRow.case_type), one)
    past = select(
        col(CasePastRow.place_code),
        col(CasePastRow.month),
        col(CasePastRow.case_type),
        col(CasePastRow.cases),
    )
    told = union_all(
        kept.where(within(CaseRow.place_code, principal)),
        past.where(within(CasePastRow.place_code, principal)),
    ).subquery()
    county, month = func.left(told.c.place_code, COUNTY_DIGITS), func.to_char(told.c.at, "YYYY-MM")
    case_type: ColumnElement[str] = told.c.case_type
    query = (
        select(county, month, case_type, func.sum(told.c.cases))
        .group_by(county, month, case_type)
        .order_by(county, month.desc(), case_type)
    )
    return [(str(c), str(m), str(kind), int(count)) for c, m, kind, count in session.exec(query)]


def list_steps(session: Session, case_id: str) -> list[CaseStepRow]:
    """What was done, from the first on."""
    query = select(CaseStepRow).where(CaseStepRow.case_id == case_id)
    return list(session.exec(query.order_by(col(CaseStepRow.number))))


def list_clocks(session: Session, case_id: str) -> list[CaseClockRow]:
    """The clocks, from the first on."""
    query = select(CaseClockRow).where(CaseClockRow.case_id == case_id)
    return list(session.exec(query.order_by(col(CaseClockRow.number))))


def list_documents(session: Session, case_id: str) -> list[CaseDocumentRow]:
    """The documents, from the first on."""
    query = select(CaseDocumentRow).where(CaseDocumentRow.case_id == case_id)
    return list(session.exec(query.order_by(col(CaseDocumentRow.added_at), col(CaseDocumentRow.id))))


def get_document(
    session: Session, principal: Principal, case_id: str, document_id: str
) -> tuple[CaseDocumentRow, CaseRow, PersonRow]:
    """A document of a case that is the caller's to see, to be opened. Raises CaseUnknown, DocumentUnknown."""
    case, person = get_case(session, principal, case_id, shared=True)
    found = session.exec(
        select(CaseDocumentRow).where(
            CaseDocumentRow.id == writable(document_id), CaseDocumentRow.case_id == case.id
        )
    ).first()
    if found is None:
        raise DocumentUnknown(document_id=document_id[:40])
    return found, case, person


def part_case(session: Session, case: CaseRow, person_id: str, day: datetime) -> None:
    """The case is of this person from now on, who has nothing but it, and nothing of it leads to whose it was: on a journey
    there may have been nobody else who was erased. What is complained of it stands in the facts."""
    case.person_id, case.request_id, case.trip_id, case.erasure_asked_at = person_id, None, None, day
    session.add(case)
    link = update(RightsLinkRow).where(col(RightsLinkRow.jti) == case.opening.removeprefix("link/"))
    session.connection().execute(link.values(person_id=person_id, request_id=None))


def kept_apart(before: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a person whom an erasure left with one case, which is over, or in which nothing was done since then."""
    worked_on = select(literal(1)).where(CaseStepRow.case_id == CaseRow.id, CaseStepRow.at >= before)
    ended = select(CaseRow.person_id).where(
        col(CaseRow.erasure_asked_at).is_not(None), or_(col(CaseRow.state).in_(_OVER), ~exists(worked_on))
    )
    return [col(PersonRow.wrapped_key).is_not(None), col(PersonRow.id).in_(ended)]


def claim_link(session: Session, jti: str, device: str, at: datetime) -> RightsLinkRow | None:
    """The link with the device that it belongs to: this one, if it is the first; None for a link nobody made."""
    row = session.exec(locked(select(RightsLinkRow).where(RightsLinkRow.jti == jti))).first()
    if row is not None and row.device is None:
        row.device, row.opened_at = device, at
        session.add(row)
    return row


def find_link(session: Session, jti: str) -> tuple[RightsLinkRow, PersonRow] | None:
    """A link and whose it is."""
    found = session.exec(
        select(RightsLinkRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == RightsLinkRow.person_id)
        .where(RightsLinkRow.jti == jti)
    ).first()
    return None if found is None else (found[0], found[1])
