"""Knows the states of an amendment of a plan that stands, and when it cannot be taken any more; plans nothing."""

from enum import StrEnum

from shared.kernel.errors import Conflict


class AmendmentState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DROPPED = "dropped"


class AmendmentNotOpen(Conflict):
    """Amendment {amendment_id} is {state} already. Ask for another one."""

    zh = "该调整方案 {amendment_id} 的状态已是 {state}。请重新生成调整方案。"


class AmendmentOutdated(Conflict):
    """Trips or requests have changed since amendment {amendment_id} was made ({what}). Drop it and ask for another one."""

    zh = "自调整方案 {amendment_id} 生成以来，班次或需求已有变化（{what}）。请放弃该方案并重新生成。"


class NothingStands(Conflict):
    """Pool {pool_id} has no trip of round {round_id} that could be changed. Ask for a round instead."""

    zh = "资源池 {pool_id} 在轮次 {round_id} 中没有可调整的班次。请发起新一轮编排。"
