"""`zhida ledger audit`: the books of a dispatcher's database, worked out again and told on the terminal."""

import re
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from services.dispatcher.money.books.audit import Audit
from services.dispatcher.money.books.findings import Finding, ToRecover
from services.dispatcher.store import audit as store
from shared.database import Database, snapshot
from shared.kernel.errors import InvalidInput, NotFound
from shared.kernel.money import yuan

SHOWN = 20


class NoSuchBook(NotFound):
    """There is no book of season {season}. There are: {seasons}."""

    zh = "没有 {season} 季的账册。现有：{seasons}。"


class HeadUnclear(InvalidInput):
    """--head is {given}, which is no head of a book. Write its place and its digest as the audit printed them:
    1234:5f2c..., with all 64 digits, and the --season that it is of."""

    zh = "--head 为 {given}，不是账册链头。请按审计输出的“页号:摘要”填写（摘要共 64 位），并用 --season 指定季。"


@dataclass(frozen=True)
class Audited:
    """What the audit of one season read and found."""

    season: str
    vouchers: int
    transfers: int
    trips: int
    seconds: float
    head: str
    findings: list[Finding]
    to_recover: list[ToRecover]


def audit(database: Database, season: str | None = None, head: str | None = None) -> list[Audited]:
    """Audit one season's book or every one. Raises NoSuchBook and HeadUnclear."""
    noted = _noted(head, season) if head is not None else None
    with database.session() as session:
        seasons = store.list_seasons(session)
    if season is not None and season not in seasons:
        raise NoSuchBook(season=season, seasons=", ".join(seasons) or "-")
    return [audit_season(database, one, noted) for one in ([season] if season is not None else seasons)]


def audit_season(database: Database, season: str, noted: tuple[int, str] | None = None) -> Audited:
    """Audit one season's book as it stands at one moment, while others go on writing it."""
    begun = time.perf_counter()
    with database.session() as session:
        snapshot(session)
        done = Audit(season, store.list_bodies(session), noted)
        for page in store.read_pages(session, season):
            done.take(page)
        done.end(store.read_head(session, season), store.list_unsealed(session, season))
        done.check_balances(store.list_kept_balances(session, season))
        done.check_sources(store.read_sources(session, season))
        to_recover = done.list_to_recover()
    return Audited(
        season=season,
        vouchers=done.vouchers,
        transfers=done.transfers,
        trips=done.trips,
        seconds=time.perf_counter() - begun,
        head=f"{done.position}:{done.digest}",
        findings=done.findings,
        to_recover=to_recover,
    )


def _noted(given: str, season: str | None) -> tuple[int, str]:
    match = re.fullmatch(r"([1-9]\d{0,17}):([0-9a-f]{64})", given)
    if match is None or season is None:
        raise HeadUnclear(given=given)
    return int(match[1]), match[2]


def print_audited(audited: Audited, out: Console) -> None:
    """The figures, the first findings with the count of all, and the head to be noted down."""
    out.print(
        f"{audited.season}: vouchers 凭证 {audited.vouchers:,}, transfers 分录 {audited.transfers:,},"
        f" trips 车次 {audited.trips:,}, {audited.seconds:.1f} s 秒",
        highlight=False,
    )
    if audited.findings:
        shown = min(SHOWN, len(audited.findings))
        table = Table(title=f"{len(audited.findings):,} findings 项问题, {shown} shown 显示")
        table.add_column("code 类别")
        table.add_column("what 内容", overflow="fold")
        for finding in audited.findings[:SHOWN]:
            table.add_row(finding.code.value, f"{finding.message('zh')}\n{finding.message('en')}")
        out.print(table, style="red")
    else:
        out.print("no findings 未发现问题")
    if audited.to_recover:
        whole = yuan(sum(one.fen for one in audited.to_recover))
        out.print(f"to be recovered 待追回: {len(audited.to_recover):,}, {whole} yuan 元", highlight=False)
        for one in audited.to_recover[:SHOWN]:
            out.print(
                f"  {one.trip_id} {one.payer} {one.claimant} {yuan(one.fen)}", highlight=False, soft_wrap=True
            )
    out.print(
        "the head, to be noted down outside of this database 链头，请记录在本数据库之外:", highlight=False
    )
    out.print(audited.head, highlight=False, soft_wrap=True)
