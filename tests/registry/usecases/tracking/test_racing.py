"""Two phones, a phone that sends twice and a clerk who moves the list, all at once: nothing is lost, nothing counts twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from services.registry.store.facts import hold_requests
from shared.security import Role
from tests.racing import run_into
from tests.registry.conftest import Registry
from tests.registry.folk import add_helper
from tests.registry.rosters import worker
from tests.registry.tracked import HELPER, MARCH_12, OTHER, a_list, a_record, as_helper, results_of


def test_the_same_records_sent_at_once_are_taken_once(registry: Registry) -> None:
    people = a_list(registry, 12)
    records = [a_record(one, "looking") for one in people]
    clients = [as_helper(registry) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        asked = [
            pool.submit(results_of, client, *(records if turn % 2 else reversed(records)))
            for turn, client in enumerate(clients)
        ]
    results = [one for future in asked for one in future.result()]
    assert (results.count("accepted"), results.count("known")) == (12, 60)
    assert registry.counts()["tracking_record"] == 12
    assert registry.sql("SELECT DISTINCT outcome, tries FROM tracking_task") == [("looking", 0)]


def test_records_of_two_devices_and_a_list_that_moves_meanwhile_are_all_kept(registry: Registry) -> None:
    people = a_list(registry, 10)
    add_helper(registry.parts, OTHER)
    bureau, helper = registry.client(Role.BUREAU), as_helper(registry)
    at = [(MARCH_12 - timedelta(minutes=turn)).isoformat() for turn in range(3)]
    batches = [
        (helper, [a_record(one, "same", at=at[1]) for one in people]),
        (bureau, [a_record(one, "looking", at=at[2]) for one in reversed(people)]),
        (bureau, [a_record(one, "home", at=at[0]) for one in people[::2]]),
    ]
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(results_of, client, *batch) for client, batch in batches]
        moved = pool.submit(bureau.post, f"/api/helpers/{HELPER}/hand-over", json={"to": OTHER})
    taken = sum(future.result().count("accepted") for future in asked)
    assert moved.result().json() == {"people": 10}
    assert registry.counts()["tracking_record"] == taken == 25
    stands = registry.sql("SELECT outcome, count(*) FROM tracking_task GROUP BY 1 ORDER BY 1")
    assert stands == [("home", 5), ("same", 5)]
    assert registry.sql("SELECT count(*) FROM employment WHERE valid_to IS NULL") == [(5,)]


def test_a_list_that_moves_takes_its_tasks_in_the_order_in_which_records_do(registry: Registry) -> None:
    """Whatever order they lie in: whoever holds the first of them gets the second too."""
    first, second = sorted(one.id for one in a_list(registry, 2))
    add_helper(registry.parts, OTHER)
    # Written anew, the first lies behind the second.
    registry.sql("UPDATE tracking_task SET tries = 0 WHERE person_id = :id RETURNING month", id=first)
    hold = "SELECT 1 FROM tracking_task WHERE person_id = %s FOR NO KEY UPDATE"
    bureau = registry.client(Role.BUREAU)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(hold, (first,))
        moving = run_into(
            registry.parts.database,
            lambda: bureau.post(f"/api/helpers/{HELPER}/hand-over", json={"to": OTHER}),
        )
        session.connection().exec_driver_sql(f"{hold} NOWAIT", (second,))
    assert moving.result(20).json() == {"people": 2}


def test_a_record_sent_while_its_file_is_merged_into_another_is_taken_once(registry: Registry) -> None:
    kept, merged = a_list(registry, 2)
    sent, helper = a_record(merged, "looking"), as_helper(registry)
    move = "UPDATE person SET file_id = %s WHERE id = %s"
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(move, (kept.id, merged.id))
        sending = run_into(registry.parts.database, lambda: results_of(helper, sent))
    assert sending.result(20) == ["accepted"]
    assert results_of(helper, sent) == ["known"]
    outcomes = dict(registry.sql("SELECT person_id, outcome FROM tracking_task"))
    assert outcomes == {kept.id: "looking", merged.id: "looking"}, (
        "of the file, and of this ID if they are parted"
    )
    assert registry.sql("SELECT person_id FROM tracking_record") == [(merged.id,)]
    ended = "SELECT count(*) FROM employment WHERE valid_to IS NULL AND person_id = :id"
    assert registry.sql(ended, id=merged.id) == [(0,)]


def test_a_record_sent_while_its_file_is_parted_from_another_is_taken_once(registry: Registry) -> None:
    kept, merged = a_list(registry, 2)
    sent, helper = a_record(merged, "looking"), as_helper(registry)
    move = "UPDATE person SET file_id = %s WHERE id = %s"
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(move, (kept.id, merged.id))
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(move, (merged.id, merged.id))
        sending = run_into(registry.parts.database, lambda: results_of(helper, sent))
    assert sending.result(20) == ["accepted"]
    assert results_of(helper, sent) == ["known"]
    assert registry.sql("SELECT person_id FROM tracking_task WHERE outcome IS NOT NULL") == [(merged.id,)]


def test_who_is_merged_while_they_are_followed_no_more_is_followed_under_neither_id(
    registry: Registry,
) -> None:
    kept, merged = a_list(registry, 2)
    bureau = registry.client(Role.BUREAU)
    move = "UPDATE person SET file_id = %s WHERE id = %s"
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(move, (kept.id, merged.id))
        stopping = run_into(
            registry.parts.database, lambda: bureau.post(f"/api/tracking/people/{merged.id}/stop")
        )
    assert stopping.result(20).json() == {"ended": 2}


def test_who_is_erased_while_a_journey_is_heard_of_is_taken_after_their_requests(registry: Registry) -> None:
    """Whoever follows a journey holds its request and takes the person then: with both held by turns, none would end."""
    [request_id] = registry.accept(worker(1))
    registry.client().post(f"/api/requests/{request_id}/withdraw", json={})
    operator = registry.client(Role.OPERATOR, areas=("52",))
    with registry.parts.database.session() as session:
        hold_requests(session, [request_id])
        erasing = run_into(
            registry.parts.database, lambda: operator.post(f"/api/requests/{request_id}/erase")
        )
        session.connection().exec_driver_sql("SELECT 1 FROM person FOR NO KEY UPDATE NOWAIT")
    assert erasing.result(20).status_code == 200
    assert registry.sql("SELECT wrapped_key FROM person") == [(None,)]
