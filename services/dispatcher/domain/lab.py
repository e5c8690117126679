"""Knows the states of a question to the lab and what it compares; plans nothing."""

from enum import StrEnum

from shared.kernel.errors import Conflict


class LabState(StrEnum):
    PLANNING = "planning"
    DONE = "done"
    FAILED = "failed"


class Variant(StrEnum):
    """The terms as they are, and as they would be."""

    BEFORE = "before"
    AFTER = "after"


class LabBusy(Conflict):
    """The lab still plans the last question about this round. Wait until it is answered, then ask the next one."""

    zh = "本轮上一次测算仍在编排。请等它完成后再提交。"


class NothingToPlanAgain(Conflict):
    """The round has no pool in your area that could be planned again. Choose another round."""

    zh = "本轮在您的辖区内没有可重新编排的批次。请选择其他轮次。"
