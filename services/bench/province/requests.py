"""Makes a job's requests as the dispatcher holds them: without a person; in memory only for as long as the job is planned."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from services.bench.province.season import Job
from services.dispatcher.domain.pool import Pool
from services.dispatcher.store.tables import GateRow
from services.sample.enterprises import Directory
from services.sample.people import Crowd
from services.sample.roll import Party, Roll


@dataclass(frozen=True, slots=True)
class Request:
    """What the forming of pools reads of a `DemandRow`, at a fortieth of what a table's row costs to make."""

    request_id: str
    party_id: str
    party_size: int
    stop_code: str
    gate_id: str
    pool_id: str
    category: str
    latest: date


def make_requests(job: Job) -> tuple[list[Request], dict[str, GateRow]]:
    """The job's requests and the gates that they name; the same job, the same requests."""
    rng = random.Random(f"zhida {job.seed} {job.name}")  # noqa: S311 - invention, not cryptography
    roll = Roll(rng, Crowd(rng, job.day), Directory(rng))
    requests: list[Request] = []
    gates: dict[str, GateRow] = {}
    for county_code, batches in groupby(job.batches, key=lambda batch: batch.county.code):
        parties = roll.parties(list(batches))
        for number, party in enumerate(parties):
            requests += _of(party, f"{county_code}-{number:05d}", gates)
    return requests, gates


def _of(party: Party, party_id: str, gates: dict[str, GateRow]) -> Sequence[Request]:
    """One request a head."""
    gate, enterprise, batch = party.gate, party.enterprise, party.batch
    gate_id = f"{enterprise.uscc}-{gate.name}"
    if gate_id not in gates:
        gates[gate_id] = GateRow(
            gate_id=gate_id,
            enterprise_id=enterprise.uscc,
            name=gate.name,
            town_code=enterprise.place.code,
            prefecture_code=batch.prefecture.code,
            lon=gate.lon,
            lat=gate.lat,
        )
    pool_id = Pool(batch.county.code, batch.prefecture.code).id
    return [
        Request(
            f"{party_id}-{member}",
            party_id,
            party.size,
            party.stop.code,
            gate_id,
            pool_id,
            party.category,
            party.latest,
        )
        for member in range(party.size)
    ]
