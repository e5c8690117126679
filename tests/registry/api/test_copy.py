"""A copy of one's own data is whole: the documents of one's cases as files, and one's household's plan with the others masked."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from shared.security import Role, mask
from tests.registry.conftest import LIBO, Registry
from tests.registry.copies import archive_of, book_in
from tests.registry.folk import Folk, add_folk
from tests.registry.householding import fallen
from tests.registry.rights import JPEG, body

PDF = b"%PDF-1.4 a contract"


def copy_of(registry: Registry, person: Folk, **who: Any) -> dict[str, list[dict[str, Any]]]:
    """Table -> its rows by the columns' names."""
    answer = registry.client(**who).get(f"/api/people/{person.id}/copy")
    assert answer.status_code == 200, answer.text
    return {
        part["table"]: [
            dict(zip((one["key"] for one in part["headings"]), row, strict=True)) for row in part["rows"]
        ]
        for part in answer.json()["parts"]
    }


def with_papers(registry: Registry, person: Folk) -> None:
    case = registry.client().post("/api/cases", json=body(person_id=person.id, client_id=f"c-{person.id}"))
    for name, content, media in (("../工资条.jpg", JPEG, "image/jpeg"), ("合同.pdf", PDF, "application/pdf")):
        sent = registry.client().post(
            f"/api/cases/{case.json()['case_id']}/documents",
            files={"file": (name, content + person.id.encode(), media)},
        )
        assert sent.status_code == 201, sent.text


def test_the_documents_of_one_s_cases_are_files_under_the_number_that_the_workbook_has(
    registry: Registry,
) -> None:
    one, other = add_folk(registry.parts, [1, 2])
    with_papers(registry, one)
    with_papers(registry, other)
    assert [row["channel"] for row in copy_of(registry, one)["rights_consent"]] == ["phone"]
    archive = archive_of(registry, one.id)
    papers = {name: archive.read(name) for name in archive.namelist() if name != "copy.xlsx"}
    assert sorted(papers.values()) == sorted([JPEG + one.id.encode(), PDF + one.id.encode()])
    sheet = book_in(archive)["案件材料"]
    heads = [cell.value for cell in sheet[1]]
    told = {
        row[heads.index("编号")]: row[heads.index("文件名")]
        for row in sheet.iter_rows(min_row=2, values_only=True)
    }
    assert sorted(papers) == sorted(
        f"documents/{number}{'.jpg' if str(name).endswith('jpg') else '.pdf'}"
        for number, name in told.items()
    )


@pytest.fixture
def home(registry: Registry) -> tuple[str, str, list[Folk]]:
    """A household whose plan and task name both its members, who are called so by what was said before, too."""
    household, task, folk = fallen(registry.parts, 1)
    one, two = folk
    client = registry.client()
    words = f"为{one.name}联系岗位；其配偶{two.name}（{two.phone}，{two.resident_id}）照顾老人"
    step = client.post(f"/api/households/{household}/steps", json={"kind": "job", "words": words})
    assert step.status_code == 201, step.text
    return household, task, folk


def test_one_s_household_s_plan_is_in_the_copy_and_the_others_in_it_are_masked(
    registry: Registry, home: tuple[str, str, list[Folk]]
) -> None:
    _, task, (one, two) = home
    for mine, theirs in ((one, two), (two, one)):
        copy = copy_of(registry, mine)
        [step] = copy["household_step"]
        assert mine.name in step["words_sealed"]
        assert mask.name(theirs.name) in step["words_sealed"]
        assert [row["id"] for row in copy["zero_task"]] == [task]
        for value in (theirs.name, theirs.phone, theirs.resident_id):
            assert value not in str(copy)
    assert mask.resident_id(two.resident_id) in copy_of(registry, one)["household_step"][0]["words_sealed"]
    assert two.phone in copy_of(registry, two)["household_step"][0]["words_sealed"]
    sheets = book_in(archive_of(registry, one.id)).sheetnames
    assert "一户一策" in sheets


def test_a_plan_of_before_one_came_or_after_one_left_is_not_one_s_own(
    registry: Registry, home: tuple[str, str, list[Folk]]
) -> None:
    _, _, (one, two) = home
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("UPDATE membership SET valid_to = :day WHERE person_id = :one"),
            {"day": date(2020, 2, 10), "one": one.id},
        )
    copy = copy_of(registry, one)
    assert not {"household_step", "zero_task", "zero_help"} & set(copy)
    assert len(copy_of(registry, two)["household_step"]) == 1


def test_what_another_area_s_office_keeps_of_a_household_is_asked_for_there(
    registry: Registry, home: tuple[str, str, list[Folk]]
) -> None:
    _, _, (one, _) = home
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("UPDATE person_file SET place_code = '522722101' WHERE person_id = :one"), {"one": one.id}
        )
    assert "household_step" not in copy_of(registry, one, areas=(LIBO,))
    assert len(copy_of(registry, one, areas=("52",))["household_step"]) == 1


def test_after_the_other_s_erasure_the_words_are_gone_and_the_copy_says_that_there_was_a_step(
    registry: Registry, home: tuple[str, str, list[Folk]]
) -> None:
    _, task, (one, two) = home
    closed = registry.client().post(
        f"/api/households/zero/{task}/close", json={"outcome": "refused", "note": "已就业"}
    )
    assert closed.status_code in (200, 204), closed.text
    erased = registry.client(Role.OPERATOR, areas=("52",)).post(f"/api/people/{two.id}/erase")
    assert erased.status_code == 200, erased.text
    [step] = copy_of(registry, one)["household_step"]
    assert step["words_sealed"] is None
