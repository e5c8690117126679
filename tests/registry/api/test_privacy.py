"""What a person may ask of their own data, and who sees it in full: for whom, by whom, and what is written down of it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.registry.domain.outside import OutsideKind
from services.registry.domain.privacy.reasons import Reason
from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.privacy.subjects import rows_about, subjects
from services.registry.usecases.people.population import import_population
from services.registry.usecases.privacy.contexts import context_of
from shared.directory import HttpDirectory
from shared.messaging import Cause
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.copies import archive_of, book_in
from tests.registry.exchanging import as_csv, send, their_line
from tests.registry.folk import Folk, add_folk, add_helper, add_household
from tests.registry.lists import list_xlsx, load
from tests.registry.population import entry, population_csv
from tests.registry.rights import JPEG, body
from tests.registry.rosters import worker, xlsx

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
WHY = {"reason": "contact", "reference": "黔人社函〔2020〕5号"}


@pytest.fixture
def one(registry: Registry) -> Folk:
    [made] = add_folk(
        registry.parts,
        [1],
        household_id=add_household(registry.parts, "H-1"),
        helper_id=add_helper(registry.parts),
    )
    return made


def reveal(registry: Registry, person_id: str, area: str = SANDU, **changes: Any) -> httpx.Response:
    client = registry.client(areas=(area,), subject="三都县人社局 韦某")
    return client.post(f"/api/people/{person_id}/reveal", json=WHY | changes)


def accesses(registry: Registry, person_id: str) -> list[dict[str, Any]]:
    answer = registry.client().get(f"/api/people/{person_id}/accesses")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_one_person_is_shown_in_full_and_it_is_written_down_who_saw_what_and_why(
    registry: Registry, one: Folk
) -> None:
    shown = reveal(registry, one.id)
    assert shown.json() == {
        "person_id": one.id,
        "name": [one.name],
        "resident_id": [one.resident_id],
        "phone": [one.phone],
    }
    [access] = accesses(registry, one.id)
    assert access["who"] == "三都县人社局 韦某"
    assert access["roles"] == ["bureau"]
    assert access["purpose"] == "reveal/contact"
    assert access["purpose_zh"] == "显示完整信息：联系本人"
    assert access["fields"] == ["name", "phone", "resident_id"]
    assert access["reference"] == WHY["reference"]
    assert access["at"] == "2020-02-20T01:00:00Z"


def test_only_what_was_asked_for_is_shown_and_the_reference_lies_sealed(
    registry: Registry, one: Folk
) -> None:
    shown = reveal(registry, one.id, fields=["phone"])
    assert shown.json() == {"person_id": one.id, "name": None, "resident_id": None, "phone": [one.phone]}
    assert accesses(registry, one.id)[0]["fields"] == ["phone"]
    [row] = registry.sql("SELECT access_log::text, reference_sealed FROM access_log")
    assert WHY["reference"] not in row[0]
    assert WHY["reference"].encode() not in row[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "curiosity"},
        {"reason": None},
        {"reference": ""},
        {"reference": "  x "},
        {"reference": "x" * 201},
        {"fields": []},
        {"fields": ["wage"]},
        {"more": 1},
    ],
)
def test_without_a_reason_and_a_document_nothing_is_shown_and_nothing_written(
    registry: Registry, one: Folk, wrong: dict[str, Any]
) -> None:
    answer = reveal(registry, one.id, **wrong)
    assert answer.status_code == 422
    assert one.phone not in answer.text
    assert registry.counts()["access_log"] == 0


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_taken(registry: Registry, one: Folk, reason: Reason) -> None:
    assert reveal(registry, one.id, reason=reason).status_code == 200


def test_what_cannot_be_written_down_is_not_shown(registry: Registry, one: Folk) -> None:
    """The entry is in the same transaction: without it there is no answer."""
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("ALTER TABLE access_log ADD CONSTRAINT full_ CHECK (purpose NOT LIKE 'reveal/%')")
        )
    try:
        answer = reveal(registry, one.id)
        assert answer.status_code >= 500
        assert one.phone not in answer.text
    finally:
        with registry.parts.database.session() as session:
            session.connection().execute(text("ALTER TABLE access_log DROP CONSTRAINT full_"))


@pytest.mark.parametrize("path", ["accesses", "copy", "copy.zip"])
def test_a_neighbour_s_person_is_as_one_that_is_not_there(registry: Registry, one: Folk, path: str) -> None:
    client = registry.client(areas=(LIBO,))
    absent = "01HZZZZZZZZZZZZZZZZZZZZZZZ"
    theirs = client.get(f"/api/people/{one.id}/{path}")
    nobody = client.get(f"/api/people/{absent}/{path}")
    assert (theirs.status_code, nobody.status_code) == (404, 404)
    assert (
        theirs.text.replace(one.id, absent).split('"correlation')[0] == nobody.text.split('"correlation')[0]
    )
    assert reveal(registry, one.id, LIBO).status_code == 404
    assert registry.counts()["access_log"] == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.BUREAU])
def test_nobody_but_the_labour_office_shows_lists_or_copies(
    registry: Registry, one: Folk, role: Role
) -> None:
    organisation = {"organisation": "X"} if role in (Role.ENTERPRISE, Role.CARRIER) else {}
    client = registry.client(role, areas=("52",), **organisation)
    assert client.post(f"/api/people/{one.id}/reveal", json=WHY).status_code == 403
    for path in ("accesses", "copy", "copy.zip"):
        assert client.get(f"/api/people/{one.id}/{path}").status_code == 403


def test_a_person_finds_every_access_to_any_person_of_their_file(registry: Registry, one: Folk) -> None:
    """By request, by check, by trace, by a refused row that named nobody, by reveal and by copy."""
    [other] = add_folk(registry.parts, [2])
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("UPDATE person SET file_id = :into WHERE id = :id"), {"into": one.id, "id": other.id}
        )
    [request_id] = registry.accept(worker(2, resident_id=other.resident_id))
    directory = HttpDirectory(registry.url, registry.keyring, registry.clock, "dispatcher")
    directory.lookup([request_id], "manifest", "调度中心")
    directory.close()
    asked = {"request_ids": [request_id], "day": "2020-02-24", "purpose": "precheck", "reader": "财政"}
    service = registry.client(Role.SERVICE, areas=(), subject="dispatcher")
    assert service.post("/api/people-checks", json=asked).status_code == 200
    origin = {key: value for key, value in asked.items() if key in ("request_ids", "reader")}
    assert service.post("/api/origins", json=origin).status_code == 200
    refused = worker(3, resident_id=one.resident_id, phone="1")
    roster = registry.upload(xlsx([refused, worker(4, phone="1")])).json()["roster_id"]
    registry.client().get(f"/api/rosters/{roster}/refused.xlsx")
    reveal(registry, one.id)
    registry.client().get(f"/api/people/{one.id}/copy")
    found = [access["purpose"] for access in accesses(registry, one.id)]
    assert sorted(found) == ["copy", "manifest", "precheck", "refused-rows", "reveal/contact", "trace"]
    [stranger] = add_folk(registry.parts, [5])
    assert accesses(registry, stranger.id) == []


def test_who_was_merged_over_a_border_leads_their_own_office_to_nobody_of_the_other(
    registry: Registry, one: Folk
) -> None:
    [twin] = add_folk(registry.parts, [6], place_code="522722101")
    whole = registry.client(areas=("52",))
    merged = whole.post(f"/api/people/{twin.id}/merge", json={"into_id": one.id, "reason": "同一人"})
    assert merged.status_code == 200, merged.text
    assert reveal(registry, one.id).status_code == 200
    [(said,)] = registry.sql("SELECT id FROM statement WHERE person_id = :id AND kind = 'name'", id=one.id)
    libo = registry.client(areas=(LIBO,))
    shown = reveal(registry, twin.id, LIBO).json()
    assert (shown["name"], shown["phone"], shown["resident_id"]) == (
        [twin.name], [twin.phone], [twin.resident_id],
    )  # fmt: skip
    assert (
        len(libo.get(f"/api/people/{twin.id}/accesses").json()["items"]) == 2
    )  # to the file they are of too
    copy = libo.get(f"/api/people/{twin.id}/copy").text
    assert twin.name in copy
    assert one.name not in copy
    assert one.resident_id not in copy
    masked = libo.get(f"/api/people/{twin.id}").json()
    assert masked["phone"] == f"{twin.phone[:3]}****{twin.phone[-4:]}"
    assert libo.post(f"/api/people/{twin.id}/statements/{said}/settle").status_code == 404


def test_files_that_were_parted_again_both_tell_who_saw_them_when_they_were_one(
    registry: Registry, one: Folk
) -> None:
    [twin] = add_folk(registry.parts, [6])
    client = registry.client()
    client.post(f"/api/people/{twin.id}/merge", json={"into_id": one.id, "reason": "同一人"})
    assert reveal(registry, one.id).status_code == 200
    assert client.post(f"/api/people/{twin.id}/unmerge").status_code == 200
    told = [accesses(registry, person_id) for person_id in (one.id, twin.id)]
    assert [len(items) for items in told] == [1, 1]
    assert sorted(items[0]["reference"] or "" for items in told) == ["", WHY["reference"]]


def test_accesses_come_in_pages_newest_first(registry: Registry, one: Folk) -> None:
    for reason in ("contact", "identity", "payment"):
        reveal(registry, one.id, reason=reason)
        registry.clock.advance(seconds=1)
    client = registry.client()
    pages = [
        client.get(f"/api/people/{one.id}/accesses?page={page}&size=2").json()["items"] for page in (1, 2)
    ]
    found = [[one["purpose"] for one in page] for page in pages]
    assert found == [["reveal/payment", "reveal/identity"], ["reveal/contact"]]


# --- a copy of one's own data ---------------------------------------------------------------------------------------


@pytest.fixture
def full(registry: Registry, one: Folk) -> Folk:
    """Somebody in as many tables as there are, each sealed column sealed as its subject seals it or by the convention."""
    [request_id] = registry.accept(worker(1, resident_id=one.resident_id, name=one.name, phone=one.phone))
    refused = worker(3, resident_id=one.resident_id, phone="1", name="令狐无名")
    registry.upload(xlsx([refused, worker(4, phone="1", name="东方无关")]))
    load(registry, OutsideKind.DECEASED, list_xlsx(OutsideKind.DECEASED, [one.resident_id, "2020-01-01"]))
    vault = registry.parts.vault
    [(key,)] = registry.sql("SELECT wrapped_key FROM person WHERE id = :id", id=one.id)
    facts = vault.seal(key, "拖欠工资三个月", "case/C1/facts")
    note = vault.seal(key, "已电话联系企业", "case/C1/step/1/note")
    with registry.parts.database.session() as session:
        for statement in (
            "INSERT INTO rights_case (id, opening, person_id, place_code, case_type, state, channel, opened_by, opened_at,"
            " known_on, is_employed, facts_sealed, is_accepted) VALUES ('C1', 'o', :person, '522732103', 'unpaid_wages',"
            " 'closed', 'phone', 'x', now(), '2020-01-01', false, :facts, false)",
            "INSERT INTO rights_step (case_id, number, act, from_state, to_state, day, by, at, note_sealed)"
            " VALUES ('C1', 1, 'note', 'opened', 'opened', '2020-01-02', 'x', now(), :note)",
            'INSERT INTO request_fact (request_id, kind, about, value, "order", version, detail, at)'
            " VALUES (:request, 'seat', 'T-1', 'planned', '', 1, '{}', now())",
        ):
            session.connection().execute(
                text(statement), {"person": one.id, "request": request_id, "facts": facts, "note": note}
            )
    register = [entry(1, resident_id=one.resident_id, name="上官登记", place="没有此地")]
    sent = import_population(
        registry.parts, CLERK, population_csv(register), file="登记.csv", area_code=None, cause=Cause.fresh()
    )[0]
    assert sent.refused == 1
    theirs = [
        their_line(one, employer_code="", employer="东莞某某厂"),
        their_line(one, month="2020-13", name="诸葛省级"),
    ]
    assert send(registry, "imports", as_csv(theirs)).json()["refused"] == 1
    [twin] = add_folk(registry.parts, [6])
    merged = registry.client().post(
        f"/api/people/{twin.id}/merge", json={"into_id": one.id, "reason": "换领新证，同一人"}
    )
    assert merged.status_code == 200, merged.text
    return one


def test_a_copy_holds_in_full_whatever_there_is_of_the_person_and_nothing_of_another(
    registry: Registry, full: Folk
) -> None:
    copy = registry.client().get(f"/api/people/{full.id}/copy").json()
    parts = {part["table"]: part for part in copy["parts"]}
    assert {
        "person", "person_file", "statement", "membership", "travel_request", "request_fact", "refused_row",
        "outside_fact", "rights_case", "rights_step", "person_merge", "population_refused", "province_refused",
        "province_state",
    } <= set(parts)  # fmt: skip
    told = str(copy)
    for value in (full.name, full.phone, full.resident_id, "令狐无名", "拖欠工资三个月", "已电话联系企业",
                  "上官登记", "东莞某某厂", "诸葛省级", "换领新证，同一人"):  # fmt: skip
        assert value in told, value
    assert "东方无关" not in told
    said = {row[2] for row in parts["statement"]["rows"]} | {row[3] for row in parts["statement"]["rows"]}
    assert {full.name, full.phone} <= said
    assert [one["purpose"] for one in copy["accesses"]] == ["copy"]
    assert registry.parts.vault.fingerprint(full.resident_id) not in told
    for part in copy["parts"]:
        assert all(heading["zh"] for heading in part["headings"])


def test_a_copy_is_a_workbook_with_chinese_headings_as_well(registry: Registry, full: Folk) -> None:
    book = book_in(archive_of(registry, full.id))
    assert {"人员", "登记信息", "出行需求", "维权案件", "查阅记录"} <= set(book.sheetnames)
    heads = [cell.value for cell in book["人员"][1]]
    assert "公民身份号码" in heads
    assert full.resident_id in [cell.value for cell in book["人员"][2]]
    assert book["查阅记录"]["E2"].value == "复制本人信息"


def test_a_case_is_in_the_copy_of_nobody_else(registry: Registry, full: Folk) -> None:
    [other] = add_folk(registry.parts, [2])
    copy = registry.client().get(f"/api/people/{other.id}/copy").text
    assert "rights_case" not in copy
    assert "拖欠工资" not in copy


def test_a_copy_follows_every_table_that_is_about_people(registry: Registry, full: Folk) -> None:
    """By their columns: with `person_id`, or with a foreign key to a row that has it."""
    names = {
        subject.table.name: subject.parent.table.name if subject.parent else None for subject in subjects()
    }
    assert names["rights_step"] == "rights_case"
    assert names["request_fact"] == "travel_request"
    assert names["tracking_record"] is None
    with registry.parts.database.session() as session:
        steps = next(subject for subject in subjects() if subject.table.name == "rights_step")
        assert [row["person_id"] for row in rows_about(session, steps, [full.id])] == [full.id]


def test_a_new_table_s_sealed_columns_open_by_the_convention() -> None:
    row = {"id": "N1", "person_id": "P1", WRAPPED: None}
    assert context_of("novelty", "words_sealed", ["id"], row) == "novelty/N1/words"
    assert context_of("novelty", "words_sealed", ["person_id", "id"], row) == "novelty/P1/N1/words"


def test_of_the_erased_nothing_is_shown_or_copied(registry: Registry, one: Folk) -> None:
    erased = registry.client(Role.OPERATOR, areas=("52",)).post(f"/api/people/{one.id}/erase")
    assert erased.json() == {"person_id": one.id}
    assert reveal(registry, one.id).json()["code"] == "file-erased"
    answer = registry.client().get(f"/api/people/{one.id}/copy")
    assert (answer.status_code, answer.json()["code"]) == (410, "file-erased")
    assert [access["purpose"] for access in accesses(registry, one.id)] == ["erasure"]


# --- what another office keeps of a case ----------------------------------------------------------------------------


def told_of(registry: Registry, person_id: str) -> list[str]:
    """All that their own county's office can be told of a person, without what is made anew each time."""
    client = registry.client(areas=(SANDU,))
    archive = archive_of(registry, person_id)
    book = book_in(archive)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    paths = ("copy", "accesses", "accesses?page=1&size=2", "accesses?page=2&size=2")
    pages = [client.get(f"/api/people/{person_id}/{path}").text for path in paths]
    html = [client.get(f"{path}").text for path in (f"/people/{person_id}/reveal", f"/people/{person_id}")]
    return [str(archive.namelist()), str(sheets), *pages, *html]


def libo_s_case(registry: Registry, one: Folk) -> str:
    """Who called there, with all that was done and read of it since, there, at the destination and by the province."""
    libo = registry.client(areas=(LIBO,), subject="荔波县人社局 张某")
    calls = {"name": one.name, "resident_id": one.resident_id, "phone": one.phone, "place": "玉屏街道"}
    case_id: str = libo.post("/api/cases", json=body(caller=calls)).json()["case_id"]
    libo.post(f"/api/cases/{case_id}/documents", files={"file": ("工资条.jpg", JPEG)})
    [(paper,)] = registry.sql("SELECT id FROM rights_document WHERE case_id = :id", id=case_id)
    assert libo.post(f"/api/cases/{case_id}/hand-over", json={"area": "441900"}).status_code == 200
    station = registry.client(Role.RIGHTS, areas=("441900",), subject="东莞仲裁 李某")
    assert station.post(f"/api/cases/{case_id}/accept").status_code == 200
    for reader in (libo, station):
        assert (
            reader.post(f"/api/cases/{case_id}/open", json={"reason": "handling"}).json()["full"] is not None
        )
        assert reader.get(f"/api/cases/{case_id}/documents/{paper}").content == JPEG
    province = registry.client(areas=("52",), subject="省人社厅 王某")
    why = {"reason": "rights-case", "reference": f"案件 {case_id}"}
    assert province.post(f"/api/people/{one.id}/reveal", json=why).status_code == 200
    return case_id


def test_a_copy_and_the_accesses_are_the_same_byte_for_byte_with_another_county_s_case(
    registry: Registry, one: Folk
) -> None:
    reveal(registry, one.id)
    without = [told_of(registry, one.id) for _ in range(2)]
    with registry.parts.database.session() as session:
        session.connection().execute(text("DELETE FROM access_log WHERE purpose = 'copy'"))
    case_id = libo_s_case(registry, one)
    with_case = [told_of(registry, one.id) for _ in range(2)]
    assert with_case == without
    # Who may see the case is told all of it, also what was read of it elsewhere.
    whole = registry.client(areas=("52",)).get(f"/api/people/{one.id}/copy").json()
    assert case_id in str(whole["parts"])
    found = sorted(one["who"] for one in whole["accesses"] if one["purpose"].startswith("rights/"))
    assert found == ["东莞仲裁 李某"] * 2 + ["荔波县人社局 张某"] * 2
    assert "reveal/rights-case" in [one["purpose"] for one in whole["accesses"]]


def test_one_s_own_office_finds_its_own_case_and_who_read_it(registry: Registry, one: Folk) -> None:
    client = registry.client()
    case_id = client.post("/api/cases", json=body(person_id=one.id)).json()["case_id"]
    client.post(f"/api/cases/{case_id}/open", json={"reason": "handling"})
    reveal(registry, one.id, reason="rights-case")
    found = [access["purpose"] for access in accesses(registry, one.id)]
    assert found == ["reveal/rights-case", "rights/handling"]
    assert case_id in client.get(f"/api/people/{one.id}/copy").text


def test_every_copy_says_whom_to_ask_for_cases_whether_there_is_one_or_not(
    registry: Registry, one: Folk
) -> None:
    told = []
    for _ in range(2):
        copy = registry.client().get(f"/api/people/{one.id}/copy").json()
        book = book_in(archive_of(registry, one.id))
        [[head], [said]] = book["说明"].iter_rows(values_only=True)
        told.append((copy["cases_zh"], copy["cases_en"], head, said))
        libo_s_case(registry, one)
    assert told[0] == told[1]
    assert "仲裁委员会" in told[0][0]
    assert "arbitration" in told[0][1]
    assert told[0][3] == told[0][0]


def test_a_clerk_elsewhere_who_wrote_down_what_was_said_is_named_in_no_copy(
    registry: Registry, one: Folk
) -> None:
    libo = registry.client(areas=(LIBO,), subject="荔波县人社局 张某")
    calls = {"name": one.name, "resident_id": one.resident_id, "phone": "15498765432", "place": "玉屏街道"}
    assert libo.post("/api/cases", json=body(caller=calls)).status_code == 201
    copy = registry.client().get(f"/api/people/{one.id}/copy").text
    assert "15498765432" in copy
    assert "张某" not in copy
