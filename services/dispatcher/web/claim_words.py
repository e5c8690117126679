"""How claims read on the dispatcher's pages, in both languages: states, acts, checks, figures and the arithmetic."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.dispatcher.money.claims.words import ACTS, DOCUMENTS, SEVERITIES, STATES
from services.dispatcher.money.rules.words import DISTANCES, OWNERSHIPS
from services.dispatcher.usecases import paper_words
from services.dispatcher.web.words import payer_word, place_word
from shared.http import t
from shared.web.words import Tone, duration, kilometres, money, state_word

_STATE_TONES: Mapping[str, Tone] = {
    "draft": "plain",
    "submitted": "wait",
    "prechecked": "wait",
    "under_review": "go",
    "publicised": "go",
    "approved": "go",
    "finance_review": "go",
    "paid": "good",
    "archived": "plain",
    "returned": "warn",
    "rejected": "bad",
    "suspended": "warn",
    "clawback_open": "bad",
    "recovered": "good",
}
_NEXT = {
    "draft": (
        "申报单位填写发票和收款账户、上传材料后提交。",
        "The claimant fills in invoices and account, hands its documents in, and submits.",
    ),
    "returned": (
        "申报单位按退回意见修改后重新提交。",
        "The claimant mends what the bureau asks for, and submits again.",
    ),
    "submitted": (
        "等待核查：登记服务曾暂时没有响应，由人社部门重新核查。",
        "The checks have not run: the registry was away. The bureau runs them again.",
    ),
    "prechecked": ("等待人社部门受理。", "The labour bureau takes it up."),
    "under_review": (
        "受理人逐条处理核查意见，然后公示，或退回、驳回。",
        "Its reviewer deals with each finding, then publishes the notice, or returns or rejects it.",
    ),
    "publicised": (
        "公示期内接受异议；公示期满且异议均已答复后，由受理人批准。",
        "Objections are taken while the notice runs; then its reviewer approves, once all are answered.",
    ),
    "approved": ("等待财政部门接收复核。", "Finance receives it."),
    "finance_review": ("等待财政部门支付。", "Finance pays."),
    "paid": (
        "已支付。核实后可归档；发现问题由人社或审计部门发起追回。",
        "Paid. Finance may archive it; bureau or audit may ask money back.",
    ),
    "suspended": ("暂停办理，由人社部门恢复。", "It waits until the bureau resumes it."),
    "clawback_open": (
        "申报单位退回款项，财政部门登记收款。",
        "The claimant gives the money back, and finance books it.",
    ),
    "recovered": ("款项已追回，可归档。", "The money is back; finance may archive it."),
    "rejected": ("已驳回，其中人员可重新申报。", "Rejected; its workers may be claimed for again."),
    "archived": ("办理完毕。", "Nothing is left to do."),
}
_CHECKS = {
    "F01": ("花名册重叠", "rosters overlap"),
    "F02": ("重复补贴", "paid for before"),
    "F03": ("已领个人补贴", "individual allowance"),
    "F04": ("无上车记录", "no boarding record"),
    "F05": ("未确认到岗", "arrival not confirmed"),
    "F06": ("人数不足", "too few people"),
    "F07": ("超员", "too many aboard"),
    "F08": ("车辆冲突", "coach elsewhere"),
    "F09": ("价格异常", "unusual price"),
    "F10": ("合同或发票不符", "contract or invoice"),
    "F11": ("超出期限", "out of time"),
    "F12": ("人员信息存疑", "doubtful person"),
    "F13": ("申报范围不符", "not its people"),
    "F14": ("无在岗记录", "no employment record"),
    "F15": ("职责未分离", "duties not separate"),
    "F16": ("车籍地不符", "coach of elsewhere"),
}
_SEVERITY_TONES: Mapping[str, Tone] = {
    "block": "bad",
    "block_vehicle": "bad",
    "block_line": "bad",
    "hold_line": "warn",
    "review": "warn",
    "alert": "warn",
    "claw_back_candidate": "warn",
}
_STANDINGS: Mapping[str, tuple[str, str, Tone]] = {
    "counted": ("计入", "counts", "good"),
    "held": ("暂缓", "held", "warn"),
    "refused": ("不计入", "does not count", "bad"),
    "clawed_back": ("已追回", "asked back", "bad"),
}
_WORKINGS = {
    "charter": ("这趟包车的费用", "What the charter cost"),
    "base": (
        "其中本条款人员的部分（按到岗人数）",
        "The part of this provision's workers, by heads that came",
    ),
    "rule:percentage": ("按比例补贴", "So many per cent of it"),
    "rule:full_cost": ("全额补贴", "All of it"),
    "rule:bands": ("按座位和里程档定额补贴（核定座位 · 档）", "A flat amount by seats and distance"),
    "rule:share_ratio": (
        "按 政府 : 企业 : 个人 分担，政府部分",
        "Shared government : enterprise : workers; government's part",
    ),
    "caps": ("不超过每车、每人上限", "No more than the caps a vehicle and a head"),
    "season_cap": (
        "申报单位本季累计不超过上限，超出部分按比例扣减",
        "No more than the claimant's cap of the season, cut in proportion",
    ),
}
_FIGURES = {
    "aboard": ("实载人数", "aboard"), "age_min": ("最低年龄", "least age"), "arrived_on": ("到岗日期", "arrived on"),
    "band_percent": ("允许偏差（%）", "band, %"), "boarding": ("上车标记", "escort's mark"),
    "carrier_id": ("承运人", "carrier"), "claimant_id": ("申报人", "claimant"), "claimed": ("申报人数", "heads claimed"),
    "confirm_days": ("确认期限（天）", "days to confirm"), "confirmed": ("确认人数", "heads confirmed"),
    "confirmed_by": ("确认企业", "confirmed by"), "confirmed_on": ("确认日期", "confirmed on"),
    "contract_fen": ("合同金额", "contract"), "contract_no": ("合同编号", "contract no."), "count": ("个数", "count"),
    "county_code": ("县", "county"), "day": ("日期", "day"), "distance_m": ("距离", "distance"), "due_at": ("期限", "due at"),
    "due_on": ("期限", "due on"), "duties": ("职责", "duties"), "earliest": ("最早出发", "earliest"),
    "enterprise_id": ("企业", "enterprise"), "expected_per_km_fen": ("现行运价每公里", "tariff a km"),
    "expected_per_seat_fen": ("现行运价每座", "tariff a seat"), "filed_at": ("备案时间", "filed at"), "first": ("起", "first day"),
    "first_month": ("起始月", "first month"), "gap_s": ("间隔", "time between"), "heads": ("人数", "heads"),
    "heads_min": ("最少人数", "least heads"), "invoice_fen": ("发票金额", "invoice"), "invoice_no": ("发票号", "invoice no."),
    "last": ("止", "last day"), "last_month": ("截止月", "last month"), "latest": ("最晚出发", "latest"),
    "needed_s": ("至少需要", "needs at least"), "number": ("编号", "number"), "other_county": ("另一县", "other county"),
    "other_earliest": ("另一申请最早", "the other's earliest"), "other_id": ("另一申请", "other request"),
    "other_latest": ("另一申请最晚", "the other's latest"), "other_trip_id": ("另一班次", "other trip"),
    "other_trip_ids": ("其他班次", "other trips"), "outcome": ("结果", "outcome"), "overlap_s": ("重叠时间", "overlap"),
    "ownership": ("声明的所有制", "declared ownership"), "ownerships": ("可补贴的所有制", "ownerships paid for"),
    "paid_by": ("已付申报", "paid by claim"), "party_id": ("开具方", "issued by"), "people": ("共用人数", "people"),
    "people_max": ("人数上限", "most people"), "per_km_fen": ("每公里", "a km"), "per_seat_fen": ("每座", "a seat"),
    "plate": ("车牌", "plate"), "plate_prefecture": ("车籍地", "registered in"), "policy": ("政策", "policy"),
    "prefecture_code": ("市州", "prefecture"), "prefile_hours": ("备案提前（小时）", "hours before departure"),
    "price_fen": ("合同价", "contract's price"), "rightful_id": ("应申报人", "whose to claim"), "season": ("返岗季", "season"),
    "seats": ("座位", "seats"), "seats_approved": ("核定座位", "approved seats"), "seats_max": ("限载人数", "most allowed"),
    "source": ("来源", "source"), "subject": ("账号", "account"), "subjects": ("账号", "accounts"),
    "submitted_on": ("提交日期", "submitted on"), "trip_ids": ("班次", "trips"),
}  # fmt: skip
"""What the checks' evidence holds (`checks`)."""
_DUTIES = {"submit": ("提交", "submit"), "review": ("审核", "review"), "pay": ("支付", "pay")}


def claim_state_word(state: str) -> str:
    """A claim's state."""
    return t(*STATES[state])


def claim_state_tone(state: str) -> Tone:
    """How its badge looks."""
    return _STATE_TONES[state]


def next_word(state: str) -> str:
    """Who does what next."""
    return t(*_NEXT[state])


def act_word(act: str) -> str:
    """What was done."""
    return t(*ACTS[act])


def check_word(code: str) -> str:
    """What a check looks for, in short."""
    return t(*_CHECKS[code])


def severity_word(severity: str) -> str:
    """What a finding does to its claim."""
    return t(*SEVERITIES[severity])


def severity_tone(severity: str) -> Tone:
    """How its badge looks."""
    return _SEVERITY_TONES[severity]


def standing_word(standing: str) -> str:
    """What a worker counts as in a claim."""
    return t(*_STANDINGS[standing][:2])


def standing_tone(standing: str) -> Tone:
    """How its badge looks."""
    return _STANDINGS[standing][2]


def document_word(kind: str) -> str:
    """A kind of document."""
    return t(*DOCUMENTS[kind])


def ownership_word(ownership: str) -> str:
    """Whose an enterprise is."""
    return t(*OWNERSHIPS[ownership])


def working_word(what: str) -> str:
    """A step of the arithmetic."""
    kind, _, payer = what.partition(":")
    if kind == "payer":
        name = payer_word(payer.removeprefix("payer:").rpartition(":")[0])
        return t(f"{name} 承担的部分，按计入人数", f"{name}: its part, by heads that count")
    return t(*_WORKINGS[what])


def formula_word(formula: str) -> str:
    """The figures of a step, a distance band in words."""
    seats, _, distance = formula.rpartition(" · ")
    return f"{seats} · {t(*DISTANCES[distance])}" if distance in DISTANCES else formula


def rule_place(rule: str) -> str:
    """Where in the policy it says so: `ningbo-2023@1 provisions[0]` is its first clause."""
    return t(paper_words.rule_word(rule), rule)


def figure_word(key: str) -> str:
    """What a figure of a finding's evidence is."""
    return t(*_FIGURES.get(key, (key, key)))


def figure_value(key: str, value: Any) -> str:
    """The figure as people read it."""
    if isinstance(value, list | tuple):
        return t("、", ", ").join(figure_value(key, one) for one in value)
    if key.endswith("_fen"):
        return money(value)
    if key.endswith("_s"):
        return duration(value)
    if key.endswith("_m"):
        return kilometres(value)
    if key in ("county_code", "prefecture_code", "plate_prefecture", "other_county"):
        return place_word(str(value))
    if key in ("ownership", "ownerships") and value in OWNERSHIPS:
        return ownership_word(value)
    if key == "duties":
        return t(*_DUTIES[value])
    if key in ("boarding", "outcome") and value:
        return state_word(value)
    return "—" if value is None else str(value)


def account_payer(account: str) -> str:
    """`payer:origin_county:522732:2020-spring` as people say it."""
    return payer_word(account.removeprefix("payer:").rpartition(":")[0])


def full_day(value: date) -> str:
    """A day with its year, for money goes over years."""
    return t(f"{value.year}年{value.month}月{value.day}日", f"{value.day} {value:%b} {value.year}")


FILTERS = {
    word.__name__: word
    for word in (
        claim_state_word, claim_state_tone, next_word, act_word, check_word, severity_word, severity_tone, standing_word,
        standing_tone, document_word, ownership_word, working_word, formula_word, rule_place, figure_word, account_payer, full_day,
    )
}  # fmt: skip
