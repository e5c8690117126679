"""How cases read on a page, in both languages; decides nothing."""

from typing import Final

from services.registry.domain.rights.case import Act, CaseOutcome, CaseType, Note, State
from services.registry.domain.rights.clocks import ClockKind
from services.registry.usecases.rights.views import OpeningReason
from shared.http import t
from shared.web.words import Tone

TYPES: Final[dict[str, tuple[str, str]]] = {
    CaseType.UNPAID_WAGES: ("拖欠工资", "Unpaid wages"),
    CaseType.NO_CONTRACT: ("没有签劳动合同", "No contract"),
    CaseType.INJURY: ("工伤", "Injury at work"),
    CaseType.DEDUCTION: ("克扣工资", "Deduction from pay"),
    CaseType.JOB_NOT_AS_PROMISED: ("岗位与承诺不符", "Job not as promised"),
    CaseType.REFUSED_AT_GATE: ("到厂被拒收", "Refused at the gate"),
    CaseType.JOURNEY: ("路途服务投诉", "Complaint about the journey"),
}
STATES: Final[dict[str, tuple[str, str, Tone]]] = {
    State.OPENED: ("已登记", "opened", "wait"),
    State.ASSIGNED: ("已分办", "assigned", "go"),
    State.MEDIATION: ("调解中", "in mediation", "go"),
    State.ARBITRATION: ("仲裁中", "in arbitration", "go"),
    State.COURT: ("法律援助与诉讼中", "legal aid and court", "go"),
    State.INSPECTION: ("监察中", "in inspection", "go"),
    State.RESOLVED: ("已有结果", "resolved", "good"),
    State.WITHDRAWN: ("已撤回", "withdrawn", "plain"),
    State.CLOSED: ("已结案", "closed", "plain"),
}
ACTS: Final[dict[str, tuple[str, str]]] = {
    Act.ASSIGN: ("分办", "Assign"),
    Act.MEDIATE: ("转调解", "To mediation"),
    Act.ARBITRATE: ("申请仲裁", "Apply for arbitration"),
    Act.SUE: ("转法律援助、起诉", "To legal aid and court"),
    Act.INSPECT: ("转劳动保障监察", "To labour inspection"),
    Act.RESOLVE: ("登记结果", "Record the outcome"),
    Act.WITHDRAW: ("本人撤回", "Withdrawn by the worker"),
    Act.CLOSE: ("结案", "Close"),
    Note.OPEN: ("登记", "Opened"),
    Note.NOTE: ("办理记录", "Note"),
    Note.DOCUMENT: ("收到材料", "Document"),
    Note.ADMIT: ("仲裁委受理", "Arbitration admitted"),
    Note.EXTEND: ("延期", "Extended"),
    Note.SUSPEND: ("中止期限", "Clock suspended"),
    Note.RESUME: ("恢复期限", "Clock resumed"),
    Note.LIMIT: ("时效重新计算", "Limit begins anew"),
    Note.HAND_OVER: ("移交", "Handed over"),
    Note.ACCEPT: ("接收", "Accepted"),
    Note.RETURN: ("退回", "Returned"),
}
OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    CaseOutcome.SETTLED: ("和解", "settled"),
    CaseOutcome.AWARD: ("仲裁裁决", "award"),
    CaseOutcome.JUDGMENT: ("法院判决", "judgment"),
    CaseOutcome.INSPECTION_ORDER: ("责令改正", "inspection order"),
    CaseOutcome.WITHDRAWN: ("本人撤回", "withdrawn by the worker"),
    CaseOutcome.UNFOUNDED: ("查无实据", "unfounded"),
    CaseOutcome.NO_JURISDICTION: ("不属管辖", "no jurisdiction"),
}
CLOCKS: Final[dict[str, tuple[str, str]]] = {
    ClockKind.LIMIT: ("申请仲裁时效", "Limit for arbitration"),
    ClockKind.MEDIATION: ("调解", "Mediation"),
    ClockKind.ACCEPTANCE: ("仲裁受理", "Admission to arbitration"),
    ClockKind.ARBITRATION: ("仲裁裁决", "Award"),
    ClockKind.INSPECTION: ("监察调查", "Inspection"),
    ClockKind.SUIT: ("起诉", "Going to court"),
}
CHANNELS: Final = {
    "link": ("本人网上登记", "by the worker's link"),
    "phone": ("窗口或电话登记", "at the desk or by phone"),
    "helper": ("帮扶责任人登记", "by the named helper"),
}
REASONS: Final[dict[str, tuple[str, str]]] = {
    OpeningReason.HANDLING: ("办理案件", "To handle the case"),
    OpeningReason.HEARING: ("准备调解或开庭", "To prepare a hearing"),
    OpeningReason.WORKER_ASKS: ("本人查询", "The worker asks"),
    OpeningReason.SUPERVISION: ("督办检查", "Supervision"),
}


def type_words(code: str) -> str:
    """A case's type in the reader's language."""
    return t(*TYPES[code])


def state_words(code: str) -> str:
    """A case's state in the reader's language."""
    return t(*STATES[code][:2])


def tone_of(code: str) -> Tone:
    """How a state's badge looks."""
    return STATES[code][2]


def act_words(code: str) -> str:
    """A step in the reader's language."""
    return t(*ACTS[code])


def outcome_words(code: str) -> str:
    """An outcome in the reader's language."""
    return t(*OUTCOMES[code])


def clock_words(code: str) -> str:
    """What there is a time for, in the reader's language."""
    return t(*CLOCKS[code])


def channel_words(code: str) -> str:
    """How a case came in, in the reader's language."""
    return t(*CHANNELS[code])


def left_words(days: int) -> str:
    """How long there still is, or by how much a day has gone by."""
    if days < 0:
        return t(f"已超 {-days} 天", f"{-days} d overdue")
    return t(f"还剩 {days} 天", f"{days} d left") if days else t("今天到期", "due today")
