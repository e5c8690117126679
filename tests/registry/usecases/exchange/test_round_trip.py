"""A made population goes out to a file and comes into an empty registry: the same people and states; and nothing changes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.registry.domain.tracking.outcome import Finding, WageBand
from services.registry.store.tables import (
    ClassRow,
    StatementRow,
    TrackingRecordRow,
    TrackingTaskRow,
)
from services.registry.usecases.exchange.drawing import Drawing
from services.registry.usecases.exchange.export import Asked, ExportReason, ask
from services.registry.usecases.exchange.take_in import TakenIn, take_in
from services.registry.usecases.exchange.write import write_file
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.roster import Category
from shared.security import Principal, Role
from tests.registry.conftest import NOW, SANDU, TABLES, Registry
from tests.registry.employed import begin_employment
from tests.registry.exchanging import DAHE, MONTH, PUAN, Line, all_agree, read
from tests.registry.folk import add_folk, add_household
from tests.registry.rosters import ENTERPRISE_ID

BUREAU = Principal("三都县人社局", frozenset({Role.BUREAU}), (SANDU,))
NOT_TOLD = {"报送编号", "原报送编号", "帮扶责任人"}
"""A row's own number, and the helper: whose list somebody is on is not another system's to say."""


@dataclass(frozen=True)
class Made:
    """Somebody of the population: where, how they work, what is said and found."""

    place: str
    household: int
    work: tuple[str | None, str] | None
    finding: Finding | None
    wage: WageBand | None
    education: str | None
    wish: str | None
    categories: frozenset[Category]


MADE = st.builds(
    Made,
    place=st.sampled_from([DAHE, PUAN]),
    household=st.integers(1, 3),
    work=st.none() | st.tuples(st.sampled_from([ENTERPRISE_ID, None]), st.sampled_from(["441900", "330500"])),
    finding=st.none() | st.sampled_from(Finding),
    wage=st.none() | st.sampled_from(WageBand),
    education=st.none() | st.sampled_from(["小学", "初中", "中专"]),
    wish=st.none() | st.sampled_from(["县内就业", "电子厂"]),
    categories=st.frozensets(
        st.sampled_from([one for one in Category if one is not Category.ORDINARY]), max_size=2
    ),
)


def add(registry: Registry, population: Sequence[Made]) -> None:
    homes: dict[tuple[str, int], str] = {}
    for number, one in enumerate(population, start=1):
        home = (one.place, one.household)
        if home not in homes:
            homes[home] = add_household(registry.parts, f"H{one.place}-{one.household}", one.place)
        [folk] = add_folk(registry.parts, [number], place_code=one.place, household_id=homes[home])
        with registry.parts.database.session() as session:
            _add_rest(session, registry, folk.id, one)


def _add_rest(session: Any, registry: Registry, person_id: str, one: Made) -> None:
    vault = registry.parts.vault
    key = session.connection().exec_driver_sql("SELECT wrapped_key FROM person WHERE id = %s", (person_id,))
    key = bytes(key.scalar_one())
    for kind, value in (("education", one.education), ("job_wish", one.wish)):
        if value:
            session.add(
                StatementRow(
                    id=new_id(), person_id=person_id, kind=kind, value_fingerprint=vault.fingerprint(f"{kind}:{value}"),
                    value_sealed=vault.seal(key, value, f"person/{person_id}/{kind}"), source="import/x",
                    as_of=date(2020, 1, 1), stands=True, recorded_at=NOW,
                )
            )  # fmt: skip
    for category in one.categories:
        session.add(ClassRow(person_id=person_id, category=category, valid_from=date(2019, 1, 1), source="x"))
    if one.work:
        enterprise_id, area = one.work
        begin_employment(
            session, person_id, date(2019, 3, 1), enterprise_id=enterprise_id, area_code=area, source="x"
        )
    if one.finding:
        record = TrackingRecordRow(
            id=new_id(),
            digest="x",
            person_id=person_id,
            month=date(2020, 1, 1),
            outcome=one.finding,
            wage_band=one.wage,
            tried_at=NOW,
            recorded_at=NOW,
            received_at=NOW,
            recorded_by="x",
        )
        session.add(record)
        session.add(
            TrackingTaskRow(
                month=record.month,
                person_id=person_id,
                place_code=one.place,
                due_on=date(2020, 1, 25),
                outcome=one.finding,
                record_id=record.id,
            )
        )


def asked_for(registry: Registry, *, only_changed: bool = False) -> str:
    """The number of an export of the month that waits to be drawn up."""
    row, _ = ask(registry.parts, BUREAU, Asked(ExportReason.MONTHLY, only_changed, month=MONTH))
    return row.id


def export(registry: Registry) -> tuple[bytes, list[Line]]:
    """The file of the month, and its lines without what is a row's own, in the order of the IDs."""
    export_id = asked_for(registry)
    Drawing(registry.parts).look()
    content = b"".join(
        write_file(registry.parts, BUREAU, export_id, kind="csv", encoding="utf-8", cause=Cause.fresh())
    )
    lines = [{key: value for key, value in line.items() if key not in NOT_TOLD} for line in read(content)]
    return content, sorted(lines, key=lambda line: line["身份证号"])


def take(registry: Registry, content: bytes) -> TakenIn:
    return take_in(registry.parts, BUREAU, content, file="x.csv", mapping_id=None, area_code=None)


def everything(registry: Registry) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for what says that a file went out or came in."""
    own = {"exchange_export", "exchange_row", "province_import", "access_log"}
    return {
        table.name: registry.sql(f'SELECT * FROM "{table.name}" ORDER BY 1, 2')
        for table in TABLES
        if table.name not in own
    }


@settings(
    max_examples=10,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # a smaller example is not worth minutes of database
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(MADE, min_size=1, max_size=6))
def test_a_population_comes_into_an_empty_registry_as_it_went_out(
    registry: Registry, population: list[Made]
) -> None:
    registry.empty("enterprise", "gate")
    add(registry, population)
    all_agree(registry)
    content, sent = export(registry)
    before = everything(registry)
    here = take(registry, content)
    assert (here.row.unchanged, here.row.refused) == (len(population), 0)
    assert everything(registry) == before
    registry.empty("enterprise", "gate")
    there = take(registry, content)
    assert (there.row.fresh, there.row.refused) == (len(population), 0)
    all_agree(registry)
    assert export(registry)[1] == sent
    again = take(registry, export(registry)[0])
    assert (again.row.unchanged, again.row.refused) == (len(population), 0)


def test_two_ids_of_one_file_go_out_once_and_their_file_changes_nothing_here(registry: Registry) -> None:
    one, other = add_folk(registry.parts, [1, 2], place_code=DAHE)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person SET file_id = %s WHERE id = %s", (one.id, other.id)
        )
        session.connection().exec_driver_sql(
            "DELETE FROM statement WHERE person_id = %s AND kind = 'phone'", (one.id,)
        )
    content, [line] = export(registry)
    assert (line["身份证号"], line["姓名"], line["手机号"]) == (one.resident_id, one.name, other.phone)
    before = everything(registry)
    assert take(registry, content).row.unchanged == 1
    assert everything(registry) == before


def test_whoever_opened_a_file_after_the_month_is_not_due_in_it(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1], place_code=DAHE)
    opened = datetime(2020, 1, 31, 16, 0, tzinfo=UTC)  # the first of February in China
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person_file SET opened_at = %s WHERE person_id = %s", (opened, one.id)
        )
    assert export(registry)[1] == []


@pytest.mark.parametrize("valid_to", ["2020-01-31", "2020-02-01"])
def test_the_state_of_a_month_is_that_of_its_last_day(registry: Registry, valid_to: str) -> None:
    [one] = add_folk(registry.parts, [1], place_code=DAHE, employed_since=date(2019, 1, 1))
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE employment SET valid_to = %s WHERE person_id = %s", (valid_to, one.id)
        )
    [line] = export(registry)[1]
    assert line["是否就业"] == ("是" if valid_to == "2020-02-01" else "否")
