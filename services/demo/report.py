"""The figures of a day as a table that fits a terminal of 80 columns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from operator import itemgetter
from typing import Any

from rich.table import Table

from services.day import CONFIRMED, Figures, Outcome
from shared.kernel.money import yuan

Line = tuple[str, str]
"""An amount, and of what."""


def table_of(figures: Figures, day: date, batches: int, claims: Outcome) -> Table:
    """The table; `batches` are those in the sample's files."""
    table = Table(title=f"{day}: from roster files to settled subsidies")
    table.add_column("figure 指标")
    table.add_column("value 数值", justify="right")
    table.add_column("of 其中")
    for name, lines in _rows(figures, batches, claims):
        for number, (amount, what) in enumerate(lines):
            table.add_row("" if number else name, amount, what)
    return table


def _rows(figures: Figures, batches: int, claims: Outcome) -> Iterator[tuple[str, list[Line]]]:
    summary, requests = figures.summary, figures.requests
    workers, unserved = summary["workers"], requests["unserved"]
    yield "batches 批次", [(f"{batches:,}", "in the files"), (f"{summary['batches']:,}", "planned")]
    yield "workers 人数", [*_counted({"accepted": figures.accepted, "rows refused": figures.refused}),
                          (f"{workers:,}", "carried")]  # fmt: skip
    yield "coaches 车次", [(f"{summary['coaches']:,}", "")]
    yield (
        "seats 座位",
        [
            (f"{summary['seats_sold']:,}", "for sale"),
            (f"{workers:,}", "sold"),
            (f"{requests['arrived']:,}", "used, by who arrived"),
        ],
    )
    yield "cost 包车费用", [(yuan(summary["cost_fen"]), "yuan")]
    yield "cost per worker 人均", [(yuan(summary["cost_per_worker_fen"]), "yuan")]
    yield "enterprises 企业承担", [(yuan(summary["enterprises_fen"]), "yuan")]
    yield "subsidy 补贴", list(_subsidies(summary["subsidy_by_payer"]))
    share = f"{unserved / max(1, figures.accepted):.2%} of the workers"
    yield "unserved 未安排", [(f"{unserved:,}", share), *_counted(summary["unserved_by_reason"])]
    yield "notices 通知", sorted(_counted(figures.notices), key=itemgetter(1))
    yield "confirmations 到达确认", _counted({status: requests[status] for status in CONFIRMED})
    yield "claims 申报", list(_claims(claims))
    yield "seconds 用时", [(f"{seconds:.2f}", stage) for stage, seconds in figures.seconds.items()]


def _subsidies(by_payer: Mapping[str, int]) -> Iterator[Line]:
    """Subsidy by kind of payer: `origin_county` has many counties."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for payer, fen in by_payer.items():
        kinds[payer.partition(":")[0]].append(fen)
    for kind, amounts in sorted(kinds.items()):
        yield yuan(sum(amounts)), f"yuan by {kind}, {len(amounts)} payers"


def _claims(claims: Outcome) -> Iterator[Line]:
    """What was paid, refused and asked back."""
    yield yuan(sum(claim["paid_fen"] for claim in claims.paid)), f"yuan paid on {len(claims.paid)} claims"
    if claims.rejected is not None:
        yield yuan(claims.rejected["claimed_fen"]), "yuan refused, its invoice was wrong"
    if claims.clawed_back is not None:
        yield yuan(claims.clawed_back["paid_fen"]), "yuan paid on one more, of which"
        yield yuan(claims.clawed_back["recovered_fen"]), "yuan clawed back"


def _counted(counts: Mapping[str, int]) -> list[Line]:
    return [(f"{count:,}", name) for name, count in counts.items() if count]


def trace_line(answer: Mapping[str, Any]) -> str:
    """What a claim's trace comes to, in a line: `zhida trace` prints all of it."""
    riders = [rider for trip in answer["trips"] for rider in trip["riders"]]
    files = {rider["origin"]["sha256"] for rider in riders if rider["origin"]}
    vouchers = sum(len(trip["vouchers"]) for trip in answer["trips"])
    whole = "whole 完整" if answer["whole"] else "not whole 不完整"
    found = f"{len(answer['trips'])} trips, {len(riders)} workers of {len(files)} roster files, {vouchers} vouchers"
    return f"zhida trace {answer['key']} ({answer['claim']['state']}): {whole}\n  {found}"
