"""Knows how a batch becomes the rows of a roster: stops, gates, families, windows, categories; not the file.

Assumed, within what is published: some thirty workers a township (487 from 17 in Zhushan, 1,085 from 29 in
Nayong), one to three gates a batch, a fifth of the workers in families, nearly half poor or relocated.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from services.sample.enterprises import Directory, Enterprise, Gate
from services.sample.people import Crowd, Person
from services.sample.season import Batch
from shared import reference
from shared.reference import Stop
from shared.roster import CATEGORY_WORDS, ORGANISING_MODE_WORDS, Category, OrganisingMode

WORKERS_A_STOP = 30

CATEGORY_WEIGHTS = {
    Category.ORDINARY: 55,
    Category.REGISTERED_POOR: 30,
    Category.RELOCATED: 7,
    Category.MARGINAL_RISK: 3,
    Category.UNSTABLE: 2,
    Category.SUDDEN_DIFFICULTY: 1,
    Category.LOW_INCOME: 2,
}
MODE_WEIGHTS = {
    OrganisingMode.GOV_PURCHASE: 35,
    OrganisingMode.GOV_PART_SUBSIDY: 40,
    OrganisingMode.DEST_AREA_ORGANISED: 10,
    OrganisingMode.ENTERPRISE_ORGANISED: 15,
}
PARTY_WEIGHTS = {1: 890, 2: 80, 3: 22, 4: 8}
"""Parties by size: 20 % of the workers travel in parties of two to four."""

WINDOW_DAYS_WEIGHTS = {1: 45, 2: 35, 3: 20}

T = TypeVar("T")

_CATEGORY_WORD = {code: word for word, code in CATEGORY_WORDS.items()}
_MODE_WORD = {code: word for word, code in ORGANISING_MODE_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a roster, its fields in the order of `shared.roster.COLUMNS`."""

    name: str
    resident_id: str
    phone: str
    stop: str
    enterprise: str
    gate: str
    earliest: date
    latest: date
    party: str
    category: str
    organising_mode: str


def _pick(rng: random.Random, weights: dict[T, int]) -> T:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


@dataclass(frozen=True, slots=True)
class Party:
    """Who travels together, one person or a family, before anybody in it has a name. `label` is empty for one person."""

    batch: Batch
    size: int
    label: str
    stop: Stop
    enterprise: Enterprise
    gate: Gate
    latest: date
    category: Category
    mode: OrganisingMode


class Roll:
    """Turns batches into rows; family labels are unique within a county's day."""

    def __init__(self, rng: random.Random, crowd: Crowd, directory: Directory) -> None:
        self._rng = rng
        self._crowd = crowd
        self._directory = directory

    def rows(self, batches: list[Batch]) -> Iterator[Row]:
        """The rows of one county's day, batch by batch, party by party."""
        for party in self.parties(batches):
            for person in self._family(party.size):
                yield Row(
                    person.name,
                    person.resident_id,
                    person.phone,
                    party.stop.name,
                    party.enterprise.name,
                    party.gate.name,
                    party.batch.day,
                    party.latest,
                    party.label,
                    _CATEGORY_WORD[party.category],
                    _MODE_WORD[party.mode],
                )

    def parties(self, batches: list[Batch]) -> Iterator[Party]:
        """The parties of one county's day, for whoever needs nobody's name."""
        families = 0
        for batch in batches:
            stops, gates = self._stops(batch), self._gates(batch)
            mode = _pick(self._rng, MODE_WEIGHTS)
            left = batch.workers
            while left:
                size = min(left, _pick(self._rng, PARTY_WEIGHTS))
                families += size > 1
                label = f"J{families:03d}" if size > 1 else ""
                stop = self._rng.choices(list(stops), weights=list(stops.values()))[0]
                enterprise, gate = self._rng.choices(list(gates), weights=list(gates.values()))[0]
                latest = batch.day + timedelta(days=_pick(self._rng, WINDOW_DAYS_WEIGHTS) - 1)
                category = Category.RELOCATED if stop.kind == "site" else _pick(self._rng, CATEGORY_WEIGHTS)
                yield Party(batch, size, label, stop, enterprise, gate, latest, category, mode)
                left -= size

    def _family(self, size: int) -> Iterator[Person]:
        """A couple of two surnames, children and brothers with the first one's."""
        surname = self._crowd.surname()
        for member in range(size):
            yield self._crowd.invent(None if member == 1 else surname)

    def _stops(self, batch: Batch) -> dict[Stop, float]:
        """The batch's stops with weights: townships by their villages, now and then a resettlement site."""
        townships = [s for s in reference.list_townships(batch.county.code) if s.villages]
        count = min(
            len(townships), max(1, round(batch.workers / WORKERS_A_STOP + self._rng.uniform(-0.6, 0.9)))
        )
        keyed = sorted((self._rng.expovariate(s.villages), s.code, s) for s in townships)
        stops = {s: float(s.villages) for _, _, s in keyed[:count]}
        sites = reference.list_sites(batch.county.code)
        if sites and self._rng.random() < 0.5:
            stops[self._rng.choice(sites)] = max(stops.values())
        return stops

    def _gates(self, batch: Batch) -> dict[tuple[Enterprise, Gate], float]:
        """The batch's gates with weights: one to three enterprises near each other, more for a great batch."""
        most = 3 if batch.workers < 300 else 5
        count = min(most, 1 + int(self._rng.expovariate(60 / batch.workers)))
        enterprises = self._directory.pick(batch.prefecture.code, count)
        return {(e, self._rng.choice(e.gates)): 1 / (rank + 1) for rank, e in enumerate(enterprises)}
