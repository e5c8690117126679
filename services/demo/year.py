"""What a year came to, as a table that fits a terminal of 80 columns."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich.table import Table

from services.demo.report import Line
from services.year import Outcome
from shared.kernel.money import yuan


def year_table(outcome: Outcome, day: date, seconds: Mapping[str, float]) -> Table:
    """The table."""
    table = Table(title=f"{day}: the year after, in {outcome.county_code}")
    table.add_column("figure 指标")
    table.add_column("value 数值", justify="right")
    table.add_column("of 其中")
    for name, lines in _rows(outcome, seconds):
        for number, (amount, what) in enumerate(lines):
            table.add_row("" if number else name, amount, what)
    return table


def _rows(outcome: Outcome, seconds: Mapping[str, float]) -> Iterator[tuple[str, list[Line]]]:
    register, tracked = outcome.register, outcome.tracked
    yield (
        "register 登记",
        [(f"{register['new']:,}", "people taken in"), (f"{outcome.arrived:,}", "arrived, followed")],
    )
    yield "tracking 跟踪", [(f"{count:,}", what) for what, count in sorted(tracked.tasks.items()) if count]
    yield "late 逾期", [(f"{count:,}", f"with the {level}") for level, count in tracked.late.items()]
    yield (
        "milestones 节点",
        [(f"{count:,}", f"{months} months held") for months, count in sorted(tracked.milestones.items())],
    )
    yield "records 记录", [(f"{tracked.sent:,}", "taken"), (f"{tracked.known_again:,}", "sent again, known")]
    yield "zero household 零就业", list(_fallen(outcome.fallen.cleared))
    yield "wage case 欠薪", list(_case(outcome.awarded))
    yield "agency reward 奖补", list(_reward(outcome.reward))
    yield "province 省系统", list(_exchanged(outcome))
    yield "erased 删除", [(str(len(outcome.erased.copy["parts"])), "parts in the copy handed over"),
                          (str(outcome.erased.status_after), "answered to whoever asks again")]  # fmt: skip
    yield "seconds 用时", [(f"{taken:.2f}", stage) for stage, taken in seconds.items()]


def _fallen(task: Mapping[str, Any]) -> Iterator[Line]:
    yield task["known_on"], "fell to nobody employed"
    done = [one for one in task["helps"] if one["done_on"]]
    yield f"{len(done)}", f"helps of 131, by {max(one['done_on'] for one in done)}, due {task['help_by']}"
    yield str(task["ended_on"]), f"cleared, due {task['clear_by']}"


def _case(case: Mapping[str, Any]) -> Iterator[Line]:
    yield (
        case["state"],
        " > ".join(dict.fromkeys(one["to_state"] for one in case["steps"] if one["to_state"])),
    )
    yield yuan(case["outcome_fen"]), f"yuan by {case['outcome']}"


def _reward(found: Mapping[str, Any]) -> Iterator[Line]:
    yield yuan(found["total_fen"]), f"yuan for {found['heads']} workers, handed over"
    yield f"{found['refused']}", "refused"


def _exchanged(outcome: Outcome) -> Iterator[Line]:
    sent = outcome.exchanged
    yield f"{sent.first['rows']}", f"rows sent, {sent.receipt['refused']} refused"
    yield f"{sent.again['rows']}", "sent again"
    yield f"{sent.report['total']['acknowledged']}", f"acknowledged of {sent.report['total']['due']} due"
