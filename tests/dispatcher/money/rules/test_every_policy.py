"""What must hold for every policy that can be written and everybody who may have come."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.rules.policy import Claimant, JointCharter, Percentage, Policy
from services.dispatcher.money.rules.subsidy import (
    Heads,
    Line,
    Parties,
    Run,
    bear,
    is_payable,
    owe,
    provision_of,
    public_parts,
    vehicle_rule,
)
from tests.dispatcher.money.rules.policies import heads, policies

ENDS = (
    Parties("2020-spring", "522732", "330200", "C01", "330206"),
    Parties("2020-spring", "522732", "520100", "C01", "520115"),
    Parties("2020-spring", "522732", "522700", "C01", "522701"),
    Parties("2020-spring", "522732", "522700", "C01", "522732"),
)


@dataclass(frozen=True)
class Case:
    policy: Policy
    run: Run
    heads: list[Heads]
    parties: Parties

    def bear(self) -> tuple[Line, ...]:
        return bear(self.policy, self.run, self.heads, self.parties)

    @property
    def covered(self) -> dict[int, list[Heads]]:
        """Provision -> the heads that come under it."""
        found = defaultdict(list)
        for one in self.heads:
            found[provision_of(self.policy, one)].append(one)
        return dict(found)

    @property
    def eligible(self) -> int:
        return sum(h.came for place, those in self.covered.items() if place >= 0 for h in those)


CASES = st.builds(
    Case,
    policies(),
    st.builds(Run, st.integers(0, 5_000_000), st.integers(10, 60), st.just(date(2020, 2, 24))),
    heads(),
    st.sampled_from(ENDS),
)


@given(CASES)
def test_lines_sum_to_the_charter_and_nothing_is_negative(case: Case) -> None:
    lines = case.bear()
    assert sum(line.amount_fen for line in lines) == case.run.charter_fen
    assert all(line.due_fen >= 0 and line.held_fen >= 0 for line in lines)
    assert len({line.account for line in lines}) == len(lines)


@given(CASES)
def test_what_payers_owe_is_what_they_bear(case: Case) -> None:
    owed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for cell in owe(case.policy, case.run, case.heads, case.parties):
        owed[cell.payer][0] += cell.due_fen
        owed[cell.payer][1] += cell.held_fen
    borne = {
        line.account: [line.due_fen, line.held_fen]
        for line in case.bear()
        if line.account.startswith("payer:")
    }
    assert {payer: fen for payer, fen in owed.items() if any(fen)} == borne


@given(CASES)
def test_no_cap_is_passed_and_no_part_is_above_its_rule_or_its_charter(case: Case) -> None:
    policy, parts = case.policy, public_parts(case.policy, case.run, case.heads, case.parties)
    paid = sum(part.paid_fen for part in parts)
    assert policy.cap_vehicle_fen is None or paid <= policy.cap_vehicle_fen
    for part in parts:
        assert part.heads == sum(h.came for h in case.covered[part.provision])
        assert policy.cap_head_fen is None or part.paid_fen <= policy.cap_head_fen * part.heads
        assert 0 <= part.paid_fen <= part.by_rule_fen <= part.base_fen - part.workers_fen
        rule = policy.provisions[part.provision].rule
        if isinstance(rule, Percentage):
            assert part.by_rule_fen * 100 <= part.base_fen * rule.rate_percent
    assert sum(part.base_fen for part in parts) <= case.run.charter_fen


@given(CASES)
def test_below_the_floor_government_and_workers_bear_nothing(case: Case) -> None:
    payable = is_payable(case.policy, case.run.day, case.parties)
    if payable and case.eligible >= max(1, case.policy.min_passengers_vehicle):
        assert sum(part.heads for part in public_parts(case.policy, case.run, case.heads, case.parties)) == (
            case.eligible
        )
    else:
        assert owe(case.policy, case.run, case.heads, case.parties) == []
        assert all(line.account.startswith("enterprise:") for line in case.bear())


@given(CASES)
def test_only_what_is_certain_is_due_of_government_and_workers(case: Case) -> None:
    arrived = sum(h.arrived for place, those in case.covered.items() if place >= 0 for h in those)
    if arrived < max(1, case.policy.min_passengers_vehicle):
        public = [line for line in case.bear() if not line.account.startswith("enterprise:")]
        assert sum(line.due_fen for line in public) == 0


@given(CASES, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_heads_nor_how_they_are_told_changes_a_fen(case: Case, random) -> None:  # type: ignore[no-untyped-def]
    others = [
        Heads(h.enterprise_id, 1, int(i < h.arrived), int(h.arrived <= i < h.came), h.mode, h.category)
        for h in case.heads
        for i in range(h.booked)
    ]
    random.shuffle(others)
    one_by_one = Case(case.policy, case.run, others, case.parties)
    assert sorted(case.bear(), key=str) == sorted(one_by_one.bear(), key=str)
    cells = [owe(c.policy, c.run, c.heads, c.parties) for c in (case, one_by_one)]
    assert sorted(cells[0], key=str) == sorted(cells[1], key=str)


@given(CASES)
def test_a_claimant_s_part_follows_its_heads(case: Case) -> None:
    """To a fen for each payer, due and held apart: each is divided by largest remainder."""
    parts = {p.provision: p for p in public_parts(case.policy, case.run, case.heads, case.parties)}
    claimed: Counter[tuple[int, str]] = Counter()
    for cell in owe(case.policy, case.run, case.heads, case.parties):
        claimed[cell.provision, cell.claimant] += cell.due_fen + cell.held_fen
    by_place = case.covered
    everybody = Counter[str]()
    for place, those in by_place.items():
        for h in those:
            everybody[h.enterprise_id] += h.came if place >= 0 else 0
    lead = max(sorted(everybody), key=lambda name: everybody[name])
    for place, part in parts.items():
        provision, came = case.policy.provisions[place], Counter[str]()
        for h in by_place[place]:
            came[h.enterprise_id] += h.came
        if provision.claimant is Claimant.CARRIER:
            expected = {case.parties.carrier_account: part.paid_fen}
            slack = 0
        elif case.policy.joint_charter is JointCharter.LEAD_ENTERPRISE:
            expected = {case.parties.enterprise_account(lead): part.paid_fen}
            slack = 0
        else:
            expected = {
                case.parties.enterprise_account(name): part.paid_fen * count // part.heads
                for name, count in came.items()
            }
            slack = 3 * len(provision.payers)
        claimants = {claimant for p, claimant in claimed if p == place}
        assert claimants <= set(expected)
        for claimant, fen in expected.items():
            assert abs(claimed[place, claimant] - fen) <= slack


@given(CASES)
def test_what_planning_weighs_a_vehicle_by_is_what_the_policy_pays_of_it(case: Case) -> None:
    rule = vehicle_rule(case.policy)
    if rule is not None:
        came = sum(h.came for h in case.heads)
        enough = came >= max(1, rule.min_passengers)
        amount = case.run.charter_fen * rule.rate_percent // 100 if enough else 0
        expected = amount if rule.cap_vehicle_fen is None else min(amount, rule.cap_vehicle_fen)
        assert (
            sum(p.paid_fen for p in public_parts(case.policy, case.run, case.heads, case.parties)) == expected
        )
