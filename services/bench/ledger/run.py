"""Writes a season's books into a PostgreSQL of its own, audits them, and changes them in four ways to see each one found."""

import hashlib
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from services.bench.fresh import fresh_database
from services.bench.ledger.season import SEASON, write_season
from services.bench.machine import describe_machine, print_machine
from services.dispatcher.money.books.findings import Code
from services.ledger.audit import Audited, audit_season
from shared.database import Database

NAME = "dispatcher"
HOW = (
    "The books of the first 1,500 trips are written by the dispatcher's own use cases, a hundred trips a transaction, and those of the "
    "others are copies that the database seals one by one: budgets, approvals, contracts below the "
    "tariff, arrivals with 2 % who did not come and 1 % in dispute, and one word in ten trips that changes afterwards. The audit reads "
    "them through one cursor on one core. The reference copies out the same vouchers, transfers, seals and riders, and hashes those bytes."
)
_COPIED = (
    "COPY (SELECT * FROM voucher WHERE season = %s) TO STDOUT",
    "COPY (SELECT * FROM transfer WHERE season = %s) TO STDOUT",
    "COPY (SELECT * FROM seal WHERE season = %s) TO STDOUT",
    "COPY (SELECT r.* FROM rider r JOIN trip t USING (trip_id) WHERE t.season = %s) TO STDOUT",
)
_ONE = """
    SELECT id FROM transfer
    WHERE voucher_id = (SELECT voucher_id FROM seal WHERE season = :season AND position = :place)
    ORDER BY position LIMIT 1
"""
_SWAP = (
    "UPDATE seal SET position = -position WHERE season = :season AND position IN (:place, :place + 1)",
    "UPDATE seal SET position = 2 * :place + 1 + position WHERE position < 0",
)


@dataclass(frozen=True)
class Change:
    """What is done to the books with their triggers off, how it is undone, and what the audit must say of it."""

    name: str
    do: tuple[str, ...]
    undo: tuple[str, ...]
    code: Code


CHANGES = (
    Change(
        "a changed amount 金额被改",
        ("UPDATE transfer SET amount_fen = amount_fen + 1 WHERE id = :one",),
        ("UPDATE transfer SET amount_fen = amount_fen - 1 WHERE id = :one",),
        Code.AMOUNT,
    ),
    Change(
        "a dropped transfer 分录被删",
        (
            "CREATE TABLE kept AS SELECT * FROM transfer WHERE id = :one",
            "DELETE FROM transfer WHERE id = :one",
        ),
        ("INSERT INTO transfer SELECT * FROM kept", "DROP TABLE kept"),
        Code.DIGEST,
    ),
    Change("a reordered pair 页序对调", _SWAP, _SWAP, Code.DIGEST),
    Change(
        "a policy edited in place 政策原地修改",
        ("UPDATE policy SET body = jsonb_set(body, '{cap_vehicle_fen}', '1000001')",),
        ("UPDATE policy SET body = jsonb_set(body, '{cap_vehicle_fen}', '1000000')",),
        Code.POLICY,
    ),
)


@dataclass(frozen=True)
class Tampered:
    """An audit after a change: its seconds, its findings, and the first of them that names the change; none: it was missed."""

    name: str
    seconds: float
    findings: int
    first: str | None


@dataclass
class LedgerFigures:
    """What a season's books are, what their audit took, and what it found of what was changed."""

    machine: dict[str, str]
    write_s: float
    trips: int
    vouchers: int
    transfers: int
    seconds: float
    processor_s: float
    memory_mib: int
    head: str
    findings: int
    copied_bytes: int
    copy_s: float
    hash_s: float
    tampered: list[Tampered] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What should not be: findings in books that nobody touched, and a change that was missed."""
        missed = [f"not found 未查出: {one.name}" for one in self.tampered if one.first is None]
        return missed + ([f"{self.findings} findings before any change 项误报"] if self.findings else [])

    def as_json(self) -> dict[str, Any]:
        """All of it, and transfers a second."""
        return asdict(self) | {"transfers_per_s": self.transfers / self.seconds, "wrong": self.wrong}


def measure_ledger(
    trips: int, seed: int = 1, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> LedgerFigures:
    """Write the books of so many trips, audit them, and audit them again after each change."""
    with fresh_database(NAME) as database:
        begun = time.perf_counter()
        write_season(database, trips, seed, tell)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        write_s = time.perf_counter() - begun
        copied_bytes, copy_s, hash_s = _measure_reference(database)
        begun_cpu = time.process_time()
        audited = audit_season(database, SEASON)
        processor_s = time.process_time() - begun_cpu
        return LedgerFigures(
            machine=describe_machine(),
            write_s=write_s,
            trips=audited.trips,
            vouchers=audited.vouchers,
            transfers=audited.transfers,
            seconds=audited.seconds,
            processor_s=processor_s,
            memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            head=audited.head,
            findings=len(audited.findings),
            copied_bytes=copied_bytes,
            copy_s=copy_s,
            hash_s=hash_s,
            tampered=[_try(database, change, audited.vouchers // 2) for change in CHANGES],
        )


def _measure_reference(database: Database) -> tuple[int, float, float]:
    """Bytes of the rows that an audit must read, the seconds to copy them out, and those to hash them."""
    digest, size, hash_s = hashlib.sha256(), 0, 0.0
    begun = time.perf_counter()
    with database.session() as session:
        driver = session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        for query in _COPIED:
            with driver.cursor() as cursor, cursor.copy(query, (SEASON,)) as copy:
                for part in copy:
                    size += len(part)
                    hashing = time.perf_counter()
                    digest.update(part)
                    hash_s += time.perf_counter() - hashing
    return size, time.perf_counter() - begun - hash_s, hash_s


def _try(database: Database, change: Change, place: int) -> Tampered:
    with database.session() as session:
        one = session.connection().execute(text(_ONE), {"season": SEASON, "place": place}).scalar_one()
    bound = {"season": SEASON, "place": place, "one": one}
    _write(database, change.do, bound)
    audited = audit_season(database, SEASON)
    _write(database, change.undo, bound)
    return Tampered(change.name, audited.seconds, len(audited.findings), _named(audited, change, place))


def _named(audited: Audited, change: Change, place: int) -> str | None:
    """The finding that names the change: by its code, and by its page where it is of one."""
    for finding in audited.findings:
        if finding.code is change.code and (finding.place == place or change.code is Code.POLICY):
            return f"{finding.message('zh')} {finding.message('en')}"
    return None


def _write(database: Database, statements: tuple[str, ...], bound: dict[str, Any]) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement), bound)


def print_ledger(figures: LedgerFigures, console: Console) -> None:
    """The audit beside its reference, and a line for each change."""
    print_machine(figures.machine, console)
    console.print(_whole(figures), _changes(figures), HOW)
    console.print(f"head 链头: {figures.head}", highlight=False, soft_wrap=True)
    if figures.wrong:
        console.print(*figures.wrong, sep="\n", style="red")


def _whole(figures: LedgerFigures) -> Table:
    table = Table(title="The audit of a season's books 一季账册审计", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rows = {
        "trips 车次": f"{figures.trips:,}",
        "vouchers 凭证": f"{figures.vouchers:,}",
        "transfers 分录": f"{figures.transfers:,}",
        "written in, seconds 记账（秒）": f"{figures.write_s:,.0f}",
        "audited in, seconds 审计（秒）": f"{figures.seconds:.1f}",
        "of which this process's processor 其中本进程处理器（秒）": f"{figures.processor_s:.1f}",
        "transfers a second 分录/秒": f"{figures.transfers / figures.seconds:,.0f}",
        "findings 问题": f"{figures.findings:,}",
        "reference: bytes copied out 对照：读出字节": f"{figures.copied_bytes:,}",
        "reference: COPY, seconds 对照：读出（秒）": f"{figures.copy_s:.1f}",
        "reference: SHA-256, seconds 对照：摘要（秒）": f"{figures.hash_s:.2f}",
        "audit over reference 审计与对照之比": f"{figures.seconds / (figures.copy_s + figures.hash_s):.1f}",
        "memory of the process, MiB 进程内存": f"{figures.memory_mib:,}",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _changes(figures: LedgerFigures) -> Table:
    table = Table(title="What is changed, and what the audit says 改动与审计结论")
    for heading in ("change 改动", "seconds\n秒", "findings\n问题", "the one that names it 指出该改动的一项"):
        table.add_column(heading, justify="right" if "\n" in heading else "left", overflow="fold")
    for one in figures.tampered:
        table.add_row(one.name, f"{one.seconds:.1f}", f"{one.findings:,}", one.first or "not found 未查出")
    return table
