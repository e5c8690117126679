"""The policy lab's page: a round's coaches as they are billed, and beside them as another rule would have it, for those whose they are."""

from collections import Counter

import pytest
from httpx import Response

from services.dispatcher.store.lab import get_standing_round
from services.dispatcher.store.tables import LabRunRow
from services.dispatcher.usecases.lab.price_again import price_again, terms_of
from shared.reference import get_county, list_county_stops
from shared.security import Role
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import PROVINCE, Dispatch, submitted
from tests.dispatcher.usecases.test_lab import answer, worker_of

HTML = {"Accept": "text/html"}
SANDU, DUYUN = "522732", "522701"


@pytest.fixture
def round_id(dispatch: Dispatch) -> str:
    """A proposed round of two counties: 24 workers of Sandu on one coach, 30 of Duyun on two."""
    stop = list_county_stops(DUYUN)[0].code
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.tell(*(submitted(n, county_code=DUYUN, stop_code=stop) for n in range(100, 130)))
    return dispatch.propose(area="52")


def look(callers: Callers, role: Role = Role.FINANCE, area: str = "52", **params: object) -> str:
    sent = {"lang": "en", **{name: str(value) for name, value in params.items()}}
    answer = callers.ask("GET", "/lab", role, area, params=sent, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(page: str, heading: str) -> list[str]:
    """The figures of a line of the comparison."""
    cells = page.partition(f">{heading}</th>")[2].partition("</tr>")[0]
    return [cell.partition(">")[2].partition("<")[0] for cell in cells.split('<td class="number"')[1:]]


def yuan(page_figure: str) -> float:
    return float(page_figure.strip("¥ ").replace(",", ""))


def test_trips_at_their_own_terms_come_to_what_they_were_billed(dispatch: Dispatch, round_id: str) -> None:
    with dispatch.database.session() as session:
        row = get_standing_round(session, round_id, PROVINCE)
        before, after = price_again(session, row, terms_of(session, row), {}, PROVINCE)
    trips = dispatch.trips()
    billed = Counter[str]()
    for trip in trips:
        for line in trip.lines:
            billed[line["account"]] += line["due_fen"] + line["held_fen"]
    assert len(trips) == 3
    assert before == after
    assert before.borne == billed
    assert before.charter_fen == sum(trip.cost_fen for trip in trips)
    assert before.carried == 54


def test_without_a_change_both_columns_are_what_was_billed(callers: Callers, round_id: str) -> None:
    page = look(callers, round_id=round_id)
    cost_fen = sum(trip.cost_fen for trip in callers.dispatch.trips())
    before, after, change = row_of(page, "Charters")
    assert yuan(before) == yuan(after) == cost_fen / 100
    assert change == "—"
    assert page.count("Nobody.") == 4


def test_a_higher_floor_moves_the_subsidy_to_the_enterprises(callers: Callers, round_id: str) -> None:
    page = look(callers, round_id=round_id, floor=25, cap=10_000, rate=50, tariff=100)
    subsidy_fen = sum(trip.subsidy_fen for trip in callers.dispatch.trips())
    assert subsidy_fen > 0
    before, after, change = row_of(page, "county of origin")
    assert (yuan(before), yuan(after)) == (pytest.approx(subsidy_fen / 200, abs=0.02), 0)
    assert row_of(page, "Coaches without subsidy")[1] == "3"
    assert yuan(row_of(page, "enterprises")[2].lstrip("+")) == subsidy_fen / 100
    assert change.startswith("-")
    assert "织里童装" in page.partition("Bear more")[2]
    assert 'value="25"' in page
    assert page.count("<svg") >= 1


def test_an_emptied_cap_is_none_and_another_rate_and_price_are_weighed(
    callers: Callers, round_id: str
) -> None:
    same = {"round_id": round_id, "floor": 20}
    capped = look(callers, **same, cap=100, rate=50)
    free = look(callers, **same, cap="", rate=50)
    full = look(callers, **same, cap="", rate=100)
    dear = look(callers, **same, cap="", rate=100, tariff=200)
    with callers.dispatch.database.session() as session:
        row = get_standing_round(session, round_id, PROVINCE)
        funded = [trip for trip in callers.dispatch.trips() if trip.subsidy_fen]
    assert row.policy == "guizhou-2020@1"
    paid = [yuan(row_of(page, "county of origin")[1]) for page in (capped, free, full, dear)]
    assert paid[0] == 50 * len(funded)
    assert paid[1] == pytest.approx(sum(trip.cost_fen for trip in funded) / 400, abs=0.02)
    assert paid[2] == pytest.approx(2 * paid[1], abs=0.02)
    assert paid[3] == pytest.approx(2 * paid[2], abs=0.02)


def test_a_county_sees_its_own_coaches_of_a_round_of_the_province_and_no_more(
    callers: Callers, round_id: str
) -> None:
    page = look(callers, area=SANDU, round_id=round_id, floor=25)
    assert row_of(page, "Workers carried")[0] == "24"
    assert get_county(SANDU).name in page
    assert get_county(DUYUN).name not in page
    latest = look(callers, area=SANDU)
    assert row_of(latest, "Workers carried")[0] == "24", "without an id the latest round is taken"


def test_another_county_s_round_does_not_exist(callers: Callers, round_id: str) -> None:
    asked = callers.ask("GET", "/lab", Role.FINANCE, "520115", params={"round_id": round_id}, headers=HTML)
    assert asked.status_code == 404
    assert "No trips to work with" in look(callers, area="520115")


def test_a_rejected_round_is_nothing_to_work_with(callers: Callers, round_id: str) -> None:
    callers.ask("POST", f"/rounds/{round_id}/reject", data={"reason": "x"}, headers=HTML)
    assert "No trips to work with" in look(callers)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.OPERATOR, Role.CARRIER, Role.ENTERPRISE])
def test_the_lab_is_for_dispatcher_finance_and_audit(callers: Callers, role: Role) -> None:
    organisation = "C01" if role in (Role.CARRIER, Role.ENTERPRISE) else None
    area = None if organisation else "52"
    assert callers.ask("GET", "/lab", role, area, organisation, headers=HTML).status_code == 403


@pytest.mark.parametrize("bad", [{"floor": -1}, {"cap": "-5"}, {"cap": "ten"}, {"rate": 101}, {"tariff": 0}])
def test_a_figure_that_no_rule_has_is_refused(
    callers: Callers, round_id: str, bad: dict[str, object]
) -> None:
    assert callers.ask("GET", "/lab", params={"round_id": round_id, **bad}).status_code == 422


def plan_again(
    callers: Callers, round_id: str, role: Role = Role.FINANCE, area: str = "52", **sent: object
) -> Response:
    data = {"floor": 20, "cap": "", "rate": 50, "tariff": 100, "load": 100, "objective": "charter"} | sent
    return callers.ask(
        "POST", f"/rounds/{round_id}/lab", role, area, data=data, headers=HTML, follow_redirects=False
    )


def test_a_round_is_planned_again_and_the_page_shows_how_far_it_is_and_what_came_of_it(
    callers: Callers, round_id: str
) -> None:
    callers.dispatch.jobs()
    asked = plan_again(callers, round_id)
    assert asked.status_code == 303
    run = asked.headers["location"].rpartition("=")[2]
    waiting = look(callers, run=run)
    assert "pools planned" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Side by side" not in waiting
    answer(callers.dispatch, worker_of(callers.dispatch))
    found = look(callers, run=run)
    assert "hx-trigger" not in found.partition("<main")[2]
    before, after, _ = row_of(found, "Coaches")
    assert (before, after) == ("3", "2"), "at full load one coach carries 30"
    assert row_of(found, "Gap")[0].endswith("%")
    assert 'value="100"' in found.partition("again-title")[2]
    assert f"run={run}" in look(callers, Role.AUDIT, round_id=round_id)


def test_a_second_question_waits_for_the_first(callers: Callers, round_id: str) -> None:
    plan_again(callers, round_id)
    again = plan_again(callers, round_id, floor=7)
    assert again.status_code == 409
    assert "仍在编排" in again.text
    assert 'value="7"' in again.text, "what was typed is still there"


@pytest.mark.parametrize(
    ("field", "typed", "mend"),
    [
        ("floor", "81", "80"),
        ("cap", "1万", "d{0,7}"),
        ("load", "half", "整数"),
        ("objective", "mine", "charter"),
    ],
)
def test_a_bad_figure_is_named_beside_the_form_which_keeps_what_was_typed(
    callers: Callers, round_id: str, field: str, typed: str, mend: str
) -> None:
    refused = plan_again(callers, round_id, tariff=123, **{field: typed})
    assert refused.status_code == 422
    beside = refused.text.partition("again-title")[2]
    reason, _, form = beside.partition("<form")
    assert mend in reason
    assert 'value="123"' in form
    assert field == "objective" or f'value="{typed}"' in form
    assert plan_again(callers, round_id, area="520115", **{field: typed}).status_code == 404


def test_an_emptied_cap_is_planned_without_one(callers: Callers, round_id: str) -> None:
    run = plan_again(callers, round_id, cap="").headers["location"].rpartition("=")[2]
    with callers.dispatch.database.session() as session:
        changes = session.get_one(LabRunRow, run).changes
    assert changes["cap_vehicle_fen"] is None


def test_a_question_is_seen_by_those_whose_area_it_is_about(callers: Callers, round_id: str) -> None:
    run = plan_again(callers, round_id).headers["location"].rpartition("=")[2]
    for area in (SANDU, "520115"):
        asked = callers.ask("GET", "/lab", Role.FINANCE, area, params={"run": run}, headers=HTML)
        assert asked.status_code == 404
    own = plan_again(callers, round_id, area=SANDU).headers["location"].rpartition("=")[2]
    assert "pools planned" in look(callers, area=SANDU, run=own)
    assert plan_again(callers, round_id, area="520115").status_code == 404


def test_who_only_reads_does_not_have_plans_made(callers: Callers, round_id: str) -> None:
    assert plan_again(callers, round_id, Role.AUDIT).status_code == 403
    assert "Plan again" not in look(callers, Role.AUDIT, round_id=round_id)
