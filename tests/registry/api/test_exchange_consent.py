"""What leaves for the provincial system only of people who agreed to it, and no more once they take it back."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.registry.domain.exchange.fields import Field
from services.registry.store.tables import ClassRow, TrackingRecordRow
from shared.roster import Category
from tests.registry.conftest import NOW, Registry
from tests.registry.exchanging import (
    DAHE,
    HEADINGS,
    MONTH,
    accept_all,
    as_csv,
    draw_up,
    lines_of,
    people,
    read,
    send,
    their_line,
)
from tests.registry.folk import Folk

WAGE, CLASS = HEADINGS[Field.WAGE_BAND], HEADINGS[Field.CATEGORY]
SAID = {WAGE: "3000-3999元", CLASS: "易地搬迁"}


def with_a_wage(registry: Registry, folk: Folk) -> None:
    """Their helper was told the wage, and they are of a class."""
    first = date(2020, 1, 1)
    with registry.parts.database.session() as session:
        session.add(ClassRow(person_id=folk.id, category=Category.RELOCATED, valid_from=first, source="x"))
        session.add(
            TrackingRecordRow(
                id=f"record-{folk.id}", person_id=folk.id, month=first, outcome="same", wage_band="from_3000",
                tried_at=NOW, recorded_at=NOW, received_at=NOW, recorded_by="x", digest="x",
            )
        )  # fmt: skip
        session.flush()
        session.connection().exec_driver_sql(
            "INSERT INTO tracking_task (month, person_id, place_code, due_on, outcome, tries, record_id)"
            " VALUES (%s, %s, %s, '2020-01-25', 'same', 0, %s)",
            (first, folk.id, DAHE, f"record-{folk.id}"),
        )


def agreed(registry: Registry, folk: Folk, *purposes: str, **more: str) -> dict[str, Any]:
    """They agree; what is answered."""
    body = {"purposes": list(purposes), "channel": "paper", "given_on": "2020-01-02"} | more
    answer = registry.client().post(f"/api/people/{folk.id}/consents", json=body)
    assert answer.status_code == 201, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def agree(registry: Registry, folk: Folk, *purposes: str, **more: str) -> str:
    """They agree; the number of the consent."""
    return str(agreed(registry, folk, *purposes, **more)["id"])


def of_one_file(registry: Registry, one: Folk, other: Folk) -> None:
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person SET file_id = %s WHERE id = %s", (one.id, other.id)
        )


def take_back(registry: Registry, folk: Folk, consent_id: str) -> None:
    answer = registry.client().post(f"/api/people/{folk.id}/consents/{consent_id}/withdraw")
    assert answer.status_code == 200, answer.text


def told(registry: Registry, drawn: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Name -> the columns that rest on consent."""
    return {line["姓名"]: {one: line[one] for one in SAID} for line in lines_of(registry, drawn["export_id"])}


def test_a_wage_and_a_class_leave_for_those_alone_who_agreed_to_each_and_the_others_are_counted(
    registry: Registry,
) -> None:
    both, wage, health, none, nothing = people(registry, [1, 2, 3, 4, 5])
    for one in (both, wage, health, none):
        with_a_wage(registry, one)
    agree(registry, both, "wage", "identity")
    agree(registry, wage, "wage")
    agree(registry, health, "health")
    drawn = draw_up(registry)
    assert told(registry, drawn) == {
        both.name: SAID,
        wage.name: SAID | {CLASS: ""},
        health.name: dict.fromkeys(SAID, ""),
        none.name: dict.fromkeys(SAID, ""),
        nothing.name: dict.fromkeys(SAID, ""),
    }
    assert drawn["withheld"] == 3  # of `nothing` there was nothing to hold back
    assert {line["跟踪结果"] for line in lines_of(registry, drawn["export_id"])} == {"在原单位就业", ""}


def test_a_consent_that_is_taken_back_sends_the_emptied_value_next_and_is_in_no_file_meanwhile(
    registry: Registry,
) -> None:
    one, other = people(registry, [1, 2])
    for each in (one, other):
        with_a_wage(registry, each)
    consent_id = agree(registry, one, "wage", "identity")
    agree(registry, other, "wage", "identity")
    first = draw_up(registry, only_changed=True)
    assert told(registry, first) == {one.name: SAID, other.name: SAID}
    accept_all(registry, first)
    take_back(registry, one, consent_id)
    assert told(registry, first) == {other.name: SAID}
    again = draw_up(registry, only_changed=True)
    assert (again["rows"], again["left_out"], again["withheld"]) == (1, 1, 1)
    [line] = lines_of(registry, again["export_id"])
    assert (line["姓名"], line[WAGE], line[CLASS]) == (one.name, "", "")
    assert line[HEADINGS[Field.PRIOR_TOKEN]].startswith(first["export_id"])
    accept_all(registry, again)
    assert draw_up(registry, only_changed=True)["rows"] == 0


def test_a_consent_given_under_another_id_of_the_same_file_counts(registry: Registry) -> None:
    one, other = people(registry, [1, 2])
    with_a_wage(registry, one)
    agree(registry, other, "wage", "identity")
    of_one_file(registry, one, other)
    assert told(registry, draw_up(registry)) == {one.name: SAID}


@pytest.mark.parametrize("under", [0, 1])
def test_what_was_agreed_to_twice_is_taken_back_once_for_all(registry: Registry, under: int) -> None:
    both = people(registry, [1, 2])
    one, other = both
    with_a_wage(registry, one)
    of_one_file(registry, one, other)
    agree(registry, one, "identity", "wage")
    agree(registry, one, "wage")
    agree(registry, other, "wage", channel="in_person")
    newest = agree(registry, both[under], "wage", channel="phone", given_on="2020-02-10")
    registry.clock.at += timedelta(minutes=1)
    take_back(registry, one, newest)
    # The class was agreed to beside the wage and not taken back.
    assert told(registry, draw_up(registry)) == {one.name: SAID | {WAGE: ""}}
    standing = registry.sql("SELECT purposes FROM consent WHERE withdrawn_at IS NULL")
    assert standing == [(["identity", "wage"],)]


def test_what_is_agreed_to_anew_on_the_day_it_was_taken_back_counts_and_an_old_paper_does_not(
    registry: Registry,
) -> None:
    [one] = people(registry, [1])
    with_a_wage(registry, one)
    agree(registry, one, "identity")
    today = {"given_on": "2020-02-20"}
    for _ in range(2):  # and the same once more
        first = agreed(registry, one, "wage", **today)
        registry.clock.at += timedelta(minutes=1)
        take_back(registry, one, first["id"])
        registry.clock.at += timedelta(minutes=1)
        agree(registry, one, "wage", channel="phone")  # of 2 January: it was known before it was taken back
        assert told(registry, draw_up(registry)) == {one.name: SAID | {WAGE: ""}}
        again = agreed(registry, one, "wage", **today)
        assert (again["withdrawn_at"], again["id"] != first["id"]) == (None, True)
        assert agreed(registry, one, "wage", **today) == again
        assert told(registry, draw_up(registry)) == {one.name: SAID}
    registry.clock.at += timedelta(days=1)
    take_back(registry, one, again["id"])
    late = agreed(registry, one, "wage", **today)
    assert (late["id"], late["withdrawn_at"] is None) == (again["id"], False)


@pytest.mark.parametrize("agreed", [True, False])
def test_a_wage_that_the_other_system_told_itself_is_not_told_back_without_consent(
    registry: Registry, agreed: bool
) -> None:
    [one] = people(registry, [1])
    line = their_line(one, outcome="在原单位就业", wage_band="3000-3999元", month=MONTH)
    assert send(registry, "imports", as_csv([line])).status_code == 201
    if agreed:
        agree(registry, one, "wage")
    [sent] = lines_of(registry, draw_up(registry)["export_id"])
    assert sent[WAGE] == ("3000-3999元" if agreed else "")


def test_our_own_file_with_its_blanks_changes_nothing_here(registry: Registry) -> None:
    [one] = people(registry, [1])
    with_a_wage(registry, one)
    drawn = draw_up(registry)
    lines = lines_of(registry, drawn["export_id"])
    assert send(registry, "imports", as_csv(lines)).json()["unchanged"] == 1
    assert registry.sql("SELECT wage_band FROM tracking_record") == [("from_3000",)]
    assert read(as_csv(lines))[0][WAGE] == ""
