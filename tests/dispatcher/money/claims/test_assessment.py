"""What a claimant may have of trips, in any order and partition of its claims: never more than is due, never over the cap."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.claims.assessment import (
    Claimed,
    Line,
    PartOf,
    Standing,
    assess,
    cap_season,
    stand,
)
from services.dispatcher.money.claims.checks.flag import Flag, Severity
from services.dispatcher.money.rules.policy import FullCost, JointCharter, Percentage, Policy
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, owe, provision_of
from shared.roster import Category
from tests.dispatcher.money.claims.claim import policy, provision
from tests.dispatcher.money.rules.policies import heads, policies

PARTIES = Parties("2020-spring", "522732", "330500", "C01", "330502")
RUN = Run(1_840_000, 49, date(2020, 2, 24))
COUNTY = "payer:origin_county:522732:2020-spring"
E1 = "enterprise:E1:2020-spring"


def people_of(several: Sequence[Heads]) -> list[Claimed]:
    """Who arrived, one by one."""
    return [
        Claimed(f"R{place}-{n}", h.enterprise_id, h.mode, h.category)
        for place, h in enumerate(several)
        for n in range(h.arrived)
    ]


def may_claim(terms: Policy, claimant: str, one: Claimed) -> bool:
    joint = claimant.startswith("carrier:") or terms.joint_charter is JointCharter.LEAD_ENTERPRISE
    return joint or claimant == f"enterprise:{one.enterprise_id}:2020-spring"


def arrived_of(terms: Policy, people: Sequence[Claimed]) -> Counter[int]:
    return Counter(
        provision_of(terms, Heads(one.enterprise_id, 1, 1, 0, one.mode, one.category)) for one in people
    )


def dues_of(terms: Policy, run: Run, several: Sequence[Heads], claimant: str) -> Counter[str]:
    dues: Counter[str] = Counter()
    for cell in owe(terms, run, several, PARTIES):
        if cell.claimant == claimant:
            dues[cell.payer] += cell.due_fen
    return dues


def told_by_workings(line: Line, payer: str) -> int:
    """What the arithmetic that people are shown ends with: the parts of each provision, or what is left by other claims."""
    mine = [step for step in line.workings if step.what == f"payer:{payer}"]
    if mine[-1].formula.startswith("min("):
        return mine[-1].result_fen
    return sum(step.result_fen for step in mine)


@st.composite
def seasons(draw: st.DrawFn) -> tuple[Policy, Run, list[list[Heads]], str, int | None]:
    """A policy, several trips by it, one claimant of theirs, and a cap."""
    terms = draw(policies())
    run = Run(draw(st.integers(1, 3_000_000)), draw(st.integers(10, 60)), date(2020, 2, 24))
    trips = draw(st.lists(heads(), min_size=1, max_size=3))
    owed = sorted({c.claimant for several in trips for c in owe(terms, run, several, PARTIES) if c.due_fen})
    claimant = draw(st.sampled_from(owed or [E1]))
    whole = sum(dues_of(terms, run, several, claimant).total() for several in trips)
    return terms, run, trips, claimant, draw(st.none() | st.integers(0, whole + 1))


@given(seasons(), st.data())
def test_claims_in_any_order_and_partition_never_have_more_than_is_due_nor_more_than_the_cap(
    season: tuple[Policy, Run, list[list[Heads]], str, int | None], data: st.DataObject
) -> None:
    terms, run, trips, claimant, cap_fen = season
    mine = [[one for one in people_of(several) if may_claim(terms, claimant, one)] for several in trips]
    claim_of = [[data.draw(st.integers(0, 2)) for _ in people] for people in mine]
    taken: list[Counter[str]] = [Counter() for _ in trips]
    had = 0
    for claim in data.draw(st.permutations(range(3))):
        lines = []
        for place, several in enumerate(trips):
            asked = [one for one, number in zip(mine[place], claim_of[place], strict=True) if number == claim]
            standings = {one.request_id: data.draw(st.sampled_from(Standing)) for one in asked}
            line = assess(
                f"T{place}",
                terms,
                run,
                several,
                PARTIES,
                claimant,
                asked,
                standings,
                invoice_fen=None,
                arrived=arrived_of(terms, mine[place]),
                others=taken[place],
            )
            dues = dues_of(terms, run, several, claimant)
            for part in line.parts:
                assert min(part.payable_fen, part.held_fen, part.refused_fen) >= 0
                whole = part.payable_fen + part.held_fen + part.refused_fen
                assert whole <= dues[part.payer]
                assert taken[place][part.payer] + part.payable_fen + part.refused_fen <= dues[part.payer]
                assert told_by_workings(line, part.payer) == part.payable_fen
            lines.append(line)
        capped = cap_season(lines, cap_fen, had, terms.key)
        for place, (before, after) in enumerate(zip(lines, capped, strict=True)):
            for old, new in zip(before.parts, after.parts, strict=True):
                assert 0 <= new.payable_fen <= old.payable_fen
                assert new.payable_fen + new.refused_fen == old.payable_fen + old.refused_fen
                taken[place][new.payer] += new.payable_fen + new.refused_fen
            if after.workings[-1].what == "season_cap":
                assert after.workings[-1].result_fen == after.payable_fen
        payable = sum(line.payable_fen for line in capped)
        wanted = sum(line.payable_fen for line in lines)
        assert payable == (wanted if cap_fen is None else min(wanted, cap_fen - had))
        had += payable
    assert cap_fen is None or had <= cap_fen


@given(seasons())
def test_a_claim_for_everybody_who_arrived_has_all_that_is_due_to_the_fen(
    season: tuple[Policy, Run, list[list[Heads]], str, int | None],
) -> None:
    terms, run, (several, *_), claimant, _ = season
    mine = [one for one in people_of(several) if may_claim(terms, claimant, one)]
    line = assess(
        "T0",
        terms,
        run,
        several,
        PARTIES,
        claimant,
        mine,
        {one.request_id: Standing.COUNTED for one in mine},
        invoice_fen=None,
        arrived=arrived_of(terms, mine),
        others={},
    )
    dues = dues_of(terms, run, several, claimant)
    assert {part.payer: part.payable_fen for part in line.parts} == {p: fen for p, fen in dues.items() if fen}


TWO = policy(
    provisions=(
        provision(categories=(Category.REGISTERED_POOR,)).model_copy(update={"rule": FullCost()}),
        provision().model_copy(update={"rule": Percentage(rate_percent=50)}),
    )
)
"""All of the charter for the poor, half for others: one county pays."""
SHARED = [Heads("E1", 10, 10, category=Category.REGISTERED_POOR), Heads("E1", 13, 13)]


def claim_for(people: Sequence[Claimed], others: int = 0, **changes: int) -> Line:
    return assess(
        "T1",
        TWO,
        RUN,
        SHARED,
        PARTIES,
        E1,
        people,
        {one.request_id: Standing.COUNTED for one in people},
        invoice_fen=changes.get("invoice_fen"),
        arrived=arrived_of(TWO, people_of(SHARED)),
        others={COUNTY: others},
    )


def test_a_later_claim_under_the_second_provision_has_its_part_whatever_the_first_has_had() -> None:
    *first, last = people_of(SHARED)
    # 1,840,000 fen by heads: 800,000 for ten poor, 1,040,000 for thirteen others and half of it paid, 40,000 a head.
    paid = claim_for(first).payable_fen
    assert paid == 800_000 + 12 * 40_000
    assert claim_for([last], others=paid).payable_fen == 40_000


def test_an_invoice_below_the_contract_lowers_what_is_paid() -> None:
    assert claim_for(people_of(SHARED), invoice_fen=920_000).payable_fen == (800_000 + 520_000) // 2
    assert claim_for(people_of(SHARED), invoice_fen=9_200_000).payable_fen == 800_000 + 520_000


def test_what_other_claims_have_is_taken_off_and_the_arithmetic_says_so() -> None:
    line = claim_for(people_of(SHARED), others=1_000_000)
    (part,) = line.parts
    assert part.payable_fen == 320_000
    assert line.workings[-1].formula == "min(13,200.00; 13,200.00 - 10,000.00)"


def flag(severity: Severity, trip_id: str | None, *requests: str) -> Flag:
    return Flag("F00", "x", severity, trip_id, requests, {}, "", "")


@pytest.mark.parametrize("in_order", [True, False])
def test_the_gravest_flag_decides_what_a_request_counts_as(in_order: bool) -> None:
    flags = [
        flag(Severity.HOLD_LINE, "T1", "a", "b"),
        flag(Severity.BLOCK_LINE, None, "b"),
        flag(Severity.BLOCK_VEHICLE, "T2"),
        flag(Severity.REVIEW, "T1", "c"),
    ]
    flags = flags if in_order else flags[::-1]
    assert stand("abc", flags, "T1") == {
        "a": Standing.HELD,
        "b": Standing.REFUSED,
        "c": Standing.COUNTED,
    }
    assert set(stand("abc", flags, "T2").values()) == {Standing.REFUSED}


def test_a_cap_cuts_all_lines_in_proportion_and_says_by_what() -> None:
    lines = [Line(f"T{n}", {}, (PartOf(COUNTY, fen, 0, 7),), ()) for n, fen in enumerate((300, 100))]
    cut = cap_season(lines, 250, 50, "p@1")
    assert [line.parts for line in cut] == [(PartOf(COUNTY, 150, 0, 157),), (PartOf(COUNTY, 50, 0, 57),)]
    assert cut[0].workings[-1].formula == "3.00 × (2.50 - 0.50) ÷ 4.00"
    assert cap_season(lines, 250, 300, "p@1")[0].payable_fen == 0
    assert cap_season(lines, None, 300, "p@1") == lines
