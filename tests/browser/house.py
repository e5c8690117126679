"""The three services in one process on the embedded parts, and a small day of two counties that know nothing of
each other: each has its own workers, enterprise, carrier, roster, round and trip."""

import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from fastapi import FastAPI
from psycopg import sql

from services.day import Office
from services.dispatcher.service import build as build_dispatcher
from services.dispatcher.settings import DispatcherSettings
from services.notifier.service import build as build_notifier
from services.notifier.settings import NotifierSettings
from services.planner.service import build as build_planner
from services.planner.settings import PlannerSettings
from services.registry.service import build as build_registry
from services.registry.settings import RegistrySettings
from shared.kernel.clock import ReplayClock
from shared.reference import get_county, list_county_stops
from shared.runtime import running
from shared.security import Keyring, Principal, Role, Token, sessions, tokens
from tests.dispatcher.dispatch import policy, tariffs
from tests.registry.rosters import worker, xlsx

SERVICES = ("registry", "dispatcher", "notifier")
PARTS = (*SERVICES, "planner")
DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime(2020, 2, 23, 1, 0, tzinfo=UTC)
ALL_ARRIVED = datetime(2020, 2, 25, 12, 0, tzinfo=UTC)
PATIENCE_S = 60.0


@dataclass(frozen=True)
class County:
    """A county and all that is its own."""

    code: str
    enterprise_id: str
    enterprise: str
    town_code: str
    lon: float
    lat: float
    carrier_id: str
    carrier: str
    first_worker: int

    @property
    def prefecture_code(self) -> str:
        return f"{self.code[:4]}00"

    @property
    def bureau(self) -> str:
        return f"{get_county(self.code).name}人社局"

    @property
    def webhook(self) -> str:
        return f"https://127.0.0.1:9/{self.code}/hook"

    def rows(self, count: int, after: int = 0) -> list[dict[str, Any]]:
        """Rows of a roster, all good; `after` so many other workers."""
        stops = [stop.name for stop in list_county_stops(self.code)][:2]
        return [
            worker(self.first_worker + after + n, stop=stops[n % 2], enterprise=self.enterprise, gate="东门")
            for n in range(count)
        ]


SANDU = County(
    "522732", "91441900MA0000015D", "东莞晨光示例电子有限公司", "441900003", 113.79, 23.04,
    "CAR-SANDU", "三都示例客运有限公司", 1000,
)  # fmt: skip
GUANSHANHU = County(
    "520115", "91330500MA0000023C", "织里锦程示例童装有限公司", "330502100", 120.25667, 30.87358,
    "CAR-GUIYANG", "观山湖示例客运有限公司", 3000,
)  # fmt: skip
COUNTIES = (SANDU, GUANSHANHU)


@dataclass
class House:
    """The services as they run, and hands for what people do over HTTP."""

    url: str
    apps: Mapping[str, FastAPI]
    clock: ReplayClock
    keyring: Keyring
    office: Office
    made: dict[str, dict[str, str]] = field(default_factory=dict)
    """By county code: the ids of what it has, `roster_id`, `request_id`, `round_id`, `trip_id`, `notice_id`,
    `amendment_id`, `mark_id`."""

    def address(self, service: str, path: str) -> str:
        return f"{self.url}/{service}{path}"

    def sign_in_link(
        self, service: str, role: Role, area: str = "", organisation: str | None = None, next_path: str = ""
    ) -> str:
        """What a person opens to be signed in."""
        asked = f"?next={next_path}" if next_path else ""
        return self.address(service, f"/sign-in{asked}#token={self.office.token(role, area, organisation)}")

    def token(self, principal: Principal) -> str:
        """A token for anybody; those of one role come from `office`."""
        return tokens.issue(self.keyring, principal, timedelta(hours=12), self.clock)

    def session_cookie(self, principal: Principal) -> dict[str, str]:
        """A signed-in browser's cookie."""
        token = Token(principal, self.clock.now() + timedelta(days=7))
        return {sessions.COOKIE: sessions.issue(self.keyring, token, self.clock)}

    def load_terms(self) -> None:
        """Enterprises, coaches, prices and a policy."""
        operator = self.office.token(Role.OPERATOR, "52")
        coaches = [
            {
                "carrier_id": county.carrier_id,
                "carrier_name": county.carrier,
                "contact_email": f"dispatch@{county.carrier_id.lower()}.example",
                "home_prefecture_code": county.prefecture_code,
                "coach_type": "49",
                "seats_approved": 49,
                "coaches_per_day": 20,
            }
            for county in COUNTIES
        ]
        self._send(operator, "dispatcher", "/api/fleet", {"coaches": coaches})
        prices = [tariff.model_dump(mode="json") for tariff in tariffs()]
        self._send(operator, "dispatcher", "/api/tariffs", {"tariffs": prices})
        self._send(operator, "dispatcher", "/api/policies", {"policies": [policy().model_dump(mode="json")]})
        self._send(
            operator, "registry", "/api/enterprises", {"enterprises": [enterprise_of(c) for c in COUNTIES]}
        )

    def upload(self, county: County, rows: list[dict[str, Any]], name: str = "") -> dict[str, Any]:
        """The bureau uploads a roster; its outcome."""
        file = (name or f"{county.bureau}名单.xlsx", xlsx(rows))
        roster: dict[str, Any] = self.office.call(
            self.office.token(Role.BUREAU, county.code),
            "registry",
            "POST",
            "/api/rosters",
            files={"file": file},
        )
        return roster

    def await_waiting(self, county: County, count: int) -> None:
        """Wait until the dispatcher knows of so many who wait."""
        dispatcher = self.office.token(Role.DISPATCHER, county.code)

        def waiting() -> bool:
            pools = self.office.call(dispatcher, "dispatcher", "GET", "/api/pools")["pools"]
            return bool(sum(pool["waiting"] for pool in pools) >= count)

        self.office.await_true(waiting, f"{count} wait in {county.code}", PATIENCE_S)

    def plan(self, county: County) -> str:
        """The county's dispatcher asks for a round; its id once it is proposed."""
        dispatcher = self.office.token(Role.DISPATCHER, county.code)
        asked = {"day": DAY.isoformat(), "area": county.code}
        round_id: str = self._send(dispatcher, "dispatcher", "/api/rounds", asked)["round_id"]

        def proposed() -> bool:
            found = self.office.call(dispatcher, "dispatcher", "GET", f"/api/rounds/{round_id}")
            assert found["state"] != "failed", found
            return bool(found["state"] == "proposed")

        self.office.await_true(proposed, "the round is proposed", PATIENCE_S)
        return round_id

    def approve(self, county: County, round_id: str) -> str:
        """Approve; the id of the round's first trip once the notifier has told everybody about it."""
        dispatcher = self.office.token(Role.DISPATCHER, county.code)
        self.office.call(dispatcher, "dispatcher", "POST", f"/api/rounds/{round_id}/approve")
        trips = self.office.call(
            dispatcher, "dispatcher", "GET", "/api/trips", params={"round_id": round_id}
        )["trips"]
        operator = self.office.token(Role.OPERATOR, "52")

        def told() -> bool:
            asked = {"trip_id": trips[-1]["trip_id"], "limit": 1}
            all_of_it = self.office.call(operator, "notifier", "GET", "/api/notices", params=asked)
            pending = self.office.call(
                operator, "notifier", "GET", "/api/notices", params={**asked, "state": "pending"}
            )
            return bool(all_of_it["notices"]) and not pending["notices"]

        self.office.await_true(told, "everybody is told", PATIENCE_S)
        first: str = trips[0]["trip_id"]
        return first

    def live_until_told(self, county: County, workers: int) -> None:
        """From a roster to an approved trip; its ids are kept in `made`."""
        roster_id = self.upload(county, county.rows(workers))["roster_id"]
        bureau = self.office.token(Role.BUREAU, county.code)
        requests = self.office.call(
            bureau, "registry", "GET", "/api/requests", params={"roster_id": roster_id}
        )["items"]
        self.await_waiting(county, workers)
        round_id = self.plan(county)
        trip_id = self.approve(county, round_id)
        dispatcher = self.office.token(Role.DISPATCHER, county.code)
        pool = self.office.call(dispatcher, "dispatcher", "GET", f"/api/trips/{trip_id}")["pool_id"]
        asked = {"kind": "lock", "pool_id": pool, "trip_id": trip_id, "reason": "示例"}
        mark_id = self._send(dispatcher, "dispatcher", f"/api/rounds/{round_id}/marks", asked)["mark_id"]
        path = f"/api/rounds/{round_id}/amendments"
        amendment_id = self._send(dispatcher, "dispatcher", path, {"pool_id": pool})["amendment_id"]
        operator = self.office.token(Role.OPERATOR, county.code)
        notices = self.office.call(operator, "notifier", "GET", "/api/notices")["notices"]
        self.made[county.code] = {
            "roster_id": roster_id,
            "request_id": requests[0]["request_id"],
            "round_id": round_id,
            "trip_id": trip_id,
            "notice_id": notices[0]["notice_id"],
            "amendment_id": amendment_id,
            "mark_id": mark_id,
        }

    def subscribe(self, county: County) -> None:
        """Enterprise and carrier subscribe to notices; call it once everybody is told, for nobody listens there."""
        for role, organisation in (
            (Role.ENTERPRISE, county.enterprise_id),
            (Role.CARRIER, county.carrier_id),
        ):
            caller = self.office.token(role, "", organisation)
            self.office.call(caller, "notifier", "PUT", "/api/webhooks", json={"url": county.webhook})

    def link(self, county: County, role: Role) -> str:
        """A fresh link to a page of the county's trip: the escort's for CARRIER, the hand-over for ENTERPRISE."""
        organisation = county.carrier_id if role is Role.CARRIER else county.enterprise_id
        caller = self.office.token(role, "", organisation)
        path = f"/api/trips/{self.made[county.code]['trip_id']}/links"
        made: str = self.office.call(caller, "notifier", "POST", path)["url"]
        return made

    def _send(self, token: str, service: str, path: str, body: dict[str, Any]) -> Any:
        return self.office.call(token, service, "POST", path, json=body)


def enterprise_of(county: County) -> dict[str, Any]:
    """The county's enterprise as it is registered."""
    gate = {"name": "东门", "town_code": county.town_code, "lon": county.lon, "lat": county.lat}
    email = f"hr@{county.enterprise_id.lower()}.example"
    return {"enterprise_id": county.enterprise_id, "name": county.enterprise, "email": email, "gates": [gate]}


@contextmanager
def running_house(postgres: str, folder: Path) -> Iterator[House]:
    """The services behind one address, on new databases, the day before departure."""
    with ExitStack() as closing:
        urls = closing.enter_context(_databases(postgres))
        for name in ("signing.key", "vault.key"):
            (folder / name).write_text(secrets.token_hex(32))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        clock = ReplayClock(MORNING_BEFORE)
        services = _build(folder, urls, f"http://127.0.0.1:{port}", clock)
        run = closing.enter_context(
            running({f"/{service.name}": service for service in services}, "127.0.0.1", port)
        )
        keyring = Keyring.from_file(folder / "signing.key")
        addresses = {name: f"{run.url}/{name}" for name in SERVICES}
        office = closing.enter_context(Office(addresses, keyring, clock))
        apps = {service.name: service.app for service in services}
        yield House(run.url, apps, clock, keyring, office)
        assert not run.failed


def _build(folder: Path, urls: Mapping[str, str], base: str, clock: ReplayClock) -> list[Any]:
    common: dict[str, Any] = {
        "signing_key_file": folder / "signing.key",
        **{f"{name}_database_url": url for name, url in urls.items()},
        **{f"{name}_url": f"{base}/{name}" for name in SERVICES},
    }

    def settings(name: str) -> dict[str, Any]:
        return {**common, "database_url": urls[name], "public_url": f"{base}/{name}"}

    dispatcher = DispatcherSettings(**settings("dispatcher"), planner_engine="firstfit", cut_off=None)
    planner = PlannerSettings(**settings("planner"), workers=1)
    registry = RegistrySettings(**settings("registry"), vault_key_file=folder / "vault.key")
    notifier = NotifierSettings(**settings("notifier"), mail="console", webhook_allow_private=True)
    return [
        build_registry(registry, clock=clock),
        build_dispatcher(dispatcher, clock=clock),
        build_notifier(notifier, clock=clock),
        build_planner(planner, clock=clock),
    ]


@contextmanager
def _databases(postgres: str) -> Iterator[dict[str, str]]:
    tag = secrets.token_hex(4)
    with psycopg.connect(postgres, autocommit=True) as server:
        names = {name: f"{name}_{tag}" for name in PARTS}
        for name in names.values():
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {
            service: postgres.replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres:@", "postgres@")
            .replace("/postgres?", f"/{name}?")
            for service, name in names.items()
        }
        for name in names.values():
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
