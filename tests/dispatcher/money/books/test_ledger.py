"""What must hold of the ledger whatever happens to a trip, and in whatever order it is told."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.books.ledger import Balance, Kind, Transfer, balances, release, reserve, settle
from services.dispatcher.money.rules.subsidy import Line

TRIP = "T-522732-20200224-003"
CARRIER = "carrier:C01:2020-spring"
COUNTY = "payer:county:522732:2020-spring"
FIRM = "enterprise:E1:2020-spring"


def line(account: str, due: int, held: int = 0) -> Line:
    return Line(account, due, held, "p@1")


def told(existing: Sequence[Transfer], lines: Sequence[Line], cause: str = "e") -> list[Transfer]:
    return [*existing, *settle(TRIP, CARRIER, lines, existing, cause=cause)]


def reserved(*lines: Line) -> list[Transfer]:
    return reserve(TRIP, CARRIER, lines, [], cause="round")


def test_approval_reserves_and_arrival_settles_what_was_reserved() -> None:
    booked = [line(COUNTY, 920_000), line(FIRM, 920_000)]
    ledger = reserved(*booked)
    assert balances(ledger)[COUNTY] == Balance(reserved_fen=920_000)
    assert balances(ledger)[CARRIER] == Balance(reserved_fen=1_840_000)
    ledger = told(ledger, booked)
    assert balances(ledger)[COUNTY] == Balance(settled_fen=920_000)
    assert balances(ledger)[CARRIER] == Balance(settled_fen=1_840_000)


def test_a_lost_subsidy_is_released_and_the_enterprise_settles_beyond_its_reservation() -> None:
    ledger = told(reserved(line(COUNTY, 500), line(FIRM, 500)), [line(FIRM, 1000)])
    assert balances(ledger) == {
        CARRIER: Balance(settled_fen=1000),
        COUNTY: Balance(),
        FIRM: Balance(settled_fen=1000),
    }
    assert [t.kind for t in ledger if COUNTY in (t.debit, t.credit)] == [Kind.RESERVE, Kind.RELEASE]


def test_a_dispute_keeps_its_part_reserved_until_it_is_decided() -> None:
    ledger = told(reserved(line(COUNTY, 960)), [line(COUNTY, 920, held=40)])
    assert balances(ledger)[COUNTY] == Balance(reserved_fen=40, settled_fen=920)
    ledger = told(ledger, [line(COUNTY, 960)])
    assert balances(ledger)[COUNTY] == Balance(settled_fen=960)


def test_a_changed_confirmation_is_corrected_by_an_entry_that_names_what_it_corrects() -> None:
    ledger = told(reserved(line(COUNTY, 1000)), [line(COUNTY, 1000)])
    settlement = ledger[-1]
    ledger = told(ledger, [line(COUNTY, 400)])
    correction = ledger[-1]
    assert (correction.kind, correction.corrects, correction.amount_fen) == (Kind.CORRECT, settlement.id, 600)
    assert (correction.debit, correction.credit) == (settlement.credit, settlement.debit)
    assert balances(ledger)[COUNTY] == Balance(settled_fen=400)


def test_a_cancelled_trip_gives_everything_back() -> None:
    ledger = reserved(line(COUNTY, 700), line(FIRM, 300))
    ledger += release(TRIP, CARRIER, ledger, cause="cancelled")
    assert set(balances(ledger).values()) == {Balance()}


def test_being_told_again_adds_nothing() -> None:
    lines = [line(COUNTY, 1000, held=10), line(FIRM, 5)]
    ledger = told(reserved(line(COUNTY, 1010), line(FIRM, 5)), lines)
    assert settle(TRIP, CARRIER, lines, ledger, cause="again") == []


def test_the_same_step_done_again_makes_the_same_ids() -> None:
    assert [t.id for t in reserved(line(COUNTY, 7))] == [t.id for t in reserved(line(COUNTY, 7))]


bills = st.lists(
    st.builds(
        line, st.sampled_from([COUNTY, FIRM, "enterprise:E2:2020-spring"]), *[st.integers(0, 1000)] * 2
    ),
    unique_by=lambda x: x.account,
    max_size=3,
)


@given(st.lists(bills, min_size=1, max_size=6))
def test_whatever_is_told_the_ledger_balances_and_nothing_is_answered_twice(
    history: list[list[Line]],
) -> None:
    ledger = reserved(*history[0])
    for lines in history:
        ledger = told(ledger, lines)
    final = {x.account: x for x in history[-1]}
    at = balances(ledger)
    for account, balance in at.items():
        if account != CARRIER:
            expected = final.get(account, line(account, 0))
            assert balance == Balance(expected.held_fen, expected.due_fen)
    if ledger:
        assert at[CARRIER].settled_fen == sum(x.due_fen for x in final.values())
        assert at[CARRIER].reserved_fen == sum(x.held_fen for x in final.values())
    amount = {t.id: t.amount_fen for t in ledger}
    assert len(amount) == len(ledger)
    assert min(amount.values(), default=1) > 0
    answered: Counter[str] = Counter()
    corrected: Counter[str] = Counter()
    for t in ledger:
        if t.answers:
            answered[t.answers] += t.amount_fen
        if t.corrects:
            corrected[t.corrects] += t.amount_fen
    assert all(total <= amount[i] for i, total in (answered + corrected).items())


@given(bills, bills)
def test_every_reserved_fen_ends_settled_or_released(booked: list[Line], confirmed: list[Line]) -> None:
    due = [line(x.account, x.due_fen) for x in confirmed]
    ledger = told(reserved(*booked), due)
    for reservation in (t for t in ledger if t.kind == Kind.RESERVE):
        answers = sum(t.amount_fen for t in ledger if t.answers == reservation.id)
        assert answers == reservation.amount_fen


@given(st.permutations([0, 1, 2, 3]), bills, bills)
def test_a_bill_told_any_number_of_times_in_any_order_of_accounts_gives_the_same_ledger(
    order: list[int], booked: list[Line], confirmed: list[Line]
) -> None:
    once = told(reserved(*booked), confirmed)
    again = reserve(TRIP, CARRIER, sorted(booked, key=lambda x: order[len(x.account) % 4]), [], cause="round")
    for _ in order:
        again = told(again, confirmed[::-1])
    assert again == once
