"""The page that shows one person in full: nothing before the reason is given, and the entry beside what is shown."""

from typing import Any

import pytest

from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import Folk, add_folk

GIVEN: dict[str, Any] = {"reason": "contact", "reference": "黔人社函〔2020〕5号", "fields": ["name", "phone"]}


@pytest.fixture
def one(registry: Registry) -> Folk:
    [made] = add_folk(registry.parts, [1])
    return made


def page(registry: Registry, one: Folk, area: str = SANDU, **form: Any) -> tuple[int, str]:
    client = registry.client(areas=(area,), subject="三都县人社局 韦某")
    path = f"/people/{one.id}/reveal"
    answer = client.post(path, data=form) if form else client.get(path)
    return answer.status_code, answer.text


def test_the_page_shows_nothing_of_the_person_until_it_is_told_why(registry: Registry, one: Folk) -> None:
    status, text = page(registry, one)
    assert status == 200
    assert not any(secret in text for secret in (one.name, one.phone, one.resident_id))
    assert registry.counts()["access_log"] == 0


def test_what_was_asked_for_is_shown_and_stands_in_the_list(registry: Registry, one: Folk) -> None:
    status, text = page(registry, one, **GIVEN)
    assert status == 200
    assert one.name in text
    assert one.phone in text
    assert one.resident_id not in text
    for told in ("三都县人社局 韦某", "显示完整信息：联系本人", "黔人社函〔2020〕5号"):
        assert told in text
    status, text = page(registry, one)
    assert one.phone not in text
    assert "三都县人社局 韦某" in text


@pytest.mark.parametrize(
    ("without", "told"), [("reference", "请填写文书或案件"), ("fields", "请至少选择一项")]
)
def test_what_is_missing_is_told_beside_its_field_and_the_rest_is_kept(
    registry: Registry, one: Folk, without: str, told: str
) -> None:
    status, text = page(registry, one, **{key: value for key, value in GIVEN.items() if key != without})
    assert status == 422
    assert told in text
    assert one.phone not in text
    assert '<option value="contact" selected>' in text
    assert registry.counts()["access_log"] == 0


def test_a_neighbour_and_another_role_see_no_page(registry: Registry, one: Folk) -> None:
    assert page(registry, one, LIBO)[0] == 404
    assert page(registry, one, LIBO, **GIVEN)[0] == 404
    for role in (Role.HELPER, Role.AUDIT, Role.FINANCE, Role.OPERATOR):
        assert registry.client(role, areas=("52",)).get(f"/people/{one.id}/reveal").status_code == 403
