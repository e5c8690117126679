"""The pages of rewards: a bureau makes a list and sees the reasons, a worker gets a sheet, an enterprise sees counts."""

import re
from typing import Any

import httpx

from shared.security import Role
from tests.registry.conftest import LIBO, NOW, SANDU, Registry
from tests.registry.rewarded import LATER, bring, contract, in_force, insure
from tests.registry.rosters import AGENCY_ID, ENTERPRISE_ID, worker

HTML = {"Accept": "text/html"}
CSRF = re.compile(r"[0-9a-f]{32,}")
"""What every page has anew."""


def page(registry: Registry, path: str, role: Role = Role.BUREAU, **more: Any) -> httpx.Response:
    return registry.client(role, **more).get(path, headers=HTML)


def send(
    registry: Registry, path: str, areas: tuple[str, ...] = (SANDU,), subject: str = "", **form: str
) -> httpx.Response:
    return registry.client(areas=areas, subject=subject).post(path, data=form or {"x": ""}, headers=HTML)


def make(registry: Registry, rule: str, **changes: str) -> httpx.Response:
    form = {
        "reward_rule_id": rule,
        "claimant_id": AGENCY_ID,
        "first_day": "2020-02-01",
        "last_day": "2020-02-29",
    }
    return send(registry, "/rewards", **form | changes)


def test_a_bureau_puts_a_preset_in_force_makes_a_list_and_sees_who_earned_it_and_why_not(
    registry: Registry,
) -> None:
    empty = page(registry, "/rewards").text
    assert "还没有生效的规则" in empty
    assert (
        send(registry, "/rewards/rules", preset="guizhou-2021-agency", valid_from="2020-01-01").status_code
        == 303
    )
    overview = page(registry, "/rewards").text
    assert "每人 500.00 元".replace(" ", "") in overview.replace(" ", "")
    assert "通知未写明、由我们设定的" in overview
    bring(registry, [1, 2])
    registry.clock.at = LATER
    ids = [worker(n)["resident_id"] for n in (1, 2)]
    contract(registry, ids, 12)
    insure(registry, ids[:1], ["2020-03", "2020-04", "2020-05"])
    [[rule]] = registry.sql("SELECT id FROM reward_rule")
    made = make(registry, rule)
    assert made.status_code == 303
    path = made.headers["location"]
    path = path[path.index("/rewards/") :]
    earned, refused = page(registry, path).text, page(registry, f"{path}?outcome=refused").text
    assert "500.00" in earned
    assert "2020-03, 2020-04, 2020-05 (3)" in earned
    assert "到岗后社会保险满 3 个月" in refused
    assert "不符合" in refused
    for person in (worker(1), worker(2)):
        for text in (earned, refused):
            assert person["name"] not in text
            assert person["resident_id"] not in text
    own = send(registry, f"{path}/confirm")
    assert own.status_code == 409
    assert "生成人不能确认" in own.text
    assert f'{path}/confirm"' not in own.text
    assert "须由本单位其他人员核对后确认" in own.text
    assert f'{path}/confirm"' in page(registry, path, subject="second-clerk").text
    assert send(registry, f"{path}/confirm", subject="second-clerk").status_code == 303
    assert "已确认" in page(registry, path).text
    again = send(registry, f"{path}/withdraw", areas=(LIBO,))
    assert again.status_code == 404
    assert send(registry, f"{path}/hand-over").status_code == 303
    late = send(registry, f"{path}/withdraw")
    assert late.status_code == 409
    assert "已移交财政" in late.text


def test_a_form_that_cannot_be_taken_says_why_on_its_page(registry: Registry) -> None:
    rule = in_force(registry, areas=(SANDU,))
    for answer, word in (
        (make(registry, rule, claimant_id="一家机构"), "统一社会信用代码不正确"),
        (make(registry, rule, first_day="2020-03-01"), "截止日期早于开始日期"),
        (send(registry, "/rewards/rules", preset="guizhou-2021-agency"), "内容不同"),
    ):
        assert answer.status_code in (409, 422)
        assert word in answer.text


def test_a_worker_s_sheet_says_what_to_bring_and_where_and_names_nobody_in_full(registry: Registry) -> None:
    in_force(registry, "guizhou-first-export", valid_from=None)
    in_force(registry, "guizhou-2021-transport")
    [person] = bring(registry, [1])
    registry.clock.at = LATER
    sheet = page(registry, f"/people/{person}/benefits").text
    assert "首次有组织外出的求职创业补贴" in sheet
    assert "本人身份证" in sheet
    assert "乡镇（街道）人社服务窗口" in sheet
    assert "跨省务工一次性交通补助" not in sheet
    assert worker(1)["name"] not in sheet
    assert worker(1)["resident_id"] not in sheet
    assert page(registry, f"/people/{person}/benefits", areas=(LIBO,)).status_code == 404


def test_a_person_s_page_says_what_they_may_be_entitled_to_and_what_bars_the_rest(registry: Registry) -> None:
    in_force(registry, "guizhou-first-export", valid_from=None)
    in_force(registry, "guizhou-2021-transport")
    [person] = bring(registry, [1])
    registry.clock.at = LATER
    seen = page(registry, f"/people/{person}").text
    assert "可能享受的待遇" in seen
    assert "1,000.00" in seen
    assert "未乘坐组织的包车" in seen
    assert f"/people/{person}/benefits" in seen
    audit = page(registry, f"/people/{person}", Role.AUDIT).text
    assert "可能享受的待遇" in audit
    assert f"/people/{person}/benefits" not in audit


def test_an_enterprise_sees_its_own_counts_on_a_page_without_classes_and_none_of_a_few(
    registry: Registry,
) -> None:
    def seen() -> str:
        return page(registry, "/workforce", Role.ENTERPRISE, areas=(), organisation=ENTERPRISE_ID).text

    registry.clock.at = LATER
    nobody = seen()
    assert nobody.count(">少于 5<") == 5
    registry.clock.at = NOW
    bring(registry, range(1, 5))
    registry.clock.at = LATER
    assert CSRF.sub("", seen()) == CSRF.sub("", nobody)
    registry.clock.at = NOW
    bring(registry, [5, 6], key="bring-0002")
    registry.clock.at = LATER
    six = seen()
    assert (six.count("5–9"), six.count(">少于 5<")) == (3, 2)
    assert "易地搬迁" not in six
    for person in (worker(1), worker(2)):
        assert person["name"][:2] + "*" not in six


def test_those_who_may_not_act_see_no_button(registry: Registry) -> None:
    in_force(registry)
    for role in (Role.FINANCE, Role.AUDIT, Role.OPERATOR):
        assert '<form method="post" action' not in page(registry, "/rewards", role).text.split("<main")[1]
