"""Why nothing is done in a case as it was asked."""

from collections.abc import Sequence

from services.registry.domain.fault import Fault
from services.registry.usecases.errors import told
from shared.kernel.errors import Conflict, Forbidden, Gone, InvalidInput


class CaseNotTaken(InvalidInput):
    """The case was not taken down: {summary_en}"""

    zh = "案件未登记：{summary_zh}"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            errors=[told(one) for one in faults],
            summary_zh="；".join(f"{one.zh}（{one.mend_zh}）" for one in faults),
            summary_en="; ".join(f"{one.en} ({one.mend_en})" for one in faults),
        )

    def __reduce__(self) -> tuple[type["CaseNotTaken"], tuple[tuple[Fault, ...]]]:
        return CaseNotTaken, (self.faults,)


class WhoNotNamed(InvalidInput):
    """Say whose case it is in one way: by `person_id`, by `request_id`, or by `caller` with name, ID, phone and place."""

    zh = "请用一种方式写明是谁的案件：person_id、request_id，或 caller（姓名、身份证号、手机号、住地）。"


class PlaceNotYours(Forbidden):
    """This place is not in your area ({areas}). Ask the labour office of the worker's own place to take the case down."""

    zh = "该地点不在您的辖区（{areas}）内。请由工人住地的人社部门登记。"


class EnterpriseNotKnown(InvalidInput):
    """No enterprise of this name or code is registered. Leave it empty and name it in what happened."""

    zh = "没有登记该名称或代码的企业。请不填，并在经过中写明企业。"


class RequestNotTheirs(InvalidInput):
    """This request is not one of that person's. Leave `request_id` out, or name one of theirs."""

    zh = "该出行需求不属于此人。请不填 request_id，或填写此人自己的需求。"


class NotAccepted(Conflict):
    """Your office has not accepted this case yet. Accept it, or return it with a reason."""

    zh = "贵单位尚未接收此案。请先接收，或写明理由退回。"


class NotHandedOver(Conflict):
    """This case is not waiting to be accepted. Reload the page."""

    zh = "此案不在待接收状态。请刷新页面。"


class CaseOver(Conflict):
    """This case is over. Open a new one if something new has happened."""

    zh = "此案已结束。如有新情况请另行登记。"


class DivisionUnknown(InvalidInput):
    """There is no division {area} to hand the case to. Give the six digits of a prefecture or county, here or at the destination."""

    zh = "没有代码为 {area} 的地区可供移交。请填写户籍地或务工地的市、县六位代码。"


class DayNotPossible(InvalidInput):
    """This day is after today or before anything was known of the matter. Correct it."""

    zh = "该日期晚于今天，或早于得知此事的日期。请更正。"


class OutcomeMissing(InvalidInput):
    """Say how the case ended: `outcome`."""

    zh = "请写明案件结果（outcome）。"


class ReasonNeeded(InvalidInput):
    """Say why: it is kept with the step. At most {most} characters."""

    zh = "请写明理由，理由随步骤保存。最多 {most} 个字。"


class NoSuchClock(Conflict):
    """No clock {kind} is running in this case. Reload the page."""

    zh = "此案没有正在计算的“{kind}”期限。请刷新页面。"


class LinkUsed(Gone):
    """This link was opened on another device. Ask the labour office for a new one; each device needs a link of its own."""

    zh = "此链接已在另一台设备上打开。请向人社部门索取新链接，每台设备使用各自的链接。"
