"""Two codes for one rule: what the audit works out with its own is what the books go by, for every policy."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.books.recount import apportion, recount, standing
from services.dispatcher.money.books.voucher import TripStage, trip_facts
from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.money.rules.subsidy import Cut, cut, owe
from tests.dispatcher.money.rules.test_every_policy import CASES, Case


@st.composite
def cuts(draw: st.DrawFn, case: Case) -> list[Cut]:
    """Some of what the policy's payers owe, each cut of one claimant, sometimes more than there is."""
    cells = owe(case.policy, case.run, case.heads, case.parties)
    if not cells:
        return []
    one = st.builds(
        lambda cell, fen: Cut(cell.payer, cell.claimant, fen, "F06", "K1"),
        st.sampled_from(cells),
        st.integers(1, 2_000_000),
    )
    return draw(st.lists(one, max_size=3))


@given(CASES, st.sampled_from(TripStage), st.data())
def test_what_is_recounted_from_the_facts_is_what_the_rules_say(
    case: Case, stage: TripStage, data: st.DataObject
) -> None:
    made = data.draw(cuts(case))
    facts = trip_facts(
        case.policy.key,
        digest_of(case.policy.model_dump(mode="json")),
        case.run,
        case.heads,
        case.parties,
        made,
        stage,
        committed=False,
    )
    body = case.policy.model_dump(mode="json")
    lines = () if stage is TripStage.ENDED else cut(case.bear(), made)
    wanted = {line.account: (line.held_fen, line.due_fen) for line in lines}
    if stage is TripStage.PROMISED:
        wanted = {account: (held + due, 0) for account, (held, due) in wanted.items()}
    assert standing(body, facts) == wanted


@given(CASES)
def test_what_is_whose_to_claim_is_what_the_rules_say(case: Case) -> None:
    facts = trip_facts(
        case.policy.key,
        digest_of(case.policy.model_dump(mode="json")),
        case.run,
        case.heads,
        case.parties,
        [],
        TripStage.CONFIRMED,
        committed=True,
    )
    wanted: dict[tuple[str, str], int] = {}
    for cell in owe(case.policy, case.run, case.heads, case.parties):
        wanted[cell.payer, cell.claimant] = wanted.get((cell.payer, cell.claimant), 0) + cell.due_fen
    found = recount(case.policy.model_dump(mode="json"), facts).claimable
    assert {key: fen for key, fen in found.items() if fen} == {k: fen for k, fen in wanted.items() if fen}


def test_an_odd_fen_goes_to_the_largest_remainder_and_the_first_of_equals() -> None:
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert apportion(100, [1, 2, 4]) == [14, 29, 57]
    assert apportion(0, [0, 0]) == [0, 0]


def test_money_that_nobody_can_bear_is_an_error_and_not_a_sum() -> None:
    with pytest.raises(ValueError, match="nobody"):
        apportion(5, [0, 0])
    with pytest.raises(ValueError, match="nobody"):
        apportion(5, [])


@given(CASES)
def test_an_unknown_rule_is_no_percentage(case: Case) -> None:
    facts = trip_facts(
        case.policy.key,
        digest_of(case.policy.model_dump(mode="json")),
        replace(case.run, charter_fen=1000),
        case.heads,
        case.parties,
        [],
        TripStage.CONFIRMED,
        committed=True,
    )
    body = case.policy.model_dump(mode="json")
    body["provisions"] = [one | {"rule": {"kind": "by_mood"}} for one in body["provisions"]]
    if any(
        account.startswith("payer:") for account in recount(case.policy.model_dump(mode="json"), facts).bears
    ):
        with pytest.raises(ValueError, match="by_mood"):
            recount(body, facts)
