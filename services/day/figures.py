"""What came of a day, as the services tell it, and what in it did not come out."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from services.day.stages import Day, Seconds
from shared.kernel.errors import ZhidaError

UNSERVED_SHARE_MAX = 0.01


class RowsRefused(ZhidaError):
    """{count} rows of the rosters were refused. The registry's page of rosters says why."""

    zh = "花名册有 {count} 行被退回，原因见登记服务的“花名册”页。"


class TooManyUnserved(ZhidaError):
    """{unserved} of {people} workers have no seat: more than {limit:.0%}. The dispatcher's board says why."""

    zh = "{people} 人中有 {unserved} 人没有座位，超过 {limit:.0%}。原因见调度看板。"


class UnservedWithoutReason(ZhidaError):
    """{unserved} workers have no seat, but only {explained} of them a reason. Look for the others in the log."""

    zh = "{unserved} 人没有座位，其中只有 {explained} 人有原因。其余请查日志。"


class NoticesFailed(ZhidaError):
    """{count} notices could not be sent. The notifier's outbox page says why."""

    zh = "有 {count} 条通知未能送出，原因见通知服务的“发件箱”页。"


@dataclass(frozen=True)
class Figures:
    """A day that is over: rows of the rosters, the dispatcher's summary, the registry's requests by status, the
    notifier's notices by medium and state, and the seconds of each stage."""

    accepted: int
    refused: int
    summary: dict[str, Any]
    requests: Counter[str]
    notices: Counter[str]
    seconds: Seconds

    @classmethod
    def of(cls, day: Day) -> Self:
        """Ask the services."""
        return cls(
            accepted=day.accepted,
            refused=day.refused,
            summary=day.summary(),
            requests=day.request_counts(),
            notices=day.notice_counts(),
            seconds=day.seconds,
        )

    def list_faults(self) -> list[ZhidaError]:
        """What did not come out of a day on which nobody made a mistake; empty where all did."""
        faults: list[ZhidaError] = []
        if self.refused:
            faults.append(RowsRefused(count=self.refused))
        unserved = self.requests["unserved"]
        explained = sum(count for reason, count in self.summary["unserved_by_reason"].items() if reason)
        if unserved != explained:
            faults.append(UnservedWithoutReason(unserved=unserved, explained=explained))
        if unserved > self.accepted * UNSERVED_SHARE_MAX:
            faults.append(TooManyUnserved(unserved=unserved, people=self.accepted, limit=UNSERVED_SHARE_MAX))
        failed = sum(count for kind, count in self.notices.items() if kind.endswith(" failed"))
        if failed:
            faults.append(NoticesFailed(count=failed))
        return faults
