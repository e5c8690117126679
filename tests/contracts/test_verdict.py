"""What became of a worker is one thing: the bureau sees what the money goes by."""

from itertools import product

import pytest

from services.dispatcher.domain.trip import Answer, answer
from services.registry.domain.status import HELD, Fact, FactKind, Status, standing_of
from shared.events import Outcome

MEANS = {
    Status.PLANNED: Answer.OPEN,
    Status.BOARDED: Answer.OPEN,
    Status.ARRIVED: Answer.ARRIVED,
    Status.DISPUTED: Answer.DISPUTED,
    Status.NO_SHOW: Answer.ABSENT,
    Status.REFUSED: Answer.ABSENT,
}


@pytest.mark.parametrize(
    ("marked", "said"), list(product((None, "boarded", "no_show"), (None, *(one.value for one in Outcome))))
)
def test_registry_and_dispatcher_weigh_escort_and_enterprise_alike(
    marked: str | None, said: str | None
) -> None:
    facts = [Fact(FactKind.SEAT, "T-1", HELD, "R1")]
    facts += [Fact(FactKind.BOARDING, "T-1", marked)] if marked else []
    facts += [Fact(FactKind.ARRIVAL, "T-1", said)] if said else []
    assert MEANS[standing_of(facts).status] is answer(marked, said)


def test_who_arrived_without_having_boarded_is_in_dispute_and_nobody_else_by_the_escorts_word() -> None:
    assert answer("no_show", "arrived") is Answer.DISPUTED
    assert answer("boarded", "arrived") is Answer.ARRIVED
    assert answer(None, "arrived") is Answer.ARRIVED
