"""How the codes of claims read on pages, papers and terminals, in Chinese and English."""

from collections.abc import Mapping

from services.dispatcher.money.claims.checks import Severity
from services.dispatcher.money.claims.claim import Act, ClaimState, Note

STATES: Mapping[str, tuple[str, str]] = {
    ClaimState.DRAFT: ("草稿", "draft"),
    ClaimState.SUBMITTED: ("已提交", "submitted"),
    ClaimState.PRECHECKED: ("已核查", "checked"),
    ClaimState.UNDER_REVIEW: ("审核中", "under review"),
    ClaimState.PUBLICISED: ("公示中", "public notice"),
    ClaimState.APPROVED: ("已批准", "approved"),
    ClaimState.FINANCE_REVIEW: ("财政复核", "with finance"),
    ClaimState.PAID: ("已支付", "paid"),
    ClaimState.ARCHIVED: ("已归档", "archived"),
    ClaimState.RETURNED: ("已退回", "returned"),
    ClaimState.REJECTED: ("已驳回", "rejected"),
    ClaimState.SUSPENDED: ("已暂停", "suspended"),
    ClaimState.CLAWBACK_OPEN: ("待追回", "to be recovered"),
    ClaimState.RECOVERED: ("已追回", "recovered"),
}
ACTS: Mapping[str, tuple[str, str]] = {
    Note.DRAFT: ("起草", "drafted"),
    Note.PAPERS: ("填写材料", "papers filled in"),
    Act.SUBMIT: ("提交", "submitted"),
    Act.PRECHECK: ("自动核查", "checked"),
    Act.TAKE_UP: ("受理", "taken up"),
    Act.RETURN: ("退回", "returned"),
    Act.REJECT: ("驳回", "rejected"),
    Act.SUSPEND: ("暂停", "suspended"),
    Act.RESUME: ("恢复", "resumed"),
    Act.PUBLICISE: ("公示", "published"),
    Act.APPROVE: ("批准", "approved"),
    Act.RECEIVE: ("财政接收", "received by finance"),
    Act.PAY: ("支付", "paid"),
    Act.ARCHIVE: ("归档", "archived"),
    Act.OPEN_CLAWBACK: ("发起追回", "money asked back"),
    Act.RECOVER: ("登记退款", "money given back"),
    Note.CLEAR_FLAG: ("处理核查意见", "finding let pass"),
    Note.OBJECT: ("登记异议", "objection kept"),
    Note.ANSWER_OBJECTION: ("答复异议", "objection answered"),
}
SEVERITIES: Mapping[str, tuple[str, str]] = {
    Severity.BLOCK: ("整份不付", "nothing is paid"),
    Severity.BLOCK_VEHICLE: ("本车不付", "this trip is not paid"),
    Severity.BLOCK_LINE: ("此人不付", "not paid for them"),
    Severity.HOLD_LINE: ("暂缓", "held"),
    Severity.REVIEW: ("须审核", "to be looked at"),
    Severity.ALERT: ("安全提示", "safety"),
    Severity.CLAW_BACK_CANDIDATE: ("可能追回", "may be asked back"),
}
DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "contract": ("合同", "contract"),
    "invoice": ("发票", "invoice"),
    "voucher": ("付款凭证", "proof of payment"),
    "roster": ("签字名单", "signed roster"),
    "agreement": ("合并申报协议", "agreement to claim together"),
    "other": ("其他", "other"),
}
"""What a document may be."""
