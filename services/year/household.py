"""A household falls to nobody employed: helped within days by one guidance, three offers and a training, and cleared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.year.desk import day_of
from services.year.months import ELSEWHERE, Months

FALLS_ON, HELPED_ON, CLEARED_ON = 5, 7, 9
"""Days of the month: help is due within 3 days, somebody employed again within 5."""
HELPS = (
    ("guidance", 1, "求职意向与技能登记"),
    ("offer", 1, "安置点扶贫车间，缝纫工"),
    ("offer", 2, "县经开区电子厂，普工"),
    ("offer", 3, "湖州童装企业，熨烫工"),
    ("training", 1, "缝纫短期培训"),
)
"""“131”: one guidance, three offers, one training."""


@dataclass(frozen=True)
class Fallen:
    """The household's task on the day it fell, and once it was over."""

    opened: Mapping[str, Any]
    cleared: Mapping[str, Any]


def fall_and_recover(months: Months, person_id: str, month: date) -> Fallen:
    """The one worker of a household comes home, is helped, and finds work again."""
    desk = months.desk
    desk.come(day_of(month, FALLS_ON))
    helper_id = months.say(person_id, "home")
    [opened] = desk.ask(desk.bureau, "/api/households/zero")["items"]
    helped_on = day_of(month, HELPED_ON)
    desk.come(helped_on)
    for kind, number, words in HELPS:
        done = {"kind": kind, "number": number, "words": words, "done_on": helped_on.isoformat()}
        desk.do(desk.helper(helper_id), f"/api/households/zero/{opened['task_id']}/helps", **done)
    desk.come(day_of(month, CLEARED_ON))
    months.say(person_id, "changed", area_code=ELSEWHERE)
    [cleared] = desk.ask(desk.bureau, f"/api/households/{opened['household_id']}")["tasks"]
    return Fallen(opened, cleared)
