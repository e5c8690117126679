"""What makes a row acceptable, alone and beside others."""

import dataclasses
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.fault import WORDS, Fault
from services.registry.domain.places import Enterprise, Enterprises, Gate, Stops
from services.registry.domain.row import (
    PARTY_MAX,
    Candidate,
    Row,
    check_row,
    check_together,
    spread_over_parties,
)
from shared.roster import Category
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID, GATE, resident_id, worker

TODAY = date(2020, 2, 20)
NAMES = {"三合街道": "522732001", "大河镇": "522732101"}
STOPS = Stops(NAMES.get, NAMES)
ENTERPRISES = Enterprises([Enterprise(ENTERPRISE_ID, ENTERPRISE, (Gate("g1", GATE), Gate("g2", "西门")))])


def check(**changes: Any) -> Candidate | tuple[Fault, ...]:
    return check_row(Row(2, worker(1, **changes)), STOPS, ENTERPRISES, TODAY)


def codes(**changes: Any) -> list[str]:
    found = check(**changes)
    assert isinstance(found, tuple), found
    return [fault.code for fault in found]


def candidate(row: int, **changes: Any) -> Candidate:
    found = check_row(Row(row, worker(row, **changes)), STOPS, ENTERPRISES, TODAY)
    assert isinstance(found, Candidate), found
    return found


def test_a_good_row_becomes_a_candidate_with_codes() -> None:
    found = check()
    assert isinstance(found, Candidate)
    assert (found.stop_code, found.enterprise_id, found.gate_id) == ("522732001", ENTERPRISE_ID, "g1")
    assert found.category is Category.RELOCATED


def test_the_agency_is_taken_by_its_code_and_may_be_left_out() -> None:
    for typed, code in (("", None), (ENTERPRISE_ID.lower(), ENTERPRISE_ID)):
        found = check(organiser=typed)
        assert isinstance(found, Candidate)
        assert found.organiser_id == code
    assert codes(organiser="三都示例人力资源公司") == ["credit-code"]


def test_codes_are_as_good_as_words() -> None:
    found = check(
        enterprise=ENTERPRISE_ID.lower(), gate="g2", category="relocated", organising_mode="GOV_PURCHASE"
    )
    assert isinstance(found, Candidate)
    assert found.gate_id == "g2"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"resident_id": "123"}, "id-format"),
        ({"phone": "123"}, "phone"),
        ({"stop": "三和街道"}, "unknown-stop"),
        ({"enterprise": "没有的公司"}, "unknown-enterprise"),
        ({"gate": "后门"}, "unknown-gate"),
        ({"latest": "2020-02-10"}, "window-reversed"),
        ({"category": "贫困户"}, "category"),
        ({"organising_mode": "自己走"}, "organising-mode"),
        ({"name": ""}, "required"),
        ({"stop": "长" * 101}, "text-long"),
        ({"resident_id": resident_id(5, date(2005, 1, 1))}, "too-young"),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_a_row_comes_back_with_all_its_faults_at_once() -> None:
    assert codes(phone="1", stop="x", gate="y", category="z") == [
        "phone",
        "unknown-stop",
        "unknown-gate",
        "category",
    ]


def test_an_unknown_place_offers_the_nearest() -> None:
    found = check(stop="三和街道")
    assert isinstance(found, tuple)
    assert "三合街道" in found[0].mend_zh
    assert "三合街道" in found[0].mend_en


def test_an_unknown_gate_names_those_that_there_are() -> None:
    found = check(gate="后门")
    assert isinstance(found, tuple)
    assert GATE in found[0].mend_zh
    assert "西门" in found[0].mend_en


@pytest.mark.parametrize("field", ["name", "resident_id", "phone"])
def test_a_fault_of_a_person_never_quotes_the_value(field: str) -> None:
    found = check(**{field: "秘密123456"})
    assert isinstance(found, tuple)
    assert all("秘密" not in text and "123456" not in text for text in dataclasses.astuple(found[0]))


def test_every_fault_is_worded_in_both_languages_with_its_mend() -> None:
    assert all(all(text.strip() for text in words) for words in WORDS.values())


def test_a_person_twice_in_one_file_is_accepted_once() -> None:
    twice = [candidate(2), candidate(3, resident_id=worker(2)["resident_id"])]
    faults = check_together(twice)
    assert {row: [f.code for f in found] for row, found in faults.items()} == {3: ["duplicate-row"]}
    assert "2" in faults[3][0].zh


@pytest.mark.parametrize(
    "differs",
    [{"stop": "大河镇"}, {"gate": "西门"}, {"latest": "2020-02-25"}],
    ids=["stop", "gate", "window"],
)
def test_a_family_that_does_not_travel_as_one_is_refused(differs: dict[str, str]) -> None:
    faults = check_together([candidate(2, party="A"), candidate(3, party="A", **differs)])
    assert {row: [f.code for f in found] for row, found in faults.items()} == {
        2: ["party-differs"],
        3: ["party-differs"],
    }


def test_a_family_too_large_for_one_coach_is_refused() -> None:
    family = [candidate(row, party="A") for row in range(2, 2 + PARTY_MAX)]
    assert check_together(family) == {}
    assert set(check_together([*family, candidate(50, party="A")])) == {*range(2, 2 + PARTY_MAX), 50}


@given(
    st.dictionaries(st.integers(2, 40), st.sampled_from(["", "A", "B", "C"])),
    st.sets(st.integers(2, 40)),
)
def test_a_party_is_never_split(labels: dict[int, str], bad: set[int]) -> None:
    faults = {row: [WORDS_FAULT] for row in bad & labels.keys()}
    spread = spread_over_parties(faults, labels)
    for label in set(labels.values()) - {""}:
        members = {row for row, own in labels.items() if own == label}
        assert members <= spread.keys() or not members & spread.keys()
    alone = {row for row, own in labels.items() if own == ""}
    assert spread.keys() & alone == faults.keys() & alone


WORDS_FAULT = Fault("phone", "phone", "", "", "", "")


def test_who_is_refused_for_their_family_learns_which_row_to_mend() -> None:
    spread = spread_over_parties({4: [WORDS_FAULT]}, {3: "A", 4: "A", 5: ""})
    assert [f.code for f in spread[3]] == ["party-refused"]
    assert "4" in spread[3][0].mend_zh
