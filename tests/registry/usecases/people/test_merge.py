"""Two IDs of one human being: one file, one request a season, one payment; and parted again without loss."""

from datetime import date

import pytest

from services.registry.domain.row import Row
from services.registry.store.files import PersonUnknown
from services.registry.store.merges import join
from services.registry.store.people import hold_people, lock_people
from services.registry.store.tables import MergeRow
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.people.merge import (
    AlreadyMerged,
    BothTravel,
    HasMerged,
    MergeIntoMerged,
    MergeWithSelf,
    NeverMerged,
    merge,
    open_reason,
    unmerge,
)
from services.registry.usecases.people.settle import settle_statement
from services.registry.usecases.submit import Sender, submit_one
from shared.messaging import Cause
from shared.security import Principal, Role
from tests.racing import run_into
from tests.registry.conftest import LIBO, NOW, SANDU, Registry
from tests.registry.folk import add_folk
from tests.registry.rosters import resident_id, worker, xlsx

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
NEIGHBOUR = Principal("neighbour", frozenset({Role.BUREAU}), (LIBO,))
ID_1, ID_2 = (resident_id(number, date(1980, 6, 1)) for number in (1, 2))
"""Those of `folk` 1 and 2."""


def two(registry: Registry) -> tuple[str, str]:
    first, second = add_folk(registry.parts, [1, 2])
    return first.id, second.id


def files_of(registry: Registry) -> dict[str, str]:
    return dict(registry.sql("SELECT id, file_id FROM person"))


def test_a_merge_and_its_taking_back_are_each_done_once_and_lose_nothing(registry: Registry) -> None:
    first, second = two(registry)
    before = registry.sql("SELECT * FROM statement ORDER BY id"), registry.sql("SELECT * FROM person_file")
    made = merge(registry.parts, CLERK, second, first, "同一人两证")
    assert merge(registry.parts, CLERK, second, first, "again").id == made.id
    assert files_of(registry) == {first: first, second: first}
    [(key,)] = registry.sql("SELECT wrapped_key FROM person WHERE id = :id", id=second)
    assert open_reason(made, key, registry.parts.vault) == "同一人两证"
    assert "同一人" not in str(registry.sql("SELECT * FROM person_merge"))
    undone = unmerge(registry.parts, CLERK, second)
    assert unmerge(registry.parts, CLERK, second).undone_at == undone.undone_at
    assert files_of(registry) == {first: first, second: second}
    after = registry.sql("SELECT * FROM statement ORDER BY id"), registry.sql("SELECT * FROM person_file")
    assert before == after


def test_chains_rings_and_a_file_with_itself_are_refused(registry: Registry) -> None:
    one, two_, three = (folk.id for folk in add_folk(registry.parts, [1, 2, 3]))
    with pytest.raises(MergeWithSelf):
        merge(registry.parts, CLERK, one, one, "x")
    with pytest.raises(NeverMerged):
        unmerge(registry.parts, CLERK, one)
    merge(registry.parts, CLERK, two_, one, "x")
    with pytest.raises(HasMerged):
        merge(registry.parts, CLERK, one, three, "x")
    with pytest.raises(AlreadyMerged):
        merge(registry.parts, CLERK, two_, three, "x")
    with pytest.raises(MergeIntoMerged):
        merge(registry.parts, CLERK, three, two_, "x")


def test_both_must_be_of_the_clerks_area(registry: Registry) -> None:
    first, second = two(registry)
    [elsewhere] = add_folk(registry.parts, [3], place_code="522722100")
    for a, b in ((first, elsewhere.id), (elsewhere.id, first)):
        with pytest.raises(PersonUnknown):
            merge(registry.parts, CLERK, a, b, "x")
    merge(registry.parts, CLERK, second, first, "x")
    with pytest.raises(PersonUnknown):
        unmerge(registry.parts, NEIGHBOUR, second)


def test_a_file_has_one_request_a_season_whichever_id_is_sent_and_by_whom(registry: Registry) -> None:
    first, second = two(registry)
    merge(registry.parts, CLERK, second, first, "x")
    registry.accept(worker(1, resident_id=ID_1))
    roster = registry.upload(xlsx([worker(2, resident_id=ID_2, stop="荔波县")]), "荔波.xlsx", (LIBO,)).json()
    assert (roster["accepted"], roster["refused"]) == (0, 1)
    assert registry.sql("SELECT codes FROM refused_row") == [(["active-elsewhere"],)]


def test_two_ids_of_one_file_in_one_roster_are_one_person_twice(registry: Registry) -> None:
    first, second = two(registry)
    merge(registry.parts, CLERK, second, first, "x")
    roster = registry.upload(xlsx([worker(1, resident_id=ID_1), worker(2, resident_id=ID_2)])).json()
    assert (roster["accepted"], roster["refused"]) == (1, 1)
    assert registry.sql("SELECT row, codes FROM refused_row") == [(3, ["duplicate-row"])]


def test_files_that_both_travel_are_not_merged_until_one_is_withdrawn(registry: Registry) -> None:
    first, second = two(registry)
    [_, request] = registry.accept(worker(1, resident_id=ID_1), worker(2, resident_id=ID_2))
    with pytest.raises(BothTravel):
        merge(registry.parts, CLERK, second, first, "x")
    registry.sql("UPDATE travel_request SET status = 'withdrawn' WHERE id = :id RETURNING id", id=request)
    assert merge(registry.parts, CLERK, second, first, "x").into_id == first


def test_a_merge_that_waits_for_a_roster_sees_its_request(registry: Registry) -> None:
    first, second = two(registry)
    registry.accept(worker(1, resident_id=ID_1))
    row = Row(2, {key: value for key, value in worker(2, resident_id=ID_2).items() if key != "party"})
    parts = registry.parts
    with parts.database.session() as session:
        sender = Sender(SANDU, "x", batch_id="b")
        submit_one(session, row, sender, vault=parts.vault, clock=parts.clock, cause=Cause.fresh())
        waiting = run_into(parts.database, lambda: merge(parts, CLERK, second, first, "x"))
        assert not waiting.done()
    with pytest.raises(BothTravel):
        waiting.result(10)


def test_a_roster_that_waits_for_a_merge_finds_the_other_ids_request(registry: Registry) -> None:
    """The merge is faster: who sends the second ID lets go, and takes the file's own person too."""
    first, second = two(registry)
    registry.accept(worker(1, resident_id=ID_1))
    with registry.parts.database.session() as session:
        lock_people(session, [first, second])
        merged = MergeRow(
            id="m", person_id=second, into_id=first, reason_sealed=b"", merged_by="c", merged_at=NOW
        )
        join(session, merged)
        waiting = run_into(
            registry.parts.database,
            lambda: registry.upload(
                xlsx([worker(2, resident_id=ID_2, stop="荔波县")]), "荔波.xlsx", (LIBO,)
            ).json(),
        )
        assert not waiting.done()
    roster = waiting.result(20)
    assert (roster["accepted"], roster["refused"]) == (0, 1)


def test_two_counties_that_send_both_ids_at_once_get_one_request(registry: Registry) -> None:
    first, second = two(registry)
    merge(registry.parts, CLERK, second, first, "x")
    vault = registry.parts.vault
    with registry.parts.database.session() as session:
        hold_people(session, vault, {vault.fingerprint(ID_1): ID_1}, NOW)
        waiting = run_into(
            registry.parts.database,
            lambda: registry.upload(
                xlsx([worker(2, resident_id=ID_2, stop="荔波县")]), "荔波.xlsx", (LIBO,)
            ).json(),
        )
        assert not waiting.done(), "the file's own person is held by whoever sends another of its IDs"
    assert waiting.result(20)["accepted"] == 1


def test_a_clerk_settles_what_two_ids_say_and_each_has_their_own_again_when_parted(
    registry: Registry,
) -> None:
    first, second = add_folk(registry.parts, [1, 2])
    merge(registry.parts, CLERK, second.id, first.id, "x")
    [(statement,)] = registry.sql(
        "SELECT id FROM statement WHERE person_id = :id AND kind = 'phone'", id=second.id
    )
    with registry.parts.database.session() as session:
        assert contacts_of(session, registry.parts.vault, [first.id])[first.id].phone == first.phone
    settle_statement(registry.parts, CLERK, first.id, statement)
    with registry.parts.database.session() as session:
        for one in (first, second):
            assert contacts_of(session, registry.parts.vault, [one.id])[one.id].phone == second.phone
    unmerge(registry.parts, CLERK, second.id)
    with registry.parts.database.session() as session:
        for one in (first, second):
            assert contacts_of(session, registry.parts.vault, [one.id])[one.id].phone == one.phone


def test_paying_asks_about_all_ids_of_a_file(registry: Registry) -> None:
    first, second = two(registry)
    one, two_ = registry.accept(worker(1, resident_id=ID_1), worker(2, resident_id=ID_2))
    registry.sql("UPDATE travel_request SET status = 'arrived' RETURNING id")
    merge(registry.parts, CLERK, second, first, "x")
    answer = registry.client(Role.SERVICE, areas=()).post(
        "/api/people-checks",
        json={"request_ids": [one, two_], "day": "2020-02-20", "purpose": "claim", "reader": "x"},
    )
    people = answer.json()["people"]
    assert {people[one]["person"], people[two_]["person"]} == {first}
    assert people[two_]["also"] == [second]
    assert [o["request_id"] for o in people[two_]["other_requests"]] == [one]
