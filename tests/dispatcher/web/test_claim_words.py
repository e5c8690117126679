"""Every code that a claim's page can show has its words in both languages."""

from collections.abc import Iterator
from typing import get_args

import pytest

from services.dispatcher.money.claims.assessment import Standing
from services.dispatcher.money.claims.checks import CHECKS, Severity, run_checks
from services.dispatcher.money.claims.claim import Act, ClaimState, Note
from services.dispatcher.money.rules.policy import Distance, Ownership, Rule
from services.dispatcher.money.rules.words import OWNERSHIPS
from services.dispatcher.web import claim_words as words
from shared.http.language import use_language
from shared.kernel.errors import Language
from tests.dispatcher.money.claims.cases import TRIGGERS


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[Language]:
    """What the reader speaks; afterwards Chinese again, as outside a request."""
    spoken: Language = request.param
    use_language(spoken)
    yield spoken
    use_language("zh")


def test_every_state_act_check_and_standing_has_its_words(language: Language) -> None:
    for state in ClaimState:
        assert words.claim_state_word(state)
        assert words.claim_state_tone(state)
        assert words.next_word(state)
    assert all(words.act_word(act) for act in (*Act, *Note))
    assert all(words.check_word(code) for code in CHECKS)
    assert all(words.severity_word(one) and words.severity_tone(one) for one in Severity)
    assert all(words.standing_word(one) and words.standing_tone(one) for one in (*Standing, "clawed_back"))
    assert set(OWNERSHIPS) == set(Ownership)


def test_every_step_of_the_arithmetic_has_its_words(language: Language) -> None:
    rules = [rule.model_fields["kind"].default for rule in get_args(get_args(Rule)[0])]
    for what in ("charter", "base", "caps", "season_cap", *(f"rule:{kind}" for kind in rules)):
        assert words.working_word(what)
    assert "三都水族自治县" in words.working_word("payer:payer:origin_county:522732:2020-spring")
    for distance in Distance:
        assert str(distance) not in words.formula_word(f"49 · {distance}")
    assert words.formula_word("1.00 × 2 ÷ 3") == "1.00 × 2 ÷ 3"


def test_every_figure_that_a_check_gives_as_evidence_has_its_words(language: Language) -> None:
    found = {
        key: value
        for case in TRIGGERS
        for flag in run_checks(case.facts)
        for key, value in flag.evidence.items()
    }
    assert len(found) > 40
    for key, value in found.items():
        assert words.figure_word(key) != key or language == "en", key
        assert words.figure_value(key, value)


def test_amounts_times_and_places_are_told_as_people_read_them() -> None:
    assert words.figure_value("price_fen", 123_456) == "¥1,234.56"
    assert words.figure_value("overlap_s", 41_016) == "11 小时 24 分"
    assert words.figure_value("plate_prefecture", "522700") == "黔南布依族苗族自治州"
    assert words.figure_value("ownerships", ["private", "foreign"]) == "民营、外资"
    assert words.figure_value("duties", ["submit", "pay"]) == "提交、支付"
    assert words.figure_value("boarding", "no_show") == "未乘车"
    assert words.figure_value("boarding", None) == "—"
    assert words.rule_place("ningbo-2023@1 provisions[0]") == "ningbo-2023@1 第1条"
