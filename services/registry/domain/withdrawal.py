"""Knows why a request may be taken back, as codes: a free text could name somebody, and the reason is told to others."""

from enum import StrEnum


class WithdrawalReason(StrEnum):
    """Why a request is taken back."""

    WORKER_ASKED = "worker_asked"
    TRAVELLED_OTHERWISE = "travelled_otherwise"
    EMPLOYER_CANCELLED = "employer_cancelled"
    WRONG_DETAILS = "wrong_details"


WORDS: dict[WithdrawalReason, tuple[str, str]] = {
    WithdrawalReason.WORKER_ASKED: ("本人要求", "The worker asked for it"),
    WithdrawalReason.TRAVELLED_OTHERWISE: ("已自行返岗", "Travelled otherwise"),
    WithdrawalReason.EMPLOYER_CANCELLED: ("企业取消用工", "The employer cancelled"),
    WithdrawalReason.WRONG_DETAILS: ("信息填报有误", "The details were wrong"),
}
