"""Knows for what a person's consent is asked apart, and by which ways it is given (PIPL articles 14, 29 and 30)."""

from enum import StrEnum
from typing import Final

NOTICE_VERSION: Final = "2021-11"
"""The text that people are told now; it follows the law in force since 1 November 2021."""


class ConsentPurpose(StrEnum):
    """Sensitive data that need a consent of their own."""

    HEALTH = "health"
    WHEREABOUTS = "whereabouts"
    ACCOUNT = "account"
    IDENTITY = "identity"
    WAGE = "wage"


class Channel(StrEnum):
    """How it was given."""

    PAPER = "paper"
    PHONE = "phone"
    IN_PERSON = "in_person"


PURPOSE_WORDS: Final[dict[ConsentPurpose, tuple[str, str]]] = {
    ConsentPurpose.HEALTH: ("健康状况（出行防疫）", "Health, to travel in an epidemic"),
    ConsentPurpose.WHEREABOUTS: ("行踪（乘车与到岗）", "Whereabouts: the ride and the arrival"),
    ConsentPurpose.ACCOUNT: ("金融账户（补贴发放）", "Bank account, to be paid"),
    ConsentPurpose.IDENTITY: ("特定身份（搬迁、脱贫）", "Status, such as relocated or lifted out of poverty"),
    ConsentPurpose.WAGE: (
        "工资档次（按月跟踪、报送省系统）",
        "Wage band, followed by the month and reported to the province",
    ),
}
CHANNEL_WORDS: Final[dict[Channel, tuple[str, str]]] = {
    Channel.PAPER: ("纸质签名", "Signed on paper"),
    Channel.PHONE: ("电话录音", "By phone, recorded"),
    Channel.IN_PERSON: ("当面", "In person"),
}
