"""Two rounds that only together pass a budget: who approves a moment later is refused, and told why when it asks again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.dispatcher.money.books.budget import Budget
from services.dispatcher.money.rules.policy import Payer
from services.dispatcher.store.ledger import BudgetShort
from services.dispatcher.store.tables import AccountRow
from services.dispatcher.usecases.decide_round import approve_round
from services.dispatcher.usecases.keep_budgets import allocate
from shared.database import is_transient
from shared.messaging import Cause
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import DAY, PROVINCE, Dispatch, submitted
from tests.racing import run_into

ACCOUNT = "payer:destination_prefecture:330500:2020-spring"
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def rounds(dispatch: Dispatch) -> list[str]:
    """Two days' rounds of a coach each, and a budget that lasts for one and a half."""
    provision = {
        "rule": {"kind": "percentage", "rate_percent": 50},
        "payers": [{"payer": "destination_prefecture", "share": 1}],
    }
    dispatch.load_policy(version=2, valid_from=DAY, provisions=[provision])
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.tell(*(submitted(n, earliest=NEXT, latest=NEXT) for n in range(24, 48)))
    found = [dispatch.propose(), dispatch.propose(day=NEXT)]
    subsidies = [trip.subsidy_fen for trip in dispatch.trips()]
    budget = Budget(
        payer=Payer.DESTINATION_PREFECTURE,
        code="330500",
        season="2020-spring",
        amount_fen=sum(subsidies) * 3 // 4,
        document="D1",
    )
    assert len(subsidies) == 2
    assert max(subsidies) <= budget.amount_fen < sum(subsidies)
    with dispatch.database.session() as session:
        allocate(session, PROVINCE, [budget], Cause.fresh(), dispatch.clock)
    return found


def test_the_later_of_two_that_only_together_pass_a_budget_is_refused_in_both_languages(
    dispatch: Dispatch, callers: Callers, rounds: list[str]
) -> None:
    path = f"/api/rounds/{rounds[1]}/approve"
    with dispatch.database.session() as session:
        approve_round(session, rounds[0], "first", Cause.fresh(), dispatch.clock)
        session.execute(text("SET CONSTRAINTS voucher_sealed IMMEDIATE"))
        late = run_into(dispatch.database, lambda: callers.ask("POST", path))
    refused = late.result()
    assert refused.status_code == 409, refused.text
    told = refused.json()
    assert told["code"] == "overtaken"
    assert "预算余额" in told["detail_zh"]
    assert "budget" in told["detail_en"]
    assert sorted(trip.state for trip in dispatch.trips()) == ["approved", "proposed"]
    again = callers.ask("POST", path)
    assert (again.status_code, again.json()["code"]) == (409, "budget-short")
    with dispatch.database.session() as session:
        account = session.get_one(AccountRow, ACCOUNT)
        assert account.reserved_fen == min(
            trip.subsidy_fen for trip in dispatch.trips() if trip.state == "approved"
        )


def test_what_no_caller_can_repeat_is_repeated_by_the_service(dispatch: Dispatch, rounds: list[str]) -> None:
    def approve_second() -> None:
        with dispatch.database.session() as session:
            approve_round(session, rounds[1], "second", Cause.fresh(), dispatch.clock)

    with dispatch.database.session() as session:
        approve_round(session, rounds[0], "first", Cause.fresh(), dispatch.clock)
        session.execute(text("SET CONSTRAINTS voucher_sealed IMMEDIATE"))
        late = run_into(dispatch.database, approve_second)
    error = late.exception()
    assert error is not None
    assert is_transient(error)  # so a consumer waits and takes the event in again
    with pytest.raises(BudgetShort):
        approve_second()
