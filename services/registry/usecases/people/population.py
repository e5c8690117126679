"""Takes a register of people in: the file is kept sealed, and dealt with in chunks, each with its progress in one transaction.

A worker that is killed goes on where the last chunk ended. The same bytes for the same area are the same import.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from io import BytesIO
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import tidy
from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from services.registry.domain.people.register import Entry
from services.registry.domain.row import Row
from services.registry.intake.stream import Table, open_table, read_table
from services.registry.store.population import (
    find_population,
    finish,
    hold_import,
    insert_outcomes,
    insert_population,
    insert_refused,
    list_fallen,
    list_refused_rows,
    lock_population,
    population_of,
)
from services.registry.store.tables import PopulationRefusedRow, PopulationRow
from services.registry.usecases.county import area_of
from services.registry.usecases.households.fallen import settle
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.ahead import Checked, Seen, read_ahead
from services.registry.usecases.people.places import places_of
from services.registry.usecases.people.register import Outcome, Registered, Source, register
from services.registry.usecases.people.sealed_file import FileGone, keep_file, open_file, pieces_of
from services.registry.usecases.refused_row import open_row, seal_row
from shared.kernel.clock import local_date
from shared.kernel.errors import Unavailable, ZhidaError
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Principal, Role, Vault

log = logging.getLogger(__name__)
CHUNK_ROWS = 5000
_SETTLED_AT_ONCE = 500
_NAME_MAX = 120


def import_population(
    parts: Parts,
    principal: Principal,
    content: bytes | Path | BinaryIO,
    *,
    file: str,
    area_code: str | None = None,
    cause: Cause,
) -> tuple[PopulationRow, bool]:
    """Receive a register and deal with all of it; the import as it then is, and whether these bytes were new.

    Raises what `receive_population` raises.
    """
    row, is_new = receive_population(parts, principal, content, file=file, area_code=area_code, cause=cause)
    return run_population(parts, row.id), is_new


def receive_population(
    parts: Parts,
    principal: Principal,
    content: bytes | Path | BinaryIO,
    *,
    file: str,
    area_code: str | None = None,
    cause: Cause,
) -> tuple[PopulationRow, bool]:
    """Look a register through and keep it sealed, for a worker to deal with.

    Raises the errors of `intake.errors` before anything is written, AreaNotYours, AreaNotNamed.
    """
    if isinstance(content, Path):
        with content.open("rb") as opened:
            return receive_population(parts, principal, opened, file=file, area_code=area_code, cause=cause)
    stream = BytesIO(content) if isinstance(content, bytes) else content
    area = area_of(principal, area_code)
    name = PurePosixPath(tidy(file).replace("\\", "/")).name[:_NAME_MAX] or "register"
    sha256 = _digest(stream)
    with parts.database.session() as session:
        if (known := find_population(session, area, sha256)) is not None:
            return known, False
    table = open_table(stream, name, POPULATION_TITLE, POPULATION_COLUMNS)
    population_id, key = new_id(), parts.vault.new_person_key()
    row = PopulationRow(
        id=population_id,
        area_code=area,
        sha256=sha256,
        kind=table.kind,
        file_name_sealed=parts.vault.seal(key, name, _name_context(population_id)),
        layout_sealed=parts.vault.seal(key, json.dumps(asdict(table)), _layout_context(population_id)),
        wrapped_key=key,
        size=stream.seek(0, 2),
        rows=table.rows,
        done=table.first_row,
        loaded_by=principal.subject,
        loaded_at=parts.clock.now(),
    )
    with parts.database.session() as session:
        if not insert_population(session, row):
            first = find_population(session, area, sha256)
            if first is None:
                raise RuntimeError("a register that was in the way is gone")
            return first, False
        keep_file(session, population_id, stream, parts.vault.seal_of(key))
    log.info(
        "register received",
        extra={"subject": principal.subject, "population_id": row.id, "area_code": area, "rows": row.rows}
        | {"correlation_id": cause.correlation_id},
    )
    return row, True


def run_population(
    parts: Parts, population_id: str, *, chunk_rows: int = CHUNK_ROWS, stop: threading.Event | None = None
) -> PopulationRow:
    """Deal with what is left of an import, until `stop`; done already, or in another worker's hands, it is left as it is.

    A file that cannot be read to its end after all stays as far as it came, and says why.
    """
    with hold_import(parts.database, population_id) as is_mine:
        row = _find(parts, population_id)
        if not is_mine or row.finished_at is not None or row.wrapped_key is None:
            return row
        try:
            _run(parts, row, row.wrapped_key, chunk_rows, stop or threading.Event())
        except FileGone:
            log.info("another worker finished the register", extra={"population_id": population_id})
        return _find(parts, population_id)


def _find(parts: Parts, population_id: str) -> PopulationRow:
    with parts.database.session() as session:
        return population_of(session, population_id)


def _run(parts: Parts, row: PopulationRow, key: bytes, chunk_rows: int, stop: threading.Event) -> None:
    source = Source(row.id, row.area_code, row.loaded_by)
    failure = None
    try:
        if not _read(parts, row, source, key, chunk_rows, stop):
            return
    except Unavailable:
        raise
    except ZhidaError as error:
        failure = type(error).__name__
    _close(parts, source, failure)


def _read(
    parts: Parts, row: PopulationRow, source: Source, key: bytes, chunk_rows: int, stop: threading.Event
) -> bool:
    """Deal with the rows that are left; whether to the end."""
    seal = parts.vault.seal_of(key)
    name = seal.open(row.file_name_sealed, _name_context(row.id))
    table = Table(**json.loads(seal.open(row.layout_sealed, _layout_context(row.id))))
    with closing(open_file(parts.database, row.id, row.size, seal)) as content:
        with parts.database.session() as session:
            places = places_of(session, row.area_code)
            refused = list_refused_rows(session, row.id)
        with closing(read_table(content, name, table)) as rows:
            seen = Seen()
            left = chain(seen.pass_over(rows, row.done, refused), rows)
            return _deal_with_all(
                parts, source, read_ahead(left, places, parts.clock, chunk_rows), seen, row.done, stop
            )


def _deal_with_all(
    parts: Parts,
    source: Source,
    chunks: Generator[list[Checked], None, None],
    seen: Seen,
    done: int,
    stop: threading.Event,
) -> bool:
    with closing(chunks):
        for chunk in chunks:
            if stop.is_set() or not _deal_with(parts, source, chunk, seen, done):
                return False
            done = chunk[-1][0].number
    return True


def _deal_with(parts: Parts, source: Source, chunk: Sequence[Checked], seen: Seen, done: int) -> bool:
    """One chunk and its progress in one transaction; False where another worker has dealt with it."""
    now = parts.clock.now()
    good: list[Entry] = []
    refused: dict[int, tuple[Fault, ...]] = {}
    for row, checked in chunk:
        if not isinstance(checked, Entry):
            refused[row.number] = checked
        elif (earlier := seen.first_row(checked)) != checked.row:
            refused[row.number] = (fault("resident_id", "duplicate-row", row=earlier),)
        else:
            good.append(checked)
    with parts.database.session() as session:
        population = lock_population(session, source.population_id)
        if population is None or population.finished_at is not None or population.done != done:
            return False
        registered = register(session, parts.vault, good, source, at=now)
        for entry in good:
            if entry.row in registered.refused:
                seen.forget(entry)
        _note(session, parts.vault, population, [row for row, _ in chunk], registered, refused)
    return True


def _note(
    session: Session,
    vault: Vault,
    population: PopulationRow,
    chunk: Sequence[Row],
    registered: Registered,
    refused: Mapping[int, tuple[Fault, ...]],
) -> None:
    told = dict(refused) | registered.refused
    insert_outcomes(session, population.id, registered.accepted)
    insert_refused(
        session,
        (_seal(population.id, row, told[row.number], vault) for row in chunk if row.number in told),
    )
    outcomes = [outcome for outcome, _ in registered.accepted.values()]
    population.fresh += outcomes.count(Outcome.NEW)
    population.changed += outcomes.count(Outcome.CHANGED)
    population.unchanged += outcomes.count(Outcome.UNCHANGED)
    population.refused += len(told)
    population.done = chunk[-1].number
    session.add(population)


def _close(parts: Parts, source: Source, failure: str | None) -> None:
    """What the register did to households, all of it or as much as could be read, is told once that is known; then it is
    done. Both may be done again.
    """
    now = parts.clock.now()
    with parts.database.session() as session:
        touched = list_fallen(session, source.population_id)
    for start in range(0, len(touched), _SETTLED_AT_ONCE):
        with parts.database.session() as session:
            settle(session, touched[start : start + _SETTLED_AT_ONCE], local_date(now), source.name)
    with parts.database.session() as session:
        population = lock_population(session, source.population_id)
        if population is None or population.finished_at is not None:
            return
        population.done = population.done if failure else population.rows
        finish(session, population, now, failure)
    told = {"population_id": population.id, "rows": population.rows}
    if failure:
        log.warning("register failed", extra=told | {"failure": failure})
    else:
        log.info("register done", extra=told)


def name_for(principal: Principal, row: PopulationRow, vault: Vault) -> str | None:
    """What the office called its file, which may name somebody: for offices of the area alone; None once that is erased."""
    if row.wrapped_key is None or not principal.has(Role.BUREAU):
        return None
    return vault.open(row.wrapped_key, row.file_name_sealed, _name_context(row.id))


def _seal(population_id: str, row: Row, faults: Sequence[Fault], vault: Vault) -> PopulationRefusedRow:
    sealed = seal_row(row, faults, vault, _row_context(population_id, row.number))
    return PopulationRefusedRow(population_id=population_id, **sealed)


def open_refused(
    rows: Sequence[PopulationRefusedRow], vault: Vault
) -> Iterator[tuple[int, Mapping[str, str], tuple[Fault, ...]]]:
    """Row number, cells as text and faults of each refused row that is not erased."""
    for one in rows:
        if one.wrapped_key is None:
            continue
        yield one.row, *open_row(one.wrapped_key, one.sealed, vault, _row_context(one.population_id, one.row))


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(stream):
        digest.update(piece)
    return digest.hexdigest()


def _name_context(population_id: str) -> str:
    return f"population/{population_id}/file_name"


def _layout_context(population_id: str) -> str:
    return f"population/{population_id}/layout"


def _row_context(population_id: str, row: int) -> str:
    return f"population/{population_id}/{row}"
