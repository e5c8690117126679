"""Knows for what reasons somebody's name, ID and phone may be shown in full, and how accesses are called for their subject."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why one person is revealed; each needs the document or case it is for."""

    SUBJECT_ASKED = "subject-asked"
    IDENTITY = "identity"
    CONTACT = "contact"
    PAYMENT = "payment"
    RIGHTS = "rights-case"
    CORRECTION = "correction"
    INSPECTION = "inspection"
    EMERGENCY = "emergency"


class Field(StrEnum):
    """What can be revealed of a person."""

    NAME = "name"
    RESIDENT_ID = "resident_id"
    PHONE = "phone"


REASON_WORDS: Final = {
    Reason.SUBJECT_ASKED: ("本人申请", "The person asked"),
    Reason.IDENTITY: ("核验身份", "To check who somebody is"),
    Reason.CONTACT: ("联系本人", "To reach the person"),
    Reason.PAYMENT: ("资金发放核对", "To check a payment"),
    Reason.RIGHTS: ("维权案件办理", "For a case of the person's"),
    Reason.CORRECTION: ("更正信息", "To put data right"),
    Reason.INSPECTION: ("监督检查", "For an inspection"),
    Reason.EMERGENCY: ("紧急情况", "In an emergency"),
}
FIELD_WORDS: Final = {
    Field.NAME: ("姓名", "Name"),
    Field.RESIDENT_ID: ("公民身份号码", "Resident ID"),
    Field.PHONE: ("手机号码", "Phone"),
}
REVEAL: Final = "reveal/"
"""What the purpose of an access begins with that revealed one person; its reason follows."""
COPY, ERASURE = "copy", "erasure"
_PURPOSE_WORDS: Final = {
    COPY: ("复制本人信息", "A copy of one's own data"),
    ERASURE: ("删除个人信息", "Erasure"),
    "refused-rows": ("查看被退回的花名册行", "Refused rows of a roster"),
    "trace": ("资金追溯", "Tracing money back"),
    "manifest": ("乘车名单", "The list of passengers"),
    "precheck": ("付款前核对", "Checks before a payment"),
    "boarding": ("上车核对", "Boarding"),
    "handover": ("到岗交接", "Hand-over at the gate"),
    "sms": ("短信通知", "A text message"),
    "claim-bundle": ("补贴申报材料", "The papers of a claim"),
    "public-notice": ("补贴公示", "The public notice of a subsidy"),
    "rights": ("维权案件", "A case of the person's"),
    "exchange-export": ("报送省级信息系统", "The file for the provincial system"),
}
"""By what a purpose begins with."""


def name_field(field: str) -> tuple[str, str]:
    """What was shown, in Chinese and English; what another subject shows as it is called there."""
    return next((words for one, words in FIELD_WORDS.items() if one == field), (field, field))


def name_purpose(purpose: str) -> tuple[str, str]:
    """What an access was for, in Chinese and English; a purpose of another service as it is called there."""
    reason = {f"{REVEAL}{one}": one for one in Reason}.get(purpose)
    if reason is not None:
        zh, en = REASON_WORDS[reason]
        return f"显示完整信息：{zh}", f"Shown in full: {en}"
    families = (words for family, words in _PURPOSE_WORDS.items() if purpose.startswith(family))
    return next(families, (purpose, purpose))
