"""The words of the notices: every kind in both languages, with what the reader needs."""

import re
from typing import get_args

import pytest

from services.notifier.domain.facts import Facts, carrier_facts, enterprise_facts, worker_facts
from services.notifier.domain.notice import Audience, Kind
from services.notifier.domain.wording import LINK, hour, write
from shared.kernel.errors import Language
from tests.notifier.domain.test_notice import TRIP

FACTS: dict[Audience, Facts] = {
    Audience.WORKER: worker_facts(TRIP, TRIP.seats[0]),
    Audience.CARRIER: carrier_facts(TRIP),
    Audience.ENTERPRISE: enterprise_facts(TRIP, "F1"),
}
NAMES = {"F1": "安吉竹业有限公司"}
LANGUAGES: tuple[Language, ...] = get_args(Language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("audience", list(Audience))
def test_every_notice_names_its_trip_and_hour(audience: Audience, kind: Kind, language: Language) -> None:
    words = write(audience, kind, FACTS[audience], language, NAMES)
    at = {"zh": "2月2[45]日 0[78]:30", "en": "2[45] Feb 0[78]:30"}[language]
    assert "T-1" in words.subject + words.body
    assert re.search(at, words.subject + words.body)


@pytest.mark.parametrize("audience", list(Audience))
def test_the_three_kinds_read_differently(audience: Audience) -> None:
    texts = {
        write(audience, kind, FACTS[audience], language, NAMES) for kind in Kind for language in LANGUAGES
    }
    assert len(texts) == 6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", [Audience.CARRIER, Audience.ENTERPRISE])
def test_organisations_get_a_link_unless_it_is_cancelled(audience: Audience, language: Language) -> None:
    bodies = {kind: write(audience, kind, FACTS[audience], language, NAMES).body for kind in Kind}
    assert [LINK in bodies[kind] for kind in Kind] == [True, True, False]


def test_a_worker_s_text_is_short_enough_for_two_parts_of_an_sms() -> None:
    for kind in Kind:
        assert len(write(Audience.WORKER, kind, FACTS[Audience.WORKER], "zh", NAMES).body) <= 2 * 67


def test_the_carrier_reads_how_many_get_on_and_off_where() -> None:
    body = write(Audience.CARRIER, Kind.FIRST, FACTS[Audience.CARRIER], "zh", NAMES).body
    assert "08:30 名S1 上车 2 人" in body
    assert "安吉竹业有限公司名G1 下车 2 人" in body


def test_the_enterprise_reads_its_own_workers_alone() -> None:
    words = write(Audience.ENTERPRISE, Kind.FIRST, FACTS[Audience.ENTERPRISE], "en", NAMES)
    assert words.subject.startswith("2 workers expected")
    assert "名G2" not in words.body


def test_an_instant_reads_as_the_wall_clock_in_china() -> None:
    assert hour("2020-02-23T17:05:00+00:00", "zh") == "2月24日 01:05"
    assert hour("2020-02-23T17:05:00+00:00", "en") == "24 Feb 01:05"


def test_a_worker_reads_whose_gate_it_is_and_the_gate_alone_where_nobody_has_told() -> None:
    facts = FACTS[Audience.WORKER]
    assert "开往安吉竹业有限公司名G1。" in write(Audience.WORKER, Kind.FIRST, facts, "zh", NAMES).body
    assert "to 安吉竹业有限公司, 名G1." in write(Audience.WORKER, Kind.FIRST, facts, "en", NAMES).body
    assert "开往名G1。" in write(Audience.WORKER, Kind.FIRST, facts, "zh", {}).body
