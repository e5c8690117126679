"""Shows figures as tables with what was measured and how, Chinese beside English; computes ratios and no more."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from services.bench.figures import EngineDay, Figures, Intake, Limit, Stages
from services.bench.machine import print_machine
from services.dispatcher.planning.yardsticks import PLANNER, BenchRow
from shared.kernel.money import yuan

SETUPS = {"embedded": "embedded bus + PostgreSQL 内嵌总线", "kafka": "Apache Kafka + PostgreSQL"}
ENGINES = {
    "separate": ("no sharing", "不拼车"),
    "firstfit": ("first-fit", "首次适应"),
    PLANNER: ("planner", "规划器"),
}

HOW_INTAKE = (
    "Intake: registry and dispatcher as processes of their own, PostgreSQL's server beside them. One client uploads the "
    "day's roster files one after another over HTTP; time runs from the first upload until the dispatcher has "
    "everybody in a pool, looked up in its table every 0.05 s. Each run is another day's files into the same, growing databases."
)
HOW_STAGES = (
    "Stages: the same parts called one after another in one thread, without HTTP. Reading, checking and encrypting are "
    "timed by themselves; rows and outbox is the rest of the import. In the running services the registry's stages and "
    "the dispatcher's overlap, so intake may be faster than the sum of the stages, and HTTP and waiting make it slower."
)
HOW_DAY = (
    "The day: the running dispatcher's round over all pools, a second of search each on as many processes as cores; its "
    "seconds hold building the problems and proposing the trips. The yardsticks solve the same problems, search alone."
)
HOW_LIMITS = (
    "Limits: the stage pass's own rows (a person and a request in one row; no key, no index, commit included) and "
    "messages. Intake writes for each worker 2 rows with 8 indexes, 1 outbox row, 1 inbox row, 1 demand row and tells it back."
)


def print_figures(figures: Figures, console: Console) -> None:
    """Everything, in the order of the work."""
    print_machine(figures.machine, console)
    console.print(_intake(figures.intake), HOW_INTAKE, "")
    console.print(_stages(figures.intake), HOW_STAGES, "")
    console.print(_limits(figures.limits, figures.intake), HOW_LIMITS, "")
    console.print(_engines(figures.engines))
    console.print(_day(figures.day), HOW_DAY, "")
    console.print(f"The whole run took {figures.seconds:.0f} s. 全程 {figures.seconds:.0f} 秒。")


def _intake(intake: Sequence[Intake]) -> Table:
    table = Table(title="From roster file to pool 从花名册到资源池")
    table.add_column("parts\n组成")
    for heading in (
        "workers\n人数",
        "files\n文件",
        "answered s\n受理",
        "pooled s\n入池",
        "told back s\n回告",
    ):
        table.add_column(heading, justify="right")
    table.add_column("workers/s\n人/秒", justify="right")
    for one in intake:
        for run in one.runs:
            times = (run.answered_s, run.pooled_s, run.told_back_s)
            cells = (f"{run.workers:,}", f"{run.files}", *(f"{seconds:.2f}" for seconds in times))
            table.add_row(SETUPS[one.bus], *cells, f"{run.workers_per_s:,.0f}")
        table.add_row("median 中位数", *[""] * 5, f"{one.workers_per_s:,.0f}", style="bold", end_section=True)
    return table


def _stages(intake: Sequence[Intake]) -> Table:
    table = Table(title="Where the time goes, one stage at a time 各环节用时")
    table.add_column("stage\n环节")
    for one in intake:
        table.add_column(f"{one.bus}: µs a worker\n微秒/人", justify="right")
        table.add_column("share\n占比", justify="right")
    names = dict.fromkeys(name for one in reversed(intake) for name in one.stages.seconds)
    for name in names:
        table.add_row(name, *(cell for one in intake for cell in _stage(one.stages, name)))
    table.add_section()
    wholes = (one.stages.whole_s / one.stages.workers for one in intake)
    cells = (cell for each_s in wholes for cell in (f"{each_s * 1e6:,.0f}", f"{1 / each_s:,.0f}/s"))
    table.add_row("whole 合计", *cells, style="bold")
    return table


def _stage(stages: Stages, name: str) -> tuple[str, str]:
    if name not in stages.seconds:
        return "-", "-"
    return f"{stages.seconds[name] / stages.workers * 1e6:,.0f}", f"{stages.share(name):.1%}"


def _limits(limits: Sequence[Limit], intake: Sequence[Intake]) -> Table:
    table = Table(title="Beside the limits of this machine 与本机上限对照")
    table.add_column("raw work\n原始操作")
    for heading in ("bytes\n字节", "a second\n每秒"):
        table.add_column(heading, justify="right")
    for one in intake:
        table.add_column(f"in the time of\na worker, {one.bus}", justify="right")
    for limit in limits:
        ratios = (f"{limit.per_s / one.workers_per_s:,.0f} {limit.unit}s" for one in intake)
        table.add_row(limit.name, f"{limit.unit_bytes:,}", f"{limit.per_s:,.0f}", *ratios)
    return table


def _engines(rows: Sequence[BenchRow]) -> Table:
    table = Table(title="Planner beside the yardsticks, yuan a plan 规划器与基准（元）")
    table.add_column("pool\n资源池")
    for heading in ("workers\n人数", *("\n".join(name) for name in ENGINES.values()), "seconds\n秒"):
        table.add_column(heading, justify="right")
    for heading in ("planner of\nfirst-fit", "planner of\nno sharing"):
        table.add_column(heading, justify="right")
    by_pool: dict[str, dict[str, BenchRow]] = defaultdict(dict)
    for row in rows:
        by_pool[row.instance][row.engine] = row
    for pool, engines in by_pool.items():
        planned = engines[PLANNER]
        costs = (yuan(engines[engine].cost_fen) for engine in ENGINES)
        shares = (f"{planned.versus_firstfit:.1%}", f"{planned.versus_separate:.1%}")
        table.add_row(pool, f"{planned.workers:,}", *costs, f"{planned.seconds:.2f}", *shares)
    own = [row for row in rows if row.engine == PLANNER]
    if own:
        medians = (median(r.versus_firstfit for r in own), median(r.versus_separate for r in own))
        table.add_section()
        table.add_row("median 中位数", *[""] * 5, *(f"{share:.1%}" for share in medians), style="bold")
    return table


def _day(day: Sequence[EngineDay]) -> Table:
    table = Table(title="The sample day, as the dispatcher planned it 样本日")
    table.add_column("engine\n算法")
    for heading in ("pools\n资源池", "workers\n人数", "unserved\n未安排", "coaches\n车次", "yuan\n元"):
        table.add_column(heading, justify="right")
    for heading in ("yuan a worker\n人均", "seconds\n秒"):
        table.add_column(heading, justify="right")
    for one in day:
        counts = (one.pools, one.workers, one.unserved, one.trips)
        each_fen = round(one.cost_fen / max(1, one.workers - one.unserved))
        money = (yuan(one.cost_fen), yuan(each_fen))
        table.add_row(
            " ".join(ENGINES[one.engine]), *(f"{n:,}" for n in counts), *money, f"{one.seconds:.1f}"
        )
    return table
