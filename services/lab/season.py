"""Reads a season as `zhida sample` writes it and bureaus send it: rosters, enterprises, fleet, tariffs and policy; plans nobody.

The files are read and checked by the services' own readers; no name, ID or phone outlives the reading of its file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from services.dispatcher.domain.pool import Pool
from services.dispatcher.intake.terms import read_fleet, read_policies, read_tariffs
from services.dispatcher.lab.terms import Terms
from services.dispatcher.money.rules.dated import find_each_in_force, find_in_force
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store.tables import FleetRow, GateRow
from services.registry.domain import places
from services.registry.domain.identity import tidy
from services.registry.domain.row import (
    Candidate,
    Faults,
    Row,
    check_row,
    check_together,
    spread_over_parties,
)
from services.registry.domain.season import read_date
from services.registry.intake.enterprises import GivenEnterprise, read_enterprises
from services.registry.intake.roster import read_roster
from services.registry.usecases.county import stops_of
from shared.kernel.errors import InvalidInput, NotFound
from shared.reference import find_county, find_destination


class NoSeason(NotFound):
    """{folder} has no {missing}. Name a folder as `zhida sample` writes it."""

    zh = "{folder} 中没有 {missing}。请指定 `zhida sample` 生成的文件夹。"


class RosterOfNoCounty(InvalidInput):
    """The name of {file} does not begin with the code of a county. Call it 522732-….xlsx."""

    zh = "{file} 的文件名不以县级代码开头。请命名为 522732-….xlsx。"


class NobodyLeaves(NotFound):
    """Nobody may leave from {day} on. Choose one of: {days}."""

    zh = "没有人从 {day} 起出发。可选日期：{days}。"


class NothingInForce(InvalidInput):
    """No policy, or no tariff, is in force on {day}. Give policy.yaml and tariffs.yaml one that is."""

    zh = "{day} 没有生效的政策或价目。请在 policy.yaml 和 tariffs.yaml 中补充。"


@dataclass(frozen=True, slots=True)
class Request:
    """One worker's journey, as the forming of pools reads it, and what money asks of it."""

    request_id: str
    party_id: str
    party_size: int
    stop_code: str
    enterprise_id: str
    gate_id: str
    pool_id: str
    earliest: date
    latest: date
    category: str
    organising_mode: str


@dataclass(frozen=True)
class Season:
    """All that a season's folder says. `refused`: rows of rosters that the registry would send back."""

    requests: Mapping[date, Sequence[Request]]
    """By the first day on which they may leave; on it they are planned."""
    gates: Mapping[str, GateRow]
    enterprises: Mapping[str, str]
    """Id -> name."""
    fleet: Mapping[str, Sequence[FleetRow]]
    """Home prefecture -> its coaches."""
    tariffs: Sequence[Tariff]
    policies: Sequence[Policy]
    refused: int

    def only(self, day: date) -> "Season":
        """One day of it. Raises NobodyLeaves."""
        if day not in self.requests:
            raise NobodyLeaves(day=day, days=", ".join(map(str, self.requests)) or "-")
        return replace(self, requests={day: self.requests[day]})

    def terms(self, day: date, objective: str) -> Terms:
        """What holds on the day. Raises NothingInForce."""
        tariffs = find_each_in_force(self.tariffs, lambda tariff: tariff.coach_type, day)
        policy = find_in_force(self.policies, day)
        if policy is None or not tariffs:
            raise NothingInForce(day=day)
        return Terms(policy, tariffs, objective)


def read_season(folder: Path) -> Season:
    """The season of a folder. Raises NoSeason, RosterOfNoCounty and what the readers raise."""
    given = read_enterprises(_bytes(folder, "enterprises.xlsx"), "enterprises.xlsx")
    fleet: dict[str, list[FleetRow]] = defaultdict(list)
    for line in read_fleet(_bytes(folder, "fleet.csv")):
        fleet[line.home_prefecture_code].append(FleetRow(**line.model_dump()))
    gates = {gate.gate_id: gate for one in given for gate in _gates(one)}
    policies = read_policies(_bytes(folder, "policy.yaml"))
    judge = _Registry(given, min(policy.valid_from for policy in policies))
    requests: dict[date, list[Request]] = defaultdict(list)
    refused = 0
    rosters = sorted((folder / "rosters").glob("*.*"))
    if not rosters:
        raise NoSeason(folder=str(folder), missing="rosters/*.xlsx")
    for path in rosters:
        rows = read_roster(path.read_bytes(), path.name)
        county = find_county(path.name[:6])
        if county is None:
            raise RosterOfNoCounty(file=path.name)
        good = judge.accept(rows, county.code)
        refused += len(rows) - len(good)
        for request in _requests(path.stem, county.code, good, gates):
            requests[request.earliest].append(request)
    return Season(
        requests=dict(sorted(requests.items())),
        gates=gates,
        enterprises={one.enterprise_id: one.name for one in given},
        fleet=fleet,
        tariffs=read_tariffs(_bytes(folder, "tariffs.yaml")),
        policies=policies,
        refused=refused,
    )


def _bytes(folder: Path, name: str) -> bytes:
    path = folder / name
    if not path.is_file():
        raise NoSeason(folder=str(folder), missing=name)
    return path.read_bytes()


def _gate_id(enterprise: GivenEnterprise, name: str) -> str:
    return f"{enterprise.enterprise_id}-{tidy(name)}"


def _gates(one: GivenEnterprise) -> Iterator[GateRow]:
    """The enterprise's gates in towns that are known; at another nobody is set down."""
    for gate in one.gates:
        town = find_destination(gate.town_code)
        if town is not None:
            yield GateRow(
                gate_id=_gate_id(one, gate.name),
                enterprise_id=one.enterprise_id,
                name=gate.name,
                town_code=gate.town_code,
                prefecture_code=getattr(town, "prefecture_code", town.code),
                lon=float(gate.lon),
                lat=float(gate.lat),
            )


class _Registry:
    """Accepts rows as the registry does, by its rules: whole families, each person once a season.

    `near`: a day of the season, for dates without a year.
    """

    def __init__(self, given: Sequence[GivenEnterprise], near: date) -> None:
        self._near, self._seen = near, set[str]()
        self._enterprises = places.Enterprises(
            places.Enterprise(
                one.enterprise_id,
                one.name,
                tuple(places.Gate(gate.gate_id, gate.name) for gate in _gates(one)),
            )
            for one in given
        )

    def accept(self, rows: Sequence[Row], county_code: str) -> list[Candidate]:
        """The rows of a county's roster that become requests."""
        stops = stops_of(county_code)
        faults: Faults = {}
        good: list[Candidate] = []
        for row in rows:
            checked = check_row(row, stops, self._enterprises, self._first_day(row))
            if isinstance(checked, Candidate) and checked.resident_id not in self._seen:
                good.append(checked)
            else:
                faults[row.number] = []
        faults |= check_together(good)
        labels = {row.number: str(row.values.get("party", "")) for row in rows}
        refused = spread_over_parties(faults, labels)
        accepted = [one for one in good if one.row not in refused]
        self._seen.update(one.resident_id for one in accepted)
        return accepted

    def _first_day(self, row: Row) -> date:
        """A roster is judged as on the first day on which the worker may leave, not on the day on which the lab is asked."""
        found = read_date("earliest", row.values.get("earliest", ""), self._near)
        return found if isinstance(found, date) else self._near


def _requests(
    roster: str, county_code: str, good: Sequence[Candidate], gates: Mapping[str, GateRow]
) -> Iterator[Request]:
    sizes = Counter(one.party_label for one in good)
    for one in good:
        request_id = f"{roster}-{one.row:05d}"
        label = one.party_label
        yield Request(
            request_id=request_id,
            party_id=f"{roster}-{label}" if label else request_id,
            party_size=sizes[label] if label else 1,
            stop_code=one.stop_code,
            enterprise_id=one.enterprise_id,
            gate_id=one.gate_id,
            pool_id=Pool(county_code, gates[one.gate_id].prefecture_code).id,
            earliest=one.window.earliest,
            latest=one.window.latest,
            category=one.category.value,
            organising_mode=one.organising_mode.value,
        )
