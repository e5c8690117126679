"""The pages of registers and people's files: over HTTP as an office, and a look in a real browser."""

import re
from collections.abc import Iterator

import pytest

from services.registry.usecases.people.importing import Importing
from services.registry.usecases.people.merge import merge
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import add_folk
from tests.registry.population import entry, population_csv
from tests.registry.rosters import resident_id
from tests.registry.web.test_pages import Office

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))


@pytest.fixture
def bureau(registry: Registry) -> Iterator[Office]:
    office = Office(registry, Role.BUREAU)
    yield office
    office.client.close()


def send(office: Office, *rows: dict[str, str]) -> str:
    """The path of the register's page."""
    sent = {"csrf_token": office.csrf("/population")}
    files = {"file": ("登记.csv", population_csv(rows))}
    answer = office.client.post("/population", data=sent, files=files, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_register_is_watched_and_its_refused_rows_say_why(bureau: Office, registry: Registry) -> None:
    path = send(bureau, entry(0), entry(1, phone="12"))
    waiting = bureau.client.get(path).text
    assert "正在处理" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    Importing(registry.parts).look()
    done = bureau.client.get(path).text
    assert "有 1 行被退回" in done
    assert "手机号不是11位大陆手机号" in done
    assert "hx-trigger" not in done.split('id="rows"')[0].split('id="standing"')[1]
    assert resident_id(0) not in done
    assert "登记.csv" in bureau.client.get("/population").text


def test_a_file_that_is_refused_as_a_whole_says_why(bureau: Office, registry: Registry) -> None:
    sent = {"csrf_token": bureau.csrf("/population")}
    shown = bureau.client.post("/population", data=sent, files={"file": ("a.csv", b"%PDF-1.4")})
    assert shown.status_code == 422
    assert "没有任何改动" in shown.text
    assert registry.sql("SELECT count(*) FROM population") == [(0,)]


def test_somebody_is_found_by_a_number_that_stays_in_no_address(bureau: Office, registry: Registry) -> None:
    send(bureau, entry(0), entry(1))
    Importing(registry.parts).look()
    for sought in (resident_id(0), entry(0)["phone"], entry(0)["name"]):
        sent = {"csrf_token": bureau.csrf("/people"), "sought": sought}
        found = bureau.client.post("/people", data=sent)
        assert found.status_code == 200
        assert len(re.findall(r'href="[^"]*/people/01', found.text)) == 1
        assert entry(0)["phone"] not in found.text
    elsewhere = Office(registry, Role.BUREAU, areas=(LIBO,))
    sent = {"csrf_token": elsewhere.csrf("/people"), "sought": resident_id(0)}
    assert "没有找到" in elsewhere.client.post("/people", data=sent).text
    elsewhere.client.close()


def test_a_clerk_settles_a_contradiction_on_the_persons_page(bureau: Office, registry: Registry) -> None:
    send(bureau, entry(0))
    send(bureau, entry(0, phone="15711112222", as_of="2020-02-10"))
    Importing(registry.parts).look()
    [(person,)] = registry.sql("SELECT person_id FROM person_file")
    assert person in bureau.client.get("/people?conflicts=true").text
    page = bureau.client.get(f"/people/{person}").text
    assert "1 条说法不一" in page
    assert "157****2222" in page
    assert "15711112222" not in page
    [(other,)] = registry.sql("SELECT id FROM statement WHERE kind = 'phone' AND NOT stands")
    sent = {"csrf_token": bureau.csrf(f"/people/{person}")}
    shown = bureau.client.post(f"/people/{person}/statements/{other}/settle", data=sent)
    assert "说法不一" not in shown.text
    assert person not in bureau.client.get("/people?conflicts=true").text
    assert registry.sql(
        "SELECT id, settled_by IS NOT NULL FROM statement WHERE kind = 'phone' AND stands"
    ) == [(other, True)]
    send(bureau, entry(0, phone=entry(0)["phone"], as_of="2020-02-15", education="高中"))
    Importing(registry.parts).look()
    page = bureau.client.get(f"/people/{person}").text
    assert "1 条说法不一" in page, (
        "the education contradicts; the phone was weighed and is not asked about again"
    )


def test_a_clerk_states_merges_parts_and_records_a_consent(bureau: Office, registry: Registry) -> None:
    first, second = add_folk(registry.parts, [1, 2])
    token = {"csrf_token": bureau.csrf(f"/people/{first.id}")}
    said = bureau.client.post(
        f"/people/{first.id}/statements", data=token | {"kind": "phone", "value": "158 0000 1234"}
    )
    assert "158****1234" in said.text
    wrong = bureau.client.post(
        f"/people/{first.id}/statements", data=token | {"kind": "phone", "value": "1234"}
    )
    assert wrong.status_code == 422
    assert "没有改动" in wrong.text
    merged = bureau.client.post(
        f"/people/{second.id}/merge", data=token | {"into_id": first.id, "reason": "同一张照片"}
    )
    assert "已并入另一份" in merged.text
    assert second.id[-6:] in bureau.client.get(f"/people/{first.id}").text
    again = bureau.client.post(
        f"/people/{first.id}/merge", data=token | {"into_id": second.id, "reason": "反过来"}
    )
    assert again.status_code == 409
    bureau.client.post(f"/people/{second.id}/unmerge", data=token)
    assert registry.sql("SELECT count(*) FROM person WHERE id <> file_id") == [(0,)]
    agreed = bureau.client.post(
        f"/people/{first.id}/consents",
        data=token | {"purposes": ["health", "account"], "channel": "paper", "given_on": "2020-02-01"},
    )
    assert "健康状况" in agreed.text
    [(consent,)] = registry.sql("SELECT id FROM consent")
    gone = bureau.client.post(f"/people/{first.id}/consents/{consent}/withdraw", data=token)
    assert "已撤回" in gone.text


def test_who_only_reads_is_offered_nothing_to_change(registry: Registry) -> None:
    first, second = add_folk(registry.parts, [1, 2])
    merge(registry.parts, CLERK, second.id, first.id, "同一张照片")
    audit = Office(registry, Role.AUDIT)
    page = audit.client.get(f"/people/{first.id}").text
    assert 'method="post"' not in page.split("<main")[1]
    assert "同一张照片" not in page
    assert 'type="file"' not in audit.client.get("/population").text
    audit.client.close()


def test_a_neighbours_person_is_answered_as_one_that_does_not_exist(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    neighbour = Office(registry, Role.BUREAU, areas=(LIBO,))
    theirs = neighbour.client.get(f"/people/{one.id}")
    nobody = neighbour.client.get("/people/01HZZZZZZZZZZZZZZZZZZZZZZQ")
    assert (theirs.status_code, nobody.status_code) == (404, 404)
    ids = re.compile(r"01[0-9A-Z]{24}")  # whose page was asked for, and the number of the request itself
    assert ids.sub("", theirs.text) == ids.sub("", nobody.text)
    neighbour.client.close()
