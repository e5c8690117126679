"""A day that did not come out says so: which stage failed, and what of its figures is not as it must be."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.day import Day, Figures, Office
from services.day.office import GaveUp
from services.day.stages import StageFailed
from services.demo.run import DAY, MORNING_BEFORE
from shared.kernel.clock import FixedClock
from shared.security import Keyring


def figures(**changes: Any) -> Figures:
    """1,000 workers, ten of whom have no seat, and why."""
    given: dict[str, Any] = {
        "accepted": 1000,
        "refused": 0,
        "summary": {"unserved_by_reason": {"no-coach": 7, "too-far": 3}},
        "requests": Counter(arrived=980, no_show=10, unserved=10),
        "notices": Counter({"sms sent": 990, "email sent": 80}),
        "seconds": {},
    }
    return Figures(**given | changes)


def test_a_day_on_which_one_worker_in_a_hundred_stays_behind_with_a_reason_came_out() -> None:
    assert figures().list_faults() == []


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        (
            {"refused": 3},
            "花名册有 3 行被退回，原因见登记服务的“花名册”页。",
            "3 rows of the rosters were refused. The registry's page of rosters says why.",
        ),
        (
            {
                "requests": Counter(arrived=989, unserved=11),
                "summary": {"unserved_by_reason": {"no-coach": 11}},
            },
            "1000 人中有 11 人没有座位，超过 1%。原因见调度看板。",
            "11 of 1000 workers have no seat: more than 1%. The dispatcher's board says why.",
        ),
        (
            {"summary": {"unserved_by_reason": {"no-coach": 7, "": 3}}},
            "10 人没有座位，其中只有 7 人有原因。其余请查日志。",
            "10 workers have no seat, but only 7 of them a reason. Look for the others in the log.",
        ),
        (
            {"notices": Counter({"sms sent": 980, "sms failed": 8, "email failed": 2})},
            "有 10 条通知未能送出，原因见通知服务的“发件箱”页。",
            "10 notices could not be sent. The notifier's outbox page says why.",
        ),
    ],
    ids=["rows refused", "too many unserved", "unserved without a reason", "notices failed"],
)
def test_what_did_not_come_out_is_named(changes: dict[str, Any], zh: str, en: str) -> None:
    [fault] = figures(**changes).list_faults()
    assert (fault.message("zh"), fault.message("en")) == (zh, en)


def test_a_stage_that_fails_is_named_with_the_cause_and_has_no_seconds(tmp_path: Path) -> None:
    clock = FixedClock(MORNING_BEFORE)
    with Office({}, Keyring.from_bytes(b"k" * 32), clock) as office:
        day = Day(office, tmp_path, DAY)
        with pytest.raises(StageFailed) as raised, day.stage("rosters to pools"):
            raise GaveUp(seconds=600, what="pooled: 607")
    assert raised.value.message("zh") == "阶段“rosters to pools”没有完成。等待 600 秒仍未完成：pooled: 607。"
    assert raised.value.message("en") == (
        "The stage “rosters to pools” did not come out. Waited 600 s in vain: pooled: 607."
    )
    assert day.seconds == {}
