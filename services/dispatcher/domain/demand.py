"""Knows a request without a person: from where to which gate, when, and with whom; decides no coach."""

from dataclasses import dataclass
from enum import StrEnum


class DemandState(StrEnum):
    """`waiting` for a round, `planned` on a trip, or `withdrawn`. A request that a round left behind waits on."""

    WAITING = "waiting"
    PLANNED = "planned"
    WITHDRAWN = "withdrawn"


PRIORITY_CATEGORIES = frozenset(
    {"REGISTERED_POOR", "RELOCATED", "MARGINAL_RISK", "UNSTABLE", "SUDDEN_DIFFICULTY"}
)
"""Who has the first right to a seat (人社厅明电〔2020〕17号: poor workers first)."""


@dataclass(frozen=True)
class Unserved:
    """Why a request is left behind: the rule, its limit, the figure that breaks it, and the mend in both languages."""

    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str


def family_apart(stops: int, gates: int) -> Unserved:
    """A family that asks for several stops or gates: no coach can be chosen that keeps it together."""
    return Unserved(
        rule="family-one-stop-one-gate",
        limit="1",
        figure=str(max(stops, gates)),
        mend_zh="同一家庭编组的上车点和厂门须相同：请统一填写，或拆成不同的家庭编组。",
        mend_en="One family needs one stop and one gate: give them the same, or give them separate family groups.",
    )


def family_incomplete(size: int, known: int) -> Unserved:
    """A family of which some have not been submitted yet: it rides together, so it waits for the next round."""
    return Unserved(
        rule="family-complete",
        limit=str(size),
        figure=str(known),
        mend_zh=f"家庭共 {size} 人，只收到 {known} 人的申请：请补报其余家人，下一轮一并安排。",
        mend_en=f"The family has {size} people and {known} have been submitted: submit the others for the next round.",
    )


def no_coach_registered(home: str) -> Unserved:
    """The fleet has no coach of the origin's prefecture: one end of a charter is where the coach is registered."""
    return Unserved(
        rule="coach-of-the-prefecture",
        limit="1",
        figure="0",
        mend_zh=f"车队中没有在 {home} 登记的客车：请载入该地车辆。",
        mend_en=f"The fleet has no coach registered in {home}: load its carriers' coaches.",
    )


def place_unknown(code: str) -> Unserved:
    """A stop or gate that the road source does not know."""
    return Unserved(
        rule="place-known",
        limit=code,
        figure="-",
        mend_zh=f"道路数据中没有地点 {code}：请改用参考表中的上车点或厂门所在地。",
        mend_en=f"The road table has no place {code}: use a stop, or a gate's town, of the reference tables.",
    )


def planner_crashed(crashes: int) -> Unserved:
    """So many of a planner's processes died of this request's pool that it was given up, and nobody knows its plan."""
    return Unserved(
        rule="planner-crashed",
        limit=str(crashes),
        figure=str(crashes),
        mend_zh=f"规划本资源池时，规划进程 {crashes} 次意外结束（可能内存不足）：请系统管理员查看规划服务日志，处理后重新发起规划。",
        mend_en=f"The planner's process died {crashes} times over this pool (memory may be short): "
        "have the operator read the planner's log, then ask for a new round.",
    )
