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
from sqlalchemy import text

from services.day import Office
from services.dispatcher.service import build as build_dispatcher
from services.dispatcher.settings import DispatcherSettings
from services.notifier.service import build as build_notifier
from services.notifier.settings import NotifierSettings
from services.planner.service import build as build_planner
from services.planner.settings import PlannerSettings
from services.registry.domain.people.columns import POPULATION_COLUMNS
from services.registry.service import build as build_registry
from services.registry.settings import RegistrySettings
from services.registry.usecases.exchange.drawing import Drawing
from shared.kernel.clock import ReplayClock, local_date
from shared.reference import get_county, list_county_stops
from shared.runtime import running
from shared.security import Keyring, Principal, Role, Token, sessions, tokens, write_keys
from tests.dispatcher.dispatch import policy, tariffs
from tests.registry.folk import add_helper
from tests.registry.householding import fallen
from tests.registry.rosters import resident_id, worker, xlsx
from tests.waiting import PATIENCE_S

SERVICES = ("registry", "dispatcher", "notifier")
PARTS = (*SERVICES, "planner")
DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime(2020, 2, 23, 1, 0, tzinfo=UTC)
ALL_ARRIVED = datetime(2020, 2, 25, 12, 0, tzinfo=UTC)


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
    `amendment_id`, `mark_id`, `list_id`, and those of its claim."""

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
        """Enterprises, coaches, prices, a policy and budgets."""
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
        payers = [
            (payer, code)
            for county in COUNTIES
            for payer, code in (("origin_county", county.code), ("origin_prefecture", county.prefecture_code))
        ]
        budgets = [
            {"payer": payer, "code": code, "season": "2020-spring", "amount_fen": 10**10, "document": "示例"}
            for payer, code in payers
        ]
        finance = self.office.token(Role.FINANCE, "52")
        self._send(finance, "dispatcher", "/api/budgets", {"budgets": budgets})
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
            "list_id": self.load_list(county),
            "helper_id": self.register_helper(county),
            "reward_list_id": self.draft_rewards(county),
        }
        self.made[county.code] |= self.open_case(county)
        self.made[county.code] |= self.exchange(county)
        self.made[county.code] |= self.keep_people(county)
        self.made[county.code] |= self.keep_household(county)

    def settle(self, county: County) -> str:
        """The county's trip runs by its contract: all board, all arrive, all is confirmed. Its id once the books have it."""
        trip_id = self.made[county.code]["trip_id"]
        bureau = self.office.token(Role.BUREAU, county.code)
        trip = self.office.call(bureau, "dispatcher", "GET", f"/api/trips/{trip_id}")
        contract = {
            "trip_id": trip_id,
            "contract_no": f"HT-{trip_id}",
            "charterer_id": county.enterprise_id,
            "price_fen": trip["cost_fen"],
            "plate": f"贵A{county.code[-5:]}",
            "plate_prefecture_code": county.prefecture_code,
            "signed_on": (DAY - timedelta(days=2)).isoformat(),
            "filed_at": f"{DAY - timedelta(days=2)}T09:00:00+08:00",
        }
        self._send(bureau, "dispatcher", "/api/contracts", {"contracts": [contract]})
        if self.clock.now() < ALL_ARRIVED:
            self.clock.jump_to(ALL_ARRIVED)
        carrier = self.office.token(Role.CARRIER, "", county.carrier_id)
        path = f"/api/trips/{trip_id}"
        aboard = self.office.call(carrier, "notifier", "GET", f"{path}/riders")["riders"]
        runs = self.office.call(carrier, "notifier", "GET", "/api/trips")["trips"]
        at = next(run["departs_at"] for run in runs if run["trip_id"] == trip_id)
        marks = [{"request_id": one["request_id"], "presence": "boarded", "at": at} for one in aboard]
        departed = {"marks": marks, "departed_at": at}
        self._send(carrier, "notifier", f"{path}/boarding", departed)
        enterprise = self.office.token(Role.ENTERPRISE, "", county.enterprise_id)
        answers = [{"request_id": rider["request_id"], "outcome": "arrived"} for rider in aboard]
        self._send(enterprise, "notifier", f"{path}/confirmations", {"answers": answers})

        def settled() -> bool:
            found = self.office.call(bureau, "dispatcher", "GET", f"/api/trips/{trip_id}")
            return bool(found["state"] == "settled")

        self.office.await_true(settled, "the trip is settled", PATIENCE_S)
        return trip_id

    def claim(self, county: County) -> None:
        """A claim of the county's settled trip with a document; its invoice is a fen too high, which the bureau lets pass, and
        the public notice is objected to. Its ids are kept in `made`: `claim_id`, `evidence_id`, `objection_id`."""
        made = self.made[county.code]
        enterprise = self.office.token(Role.ENTERPRISE, "", county.enterprise_id)
        bureau = self.office.token(Role.BUREAU, county.code)
        trip = self.office.call(bureau, "dispatcher", "GET", f"/api/trips/{made['trip_id']}")
        season = {"county_code": county.code, "season": "2020-spring"}
        (claim,) = self._send(enterprise, "dispatcher", "/api/claims", season)["claims"]
        path = f"/api/claims/{claim['claim_id']}"
        invoice = {
            "trip_id": made["trip_id"],
            "invoice_no": f"FP-{county.code}",
            "issuer_id": county.carrier_id,
            "amount_fen": trip["cost_fen"] + 1,
            "issued_on": (DAY + timedelta(days=1)).isoformat(),
        }
        papers = {"ownership": "private", "bank_account": "6222020200112233445", "invoices": [invoice]}
        self._send(enterprise, "dispatcher", f"{path}/papers", papers)
        kept = self.office.call(
            enterprise,
            "dispatcher",
            "POST",
            f"{path}/evidence",
            data={"kind": "invoice"},
            files={"file": ("发票.pdf", b"%PDF-1.4 " + county.code.encode())},
        )
        self.office.call(enterprise, "dispatcher", "POST", f"{path}/submit")
        self.office.call(bureau, "dispatcher", "POST", f"{path}/take-up")
        for flag in self.office.call(bureau, "dispatcher", "GET", path)["flags"]:
            clear = f"{path}/flags/{flag['number']}/clear"
            self._send(bureau, "dispatcher", clear, {"why": "尾差，已与承运人核对"})
        self.office.call(bureau, "dispatcher", "POST", f"{path}/publicise")
        self._send(bureau, "dispatcher", f"{path}/objections", {"words": "有人没有上车"})
        shown = self.office.call(bureau, "dispatcher", "GET", path)
        made |= {
            "claim_id": claim["claim_id"],
            "evidence_id": kept["evidence_id"],
            "objection_id": shown["objections"][0]["objection_id"],
        }

    def open_case(self, county: County) -> dict[str, str]:
        """Somebody from the county who does not travel calls; the case has a document and is handed to the county's own
        arbitration commission, which accepts it. `case_id`, `document_id`, `person_id`."""
        bureau = self.office.token(Role.BUREAU, county.code)
        rights = self.office.token(Role.RIGHTS, county.code)
        case_id = self._send(bureau, "registry", "/api/cases", case_of(county))["case_id"]
        path = f"/api/cases/{case_id}"
        files = {"file": ("工资条.jpg", b"\xff\xd8\xff" + county.code.encode())}
        kept = self.office.call(bureau, "registry", "POST", f"{path}/documents", files=files)
        self._send(bureau, "registry", f"{path}/hand-over", {"area": county.code})
        self.office.call(rights, "registry", "POST", f"{path}/accept")
        with self.apps["registry"].state.parts.database.session() as session:
            person = session.connection().execute(
                text("SELECT person_id FROM rights_case WHERE id = :id"), {"id": case_id}
            )
            return {
                "case_id": case_id,
                "document_id": kept["document_id"],
                "person_id": person.scalar_one(),
            }

    def keep_people(self, county: County) -> dict[str, str]:
        """The bureau sends a register of one row that comes back, says what the case's person learnt, and writes down what they
        agreed to. `population_id`, `statement_id`, `consent_id`."""
        bureau = self.office.token(Role.BUREAU, county.code)
        heading = ",".join(column.zh for column in POPULATION_COLUMNS)
        files = {"file": ("登记.csv", f"{heading}\n{county.code}\n".encode())}
        sent = self.office.call(bureau, "registry", "POST", "/api/population", files=files)
        path = f"/api/people/{self.made[county.code]['person_id']}"
        said = self._send(bureau, "registry", f"{path}/statements", {"kind": "education", "value": "初中"})
        agreed = {"purposes": ["account"], "channel": "paper", "given_on": "2020-02-01"}
        consent = self._send(bureau, "registry", f"{path}/consents", agreed)
        return {
            "population_id": sent["population_id"],
            "statement_id": said["statement_id"],
            "consent_id": consent["id"],
        }

    def keep_household(self, county: County) -> dict[str, str]:
        """A household of the county's first township, helped by whoever holds the helper's token of the county, has nobody employed
        any more; its plan has a step. `household_id`, `zero_id`, `household_step_id`, and the township as `site_code`."""
        township = next(stop for stop in list_county_stops(county.code) if stop.kind == "township")
        parts = self.apps["registry"].state.parts
        household_id, zero_id, _ = fallen(
            parts,
            county.first_worker + 500,
            number=f"{county.code}-0001",
            place_code=township.code,
            helper_id=add_helper(parts, f"{Role.HELPER}:{county.code}", township.code),
            today=local_date(self.clock.now()),
        )
        bureau = self.office.token(Role.BUREAU, county.code)
        step = {"kind": "training", "words": "参加缝纫班"}
        made = self._send(bureau, "registry", f"/api/households/{household_id}/steps", step)
        return {
            "household_id": household_id,
            "zero_id": zero_id,
            "household_step_id": made["step_id"],
            "site_code": township.code,
        }

    def rights_link(self, county: County) -> str:
        """A fresh link by which the worker of the county's case opens one on a phone."""
        bureau = self.office.token(Role.BUREAU, county.code)
        path = f"/api/people/{self.made[county.code]['person_id']}/rights-link"
        made: str = self.office.call(bureau, "registry", "POST", path)["url"]
        return made

    def draft_rewards(self, county: County) -> str:
        """The county's bureau puts a rule of its own in force and drafts a list for its enterprise as an agency, who has brought
        nobody yet; its id."""
        bureau = self.office.token(Role.BUREAU, county.code)
        rule = self._send(bureau, "registry", "/api/reward-rules", {"preset": "qiandongnan-agency"})
        asked = {
            "reward_rule_id": rule["reward_rule_id"],
            "claimant_id": county.enterprise_id,
            "first_day": "2020-01-01",
            "last_day": "2020-02-01",
        }
        made: str = self._send(bureau, "registry", "/api/reward-lists", asked)["reward_list_id"]
        return made

    def register_helper(self, county: County) -> str:
        """The bureau registers a named helper in its first township, with nobody to help yet; their id."""
        township = next(stop for stop in list_county_stops(county.code) if stop.kind == "township")
        helper = {
            "helper_id": f"helper.{county.code}",
            "name": "示例帮扶人",
            "phone": "15500000001",
            "place_code": township.code,
        }
        bureau = self.office.token(Role.BUREAU, county.code)
        made: str = self._send(bureau, "registry", "/api/helpers", helper)["helper_id"]
        return made

    def load_list(self, county: County) -> str:
        """The finance office loads a list of the dead, who is nobody that travels; its id."""
        content = (
            f"身份证号,死亡日期\n{resident_id(county.first_worker % 1000, date(1950, 1, 1))},2019-12-31\n"
        )
        loaded = self.office.call(
            self.office.token(Role.FINANCE, county.code),
            "registry",
            "POST",
            "/api/outside-lists",
            data={"kind": "deceased"},
            files={"file": ("名单.csv", content.encode())},
        )
        list_id: str = loaded["list_id"]
        return list_id

    def exchange(self, county: County) -> dict[str, str]:
        """The bureau draws up last month for the provincial system, and sends a file of it in which no line is good."""
        bureau = self.office.token(Role.BUREAU, county.code)
        drawn = self._send(bureau, "registry", "/api/exchange/exports", {"reason": "monthly"})
        Drawing(self.apps["registry"].state.parts).look()
        lines = f"统计月份,姓名,身份证号,乡镇/安置点,是否就业\n2020-01,测试甲子,{county.code},无名镇,否\n"
        taken = self.office.call(
            bureau,
            "registry",
            "POST",
            "/api/exchange/imports",
            files={"file": ("省系统.csv", lines.encode())},
        )
        return {"export_id": drawn["export_id"], "import_id": taken["import_id"]}

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


def case_of(county: County, **changes: Any) -> dict[str, Any]:
    """What somebody from the county says who calls about their pay."""
    caller = worker(county.first_worker + 900)
    known = {
        "client_id": f"house-{county.code}",
        "caller": {key: caller[key] for key in ("name", "resident_id", "phone")}
        | {"place": list_county_stops(county.code)[0].code},
        "case_type": "unpaid_wages",
        "facts": "拖欠两个月工资",
        "known_on": "2020-01-10",
        "is_employed": False,
        "confirmed": True,
    }
    return known | changes


@contextmanager
def running_house(postgres: str, folder: Path) -> Iterator[House]:
    """The services behind one address, on new databases, the day before departure."""
    write_keys(folder)
    with (
        databases(postgres) as urls,
        house_on(urls, folder, ReplayClock(MORNING_BEFORE), free_port()) as house,
    ):
        yield house


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def house_on(urls: Mapping[str, str], folder: Path, clock: ReplayClock, port: int) -> Iterator[House]:
    """The services on databases that are there, with the keys in `folder`."""
    with ExitStack() as closing:
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
def databases(postgres: str) -> Iterator[dict[str, str]]:
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
