"""Finds what bears on paying for a request: its person's other requests, who shares their phone, where it came from.

For our own services alone, whom no area binds: a worker paid for twice is paid for in two counties.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from services.registry.store.tables import PersonRow, RequestRow, RosterRow
from shared.directory import OtherRequest

_OTHERS = text("""
    SELECT r.id, o.id, o.season, o.county_code, o.earliest, o.latest, o.status
    FROM travel_request r JOIN person p ON p.id = r.person_id JOIN person own ON own.file_id = p.file_id
    JOIN travel_request o ON o.person_id = own.id AND o.id <> r.id
    WHERE r.id = ANY(:ids) AND (o.status <> 'withdrawn' OR EXISTS (
        SELECT FROM request_fact f WHERE f.request_id = o.id AND f.kind = 'seat'))
    ORDER BY o.id
""")
_SHARED_PHONES = text("""
    SELECT r.id, count(DISTINCT p.file_id)
    FROM travel_request r
    JOIN travel_request o ON o.season = r.season AND o.phone_fingerprint = r.phone_fingerprint
        AND (o.status <> 'withdrawn' OR o.id = r.id)
    JOIN person p ON p.id = o.person_id
    WHERE r.id = ANY(:ids) GROUP BY r.id
""")


_LISTED_TO = text("""
    SELECT r.id, max(l.known_to) FROM travel_request r
    JOIN outside_list l ON l.known_to IS NOT NULL AND starts_with(r.county_code, l.area_code)
    WHERE r.id = ANY(:ids) GROUP BY r.id
""")


def list_with_people(session: Session, request_ids: Sequence[str]) -> list[tuple[RequestRow, PersonRow]]:
    """The requests of these ids, those of erased people too."""
    return list(
        session.exec(
            select(RequestRow, PersonRow)
            .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
            .where(col(RequestRow.id).in_(request_ids))
        ).all()
    )


def others_of(session: Session, request_ids: Sequence[str]) -> dict[str, list[OtherRequest]]:
    """By request id, the same person's others by whichever of their IDs, oldest first: those not withdrawn, or withdrawn after they had a seat."""
    found: dict[str, list[OtherRequest]] = defaultdict(list)
    for request_id, *other in session.connection().execute(_OTHERS, {"ids": list(request_ids)}):
        found[request_id].append(OtherRequest(*other))
    return found


def count_phone_sharers(session: Session, request_ids: Sequence[str]) -> dict[str, int]:
    """By request id, how many people of its season have its phone; an erased person's is not counted."""
    counted = session.connection().execute(_SHARED_PHONES, {"ids": list(request_ids)})
    return {request_id: int(count) for request_id, count in counted}


def find_listed_to(session: Session, request_ids: Sequence[str]) -> dict[str, str]:
    """By request id, the latest month of which an employment list for its county tells; without those that have none."""
    listed = session.connection().execute(_LISTED_TO, {"ids": list(request_ids)})
    return {request_id: str(month) for request_id, month in listed}


def list_sources(session: Session, request_ids: Sequence[str]) -> list[tuple[RequestRow, RosterRow | None]]:
    """These requests, each with the roster that it came in; None where it came by the API."""
    found = session.exec(
        select(RequestRow, RosterRow)
        .join(RosterRow, col(RosterRow.id) == RequestRow.roster_id, isouter=True)
        .where(col(RequestRow.id).in_(request_ids))
    ).all()
    return [(request, roster) for request, roster in found]
