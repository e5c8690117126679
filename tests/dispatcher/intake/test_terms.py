"""Files of policies and tariffs that somebody wrote by hand, with what can be wrong in them."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.intake.terms import read_policies, read_tariffs
from services.dispatcher.money.rules.policy import Percentage
from shared.kernel.errors import ZhidaError
from shared.rules.document import (
    BYTES_MAX,
    FileTooLong,
    FileUnreadable,
    KeyTwice,
    NotPlainYaml,
)
from shared.rules.versions import LinesInvalid

POLICY = """\
id: sandu
version: 1
name: 示例
valid_from: 2020-02-11
cap_vehicle_fen: 1_000_000
toll_exempt: true
provisions:
- rule: {kind: percentage, rate_percent: 50}
  payers:
  - {payer: origin_county, share: 1}
"""
TARIFF = "{id: C53, coach_type: C53, seats: 53, valid_from: 2020-01-01, fen_per_km: 1050}"


def listed(*policies: str) -> bytes:
    """The policies as one file's list."""
    items = ("- " + policy.rstrip().replace("\n", "\n  ") for policy in policies)
    return ("policies:\n" + "\n".join(items)).encode()


def faults(content: str | bytes) -> list[tuple[str, str]]:
    """Where and what a file's faults are; each has a mend in both languages."""
    with pytest.raises(LinesInvalid) as caught:
        read_policies(content if isinstance(content, bytes) else content.encode())
    assert caught.value.count == len(caught.value.errors)
    assert all(one["mend_zh"] and one["mend_en"] and one["fault_zh"] for one in caught.value.errors)
    return [(one["field"], one["fault_en"]) for one in caught.value.errors]


def test_one_policy_and_a_list_are_read_alike() -> None:
    (alone,) = read_policies(POLICY.encode())
    assert (alone.valid_from, alone.cap_vehicle_fen) == (date(2020, 2, 11), 1_000_000)
    assert alone.provisions[0].rule == Percentage(rate_percent=50)
    assert read_policies(listed(POLICY, POLICY.replace("version: 1", "version: 2")))[0] == alone
    assert read_policies(POLICY.replace("2020-02-11", '"2020-02-11"').encode()) == [alone]


@pytest.mark.parametrize(
    ("old", "new", "field", "fault"),
    [
        ("version: 1", "version: one", "line 2: version", "is not a whole number"),
        ("version: 1", "version: yes", "line 2: version", "is not a whole number"),
        ("version: 1", "version: 010", "line 2: version", "is not a whole number"),
        ("1_000_000", ".nan", "line 5: cap_vehicle_fen", "is not a whole number"),
        ("1_000_000", "1" * 400, "line 5: cap_vehicle_fen", "is too large"),
        ("1_000_000", "-1", "line 5: cap_vehicle_fen", "is too small"),
        ("toll_exempt: true", "toll_exempt: no", "line 6: toll_exempt", "is neither true nor false"),
        ("2020-02-11", "2020-02-30", "line 4: valid_from", "is not a date"),
        ("2020-02-11", "20200211", "line 4: valid_from", "is not valid"),
        ("name:", "nama:", "line 3: nama", "is not a known field"),
        ("percentage", "precentage", "line 8: provisions[0].rule", "is not one of the choices"),
        ("kind: percentage, ", "", "line 8: provisions[0].rule", "does not say of which kind it is"),
        ("50}", "101}", "line 8: provisions[0].rule.rate_percent", "is too large"),
        ("origin_county", "county", "line 10: provisions[0].payers[0].payer", "is not one of the choices"),
        (", share: 1", "", "line 10: provisions[0].payers[0].share", "is missing"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(old: str, new: str, field: str, fault: str) -> None:
    assert (field, fault) in faults(POLICY.replace(old, new))


def test_all_faults_of_all_policies_are_told_each_once() -> None:
    wrong = POLICY.replace("50}", "101}").replace("share: 1", "share: 0")
    assert faults(listed(POLICY, wrong.replace("id: sandu", "id: x"))) == [
        ("line 19: policies[1].provisions[0].rule.rate_percent", "is too large"),
        ("line 21: policies[1].provisions[0].payers[0].share", "is too small"),
    ]


def test_an_amount_of_a_band_is_named_by_its_place_in_the_file() -> None:
    bands = POLICY.replace(
        "{kind: percentage, rate_percent: 50}",
        "{kind: bands, seats: [30], fen: {other_province: [1, x], far: [1, 2], same_county: 5}}",
    )
    assert {field for field, _ in faults(bands)} == {
        f"line 8: provisions[0].rule.fen.{place}" for place in ("other_province[1]", "far", "same_county")
    }


def test_a_version_is_given_once() -> None:
    assert faults(listed(POLICY, POLICY)) == [("line 13: policies[1].version", "is not valid")]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (POLICY + "version: 2\n", KeyTwice, "Line 11 gives version again, which line 2"),
        (POLICY.replace("share: 1", "share: 1, share: 2"), KeyTwice, "Line 10 gives share again"),
        (POLICY.replace("name: 示例", "name: &a x"), NotPlainYaml, "Line 3 has an anchor"),
        (POLICY.replace("name: 示例", "name: !!python/name:os.system"), NotPlainYaml, "Line 3 has the tag"),
        (POLICY + "? [a]\n: b\n", NotPlainYaml, "Line 11 has a key that is not a word"),
        (POLICY + "1: b\n", NotPlainYaml, "Line 11 has a key that is not a word"),
        ("a: &a [x]\n" + "".join(f"b{i}: [*a, *a]\n" for i in range(9)), NotPlainYaml, "Line 1"),
        (POLICY + "\x1f", FileUnreadable, "YAML"),
        ("[" * 5000, FileUnreadable, "YAML"),
        ("a: " + "9" * 5000, FileUnreadable, "YAML"),
        ("a: 1\n---\na: 2\n", FileUnreadable, "YAML"),
        ("provisions: [unclosed", FileUnreadable, "YAML"),
        ("- 1", FileUnreadable, "YAML with a policy"),
        ("", FileUnreadable, "YAML with a policy"),
        ("#" * (BYTES_MAX + 1), FileTooLong, f"longer than {BYTES_MAX} bytes"),
    ],
)
def test_what_no_file_of_rules_needs_is_refused(content: str, error: type[ZhidaError], said: str) -> None:
    with pytest.raises(error) as caught:
        read_policies(content.encode())
    assert said in caught.value.message("en")
    assert caught.value.message("zh")


def test_beside_the_list_nothing_stands_and_the_list_is_one() -> None:
    assert faults(b"version: 1\npolicies: []\n") == [("line 1: version", "is not a known field")]
    assert faults(b"policies: {}\n") == [("line 1: policies", "is not a list")]


def test_tariffs_are_read_and_their_faults_told_alike() -> None:
    assert read_tariffs(f"tariffs:\n- {TARIFF}\n".encode())[0].fen_per_km == 1050
    with pytest.raises(LinesInvalid) as caught:
        read_tariffs(f"tariffs:\n- {TARIFF}\n- {TARIFF}\n- {TARIFF.replace('1050', '10.5')}\n".encode())
    assert [one["field"] for one in caught.value.errors] == [
        "line 3: tariffs[1].version",
        "line 4: tariffs[2].fen_per_km",
    ]


SCRAPS = [
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!!",
    "|",
    "?",
    "<<",
    "\n",
    "\t",
    "~",
    "yes",
    "0x1",
    "1e999",
]


@given(
    st.text(max_size=20) | st.sampled_from(SCRAPS),
    st.integers(0, len(POLICY)),
    st.integers(0, 30),
)
def test_whatever_is_written_into_a_file_it_is_read_or_refused(
    scrap: str, place: int, instead_of: int
) -> None:
    content = (POLICY[:place] + scrap + POLICY[place + instead_of :]).encode("utf-8", "surrogatepass")
    for read in (read_policies, read_tariffs):
        with suppress(ZhidaError):  # nothing else may come of it
            read(content)
