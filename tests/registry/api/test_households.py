"""Households over HTTP: the indicator of one's area, those with nobody employed, "131" ticked off, the plan; and who sees none of it."""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from services.registry.store.people import lock_people
from services.registry.usecases.privacy.destroy import destroy
from shared.messaging import Cause
from shared.security import Role, mask
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import TOWNSHIP, add_folk, add_helper, add_household
from tests.registry.householding import FELL_ON, TODAY, fallen, family, leave

SITE = "522732111001"
HELPER = "helper-1"
WORDS = "三都工业园缝纫工，月薪三千五"


def zero(registry: Registry, *roles: Role, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = registry.client(*roles, **more).get("/api/households/zero").json()
    return found


def helper(registry: Registry) -> Any:
    return registry.client(Role.HELPER, subject=HELPER)


def help_of(kind: str = "offer", number: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "number": number, "done_on": "2020-02-18", "words": WORDS} | more


def test_the_indicator_is_one_s_own_area_s_part_by_part(registry: Registry) -> None:
    family(registry.parts, (1, 2))
    fallen(registry.parts, 3, number="0002", place_code=SITE)
    family(registry.parts, (5,), number="0003", place_code=f"{LIBO}001")
    found = registry.client().get("/api/households").json()
    assert (found["day"], found["level"]) == ("2020-02-20", "place")
    assert found["rows"] == [
        {
            "area_code": TOWNSHIP,
            "area_name": TOWNSHIP,  # no township of the tables
            "households": 1,
            "households_employed": 1,
            "households_zero": 0,
            "workers": 2,
            "workers_employed": 2,
            "workers_outside": 2,
        },
        {
            "area_code": SITE,
            "area_name": "红星移民社区",
            "households": 1,
            "households_employed": 0,
            "households_zero": 1,
            "workers": 2,
            "workers_employed": 0,
            "workers_outside": 0,
        },
    ]
    [county] = registry.client(Role.AUDIT).get("/api/households", params={"level": "county"}).json()["rows"]
    assert (county["area_code"], county["households"], county["households_employed"]) == (SANDU, 2, 1)
    province = registry.client(areas=("52",)).get("/api/households", params={"area": "5227"}).json()
    assert [(row["area_code"], row["area_name"]) for row in province["rows"]] == [
        (LIBO, "荔波县"),
        (SANDU, "三都水族自治县"),
    ]


def test_the_indicator_of_a_day_gone_by_is_as_it_was(registry: Registry) -> None:
    fallen(registry.parts, 1)
    for day, employed in ((str(FELL_ON), 0), ("2020-02-09", 1)):
        [row] = registry.client().get("/api/households", params={"day": day}).json()["rows"]
        assert row["households_employed"] == employed


def test_of_a_member_whose_file_is_another_county_s_it_is_told_that_they_belong_and_no_more(
    registry: Registry,
) -> None:
    home, (stays, gone) = family(registry.parts, (1, 2), helper_id=add_helper(registry.parts))
    registry.sql(
        "UPDATE person_file SET place_code = '522722101' WHERE person_id = :id RETURNING 1", id=gone.id
    )
    registry.sql(
        "UPDATE membership SET valid_to = '2020-02-01' WHERE person_id = :id RETURNING 1", id=gone.id
    )
    for client in (registry.client(), registry.client(Role.AUDIT), helper(registry)):
        members = client.get(f"/api/households/{home}").json()["members"]
        told = {one["file_id"]: (one["name"], one["is_employed"], len(one["works"])) for one in members}
        assert told[stays.id] == (mask.name(stays.name), True, 1)
        assert told[gone.id] == ("—", False, 0)
    whole = registry.client(areas=("52",)).get(f"/api/households/{home}").json()["members"]
    assert sum(len(one["works"]) for one in whole) == 2


def test_a_household_s_number_is_masked_on_the_file_of_a_member_as_on_its_own_page(
    registry: Registry,
) -> None:
    home, (one, _) = family(registry.parts, (1, 2), number="522732198001010011")
    for role in (Role.BUREAU, Role.AUDIT, Role.OPERATOR):
        shown = registry.client(role).get(f"/api/people/{one.id}")
        assert shown.json()["household"] == "…0011"
        assert "522732198001010011" not in shown.text
    assert registry.client().get(f"/api/households/{home}").json()["number"] == "…0011"


def test_whose_area_is_a_site_s_whole_code_sees_that_site_alone(registry: Registry) -> None:
    family(registry.parts, (1,), place_code=SITE)
    family(registry.parts, (2,), number="0002", place_code="522732111")
    household, _, _ = fallen(registry.parts, 3, number="0003", place_code="522732116001")
    mine = registry.client(areas=(SITE,))
    assert [row["area_code"] for row in mine.get("/api/households").json()["rows"]] == [SITE]
    assert mine.get("/api/households", params={"area": SANDU}).json()["rows"][0]["area_code"] == SITE
    assert mine.get("/api/households/zero").json()["total"] == 0
    assert mine.get(f"/api/households/{household}").status_code == 404


def test_the_table_is_exported_as_csv_and_xlsx(registry: Registry) -> None:
    fallen(registry.parts, 1)
    client = registry.client()
    line = ["2020-02-20", "1", "0", "1", "0.0%", "2", "0", "0", "0.0%"]
    sheet = client.get("/api/households/file")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
    assert rows[0][:4] == ("代码", "地区", "统计日期", "有劳动力家庭")
    assert list(rows[1][2:]) == line
    assert rows[1][0] == TOWNSHIP
    csv = client.get("/api/households/file", params={"kind": "csv"}).content.decode("utf-8-sig")
    assert csv.splitlines()[1].split(",")[2:] == line


def test_an_office_and_the_helper_see_the_task_with_its_clocks(registry: Registry) -> None:
    add_helper(registry.parts)
    household, task_id, _ = fallen(registry.parts, 1, helper_id=HELPER)
    for client in (registry.client(), registry.client(Role.AUDIT), helper(registry)):
        [task] = client.get("/api/households/zero").json()["items"]
        assert (task["task_id"], task["household_id"], task["fell_on"]) == (task_id, household, "2020-02-10")
        assert task["clocks"] == {
            "help_days_left": 3,
            "clear_days_left": 5,
            "desk": "helper",
            "is_late": False,
        }
        assert [(one["kind"], one["number"], one["done_on"]) for one in task["helps"]] == [
            ("guidance", 1, None),
            ("offer", 1, None),
            ("offer", 2, None),
            ("offer", 3, None),
            ("training", 1, None),
        ]
    registry.clock.advance(days=4)
    assert zero(registry)["items"][0]["clocks"]["desk"] == "township"
    registry.clock.advance(days=2)
    assert zero(registry)["items"][0]["clocks"]["desk"] == "county"


def test_131_is_ticked_off_one_by_one_and_the_first_word_stands(registry: Registry) -> None:
    add_helper(registry.parts)
    _, task_id, _ = fallen(registry.parts, 1, helper_id=HELPER)
    path = f"/api/households/zero/{task_id}/helps"
    for kind, number in (("guidance", 1), ("offer", 1), ("offer", 2), ("offer", 3), ("training", 1)):
        assert helper(registry).post(path, json=help_of(kind, number)).status_code == 204
    assert registry.client().post(path, json=help_of(words="别的")).status_code == 204
    registry.clock.advance(days=4)
    [task] = zero(registry)["items"]
    offer = next(one for one in task["helps"] if (one["kind"], one["number"]) == ("offer", 1))
    assert (offer["done_on"], offer["by"], offer["words"]) == ("2020-02-18", HELPER, WORDS)
    assert (task["clocks"]["help_days_left"], task["clocks"]["desk"]) == (None, "helper")
    [audited] = zero(registry, Role.AUDIT)["items"]
    assert {one["words"] for one in audited["helps"]} == {"—"}
    [(sealed,)] = registry.sql("SELECT words_sealed FROM zero_help WHERE kind = 'guidance'")
    assert WORDS.encode() not in sealed


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": 4}, "no-such-help"),
        ({"kind": "training", "number": 2}, "no-such-help"),
        ({"done_on": "2020-02-09"}, "help-day-wrong"),
        ({"done_on": "2020-02-21"}, "help-day-wrong"),
    ],
)
def test_what_131_does_not_have_and_days_that_cannot_be_are_refused(
    registry: Registry, change: dict[str, Any], code: str
) -> None:
    _, task_id, _ = fallen(registry.parts, 1)
    answer = registry.client().post(f"/api/households/zero/{task_id}/helps", json=help_of(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert registry.counts()["zero_help"] == 0


def test_a_clerk_closes_a_task_for_a_reason_and_the_same_fall_opens_no_other(registry: Registry) -> None:
    household, task_id, folk = fallen(registry.parts, 1)
    path = f"/api/households/zero/{task_id}/close"
    office = registry.client(subject="三都县人社局")
    assert office.post(path, json={"outcome": "cleared", "note": "x"}).json()["code"] == "reason-wrong"
    assert office.post(path, json={"outcome": "refused", "note": " "}).json()["code"] == "note-missing"
    for _ in range(2):
        said = {"outcome": "refused", "note": "上门两次，户主不愿外出"}
        assert office.post(path, json=said).status_code == 204
    late = office.post(f"/api/households/zero/{task_id}/helps", json=help_of())
    assert (late.status_code, late.json()["code"]) == (409, "task-over")
    leave(registry.parts, folk)
    assert registry.counts()["zero_task"] == 1
    [task] = office.get(f"/api/households/{household}").json()["tasks"]
    assert (task["outcome"], task["closed_by"], task["note"]) == (
        "refused",
        "三都县人社局",
        "上门两次，户主不愿外出",
    )
    assert registry.client(Role.HELPER).post(path, json=said).status_code == 403


def test_a_household_s_page_names_nobody_and_tells_how_it_stood(registry: Registry) -> None:
    household, _, folk = fallen(registry.parts, 1)
    answer = registry.client().get(f"/api/households/{household}")
    found = answer.json()
    assert [(one["first"], one["standing"]) for one in found["runs"]] == [
        ("2019-01-01", "zero"),
        ("2019-03-01", "employed"),
        ("2020-02-10", "zero"),
    ]
    assert found["standing"] == "zero"
    assert {one["name"][0] for one in found["members"]} == {"样"}
    assert [work["end"] for one in found["members"] for work in one["works"]] == ["2020-02-10"] * 2
    for one in folk:
        assert one.name not in answer.text
        assert one.phone not in answer.text
        assert one.resident_id not in answer.text


def test_a_plan_has_steps_that_are_done_once(registry: Registry) -> None:
    add_helper(registry.parts)
    household, _, _ = fallen(registry.parts, 1, helper_id=HELPER)
    path = f"/api/households/{household}/steps"
    made = registry.client().post(
        path, json={"kind": "training", "words": "参加缝纫班", "due_on": "2020-03-01"}
    )
    step_id = made.json()["step_id"]
    for _ in range(2):
        assert helper(registry).post(f"{path}/{step_id}/done").status_code == 204
        registry.clock.advance(days=1)
    [step] = helper(registry).get(f"/api/households/{household}").json()["steps"]
    assert (step["words"], step["due_on"], step["done_on"], step["done_by"]) == (
        "参加缝纫班",
        "2020-03-01",
        str(TODAY),
        HELPER,
    )
    assert helper(registry).post(f"{path}/nothing/done").json()["code"] == "step-unknown"
    assert helper(registry).post(path, json={"kind": "job", "words": " "}).json()["code"] == "words-missing"


def test_a_neighbour_another_helper_and_other_roles_find_nothing(registry: Registry) -> None:
    add_helper(registry.parts)
    household, task_id, _ = fallen(registry.parts, 1, helper_id=HELPER)
    strangers = (registry.client(areas=(LIBO,)), registry.client(Role.HELPER, subject="helper-2"))
    for client in strangers:
        assert client.get("/api/households/zero").json()["total"] == 0
        for path, absent in (
            (f"/api/households/{household}", "/api/households/nothing"),
            (f"/api/households/{household}/steps", "/api/households/nothing/steps"),
            (f"/api/households/zero/{task_id}/helps", "/api/households/zero/nothing/helps"),
        ):
            body = {"kind": "job", "words": "x"} if path.endswith("steps") else help_of()
            ask = client.get if path.endswith(household) else lambda at, b=body, c=client: c.post(at, json=b)
            theirs, none = ask(path), ask(absent)
            assert theirs.status_code == none.status_code == 404
            assert theirs.json()["code"] == none.json()["code"]
    for role in (Role.ENTERPRISE, Role.CARRIER, Role.DISPATCHER, Role.FINANCE, Role.RIGHTS, Role.OPERATOR):
        assert registry.client(role).get("/api/households/zero").status_code == 403
        assert registry.client(role).get("/api/households").status_code == 403
    assert helper(registry).get("/api/households").status_code == 403


def test_nothing_is_told_of_a_household_without_labour_force(registry: Registry) -> None:
    household = add_household(registry.parts, "0009")
    add_folk(registry.parts, (9,), household_id=household)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE membership SET has_labour = false")
    assert registry.client().get("/api/households").json()["rows"] == []
    assert date.fromisoformat(registry.client().get("/api/households").json()["day"]) == TODAY


def test_to_erase_the_one_who_works_opens_the_household_s_task_that_day(registry: Registry) -> None:
    """The days to help and to clear run from then, and not from the night's sweep."""
    household, folk = family(registry.parts, (1, 2))
    leave(registry.parts, folk[:1])
    assert registry.sql("SELECT count(*) FROM zero_task") == [(0,)]
    with registry.parts.database.session() as session:
        persons = list(lock_people(session, [folk[1].id]).values())
        destroy(session, persons, clock=registry.clock, cause=Cause.fresh())
    assert registry.sql("SELECT household_id, fell_on, known_on, clear_by FROM zero_task") == [
        (household, TODAY, TODAY, TODAY + timedelta(days=5))
    ]


def test_to_erase_a_member_destroys_what_was_written_about_the_household(registry: Registry) -> None:
    household, task_id, folk = fallen(registry.parts, 1)
    office = registry.client()
    office.post(f"/api/households/zero/{task_id}/helps", json=help_of())
    office.post(f"/api/households/{household}/steps", json={"kind": "job", "words": WORDS})
    office.post(f"/api/households/zero/{task_id}/close", json={"outcome": "refused", "note": "不愿外出"})
    with registry.parts.database.session() as session:
        persons = list(lock_people(session, [folk[0].id]).values())
        destroy(session, persons, clock=registry.clock, cause=Cause.fresh())
    sealed = "SELECT words_sealed FROM zero_help UNION SELECT words_sealed FROM household_step"
    assert registry.sql(f"{sealed} UNION SELECT note_sealed FROM zero_task") == [(None,)]
    found = office.get(f"/api/households/{household}").json()
    assert [one["words"] for one in found["steps"]] == ["—"]
    assert found["tasks"][0]["helps"][1]["done_on"] == "2020-02-18"
    assert "—" in {one["name"] for one in found["members"]}
