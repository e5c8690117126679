"""The exchange with the provincial system over HTTP: who sends what, what is answered, what stays open, what is late."""

import io
from datetime import date, datetime, timedelta

import openpyxl
import pytest

from services.registry.domain.exchange.fields import Field
from services.registry.store.people import erase_person
from services.registry.usecases.exchange.drawing import Drawing
from services.registry.usecases.privacy.retention import list_due
from shared.kernel.clock import SHANGHAI
from shared.security import Role
from tests.registry.api.test_exchange_consent import with_a_wage
from tests.registry.conftest import LIBO, NOW, SANDU, Registry
from tests.registry.employed import end_employment
from tests.registry.exchanging import (
    DAHE,
    HEADINGS,
    MONTH,
    PUAN,
    RECEIPT,
    accept_all,
    as_csv,
    draw_up,
    fetch,
    helped,
    lines_of,
    move,
    people,
    read,
    receipt,
    send,
    stands,
)
from tests.registry.folk import Folk, add_folk
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID

TOKEN, CHANGE, NAME = HEADINGS[Field.TOKEN], HEADINGS[Field.CHANGE], HEADINGS[Field.NAME]


def dismiss(registry: Registry, folk: Folk, day: date) -> None:
    with registry.parts.database.session() as session:
        end_employment(session, folk.id, day)


# --- the export -------------------------------------------------------------------------------------------------------


def test_a_month_goes_out_one_row_a_person_with_what_is_known(registry: Registry) -> None:
    [one] = helped(registry, [1])
    add_folk(registry.parts, [2], place_code=DAHE)
    drawn = draw_up(registry)
    assert (drawn["rows"], drawn["removals"], drawn["left_out"]) == (2, 0, 0)
    lines = {line[NAME]: line for line in lines_of(registry, drawn["export_id"])}
    line = lines[one.name]
    assert {field: line[HEADINGS[field]] for field in HEADINGS if line[HEADINGS[field]]} == {
        Field.TOKEN: line[TOKEN],
        Field.CHANGE: "报送",
        Field.MONTH: "2020-01",
        Field.NAME: one.name,
        Field.RESIDENT_ID: one.resident_id,
        Field.PHONE: one.phone,
        Field.HOUSEHOLD: f"H{DAHE}-1",
        Field.COUNTY: "三都水族自治县",
        Field.COUNTY_CODE: SANDU,
        Field.PLACE: "大河镇",
        Field.PLACE_CODE: DAHE,
        Field.EMPLOYED: "是",
        Field.EMPLOYER: ENTERPRISE,
        Field.EMPLOYER_CODE: ENTERPRISE_ID,
        Field.AREA: "441900",
        Field.HELPER: "帮扶甲",
    }
    assert line[TOKEN] in {f"{drawn['export_id']}-1", f"{drawn['export_id']}-2"}
    [other] = [line for name, line in lines.items() if name != one.name]
    assert (other[HEADINGS[Field.EMPLOYED]], other[HEADINGS[Field.EMPLOYER]]) == ("否", "")


def test_what_tracking_found_in_the_month_goes_before_a_spell(registry: Registry) -> None:
    [one] = people(registry, [1])
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO tracking_task (month, person_id, place_code, due_on, outcome, tries)"
            " VALUES ('2020-01-01', %s, %s, '2020-01-25', 'looking', 0)",
            (one.id, DAHE),
        )
    [line] = lines_of(registry, draw_up(registry)["export_id"])
    assert (line[HEADINGS[Field.EMPLOYED]], line[HEADINGS[Field.OUTCOME]]) == ("否", "正在求职")
    assert line[HEADINGS[Field.EMPLOYER_CODE]] == ""
    [later] = lines_of(registry, draw_up(registry, month="2020-02")["export_id"])
    assert (later[HEADINGS[Field.EMPLOYED]], later[HEADINGS[Field.OUTCOME]]) == ("是", "")


@pytest.mark.parametrize(
    ("kind", "encoding", "begins"),
    [("xlsx", "utf-8", b"PK"), ("csv", "utf-8", b"\xef\xbb\xbf"), ("csv", "gb18030", "报送编号".encode("gb18030"))],
)  # fmt: skip
def test_the_file_comes_as_offices_need_it_and_says_the_same(
    registry: Registry, kind: str, encoding: str, begins: bytes
) -> None:
    people(registry, [1, 2, 3])
    drawn = draw_up(registry)
    content = fetch(registry, drawn["export_id"], kind, encoding)
    assert content.startswith(begins)
    if encoding == "gb18030":
        content = content.decode("gb18030").encode()
    assert read(content) == lines_of(registry, drawn["export_id"])


def test_every_cell_of_the_workbook_is_text_as_excel_keeps_it(registry: Registry) -> None:
    """18 digits lose their last three as a number, and 2020-01 becomes a day: neither is left to be guessed."""
    [one] = helped(registry, [1])
    content = fetch(registry, draw_up(registry)["export_id"], "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    [sheet] = book.worksheets
    headings, line = sheet.iter_rows()
    assert (sheet.title, sheet.merged_cells.ranges) == ("就业信息", set())
    assert [cell.value for cell in headings] == list(HEADINGS.values())
    filled = {headings[cell.column - 1].value: cell for cell in line if cell.value is not None}
    assert {(type(cell.value), cell.data_type, cell.number_format) for cell in filled.values()} == {
        (str, "s", "@")
    }
    said = {
        Field.RESIDENT_ID: one.resident_id,
        Field.PHONE: one.phone,
        Field.MONTH: "2020-01",
        Field.AREA: "441900",
    }
    assert {field: filled[HEADINGS[field]].value for field in said} == said
    # Once more through openpyxl, as an office that opens and saves it: our reader finds the same.
    saved = io.BytesIO()
    book.save(saved)
    answer = send(registry, "imports", saved.getvalue(), name="另存.xlsx")
    assert (answer.status_code, answer.json()["unchanged"], answer.json()["refused"]) == (201, 1, 0)


def test_a_cell_that_looks_like_a_formula_is_none_in_the_file(registry: Registry) -> None:
    [one] = people(registry, [1])
    sealed = "UPDATE statement SET value_sealed = %s WHERE person_id = %s AND kind = 'name'"
    with registry.parts.database.session() as session:
        key = session.connection().exec_driver_sql("SELECT wrapped_key FROM person").scalar_one()
        value = registry.parts.vault.seal(bytes(key), "=1+1", f"person/{one.id}/name")
        session.connection().exec_driver_sql(sealed, (value, one.id))
    drawn = draw_up(registry)
    assert lines_of(registry, drawn["export_id"])[0][NAME] == "'=1+1"
    assert read(fetch(registry, drawn["export_id"], "xlsx"))[0][NAME] == "=1+1"


def test_each_person_in_a_file_finds_who_had_it_and_why(registry: Registry) -> None:
    folk = people(registry, [1, 2])
    drawn = draw_up(registry, reason="correction")
    assert registry.counts()["access_log"] == 0  # drawn up, and shown to nobody
    fetch(registry, drawn["export_id"])
    fetch(registry, drawn["export_id"], "xlsx")
    logged = registry.sql("SELECT subject, purpose, person_ids, request_ids FROM access_log")
    who = (f"bureau {(SANDU,)}", "exchange-export-correction", sorted(one.id for one in folk), [])
    assert logged == [who, who]


def test_no_export_without_a_reason(registry: Registry) -> None:
    people(registry, [1])
    for body in ({}, {"reason": "因为张三"}):
        assert registry.client().post("/api/exchange/exports", json=body).status_code == 422
    assert registry.counts()["exchange_export"] == 0


def test_nothing_of_a_file_is_kept_but_digests(registry: Registry) -> None:
    [one] = people(registry, [1])
    drawn = draw_up(registry)
    content = fetch(registry, drawn["export_id"])
    assert one.resident_id.encode() in content
    kept = str(registry.sql("SELECT * FROM exchange_row")) + str(
        registry.sql("SELECT * FROM exchange_export")
    )
    for secret in (one.name, one.phone, one.resident_id, f"H{DAHE}-1"):
        assert secret not in kept


def test_only_what_changed_since_it_was_acknowledged_is_sent_again(registry: Registry) -> None:
    folk = people(registry, [1, 2, 3])
    first = draw_up(registry, only_changed=True)
    assert (first["rows"], first["left_out"]) == (3, 0)
    again = draw_up(registry, only_changed=True)
    assert again["rows"] == 3  # nothing is acknowledged yet
    accept_all(registry, again)
    assert draw_up(registry, only_changed=True)["left_out"] == 3
    dismiss(registry, folk[0], date(2020, 1, 20))
    third = draw_up(registry, only_changed=True)
    assert (third["rows"], third["left_out"]) == (1, 2)
    [line] = lines_of(registry, third["export_id"])
    assert (line[NAME], line[HEADINGS[Field.EMPLOYED]]) == (folk[0].name, "否")
    assert line[HEADINGS[Field.PRIOR_TOKEN]].startswith(again["export_id"])
    assert draw_up(registry)["rows"] == 3  # all, when all are asked for


def test_the_next_month_is_a_report_of_its_own(registry: Registry) -> None:
    people(registry, [1])
    accept_all(registry, draw_up(registry))
    assert draw_up(registry, only_changed=True)["rows"] == 0
    assert draw_up(registry, only_changed=True, month="2020-02")["rows"] == 1


def test_who_left_the_area_goes_out_as_a_removal_by_the_number_that_was_sent(registry: Registry) -> None:
    stays, leaves, erased = people(registry, [1, 2, 3])
    first = draw_up(registry)
    tokens = {line[NAME]: line[TOKEN] for line in lines_of(registry, first["export_id"])}
    move(registry, leaves, "522722101")
    assert draw_up(registry, only_changed=True)["removals"] == 0  # never acknowledged: nothing to strike
    move(registry, leaves, DAHE)
    accept_all(registry, first)
    move(registry, leaves, "522722101")
    with registry.parts.database.session() as session:
        erase_person(session, erased.id)
    drawn = draw_up(registry, only_changed=True)
    assert (drawn["rows"], drawn["removals"], drawn["left_out"]) == (2, 2, 1)
    lines = {line[HEADINGS[Field.PRIOR_TOKEN]]: line for line in lines_of(registry, drawn["export_id"])}
    assert {one: line[HEADINGS[Field.RESIDENT_ID]] for one, line in lines.items()} == {
        tokens[leaves.name]: leaves.resident_id,
        tokens[erased.name]: "",
    }
    assert {line[CHANGE] for line in lines.values()} == {"移除"}
    assert {line[NAME] for line in lines.values()} == {""}
    accept_all(registry, drawn)
    assert draw_up(registry, only_changed=True)["rows"] == 0
    move(registry, leaves, DAHE)
    back = draw_up(registry, only_changed=True)
    assert (back["rows"], back["removals"]) == (1, 0)
    assert stays.name not in {line[NAME] for line in lines_of(registry, back["export_id"])}


def test_no_digest_of_what_was_sent_leads_to_who_is_erased(registry: Registry) -> None:
    one, other = people(registry, [1, 2])
    drawn = draw_up(registry)
    before = dict(registry.sql("SELECT person_id, digest FROM exchange_row"))
    assert registry.client(Role.OPERATOR).post(f"/api/people/{one.id}/erase").status_code == 200
    after = dict(registry.sql("SELECT person_id, digest FROM exchange_row"))
    assert after[one.id].startswith("erased/")
    assert after[other.id] == before[other.id]
    assert draw_up(registry)["removals"] == 0
    rows = registry.client().get(f"/api/exchange/exports/{drawn['export_id']}/rows").json()["items"]
    assert sorted(row["name"] == "—" for row in rows) == [False, True]


def test_what_changed_after_an_export_was_drawn_up_is_not_in_its_file(registry: Registry) -> None:
    folk = people(registry, [1, 2])
    drawn = draw_up(registry)
    dismiss(registry, folk[0], date(2020, 1, 20))
    assert [line[NAME] for line in lines_of(registry, drawn["export_id"])] == [folk[1].name]


def test_a_township_sends_its_own_and_a_county_all(registry: Registry) -> None:
    people(registry, [1, 2])
    people(registry, [3], PUAN)
    assert draw_up(registry)["rows"] == 3
    assert draw_up(registry, areas=(PUAN,))["rows"] == 1
    assert draw_up(registry, area_code=DAHE)["rows"] == 2
    refused = registry.client(areas=(PUAN,)).post(
        "/api/exchange/exports", json={"reason": "monthly", "area_code": DAHE}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "exchange-area-not-yours")


@pytest.mark.parametrize(("month", "code"), [("2020-03", "month-not-begun"), ("2020-13", "month-unreadable")])
def test_a_month_that_is_none_is_refused(registry: Registry, month: str, code: str) -> None:
    answer = registry.client().post("/api/exchange/exports", json={"reason": "monthly", "month": month})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def old_tracking(registry: Registry) -> int:
    """How much of tracking has had its time."""
    due = list_due(registry.parts.database, registry.clock)
    return next(one.count for one in due if one.rule.id == "tracking")


def test_a_month_is_sent_until_its_tracking_has_had_its_time_and_not_blank_after(registry: Registry) -> None:
    [one] = people(registry, [1])
    with_a_wage(registry, one)
    body = {"reason": "monthly", "month": MONTH}
    registry.clock.at = datetime(
        2023, 2, 1, 23, 59, tzinfo=SHANGHAI
    )  # 36 months after the end of January 2020
    client = registry.client()
    kept = old_tracking(registry)
    waits = client.post("/api/exchange/exports", json=body)
    assert (kept, waits.status_code) == (0, 201)
    registry.clock.at += timedelta(minutes=1)
    answer = client.post("/api/exchange/exports", json=body)
    assert (old_tracking(registry), answer.status_code, answer.json()["code"]) == (2, 422, "month-not-kept")
    for said in ("`month`", "（month）", "2020-02"):
        assert said in answer.text
    Drawing(registry.parts).look()
    assert client.get(f"/api/exchange/exports/{waits.json()['export_id']}").json()["status"] == "failed"
    assert client.get("/api/exchange/report", params={"month": MONTH}).status_code == 200


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_each_row_is_answered_by_its_number(registry: Registry) -> None:
    people(registry, [1, 2, 3])
    drawn = draw_up(registry)
    token = f"{drawn['export_id']}-"
    answer = send(
        registry,
        "receipts",
        as_csv(
            [
                receipt(f"{token}1"),
                receipt(f"{token}2", "refused", "样本丙寅 15600000002 户编号不存在"),
                receipt(f"{token}99"),
                receipt("01HZZZZZZZZZZZZZZZZZZZZZZZ-1"),
                receipt("张三"),
                receipt(""),
                receipt(f"{token}1"),
                receipt(f"{token}3", "也许"),
            ]
        ),
    )
    told = answer.json()
    assert answer.status_code == 201
    assert {name: told[name] for name in ("accepted", "refused", "unchanged", "unmatched", "still_open")} == {
        "accepted": 1, "refused": 1, "unchanged": 0, "unmatched": 6, "still_open": 1,
    }  # fmt: skip
    assert [(line["row"], line["errors"][0]["code"]) for line in told["errors"]] == [
        (4, "token-unknown"),
        (5, "token-unknown"),
        (6, "token-unknown"),
        (7, "token-absent"),
        (8, "answered-twice"),
        (9, "word-unknown"),
    ]
    assert stands(registry, drawn["export_id"]) == {"accepted": 1, "refused": 1, "sent": 1}
    rows = registry.client().get(
        f"/api/exchange/exports/{drawn['export_id']}/rows", params={"state": "refused"}
    )
    [row] = rows.json()["items"]
    assert (row["row"], "户编号不存在" in row["reason"]) == (2, True)
    assert "15600000002" not in row["reason"]
    assert "*" in row["name"]
    assert "户编号不存在" not in str(registry.sql("SELECT * FROM exchange_row"))


def test_by_resident_id_only_in_the_export_that_is_named(registry: Registry) -> None:
    one, two = people(registry, [1, 2])
    [never] = people(registry, [3], PUAN)
    drawn = draw_up(registry, area_code=DAHE)
    lines = [
        {RECEIPT[Field.RESIDENT_ID]: number, RECEIPT[Field.RESULT]: "成功"}
        for number in (one.resident_id, never.resident_id)
    ]
    unnamed = send(registry, "receipts", as_csv(lines)).json()
    assert (unnamed["accepted"], unnamed["unmatched"]) == (0, 2)
    named = send(registry, "receipts", as_csv(lines), export_id=drawn["export_id"]).json()
    assert (named["accepted"], named["unmatched"], named["still_open"]) == (1, 1, 1)
    assert named["errors"][0]["errors"][0]["code"] == "person-not-sent"
    assert two.resident_id not in str(named)


def test_the_same_receipts_twice_change_nothing(registry: Registry) -> None:
    people(registry, [1, 2])
    drawn = draw_up(registry)
    content = as_csv([receipt(f"{drawn['export_id']}-1"), receipt(f"{drawn['export_id']}-2", "refused", "x")])
    first = send(registry, "receipts", content)
    before, rows = registry.counts(), registry.sql("SELECT * FROM exchange_row ORDER BY row")
    registry.clock.advance(seconds=60)
    again = send(registry, "receipts", content, name="另一个名字.csv")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"known": True}
    assert registry.counts() == before
    assert registry.sql("SELECT * FROM exchange_row ORDER BY row") == rows


def test_half_a_file_leaves_the_rest_open_and_says_so(registry: Registry) -> None:
    people(registry, [1, 2, 3, 4])
    drawn = draw_up(registry)
    lines = [receipt(f"{drawn['export_id']}-{row}") for row in (1, 2, 3, 4)]
    half = send(registry, "receipts", as_csv(lines[:2])).json()
    assert (half["accepted"], half["still_open"]) == (2, 2)
    whole = send(registry, "receipts", as_csv(lines)).json()
    assert (whole["accepted"], whole["unchanged"], whole["still_open"]) == (2, 2, 0)


def test_receipts_of_an_older_export_that_come_late_undo_nothing(registry: Registry) -> None:
    [one] = people(registry, [1])
    old = draw_up(registry)
    dismiss(registry, one, date(2020, 1, 20))
    new = draw_up(registry, only_changed=True)
    assert stands(registry, old["export_id"]) == {"superseded": 1}
    accept_all(registry, new)
    accept_all(registry, old)
    assert draw_up(registry, only_changed=True)["left_out"] == 1  # the newer is what is acknowledged
    refused = send(registry, "receipts", as_csv([receipt(f"{new['export_id']}-1", "refused")])).json()
    assert (refused["unmatched"], refused["errors"][0]["errors"][0]["code"]) == (1, "answer-reversed")
    assert stands(registry, new["export_id"]) == {"accepted": 1}


def test_an_accepted_older_row_is_not_taken_for_the_newer_that_was_refused(registry: Registry) -> None:
    [one] = people(registry, [1])
    old = draw_up(registry)
    accept_all(registry, old)
    dismiss(registry, one, date(2020, 1, 20))
    new = draw_up(registry, only_changed=True)
    send(registry, "receipts", as_csv([receipt(f"{new['export_id']}-1", "refused", "格式")]))
    assert draw_up(registry, only_changed=True)["rows"] == 1
    send(registry, "receipts", as_csv([receipt(f"{new['export_id']}-1")]))  # they looked again
    assert draw_up(registry, only_changed=True)["rows"] == 0


def test_a_row_that_nobody_answered_is_missing_after_the_days_of_the_rule(registry: Registry) -> None:
    people(registry, [1])
    drawn = draw_up(registry)
    registry.clock.at = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert stands(registry, drawn["export_id"]) == {"sent": 1}
    registry.clock.at = NOW + timedelta(days=7)
    assert stands(registry, drawn["export_id"]) == {"missing": 1}
    accept_all(registry, drawn)
    assert stands(registry, drawn["export_id"]) == {"accepted": 1}


# --- the report -------------------------------------------------------------------------------------------------------


def test_the_report_says_by_place_what_is_missing_and_late(registry: Registry) -> None:
    people(registry, [1, 2, 3, 4])
    people(registry, [5], PUAN)
    drawn = draw_up(registry, area_code=DAHE)
    token = f"{drawn['export_id']}-"
    send(registry, "receipts", as_csv([receipt(f"{token}1"), receipt(f"{token}2", "refused")]))
    client = registry.client(Role.AUDIT)
    told = client.get("/api/exchange/report", params={"month": MONTH}).json()
    assert (told["due_on"], told["answer_days"]) == ("2020-02-05", 7)
    dahe, puan = told["lines"]
    names = ("due", "exported", "acknowledged", "refused", "waiting", "missing", "unsent", "late")
    assert (dahe["code"], dahe["name"]) == (DAHE, "大河镇")
    assert [dahe[name] for name in names] == [4, 4, 1, 1, 2, 0, 0, 3]
    assert [puan[name] for name in names] == [1, 0, 0, 0, 0, 0, 1, 1]
    assert [told["total"][name] for name in names] == [5, 4, 1, 1, 2, 0, 1, 4]
    this_month = client.get("/api/exchange/report", params={"month": "2020-02"}).json()
    assert [this_month["total"][name] for name in names] == [5, 0, 0, 0, 0, 0, 5, 0]  # due on 5 March
    registry.clock.advance(days=7)
    later = (
        registry.client(Role.AUDIT).get("/api/exchange/report", params={"month": MONTH}).json()["lines"][0]
    )
    assert (later["waiting"], later["missing"]) == (0, 2)
    province = registry.client(Role.AUDIT, areas=("52",)).get("/api/exchange/report").json()
    assert [(line["code"], line["name"]) for line in province["lines"]] == [(SANDU, "三都水族自治县")]


# --- who may ----------------------------------------------------------------------------------------------------------

ROUTES = [
    ("GET", "/api/exchange/exports"),
    ("POST", "/api/exchange/exports"),
    ("GET", "/api/exchange/exports/{}"),
    ("GET", "/api/exchange/exports/{}/rows"),
    ("POST", "/api/exchange/exports/{}/file"),
    ("POST", "/api/exchange/receipts"),
    ("POST", "/api/exchange/imports"),
    ("GET", "/api/exchange/imports"),
    ("GET", "/api/exchange/differences"),
]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.BUREAU])
def test_nobody_but_a_bureau_exchanges(registry: Registry, role: Role) -> None:
    people(registry, [1])
    drawn = draw_up(registry)
    client = registry.client(role)
    for method, path in ROUTES:
        answer = client.request(method, path.format(drawn["export_id"]))
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), path
    reads = {Role.AUDIT, Role.OPERATOR}
    assert client.get("/api/exchange/report").status_code == (200 if role in reads else 403)


def test_a_neighbour_finds_no_export_answers_none_and_is_told_the_same_as_of_none(registry: Registry) -> None:
    people(registry, [1])
    drawn = draw_up(registry)
    before = registry.counts()
    neighbour = registry.client(areas=(LIBO,))
    absent = "01HZZZZZZZZZZZZZZZZZZZZZZZ"
    for method, path in ROUTES[2:5]:
        theirs, none = (neighbour.request(method, path.format(one)) for one in (drawn["export_id"], absent))
        assert (theirs.status_code, theirs.json()["code"]) == (404, "export-unknown")
        assert theirs.json()["detail_zh"].replace(drawn["export_id"], absent) == none.json()["detail_zh"]
    assert neighbour.get("/api/exchange/exports").json()["total"] == 0
    assert registry.counts() == before
    told = [
        send(registry, "receipts", as_csv([receipt(f"{one}-1")]), areas=(LIBO,)).json()["errors"]
        for one in (drawn["export_id"], absent)
    ]
    assert told[0] == told[1]
    assert stands(registry, drawn["export_id"]) == {"sent": 1}
    named = [
        send(registry, "receipts", as_csv([receipt("")]), areas=(LIBO,), export_id=one).status_code
        for one in (drawn["export_id"], absent)
    ]
    assert named == [404, 404]
    assert neighbour.get("/api/exchange/report", params={"area_code": SANDU}).status_code == 403
    assert neighbour.get("/api/exchange/report").json()["lines"] == []


def test_the_pages_of_exports_count_right(registry: Registry) -> None:
    people(registry, [1])
    ids = [draw_up(registry)["export_id"] for _ in range(3)]
    shown = registry.client().get("/api/exchange/exports", params={"page": 2, "size": 2}).json()
    assert ([one["export_id"] for one in shown["items"]], shown["total"]) == ([ids[0]], 3)
