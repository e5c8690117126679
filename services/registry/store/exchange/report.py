"""Counts what of a month is due, sent, answered and open, by county or place, and lists the rows of an export: SQL alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from services.registry.store.exchange.areas import bounds
from services.registry.store.exchange.people import FILES_DUE
from services.registry.store.tables import ExportRow
from shared.reference import COUNTY_DIGITS


@dataclass(frozen=True, slots=True)
class Standing:
    """How one county's or place's month stands with the other system, by the newest row of each person."""

    code: str
    due: int
    acknowledged: int
    refused: int
    waiting: int
    missing: int

    @property
    def exported(self) -> int:
        """Of how many a row was sent."""
        return self.acknowledged + self.refused + self.waiting + self.missing

    @property
    def unsent(self) -> int:
        """Of how many none was."""
        return self.due - self.exported

    @property
    def open(self) -> int:
        """How many are not with the other system."""
        return self.due - self.acknowledged


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of an export as it stands now, still sealed; without a key where its person is erased."""

    row: int
    person_id: str
    place_code: str
    change: str
    state: str
    reason_sealed: bytes | None
    wrapped_key: bytes | None
    answered_at: datetime | None


_REPORT = text(f"""
    WITH due AS (
        SELECT f.person_id, f.place_code {FILES_DUE}
    ), newest AS (
        SELECT DISTINCT ON (r.person_id) r.person_id, r.state, e.finished_at
        FROM exchange_row r JOIN exchange_export e ON e.id = r.export_id
        WHERE r.mapping_id = :mapping AND r.month = :month AND r.place_code >= :low AND r.place_code < :high
          AND r.change = 'report' AND e.finished_at IS NOT NULL
        ORDER BY r.person_id, e.finished_at DESC, e.id DESC
    )
    SELECT CASE WHEN :by_county THEN left(d.place_code, {COUNTY_DIGITS}) ELSE d.place_code END AS code,
           count(*) AS due,
           count(*) FILTER (WHERE n.state = 'accepted') AS acknowledged,
           count(*) FILTER (WHERE n.state = 'refused') AS refused,
           count(*) FILTER (WHERE n.state = 'sent' AND n.finished_at > :missing_before) AS waiting,
           count(*) FILTER (WHERE n.state = 'sent' AND n.finished_at <= :missing_before) AS missing
    FROM due d LEFT JOIN newest n ON n.person_id = d.person_id
    GROUP BY 1 ORDER BY 1
""")  # noqa: S608 - our own pieces
_SEEN = """
    SELECT r.row, r.person_id, r.place_code, r.change, r.reason_sealed, p.wrapped_key, r.answered_at,
           CASE WHEN r.state <> 'sent' THEN r.state
                WHEN EXISTS (
                    SELECT FROM exchange_row l JOIN exchange_export x ON x.id = l.export_id
                    WHERE l.person_id = r.person_id AND l.mapping_id = r.mapping_id AND l.month = r.month
                      AND (x.finished_at, x.id) > (e.finished_at, e.id)) THEN 'superseded'
                WHEN CAST(:is_missing AS boolean) THEN 'missing' ELSE 'sent' END AS state
    FROM exchange_row r JOIN exchange_export e ON e.id = r.export_id LEFT JOIN person p ON p.id = r.person_id
    WHERE r.export_id = :export
"""
_PAGE = text(f"""
    SELECT * FROM ({_SEEN}) AS seen WHERE CAST(:state AS text) IS NULL OR state = :state
    ORDER BY row OFFSET :offset LIMIT :limit
""")  # noqa: S608
_COUNTS = text(f"SELECT state, count(*) AS rows FROM ({_SEEN}) AS seen GROUP BY state")  # noqa: S608


def count_month(
    session: Session,
    area: str,
    mapping_id: str,
    month: date,
    *,
    until: datetime,
    missing_before: datetime,
) -> list[Standing]:
    """By county for a prefecture or the province, by place for a county or less; those with nobody due are left out."""
    low, high = bounds(area)
    asked = {
        "low": low,
        "high": high,
        "mapping": mapping_id,
        "month": month,
        "until": until,
        "missing_before": missing_before,
        "by_county": len(area) < COUNTY_DIGITS,
    }
    return [Standing(**row) for row in session.connection().execute(_REPORT, asked).mappings()]


def count_seen(session: Session, export: ExportRow, now: datetime, answer_days: int) -> dict[str, int]:
    """How many rows of an export stand how today."""
    asked = {"export": export.id, "is_missing": is_missing(export, now, answer_days)}
    return {one.state: one.rows for one in session.connection().execute(_COUNTS, asked)}


def list_seen(
    session: Session,
    export: ExportRow,
    now: datetime,
    answer_days: int,
    *,
    state: str | None,
    offset: int,
    limit: int,
) -> list[SeenRow]:
    """A page of the rows of an export, all or those that stand so."""
    asked = {
        "export": export.id,
        "is_missing": is_missing(export, now, answer_days),
        "state": state,
        "offset": offset,
        "limit": limit,
    }
    return [SeenRow(**row) for row in session.connection().execute(_PAGE, asked).mappings()]


def is_missing(export: ExportRow, now: datetime, answer_days: int) -> bool:
    """Whether an answer to the export is overdue."""
    return export.finished_at is not None and now >= export.finished_at + timedelta(days=answer_days)
