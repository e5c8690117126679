"""A register of people: what is new, changed or refused, in any order, once, and on from where it was killed."""

import threading
from datetime import date
from typing import Any

import pytest

from services.registry.intake.errors import ColumnsMissing, FileEmpty, WrongFileType
from services.registry.store.population import hold_import, list_refused
from services.registry.store.tables import PopulationRow
from services.registry.usecases.households.sweep import sweep
from services.registry.usecases.people import ahead, sealed_file
from services.registry.usecases.people import population as population_module
from services.registry.usecases.people.importing import Importing
from services.registry.usecases.people.population import (
    import_population,
    open_refused,
    receive_population,
    run_population,
)
from shared.database import DatabaseUnavailable
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Principal, Role
from tests.racing import cut_off_holder
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import add_helper
from tests.registry.population import PLACE_CODE, entry, population_csv, population_xlsx
from tests.registry.rosters import resident_id

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
NEIGHBOUR = Principal("neighbour", frozenset({Role.BUREAU}), (LIBO,))
PROVINCE = Principal("province", frozenset({Role.BUREAU}), ("52",))
JAN, FEB, MAR = "2020-01-31", "2020-02-15", "2020-02-19"


def load(
    registry: Registry, *rows: dict[str, Any], by: Principal = CLERK, area: str | None = None
) -> PopulationRow:
    row, _ = import_population(
        registry.parts, by, population_csv(rows), file="登记.csv", area_code=area, cause=Cause.fresh()
    )
    assert row.finished_at is not None, row.failure
    return row


def counts(row: PopulationRow) -> tuple[int, int, int, int]:
    return row.fresh, row.changed, row.unchanged, row.refused


def codes(registry: Registry, row: PopulationRow) -> dict[int, list[str]]:
    found = registry.sql(
        "SELECT row, codes FROM population_refused WHERE population_id = :id ORDER BY row", id=row.id
    )
    return dict(found)


def spells(registry: Registry, table: str, columns: str) -> list[tuple[Any, ...]]:
    return registry.sql(f"SELECT valid_from, valid_to, {columns} FROM {table} ORDER BY person_id, valid_from")


def test_a_register_opens_files_with_all_that_it_says(empty_registry: Registry) -> None:
    helper = add_helper(empty_registry.parts, place_code=PLACE_CODE)
    row = load(empty_registry, entry(0, helper=helper), entry(1, employed="否", phone=""))
    assert counts(row) == (2, 0, 0, 0)
    assert empty_registry.sql("SELECT DISTINCT place_code, known_to FROM person_file") == [
        (PLACE_CODE, date(2020, 1, 31))
    ]
    assert empty_registry.sql("SELECT count(DISTINCT household_id), count(*) FROM membership") == [(1, 2)]
    assert sorted(empty_registry.sql("SELECT relation, has_labour FROM membership")) == [
        ("head", True),
        ("spouse", True),
    ]
    assert spells(empty_registry, "employment", "area_code") == [(date(2019, 3, 1), None, "441900")]
    assert set(spells(empty_registry, "person_class", "category")) == {(date(2018, 5, 1), None, "RELOCATED")}
    assert sorted(kind for (kind,) in empty_registry.sql("SELECT kind FROM statement WHERE stands")) == [
        "education",
        "education",
        "name",
        "name",
        "phone",
    ]
    assert empty_registry.sql("SELECT helper_id FROM assignment") == [(helper,)]


def test_nothing_of_a_register_lies_in_plain_and_its_file_goes_when_it_is_done(
    empty_registry: Registry,
) -> None:
    content = population_csv([entry(0), entry(1, phone="123")])
    received, _ = receive_population(
        empty_registry.parts, CLERK, content, file="王大明的登记.csv", cause=Cause.fresh()
    )
    assert empty_registry.sql("SELECT count(*) FROM population_piece") == [(1,)]
    secret = [entry(0)["name"], resident_id(0), entry(0)["phone"], "王大明", "H00000"]

    def lie_in_plain() -> list[str]:
        tables = ("person", "statement", "household", "population", "population_piece", "population_refused")
        dump = "".join(str(empty_registry.sql(f"SELECT * FROM {table}")) for table in tables)
        raw = b"".join(bytes(one[0]) for one in empty_registry.sql("SELECT sealed FROM population_piece"))
        return [one for one in secret if one in dump or one.encode() in raw]

    assert lie_in_plain() == []
    run_population(empty_registry.parts, received.id)
    assert empty_registry.sql("SELECT count(*) FROM population_piece") == [(0,)]
    assert lie_in_plain() == []


def test_the_same_bytes_again_are_the_same_import_and_the_same_rows_change_nothing(
    empty_registry: Registry,
) -> None:
    rows = [entry(0), entry(1), entry(2, phone="12")]
    first = load(empty_registry, *rows)
    before = {name: n for name, n in empty_registry.counts().items() if not name.startswith("population")}
    assert load(empty_registry, *rows).id == first.id
    again, is_new = import_population(
        empty_registry.parts, CLERK, population_xlsx(rows), file="登记.xlsx", cause=Cause.fresh()
    )
    assert is_new
    assert counts(again) == (0, 0, 2, 1)
    after = {name: n for name, n in empty_registry.counts().items() if not name.startswith("population")}
    assert after == before


def test_what_is_wrong_with_a_row_is_told_and_kept_under_its_own_key(empty_registry: Registry) -> None:
    row = load(
        empty_registry,
        entry(0, relation="邻居", has_labour="?", place="不存在镇", work_area="火星", household="张三家"),
        entry(1, employed_since="2020-02-10", as_of="2020-02-01"),
        entry(2, work_area=""),
        entry(3, helper="nobody"),
        entry(4, as_of="2021-01-01"),
        entry(5),
        entry(5, phone="15700009999"),
    )
    assert codes(empty_registry, row) == {
        2: ["household-number", "relation", "yes-no", "unknown-place", "unknown-area"],
        3: ["after-as-of"],
        4: ["work-area"],
        5: ["unknown-helper"],
        6: ["not-yet"],
        8: ["duplicate-row"],
    }
    with empty_registry.parts.database.session() as session:
        kept = list(open_refused(list_refused(session, row.id), empty_registry.parts.vault))
    assert kept[0][1]["household"] == "张三家"
    fingerprint = empty_registry.parts.vault.fingerprint(resident_id(1))
    assert empty_registry.sql("SELECT fingerprint FROM population_refused WHERE row = 3") == [(fingerprint,)]


def test_a_later_register_moves_what_changed_and_contradictions_wait_for_a_clerk(
    empty_registry: Registry,
) -> None:
    load(empty_registry, entry(0))
    row = load(
        empty_registry,
        entry(
            0,
            phone="15711112222",
            household="H9",
            employed="否",
            place="普安镇",
            category="脱贫劳动力",
            as_of=FEB,
        ),
    )
    assert counts(row) == (0, 1, 0, 0)
    assert empty_registry.sql("SELECT place_code, known_to FROM person_file") == [
        ("522732112", date(2020, 2, 15))
    ]
    assert spells(empty_registry, "employment", "area_code") == [
        (date(2019, 3, 1), date(2020, 2, 15), "441900")
    ]
    assert [one[:2] for one in spells(empty_registry, "membership", "household_id")] == [
        (date(2020, 1, 31), date(2020, 2, 15)),
        (date(2020, 2, 15), None),
    ]
    assert sorted(spells(empty_registry, "person_class", "category"), key=str) == [
        (date(2018, 5, 1), None, "REGISTERED_POOR"),
        (date(2018, 5, 1), date(2020, 2, 15), "RELOCATED"),
    ]
    assert sorted(empty_registry.sql("SELECT kind, stands FROM statement WHERE kind = 'phone'")) == [
        ("phone", False),
        ("phone", True),
    ]


def test_an_older_register_that_comes_later_changes_nothing_that_is_known(empty_registry: Registry) -> None:
    load(empty_registry, entry(0, household="H2", employed="否", as_of=FEB))
    before = [
        spells(empty_registry, table, "source") for table in ("membership", "employment", "person_class")
    ] + [empty_registry.sql("SELECT place_code, household_id, known_to FROM person_file")]
    load(empty_registry, entry(0, household="H2", place="普安镇", as_of=FEB, employed="否", education="高中"))
    row = load(empty_registry, entry(0, household="H1", place=PLACE_CODE, as_of=JAN))
    assert row.refused == 0
    after = [
        spells(empty_registry, table, "source") for table in ("membership", "employment", "person_class")
    ]
    assert after[1:] == before[1:3], "neither a job nor a class that ended since comes back"
    known = [one for one in after[0] if one[2] != f"import/{row.id}"]
    assert known == before[0], "who lived where since February stays"
    assert [one[:2] for one in after[0] if one not in known] == [(date(2020, 1, 31), date(2020, 2, 15))]
    assert empty_registry.sql("SELECT place_code, known_to FROM person_file") == [
        ("522732112", date(2020, 2, 15))
    ]


def test_registers_in_any_order_leave_the_same_behind(empty_registry: Registry) -> None:
    january = entry(0, as_of=JAN)
    february = entry(0, as_of=FEB, household="H7", place="普安镇")
    load(empty_registry, january)
    load(empty_registry, february)
    facts = "SELECT place_code, known_to FROM person_file"
    lived = "SELECT valid_from, valid_to FROM membership ORDER BY 1"
    in_order = empty_registry.sql(facts), empty_registry.sql(lived)
    empty_registry.empty()
    load(empty_registry, february)
    load(empty_registry, january)
    assert (empty_registry.sql(facts), empty_registry.sql(lived)) == in_order


def test_who_is_registered_elsewhere_is_not_taken_by_a_neighbours_list(empty_registry: Registry) -> None:
    load(empty_registry, entry(0))
    theirs = entry(0, place="522722", household="L1")
    taken = load(empty_registry, theirs, by=NEIGHBOUR)
    assert codes(empty_registry, taken) == {2: ["registered-elsewhere"]}
    assert empty_registry.sql("SELECT place_code FROM person_file") == [(PLACE_CODE,)]
    moved = load(empty_registry, entry(0, place="522722", household="L1", as_of=FEB), by=PROVINCE, area="52")
    assert counts(moved) == (0, 1, 0, 0)
    assert empty_registry.sql("SELECT place_code FROM person_file") == [("522722",)]


class Killed(BaseException):
    """The process is gone: nothing that catches errors sees it."""


def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(
    empty_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [entry(number) for number in range(25)]
    rows[7] = entry(7, phone="1")
    rows[20] = entry(3)
    received, _ = receive_population(
        empty_registry.parts, CLERK, population_csv(rows), file="登记.csv", cause=Cause.fresh()
    )
    real, calls = population_module.register, []

    def dies(*args: Any, **more: Any) -> Any:
        calls.append(1)
        done = real(*args, **more)
        if len(calls) == 3:
            raise Killed
        return done

    monkeypatch.setattr(population_module, "register", dies)
    with pytest.raises(Killed):
        run_population(empty_registry.parts, received.id, chunk_rows=5)
    [(done, fresh)] = empty_registry.sql("SELECT done, fresh FROM population")
    assert (done, fresh) == (11, 9)
    assert empty_registry.sql("SELECT count(*) FROM person_file") == [(9,)], "half a chunk leaves nothing"
    monkeypatch.setattr(population_module, "register", real)
    Importing(empty_registry.parts).look()
    [ended] = empty_registry.sql("SELECT done, fresh, refused, finished_at IS NOT NULL FROM population")
    assert ended == (26, 23, 2, True)
    assert codes(empty_registry, received) == {9: ["phone"], 22: ["duplicate-row"]}
    assert empty_registry.sql("SELECT count(*) FROM person_file") == [(23,)]


def receive(registry: Registry, rows: list[dict[str, Any]]) -> str:
    """Kept, and not dealt with."""
    row, _ = receive_population(
        registry.parts, CLERK, population_csv(rows), file="登记.csv", cause=Cause.fresh()
    )
    return row.id


def done_rows(registry: Registry) -> list[tuple[int, bool]]:
    return registry.sql("SELECT done, finished_at IS NOT NULL FROM population ORDER BY id")


def test_what_one_worker_is_at_another_leaves_alone_and_goes_on_with_the_next(
    empty_registry: Registry,
) -> None:
    first = receive(empty_registry, [entry(0), entry(1)])
    receive(empty_registry, [entry(2)])
    with hold_import(empty_registry.parts.database, first) as is_mine:
        assert is_mine
        Importing(empty_registry.parts).look()
        assert done_rows(empty_registry) == [(1, False), (2, True)]
    Importing(empty_registry.parts).look()
    assert done_rows(empty_registry) == [(3, True), (2, True)]


def test_a_worker_whose_connection_is_cut_is_followed_at_once(empty_registry: Registry) -> None:
    held = receive(empty_registry, [entry(0)])
    with hold_import(empty_registry.parts.database, held):
        cut_off_holder(empty_registry.parts.database, f"zhida.population.{held}")
        Importing(empty_registry.parts).look()
        assert done_rows(empty_registry) == [(2, True)]


def test_a_worker_that_was_cut_off_and_goes_on_all_the_same_doubles_nothing(
    empty_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = receive(empty_registry, [entry(number) for number in range(6)])
    real = ahead.check_entry

    def is_overtaken(row: Any, *more: Any) -> Any:
        if row.number == 4:
            monkeypatch.setattr(ahead, "check_entry", real)
            cut_off_holder(empty_registry.parts.database, f"zhida.population.{held}")
            Importing(empty_registry.parts).look()
        return real(row, *more)

    monkeypatch.setattr(ahead, "check_entry", is_overtaken)
    ended = run_population(empty_registry.parts, held, chunk_rows=2)
    assert (ended.finished_at is not None, ended.done, ended.fresh, ended.refused) == (True, 7, 6, 0)
    assert empty_registry.sql("SELECT count(*), count(DISTINCT person_id) FROM population_outcome") == [
        (6, 6)
    ]


def test_a_file_that_breaks_off_has_told_its_households_all_the_same(
    empty_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [entry(number) for number in range(80)]
    load(empty_registry, *people)
    monkeypatch.setattr(sealed_file, "PIECE_BYTES", 4096)
    fallen = receive(empty_registry, [one | {"employed": "否", "as_of": FEB} for one in people])
    empty_registry.sql(
        "UPDATE population_piece SET sealed = '\\x00' WHERE number = (SELECT max(number) FROM population_piece)"
        " RETURNING number"
    )
    ended = run_population(empty_registry.parts, fallen, chunk_rows=3)
    assert (ended.failure, ended.finished_at is not None) == ("SealBroken", True)
    assert 3 <= ended.changed < len(people)
    assert ended.done == ended.changed + 1
    [(tasks,)] = empty_registry.sql("SELECT count(*) FROM zero_task WHERE fell_on = '2020-02-15'")
    assert tasks == ended.changed // 3, "each household whose three members went in"
    assert sweep(empty_registry.parts.database, local_date(empty_registry.clock.now()), "sweep") == 0


def test_a_database_that_is_away_for_a_moment_fails_no_import(
    empty_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = receive(empty_registry, [entry(0)])

    def is_away(*_: Any) -> Any:
        raise DatabaseUnavailable(reason="away")

    monkeypatch.setattr(population_module, "places_of", is_away)
    with pytest.raises(DatabaseUnavailable):
        run_population(empty_registry.parts, held)
    monkeypatch.undo()
    assert run_population(empty_registry.parts, held).fresh == 1


def test_rows_are_read_and_checked_while_those_before_them_are_written(
    empty_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = receive(empty_registry, [entry(number) for number in range(4)])
    check, write, is_ahead = ahead.check_entry, population_module.register, threading.Event()

    def tells(row: Any, *more: Any) -> Any:
        if row.number == 4:
            is_ahead.set()
        return check(row, *more)

    def waits(*args: Any, **more: Any) -> Any:
        assert is_ahead.wait(10), "the second chunk waits for the first"
        return write(*args, **more)

    monkeypatch.setattr(ahead, "check_entry", tells)
    monkeypatch.setattr(population_module, "register", waits)
    assert run_population(empty_registry.parts, held, chunk_rows=2).fresh == 4


def test_a_worker_that_is_stopped_leaves_the_rest_for_later(empty_registry: Registry) -> None:
    received, _ = receive_population(
        empty_registry.parts, CLERK, population_csv([entry(0)]), file="x.csv", cause=Cause.fresh()
    )
    stop = threading.Event()
    stop.set()
    Importing(empty_registry.parts).look(stop)
    assert empty_registry.sql("SELECT done, finished_at FROM population") == [(1, None)]
    assert run_population(empty_registry.parts, received.id).fresh == 1


def test_a_household_that_comes_to_nobody_employed_gets_its_task(empty_registry: Registry) -> None:
    load(empty_registry, entry(0), entry(1))
    assert empty_registry.sql("SELECT count(*) FROM zero_task") == [(0,)]
    load(empty_registry, entry(0, employed="否", as_of=FEB), entry(1, employed="否", as_of=FEB))
    assert empty_registry.sql("SELECT fell_on FROM zero_task") == [(date(2020, 2, 15),)]
    load(empty_registry, entry(0, as_of=MAR, employed_since="2020-02-18"))
    assert empty_registry.sql("SELECT count(*) FROM zero_task WHERE closed_on IS NULL") == [(0,)]


def test_a_whole_file_is_refused_before_anything_is_kept(empty_registry: Registry) -> None:
    bad = {
        b"": FileEmpty,
        b"%PDF-1.4 ....": WrongFileType,
        "姓名,身份证号\n甲,1\n".encode(): ColumnsMissing,
        population_csv([]): FileEmpty,
    }
    for content, error in bad.items():
        with pytest.raises(error):
            receive_population(empty_registry.parts, CLERK, content, file="x.csv", cause=Cause.fresh())
    assert empty_registry.sql("SELECT count(*) FROM population") == [(0,)]
