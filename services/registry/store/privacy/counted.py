"""Destroys by age what is somebody's and counts on as a number: months of tracking, and cases that are over.

In the statement that destroys them they are added to the figures of their month and place, so that these come out as before.
Nothing goes of whoever has an open case, for it may be evidence; nor of whom a list of rewards holds that is not handed over.
"""

from collections.abc import Mapping
from typing import Final

from services.registry.domain.rights.case import OVER, CaseOutcome
from services.registry.store.privacy.act import Act


def _words(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


_DAY = "CAST(timezone('Asia/Shanghai', CAST(:before AS timestamptz)) AS date)"
_BY_RULING: Final = frozenset({CaseOutcome.AWARD, CaseOutcome.JUDGMENT})


def _of_file(rows: str, person: str) -> str:
    """That one of the persons of somebody's file has such rows."""
    return f"""EXISTS (
        SELECT FROM person own JOIN person same ON same.file_id = own.file_id JOIN {rows} ON other.person_id = same.id
        WHERE own.id = {person})"""


def _open_case(person: str) -> str:
    return _of_file(f"(SELECT person_id FROM rights_case WHERE state NOT IN ({_words(OVER)})) other", person)  # noqa: S608 - our own names


def _held(person: str, state: str = "true") -> str:
    holds = f"SELECT h.person_id FROM reward_hold h JOIN reward_list l ON l.id = h.list_id WHERE {state}"  # noqa: S608 - our own names
    return _of_file(f"({holds}) other", person)


def _is_free(person: str, *, is_paid: bool) -> str:
    """That nothing keeps what is known of somebody: for who was paid for it another age is asked."""
    held, not_handed_over = _held(person), _held(person, "l.state <> 'handed_over'")
    return f"NOT {_open_case(person)} AND " + (
        f"{held} AND NOT {not_handed_over}" if is_paid else f"NOT {held}"
    )


_PAST: Final = """
    INSERT INTO tracking_past (month, place_code, outcome, due_on, tasks)
    SELECT o.month, f.place_code, COALESCE(o.outcome, ''), o.due_on, count(*)
    FROM old o JOIN person p ON p.id = o.person_id AND p.file_id = p.id
    JOIN person_file f ON f.person_id = p.id
    WHERE o.outcome IS NOT NULL OR p.wrapped_key IS NOT NULL  -- as they were counted
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (month, place_code, outcome, due_on) DO UPDATE SET tasks = tracking_past.tasks + excluded.tasks
"""


def _pass(table: str, age: str, key: str, old: str, free: str, past: str = "SELECT") -> str:
    """Rows `r` that are old, by age and key, of which those go that nothing keeps."""
    since = "date" if age != "taken_back_at" else "timestamptz"
    return f"""
        WITH seen AS MATERIALIZED (
            SELECT r.ctid AS place, r.{age} AS age, r.{key} AS key FROM {table} r
            WHERE {old} AND (r.{age}, r.{key}) > (CAST(:age AS {since}), :key)
            ORDER BY r.{age}, r.{key} LIMIT :limit
        ), old AS (
            DELETE FROM {table} WHERE ctid = ANY(ARRAY(
                SELECT r.ctid FROM {table} r WHERE r.ctid = ANY(ARRAY(SELECT place FROM seen)) AND {free}
                FOR UPDATE OF r SKIP LOCKED
            )) RETURNING *
        ), past AS ({past})
        SELECT (SELECT count(*) FROM old) AS gone, CAST(age AS text) AS age, key,
               (SELECT count(*) FROM seen) AS seen
        FROM seen ORDER BY seen.age DESC, seen.key DESC LIMIT 1
    """  # noqa: S608 - our own names


def _tracking(*, is_paid: bool) -> Act:
    """A month is as old as its end. What a request still leads to stays until that has had its own time."""
    free = _is_free("r.person_id", is_paid=is_paid)
    month = f"r.month < {_DAY} - interval '1 month'"
    closed = f"r.closed_on < {_DAY} AND r.request_id IS NULL"
    taken_back = "r.taken_back_at < :before AND r.request_id IS NULL"
    return Act(
        f"""
        SELECT (SELECT count(*) FROM tracking_task r WHERE {month} AND {free})
             + (SELECT count(*) FROM tracking_record r WHERE {month} AND {free})
             + (SELECT count(*) FROM tracking r WHERE ({closed} OR {taken_back}) AND {free})
        """,  # noqa: S608 - our own names
        passes=(
            _pass("tracking_task", "month", "person_id", month, free, _PAST),
            _pass("tracking_record", "month", "id", month, free),
            _pass("tracking", "closed_on", "id", closed, free),
            _pass("tracking", "taken_back_at", "id", taken_back, free),
        ),
    )


def _cases(*, by_ruling: bool) -> Act:
    """A case is as old as its end: the day it was closed, or of the last step of one that was withdrawn."""
    ruled = f"COALESCE(c.outcome, '') IN ({_words(_BY_RULING)})"
    old = f"""
        FROM rights_case c
        WHERE c.state IN ({_words(OVER)}) AND {ruled if by_ruling else f"NOT {ruled}"}
          AND COALESCE(c.closed_at, (SELECT max(s.at) FROM rights_step s WHERE s.case_id = c.id)) < :before
          AND NOT {_open_case("c.person_id")}
    """  # noqa: S608 - our own names
    theirs = "WHERE case_id IN (SELECT id FROM old)"
    return Act(
        f"SELECT count(*) {old}",
        f"""
        WITH old AS (
            SELECT c.id, c.place_code, c.case_type, c.opened_at {old} LIMIT :limit FOR UPDATE OF c SKIP LOCKED
        ), past AS (
            INSERT INTO rights_past (place_code, month, case_type, cases)
            SELECT place_code, CAST(date_trunc('month', timezone('Asia/Shanghai', opened_at)) AS date), case_type, count(*)
            FROM old GROUP BY 1, 2, 3
            ON CONFLICT (place_code, month, case_type) DO UPDATE SET cases = rights_past.cases + excluded.cases
        ), consents AS (DELETE FROM rights_consent {theirs}
        ), steps AS (DELETE FROM rights_step {theirs}
        ), clocks AS (DELETE FROM rights_clock {theirs}
        ), documents AS (DELETE FROM rights_document {theirs}
        ), gone AS (DELETE FROM rights_case WHERE id IN (SELECT id FROM old))
        SELECT count(*) FROM old
        """,  # noqa: S608 - our own names
    )


COUNTED: Final[Mapping[str, Act]] = {
    "tracking": _tracking(is_paid=False),
    "tracking_paid": _tracking(is_paid=True),
    "cases": _cases(by_ruling=False),
    "ruled_cases": _cases(by_ruling=True),
}
