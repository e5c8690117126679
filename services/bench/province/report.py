"""Shows a season's figures as tables; computes nothing but shares."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.bench.machine import print_machine
from services.bench.province.figures import PoolRun, SeasonFigures
from shared.kernel.money import yuan

SLOWEST = 8
FAULTS = 10

HOW = (
    "Requests are made by the sample's generators, a day of a home prefecture at a time, in the process that plans it: "
    "pools are formed and problems built by the dispatcher's own code; the independent checkers look at every rule and every "
    "certificate. Gap: total cost over total bound. Stage seconds are summed over the processes."
)


def print_season(figures: SeasonFigures, console: Console) -> None:
    """Everything."""
    print_machine(figures.machine, console)
    if not figures.finished:
        console.print("Ended early: what follows is a part. 提前结束：以下只是一部分。", style="yellow")
    console.print(_whole(figures), _stages(figures), _slowest(figures.slowest(SLOWEST)), HOW)
    if figures.faults:
        console.print(
            f"{len(figures.faults)} faults 处错误:", *figures.faults[:FAULTS], sep="\n", style="red"
        )


def plot_season(figures: SeasonFigures, folder: Path) -> list[Path]:
    """Cost against time and time against size. Raises ModuleNotFoundError without matplotlib."""
    from services.bench.plots import draw

    paths = [folder / "province-cost-against-time.svg", folder / "province-time-against-size.svg"]
    draw(
        paths[0],
        "A province's season: cost and bound of what is planned so far",
        "minutes",
        "million yuan",
        {
            "cost": [(at.seconds / 60, at.cost_fen / 1e8) for at in figures.progress],
            "certified bound": [(at.seconds / 60, at.bound_fen / 1e8) for at in figures.progress],
        },
    )
    draw(
        paths[1],
        "Seconds of planning and checking a pool, by size",
        "workers",
        "seconds",
        {"pools": [(pool.workers, pool.seconds) for pool in figures.pools]},
        joined=False,
    )
    return paths


def _whole(figures: SeasonFigures) -> Table:
    table = Table(title="A province's season 全省一季", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    pools = figures.pools
    unserved = figures.unserved
    rows = {
        "workers 人数": f"{figures.workers:,}",
        "days 天数": f"{figures.days}",
        "pools x days 资源池·日": f"{len(pools):,}",
        "coaches 车次": f"{sum(pool.trips for pool in pools):,}",
        "carried 已安排": f"{figures.workers - unserved.total():,}",
        **{f"left behind 未安排, {rule}": f"{count:,}" for rule, count in sorted(unserved.items())},
        "cost, yuan 费用（元）": yuan(figures.cost_fen),
        "certified bound, yuan 已证下界（元）": yuan(figures.bound_fen),
        "gap 差距": "-" if figures.gap is None else f"{figures.gap:.2%}",
        "proven optimal 已证最优": f"{figures.proven_optimal:,}",
        "certificates and plans refused 未通过检验": f"{sum(bool(pool.faults) for pool in pools):,}",
        "minutes 分钟": f"{figures.wall_s / 60:.2f}",
        "of which allowed after the start 其中启动后允许": f"{figures.allowed_s / 60:.2f}",
        "cores 核": f"{figures.cores}",
        "memory peak, all processes 内存峰值": f"{figures.peak_bytes / 2**30:.2f} GiB",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _stages(figures: SeasonFigures) -> Table:
    table = Table(title="Where the time goes 各环节用时")
    for heading in ("stage\n环节", "seconds\n秒", "ms a pool\n毫秒/池", "share\n占比"):
        table.add_column(heading, justify="left" if heading.startswith("stage") else "right")
    spent = figures.stage_seconds
    core_s = figures.wall_s * figures.cores
    start_s = figures.start_s * figures.cores
    others = {"start 启动": start_s, "else 其他": core_s - start_s - sum(spent.values())}
    for stage, seconds in (spent | others).items():
        each_ms = seconds / max(1, len(figures.pools)) * 1000
        table.add_row(stage, f"{seconds:,.1f}", f"{each_ms:,.1f}", f"{seconds / core_s:.1%}")
    return table


def _slowest(pools: list[PoolRun]) -> Table:
    table = Table(title="Slowest pools 最慢的资源池")
    table.add_column("pool\n资源池")
    for heading in (
        "workers\n人数",
        "stops\n上车点",
        "gates\n厂门",
        "coaches\n车次",
        "gap\n差距",
        "seconds\n秒",
    ):
        table.add_column(heading, justify="right")
    for pool in pools:
        gap = f"{pool.cost_fen / pool.bound_fen - 1:.2%}" if pool.bound_fen else "-"
        counts = (pool.workers, pool.stops, pool.gates, pool.trips)
        table.add_row(pool.name, *(f"{count:,}" for count in counts), gap, f"{pool.seconds:.2f}")
    return table
