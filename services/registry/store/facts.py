"""Keeps the newest of what other services told about each request; refuses to say what it adds up to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb
from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from services.registry.domain.status import RELEASED, Fact, FactKind, Standing, Status
from services.registry.store.tables import FactRow, RequestRow


@dataclass(frozen=True, slots=True)
class Told:
    """A fact about one request as an event tells it; of two with the same kind and subject the higher version counts."""

    request_id: str
    fact: Fact
    version: int
    detail: Mapping[str, str] = field(default_factory=dict)


_KEEP = text("""
    INSERT INTO request_fact (request_id, kind, about, value, "order", version, detail, at)
    SELECT request_id, kind, about, value, "order", version, detail, :at
    FROM unnest(CAST(:request_id AS text[]), CAST(:kind AS text[]), CAST(:about AS text[]), CAST(:value AS text[]),
                CAST(:order AS text[]), CAST(:version AS int[]), CAST(:detail AS jsonb[]))
         AS told (request_id, kind, about, value, "order", version, detail)
    ON CONFLICT (request_id, kind, about) DO UPDATE SET value = excluded.value, version = excluded.version,
        detail = excluded.detail, at = excluded.at,
        "order" = CASE excluded."order" WHEN '' THEN request_fact."order" ELSE excluded."order" END
    WHERE request_fact.version < excluded.version
    RETURNING request_id
""")


def hold_requests(session: Session, request_ids: Sequence[str]) -> set[str]:
    """Those of the ids that exist, held to the end, so that two facts about one request take turns."""
    held = session.exec(
        select(RequestRow.id)
        .where(col(RequestRow.id).in_(request_ids))
        .order_by(RequestRow.id)
        .with_for_update()
    )
    return set(held)


def keep_facts(session: Session, told: Sequence[Told], at: datetime) -> list[str]:
    """Write what is newer than what is known; the request's id for each that was."""
    newest: dict[tuple[str, FactKind, str], Told] = {}
    for one in told:
        key = (one.request_id, one.fact.kind, one.fact.about)
        if key not in newest or newest[key].version < one.version:
            newest[key] = one
    columns = {
        "request_id": [one.request_id for one in newest.values()],
        "kind": [one.fact.kind for one in newest.values()],
        "about": [one.fact.about for one in newest.values()],
        "value": [one.fact.value for one in newest.values()],
        "order": [one.fact.order for one in newest.values()],
        "version": [one.version for one in newest.values()],
        "detail": [Jsonb(dict(one.detail)) for one in newest.values()],
    }
    return list(session.connection().execute(_KEEP, columns | {"at": at}).scalars())


def seat_version(session: Session, trip_id: str) -> int:
    """The version of the trip as far as it is known here; 0 where it is not."""
    known = session.exec(
        select(func.max(FactRow.version)).where(FactRow.kind == FactKind.SEAT, FactRow.about == trip_id)
    ).one()
    return known or 0


def riders_of(session: Session, trip_id: str) -> set[str]:
    """Everybody who has or had a seat on the trip."""
    return set(
        session.exec(
            select(FactRow.request_id).where(FactRow.kind == FactKind.SEAT, FactRow.about == trip_id)
        )
    )


def release_seats(
    session: Session, trip_id: str, request_ids: Sequence[str], version: int, at: datetime
) -> None:
    """Nobody of `request_ids` has a seat on the trip any more, as of its `version`."""
    released = [Told(one, Fact(FactKind.SEAT, trip_id, RELEASED), version) for one in request_ids]
    if released:
        keep_facts(session, released, at)


def facts_of(session: Session, request_ids: Sequence[str]) -> dict[str, list[Fact]]:
    """All facts by request; a request without any has an empty list."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in session.exec(select(FactRow).where(col(FactRow.request_id).in_(request_ids))):
        found[row.request_id].append(Fact(FactKind(row.kind), row.about, row.value, row.order))
    return {request_id: found[request_id] for request_id in request_ids}


def list_history(session: Session, request_id: str) -> list[FactRow]:
    """What was told about a request, oldest first."""
    return list(
        session.exec(
            select(FactRow)
            .where(FactRow.request_id == request_id)
            .order_by(col(FactRow.at), col(FactRow.kind))
        )
    )


def stand(session: Session, standings: Mapping[str, Standing], at: datetime) -> None:
    """Set status and trip of requests that are not withdrawn."""
    for request_id, standing in standings.items():
        session.connection().execute(
            update(RequestRow)
            .where(
                col(RequestRow.id) == request_id,
                col(RequestRow.status) != Status.WITHDRAWN,
                (col(RequestRow.status) != standing.status)
                | col(RequestRow.trip_id).is_distinct_from(standing.trip_id),
            )
            .values(status=standing.status, trip_id=standing.trip_id, changed_at=at)
        )
