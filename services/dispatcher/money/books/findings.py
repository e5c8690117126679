"""Knows what an audit of the books may find, and how it is told."""

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Code(StrEnum):
    """What is wrong."""

    PLACE = "place"
    DIGEST = "digest"
    HEAD = "head"
    NOTED = "noted"
    UNSEALED = "unsealed"
    FORM = "form"
    POLICY = "policy"
    AMOUNT = "amount"
    ANSWER = "answer"
    LIMIT = "limit"
    PAID = "paid"
    BALANCE = "balance"
    SOURCE = "source"


_SAYS = MappingProxyType(
    {
        Code.PLACE: ("账册此处页序不连续", "the pages of the book do not follow each other"),
        Code.DIGEST: ("凭证内容与封存摘要不符", "the voucher is not what was sealed"),
        Code.HEAD: ("账册末页与链尾不符", "the book's head is not the end of the chain"),
        Code.NOTED: ("此前记下的链头不在链上", "a head that was noted down earlier is not in the chain"),
        Code.UNSEALED: ("凭证或分录未封存", "a voucher or transfer is in no sealed page"),
        Code.FORM: ("分录与其凭证不一致", "a transfer is not as its voucher says"),
        Code.POLICY: ("政策与记账时不同", "the policy is not the one that the voucher was written by"),
        Code.AMOUNT: ("金额与依据事实重算结果不符", "the money is not what follows from the facts"),
        Code.ANSWER: ("分录所冲抵的金额不存在或已用完", "a transfer answers or corrects what is not there"),
        Code.LIMIT: ("出资方超出预算额度", "a payer has passed its limit"),
        Code.PAID: ("支付超过应付", "more was paid than was owed"),
        Code.BALANCE: ("账户余额与分录合计不符", "the account's balance is not the sum of its transfers"),
        Code.SOURCE: (
            "账册与班次、乘客或合同记录不符",
            "the books are not what trip, riders or contract say",
        ),
    }
)


@dataclass(frozen=True)
class Finding:
    """One fault: at which place of the chain (none where it is of the whole book), of what, what was found and expected."""

    code: Code
    place: int | None
    subject: str
    found: str
    expected: str

    def message(self, language: str) -> str:
        """What is wrong, in `zh` or `en`."""
        zh, en = _SAYS[self.code]
        if language == "zh":
            at = f"第 {self.place} 页，" if self.place is not None else ""
            return f"{at}{self.subject}：{zh}。现为 {self.found}，应为 {self.expected}。"
        at = f"page {self.place}, " if self.place is not None else ""
        return f"{at}{self.subject}: {en}. Found {self.found}, expected {self.expected}."


@dataclass(frozen=True)
class ToRecover:
    """What a payer has paid a claimant for a trip beyond what is owed now, since a later cut or word made it less."""

    trip_id: str
    payer: str
    claimant: str
    fen: int


@dataclass
class Findings:
    """What was found so far, and the page that the audit is at."""

    all: list[Finding] = field(default_factory=list)
    place: int = 0

    def tell(self, code: Code, subject: str, found: str, expected: str) -> None:
        """A fault of the page that the audit is at."""
        self.all.append(Finding(code, self.place, subject, found, expected))

    def of_all(self, code: Code, subject: str, found: str, expected: str) -> None:
        """A fault of the whole book."""
        self.all.append(Finding(code, None, subject, found, expected))
