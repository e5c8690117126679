"""The checker of bounds believes a certificate that holds, and none that was touched; its own sums are held to brute force."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.dispatcher.domain.round import measure_gap
from services.dispatcher.planning import CoachType, Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.certificate import Certificate, Prices, Split
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.instances import invent_corridor


@pytest.fixture(scope="module")
def problem() -> Problem:
    """A pool in which everything has a price: visits, the fleet, and coaches that are scarce on some day."""
    return invent_corridor(25, 1, gates=5, workers=300, days=2, per_day=3, half_load=True)


@pytest.fixture(scope="module")
def answer(problem: Problem) -> Plan:
    return plan(problem, Stop(work=20), 0, Params("columns"))


def prices_of(answer: Plan) -> Prices:
    assert isinstance(answer.certificate, Prices), "the pool was made too large to be branched on"
    return answer.certificate


def fault_of(problem: Problem, answer: Plan, **changes: object) -> str:
    """Why the plan proves nothing with these fields of its certificate changed."""
    certificate = replace(prices_of(answer), **changes)  # type: ignore[arg-type]
    return check_bound(problem, replace(answer, certificate=certificate)).fault


def test_it_believes_what_was_proven(problem: Problem, answer: Plan) -> None:
    verdict = check_bound(problem, answer)
    assert (verdict.fault, verdict.proven_fen) == ("", answer.bound_fen)
    assert 0 < (answer.bound_fen or 0) <= answer.cost_fen


def test_a_worker_worth_more_would_make_some_coach_worth_more_than_it_costs(
    problem: Problem, answer: Plan
) -> None:
    prices = prices_of(answer).workers
    dearest = max(prices, key=lambda group: prices[group])
    fault = fault_of(problem, answer, workers={**prices, dearest: prices[dearest] + 100_000_000})
    assert "more than it costs" in fault


def test_a_bound_raised_by_one_fen_is_not_what_the_prices_come_to(problem: Problem, answer: Plan) -> None:
    assert answer.bound_fen is not None
    raised = replace(answer, bound_fen=answer.bound_fen + 1)
    assert f"claims a bound of {answer.bound_fen + 1} fen" in check_bound(problem, raised).fault


def test_a_scarce_coach_that_owes_less_is_worth_more_than_it_costs(problem: Problem, answer: Plan) -> None:
    dues = prices_of(answer).dues
    assert dues, "the pool was made to have scarce coaches"
    assert "more than it costs" in fault_of(problem, answer, dues=())


def test_a_plan_that_carries_fewer_proves_less(problem: Problem, answer: Plan) -> None:
    fewer = replace(answer, trips=answer.trips[1:])
    assert "claims a bound" in check_bound(problem, fewer).fault


def test_another_problems_certificate_names_what_this_one_has_not(problem: Problem, answer: Plan) -> None:
    other = plan(invent_corridor(40, 2), Stop(work=1), 0, Params("columns"))
    assert (
        "which the problem has not"
        in check_bound(problem, replace(answer, certificate=other.certificate)).fault
    )


def test_a_cheaper_tariff_makes_the_prices_too_high(problem: Problem, answer: Plan) -> None:
    cheaper = tuple(
        CoachType(c.id, c.seats, c.fixed_fen - 1000, c.fen_per_km, c.per_day) for c in problem.coaches
    )
    assert "more than it costs" in check_bound(replace(problem, coaches=cheaper), answer).fault


def test_nothing_is_proven_without_a_certificate(problem: Problem, answer: Plan) -> None:
    assert "no certificate" in check_bound(problem, replace(answer, certificate=None)).fault


def test_a_plan_that_carries_nobody_since_nobody_can_be_carried_is_proven(problem: Problem) -> None:
    too_far = replace(problem, limits=replace(problem.limits, duration_s=60))
    nobody = plan(too_far, Stop(work=10), 0, Params())
    assert nobody.trips == ()
    assert nobody.cost_fen == 0
    assert check_bound(too_far, nobody).proven_fen == 0 == measure_gap(0, nobody.bound_fen)


def test_what_any_number_of_coaches_owe_is_refused(answer: Plan) -> None:
    """A due earns the bound nothing, and lowers what coaches are worth: it may stand only where a limit takes it back."""
    unlimited = invent_corridor(25, 1, gates=5, workers=300, days=2, half_load=True)
    assert "any number" in check_bound(unlimited, answer).fault


@pytest.fixture(scope="module")
def parted() -> tuple[Problem, Plan]:
    """A pool small enough to be proven by cases, to the last fen."""
    pool = invent_corridor(5, 1, gates=2, workers=210)
    return pool, plan(pool, Stop(work=3000), 0, Params("columns"))


def test_a_small_pool_is_proven_optimal_by_cases(parted: tuple[Problem, Plan]) -> None:
    pool, best = parted
    assert isinstance(best.certificate, Split)
    verdict = check_bound(pool, best)
    assert (verdict.fault, verdict.proven_fen) == ("", best.cost_fen)


def change_leaves(proof: Certificate, change: Callable[[Prices], Certificate]) -> Certificate:
    if isinstance(proof, Split):
        return replace(
            proof, below=change_leaves(proof.below, change), above=change_leaves(proof.above, change)
        )
    return change(proof)


def refusal_of(parted: tuple[Problem, Plan], certificate: Certificate) -> str:
    pool, best = parted
    return check_bound(pool, replace(best, certificate=certificate)).fault


def test_the_lowest_case_counts(parted: tuple[Problem, Plan]) -> None:
    proof = parted[1].certificate
    assert isinstance(proof, Split)
    cheap = change_leaves(proof.below, lambda leaf: replace(leaf, workers={}))
    assert "claims a bound" in refusal_of(parted, replace(proof, below=cheap))


def test_a_case_that_speaks_of_other_plans_proves_nothing(parted: tuple[Problem, Plan]) -> None:
    proof = parted[1].certificate
    assert isinstance(proof, Split)
    assert refusal_of(parted, replace(proof, below=proof.above, above=proof.below))
    assert refusal_of(parted, replace(proof, at_most=proof.at_most + 1))
    assert "names 'c99'" in refusal_of(parted, replace(proof, count=replace(proof.count, coaches={"c99": 1})))


def test_a_split_without_its_price_is_refused(parted: tuple[Problem, Plan]) -> None:
    proof = parted[1].certificate
    assert proof is not None
    shorter = change_leaves(proof, lambda leaf: replace(leaf, splits=leaf.splits[1:]))
    assert "prices for" in refusal_of(parted, shorter)


@pytest.mark.parametrize("field", ["driver_day_fen", "minimum_day_fen", "toll_fen_per_km"])
def test_a_tariff_that_is_kinder_by_the_day_makes_the_prices_too_high(field: str) -> None:
    base = invent_corridor(6, 3, gates=2, workers=70, half_load=True, timetable="cn-charter-2020")
    by_the_day = tuple(
        replace(coach, minimum_day_fen=1_500_000, driver_day_fen=30_000, toll_fen_per_km=75)
        for coach in base.coaches
    )
    problem = replace(base, coaches=by_the_day)
    found = plan(problem, Stop(work=20), 0, Params("columns"))
    assert check_bound(problem, found).fault == ""
    kinder = replace(problem, coaches=tuple(replace(coach, **{field: 0}) for coach in by_the_day))
    assert "more than it costs" in check_bound(kinder, found).fault
