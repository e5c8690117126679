"""No planted name, ID or phone lies in the open in the database's files, its log of changes, a backup by pg_dump, our logs,
what other services are told, dead letters, what is kept of an export, the list of keys, or any page, list or file that is
not meant to show somebody in full.

`ZHIDA_PLANTED=10000 pytest tests/registry/privacy/test_plain.py` plants ten thousand people; the suite plants fewer.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from services.registry.domain.outside import OutsideKind
from services.registry.usecases.erase import erase
from services.registry.usecases.people.importing import Importing
from services.registry.usecases.privacy.key_list import export_keys
from services.registry.usecases.privacy.retention import Retaining
from services.registry.usecases.privacy.wrapping import rewrap
from shared import logs
from shared.events import RequestSubmitted
from shared.messaging import Cause
from shared.messaging.message import Message
from shared.security import Principal, Role, add_wrapping_key
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.exchanging import all_agree, as_csv, draw_up, fetch, send, their_line
from tests.registry.folk import Folk
from tests.registry.lists import list_xlsx, load
from tests.registry.population import entry, population_csv
from tests.registry.privacy.failing import fail, spoilt
from tests.registry.privacy.scanning import SURNAME, Planted, Scanner, plant
from tests.registry.privacy.servers import dump
from tests.registry.rights import JPEG
from tests.registry.rights import body as case_of
from tests.registry.rosters import worker, xlsx

DEAD = {"not-ours": 10, "not-json": 10, "unknown-version": 10, "data-invalid": 10}
COUNT = int(os.environ.get("ZHIDA_PLANTED", "1000"))
PIECE = 2500
OPERATOR = Principal("省级运营", frozenset({Role.OPERATOR}), ("52",))


def row(number: int, one: Planted, **changes: str) -> dict[str, str]:
    return worker(number, name=one.name, resident_id=one.resident_id, phone=one.phone) | changes


@pytest.fixture
def people() -> list[Planted]:
    return plant(COUNT)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """All that the service logs, to the least of it, in the form in which it logs."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    path = tmp_path / "registry.log"
    with path.open("w") as stream:
        logs.configure("registry", "debug", stream)
        yield path
        root.handlers[:], root.level = before[0], before[1]


def send_in(registry: Registry, people: Sequence[Planted]) -> None:
    """By every way in: nine of ten accepted, one refused with its cells in the wrong columns; files named after people."""
    bad = people[::10]
    good = [one for one in people if one not in set(bad)]
    for start in range(0, len(good), PIECE):
        rows = [row(start + n, one) for n, one in enumerate(good[start : start + PIECE])]
        answer = registry.upload(xlsx(rows), f"{good[start].name}等人{good[start].phone}.xlsx")
        assert answer.json()["accepted"] == len(rows), answer.text[:500]
    shifted = [
        row(n, one, stop=one.name, gate=one.phone, category=one.resident_id) for n, one in enumerate(bad)
    ]
    answer = registry.upload(xlsx(shifted), f"{bad[0].name}退回.xlsx", areas=(LIBO,))
    assert answer.json()["refused"] == len(bad)
    assert registry.upload(b"%PDF-1.4 " + bad[0].name.encode(), f"{bad[0].name}.xlsx").status_code >= 400
    client = registry.client()
    for n, one in enumerate([*good[:5], *bad[:5]]):
        body = {key: value for key, value in row(n, one).items() if key != "party"}
        for url, sent in (("/api/requests", body), ("/api/requests/batch", {"requests": [body]})):
            client.post(url, json=sent, headers={"Idempotency-Key": f"key-{n:05d}-{len(url)}"})
        client.get(f"/requests?q={one.name}")
    take_in_registers(registry, people)
    lines = [[one.resident_id, "2020-01-01"] for one in people[:500]]
    wrong = [[one.name, one.phone] for one in people[:20]]
    load(registry, OutsideKind.DECEASED, list_xlsx(OutsideKind.DECEASED, *lines, *wrong))


def take_in_registers(registry: Registry, people: Sequence[Planted]) -> None:
    """A register of all, one of ten refused with a name where a place belongs; then one that contradicts, and the province's file."""
    said = [
        entry(n, name=one.name, resident_id=one.resident_id, phone=one.phone, household=one.phone)
        for n, one in enumerate(people)
    ]
    slipped = [row | {"place": row["name"], "employer": row["phone"]} for row in said[::10]]
    other = [row | {"name": people[n - 1].name, "as_of": "2020-02-10"} for n, row in enumerate(said[:50])]
    for rows in ([row for n, row in enumerate(said) if n % 10] + slipped, other):
        sent = registry.client().post(
            "/api/population", files={"file": (f"{people[0].name}登记.csv", population_csv(rows))}
        )
        assert sent.status_code == 201, sent.text
    Importing(registry.parts).look()
    assert registry.sql("SELECT sum(refused) FROM population") == [(len(slipped),)]
    theirs = [
        their_line(Folk("", one.name, one.phone, one.resident_id), employer=one.name, employer_code="")
        for one in people[:40]
    ]
    assert send(registry, "imports", as_csv(theirs)).status_code == 201


def use(registry: Registry) -> list[tuple[str, bytes]]:
    """What is done with people all day; what lists, pages and other services are answered."""
    requests = [one for (one,) in registry.sql("SELECT id FROM travel_request ORDER BY id LIMIT 40")]
    parts, client = registry.parts, registry.client(areas=("52",))
    client.patch(f"/api/requests/{requests[0]}", json={"phone": "15470999999"})
    for request_id in requests[:20]:
        client.post(f"/api/requests/{request_id}/withdraw", json={})
    for request_id in requests[:5]:
        erase(parts, OPERATOR, request_id, cause=Cause.fresh())
    add_wrapping_key(registry.vault_key_file)
    rewrap(parts.database, parts.vault)
    Retaining(parts.database, parts.clock).look()
    client = registry.client(areas=("52",))  # the server has ended what lay idle meanwhile
    rosters = [one["roster_id"] for one in client.get("/api/rosters").json()["items"]]
    seen = ["/api/requests?size=200", "/requests", f"/requests/{requests[8]}"]
    seen += [f"/rosters/{one}?outcome=refused" for one in rosters]
    seen += ["/api/people?size=200", "/api/population"]
    registers = [one for (one,) in registry.sql("SELECT id FROM population")]
    seen += [f"/api/population/{one}/rows?outcome=refused" for one in registers]
    answers = [(path, registry.client(Role.OPERATOR, areas=("52",)).get(path)) for path in seen]
    answers += [(path, client.get(path)) for path in of_the_office(registry)]
    assert {path: answer.status_code for path, answer in answers if answer.status_code != 200} == {}
    return [(path, answer.content) for path, answer in answers]


def write_words(registry: Registry, people: Sequence[Planted]) -> None:
    """What is said of people in words and papers, by whoever may: a case, a household's plan, a reason, a helper."""
    ids = [
        one for (one,) in registry.sql("SELECT person_id FROM person_file ORDER BY person_id DESC LIMIT 20")
    ]
    client = registry.client()
    for number, (person_id, one) in enumerate(zip(ids, people, strict=False)):
        words = f"{one.name}（{one.resident_id}）电话{one.phone}"
        case = client.post(
            "/api/cases", json=case_of(person_id=person_id, facts=words, client_id=f"c-{number:06d}")
        )
        assert case.status_code == 201, case.text
        path = f"/api/cases/{case.json()['case_id']}"
        paper = JPEG + words.encode()
        sent = client.post(f"{path}/documents", files={"file": (f"{one.name}.jpg", paper, "image/jpeg")})
        assert sent.status_code == 201, sent.text
        for act in ("note", "withdraw"):
            taken = client.post(f"{path}/steps", json={"act": act, "note": words})
            assert taken.status_code == 200, taken.text
        told = client.post(
            f"/api/people/{person_id}/reveal",
            json={"reason": "contact", "reference": words, "fields": ["name"]},
        )
        assert told.status_code == 200, told.text
    homes = registry.sql("SELECT id FROM household ORDER BY id LIMIT 20")
    for (home,), one in zip(homes, people, strict=False):
        planned = client.post(
            f"/api/households/{home}/steps", json={"kind": "job", "words": f"{one.name} {one.phone}"}
        )
        assert planned.status_code == 201, planned.text


def hand_out(registry: Registry, scanner: Scanner) -> None:
    """Files that show people in full, to who may have them: what they leave behind is looked for with all else."""
    [(person_id,)] = registry.sql("SELECT person_id FROM rights_case ORDER BY person_id LIMIT 1")
    [(roster_id,)] = registry.sql("SELECT id FROM roster WHERE refused > 0 ORDER BY id LIMIT 1")
    all_agree(registry)
    files = [fetch(registry, str(draw_up(registry)["export_id"]), kind) for kind in ("csv", "xlsx")]
    paths = [f"/api/people/{person_id}/copy.zip", f"/api/rosters/{roster_id}/refused.xlsx"]
    files += [registry.client(areas=(SANDU, LIBO)).get(path).content for path in paths]
    for content in files:
        assert any(one.startswith("name") for one in scanner.find_in_answer(content))


def of_the_office(registry: Registry) -> list[str]:
    """What its clerks look at all day, and their files of figures; households are others than those with words."""
    seen = ["/api/cases", "/cases", "/api/tracking/overview", "/tracking"]
    seen += [f"/api/households/file?kind={kind}" for kind in ("csv", "xlsx")]
    homes = registry.sql("SELECT id FROM household ORDER BY id DESC LIMIT 20")
    exports = registry.sql("SELECT id FROM exchange_export")
    seen += [f"/api/households/{one}" for (one,) in homes]
    return seen + [f"/api/exchange/exports/{one}/rows?size=200" for (one,) in exports]


def database_files(registry: Registry) -> list[Path]:
    """This database's heaps and indexes as they are on the disk, and the cluster's log of changes and of the server."""
    with registry.parts.database.session() as session:
        session.connection().execute(text("CHECKPOINT"))
    [(folder, database)] = registry.sql(
        "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
    )
    data = Path(folder)
    own = [path for path in (data / "base" / str(database)).rglob("*") if path.is_file()]
    around = [
        path for path in data.rglob("*") if path.is_file() and "base" not in path.relative_to(data).parts
    ]
    assert sum(path.stat().st_size for path in own) > COUNT * 500
    assert any("pg_wal" in path.parts for path in around)
    return own + around


def test_nothing_that_is_kept_or_told_holds_a_planted_person_in_the_open(
    registry: Registry, people: list[Planted], log: Path, tmp_path: Path
) -> None:
    scanner = Scanner(people)
    send_in(registry, people)
    write_words(registry, people)
    hand_out(registry, scanner)
    shown = use(registry)
    fail(registry, spoilt(registry, 10))
    assert Counter(cause for (cause,) in registry.sql("SELECT cause FROM dead_letter")) == DEAD
    assert registry.counts()["person_file"] >= COUNT * 9 // 10
    export_keys(registry.parts.database, registry.parts.vault, tmp_path / "people.keys")
    (tmp_path / "backup.sql").write_text(dump(registry.parts.database.url))
    assert registry.counts()["travel_request"] >= COUNT * 9 // 10
    assert b"travel_request" in (tmp_path / "backup.sql").read_bytes()
    assert log.stat().st_size > 1000
    found = scanner.find_in_files([*database_files(registry), *tmp_path.iterdir()])
    found += [f"{path}: {one}" for path, content in shown for one in scanner.find_in_answer(content)]
    assert found == []


def test_what_a_stranger_writes_on_a_topic_is_kept_as_it_came_and_told_nowhere_else(
    registry: Registry, log: Path
) -> None:
    """No service of ours writes a name there. What another hand writes is kept whole, to be looked into: the known limit."""
    [one] = plant(20_001)[20_000:]
    words = f'{{"name": "{one.name}", "resident_id": "{one.resident_id}", "phone": "{one.phone}"'.encode()
    headers = (("ce_id", b"stranger-1"), ("ce_type", RequestSubmitted.type_name().encode()))
    fail(
        registry,
        [
            Message("zhida.requests", "0", number, b"k", value, headers)
            for number, value in enumerate((words, words + b"}", b"\xff" + words))
        ],
    )
    scanner = Scanner([one])
    [(kept, told, rest)] = registry.sql(
        "SELECT (SELECT string_agg(value, '') FROM dead_letter), (SELECT string_agg(payload, '') FROM outbox), "
        "(SELECT string_agg(concat(id, cause, detail, headers, key), '') FROM dead_letter)"
    )
    assert list(scanner.find(kept)) == list(scanner.find(told)) != []
    assert list(scanner.find(str(rest).encode())) == []
    assert "cannot use" in log.read_text()
    assert scanner.find_in_files([log]) == []


@pytest.mark.parametrize("value", ["name", "resident_id", "phone"])
def test_a_planted_person_in_a_table_is_found_in_its_files_and_in_a_dump(
    registry: Registry, value: str
) -> None:
    people = plant(10_020)[10_000:]  # others than above: what leaks here stays in the log of changes
    leak = getattr(people[7], value)
    with registry.parts.database.session() as session:
        session.connection().execute(text("UPDATE enterprise SET email = :leak"), {"leak": leak})
    scanner = Scanner(people)
    found = scanner.find_in_files(database_files(registry))
    kind = value.replace("_id", " ID")
    assert any(f"{kind} in UTF-8" in one for one in found)
    # `UPDATE` wrote it to the heap and to the log of changes.
    assert len({one.partition(": ")[0] for one in found}) >= 2
    assert list(scanner.find(dump(registry.parts.database.url).encode()))


def test_a_planted_person_in_an_event_or_a_log_line_is_found(people: list[Planted], log: Path) -> None:
    logging.getLogger("registry").warning(
        "%s cannot be read", people[3].name, extra={"detail": people[4].phone}
    )
    told = Scanner(people).find_in_files([log])
    assert {one.partition(": ")[2].split(" in ")[0] for one in told} == {"name", "phone"}
    assert list(Scanner(people).find(json.dumps({"who": people[3].name}).encode())) == ["name in JSON"]


@pytest.mark.parametrize("how", ["utf-8", "gbk", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("value", ["name", "resident_id", "phone"])
def test_whoever_is_planted_is_found_however_they_are_written(how: str, value: str) -> None:
    people = plant(10_000)
    for number in (0, 4321, 9999):
        content = b"\x00noise\xff" + getattr(people[number], value).encode(how) + b"\x01"
        assert list(Scanner(people).find(content))
    stranger = {"name": f"{SURNAME}一一", "resident_id": "529900", "phone": "15470"}[value]
    assert not list(Scanner(people).find(stranger.encode(how)))


def test_ten_thousand_are_planted_and_no_two_share_anything() -> None:
    people = plant(10_000)
    for value in ("name", "resident_id", "phone"):
        assert len({getattr(one, value) for one in people}) == 10_000
