"""The stages of a day, in the order of the trade; each is done once its effect can be seen by those it concerns."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Any

from services.day.office import Office, Refused
from shared.kernel.clock import SHANGHAI
from shared.kernel.errors import ZhidaError
from shared.security import Role

PROVINCE = "52"
NO_SHOW_AT_BOARDING = 0.012
OUTCOMES = (("arrived", 0.994), ("refused", 0.003), ("disputed", 0.003))
"""What becomes of workers in the sample's day: assumed, no figure was published."""

PLATE_LETTERS = {
    "5201": "A", "5202": "B", "5203": "C", "5206": "D", "5223": "E", "5205": "F", "5204": "G", "5226": "H", "5227": "J",
}  # fmt: skip
"""The letter of each prefecture of Guizhou on its plates (`domain.md` §4.2)."""
PLATES_A_DAY, DAYS_OF_PLATES = 10_000, 9
"""A plate comes again when its coach is long back."""

REASONS = {"refused": "health", "disputed": "job"}

STATUSES = (
    "submitted", "planned", "notified", "boarded", "no_show", "arrived", "refused", "disputed", "unserved", "withdrawn",
)  # fmt: skip
CONFIRMED = ("arrived", "no_show", "refused", "disputed")
"""Where a request comes to its end of somebody who had a seat; of who had none, it is `unserved`."""

Seconds = dict[str, float]
Progress = Callable[[str, int, int], None]


class StageFailed(ZhidaError):
    """The stage “{stage}” did not come out. {cause_en}"""

    zh = "阶段“{stage}”没有完成。{cause_zh}"


class RoundFailed(ZhidaError):
    """The dispatcher could not plan the round: {note}"""

    zh = "调度服务未能完成编排：{note}"


@dataclass
class Day:
    """One day of departure: the files of a season in `folder`, its figures as they come out."""

    office: Office
    folder: Path
    day: date
    progress: Progress = lambda _stage, _done, _total: None
    patience_s: float = 600
    seconds: Seconds = field(default_factory=dict)
    accepted: int = 0
    refused: int = 0
    round_id: str = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage under its name; an error of ours becomes StageFailed, which says that name."""
        begun = time.monotonic()
        try:
            yield
        except ZhidaError as error:
            words = {"cause_zh": error.message("zh"), "cause_en": error.message("en")}
            raise StageFailed(stage=name, **words) from error
        self.seconds[name] = round(time.monotonic() - begun, 2)

    def load_terms(self) -> None:
        """Fleet, tariffs, policy, enterprises and budgets: what must be known before anybody can travel."""
        operator = self.office.token(Role.OPERATOR, PROVINCE)
        for service, path, name in (
            ("dispatcher", "/api/fleet/file", "fleet.csv"),
            ("dispatcher", "/api/tariffs/file", "tariffs.yaml"),
            ("dispatcher", "/api/policies/file", "policy.yaml"),
            ("registry", "/api/enterprises/file", "enterprises.xlsx"),
        ):
            self._send(operator, service, path, self.folder / name)
        finance = self.office.token(Role.FINANCE, PROVINCE)
        self._send(finance, "dispatcher", "/api/budgets/file", self.folder / "budgets.csv")

    def upload_rosters(self) -> None:
        """Each bureau uploads its file; done when the dispatcher has everybody in a pool."""
        rosters = sorted((self.folder / "rosters").glob(f"*-{self.day:%Y%m%d}.xlsx"))
        for done, path in enumerate(rosters):
            county_code = path.name.split("-", 1)[0]
            bureau = self.office.token(Role.BUREAU, county_code)
            outcome = self._send(bureau, "registry", "/api/rosters", path)
            self.accepted += outcome["accepted"]
            self.refused += outcome["refused"]
            self.progress("rosters", done + 1, len(rosters))

    def await_pools(self) -> None:
        """Wait until the dispatcher knows everybody whom the registry accepted."""
        dispatcher = self.office.token(Role.DISPATCHER, PROVINCE)

        def waiting() -> int:
            pools = self.office.call(dispatcher, "dispatcher", "GET", "/api/pools")["pools"]
            return sum(pool["waiting"] for pool in pools)

        self._watch("pooled", waiting, self.accepted)

    def plan(self) -> None:
        """Ask for a round over the province and wait for its proposal."""
        dispatcher = self.office.token(Role.DISPATCHER, PROVINCE)
        body = {"day": self.day.isoformat(), "area": PROVINCE}
        try:
            row = self.office.call(dispatcher, "dispatcher", "POST", "/api/rounds", json=body)
        except Refused as refused:
            row = self._already(refused, {"requested", "planning", "proposed"})
        self.round_id = row["round_id"]

        def proposed() -> bool:
            found = self.office.call(dispatcher, "dispatcher", "GET", f"/api/rounds/{self.round_id}")
            if found["state"] == "failed":
                raise RoundFailed(note=found["note"])
            self.progress("planned", sum(pool["planned"] for pool in found["pools"]), len(found["pools"]))
            return bool(found["state"] == "proposed")

        self.office.await_true(proposed, "the round is proposed", self.patience_s)

    def approve(self) -> None:
        """Approve the round; its trips go out."""
        dispatcher = self.office.token(Role.DISPATCHER, PROVINCE)
        try:
            self.office.call(dispatcher, "dispatcher", "POST", f"/api/rounds/{self.round_id}/approve")
        except Refused as refused:
            self._already(refused, {"approved"})

    def await_notices(self) -> None:
        """Wait until the notifier knows every trip and has sent every notice."""
        self._watch("trips known", lambda: len(self.trips()), self._summary()["coaches"])
        operator = self.office.token(Role.OPERATOR, PROVINCE)

        def sent() -> bool:
            page = self.office.call(
                operator, "notifier", "GET", "/api/notices", params={"state": "pending", "limit": 1}
            )
            return not page["notices"]

        self.office.await_true(sent, "every notice is sent", self.patience_s)

    def sign_contracts(self) -> None:
        """Carriers record a contract for each of their trips: at the trip's price, signed and filed the day before."""
        dispatcher = self.office.token(Role.DISPATCHER, PROVINCE)
        params = {"day": self.day.isoformat(), "round_id": self.round_id}
        trips = self.office.call(dispatcher, "dispatcher", "GET", "/api/trips", params=params)["trips"]
        contracts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for number, trip in enumerate(trips):
            if trip["state"] == "approved":
                contracts[trip["carrier_id"]].append(self._contract(trip, number))
        for done, (carrier_id, theirs) in enumerate(sorted(contracts.items())):
            carrier = self.office.token(Role.CARRIER, "", carrier_id)
            self.office.call(carrier, "dispatcher", "POST", "/api/contracts", json={"contracts": theirs})
            self.progress("contracts", done + 1, len(contracts))

    def _contract(self, trip: dict[str, Any], number: int) -> dict[str, Any]:
        """The bureau of the county charters the coach; its plate is invented, and no other of the day's has it."""
        before = self.day - timedelta(days=1)
        first = self.day.toordinal() % DAYS_OF_PLATES * PLATES_A_DAY
        home = trip["county_code"][:4]
        return {
            "trip_id": trip["trip_id"],
            "contract_no": f"HT-{trip['trip_id']}",
            "charterer_id": trip["county_code"],
            "price_fen": trip["cost_fen"],
            "plate": f"贵{PLATE_LETTERS[home]}{first + number:05d}",
            "plate_prefecture_code": f"{home}00",
            "signed_on": before.isoformat(),
            "filed_at": datetime.combine(before, hour(12), SHANGHAI).isoformat(),
        }

    def ride(self) -> None:
        """Escorts mark who boarded and report the departure; enterprises confirm who arrived."""
        trips = self.trips()
        for done, trip in enumerate(trips):
            riders = self.riders(trip)
            self._board(trip, {rider["request_id"]: self._presence(rider) for rider in riders})
            for enterprise_id in sorted({rider["enterprise_id"] for rider in riders}):
                self._confirm(trip, enterprise_id)
            self.progress("trips", done + 1, len(trips))

    def await_settlement(self) -> None:
        """Wait until every trip is settled and every request has come to its end."""
        self._watch("settled", lambda: self._summary()["trips_by_state"].get("settled", 0), len(self.trips()))
        ends = (*CONFIRMED, "unserved")
        self._watch("requests at their end", lambda: self._count_requests(ends).total(), self.accepted)

    def request_counts(self) -> Counter[str]:
        """The registry's requests by status."""
        return self._count_requests(STATUSES)

    def _count_requests(self, statuses: Iterable[str]) -> Counter[str]:
        audit = self.office.token(Role.AUDIT, PROVINCE)

        def count(status: str) -> int:
            params = {"status": status, "size": 1}
            total: int = self.office.call(audit, "registry", "GET", "/api/requests", params=params)["total"]
            return total

        return Counter({status: count(status) for status in statuses})

    def notice_counts(self) -> Counter[str]:
        """The notifier's notices by channel and state."""
        operator = self.office.token(Role.OPERATOR, PROVINCE)
        counts: Counter[str] = Counter()
        for notice in self._pages(operator, "/api/notices", "notices", "before"):
            counts[f"{notice['medium']} {notice['state']}"] += 1
        return counts

    def summary(self) -> dict[str, Any]:
        """The dispatcher's figures of the day."""
        return self._summary()

    def _summary(self) -> dict[str, Any]:
        audit = self.office.token(Role.AUDIT, PROVINCE)
        found: dict[str, Any] = self.office.call(
            audit, "dispatcher", "GET", "/api/summary", params={"day": self.day.isoformat()}
        )
        return found

    def trips(self) -> list[dict[str, Any]]:
        """The day's trips as the notifier knows them."""
        audit = self.office.token(Role.AUDIT, PROVINCE)
        return list(self._pages(audit, "/api/trips", "trips", "after", day=self.day.isoformat()))

    def _pages(
        self, token: str, path: str, what: str, cursor: str, **params: str
    ) -> Iterator[dict[str, Any]]:
        following: str | None = None
        while True:
            asked = {**params, "limit": "500"} | ({cursor: following} if following else {})
            page = self.office.call(token, "notifier", "GET", path, params=asked)
            yield from page[what]
            following = page["next"]
            if following is None:
                return

    def _already(self, refused: Refused, states: set[str]) -> dict[str, Any]:
        """The day's round where a call that was sent twice had its effect the first time."""
        if refused.status != 409:
            raise refused
        dispatcher = self.office.token(Role.DISPATCHER, PROVINCE)
        params = {"day": self.day.isoformat()}
        rounds = self.office.call(dispatcher, "dispatcher", "GET", "/api/rounds", params=params)["rounds"]
        found = [row for row in rounds if row["state"] in states]
        if not found:
            raise refused
        first: dict[str, Any] = found[0]
        return first

    def _board(self, trip: dict[str, Any], presences: Mapping[str, str]) -> None:
        carrier = self.office.token(Role.CARRIER, "", trip["carrier_id"])
        marks = [
            {"request_id": request_id, "presence": presence, "at": trip["departs_at"]}
            for request_id, presence in presences.items()
        ]
        body = {"marks": marks, "departed_at": trip["departs_at"]}
        self.office.call(carrier, "notifier", "POST", f"/api/trips/{trip['trip_id']}/boarding", json=body)

    def _confirm(self, trip: dict[str, Any], enterprise_id: str) -> None:
        enterprise = self.office.token(Role.ENTERPRISE, "", enterprise_id)
        answers = [
            {"request_id": rider["request_id"], **self._answer(rider)}
            for rider in self._riders(trip, enterprise)
        ]
        path = f"/api/trips/{trip['trip_id']}/confirmations"
        self.office.call(enterprise, "notifier", "POST", path, json={"answers": answers})

    def _answer(self, rider: dict[str, Any]) -> dict[str, str]:
        if rider["presence"] == "no_show":
            return {"outcome": "no_show"}
        dice = random.Random(f"{rider['request_id']}/gate")  # noqa: S311 - a rehearsal
        outcome = dice.choices([o for o, _ in OUTCOMES], [w for _, w in OUTCOMES])[0]
        return {"outcome": outcome} | ({"reason": REASONS[outcome]} if outcome in REASONS else {})

    def _presence(self, rider: dict[str, Any]) -> str:
        dice = random.Random(f"{rider['request_id']}/door")  # noqa: S311 - a rehearsal
        return "no_show" if dice.random() < NO_SHOW_AT_BOARDING else "boarded"

    def riders(self, trip: dict[str, Any]) -> list[dict[str, Any]]:
        """Who rides a trip, as its carrier sees it: request ids."""
        return self._riders(trip, self.office.token(Role.CARRIER, "", trip["carrier_id"]))

    def _riders(self, trip: dict[str, Any], token: str) -> list[dict[str, Any]]:
        found = self.office.call(token, "notifier", "GET", f"/api/trips/{trip['trip_id']}/riders")
        riders: list[dict[str, Any]] = found["riders"]
        return riders

    def _watch(self, what: str, count: Callable[[], int], wanted: int) -> None:
        def reached() -> bool:
            now = count()
            self.progress(what, now, wanted)
            return now >= wanted

        self.office.await_true(reached, f"{what}: {wanted}", self.patience_s)

    def _send(self, token: str, service: str, path: str, file: Path) -> Any:
        return self.office.call(token, service, "POST", path, files={"file": (file.name, file.read_bytes())})


def live(day: Day, night: Callable[[], None]) -> None:
    """The whole day, stage by stage; `night` falls when everybody has been told, and after it all have arrived."""
    with day.stage("terms loaded"):
        day.load_terms()
    with day.stage("rosters to pools"):
        day.upload_rosters()
        day.await_pools()
    with day.stage("planned"):
        day.plan()
    with day.stage("approved and told"):
        day.approve()
        day.await_notices()
    with day.stage("contracts signed"):
        day.sign_contracts()
    night()
    with day.stage("ridden and confirmed"):
        day.ride()
    with day.stage("settled"):
        day.await_settlement()
