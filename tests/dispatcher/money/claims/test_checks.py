"""The sixteen checks: each finds what it is for, and lets pass what only comes near."""

import json
import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.claims.checks import (
    CHECKS,
    Cause,
    Flag,
    Severity,
    count_eligible,
    papers,
    people,
    process,
    rides,
    run_checks,
    vehicles,
)
from services.dispatcher.money.claims.facts import ClaimFacts
from tests.dispatcher.money.claims.cases import MANY_FAULTS, MISSES, TRIGGERS, Miss, Trigger
from tests.dispatcher.money.claims.claim import (
    at,
    claim,
    contract,
    policy,
    provision,
    seats,
    trip,
    with_contract,
    with_person,
    with_seats,
)

CAUSES = [
    value
    for module in (papers, people, process, rides, vehicles)
    for value in vars(module).values()
    if isinstance(value, Cause)
]


def named(case: Trigger | Miss) -> str:
    return f"{case.code}: {case.name}"


def flags_of(code: str, facts: ClaimFacts) -> list[Flag]:
    return [flag for flag in run_checks(facts) if flag.code == code]


def test_nothing_is_found_in_a_clean_claim() -> None:
    assert run_checks(claim()) == []


@pytest.mark.parametrize("case", TRIGGERS, ids=named)
def test_a_check_finds_what_it_is_for_and_nothing_else(case: Trigger) -> None:
    flags = flags_of(case.code, case.facts)
    assert sorted(flags, key=lambda f: f.rank) == flags
    found = [(flag.cause, flag.severity, flag.trip_id, flag.request_ids) for flag in flags]
    assert found == sorted(case.found, key=lambda f: (f[0], f[2] or "", f[3]))


@pytest.mark.parametrize("case", MISSES, ids=named)
def test_a_check_lets_pass_what_only_comes_near(case: Miss) -> None:
    assert flags_of(case.code, case.facts) == []


def test_all_sixteen_are_there_and_each_has_cases_of_both_kinds() -> None:
    assert list(CHECKS) == [f"F{n:02d}" for n in range(1, 17)]
    assert all(check.__name__.startswith(code.lower() + "_") for code, check in CHECKS.items())
    assert {case.code for case in TRIGGERS} == CHECKS.keys() == {case.code for case in MISSES}


def test_every_cause_and_every_severity_is_triggered_by_a_case() -> None:
    triggered = {(case.code, found[0]) for case in TRIGGERS for found in case.found}
    assert triggered == {(cause.code, cause.name) for cause in CAUSES}
    assert {found[1] for case in TRIGGERS for found in case.found} == set(Severity)


@pytest.mark.parametrize("case", TRIGGERS, ids=named)
def test_a_flag_says_in_both_languages_what_was_found(case: Trigger) -> None:
    for flag in flags_of(case.code, case.facts):
        assert json.loads(json.dumps(dict(flag.evidence), ensure_ascii=False)).keys() == flag.evidence.keys()
        assert all(isinstance(value, str | int | tuple) for value in flag.evidence.values())
        for language in ("zh", "en"):
            text = flag.message(language)  # type: ignore[arg-type]
            assert not re.search(r"[{}]|None|\(\)", text)
            assert not flag.trip_id or flag.trip_id in text or all(r in text for r in flag.request_ids)
            assert flag.trip_id or all(r in text for r in flag.request_ids)
        assert flag.message("zh") == flag.zh
        assert re.search(r"[\u4e00-\u9fff]", flag.zh)
        assert not re.search(r"[\u4e00-\u9fff]", flag.en.replace("贵", "").replace("清镇市", ""))


def test_the_evidence_is_what_a_clerk_needs_to_check_it() -> None:
    [per_km, per_seat] = flags_of("F09", with_contract(price_fen=2_450_000))
    # 24,500 yuan over 1,750 km is 14.00 a km, 18,400 is 10.51; over 49 seats 500.00 and 375.51.
    assert per_km.evidence == {
        "price_fen": 2_450_000,
        "distance_m": 1_750_000,
        "per_km_fen": 1400,
        "expected_per_km_fen": 1051,
        "band_percent": 30,
    }
    assert (per_seat.evidence["per_seat_fen"], per_seat.evidence["expected_per_seat_fen"]) == (50_000, 37_551)
    assert "24,500.00" in per_km.en
    assert "14.00" in per_km.zh
    [late] = flags_of("F11", with_contract(filed_at=at(2, 23, 1, 30)))
    assert late.evidence["filed_at"] == "2020-02-23T09:30:00+08:00"
    assert late.evidence["due_at"] == "2020-02-23T09:00:00+08:00"
    [refused] = flags_of("F05", with_seats(outcome="refused"))
    assert refused.evidence["outcome"] == "refused"
    assert "企业未接收" in refused.zh
    assert "refused" in refused.en
    [twice] = flags_of("F08", claim(trip(1), trip(2, contract=contract(1, contract_no="HT-2"))))
    # Both run from 09:00 to 18:00 of the next day.
    assert twice.evidence == {"plate": "贵J00001", "other_trip_id": "T2", "overlap_s": 33 * 3600}
    [young] = flags_of("F12", with_person(age=15))
    assert young.evidence == {"age_min": 16}


def test_only_those_count_who_came_and_whom_a_provision_is_for() -> None:
    terms = policy(provisions=(provision(categories=("RELOCATED",)), provision(modes=("GOV_PURCHASE",))))
    aboard = (
        *seats(1, 3, category="RELOCATED"),
        *seats(2, 2, organising_mode="GOV_PURCHASE"),
        *seats(3, 5),
        *seats(4, 1, category="RELOCATED", boarding=None),
        *seats(5, 1, category="RELOCATED", outcome="no_show"),
        *seats(6, 1, category="RELOCATED", outcome="disputed"),
        *seats(7, 1, category="RELOCATED", riding=False),
    )
    assert count_eligible(terms, aboard) == 3 + 2 + 1


def shuffled(facts: ClaimFacts, seed: int) -> ClaimFacts:
    draw = random.Random(seed)
    trips = [replace(trip, seats=tuple(draw.sample(trip.seats, len(trip.seats)))) for trip in facts.trips]
    draw.shuffle(trips)
    return replace(
        facts,
        trips=tuple(trips),
        people=dict(draw.sample(list(facts.people.items()), len(facts.people))),
        uses=tuple(draw.sample(facts.uses, len(facts.uses))),
        runs=tuple(draw.sample(facts.runs, len(facts.runs))),
    )


@given(st.integers(0, 2**32))
def test_a_clean_claim_stays_clean_in_any_order_of_trips_and_seats(seed: int) -> None:
    assert run_checks(shuffled(claim(), seed)) == []


@given(st.integers(0, 2**32))
def test_flags_come_in_one_order_whatever_the_order_of_the_facts(seed: int) -> None:
    flags = run_checks(MANY_FAULTS)
    assert {flag.code for flag in flags} >= {"F01", "F02", "F04", "F06", "F08", "F10", "F13", "F16"}
    assert run_checks(shuffled(MANY_FAULTS, seed)) == flags
