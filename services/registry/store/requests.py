"""Writes and finds travel requests; every question asked for a caller is narrowed to their area in the SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, not_, text, tuple_
from sqlmodel import Session, col, select

from services.registry.domain.status import Status
from services.registry.store.copying import copy_rows
from services.registry.store.tables import PersonRow, RequestRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class RequestUnknown(NotFound):
    """There is no request {request_id}, or it is not your county's. Check the number, or ask the county bureau that sent it."""

    zh = "没有编号为 {request_id} 的需求，或它不属于您的县。请核对编号，或联系报送它的县人社局。"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of requests is narrowed to; None does not narrow."""

    status: Status | None = None
    roster_id: str | None = None
    enterprise_id: str | None = None
    day: date | None = None
    """Those whose window holds this day."""
    stop_code: str | None = None
    rows: tuple[int, int] | None = None
    """First and last row of the roster."""


@dataclass(frozen=True, slots=True)
class ActiveRequest:
    """The request that keeps a person from another one in the same season."""

    request_id: str
    county_code: str


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request that is not stored yet: the columns of `RequestRow`, at a tenth of the price of making one."""

    id: str
    person_id: str
    name_sealed: bytes
    phone_sealed: bytes
    phone_fingerprint: str
    season: str
    party_id: str
    party_size: int
    county_code: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    earliest: date
    latest: date
    category: str
    organising_mode: str
    organiser_id: str | None
    roster_id: str | None
    row: int | None
    submitted_by: str
    submitted_at: datetime
    changed_at: datetime
    status: str = Status.SUBMITTED.value
    version: int = 1


_COLUMNS = tuple(one.name for one in fields(NewRequest))


def insert_requests(session: Session, rows: Iterable[NewRequest]) -> None:
    """All rows by one COPY. A second active request of a person raises psycopg's UniqueViolation."""
    copy_rows(session, "travel_request", _COLUMNS, rows)


def find_active(session: Session, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], ActiveRequest]:
    """(person id, season) -> the request that is under way for them by whichever of their IDs, in whatever county."""
    found = session.connection().execute(
        text("""
            SELECT wanted.person_id, wanted.season, r.id, r.county_code
            FROM unnest(CAST(:people AS text[]), CAST(:seasons AS text[])) AS wanted (person_id, season)
            JOIN person p ON p.id = wanted.person_id JOIN person own ON own.file_id = p.file_id
            JOIN travel_request r ON r.person_id = own.id AND r.season = wanted.season
            WHERE r.status <> 'withdrawn'
        """),
        {"people": [person for person, _ in wanted], "seasons": [season for _, season in wanted]},
    )
    return {(person, season): ActiveRequest(id_, county) for person, season, id_, county in found}


def _narrowed(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [within(RequestRow.county_code, principal)]
    if filters.status is not None:
        conditions.append(col(RequestRow.status) == filters.status)
    if filters.roster_id is not None:
        conditions.append(col(RequestRow.roster_id) == filters.roster_id)
    if filters.enterprise_id is not None:
        conditions.append(col(RequestRow.enterprise_id) == filters.enterprise_id)
    if filters.day is not None:
        conditions += [col(RequestRow.earliest) <= filters.day, col(RequestRow.latest) >= filters.day]
    if filters.stop_code is not None:
        conditions.append(col(RequestRow.stop_code) == filters.stop_code)
    if filters.rows is not None:
        conditions.append(col(RequestRow.row).between(*filters.rows))
    return conditions


def list_requests(
    session: Session, principal: Principal, filters: Filters, *, offset: int, limit: int
) -> tuple[list[tuple[RequestRow, PersonRow]], int]:
    """A page of the caller's requests, newest first, and how many there are in all."""
    conditions = _narrowed(principal, filters)
    total = session.exec(select(func.count()).select_from(RequestRow).where(*conditions)).one()
    page = session.exec(
        select(RequestRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
        .where(*conditions)
        .order_by(col(RequestRow.id).desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return list(page), total


def count_by_status(session: Session, principal: Principal, filters: Filters) -> dict[Status, int]:
    """How many of the caller's requests stand where."""
    counted = session.exec(
        select(RequestRow.status, func.count())
        .where(*_narrowed(principal, filters))
        .group_by(RequestRow.status)
    ).all()
    return {Status(status): count for status, count in counted}


def get_request(session: Session, principal: Principal, request_id: str) -> tuple[RequestRow, PersonRow]:
    """A request of the caller's area with its person; raises RequestUnknown."""
    found = session.exec(
        select(RequestRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
        .where(RequestRow.id == request_id, within(RequestRow.county_code, principal))
    ).first()
    if found is None:
        raise RequestUnknown(request_id=request_id[:40])
    return found


def lock_party(session: Session, principal: Principal, request_id: str) -> list[RequestRow]:
    """The request first, then the others of its party that are not withdrawn, held to the end of the transaction.

    Raises RequestUnknown.
    """
    request, _ = get_request(session, principal, request_id)
    members = session.exec(
        select(RequestRow)
        .where(RequestRow.party_id == request.party_id, within(RequestRow.county_code, principal))
        .order_by(col(RequestRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    own = [member for member in members if member.id == request_id]
    return own + [m for m in members if m.id != request_id and m.status != Status.WITHDRAWN]


def list_of_people(session: Session, request_ids: Sequence[str]) -> list[tuple[RequestRow, PersonRow]]:
    """The requests of these ids whose people are not erased, for a caller that no area binds: our own services."""
    return list(
        session.exec(
            select(RequestRow, PersonRow)
            .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
            .where(col(RequestRow.id).in_(request_ids), col(PersonRow.wrapped_key).is_not(None))
        ).all()
    )


def list_of_persons(
    session: Session, principal: Principal, person_ids: Sequence[str]
) -> tuple[list[RequestRow], int]:
    """These people's requests in the caller's area, oldest first, and how many they have elsewhere."""
    mine = within(RequestRow.county_code, principal)
    every = select(RequestRow).where(col(RequestRow.person_id).in_(person_ids))
    here = session.exec(every.where(mine).order_by(col(RequestRow.id))).all()
    elsewhere = session.exec(select(func.count()).select_from(every.where(not_(mine)).subquery())).one()
    return list(here), elsewhere


def requests_of(session: Session, person_ids: Sequence[str]) -> list[RequestRow]:
    """These people's requests in whatever county, oldest first, for what is done to the whole of a person."""
    theirs = select(RequestRow).where(col(RequestRow.person_id).in_(person_ids))
    return list(session.exec(theirs.order_by(col(RequestRow.id))))


def list_party(session: Session, principal: Principal, party_id: str) -> list[RequestRow]:
    """Everybody of one family group, by row."""
    return list(
        session.exec(
            select(RequestRow)
            .where(RequestRow.party_id == party_id, within(RequestRow.county_code, principal))
            .order_by(tuple_(RequestRow.row, RequestRow.id))
        ).all()
    )


def count_all_by_status(session: Session) -> Mapping[str, int]:
    """How many requests stand where in all counties, for the metrics."""
    return dict(session.exec(select(RequestRow.status, func.count()).group_by(RequestRow.status)).all())
