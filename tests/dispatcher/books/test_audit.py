"""The audit of the books on real PostgreSQL: a book that nobody touched is clean, and whatever is changed in one is found."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from services.cli import app
from services.dispatcher.money.books.findings import Code, Finding
from services.dispatcher.money.books.ledger import balances
from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import TableRoads
from services.dispatcher.store.ledger import list_of_trip
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.ledger.audit import HeadUnclear, NoSuchBook, audit, audit_season
from shared.events import Outcome
from shared.messaging import Cause
from tests.dispatcher.books.scene import SEASON, cut, pay, recover, sign
from tests.dispatcher.books.tamper import RESEAL, tamper
from tests.dispatcher.conftest import begin, copy_of
from tests.dispatcher.dispatch import ENTERPRISE, Dispatch, submitted

COUNTY = f"payer:origin_county:522732:{SEASON}"
FIRM = f"enterprise:{ENTERPRISE.enterprise_id}:{SEASON}"
A_SETTLEMENT = f"(SELECT id FROM transfer WHERE kind = 'settle' AND debit = '{COUNTY}' ORDER BY id LIMIT 1)"
A_BILL = "(SELECT id FROM voucher WHERE facts->>'stage' = 'confirmed' ORDER BY id LIMIT 1)"
THE_LAST = "(SELECT voucher_id FROM seal ORDER BY position DESC LIMIT 1)"
OUTCOME = "UPDATE rider SET outcome = 'no_show' WHERE request_id = (SELECT min(request_id) FROM rider WHERE outcome = 'arrived')"


@pytest.fixture(scope="module")
def written(
    postgres: str, template: str, planners: PlannerPool, judges: Processes[Judged], table_roads: TableRoads
) -> Iterator[Dispatch]:
    """Three coaches: one with a contract and words that changed, one with a dispute, one that never left."""
    with copy_of(postgres, template) as database:
        dispatch = begin(database, planners, judges, table_roads)
        dispatch.tell(*(submitted(n) for n in range(72)))
        dispatch.approve(dispatch.propose())
        first, second, third = dispatch.trips()
        sign(dispatch, first, first.cost_fen - 7)
        dispatch.confirm(first)
        dispatch.tell(*(dispatch.arrival(r, Outcome.NO_SHOW, 2) for r in dispatch.riders(first.trip_id)[:5]))
        dispatch.tell(dispatch.arrival(dispatch.riders(second.trip_id)[0], Outcome.DISPUTED, version=2))
        dispatch.confirm(second)
        with dispatch.database.session() as session:
            cancel_trip(session, third.trip_id, "snow", Cause.fresh(), dispatch.clock)
        database.dispose()
        yield dispatch


@pytest.fixture
def book(postgres: str, written: Dispatch) -> Iterator[Dispatch]:
    """A copy of it."""
    with copy_of(postgres, str(written.database.engine.url.database)) as database:
        yield replace(written, database=database)


def found(dispatch: Dispatch) -> list[Finding]:
    return audit_season(dispatch.database, SEASON).findings


def codes(dispatch: Dispatch) -> set[Code]:
    return {finding.code for finding in found(dispatch)}


def head_of(dispatch: Dispatch) -> str:
    [audited] = audit(dispatch.database, SEASON)
    return audited.head


def count(dispatch: Dispatch, table: str) -> int:
    with dispatch.database.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_book_that_nobody_touched_is_clean_and_read_whole(book: Dispatch) -> None:
    audited = audit_season(book.database, SEASON)
    assert audited.findings == []
    assert (audited.vouchers, audited.transfers) == (count(book, "voucher"), count(book, "transfer"))
    assert audited.trips == 3
    assert audited.head.startswith(f"{audited.vouchers}:")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            [f"UPDATE transfer SET amount_fen = amount_fen + 1 WHERE id = {A_SETTLEMENT}"],
            {Code.DIGEST, Code.AMOUNT},
        ),
        ([f"DELETE FROM transfer WHERE id = {A_SETTLEMENT}"], {Code.DIGEST, Code.AMOUNT}),
        ([f"DELETE FROM voucher WHERE id = {A_BILL}"], {Code.UNSEALED}),
        ([f"DELETE FROM seal WHERE voucher_id = {A_BILL}"], {Code.PLACE, Code.DIGEST, Code.UNSEALED}),
        (
            [
                f"DELETE FROM transfer WHERE voucher_id = {THE_LAST}",
                f"DELETE FROM voucher WHERE id = {THE_LAST}",
                f"DELETE FROM seal WHERE voucher_id = {THE_LAST}",
            ],
            {Code.HEAD, Code.BALANCE},
        ),
        (
            [
                f"UPDATE transfer SET position = 3 - position WHERE position < 3 AND voucher_id = {A_BILL}",
            ],
            {Code.DIGEST},
        ),
        (
            [
                "UPDATE seal SET position = -position WHERE position IN (10, 11)",
                "UPDATE seal SET position = 21 + position WHERE position < 0",
            ],
            {Code.DIGEST},
        ),
        (
            [
                "UPDATE seal SET voucher_id = 'x' WHERE position = 5",
                "UPDATE seal SET voucher_id = (SELECT max(id) FROM voucher v WHERE NOT EXISTS"
                " (SELECT FROM seal s WHERE s.voucher_id = v.id)) WHERE position = 6",
            ],
            {Code.DIGEST, Code.UNSEALED},
        ),
        (["UPDATE policy SET body = jsonb_set(body, '{cap_vehicle_fen}', '900000')"], {Code.POLICY}),
        (["DELETE FROM policy"], {Code.POLICY}),
        (
            [
                f"UPDATE voucher SET facts = jsonb_set(facts, '{{run,charter_fen}}', '1700001') WHERE id = {A_BILL}"
            ],
            {Code.DIGEST, Code.AMOUNT},
        ),
        ([f"UPDATE voucher SET actor = 'nobody' WHERE id = {A_BILL}"], {Code.DIGEST}),
        (
            [f"UPDATE voucher SET recorded_at = recorded_at + interval '1 s' WHERE id = {A_BILL}"],
            {Code.DIGEST, Code.FORM},
        ),
        ([f"UPDATE transfer SET recorded_at = now() WHERE id = {A_SETTLEMENT}"], {Code.FORM}),
        ([OUTCOME], {Code.SOURCE}),
        (["UPDATE contract SET price_fen = price_fen + 1"], {Code.SOURCE}),
        (["UPDATE trip SET cost_fen = cost_fen + 2 WHERE state = 'settled'"], {Code.SOURCE}),
        ([f"UPDATE account SET settled_fen = settled_fen + 1 WHERE account = '{COUNTY}'"], {Code.BALANCE}),
        (["UPDATE book SET position = position + 1"], {Code.HEAD}),
        (["DELETE FROM trip WHERE state = 'cancelled'"], {Code.SOURCE}),
    ],
    ids=[
        "changed-amount",
        "dropped-transfer",
        "dropped-voucher",
        "dropped-seal",
        "dropped-end",
        "reordered-transfers",
        "reordered-pair",
        "seal-of-nothing",
        "policy-edited",
        "policy-gone",
        "changed-fact",
        "changed-actor",
        "changed-instant",
        "changed-instant-of-a-transfer",
        "outcome-edited",
        "contract-edited",
        "charter-edited",
        "balance-edited",
        "head-edited",
        "trip-gone",
    ],
)
def test_what_is_changed_is_found(book: Dispatch, statements: list[str], expected: set[Code]) -> None:
    tamper(book.database, *statements)
    assert expected <= codes(book)


def test_a_policy_edited_in_place_is_told_once_and_nothing_is_worked_out_by_it(book: Dispatch) -> None:
    tamper(book.database, "UPDATE policy SET body = jsonb_set(body, '{min_passengers_vehicle}', '0')")
    [finding] = found(book)
    assert (finding.code, finding.subject) == (Code.POLICY, "guizhou-2020@1")


def test_a_forged_transfer_is_found_within_a_voucher_and_beside_them(book: Dispatch) -> None:
    forged = f"""INSERT INTO transfer SELECT 'forged', {A_BILL}, 99, trip_id, 99, kind, debit, credit, 100, season, rule, cause,
        answers, corrects, source, county_code, recorded_at FROM transfer WHERE id = {A_SETTLEMENT}"""
    tamper(book.database, forged)
    assert codes(book) >= {Code.DIGEST, Code.AMOUNT, Code.FORM}
    tamper(book.database, "UPDATE transfer SET voucher_id = 'nobody' WHERE id = 'forged'")
    [finding] = found(book)
    assert (finding.code, finding.subject) == (Code.UNSEALED, "forged")


def test_a_voucher_that_was_written_past_the_seal_is_found(book: Dispatch) -> None:
    tamper(
        book.database,
        f"INSERT INTO voucher SELECT 'unsealed', act, season, trip_id, claim_id, county_code, cause, actor, facts, recorded_at"
        f" FROM voucher WHERE id = {A_BILL}",
    )
    [finding] = found(book)
    assert (finding.code, finding.subject) == (Code.UNSEALED, "unsealed")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (f"UPDATE transfer SET amount_fen = amount_fen - 1 WHERE id = {A_SETTLEMENT}", Code.AMOUNT),
        (f"UPDATE transfer SET kind = 'pay' WHERE id = {A_SETTLEMENT}", Code.FORM),
        (f"UPDATE transfer SET answers = NULL WHERE id = {A_SETTLEMENT}", Code.ANSWER),
        (
            f"UPDATE transfer SET debit = replace(debit, '522732', '522731') WHERE id = {A_SETTLEMENT}",
            Code.ANSWER,
        ),
        (f"UPDATE transfer SET number = number + 1 WHERE id = {A_SETTLEMENT}", Code.FORM),
        ("DELETE FROM transfer WHERE kind = 'correct'", Code.AMOUNT),
        (f"UPDATE voucher SET facts = facts - 'run' WHERE id = {A_BILL}", Code.FORM),
        (
            f"UPDATE voucher SET facts = jsonb_set(facts, '{{heads,0,arrived}}', '3') WHERE id = {A_BILL}",
            Code.AMOUNT,
        ),
        (f"UPDATE transfer SET amount_fen = 1 WHERE credit = '{COUNTY}' AND kind = 'allocate'", Code.LIMIT),
        ("UPDATE transfer SET amount_fen = amount_fen * 2 WHERE kind = 'allocate'", Code.AMOUNT),
    ],
    ids=[
        "amount",
        "kind",
        "answers-nothing",
        "another-payer",
        "number",
        "dropped-corrections",
        "no-fact",
        "fact",
        "budget-lowered",
        "budget-raised",
    ],
)
def test_what_is_changed_is_found_by_recomputation_where_all_digests_and_balances_were_made_anew(
    book: Dispatch, change: str, expected: Code
) -> None:
    head = head_of(book)
    tamper(book.database, change, RESEAL)
    assert expected in codes(book)
    assert not codes(book) & {Code.DIGEST, Code.PLACE, Code.HEAD, Code.BALANCE}
    [audited] = audit(book.database, SEASON, head)
    assert Code.NOTED in {finding.code for finding in audited.findings}


def test_a_book_written_anew_whole_is_told_by_a_head_that_was_noted_and_by_nothing_else(
    book: Dispatch,
) -> None:
    fund_more = "INSERT INTO transfer SELECT 'more', 'more', 1, NULL, 1, 'allocate', debit, credit, 5, season, 'doc 2', cause,"
    tamper(
        book.database,
        "INSERT INTO voucher SELECT 'more', act, season, trip_id, claim_id, county_code, cause, actor,"
        ' facts || \'{"document": "doc 2", "amount_fen": 5}\', recorded_at FROM voucher v'
        f" WHERE EXISTS (SELECT FROM transfer t WHERE t.voucher_id = v.id AND t.credit = '{COUNTY}' AND kind = 'allocate')",
        f"{fund_more} NULL, NULL, NULL, county_code, recorded_at FROM transfer WHERE credit = '{COUNTY}' AND kind = 'allocate'",
    )
    tamper(book.database, "INSERT INTO seal VALUES ('more', '2020-spring', 100000, '')", RESEAL)
    honest = head_of(book)
    assert found(book) == []
    [audited] = audit(book.database, SEASON, honest)
    assert audited.findings == []
    for table, name in (("transfer", "voucher_id"), ("voucher", "id"), ("seal", "voucher_id")):
        tamper(book.database, f"DELETE FROM {table} WHERE {name} = 'more'")
    tamper(book.database, RESEAL)
    assert found(book) == []
    [audited] = audit(book.database, SEASON, honest)
    assert [finding.code for finding in audited.findings] == [Code.NOTED]


def test_what_was_paid_beyond_what_is_owed_is_found(book: Dispatch) -> None:
    first = book.trips()[1]
    with book.database.session() as session:
        due = balances(list_of_trip(session, first.trip_id))[COUNTY].settled_fen
    pay(book, first, COUNTY, FIRM, due - 1)
    assert found(book) == []
    tamper(
        book.database,
        "UPDATE transfer SET amount_fen = amount_fen + 2 WHERE kind = 'pay'",
        "UPDATE voucher SET facts = jsonb_set(facts, '{lines,0,fen}', to_jsonb((facts->'lines'->0->>'fen')::bigint + 2))"
        " WHERE act = 'pay'",
        RESEAL,
    )
    [finding] = found(book)
    assert finding.code == Code.PAID
    assert "1 too much" in finding.message("en")
    assert "多付" in finding.message("zh")


def test_what_a_later_cut_makes_too_much_is_to_be_recovered_and_no_finding(book: Dispatch) -> None:
    first = book.trips()[1]
    pay(book, first, COUNTY, FIRM, 5000)
    cut(book, first, COUNTY, FIRM, first.subsidy_fen // 2 - 5000 + 300)
    audited = audit_season(book.database, SEASON)
    assert audited.findings == []
    [over] = audited.to_recover
    assert (over.trip_id, over.payer, over.claimant) == (first.trip_id, COUNTY, FIRM)
    recover(book, first, over.fen)
    audited = audit_season(book.database, SEASON)
    assert (audited.findings, audited.to_recover) == ([], [])


def test_the_command_prints_the_head_to_note_down_and_fails_on_a_finding(
    book: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIDA_DATABASE_URL", book.database.url)
    head = head_of(book)
    done = CliRunner().invoke(app, ["ledger", "audit"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, head)
    assert f"vouchers 凭证 {count(book, 'voucher')}" in done.output
    assert CliRunner().invoke(app, ["ledger", "audit", "--season", SEASON, "--head", head]).exit_code == 0
    tamper(book.database, f"UPDATE transfer SET amount_fen = 1 WHERE id = {A_SETTLEMENT}")
    done = CliRunner().invoke(app, ["ledger", "audit"])
    assert done.exit_code == 1
    assert "findings 项问题" in done.output
    assert "the money is not what follows from the facts" in " ".join(done.output.split())


@pytest.mark.parametrize("given", ["12", "12:abc", "0:" + "a" * 64, "x:" + "a" * 64])
def test_a_head_that_is_none_is_refused(given: str, dispatch: Dispatch) -> None:
    with pytest.raises(HeadUnclear):
        audit(dispatch.database, SEASON, given)


def test_a_head_is_of_one_season_and_a_season_must_have_a_book(dispatch: Dispatch) -> None:
    with pytest.raises(HeadUnclear):
        audit(dispatch.database, None, head_of(dispatch))
    with pytest.raises(NoSuchBook, match="2020-spring"):
        audit(dispatch.database, "2021-spring")
