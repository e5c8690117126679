"""A wage case from the call to the award, as its clerk lives it; every day was counted by hand."""

from datetime import UTC, datetime
from typing import Any

from shared.security import Role
from tests.registry.conftest import Registry
from tests.registry.rights import DONGGUAN, FACTS, JPEG, STATION, body, clock, hand_over, step
from tests.registry.rosters import resident_id

CALLER = {
    "name": "独孤求薪",
    "resident_id": resident_id(777),
    "phone": "15412345678",
    "place": "三合街道",
}


def at(registry: Registry, month: int, day: int) -> None:
    registry.clock.at = datetime(2020, month, day, 2, 0, tzinfo=UTC)


def test_a_wage_case_is_opened_by_phone_fails_in_mediation_and_ends_with_an_award(
    registry: Registry,
) -> None:
    opened = registry.client().post(
        "/api/cases", json=body(caller=CALLER, enterprise="东莞晨光示例电子有限公司")
    )
    assert opened.status_code == 201, opened.text
    case_id = opened.json()["case_id"]
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert (shown["state"], shown["name"], shown["channel"]) == ("opened", "独**薪", "phone")
    # Employed until 15 January 2020: one may apply until 15 January 2021, a Friday.
    assert (shown["due_on"], shown["days_left"]) == ("2021-01-15", 330)

    step(registry, case_id, "assign", note="由劳动保障监察股办理")
    shown = step(registry, case_id, "mediate")
    assert (clock(shown, "mediation")["due_on"], shown["due_on"]) == ("2020-03-06", "2020-03-06")

    at(registry, 3, 9)
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert shown["days_left"] == -3
    assert registry.client().get("/api/cases").json()["overdue"] == 1

    shown = step(registry, case_id, "arbitrate", note="调解不成")
    assert clock(shown, "mediation")["ended_on"] == "2020-03-09"
    assert clock(shown, "limit")["ended_on"] == "2020-03-09"
    assert shown["due_on"] == "2020-03-16"

    at(registry, 3, 11)
    hand_over(registry, case_id)
    station = registry.client(Role.RIGHTS, areas=STATION)
    admitted = station.post(f"/api/cases/{case_id}/steps", json={"act": "admit"})
    assert admitted.status_code == 200, admitted.text
    assert admitted.json()["due_on"] == "2020-04-26"
    longer = {"act": "extend", "clock": "arbitration", "days": 15, "note": "案情复杂，经批准延期"}
    assert station.post(f"/api/cases/{case_id}/steps", json=longer).json()["due_on"] == "2020-05-11"
    paper = station.post(f"/api/cases/{case_id}/documents", files={"file": ("工资条.jpg", JPEG)})
    assert paper.status_code == 201, paper.text

    at(registry, 4, 24)
    award = {"act": "resolve", "outcome": "award", "amount_fen": 1_200_000}
    station = registry.client(Role.RIGHTS, areas=STATION)
    shown = station.post(f"/api/cases/{case_id}/steps", json=award).json()
    assert (shown["state"], shown["outcome"], shown["outcome_fen"]) == ("resolved", "award", 1_200_000)
    assert clock(shown, "arbitration")["ended_on"] == "2020-04-24"
    # Whoever is not content may sue within 15 days: until Saturday 9 May, which is worked.
    assert shown["due_on"] == "2020-05-09"

    at(registry, 5, 11)
    shown = step(registry, case_id, "close")
    assert (shown["state"], shown["due_on"], shown["acts"]) == ("closed", None, [])
    assert [one["act"] for one in shown["steps"]] == [
        "open", "assign", "mediate", "arbitrate", "hand_over", "accept", "admit", "extend", "document", "resolve",
        "close",
    ]  # fmt: skip
    assert registry.client().get("/api/cases").json()["total"] == 0


def test_nothing_of_it_is_told_to_anybody_else_and_nothing_personal_lies_in_the_open(
    registry: Registry, caplog: Any
) -> None:
    before = registry.sql("SELECT count(*) FROM outbox")
    with caplog.at_level("DEBUG"):
        case_id = registry.client().post("/api/cases", json=body(caller=CALLER)).json()["case_id"]
        step(registry, case_id, "assign", note=f"{CALLER['name']}要求保密")
        registry.client().post(
            f"/api/cases/{case_id}/documents", files={"file": (f"{CALLER['name']}.jpg", JPEG)}
        )
        hand_over(registry, case_id, DONGGUAN)
    assert registry.sql("SELECT count(*) FROM outbox") == before
    # Those of the clients and of the server's own access log, which `shared.logs` turns off, are not the service's.
    theirs = [
        one for one in caplog.records if one.name.startswith(("zhida", "services", "shared", "sqlalchemy"))
    ]
    assert not [one for one in theirs if one.name == "zhida.http"]
    said = "\n".join(f"{one.getMessage()} {one.__dict__}" for one in theirs)
    assert case_id not in said
    assert "rights_case" not in registry.client().get("/metrics").text
    rows = [
        value
        for table in ("rights_case", "rights_step", "rights_document", "person", "statement", "access_log")
        for row in registry.sql(f"SELECT * FROM {table}")
        for value in row
    ]
    lying = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in rows)
    for secret in (CALLER["name"], CALLER["resident_id"], CALLER["phone"], FACTS, "要求保密"):
        assert secret.encode() not in lying
    assert JPEG not in lying
