"""Shows what a province's people took, each figure beside the database's own, Chinese beside English; computes ratios and no more."""

from rich.console import Console
from rich.table import Table

from services.bench.machine import print_machine
from services.bench.people.run import PeopleFigures

HOW = (
    "The registers of 88 counties, invented with the published sums, are imported one after another by the registry's own use case: "
    "read, checked, sealed under a key of each person's, written with their households, classes and work. The reference copies the same "
    "rows of all tables, out to a file and from it into tables without keys or indexes, and only the latter is timed; it reads no file of "
    "an office and seals nothing. Then a county's next register has households that fell to nobody employed. An indicator is asked by "
    "an office for its own area; the plain SQL asks the same tables with no rule of ours, by turns, medians of three. The month's tasks "
    "are made for everybody who can work; the reference inserts as many rows without keys from the same join."
)


def print_people(figures: PeopleFigures, console: Console) -> None:
    """All of it."""
    print_machine(figures.machine, console)
    console.print(_imports(figures), _indicators(figures), _month(figures), HOW)
    if figures.wrong:
        console.print(*figures.wrong, sep="\n", style="red")


def _imports(figures: PeopleFigures) -> Table:
    first, copied, later = figures.first, figures.copied, figures.later
    rows = sum(copied.rows.values())
    return _figures(
        "The import of a population 人口导入",
        {
            "registers of counties 县级台账": f"{first.files:,}",
            "people 人口": f"{figures.people:,}",
            "households 家庭": f"{figures.households:,}",
            "rows refused 退回行": f"{first.refused:,}",
            "imported in, seconds 导入（秒）": f"{first.seconds:,.0f}",
            "of which this process's processor 其中本进程处理器（秒）": f"{first.processor_s:,.0f}",
            "people a second 人/秒": f"{first.rows / first.seconds:,.0f}",
            "reference: rows of all tables 对照：各表行数": f"{rows:,}",
            "reference: bytes 对照：字节": f"{copied.size:,}",
            "reference: COPY, seconds 对照：写入（秒）": f"{copied.seconds:.1f}",
            "reference: people a second 对照：人/秒": f"{first.rows / copied.seconds:,.0f}",
            "import over COPY 导入与写入之比": f"{first.seconds / copied.seconds:.1f}",
            "a county's next register, rows 某县下期台账行数": f"{later.rows:,}",
            "its seconds 用时（秒）": f"{later.seconds:.2f}",
            "households fallen, tasks opened 零就业家庭及任务": f"{figures.fallen:,}, {figures.zero_tasks:,}",
        },
    )


def _indicators(figures: PeopleFigures) -> Table:
    table = Table(title="One employed per household, at any date 一户一人就业（任一日期）")
    table.add_column("area\n地区")
    table.add_column("day\n日期")
    headings = (
        "households\n有劳动力家庭",
        "employed\n有就业",
        "workers\n劳动力",
        "employed\n就业",
        "outside\n省外",
    )
    for heading in (*headings, "ms\n毫秒", "plain SQL, ms\n对照（毫秒）", "ratio\n之比"):
        table.add_column(heading, justify="right")
    for one in figures.indicators:
        table.add_row(
            one.area,
            one.day.isoformat(),
            *(f"{count:,}" for count in one.counts),
            f"{one.seconds * 1000:,.0f}",
            f"{one.raw_s * 1000:,.0f}",
            f"{one.seconds / one.raw_s:.1f}",
        )
    return table


def _month(figures: PeopleFigures) -> Table:
    month = figures.month
    return _figures(
        "A month's tasks 月度跟踪任务",
        {
            "followed by a clerk's act 由经办人纳入": f"{month.followed_by_clerk:,}",
            "its seconds 用时（秒）": f"{month.follow_s:.1f}",
            "tasks made 生成任务": f"{month.tasks:,}",
            "seconds 秒": f"{month.seconds:.1f}",
            "a second time, seconds 再次生成（秒）": f"{month.again_s:.1f}",
            "reference: INSERT ... SELECT, seconds 对照（秒）": f"{month.raw_s:.1f}",
            "tasks over reference 之比": f"{month.seconds / month.raw_s:.1f}",
        },
    )


def _figures(title: str, rows: dict[str, str]) -> Table:
    table = Table(title=title, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows.items():
        table.add_row(name, value)
    return table
