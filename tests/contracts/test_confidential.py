"""Two houses that are equal to the byte, but that in one of them a worker of an enterprise's trip opens a case against it,
which goes to arbitration and is handed over. Then everything that anybody sees who must not know is fetched from both.

Both begin as copies of the same databases, with the same keys, at the same port, with a clock that stands at the same
instant: so nothing has to be made equal afterwards. The little that differs between any two moments of one house is left
out by name: `UNSTEADY`, `compared.FRESH_KEY`.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import psycopg
import pytest
from psycopg import sql

from services.dispatcher.store.tables import Base as DispatcherBase
from services.notifier.store.tables import Base as NotifierBase
from services.registry.store.tables import Base as RegistryBase
from shared.kernel.clock import FixedClock, ReplayClock
from shared.messaging import tables as messaging
from shared.security import Role, links
from tests.browser.house import (
    COUNTIES,
    MORNING_BEFORE,
    SANDU,
    SERVICES,
    House,
    case_of,
    databases,
    free_port,
    house_on,
    write_keys,
)
from tests.contracts.calls import HTML, Route, own, scope, walk
from tests.contracts.compared import Answered, Values, answered, differing
from tests.contracts.test_routes import ABSENT
from tests.registry.rosters import resident_id
from tests.waiting import PATIENCE_S

STATION = "441900"
HIDDEN_FROM = (
    Role.ENTERPRISE,
    Role.CARRIER,
    Role.DISPATCHER,
    Role.FINANCE,
    Role.OPERATOR,
    Role.AUDIT,
    Role.HELPER,
    Role.SERVICE,
)
COUNTS_TOLD = {"/api/case-counts", "/case-counts"}
"""What an audit is told of cases, and so what differs for it alone."""
UNSTEADY = re.compile(
    r"^(?:#|process_|python_|zhida_\w*(?:duration|seconds|_created|lag|age|polls|idle))", re.IGNORECASE
)
"""Lines of a scrape that tell of time, memory and rounds of waiting: they differ between any two scrapes."""
OWN_TABLES = re.compile(r"^rights_")
"""Where a case lies: nobody reads it but `store/rights.py`."""
OWN_ACCESSES = "purpose NOT LIKE 'rights/%'"
"""Who opened a case is kept with who was shown anything else, and told to its subject alone; the numbers of the entries,
which are told to nobody, are left out."""
BASES = {"registry": RegistryBase, "dispatcher": DispatcherBase, "notifier": NotifierBase}
CASE = {
    "case_type": "unpaid_wages",
    "facts": "三个月没有发工资",
    "known_on": "2020-01-10",
    "is_employed": "no",
    "about_trip": "yes",
    "confirmed": "yes",
}


@dataclass
class Seen:
    """All that was to be seen of one house, by who saw it and where."""

    answers: dict[str, Answered] = field(default_factory=dict)
    figures: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    after_a_call: dict[str, Answered] = field(default_factory=dict)
    """The same answers once somebody has called of whom nothing was known."""
    control: bytes = b""
    """What the labour office sees, who may know."""
    case_id: str = ABSENT["case_id"]
    document_id: str = ABSENT["document_id"]


@pytest.fixture(scope="module")
def both(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Seen, Seen]]:
    folder = tmp_path_factory.mktemp("confidential")
    write_keys(folder)
    port = free_port()
    with databases(postgres) as urls:
        made, now = _live(urls, folder, port)
        with _copies(postgres, urls) as (quiet, spoken):
            with_case = _look(spoken, folder, port, made, now, opens_a_case=True)
            without = _look(quiet, folder, port, made, now, case=with_case)
            yield without, with_case


def _live(urls: Mapping[str, str], folder: Path, port: int) -> tuple[dict[str, dict[str, str]], Any]:
    with house_on(urls, folder, ReplayClock(MORNING_BEFORE), port) as house:
        house.load_terms()
        for county in COUNTIES:
            house.live_until_told(county, 22)
        for county in COUNTIES:
            house.settle(county)
            house.claim(county)
        made, now = house.made, house.clock.now().replace(microsecond=0)
    # Each county has a case of somebody who does not travel: there shall be none at all to begin with.
    with psycopg.connect(_plain(urls["registry"])) as database:
        for table in reversed(RegistryBase.metadata.sorted_tables):
            if OWN_TABLES.match(table.name):
                database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        database.execute("DELETE FROM access_log WHERE purpose LIKE 'rights/%'")
    return made, now


def _plain(url: str) -> str:
    """The address as libpq takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def _copies(postgres: str, urls: Mapping[str, str]) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Two copies of each database; nobody is at work on it any more."""
    names = {service: re.search(r"/(\w+)\?", url)[1] for service, url in urls.items()}  # type: ignore[index]
    with psycopg.connect(postgres, autocommit=True) as server:
        for name in names.values():
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            for copy in ("quiet", "spoken"):
                server.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        sql.Identifier(f"{name}_{copy}"), sql.Identifier(name)
                    )
                )
        yield tuple(  # type: ignore[misc]
            {
                service: url.replace(f"/{names[service]}?", f"/{names[service]}_{copy}?")
                for service, url in urls.items()
            }
            for copy in ("quiet", "spoken")
        )
        for name in names.values():
            for copy in ("quiet", "spoken"):
                server.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(f"{name}_{copy}"))
                )


class _Lines(logging.Handler):
    """Keeps what the services log, without instant and duration."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("zhida", "services", "shared")):
            return
        extras = {
            key: value
            for key, value in record.__dict__.items()
            if key not in _RECORD and key not in ("ms", "message", "asctime")
        }
        self.kept.append(f"{record.levelname} {record.name} {record.getMessage()} {sorted(extras.items())}")


_RECORD = set(logging.LogRecord("", 0, "", 0, "", None, None).__dict__)


def _look(
    urls: Mapping[str, str],
    folder: Path,
    port: int,
    made: dict[str, dict[str, str]],
    now: Any,
    *,
    opens_a_case: bool = False,
    case: Seen | None = None,
) -> Seen:
    seen, lines, root = Seen(), _Lines(), logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel("INFO")
    try:
        with house_on(urls, folder, cast(Any, FixedClock(now)), port) as house:
            house.made = made
            if opens_a_case:
                seen.case_id, seen.document_id = _open(house)
            elif case is not None:
                seen.case_id, seen.document_id = case.case_id, case.document_id
            with httpx.Client(base_url=house.url, timeout=PATIENCE_S, trust_env=False) as client:
                _fetch(house, client, seen)
                seen.control = client.get(
                    house.address("registry", "/api/cases"),
                    headers={"Authorization": f"Bearer {house.office.token(Role.BUREAU, SANDU.code)}"},
                ).content
            seen.rows, seen.lines = _rows(urls), sorted(lines.kept)
            if opens_a_case:
                _take_a_call(house)
                with httpx.Client(base_url=house.url, timeout=PATIENCE_S, trust_env=False) as client:
                    _fetch(house, client, later := Seen(case_id=seen.case_id, document_id=seen.document_id))
                seen.after_a_call = later.answers
    finally:
        root.removeHandler(lines)
        root.setLevel(level)
    return seen


def _take_a_call(house: House) -> None:
    """A case of somebody against the same enterprise who calls and of whom nothing was known: a file is opened for them."""
    call = case_of(SANDU, client_id="confidential-2", enterprise=SANDU.enterprise_id)
    call["caller"] |= {"resident_id": resident_id(4321), "phone": "15412349876"}
    bureau = house.office.token(Role.BUREAU, SANDU.code)
    house.office.call(bureau, "registry", "POST", "/api/cases", json=call)


def _open(house: House) -> tuple[str, str]:
    """By a worker of the enterprise's own trip, from the link on their phone to the station that has it in arbitration."""
    bureau, rights = house.office.token(Role.BUREAU, SANDU.code), house.office.token(Role.RIGHTS, STATION)
    request_id = house.made[SANDU.code]["request_id"]

    def send(token: str, path: str, body: dict[str, Any]) -> Any:
        return house.office.call(token, "registry", "POST", path, json=body)

    link = send(bureau, f"/api/requests/{request_id}/rights-link", {})
    _write_down(link["url"])
    [opened] = house.office.call(bureau, "registry", "GET", "/api/cases")["items"]
    case_id: str = opened["case_id"]
    path = f"/api/cases/{case_id}"
    for body in ({"act": "assign"}, {"act": "mediate"}, {"act": "arbitrate", "note": "调解不成"}):
        send(bureau, f"{path}/steps", body)
    send(bureau, f"{path}/hand-over", {"area": STATION})
    send(rights, f"{path}/accept", {})
    send(rights, f"{path}/steps", {"act": "admit"})
    files = {"file": ("工资条.jpg", b"\xff\xd8\xff slip")}
    kept = house.office.call(rights, "registry", "POST", f"{path}/documents", files=files)
    shown = send(rights, f"{path}/open", {"reason": "handling"})
    assert (shown["state"], shown["enterprise_id"]) == ("arbitration", SANDU.enterprise_id)
    return case_id, kept["document_id"]


def _write_down(url: str) -> None:
    """What the worker does behind the link: opens it, writes down what happened with a picture, and looks at it again."""
    with httpx.Client(
        timeout=PATIENCE_S, trust_env=False, headers=HTML, cookies={"zhida_device": "own"}
    ) as phone:
        assert phone.get(url).status_code == 200
        assert phone.post(f"{url}/open").status_code == 303
        [token] = re.findall(r'name="csrf_token" value="([^"]+)"', phone.get(url).text)[:1]
        form = CASE | {"csrf_token": token}
        sent = phone.post(f"{url}/case", data=form, files={"files": ("工资条.jpg", b"\xff\xd8\xff slip")})
        assert sent.status_code == 303, sent.text
        assert phone.get(url).status_code == 200


def _fetch(house: House, client: httpx.Client, seen: Seen) -> None:
    """Every GET route of every service as everybody who must not know, in their widest area; the probes and figures too."""
    routes = [route for service in SERVICES for route in walk(service, house.apps[service])]
    gets = [route for route in routes if route.method == "GET" and route.declared.kind != "link"]
    values = Values(
        {
            **ABSENT,
            **own(house, SANDU),
            "case_id": seen.case_id,
            "document_id": seen.document_id,
            "name": "x",
            "path": "style.css",
            "area": "counties",
        }
    )
    for role in HIDDEN_FROM:
        area, organisation = scope(role, SANDU)
        wide = "52" if area and role is not Role.HELPER else area
        token = house.office.token(role, wide, organisation)
        for route in gets:
            if not (role is Role.AUDIT and route.path in COUNTS_TOLD) and route.path != "/metrics":
                seen.answers[f"{role} {route}"] = answered(client, route, values, token)
    for route in routes:
        if route.method == "GET" and route.declared.purpose in ("boarding", "handover"):
            seen.answers[f"link {route}"] = _behind_a_link(house, client, route)
    for service in SERVICES:
        text = client.get(f"/{service}/metrics").text
        seen.figures[service] = [line for line in text.splitlines() if not UNSTEADY.match(line)]


def _behind_a_link(house: House, client: httpx.Client, route: Route) -> Answered:
    """The page of the escort or of the enterprise, opened as they open it."""
    purpose = cast(links.Purpose, route.declared.purpose)
    token = links.issue(
        house.keyring,
        purpose,
        trip_id=house.made[SANDU.code]["trip_id"],
        organisation=SANDU.carrier_id if purpose == "boarding" else SANDU.enterprise_id,
        ttl=timedelta(days=1),
        clock=house.clock,
        jti=f"confidential-{purpose}",
    )
    headers = {**HTML, "X-Correlation-ID": "the-same"}
    client.cookies.set("zhida_device", "the-same-phone")
    client.post(f"/{route.service}/{route.path[1]}/{token}/open", headers=headers)
    answer = client.get(route.address({"token": token}), headers=headers)
    client.cookies.clear()
    assert "T-522732" in answer.text
    return answer.status_code, [], answer.content


def _rows(urls: Mapping[str, str]) -> dict[str, list[str]]:
    """Every row of every table of the three services, with events, notices, mails and webhooks among them."""
    found = {}
    for service, base in BASES.items():
        with psycopg.connect(_plain(urls[service])) as database:
            for table in [*base.metadata.sorted_tables, *messaging.METADATA.sorted_tables]:
                if OWN_TABLES.match(table.name):
                    continue
                is_log = table.name == "access_log"
                columns = ", ".join(
                    f'"{one.name}"' for one in table.columns if not (is_log and one.name == "id")
                )
                where = f" WHERE {OWN_ACCESSES}" if is_log else ""
                rows = database.execute(cast(Any, f'SELECT {columns} FROM "{table.name}"{where}'))
                found[f"{service} {table.name}"] = sorted(map(str, rows))
    return found


def test_the_houses_do_differ_for_who_may_know(both: tuple[Seen, Seen]) -> None:
    """Or the tests below would compare two houses without a case."""
    without, with_case = both
    assert b'"total":0' in without.control
    assert b'"total":1' in with_case.control
    assert with_case.case_id.encode() in with_case.control


def test_every_answer_is_the_same_byte_for_byte(both: tuple[Seen, Seen]) -> None:
    without, with_case = both
    assert len(with_case.answers) > 500
    assert {answer[0] for answer in with_case.answers.values()} >= {200, 403, 404}
    assert sum(answer[0] == 200 for answer in with_case.answers.values()) > 100
    assert differing(without.answers, with_case.answers) == []


def test_of_a_caller_without_a_file_nothing_is_seen_but_that_a_file_was_opened(
    both: tuple[Seen, Seen],
) -> None:
    """By those who see the files of their area at all: an operator and an audit, masked, and not why."""
    _, with_case = both
    changed = differing(with_case.answers, with_case.after_a_call)
    files = {
        f"{role} GET registry{path}" for role in ("operator", "audit") for path in ("/people", "/api/people")
    }
    assert set(changed) == files
    told = b"".join(with_case.after_a_call[key][2] for key in changed)
    assert b"rights" not in told
    assert SANDU.enterprise_id.encode() not in told


def test_no_answer_speaks_of_the_case(both: tuple[Seen, Seen]) -> None:
    _, with_case = both
    marks = [CASE["facts"].encode(), b"rights_case", with_case.document_id.encode()]
    asked = [key for key in with_case.answers if "{case_id}" in key]
    speaks = [
        key
        for key, (_, _, body) in with_case.answers.items()
        if key not in asked and any(mark in body for mark in (*marks, with_case.case_id.encode()))
    ]
    assert speaks == []


def test_the_figures_are_the_same(both: tuple[Seen, Seen]) -> None:
    without, with_case = both
    assert all(lines for lines in with_case.figures.values())
    changed = {
        service: sorted({*without.figures[service]} ^ {*with_case.figures[service]}) for service in SERVICES
    }
    assert changed == {service: [] for service in SERVICES}


def test_no_row_of_any_service_differs_events_notices_and_mails_among_them(both: tuple[Seen, Seen]) -> None:
    without, with_case = both
    assert with_case.rows["registry outbox"]
    assert with_case.rows["notifier notice"]
    assert differing(without.rows, with_case.rows) == []


def test_the_services_log_the_same_lines(both: tuple[Seen, Seen]) -> None:
    without, with_case = both
    assert any("/api/claims" in line for line in with_case.lines)
    assert without.lines == with_case.lines
