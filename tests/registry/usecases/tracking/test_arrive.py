"""An arrival opens a file, an employment and the months after it; a correction takes back what it opened and no more."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from services.registry.reactions import reactions
from services.registry.usecases.follow import Follower
from services.registry.usecases.tracking.months import make_month
from shared.events import ArrivalConfirmed, Event, NoShowRecorded, Outcome, WorkerBoarded
from shared.messaging import Cause, InRuns
from shared.metrics import Metrics
from tests.racing import run_into
from tests.registry.conftest import Registry
from tests.registry.employed import begin_employment
from tests.registry.folk import Folk, add_folk, add_helper
from tests.registry.rosters import ENTERPRISE_ID, worker
from tests.registry.tracked import HELPER, MARCH, MARCH_12, a_record, as_helper, results_of

NIGHT = datetime(2020, 2, 24, 17, 30, tzinfo=UTC)
"""Half past one of the 25th in China."""
ARRIVED_ON = date(2020, 2, 25)
Hear = Callable[..., None]


@pytest.fixture
def hear(registry: Registry) -> Hear:
    answers = reactions(Follower(registry.clock), Metrics("registry"))

    def tell(*events: Event) -> None:
        for event in events:
            take = answers[type(event)]
            with registry.parts.database.session() as session:
                if isinstance(take, InRuns):
                    take.take(session, [(event, Cause("c", "e"))])
                else:
                    take(session, event, Cause("c", "e"))

    return tell


def arrived(request_id: str, outcome: Outcome = Outcome.ARRIVED, version: int = 1) -> ArrivalConfirmed:
    return ArrivalConfirmed(
        trip_id="T-1",
        version=version,
        at=NIGHT,
        request_id=request_id,
        enterprise_id=ENTERPRISE_ID,
        outcome=outcome,
    )


def jobs(registry: Registry) -> list[tuple[object, ...]]:
    return registry.sql(
        "SELECT valid_from, valid_to, enterprise_id, area_code, source FROM employment ORDER BY 1"
    )


def followed(registry: Registry) -> list[tuple[object, ...]]:
    return registry.sql("SELECT request_id, opened_on, area_code FROM tracking WHERE taken_back_at IS NULL")


def test_an_arrival_opens_a_file_where_they_left_from_and_an_employment_from_china_s_day(
    registry: Registry, hear: Hear
) -> None:
    [one] = registry.accept(worker(1))
    hear(arrived(one))
    [[stop]] = registry.sql("SELECT stop_code FROM travel_request")
    assert registry.sql("SELECT place_code, helper_id, opened_by FROM person_file") == [(stop, None, one)]
    assert followed(registry) == [(one, ARRIVED_ON, "441900")]
    assert jobs(registry) == [(ARRIVED_ON, None, ENTERPRISE_ID, "441900", f"arrival/{one}")]


def test_an_arrival_that_is_told_again_changes_nothing(registry: Registry, hear: Hear) -> None:
    [one] = registry.accept(worker(1))
    hear(arrived(one))
    before = registry.counts()
    hear(arrived(one), arrived(one, version=2))
    assert registry.counts() == before


def test_who_the_escort_saw_not_come_is_followed_only_once_it_is_settled(
    registry: Registry, hear: Hear
) -> None:
    [one] = registry.accept(worker(1))
    hear(NoShowRecorded(trip_id="T-1", version=1, at=NIGHT, request_id=one), arrived(one))
    assert (followed(registry), jobs(registry)) == ([], [])
    hear(WorkerBoarded(trip_id="T-1", version=2, at=NIGHT, request_id=one))
    assert len(followed(registry)) == len(jobs(registry)) == 1


@pytest.mark.parametrize("said", [Outcome.NO_SHOW, Outcome.REFUSED, Outcome.DISPUTED])
def test_a_correction_takes_back_what_the_arrival_opened_and_gives_back_what_it_replaced(
    registry: Registry, hear: Hear, said: Outcome
) -> None:
    [one] = registry.accept(worker(1))
    [[person]] = registry.sql("SELECT id FROM person")
    with registry.parts.database.session() as session:
        work_at(session, person, date(2019, 3, 1))
    before = jobs(registry)
    hear(arrived(one))
    assert jobs(registry)[0][1] == ARRIVED_ON
    hear(arrived(one, said, version=2))
    assert (followed(registry), jobs(registry)) == ([], before)
    hear(arrived(one, version=3))
    assert followed(registry) == [(one, ARRIVED_ON, "441900")]
    assert len(jobs(registry)) == 2
    assert registry.counts()["tracking"] == 1


def test_what_others_recorded_of_later_days_stays_when_an_arrival_is_taken_back(
    registry: Registry, hear: Hear
) -> None:
    [one] = registry.accept(worker(1))
    [[person]] = registry.sql("SELECT id FROM person")
    hear(arrived(one))
    with registry.parts.database.session() as session:
        begin_employment(
            session, person, date(2020, 3, 9), enterprise_id=None, area_code="330500", source="import/2"
        )
    hear(arrived(one, Outcome.NO_SHOW, version=2))
    assert jobs(registry) == [(date(2020, 3, 9), None, None, "330500", "import/2")]


def test_an_erased_person_is_not_followed(registry: Registry, hear: Hear) -> None:
    [one] = registry.accept(worker(1))
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE person SET wrapped_key = NULL")
    hear(arrived(one))
    assert (followed(registry), jobs(registry)) == ([], [])


def test_who_is_merged_while_their_arrival_is_heard_arrives_for_the_file_they_are_of(
    registry: Registry, hear: Hear
) -> None:
    [request_id] = registry.accept(worker(1))
    [kept] = add_folk(registry.parts, [2], employed_since=date(2020, 1, 1))
    with registry.parts.database.session() as session:
        merge = "UPDATE person SET file_id = %s WHERE id <> %s"
        session.connection().exec_driver_sql(merge, (kept.id, kept.id))
        hearing = run_into(registry.parts.database, lambda: hear(arrived(request_id)))
    hearing.result(20)
    assert jobs(registry) == [
        (date(2020, 1, 1), ARRIVED_ON, None, "441900", "import/folk"),
        (ARRIVED_ON, None, ENTERPRISE_ID, "441900", f"arrival/{request_id}"),
    ]


def work_at(session: Session, person_id: str, since: date) -> None:
    begin_employment(session, person_id, since, enterprise_id=None, area_code="520100", source="import/1")


def test_what_the_helper_heard_stays_when_the_arrival_is_taken_back(registry: Registry, hear: Hear) -> None:
    """The enterprise says that they never came; but on 12 March they said themselves that they work there."""
    [one] = registry.accept(worker(1))
    [[person]] = registry.sql("SELECT id FROM person")
    hear(arrived(one))
    add_helper(registry.parts, HELPER)
    registry.clock.at = MARCH_12
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE person_file SET helper_id = %s", (HELPER,))
        make_month(session, MARCH, registry.clock)
    someone = Folk(person, "", "", "")
    assert results_of(as_helper(registry), a_record(someone)) == ["accepted"]
    assert jobs(registry) == [(ARRIVED_ON, None, ENTERPRISE_ID, "441900", f"arrival/{one}")]
    hear(arrived(one, Outcome.NO_SHOW, version=2))
    [[record]] = registry.sql("SELECT id FROM tracking_record")
    assert jobs(registry) == [(date(2020, 3, 12), None, ENTERPRISE_ID, "441900", f"tracking/{record}")]
    assert registry.sql("SELECT outcome FROM tracking_task") == [("same",)]


def test_nobody_has_to_find_who_as_it_turns_out_never_arrived(registry: Registry, hear: Hear) -> None:
    """Of two who were followed into March, one is taken back before anybody recorded anything."""
    one, other = registry.accept(worker(1), worker(2))
    hear(arrived(one), arrived(other))
    with registry.parts.database.session() as session:
        assert make_month(session, MARCH, registry.clock) == 2
    hear(arrived(one, Outcome.REFUSED, version=2))
    assert registry.sql(
        "SELECT r.id FROM tracking_task k JOIN travel_request r ON r.person_id = k.person_id"
    ) == [(other,)]
