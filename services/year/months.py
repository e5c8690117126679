"""Twelve months of tracking: helpers call and record, one of them late, one worker is lost, and every batch is sent twice.

To whom it happens is the rehearsal's choice; what comes of it is the registry's word.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.year.cast import CHANGES_IN, LATE_IN, LOOKS_IN, LOST_IN, Cast
from services.year.desk import Desk, day_of, record_of
from shared.kernel.errors import ZhidaError

MONTHS = 12
CALLS_ON, SECOND_CALLS_ON = 20, 22
"""Days of the month on which helpers call, and call again whom they did not reach."""
LATE_ON = 5
"""Day of the next month on which the county sees what is late; it is recorded then, before the month closes."""
ELSEWHERE = "330500"
"""The prefecture where those who change their employer go: Huzhou."""


class RecordsRefused(ZhidaError):
    """The registry answered a helper's records with {results}: {errors}"""

    zh = "登记服务对帮扶记录的答复为 {results}：{errors}"


@dataclass
class Tracked:
    """What twelve months of tracking came to."""

    tasks: Counter[str] = field(default_factory=Counter)
    """Outcomes of all tasks, and `open` where there is none."""
    sent: int = 0
    known_again: int = 0
    """Records that a phone sent once more, all of them answered as known."""
    late: dict[str, int] = field(default_factory=dict)
    """Late tasks by who has to see to them, on the day that the late month was looked at."""
    milestones: Counter[int] = field(default_factory=Counter)
    """Held milestones by months."""


class Months:
    """The year's months, one after another."""

    def __init__(self, desk: Desk, helpers: Sequence[str], first: date) -> None:
        self.desk, self.helpers, self.first = desk, helpers, first
        self.found = Tracked()

    def begin(self, number: int) -> date:
        """The first morning of a month (from 1): its tasks are made."""
        month = day_of(self.first, 1, after=number - 1)
        self.desk.come(month)
        self.desk.do(self.desk.operator, "/api/tracking/months")
        return month

    def call_everybody(self, number: int, month: date, cast: Cast) -> None:
        """Each helper's calls of a month, and the second try to reach who was not."""
        self.desk.come(day_of(month, CALLS_ON))
        for helper_id in self.helpers:
            people = [one for one in self.desk.people_of(helper_id) if one["outcome"] is None]
            is_late = (cast.late.person_id, LATE_IN)
            calls = [self._call(one, number, cast) for one in people if (one["person_id"], number) != is_late]
            self._send(helper_id, calls)
        if number == LOST_IN:
            self.desk.come(day_of(month, SECOND_CALLS_ON))
            self.say(cast.lost.person_id, "not_reached")

    def look_late(self, month: date, cast: Cast) -> None:
        """In `month` the county sees what is late of the one before, and its helper records it after all."""
        self.desk.come(day_of(month, LATE_ON))
        late = self._overview(month)["earlier"][day_of(month, 1, after=-1).isoformat()]["late"]
        self.found.late = {level: number for level, number in late.items() if number}
        self.say(cast.late.person_id, "same")

    def end(self) -> Tracked:
        """Count the year's tasks and the milestones that were held."""
        for after in range(MONTHS):
            seen = self._overview(day_of(self.first, 1, after=after))
            self.found.tasks.update(seen["outcomes"])
            self.found.tasks["open"] += seen["whole"]["tasks"] - seen["whole"]["done"]
        for after in range(-1, MONTHS):
            self.found.milestones.update(self._milestones(day_of(self.first, 1, after=after)))
        return self.found

    def say(self, person_id: str, outcome: str, **place: Any) -> str:
        """Record one call, now, on the oldest task of a person that takes a record; the id of their helper."""
        for helper_id in self.helpers:
            mine = [one for one in self.desk.people_of(helper_id) if one["person_id"] == person_id]
            if mine:
                oldest = min(mine, key=lambda one: str(one["month"]))
                self._send(helper_id, [record_of(oldest, self.desk.clock.now(), outcome, **place)])
                return helper_id
        raise LookupError(f"{person_id} is on nobody's list")

    def _call(self, person: dict[str, Any], number: int, cast: Cast) -> dict[str, Any]:
        now, who = self.desk.clock.now(), (person["person_id"], number)
        if who == (cast.lost.person_id, LOST_IN):
            return record_of(person, now, "not_reached")
        if who == (cast.looks.person_id, LOOKS_IN):
            return record_of(person, now, "looking")
        if who == (cast.changes.person_id, CHANGES_IN) or not person["is_employed"]:
            return record_of(person, now, "changed", area_code=ELSEWHERE)
        return record_of(person, now, "same")

    def _send(self, helper_id: str, records: Sequence[dict[str, Any]]) -> None:
        """Every batch goes out twice, as from a phone that did not hear the answer."""
        helper = self.desk.helper(helper_id)
        for expected in ("accepted", "known") if records else ():
            answer = self.desk.do(helper, "/api/tracking/records", records=list(records))["results"]
            results = Counter(one["result"] for one in answer)
            if results != {expected: len(records)}:
                raise RecordsRefused(results=dict(results), errors=[one["error"] for one in answer][:3])
        self.found.sent += len(records)
        self.found.known_again += len(records)

    def _overview(self, month: date) -> Any:
        return self.desk.ask(self.desk.bureau, "/api/tracking/overview", month=month.isoformat())

    def _milestones(self, month: date) -> list[int]:
        """Of how many months each milestone is that was held, of those that fall into the month."""
        asked = {"month": month.isoformat(), "size": 200}
        page = self.desk.ask(self.desk.bureau, "/api/tracking/milestones", **asked)
        return [one["months"] for one in page["items"] if one["held"]]
