"""`zhida trace` against a dispatcher that runs: the tree, its JSON, its status, and what it says when it cannot ask."""

import json

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.dispatcher.store.tables import TripRow
from services.trace.ask import NoDispatcher, NoToken, TraceRefused
from shared.security import Role
from tests.dispatcher.api.conftest import Callers, Neighbours
from tests.dispatcher.api.test_claims import COUNTY, Offices, offices, trip

__all__ = ["offices", "trip"]


def trace(callers: Callers, key: str, *more: str, area: str = COUNTY) -> Result:
    token = callers.token(Role.AUDIT, area)
    url = str(callers.client.base_url)
    return CliRunner().invoke(app, ["trace", key, "--url", url, "--token", token, *more])


def test_the_tree_of_a_paid_trip_has_every_link(offices: Offices, trip: TripRow, callers: Callers) -> None:
    claim_id = offices.paid(trip)
    answer = trace(callers, trip.trip_id)
    assert answer.exit_code == 0, answer.stdout
    tree = answer.stdout
    for link in (
        f"{trip.trip_id}  trip 车次  whole 链条完整",
        "payment 支付",
        f"claim 申报 {claim_id}  paid 已支付",
        "pay 支付 → paid 已支付, finance: ZF-1",
        f"rule 规则 {trip.policy}",
        "× 50% =",
        f"contract 合同 HT-{trip.trip_id}",
        "settle 结算",
        "holds 封存完好",
        "plan 规划 round 编排",
        "boarded 已上车 2020-02-26 16:00; 织里童装: arrived 已到厂",
        "R0007 (row 第 9 行)",
        f"rows 行 2-25, {COUNTY}, 三都县人社局",
        "ab" * 32,
    ):
        assert link in tree.replace("\n", ""), link
    half = trip.subsidy_fen // 2
    assert f"¥{half / 100:,.2f}" in tree


def test_a_chain_that_is_broken_ends_with_status_1(
    trip: TripRow, callers: Callers, directory: Neighbours
) -> None:
    directory.unknown = {"R0009"}
    answer = trace(callers, trip.trip_id)
    assert answer.exit_code == 1
    assert "not whole 链条不完整: 1 gaps 处缺口" in answer.stdout
    assert "✗ R0009: 登记服务中没有该申请的来源。" in answer.stdout


def test_as_json_it_is_the_answer_itself(trip: TripRow, callers: Callers) -> None:
    answer = trace(callers, trip.trip_id, "--json")
    assert answer.exit_code == 0
    told = callers.ask("GET", f"/api/trace/{trip.trip_id}", Role.AUDIT, COUNTY).json()
    assert json.loads(answer.stdout) == told


def test_a_worker_s_tree_shows_nobody_else(trip: TripRow, callers: Callers) -> None:
    tree = trace(callers, "R0007").stdout
    assert "request 申请 R0007" in tree
    assert "R0008" not in tree


def test_what_the_dispatcher_refuses_is_told_in_its_words(
    trip: TripRow, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = trace(callers, trip.trip_id, area="522701")
    assert isinstance(refused.exception, TraceRefused)
    assert f"404: There is nothing with the id {trip.trip_id}" in refused.exception.message("en")
    assert f"没有编号为 {trip.trip_id} 的记录" in refused.exception.message("zh")
    monkeypatch.delenv("ZHIDA_TOKEN", raising=False)
    assert isinstance(CliRunner().invoke(app, ["trace", trip.trip_id]).exception, NoToken)
    away = CliRunner().invoke(app, ["trace", trip.trip_id, "--url", "http://127.0.0.1:9", "--token", "x"])
    assert isinstance(away.exception, NoDispatcher)
