"""How rules, conditions and what was found read in Chinese and English; decides nothing."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.registry.domain.rewards.judge import Condition, Outcome
from services.registry.domain.rewards.rule import (
    Between,
    Blocks,
    ByIncome,
    ByReach,
    Claimant,
    CountedOver,
    Instalments,
    Once,
    PerHead,
    Purpose,
    Reach,
    Rule,
    Seat,
    Tiers,
)
from shared.kernel.money import yuan
from shared.roster import CATEGORY_WORDS

Pair = tuple[str, str]
CLAIMANTS: Final[Mapping[str, Pair]] = {
    Claimant.AGENCY: ("人力资源机构", "agency"),
    Claimant.ENTERPRISE: ("用工企业", "enterprise"),
    Claimant.WORKER: ("务工人员本人", "worker"),
}
PURPOSES: Final[Mapping[str, Pair]] = {
    Purpose.AGENCY_REWARD: ("组织输出奖补", "agency's reward"),
    Purpose.ENTERPRISE_INCENTIVE: ("企业吸纳奖补", "enterprise's incentive"),
    Purpose.JOB_SEEKING: ("求职创业补贴", "job-seeking benefit"),
    Purpose.TRANSPORT: ("个人交通补贴", "travel allowance"),
}
ONCES: Final[Mapping[str, Pair]] = {
    Once.EVER: ("每人一次", "once a worker"),
    Once.YEAR: ("每人每年一次", "once a worker and year"),
    Once.SEASON: ("每人每季一次", "once a worker and season"),
}
COUNTS: Final[Mapping[str, Pair]] = {
    CountedOver.SEASON: ("，人数按一季全部名单累计", ", counted over all lists of a season"),
    CountedOver.YEAR: ("，人数按一年全部名单累计", ", counted over all lists of a year"),
    CountedOver.RULE: (
        "，人数按规则有效期内全部名单累计",
        ", counted over all lists while the rule is in force",
    ),
}
REACHES: Final[Mapping[str, Pair]] = {
    Reach.SAME_COUNTY: ("县内", "in the county"),
    Reach.SAME_PREFECTURE: ("市州内县外", "in the prefecture, outside the county"),
    Reach.SAME_PROVINCE: ("省内跨市州", "in another prefecture of the province"),
    Reach.OTHER_PROVINCE: ("省外", "in another province"),
}
SEATS: Final[Mapping[str, Pair]] = {
    Seat.REQUIRED: ("须乘坐组织的包车", "by an organised seat"),
    Seat.EXCLUDED: ("未乘坐组织的包车", "without an organised seat"),
}
OUTCOMES: Final[Mapping[str, Pair]] = {
    Outcome.MET: ("符合", "met"),
    Outcome.NOT_MET: ("不符合", "not met"),
    Outcome.NOT_KNOWN: ("尚不清楚", "not known"),
}
CLASSES: Final[Mapping[str, Pair]] = {
    str(code): (word, str(code).lower().replace("_", " ")) for word, code in CATEGORY_WORDS.items()
}
_ASKED: Final[Mapping[str, Pair]] = {
    Condition.PERSON: ("档案有效", "the file is in being"),
    Condition.WINDOW: ("到岗日期在 {0} 之内", "arrived within {0}"),
    Condition.CLASS: ("人员类别：{0}", "of a class: {0}"),
    Condition.AGE: ("年满 {0} 周岁", "{0} years old or more"),
    Condition.REACH: ("就业地：{0}", "the job is {0}"),
    Condition.JOB: ("就业满 {0} 个月", "at least {0} months in the job"),
    Condition.CONTRACT: ("劳动合同满 {0} 个月", "a contract of at least {0} months"),
    Condition.INSURANCE: (
        "到岗后社会保险满 {0} 个月",
        "at least {0} months of social insurance after arrival",
    ),
    Condition.TRACKING: ("到岗后跟踪记录满 {0} 个月", "tracked in {0} months after arrival"),
    Condition.SEAT: ("{0}", "{0}"),
    Condition.FIRST: ("首次有组织外出", "the first organised journey"),
    Condition.ALLOWANCE: ("{0} 年未领过个人补贴", "no allowance paid in {0}"),
    Condition.ONCE: ("未重复享受（{0}）", "not paid for twice ({0})"),
    Condition.STACK: ("没有不可叠加的其他奖补", "no other payment that bars this one"),
}
_FOUND: Final[Mapping[str, Pair]] = {
    Condition.CONTRACT: ("合同 {0} 个月", "a contract of {0} months"),
    Condition.INSURANCE: ("已查到：{0}", "on record: {0}"),
    Condition.TRACKING: ("已记录 {0} 个月", "recorded in {0} months"),
}
_CODED: Final[Mapping[str, Mapping[str, Pair]]] = {
    Condition.CLASS: CLASSES,
    Condition.REACH: REACHES,
    Condition.SEAT: SEATS,
    Condition.ONCE: ONCES,
    Condition.STACK: PURPOSES,
}
_HIDDEN: Final[Mapping[str, Pair]] = {
    Condition.ONCE: ("此人已计入其他名单", "the worker counts on another list already"),
    Condition.STACK: ("此人已享受不可叠加的奖补", "the worker was paid for in a way that bars this"),
    Condition.PERSON: ("个人信息已删除", "the personal data are erased"),
}
"""Why these are not met: what stands against it is never named."""


def asked_words(condition: str, needed: str) -> Pair:
    """What was asked."""
    zh, en = _ASKED[condition]
    return zh.format(_coded(condition, needed, 0)), en.format(_coded(condition, needed, 1))


def found_words(condition: str, outcome: str, found: str) -> Pair:
    """What was found; empty where there is nothing more to say."""
    if condition in _HIDDEN:
        return _HIDDEN[condition] if outcome == Outcome.NOT_MET else ("", "")
    if outcome == Outcome.NOT_KNOWN and not found:
        return "没有记录", "nothing on record"
    if condition in (Condition.AGE, Condition.SEAT) and not found:
        return "", ""
    zh, en = _FOUND.get(condition, ("{0}", "{0}"))
    return zh.format(_coded(condition, found, 0)), en.format(_coded(condition, found, 1))


def _coded(condition: str, codes: str, language: int) -> str:
    """Codes in words; whatever is no code stays as it is."""
    words = _CODED.get(condition)
    if words is None:
        return codes
    between = ("、", ", ")[language]
    return between.join(words[one][language] if one in words else one for one in codes.split())


def amount_words(rule: Rule) -> Pair:
    """What a rule pays, in yuan."""
    return _amount(rule, 0), _amount(rule, 1)


def _amount(rule: Rule, language: int) -> str:
    def say(zh: str, en: str) -> str:
        return (zh, en)[language]

    match rule.amount:
        case PerHead(fen=fen, is_ceiling=is_ceiling):
            most = say("不超过 ", "at most ") if is_ceiling else ""
            text = say(f"每人{most}{yuan(fen)} 元", f"{most}{yuan(fen)} yuan a head")
        case Tiers(tiers=tiers):
            ends = [one.heads_to for one in tiers]
            pieces = (
                say(
                    f"{_tier(end, before, 0)}每人 {yuan(one.fen)} 元",
                    f"{_tier(end, before, 1)} {yuan(one.fen)} yuan a head",
                )
                for one, end, before in zip(tiers, ends, [None, *ends], strict=False)
            )
            text = _join(pieces, language)
        case Blocks() as lump:
            text = say(
                f"满 {lump.first_heads} 人 {yuan(lump.first_fen)} 元，每再满 {lump.further_heads} 人加 {yuan(lump.further_fen)} 元，最高 {yuan(lump.cap_fen)} 元",
                f"{yuan(lump.first_fen)} yuan for {lump.first_heads}, {yuan(lump.further_fen)} for each further {lump.further_heads}, at most {yuan(lump.cap_fen)}",
            )
        case Instalments(parts=parts):
            pieces = (
                say(
                    f"满 {one.months} 个月 {yuan(one.fen)} 元",
                    f"{yuan(one.fen)} yuan after {one.months} months",
                )
                for one in parts
            )
            text = _join(pieces, language)
        case ByReach(fen=by_reach):
            pieces = (
                say(f"{REACHES[reach][0]} {_span(fen)} 元", f"{_span(fen)} yuan {REACHES[reach][1]}")
                for reach, fen in sorted(by_reach.items(), key=lambda item: list(Reach).index(item[0]))
            )
            text = _join(pieces, language)
        case ByIncome() as income:
            text = say(
                f"年收入低于 {yuan(income.limit_fen)} 元的 {yuan(income.below_fen)} 元，其余 {yuan(income.from_fen)} 元",
                f"{yuan(income.below_fen)} yuan below an income of {yuan(income.limit_fen)}, else {yuan(income.from_fen)}",
            )
    if rule.counted_over is not None:
        text += COUNTS[rule.counted_over][language]
    if rule.cap_claimant_fen is not None:
        text += say(
            f"，每家每年最高 {yuan(rule.cap_claimant_fen)} 元",
            f", at most {yuan(rule.cap_claimant_fen)} a claimant and year",
        )
    return text


def counting_words(before_heads: int, before_fen: int, heads: int, due_fen: int, difference_fen: int) -> Pair:
    """How a list's workers were counted with those of the lists before: what all of them bring, and what was paid of it."""
    zh = f"连同此前名单共 {heads} 人，应付 {yuan(due_fen)} 元；此前名单 {before_heads} 人，已计 {yuan(before_fen)} 元"
    en = (
        f"{heads} with the lists before, who bring {yuan(due_fen)} yuan;"
        f" {before_heads} on the lists before, who came to {yuan(before_fen)}"
    )
    if difference_fen:
        zh += f"；本名单补足此前名单差额 {yuan(difference_fen)} 元"
        en += f"; this list makes up {yuan(difference_fen)} for those"
    if before_fen > due_fen:
        zh += f"；此前多计 {yuan(before_fen - due_fen)} 元，从以后的名单中扣回"
        en += f"; {yuan(before_fen - due_fen)} too much was paid before, and comes off later lists"
    return zh, en


def _join(pieces: Iterable[str], language: int) -> str:
    return ("；", "; ")[language].join(pieces)


def _tier(end: int | None, before: int | None, language: int) -> str:
    if end is None:
        return (f"超过 {before} 人的", f"above {before} workers")[language]
    return (f"{end} 人以内的", f"up to {end} workers")[language]


def _span(fen: int | Between) -> str:
    return f"{yuan(fen.least_fen)}–{yuan(fen.most_fen)}" if isinstance(fen, Between) else yuan(fen)


def conditions_words(rule: Rule) -> list[Pair]:
    """What a rule asks, a line each."""
    asked = rule.conditions
    needed: list[tuple[Condition, str, bool]] = [
        (Condition.CLASS, " ".join(asked.categories), bool(asked.categories)),
        (Condition.AGE, str(asked.age_min), asked.age_min > 0),
        (Condition.REACH, " ".join(asked.reach), bool(asked.reach)),
        (Condition.JOB, str(asked.job_months), asked.job_months > 0),
        (Condition.CONTRACT, str(asked.contract_months), asked.contract_months > 0),
        (Condition.INSURANCE, str(asked.insurance_months), asked.insurance_months > 0),
        (Condition.TRACKING, str(asked.tracked_months), asked.tracked_months > 0),
        (Condition.SEAT, asked.organised_seat, asked.organised_seat is not Seat.ANY),
        (Condition.FIRST, "", asked.first_export),
        (Condition.ONCE, rule.once, True),
    ]
    return [asked_words(condition, text) for condition, text, is_asked in needed if is_asked]
