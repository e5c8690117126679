"""How far a request has come, whatever the order in which it was told."""

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.status import HELD, RELEASED, Fact, FactKind, Standing, Status, standing_of

SEAT = Fact(FactKind.SEAT, "T-1", HELD, "R1")
GONE = Fact(FactKind.SEAT, "T-1", RELEASED, "R1")
TOLD = Fact(FactKind.NOTIFIED, "T-1")
BOARDED = Fact(FactKind.BOARDING, "T-1", Status.BOARDED)
LEFT = Fact(FactKind.DEPARTED, "T-1")
ARRIVED = Fact(FactKind.ARRIVAL, "T-1", Status.ARRIVED)


def status(*facts: Fact) -> Status:
    return standing_of(facts).status


def test_a_request_goes_its_way_step_by_step() -> None:
    way = [SEAT, TOLD, BOARDED, LEFT, ARRIVED]
    assert [status(*way[:n]) for n in range(6)] == [
        Status.SUBMITTED,
        Status.PLANNED,
        Status.NOTIFIED,
        Status.BOARDED,
        Status.BOARDED,
        Status.ARRIVED,
    ]


def test_what_the_enterprise_says_outweighs_the_escort_but_where_somebody_came_who_did_not_board() -> None:
    no_show = Fact(FactKind.BOARDING, "T-1", Status.NO_SHOW)
    refused = Fact(FactKind.ARRIVAL, "T-1", Status.REFUSED)
    assert status(SEAT, no_show) is Status.NO_SHOW
    assert status(SEAT, no_show, refused) is Status.REFUSED
    assert status(SEAT, BOARDED, refused) is Status.REFUSED
    assert status(SEAT, no_show, ARRIVED) is Status.DISPUTED


def test_a_cancelled_trip_gives_its_riders_back() -> None:
    assert standing_of([GONE, TOLD]) == Standing(Status.SUBMITTED)


def test_a_cancelled_trip_does_not_touch_a_seat_on_another() -> None:
    other = Fact(FactKind.SEAT, "T-2", HELD, "R2")
    assert standing_of([GONE, TOLD, other]) == Standing(Status.PLANNED, "T-2")


def test_news_of_a_trip_may_come_before_the_trip_itself() -> None:
    assert standing_of([TOLD]) == Standing(Status.NOTIFIED, "T-1")
    assert standing_of([BOARDED]) == Standing(Status.BOARDED, "T-1")


def test_the_seat_of_the_later_round_counts() -> None:
    later = Fact(FactKind.SEAT, "T-0", HELD, "R2")
    assert standing_of([SEAT, TOLD, later]) == Standing(Status.PLANNED, "T-0")


def test_unserved_ends_with_a_seat_and_comes_back_only_by_a_later_round() -> None:
    unserved = Fact(FactKind.UNSERVED, "R0", order="R0")
    assert status(unserved) is Status.UNSERVED
    assert status(unserved, SEAT) is Status.PLANNED
    assert status(unserved, GONE) is Status.SUBMITTED
    assert status(GONE, Fact(FactKind.UNSERVED, "R2", order="R2")) is Status.UNSERVED


trips = st.sampled_from(["T-1", "T-2", "T-3"])
facts = st.one_of(
    st.builds(
        Fact, st.just(FactKind.SEAT), trips, st.sampled_from([HELD, RELEASED]), st.sampled_from(["R1", "R2"])
    ),
    st.builds(Fact, st.sampled_from([FactKind.NOTIFIED, FactKind.DEPARTED]), trips),
    st.builds(Fact, st.just(FactKind.BOARDING), trips, st.sampled_from([Status.BOARDED, Status.NO_SHOW])),
    st.builds(
        Fact,
        st.just(FactKind.ARRIVAL),
        trips,
        st.sampled_from([Status.ARRIVED, Status.REFUSED, Status.DISPUTED, Status.NO_SHOW]),
    ),
    st.builds(lambda r: Fact(FactKind.UNSERVED, r, order=r), st.sampled_from(["R0", "R1", "R2", "R3"])),
)


@given(st.lists(facts, unique_by=lambda fact: (fact.kind, fact.about)), st.randoms())
def test_the_order_of_what_is_told_does_not_matter(told: list[Fact], random: object) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing_of(shuffled) == standing_of(told)
