"""Policies as arbitrary as their schema allows, and heads to hold them to."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from services.dispatcher.money.rules.policy import (
    Bands,
    Claimant,
    Distance,
    FullCost,
    JointCharter,
    Payer,
    PayerShare,
    Percentage,
    Period,
    Policy,
    Provision,
    Rule,
    ShareRatio,
)
from services.dispatcher.money.rules.subsidy import Heads
from shared.roster import Category, OrganisingMode

FEBRUARY = Period(first=date(2020, 2, 1), last=date(2020, 2, 29))
MARCH = Period(first=date(2020, 3, 1), last=date(2020, 3, 31))


def subsets(kind: type[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.just(()) | st.lists(st.sampled_from(list(kind)), unique=True, max_size=3).map(tuple)


@st.composite
def bands(draw: st.DrawFn) -> Bands:
    seats = tuple(sorted(draw(st.sets(st.integers(10, 60), max_size=3))))
    amounts = st.tuples(*[st.integers(0, 3_000_000)] * (len(seats) + 1)) | st.just("full_cost")
    fen: dict[Distance, Any] = draw(st.dictionaries(st.sampled_from(Distance), amounts, min_size=1))
    return Bands(seats=seats, fen=fen)


def rules() -> st.SearchStrategy[Rule]:
    weights = st.integers(0, 9)
    return st.one_of(
        st.builds(Percentage, rate_percent=st.integers(0, 100)),
        st.just(FullCost()),
        bands(),
        st.builds(ShareRatio, public=st.integers(1, 9), enterprise=weights, workers=weights),
    )


def provisions() -> st.SearchStrategy[Provision]:
    payers = st.lists(
        st.builds(PayerShare, payer=st.sampled_from(Payer), share=st.integers(1, 9)),
        min_size=1,
        max_size=4,
        unique_by=lambda share: share.payer,
    )
    return st.builds(
        Provision,
        modes=subsets(OrganisingMode),
        categories=subsets(Category),
        rule=rules(),
        payers=payers.map(tuple),
        claimant=st.sampled_from(Claimant),
    )


def policies() -> st.SearchStrategy[Policy]:
    return st.builds(
        Policy,
        id=st.just("p"),
        version=st.just(1),
        name=st.just("p"),
        valid_from=st.just(date(2020, 1, 1)),
        valid_to=st.none(),
        provisions=provisions().map(lambda one: (one,))
        | st.lists(provisions(), min_size=1, max_size=4).map(tuple),
        cap_vehicle_fen=st.none() | st.integers(0, 3_000_000),
        cap_head_fen=st.none() | st.integers(0, 100_000),
        min_passengers_vehicle=st.integers(0, 30),
        min_passengers_trip=st.integers(0, 30),
        destinations=st.sampled_from([(), (), ("33",), ("5201", "5227")]),
        trips=st.sampled_from([None, None, FEBRUARY, MARCH]),
        claims=st.none(),
        joint_charter=st.sampled_from(JointCharter),
    )


def heads() -> st.SearchStrategy[list[Heads]]:
    """At least one is booked; of those who are, some arrive and some are in dispute."""
    counts = st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 3)).filter(any)
    one = st.builds(
        lambda enterprise, count, mode, category: Heads(
            enterprise, sum(count), count[0], count[1], mode, category
        ),
        st.sampled_from(["E1", "E2", "E3"]),
        counts,
        st.sampled_from(OrganisingMode),
        st.sampled_from(Category),
    )
    return st.lists(one, min_size=1, max_size=6)
