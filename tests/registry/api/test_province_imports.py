"""Files of the provincial system over HTTP: what is new is added, what differs stands beside ours, nothing is overwritten."""

import io

import openpyxl
import pytest

from services.registry.domain.exchange.fields import Field
from shared.security import Role
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.exchanging import (
    DAHE,
    HEADINGS,
    MONTH,
    all_agree,
    as_csv,
    draw_up,
    fetch,
    lines_of,
    people,
    send,
    their_line,
)
from tests.registry.folk import Folk, _folk, add_folk
from tests.registry.rosters import ENTERPRISE_ID, resident_id

OUTCOMES = ("fresh", "changed", "unchanged", "conflicts", "refused")


def stranger(number: int) -> Folk:
    """Somebody whom nobody knows yet."""
    name, phone, resident = _folk(number)
    return Folk("", name, phone, resident)


def counts(told: dict[str, object]) -> list[object]:
    return [told[name] for name in OUTCOMES]


def test_who_is_new_gets_a_file_a_household_and_the_month(registry: Registry) -> None:
    one = stranger(1)
    line = their_line(
        one, outcome="在原单位就业", category="脱贫人口、易地搬迁", education="初中", wage_band="3000-3999元"
    )
    answer = send(registry, "imports", as_csv([line]))
    told = answer.json()
    assert (answer.status_code, counts(told), told["outcomes"]) == (201, [1, 0, 0, 0, 0], {"2": "fresh"})
    source = f"province/{told['import_id']}"
    assert registry.sql("SELECT place_code, household_id IS NOT NULL FROM person_file") == [(DAHE, True)]
    assert registry.sql("SELECT kind, source, stands FROM statement ORDER BY kind") == [
        ("education", source, True),
        ("name", source, True),
        ("phone", source, True),
    ]
    assert registry.sql("SELECT category, source FROM person_class ORDER BY category") == [
        ("REGISTERED_POOR", source),
        ("RELOCATED", source),
    ]
    spell = "SELECT valid_from::text, valid_to::text, enterprise_id, area_code, source FROM employment"
    assert registry.sql(spell) == [("2020-01-01", None, ENTERPRISE_ID, "441900", source)]
    all_agree(registry)
    [back] = lines_of(registry, draw_up(registry)["export_id"])
    assert {heading: back[heading] for heading in line} == line
    for secret in (one.name, one.phone, one.resident_id):
        assert secret not in str(registry.sql("SELECT * FROM statement")) + str(told)


def test_the_same_file_twice_changes_nothing(registry: Registry) -> None:
    content = as_csv([their_line(stranger(1)), their_line(stranger(2), month="2020-13")])
    first = send(registry, "imports", content)
    before = registry.counts()
    again = send(registry, "imports", content)
    assert (first.status_code, again.status_code) == (201, 200)
    same = {name: value for name, value in first.json().items() if name not in ("known", "outcomes")}
    assert {name: again.json()[name] for name in same} == same
    assert again.json()["known"]
    assert registry.counts() == before


def test_the_same_lines_in_another_file_change_nothing_but_the_list_of_files(registry: Registry) -> None:
    one, two = stranger(1), stranger(2)
    send(registry, "imports", as_csv([their_line(one), their_line(two)]))
    before = registry.counts()
    told = send(registry, "imports", as_csv([their_line(two), their_line(one)])).json()
    assert counts(told) == [0, 0, 2, 0, 0]
    assert registry.counts() == before | {"province_import": before["province_import"] + 1}


def test_a_name_or_phone_that_differs_waits_for_a_clerk(registry: Registry) -> None:
    [one] = people(registry, [1])
    told = send(registry, "imports", as_csv([their_line(one, phone="15499999999")])).json()
    assert (counts(told), told["outcomes"]) == ([0, 0, 0, 1, 0], {"2": "conflict"})
    rows = registry.sql(
        "SELECT source LIKE 'province/%', stands FROM statement WHERE kind = 'phone' ORDER BY 1"
    )
    assert rows == [(False, True), (True, False)]
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert line[HEADINGS[Field.PHONE]] == one.phone


def test_a_month_that_we_know_otherwise_stands_beside_ours(registry: Registry) -> None:
    [one] = people(registry, [1])
    spells = registry.sql("SELECT * FROM employment")
    told = send(
        registry, "imports", as_csv([their_line(one, employed="否", employer_code="", area="")])
    ).json()
    assert counts(told) == [0, 0, 0, 1, 0]
    assert registry.sql("SELECT * FROM employment") == spells
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert line[HEADINGS[Field.EMPLOYED]] == "是"
    [difference] = registry.client().get("/api/exchange/differences", params={"month": MONTH}).json()["items"]
    assert (difference["ours"]["employed"], difference["theirs"]["employed"]) == (True, False)
    assert "*" in difference["name"]
    assert (
        registry.client(areas=(LIBO,))
        .get("/api/exchange/differences", params={"month": MONTH})
        .json()["items"]
        == []
    )


def test_what_a_helper_recorded_is_never_overwritten(registry: Registry) -> None:
    [one] = people(registry, [1], employed_since=None)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO tracking_task (month, person_id, place_code, due_on, outcome, tries)"
            " VALUES ('2020-01-01', %s, %s, '2020-01-25', 'looking', 0)",
            (one.id, DAHE),
        )
    told = send(registry, "imports", as_csv([their_line(one, outcome="在原单位就业")])).json()
    assert counts(told) == [0, 0, 0, 1, 0]
    assert registry.counts()["employment"] == 0
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert (line[HEADINGS[Field.EMPLOYED]], line[HEADINGS[Field.OUTCOME]]) == ("否", "正在求职")


def test_what_we_do_not_know_of_a_month_is_added(registry: Registry) -> None:
    [one] = people(registry, [1])
    told = send(registry, "imports", as_csv([their_line(one, outcome="在原单位就业")])).json()
    assert (counts(told), told["outcomes"]) == ([0, 1, 0, 0, 0], {"2": "changed"})
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert line[HEADINGS[Field.OUTCOME]] == "在原单位就业"
    assert registry.counts()["employment"] == 1


def test_months_come_in_whatever_order_with_the_same_end(registry: Registry) -> None:
    one = stranger(1)
    spells = "SELECT valid_from::text, valid_to::text FROM employment ORDER BY valid_from"
    files = [
        as_csv([their_line(one, month="2020-02")]),
        as_csv([their_line(one, month="2020-01", employed="否", employer_code="", area="")]),
        as_csv([their_line(one, month="2019-12")]),
    ]
    ends = []
    for order in (files, files[::-1], [files[1], files[2], files[0]]):
        for content in order:
            assert send(registry, "imports", content).status_code == 201
        ends.append(registry.sql(spells))
        with registry.parts.database.session() as session:
            for table in ("province_state", "province_refused", "province_import", "employment"):
                session.connection().exec_driver_sql(f"DELETE FROM {table}")
    assert ends == [[("2019-12-01", "2020-01-01"), ("2020-02-01", None)]] * 3


def test_a_newer_word_of_the_system_replaces_its_own_older_one(registry: Registry) -> None:
    one = stranger(1)
    send(registry, "imports", as_csv([their_line(one)]))
    send(registry, "imports", as_csv([their_line(one, employed="否", employer_code="", area="")]))
    assert registry.counts()["employment"] == 0
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert line[HEADINGS[Field.EMPLOYED]] == "否"
    send(registry, "imports", as_csv([their_line(one, area="442000")]))
    assert registry.sql("SELECT area_code FROM employment") == [("442000",)]


def test_two_months_of_a_person_in_one_file_are_two_months(registry: Registry) -> None:
    one = stranger(1)
    told = send(registry, "imports", as_csv([their_line(one, month="2019-12"), their_line(one)])).json()
    assert told["refused"] == 0
    assert registry.sql("SELECT valid_from::text FROM employment ORDER BY 1") == [
        ("2019-12-01",),
        ("2020-01-01",),
    ]


def test_a_neighbour_s_person_is_neither_changed_nor_described(registry: Registry) -> None:
    [theirs] = people(registry, [1], "522722101")
    before = registry.counts()
    told = send(registry, "imports", as_csv([their_line(theirs, name="别人")])).json()
    assert counts(told) == [0, 0, 0, 0, 1]
    assert told["errors"][0]["errors"][0]["code"] == "not-your-file"
    grown = {
        table: count - before[table] for table, count in registry.counts().items() if count != before[table]
    }
    assert grown == {"province_import": 1, "province_refused": 1}


def test_a_place_outside_the_area_is_refused(registry: Registry) -> None:
    lines = [
        their_line(stranger(1), county="荔波县", place="朝阳镇"),
        their_line(stranger(2), place="无名镇"),
        their_line(stranger(3), county="无名县"),
    ]
    told = send(registry, "imports", as_csv(lines)).json()
    assert [line["errors"][0]["code"] for line in told["errors"]] == ["place-unknown"] * 3
    assert registry.counts()["person"] == 0


def test_the_refused_lines_come_back_in_full_with_their_reasons_and_it_is_logged(registry: Registry) -> None:
    [known] = people(registry, [1])
    bad = their_line(known, employed="不清楚")
    told = send(registry, "imports", as_csv([bad, their_line(stranger(2), resident_id="1")])).json()
    path = f"/api/exchange/imports/{told['import_id']}/refused.xlsx"
    answer = registry.client().get(path)
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert {heading: first[heading] or "" for heading in bad} == bad
    assert "请填写以下之一：是、否" in first["原因"]
    assert registry.sql("SELECT purpose, person_ids FROM access_log") == [("refused-rows", [known.id])]
    assert known.resident_id not in str(registry.sql("SELECT * FROM province_refused"))
    for areas, role, status in (((LIBO,), Role.BUREAU, 404), ((SANDU,), Role.AUDIT, 403)):
        assert registry.client(role, areas=areas).get(path).status_code == status


def test_who_gets_a_file_later_is_told_who_read_their_refused_lines_before(registry: Registry) -> None:
    [known] = people(registry, [1])
    later = stranger(7)
    told = send(registry, "imports", as_csv([their_line(later, employed="不清楚")])).json()
    registry.client().get(f"/api/exchange/imports/{told['import_id']}/refused.xlsx")
    assert send(registry, "imports", as_csv([their_line(later)])).json()["errors"] == []
    [(person_id,)] = registry.sql("SELECT id FROM person WHERE id <> :id", id=known.id)
    for one, purposes in ((person_id, ["refused-rows"]), (known.id, [])):
        items = registry.client().get(f"/api/people/{one}/accesses").json()["items"]
        assert [item["purpose"] for item in items] == purposes


def test_our_own_file_changes_nothing_here(registry: Registry) -> None:
    people(registry, [1, 2, 3])
    add_folk(registry.parts, [4, 5], place_code=DAHE)
    drawn = draw_up(registry)
    tables = (
        "statement",
        "employment",
        "person",
        "person_file",
        "membership",
        "person_class",
        "province_state",
    )
    before = [registry.sql(f"SELECT * FROM {table}") for table in tables]
    for kind in ("csv", "xlsx"):
        told = send(registry, "imports", fetch(registry, drawn["export_id"], kind)).json()
        assert counts(told) == [0, 0, 5, 0, 0]
    assert [registry.sql(f"SELECT * FROM {table}") for table in tables] == before
    assert draw_up(registry)["rows"] == 5


@pytest.mark.parametrize("word", ["移除"])
def test_a_removal_in_a_file_removes_nobody(registry: Registry, word: str) -> None:
    [one] = people(registry, [1])
    told = send(registry, "imports", as_csv([their_line(one) | {HEADINGS[Field.CHANGE]: word}])).json()
    assert told["errors"][0]["errors"][0]["code"] == "removal"
    assert registry.counts()["person_file"] == 1


def test_no_log_line_names_a_person(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    one = stranger(1)
    with caplog.at_level("DEBUG"):
        send(registry, "imports", as_csv([their_line(one), their_line(one)]), name=f"{one.name}.csv")
        fetch(registry, draw_up(registry)["export_id"])
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "province file taken in" in said
    for secret in (one.name, one.phone, one.resident_id, resident_id(1)):
        assert secret not in said


def test_of_two_that_send_the_same_file_at_once_one_is_first(registry: Registry) -> None:
    content = as_csv([their_line(stranger(1))])
    first = send(registry, "imports", content).json()
    tables = ("province_state", "employment", "statement", "membership", "person_file", "household", "person", "province_import")  # fmt: skip
    with registry.parts.database.session() as session:
        for table in tables:
            session.connection().exec_driver_sql(f"DELETE FROM {table}")  # and not committed yet
        waiting = run_into(registry.parts.database, lambda: send(registry, "imports", content))
        session.rollback()
    answer = waiting.result(60)
    assert (answer.status_code, answer.json()["import_id"]) == (200, first["import_id"])
    assert registry.counts()["person"] == 1


def test_a_month_goes_on_until_something_else_is_told_and_its_household_is_not_called_out(
    registry: Registry,
) -> None:
    one, two = stranger(1), stranger(2)
    away = {"employed": "否", "employer_code": "", "area": "", "household": "TH-2"}
    send(registry, "imports", as_csv([their_line(one), their_line(two, **away)]))
    assert registry.sql("SELECT valid_to FROM employment") == [(None,)]
    called_out = "SELECT count(*) FROM zero_task z JOIN membership m USING (household_id) JOIN employment e ON e.person_id = m.person_id"
    assert registry.counts()["zero_task"] == 1  # the one whose only worker is without work
    assert registry.sql(called_out) == [(0,)]


def test_the_system_s_word_on_an_older_month_never_reaches_into_what_a_helper_found(
    registry: Registry,
) -> None:
    [one] = people(registry, [1], employed_since=None)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO tracking_task (month, person_id, place_code, due_on, outcome, tries)"
            " VALUES ('2020-01-01', %s, %s, '2020-01-25', 'looking', 0)",
            (one.id, DAHE),
        )
    send(registry, "imports", as_csv([their_line(one, month="2019-11")]))
    assert registry.sql("SELECT valid_from::text, valid_to::text FROM employment") == [
        ("2019-11-01", "2020-01-01")
    ]
