"""Why the registry does not do what it is asked."""

from services.registry.domain.fault import Fault
from shared.kernel.errors import Conflict, Forbidden, Gone, InvalidInput


class RequestRefused(InvalidInput):
    """The request was refused: {summary_en}"""

    zh = "需求被退回：{summary_zh}"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(
            errors=[told(one) for one in faults],
            summary_zh="；".join(f"{one.zh}（{one.mend_zh}）" for one in faults),
            summary_en="; ".join(f"{one.en} ({one.mend_en})" for one in faults),
        )

    def __reduce__(self) -> tuple[type["RequestRefused"], tuple[tuple[Fault, ...]]]:
        return RequestRefused, (self.faults,)


def told(fault: Fault) -> dict[str, str]:
    """A fault as it is told on the wire."""
    return {
        "field": fault.field,
        "code": fault.code,
        "fault_zh": fault.zh,
        "fault_en": fault.en,
        "mend_zh": fault.mend_zh,
        "mend_en": fault.mend_en,
    }


class CountyNotYours(Forbidden):
    """County {county} is not in your area ({areas}). Send it from the county's own account."""

    zh = "{county} 不在您的辖区（{areas}）内。请用该县自己的账号提交。"


class CountyNotNamed(InvalidInput):
    """Your area has more than one county. Name the county: its six-digit code in `county_code`."""

    zh = "您的辖区不止一个县，请用 county_code 写明六位县级代码。"


class AreaNotYours(Forbidden):
    """Area {area} is not in yours ({areas}). Leave it out, or name one of your own."""

    zh = "{area} 不在您的辖区（{areas}）内。请不填，或填写您自己的辖区。"


class AreaNotNamed(InvalidInput):
    """You do not have just one area. Name the one that the list is loaded for: its code in `area_code`."""

    zh = "您的辖区不是唯一的，请用 area_code 写明以哪个辖区的名义提交。"


class PersonErased(Gone):
    """The personal data of this person has been erased. Nothing of theirs can be changed or kept any more."""

    zh = "此人的个人信息已被删除，不能再更改或保存。"


class NotAmendable(Conflict):
    """A request that is {status} can no longer be amended. Withdraw it and submit it again."""

    zh = "“{status_zh}”的需求不能再修改。请先撤回，再重新提交。"


class NotWithdrawable(Conflict):
    """A request that is {status} can no longer be withdrawn."""

    zh = "“{status_zh}”的需求不能再撤回。"
