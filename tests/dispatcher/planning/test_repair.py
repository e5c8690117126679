"""A plan that stands is mended: every rule kept, whoever can be is carried, and few trips change."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.dispatcher.planning import Params, Plan, Problem, Stop, Trip, plan
from services.dispatcher.planning.changes import Standing, Wishes, break_down, join_late, withdraw
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.mending import Promises
from services.dispatcher.planning.objective import Subsidy
from services.dispatcher.planning.plan_format import write_plan
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.problem import Group
from services.dispatcher.planning.repair import NEIGHBOURS, repair
from tests.dispatcher.planning.test_engines import pools

CHEAP, DEAR = Promises(0, 0, 0), Promises(10**8, 10**8, 10**8)
USUAL = Promises(5_000, 20_000, 100_000)
ROUNDS = Stop(work=40)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Plan, Standing]:
    """A pool of any kind, a plan of it, and what has happened since."""
    problem = draw(pools())
    before = plan(problem, Stop(work=10), 0, Params(draw(st.sampled_from(("firstfit", "separate")))))
    group = draw(st.sampled_from(problem.groups))
    kinds = ["late", "late-elsewhere", "withdrawn", *(["broken"] if before.trips else [])]
    match draw(st.sampled_from(kinds)):
        case "late":
            late = replace(group, parties=(draw(st.integers(1, 4)),))
            return before, join_late(problem, before.trips, late)
        case "late-elsewhere":
            other = draw(st.sampled_from(problem.groups))
            days = draw(st.sampled_from((group.days, other.days)))
            return before, join_late(
                problem, before.trips, Group("new", group.pickup, other.drop, (2,), days)
            )
        case "withdrawn":
            party = draw(st.integers(0, len(group.parties) - 1))
            return before, withdraw(problem, before.trips, group.id, party)
        case _:
            at = draw(st.integers(0, len(before.trips) - 1))
            return before, break_down(problem, before.trips, at)


def riders(trip: Trip) -> frozenset[tuple[str, int]]:
    return frozenset((load.group, party) for load in trip.loads for party in load.parties)


@given(change=changes())
@settings(max_examples=150, deadline=None)
def test_a_mended_plan_keeps_every_rule_and_who_rides_as_before_rides_the_same_trip(
    change: tuple[Plan, Standing],
) -> None:
    before, standing = change
    after = repair(standing, USUAL, ROUNDS, 0)
    assert list_violations(standing.problem, after) == []
    stood = {riders(trip): trip for at, trip in enumerate(standing.trips) if at not in standing.lost}
    changed = len(stood.keys() - {riders(trip) for trip in after.trips})
    if not before.unserved and not after.unserved and not standing.lost:
        assert changed <= NEIGHBOURS + 2  # and those that the change touches: a late party may be put on two
    told = {rider for trip in standing.trips for rider in riders(trip)}
    # Who can only be reached by way of a stop where nobody boards any more has no trip, and took no seat from anybody.
    full = [behind for behind in after.unserved if behind.reason.rule == "no-coach-left"]
    left = {(behind.group, party) for behind in full for party in behind.parties}
    if not standing.lost:
        assert not told & left, "nobody who was told a trip is thrown off for somebody who came late"


def corridor(**limits: int | None) -> tuple[Problem, Plan]:
    problem = invent_corridor(10, 2, gates=2, workers=200, **limits)  # type: ignore[arg-type]
    return problem, plan(problem, Stop(work=60), 0, Params("routing"))


def unlike(stood: Sequence[Trip], after: Plan) -> list[Trip]:
    return [trip for trip in stood if trip not in after.trips]


def heads_of(problem: Problem, aboard: frozenset[tuple[str, int]]) -> int:
    return sum(problem.groups[problem.group_index[group]].parties[party] for group, party in aboard)


def test_a_late_worker_takes_a_seat_that_is_free_and_nothing_else_changes() -> None:
    problem, before = corridor()
    seats = {coach.id: coach.seats for coach in problem.coaches}
    roomy = next(trip for trip in before.trips if heads_of(problem, riders(trip)) < seats[trip.coach])
    late = replace(problem.groups[problem.group_index[roomy.loads[0].group]], parties=(1,))
    after = repair(join_late(problem, before.trips, late), DEAR, ROUNDS, 0)
    assert unlike(before.trips, after) == [roomy]
    (mended,) = [trip for trip in after.trips if trip not in before.trips]
    newcomer = (late.id, len(problem.groups[problem.group_index[late.id]].parties))
    assert riders(mended) == riders(roomy) | {newcomer}
    assert replace(mended, loads=roomy.loads) == roomy


def test_promises_that_cost_nothing_are_broken_where_that_is_cheaper_and_dear_ones_are_kept() -> None:
    problem, before = corridor()
    standing = join_late(problem, before.trips, replace(problem.groups[0], parties=(4,) * 8))
    cheap, dear = (repair(standing, promises, Stop(work=400), 0) for promises in (CHEAP, DEAR))
    assert cheap.cost_fen < dear.cost_fen
    assert len(unlike(before.trips, cheap)) > len(unlike(before.trips, dear))


def test_the_riders_of_a_broken_coach_ride_others_and_the_coach_is_not_had_again() -> None:
    problem, before = corridor(per_day=6)
    standing = break_down(problem, before.trips, 0)
    after = repair(standing, USUAL, Stop(work=300), 0)
    assert after.unserved == ()
    running = sum(trip.coach == before.trips[0].coach for trip in after.trips)
    limit = standing.problem.coaches[problem.coach_index[before.trips[0].coach]].per_day[0]
    assert limit == 5
    assert running <= limit


def test_the_last_rider_who_withdraws_takes_the_trip_and_the_group_away() -> None:
    problem = invent_corridor(2, 0, gates=1, workers=2)
    alone = replace(problem, groups=(replace(problem.groups[0], parties=(1,)), replace(problem.groups[1])))
    before = plan(alone, Stop(), 0, Params("separate"))
    standing = withdraw(alone, before.trips, alone.groups[0].id, 0)
    after = repair(standing, USUAL, ROUNDS, 0)
    assert list_violations(standing.problem, after) == []
    assert len(after.trips) == len(before.trips) - 1
    assert [group.id for group in standing.problem.groups] == [alone.groups[1].id]


def test_a_trip_that_lost_riders_shrinks_to_a_cheaper_coach() -> None:
    problem = invent_corridor(1, 0, gates=1, workers=17)
    group = replace(problem.groups[0], parties=(16, 1))
    problem = replace(problem, groups=(group,))
    before = plan(problem, Stop(), 0, Params("firstfit"))
    assert [trip.coach for trip in before.trips] == ["c36"]
    after = repair(withdraw(problem, before.trips, group.id, 1), USUAL, ROUNDS, 0)
    assert [trip.coach for trip in after.trips] == ["c16"]
    assert after.cost_fen < before.cost_fen


def test_a_trip_that_falls_below_the_subsidy_s_minimum_has_its_new_price() -> None:
    problem = invent_corridor(1, 0, gates=1, workers=8)
    (one,) = problem.groups
    problem = replace(
        problem,
        groups=(replace(one, parties=(1,) * 8),),
        coaches=problem.coaches[:1],
        objective="public",
        subsidy=Subsidy(rate_percent=50, cap_vehicle_fen=None, min_passengers=8),
    )
    before = plan(problem, Stop(), 0, Params("firstfit"))
    standing = withdraw(problem, before.trips, one.id, 0)
    after = repair(standing, USUAL, ROUNDS, 0)
    assert list_violations(standing.problem, after) == []
    assert after.cost_fen > before.cost_fen


def test_who_was_told_a_trip_keeps_it_though_somebody_of_a_first_class_comes_late() -> None:
    problem = invent_corridor(1, 0, gates=1, workers=10, per_day=1)
    (one,) = problem.groups
    problem = replace(problem, groups=(replace(one, parties=(16,), priority=2),), coaches=problem.coaches[:1])
    before = plan(problem, Stop(), 0, Params("firstfit"))
    standing = join_late(problem, before.trips, replace(one, id="first", parties=(16,), priority=0))
    after = repair(standing, CHEAP, ROUNDS, 0)
    assert after.trips == before.trips
    assert [left.group for left in after.unserved] == ["first"]


@pytest.mark.parametrize("kind", ["late", "broken"])
def test_the_same_change_is_mended_the_same_way_byte_for_byte(kind: str) -> None:
    problem, before = corridor()
    late = replace(problem.groups[0], parties=(3, 1))
    standing = (
        join_late(problem, before.trips, late) if kind == "late" else break_down(problem, before.trips, 1)
    )
    first, second = (write_plan(repair(standing, USUAL, Stop(work=200), 7)) for _ in range(2))
    assert first == second


def trip_of(plan: Plan, rider: tuple[str, int]) -> Trip:
    return next(trip for trip in plan.trips if rider in riders(trip))


def test_a_locked_trip_stays_as_it_stands_though_the_whole_pool_is_planned_again() -> None:
    problem = invent_corridor(10, 2, gates=2, workers=200)
    before = plan(problem, Stop(), 0, Params("separate"))
    locked = frozenset({0, 3, 5})
    standing = Standing(problem, before.trips, wishes=Wishes(locked=locked))
    after = repair(standing, CHEAP, Stop(work=300), 0, len(before.trips))
    assert list_violations(problem, after) == []
    assert after.cost_fen < before.cost_fen
    assert {before.trips[at] for at in locked} <= set(after.trips)
    late = replace(problem.groups[0], parties=(1,))
    joined = join_late(problem, before.trips, late)
    everything = frozenset(range(len(before.trips)))
    after = repair(replace(joined, wishes=Wishes(locked=everything)), CHEAP, ROUNDS, 0)
    assert set(before.trips) < set(after.trips), "nobody boards a locked trip"


def test_a_party_is_forced_onto_a_full_trip_and_somebody_else_gets_off() -> None:
    problem = invent_corridor(1, 0, gates=1, workers=1)
    group = replace(problem.groups[0], parties=(8, 8, 8, 8))
    problem = replace(problem, groups=(group,), coaches=(replace(problem.coaches[0], per_day=(2,)),))
    before = plan(problem, Stop(), 0, Params("firstfit"))
    assert [len(riders(trip)) for trip in before.trips] == [2, 2]
    forced = next(iter(riders(before.trips[1])))
    standing = Standing(problem, before.trips, wishes=Wishes(forced={forced: 0}))
    after = repair(standing, USUAL, ROUNDS, 0)
    assert list_violations(problem, after) == []
    assert len(riders(trip_of(after, forced)) & riders(before.trips[0])) == 1
    assert after.unserved == ()


@given(problem=pools(), draw=st.data())
@settings(max_examples=80, deadline=None)
def test_what_is_laid_down_holds_and_so_does_every_rule(problem: Problem, draw: st.DataObject) -> None:
    before = plan(problem, Stop(work=10), 0, Params("separate"))
    aboard = [(at, rider) for at, trip in enumerate(before.trips) for rider in sorted(riders(trip))]
    if len(before.trips) < 2:
        return
    on, off, one, other = (draw.draw(st.sampled_from(aboard)) for _ in range(4))
    forbidden = {off[1]: off[0]} if off[1] != on[1] else {}
    apart = (
        frozenset({(one[1], other[1])})
        if one[1] != other[1] and on[1] not in (one[1], other[1])
        else frozenset()
    )
    ways = Itineraries(problem)
    index = problem.node_index
    groups = [problem.groups[problem.group_index[name]] for name, _ in (on[1], off[1])]
    # over broken roads one stop may need the other's on the way to its gate: then no plan holds both
    assume(all(ways.find(frozenset({index[g.pickup]}), frozenset({index[g.drop]})) for g in groups))
    wishes = Wishes(forced=dict([on[::-1]]), forbidden=frozenset(forbidden.items()), apart=apart)
    standing = Standing(problem, before.trips, wishes=wishes)
    after = repair(standing, USUAL, ROUNDS, 0, len(before.trips))
    broken = [found for found in list_violations(problem, after) if found.rule != "needlessly-unserved"]
    assert broken == [], "but for whoever may not take the seat that there is"
    for rider, at in forbidden.items():
        with_them = next(
            (riders(trip) - {rider} for trip in after.trips if rider in riders(trip)), frozenset()
        )
        shares = [heads_of(problem, with_them & riders(stood)) for stood in before.trips]
        mine = heads_of(problem, riders(before.trips[at]) - {rider})
        is_the_trip = shares[at] > mine / 2 and shares[at] > sum(shares) / 2
        assert not is_the_trip, "most of that trip's riders are here, and most who are here come from it"
    for pair in apart:
        assert not any(set(pair) <= riders(trip) for trip in after.trips)
    assert on[1] in riders(trip_of(after, on[1]))
