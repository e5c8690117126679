"""Reads a season's books for the audit, as they are stored, page by page; changes and computes nothing.

Rows come through a cursor of the server, so that memory holds some of them at a time.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg
from sqlmodel import Session

from services.dispatcher.money.books.audit import Page
from services.dispatcher.money.books.sources import Source

ROWS_AT_ONCE = 2000

_PAGE = r"""
SELECT s.position, s.digest, s.voucher_id, v.act, v.season, v.trip_id, v.claim_id, v.county_code, v.cause, v.actor,
       extract(epoch FROM v.recorded_at)::text, v.facts::text, coalesce(e.entries, ''),
       s.season = v.season AND coalesce(e.together, true)
FROM seal s LEFT JOIN voucher v ON v.id = s.voucher_id
CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(E'\x1f', t.id, t.kind, t.debit, t.credit, t.amount_fen, coalesce(t.trip_id, ''), t.number,
               t.season, t.rule, t.cause, coalesce(t.answers, ''), coalesce(t.corrects, ''), coalesce(t.source, ''),
               t.county_code), E'\x1e' ORDER BY t.position) AS entries,
           bool_and(t.recorded_at = v.recorded_at) AS together
    FROM transfer t WHERE t.voucher_id = s.voucher_id) AS e
"""
_PAGES = f"{_PAGE} WHERE s.season = %s ORDER BY s.position"
_PAGES_OF = f"""
WITH pages AS ({_PAGE} WHERE s.voucher_id = ANY(%s))
SELECT coalesce(b.digest, ''), pages.* FROM pages
JOIN seal s USING (voucher_id) LEFT JOIN seal b ON b.season = s.season AND b.position = s.position - 1
"""  # noqa: S608 - of constants alone
_UNSEALED = """
SELECT v.id FROM voucher v WHERE v.season = %(season)s
    AND NOT EXISTS (SELECT FROM seal s WHERE s.voucher_id = v.id AND s.season = v.season)
UNION ALL
SELECT t.id FROM transfer t WHERE t.season = %(season)s
    AND NOT EXISTS (SELECT FROM seal s WHERE s.voucher_id = t.voucher_id AND s.season = t.season)
ORDER BY 1
"""
_SOURCES = """
SELECT t.trip_id, t.state, t.waits_for IS NOT NULL, t.policy, t.cost_fen, t.seats_approved, t.day::text,
       json_build_object('season', t.season, 'county_code', t.county_code, 'prefecture_code', t.prefecture_code,
           'carrier_id', t.carrier_id, 'destination_county_code', t.destination_county_code),
       t.heads, t.cuts, c.price_fen, coalesce(r.seats, '[]')
FROM trip t LEFT JOIN contract c ON c.trip_id = t.trip_id
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(enterprise_id, organising_mode, category, boarding, outcome, heads)) AS seats
    FROM (SELECT enterprise_id, organising_mode, category, boarding, outcome, count(*) AS heads
          FROM rider WHERE rider.trip_id = t.trip_id AND riding GROUP BY 1, 2, 3, 4, 5) AS alike) AS r
WHERE t.season = %s
"""
_BALANCES = """
SELECT account, reserved_fen, committed_fen, settled_fen, paid_fen, limit_fen FROM account
WHERE right(account, length(%(season)s) + 1) = ':' || %(season)s
"""


def list_seasons(session: Session) -> list[str]:
    """Every season that has a book or a voucher."""
    rows = _driver(session).execute("SELECT season FROM book UNION SELECT season FROM voucher ORDER BY 1")
    return [season for (season,) in rows]


def read_pages(session: Session, season: str) -> Iterator[Page]:
    """The chain's pages in order."""
    return (Page(*row) for row in _stream(session, _PAGES, season))


def read_pages_of(session: Session, voucher_ids: Sequence[str]) -> list[tuple[str, Page]]:
    """The pages of these vouchers, each with the digest before it; none of a voucher without seal."""
    rows = _driver(session).execute(_PAGES_OF, [list(voucher_ids)])
    return [(before, Page(*page)) for before, *page in rows]


def read_sources(session: Session, season: str) -> Iterator[Source]:
    """The season's trips with their riders and contracts."""
    return (Source(*row) for row in _stream(session, _SOURCES, season))


def read_head(session: Session, season: str) -> tuple[int, str] | None:
    """The head of the season's book."""
    query = "SELECT position, digest FROM book WHERE season = %s"
    return _driver(session).execute(query, [season]).fetchone()


def list_unsealed(session: Session, season: str) -> list[str]:
    """Vouchers and transfers of the season that no seal of it covers."""
    return [subject for (subject,) in _driver(session).execute(_UNSEALED, {"season": season})]


def list_kept_balances(session: Session, season: str) -> list[tuple[str, int, int, int, int, int]]:
    """The season's accounts as the database keeps them: reserved, committed, settled, paid, limit."""
    return _driver(session).execute(_BALANCES, {"season": season}).fetchall()


def list_bodies(session: Session) -> dict[str, dict[str, Any]]:
    """`id@version` -> the body of every policy, as it is stored."""
    rows = _driver(session).execute("SELECT id, version, body FROM policy")
    return {f"{policy_id}@{version}": body for policy_id, version, body in rows}


def _stream(session: Session, query: str, season: str) -> Iterator[tuple[Any, ...]]:
    with closing(_driver(session).cursor(name="audit")) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(query, [season])
        yield from cursor


def _driver(session: Session) -> psycopg.Connection[Any]:
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection
