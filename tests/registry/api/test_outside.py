"""Lists of other offices: who loads them, once, what comes back, and that they name nobody at rest."""

import hashlib
import io
from datetime import date

import openpyxl
import pytest

from services.registry.domain.outside import LIST_COLUMNS, OutsideKind
from shared.security import Role
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.lists import SOURCE, list_csv, list_xlsx, load, load_lines
from tests.registry.rosters import ENTERPRISE_ID, resident_id

ONE, TWO = resident_id(1), resident_id(2)
ALLOWANCE, DECEASED, EMPLOYMENT = OutsideKind.ALLOWANCE, OutsideKind.DECEASED, OutsideKind.EMPLOYMENT


def test_good_lines_count_and_bad_ones_come_back_with_field_fault_and_mend(empty_registry: Registry) -> None:
    content = list_xlsx(
        ALLOWANCE,
        [ONE, 2020, 500, SOURCE],
        [TWO[:-1] + "Y", "2020-02-01", "五百", SOURCE],
        [TWO, date(2020, 2, 1), 300.5, SOURCE],
    )
    answer = load(empty_registry, ALLOWANCE, content)
    told = answer.json()
    assert answer.status_code == 201
    assert (told["accepted"], told["refused"], told["known"]) == (2, 1, False)
    assert (told["kind"], told["area_code"]) == ("allowance", SANDU)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["loaded_by"] == f"bureau {(SANDU,)}"
    [line] = told["errors"]
    assert line["row"] == 3
    assert [(one["field"], one["code"]) for one in line["errors"]] == [
        ("resident_id", "id-format"),
        ("amount", "amount"),
    ]
    assert all(one["mend_zh"] and one["mend_en"] for one in line["errors"])
    fingerprint = empty_registry.parts.vault.fingerprint
    assert empty_registry.sql(
        "SELECT row, fingerprint, kind, period, amount_fen, source FROM outside_fact ORDER BY row"
    ) == [
        (2, fingerprint(ONE), "allowance", "2020", 50_000, SOURCE),
        (4, fingerprint(TWO), "allowance", "2020-02-01", 30_050, SOURCE),
    ]


def test_a_csv_in_english_is_read_as_well(empty_registry: Registry) -> None:
    content = list_csv(EMPLOYMENT, [ONE, ENTERPRISE_ID, "2020-01", "东莞市社保局"])
    assert load(empty_registry, EMPLOYMENT, content).json()["accepted"] == 1
    assert empty_registry.sql("SELECT enterprise_id, period FROM outside_fact") == [
        (ENTERPRISE_ID, "2020-01")
    ]


def test_an_id_that_excel_kept_as_a_number_and_a_formula_are_refused(empty_registry: Registry) -> None:
    content = list_xlsx(DECEASED, [int(ONE[:17] + "0"), "2020-02-01"], [ONE, "=TODAY()"])
    told = load(empty_registry, DECEASED, content).json()
    assert [line["errors"][0]["code"] for line in told["errors"]] == ["id-number", "formula"]


def test_the_same_file_again_changes_nothing_and_tells_the_same(empty_registry: Registry) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"], [TWO, "x"])
    first = load(empty_registry, DECEASED, content)
    before = empty_registry.counts()
    empty_registry.clock.advance(seconds=60)
    again = load(empty_registry, DECEASED, content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"known": True}
    assert empty_registry.counts() == before


def test_of_two_that_send_the_same_file_at_once_one_is_first(empty_registry: Registry) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    first = load(empty_registry, DECEASED, content).json()
    with empty_registry.parts.database.session() as session:
        for table in ("outside_fact", "outside_list"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")  # and not committed yet
        waiting = run_into(empty_registry.parts.database, lambda: load(empty_registry, DECEASED, content))
        session.rollback()
    answer = waiting.result(60)
    assert (answer.status_code, answer.json()["list_id"]) == (200, first["list_id"])
    assert empty_registry.counts()["outside_fact"] == 1


def test_a_file_that_is_no_list_is_refused_as_a_whole(empty_registry: Registry) -> None:
    before = empty_registry.counts()
    answer = load(empty_registry, ALLOWANCE, list_xlsx(DECEASED, [ONE, "2020-02-01"]))
    assert (answer.status_code, answer.json()["code"]) == (422, "columns-missing")
    assert "金额（元）" in answer.json()["detail_zh"]
    assert load(empty_registry, ALLOWANCE, b"%PDF-1.4").status_code == 422
    client = empty_registry.client()
    assert (
        client.post("/api/outside-lists", data={"kind": "wages"}, files={"file": ("a.csv", b"x")}).status_code
        == 422
    )
    assert empty_registry.counts() == before


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.BUREAU, Role.FINANCE)])
def test_nobody_but_a_bureau_and_a_finance_office_loads_a_list(empty_registry: Registry, role: Role) -> None:
    answer = load(empty_registry, DECEASED, list_xlsx(DECEASED, [ONE, "2020-02-01"]), role=role)
    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
    assert empty_registry.counts()["outside_list"] == 0


def test_a_list_is_loaded_in_the_name_of_one_s_own_area(empty_registry: Registry) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    refused = load(empty_registry, DECEASED, content, role=Role.FINANCE, area_code=LIBO)
    assert (refused.status_code, refused.json()["code"]) == (403, "area-not-yours")
    part = load(empty_registry, DECEASED, content, areas=("52",), area_code="52x")
    assert (part.status_code, part.json()["code"]) == (403, "area-not-yours")
    both = load(empty_registry, DECEASED, content, areas=(SANDU, LIBO))
    assert (both.status_code, both.json()["code"]) == (422, "area-not-named")
    assert empty_registry.counts()["outside_list"] == 0
    named = load(empty_registry, DECEASED, content, areas=("52",), area_code=LIBO)
    assert (named.status_code, named.json()["area_code"]) == (201, LIBO)


def test_a_neighbour_sees_no_list_and_is_not_told_that_the_same_file_was_loaded(
    empty_registry: Registry,
) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    mine = load(empty_registry, DECEASED, content).json()
    theirs = load(empty_registry, DECEASED, content, areas=(LIBO,)).json()
    assert theirs["sha256"] == mine["sha256"]
    assert (theirs["known"], theirs["area_code"]) == (False, LIBO)
    for role in (Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR):
        seen = empty_registry.client(role).get("/api/outside-lists").json()
        assert [one["list_id"] for one in seen["items"]] == [mine["list_id"]]
        assert seen["total"] == 1
        province = empty_registry.client(role, areas=("52",)).get("/api/outside-lists").json()
        assert province["total"] == 2
    for role in (Role.DISPATCHER, Role.ENTERPRISE, Role.CARRIER, Role.SERVICE):
        assert empty_registry.client(role).get("/api/outside-lists").status_code == 403


def test_a_list_that_was_wrong_is_withdrawn_and_may_be_loaded_again(empty_registry: Registry) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    wrong = load(empty_registry, DECEASED, content).json()
    right = load_lines(empty_registry, DECEASED, [TWO, "2020-02-01"])
    client = empty_registry.client(Role.FINANCE, subject="三都县财政局")
    empty_registry.clock.advance(seconds=60)
    path = f"/api/outside-lists/{wrong['list_id']}/withdraw"
    first = client.post(path)
    assert first.status_code == 200
    assert first.json()["withdrawn_by"] == "三都县财政局"
    assert first.json()["withdrawn_at"] == empty_registry.clock.now().isoformat().replace("+00:00", "Z")
    assert empty_registry.sql("SELECT list_id FROM outside_fact") == [(right["list_id"],)]
    empty_registry.clock.advance(seconds=60)
    assert client.post(path).json() == first.json()
    assert client.get("/api/outside-lists").json()["items"][1] == first.json()

    again = load(empty_registry, DECEASED, content).json()
    assert (again["known"], again["withdrawn_at"]) == (False, None)
    assert empty_registry.counts()["outside_fact"] == 2


def test_a_neighbour_and_who_may_not_load_withdraw_nothing(empty_registry: Registry) -> None:
    told = load_lines(empty_registry, DECEASED, [ONE, "2020-02-01"])
    path = f"/api/outside-lists/{told['list_id']}/withdraw"
    neighbour = empty_registry.client(areas=(LIBO,)).post(path)
    assert (neighbour.status_code, neighbour.json()["code"]) == (404, "list-unknown")
    assert empty_registry.client(Role.OPERATOR).post(path).status_code == 403
    assert empty_registry.counts()["outside_fact"] == 1


def test_who_loaded_a_list_is_logged_and_nobody_of_it_named(
    empty_registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        told = load_lines(empty_registry, DECEASED, [ONE, "2020-02-01"], role=Role.FINANCE)
    [line] = [one.__dict__ for one in caplog.records if one.getMessage() == "outside list loaded"]
    assert (line["subject"], line["list_id"]) == (told["loaded_by"], told["list_id"])
    assert ONE not in "\n".join(str(one.__dict__) for one in caplog.records)


@pytest.mark.parametrize("kind", OutsideKind)
def test_a_template_has_the_headings_that_are_read(empty_registry: Registry, kind: OutsideKind) -> None:
    answer = empty_registry.client(Role.FINANCE).get(
        "/api/outside-lists/template.xlsx", params={"kind": str(kind)}
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    line = {
        "resident_id": ONE,
        "period": "2020-01" if kind is EMPLOYMENT else "2020-01-02",
        "amount": "500",
        "months": "12",
        "source": SOURCE,
        "enterprise_id": ENTERPRISE_ID,
    }
    book.worksheets[0].append([])
    for position, column in enumerate(LIST_COLUMNS[kind], start=1):
        book.worksheets[0].cell(2, position, line[column.key])
    file = io.BytesIO()
    book.save(file)
    assert load(empty_registry, kind, file.getvalue()).json()["accepted"] == 1
