"""The page of an office's own rules: a clerk sends a file, reads what it would do, and puts it in force; or reads what to mend."""

import html
import re

import httpx

from shared.security import Role
from tests.registry.api.test_reward_rules import OWN, SECOND, listed
from tests.registry.conftest import LIBO, SANDU, Registry

HTML = {"Accept": "text/html"}
PATH = "/rewards/rules/file"


def send(
    registry: Registry, content: str, areas: tuple[str, ...] = (SANDU,), language: str = "zh", **data: str
) -> httpx.Response:
    client = registry.client(areas=areas)
    file = {"file": ("规则.yaml", content.encode())}
    return client.post(PATH, files=file, data=data, headers=HTML, params={"lang": language})


def put(registry: Registry, page: httpx.Response, areas: tuple[str, ...] = (SANDU,)) -> httpx.Response:
    """What the button of the page sends, as a browser does: lines end with CR LF."""
    [text] = re.findall(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page.text, re.S)
    [area] = re.findall(r'name="area_code" value="(\d+)"', page.text)
    form = {"text": html.unescape(text).replace("\n", "\r\n"), "area_code": area}
    return registry.client(areas=areas).post(f"{PATH}/put", data=form, headers=HTML)


def count(registry: Registry) -> int:
    return int(registry.counts()["reward_rule"])


def test_a_clerk_sends_a_file_reads_it_in_words_and_puts_it_in_force(empty_registry: Registry) -> None:
    overview = empty_registry.client().get("/rewards", headers=HTML).text
    assert f'href="{PATH}"' in overview
    form = empty_registry.client().get(PATH, headers=HTML).text
    assert "preset.yaml?name=changle-agency" in form
    checked = send(empty_registry, "\ufeff" + OWN)
    assert checked.status_code == 200
    assert "尚未生效" in checked.text
    assert "49 人以内的每人 100.00 元；超过 49 人的每人 200.00 元，人数按一年全部名单累计" in checked.text
    assert "就业满 3 个月" in checked.text
    assert count(empty_registry) == 0
    done = put(empty_registry, checked)
    assert (done.status_code, done.headers["location"]) == (303, "/rewards")
    assert "三都县组织输出奖补" in empty_registry.client().get("/rewards", headers=HTML).text
    assert empty_registry.sql("SELECT area_code, rule_id FROM reward_rule") == [(SANDU, "sandu-agency")]
    again = send(empty_registry, OWN)
    assert "已生效，内容相同" in again.text
    assert f"{PATH}/put" not in again.text


def test_each_fault_is_shown_with_its_line_and_its_mend_in_both_languages(empty_registry: Registry) -> None:
    wrong = OWN.replace("claimant: agency", "claimant: agent").replace("fen: 10_000", "fen: much")
    chinese, english = send(empty_registry, wrong), send(empty_registry, wrong, language="en")
    for page, words in (
        (
            chinese,
            (
                "没有任何改动",
                "第 4 行：claimant",
                "不在可选值之内",
                "第 11 行：amount.tiers[0].fen",
                "请填写整数",
            ),
        ),
        (
            english,
            ("Nothing was changed", "line 4: claimant", "is not one of the choices", "Give a whole number"),
        ),
    ):
        assert page.status_code == 422
        assert all(word in page.text for word in words)
        assert f"{PATH}/put" not in page.text
    assert "YAML" in send(empty_registry, "- 1").text
    assert count(empty_registry) == 0


def test_a_version_that_says_something_else_is_not_put_in_force_and_neither_is_what_comes_with_it(
    empty_registry: Registry,
) -> None:
    first = send(empty_registry, OWN)
    put(empty_registry, first)
    taken = send(empty_registry, listed(SECOND, OWN.replace("10_000", "11_000")))
    assert "版本号已被占用" in taken.text
    assert "下一个版本号" in taken.text
    assert f"{PATH}/put" not in taken.text
    late = empty_registry.client().post(
        f"{PATH}/put", data={"text": OWN.replace("10_000", "11_000")}, headers=HTML
    )
    assert late.status_code == 409
    assert "内容不同" in late.text
    assert count(empty_registry) == 1


def test_another_area_s_clerk_and_other_roles_put_nothing_in_force(empty_registry: Registry) -> None:
    checked = send(empty_registry, OWN)
    for refused in (send(empty_registry, OWN, area_code=LIBO), put(empty_registry, checked, areas=(LIBO,))):
        assert refused.status_code == 403
    for role in (Role.FINANCE, Role.AUDIT, Role.OPERATOR):
        client = empty_registry.client(role)
        assert client.get(PATH, headers=HTML).status_code == 403
        assert client.post(f"{PATH}/put", data={"text": OWN}, headers=HTML).status_code == 403
        assert f'href="{PATH}"' not in client.get("/rewards", headers=HTML).text
    assert count(empty_registry) == 0
