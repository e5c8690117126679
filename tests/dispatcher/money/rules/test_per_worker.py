"""What each worker's part is of what each account bears: all parts sum to the bill, whatever the policy, whoever came, whatever
was cut."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.money.rules.per_worker import Borne, Hit, divide
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import Cut, Heads, Parties, Run, bear, cut, owe, provision_of
from tests.dispatcher.money.rules.policies import heads, policies

PARTIES = Parties("2020-spring", "522732", "330200", "C01", "330206")
RUN = Run(1_840_001, 49, date(2020, 2, 24))


@dataclass(frozen=True)
class Case:
    """A bill, its workers one by one, and cuts of what claimants are owed, each about some of the workers."""

    policy: Policy
    run: Run
    workers: dict[str, Heads]
    hits: list[Hit]

    def divide(self) -> dict[str, list[Borne]]:
        return divide(self.policy, self.run, self.workers, PARTIES, self.hits)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    # Mostly such as are paid at all: when they are not is another test's.
    payable = {"min_passengers_vehicle": draw(st.integers(0, 6)), "destinations": (), "trips": None}
    billed, policy = draw(heads()), draw(policies()).model_copy(update=payable)
    run = Run(draw(st.integers(0, 5_000_000)), draw(st.integers(10, 60)), date(2020, 2, 24))
    workers = one_by_one(billed)
    owed = [cell for cell in owe(policy, run, billed, PARTIES) if cell.due_fen]
    some = st.frozensets(st.sampled_from(sorted(workers)))
    hits = [
        Hit(Cut(cell.payer, cell.claimant, draw(st.integers(1, cell.due_fen)), "clawback", "C-1"), draw(some))
        for cell in (draw(st.lists(st.sampled_from(owed), min_size=1, max_size=3)) if owed else [])
    ]
    return Case(policy, run, workers, hits)


def one_by_one(billed: list[Heads]) -> dict[str, Heads]:
    """The same heads, each alone."""
    workers = {}
    for each in billed:
        for n in range(each.booked):
            arrived = int(n < each.arrived)
            disputed = int(not arrived and n < each.arrived + each.disputed)
            workers[f"R{len(workers):03d}"] = Heads(
                each.enterprise_id, 1, arrived, disputed, each.mode, each.category
            )
    return workers


def sums(parts: dict[str, list[Borne]]) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for mine in parts.values():
        for part in mine:
            found[part.account][0] += part.due_fen
            found[part.account][1] += part.held_fen
    return {account: (due, held) for account, (due, held) in found.items()}


@given(cases())
def test_all_workers_parts_of_an_account_sum_to_what_it_bears(case: Case) -> None:
    lines = bear(case.policy, case.run, list(case.workers.values()), PARTIES)
    after = cut(lines, [hit.cut for hit in case.hits])
    assert sums(case.divide()) == {line.account: (line.due_fen, line.held_fen) for line in after}


@given(cases())
def test_no_part_is_negative_and_nobody_bears_for_another_enterprise_s_worker_unless_it_claimed(
    case: Case,
) -> None:
    claimed = {hit.cut.claimant for hit in case.hits}
    for request_id, mine in case.divide().items():
        own = PARTIES.enterprise_account(case.workers[request_id].enterprise_id)
        for part in mine:
            assert part.due_fen >= 0
            assert part.held_fen >= 0
            if part.account.startswith("enterprise:"):
                assert part.account in {own} | claimed


@given(cases())
def test_those_alike_differ_by_a_fen_for_each_part_of_the_bill_at_most(case: Case) -> None:
    parts = divide(case.policy, case.run, case.workers, PARTIES, [])
    alike: dict[object, list[dict[str, int]]] = defaultdict(list)
    for request_id, heads_of_one in case.workers.items():
        mine = {part.account: part.due_fen for part in parts[request_id]}
        alike[heads_of_one, provision_of(case.policy, heads_of_one)].append(mine)
    for those in alike.values():
        for account in {account for mine in those for account in mine}:
            fen = [mine.get(account, 0) for mine in those]
            assert max(fen) - min(fen) <= 1


def subsidised() -> Case:
    """24 workers, half of the charter by county and prefecture 1 : 1."""
    policy = Policy.model_validate(
        {
            "id": "p",
            "version": 1,
            "name": "p",
            "valid_from": "2020-01-01",
            "provisions": [
                {
                    "rule": {"kind": "percentage", "rate_percent": 50},
                    "payers": [
                        {"payer": "origin_county", "share": 1},
                        {"payer": "origin_prefecture", "share": 1},
                    ],
                }
            ],
        }
    )
    return Case(policy, RUN, {f"R{n:02d}": Heads("E1", 1, 1) for n in range(24)}, [])


def test_a_claw_back_takes_the_worker_s_own_part_and_leaves_the_others_theirs() -> None:
    case = subsidised()
    county, firm = (
        PARTIES.payer_account(case.policy.provisions[0].payers[0].payer),
        "enterprise:E1:2020-spring",
    )
    before = {part.account: part.due_fen for part in case.divide()["R05"]}
    # 18,400.01 yuan: 9,200.00 public, 4,600.00 the county's, of 24 workers 191.66 or 191.67 each.
    assert before[county] in (19166, 19167)
    hit = Hit(Cut(county, firm, before[county], "clawback", "C-1"), frozenset({"R05"}))
    after = divide(case.policy, RUN, case.workers, PARTIES, [hit])
    mine = {part.account: part.due_fen for part in after["R05"]}
    assert county not in mine
    assert mine[firm] == before[firm] + before[county]
    assert {one: parts for one, parts in after.items() if one != "R05"} == {
        one: parts for one, parts in case.divide().items() if one != "R05"
    }


def test_what_a_cut_takes_beyond_the_workers_it_is_about_is_taken_from_the_claimant_s_others() -> None:
    case = subsidised()
    county, firm = (
        PARTIES.payer_account(case.policy.provisions[0].payers[0].payer),
        "enterprise:E1:2020-spring",
    )
    hit = Hit(Cut(county, firm, 230_000, "refused", "C-1"), frozenset({"R00"}))
    parts = divide(case.policy, RUN, case.workers, PARTIES, [hit])
    left = {one: sum(p.due_fen for p in mine if p.account == county) for one, mine in parts.items()}
    assert left["R00"] == 0
    assert sum(left.values()) == 230_000
    assert min(fen for one, fen in left.items() if one != "R00") > 9_900
