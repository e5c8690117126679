"""Every code that can stand in the tables has its word on papers."""

from typing import get_args

import pytest

from services.dispatcher.money.claims import words
from services.dispatcher.money.claims.assessment import Standing, Working
from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.claim import Act, ClaimState, Note
from services.dispatcher.money.rules.policy import Distance, Payer, Rule
from services.dispatcher.usecases import paper_words
from shared.events import Outcome
from shared.roster import Category


def test_every_code_has_its_word() -> None:
    assert set(words.STATES) == set(ClaimState)
    assert set(words.ACTS) == {*Act, *Note}
    assert set(words.SEVERITIES) == set(Severity)
    assert set(paper_words.STANDINGS) == {*Standing, "clawed_back"} - {Standing.COUNTED}
    assert set(paper_words.OUTCOMES) == {*Outcome, None}
    assert set(paper_words.CATEGORIES) == set(Category)


@pytest.mark.parametrize("payer", Payer)
def test_every_payer_has_a_name(payer: Payer) -> None:
    assert paper_words.payer_word(f"payer:{payer}:522732:2020-spring").startswith("三都水族自治县 · ")


def test_every_step_of_the_arithmetic_has_its_word() -> None:
    rules = [rule.model_fields["kind"].default for rule in get_args(get_args(Rule)[0])]
    for what in ("base", "caps", "season_cap", *(f"rule:{kind}" for kind in rules)):
        assert paper_words.working_word(Working(what, "", 1, ""), None)
    for distance in Distance:
        assert paper_words.formula_word(f"49 · {distance}").startswith("49座 · ")
    assert paper_words.formula_word("1.00 × 2 ÷ 3") == "1.00 × 2 ÷ 3"
    assert paper_words.rule_word("ningbo-2023@1 provisions[0]") == "ningbo-2023@1 第1条"


def test_the_first_step_says_whether_it_is_the_contract_or_an_invoice_below_it() -> None:
    charter = Working("charter", "", 100, "")
    assert paper_words.working_word(charter, 100) == "包车合同价"
    assert paper_words.working_word(charter, 101) == "包车费（发票低于合同价）"
    assert paper_words.working_word(charter, None) == "包车费（无合同，按价目）"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("522732", "三都水族自治县"),
        ("5227", "黔南布依族苗族自治州"),
        ("522700", "黔南布依族苗族自治州"),
        ("52", "贵州省"),
        ("330502", "吴兴区"),
        ("330500", "湖州市"),
        ("999999", "999999"),
    ],
)
def test_a_division_is_called_by_its_name(code: str, name: str) -> None:
    assert paper_words.place_word(code) == name
