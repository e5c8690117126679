"""How accounts, reasons and timetable entries read on the dispatcher's pages, in both languages."""

from services.dispatcher.money.books.words import KINDS
from services.dispatcher.money.rules.words import BEARERS
from services.dispatcher.usecases.cut_off import REQUESTED_BY
from shared import reference
from shared.http import t
from shared.kernel.money import yuan

_RULES = {
    "party-exceeds-coach": ("同行小组超过最大车型座位", "family larger than the largest coach"),
    "no-coach-left": ("当日可用车辆不足", "no coach left on the day"),
    "duration-exceeded": ("行程超过时限", "trip longer than allowed"),
    "timetable-exceeded": ("按驾驶时间规定超过时限", "lawful timetable longer than allowed"),
    "no-road": ("没有可通行的道路", "no road"),
    "family-one-stop-one-gate": ("同一家庭的上车点或厂门不同", "family with several stops or gates"),
    "family-complete": ("家庭成员尚未到齐", "family not complete yet"),
    "coach-of-the-prefecture": ("车队无当地登记车辆", "no coach registered at the origin"),
    "place-known": ("地点不在参考表中", "place not in the tables"),
    "planner-crashed": ("规划进程意外结束", "planner's process died"),
}
_ENTRIES = {
    "drive": ("行驶", "driving"),
    "rest": ("停车休息", "rest"),
    "night-stop": ("凌晨停驶", "night stop"),
    "change-of-driver": ("更换驾驶员", "change of driver"),
    "service": ("停靠办理", "at the stop"),
}
_PRICE = {
    "fixed_fen": ("固定费用", "fixed"),
    "km_fen": ("里程费用", "by the km"),
    "minimum_fen": ("补足每日最低收费", "up to the minimum a day"),
    "driver_days_fen": ("驾驶员食宿", "drivers' days"),
    "toll_fen": ("过路费", "toll"),
}

_CHANGES = {
    "new": ("新增", "new"),
    "changed": ("调整", "changed"),
    "cancelled": ("取消", "cancelled"),
}
_MARKS = {
    "lock": ("锁定班次", "lock the trip"),
    "force": ("指定乘坐", "must ride"),
    "forbid": ("不得乘坐或同车", "must not ride"),
}


def change_word(change: str) -> str:
    """What becomes of a trip."""
    return t(*_CHANGES[change])


def mark_word(kind: str) -> str:
    """What a dispatcher lays down."""
    return t(*_MARKS[kind])


def author_word(name: str) -> str:
    """Who asked for a round: an office by its name, or the clock."""
    return t("截止时刻自动编排", "the cut-off") if name == REQUESTED_BY else name


def rule_word(rule: str) -> str:
    """Why somebody was left behind."""
    return t(*_RULES.get(rule, (rule, rule)))


def entry_word(kind: str) -> str:
    """A line of the timetable."""
    return t(*_ENTRIES.get(kind, (kind, kind)))


def kind_word(kind: str) -> str:
    """A transfer's kind."""
    return t(*KINDS.get(kind, (kind, kind)))


def price_word(item: str) -> str:
    """An item of a charter's price."""
    return t(*_PRICE.get(item, (item, item)))


def place_word(code: str) -> str:
    """A division's name; its code where the tables do not have it."""
    county = reference.find_county(code)
    if county is not None:
        return county.name
    for prefecture in reference.list_prefectures():
        if prefecture.code == code:
            return prefecture.name
    if code in ("52", "520000"):
        return t("贵州省", "Guizhou")
    home = (county.prefecture_name for county in reference.list_counties() if county.code[:4] == code[:4])
    return next(home, code) if code in (code[:4], f"{code[:4]}00") else code


def payer_word(payer: str) -> str:
    """`origin_county:522732` as people say it."""
    kind, _, code = payer.partition(":")
    return f"{place_word(code)} · {bearer_word(kind)}"


def bearer_word(kind: str) -> str:
    """A kind of who bears a part."""
    return t(*BEARERS.get(kind, (kind, kind)))


def change(fen: int) -> str:
    """By how much an amount changes: `+1,234.50`; a dash where it does not."""
    return f"{'+' if fen > 0 else ''}{yuan(fen)}" if fen else "—"


def owner_word(account: str, names: dict[str, str]) -> str:
    """Whose account it is; `names` are those of enterprises and carriers."""
    kind, _, rest = account.partition(":")
    owner, _, _season = rest.rpartition(":")
    if kind == "treasury":
        return t(f"{place_word(owner)} 财政", f"treasury of {place_word(owner)}")
    if kind in ("payer", "workers"):
        return payer_word(owner if kind == "payer" else f"workers:{owner}")
    return names.get(owner, owner)


def account_word(account: str, names: dict[str, str]) -> str:
    """An account as people say it, with what its owner is."""
    kind = account.partition(":")[0]
    role = {"enterprise": t("企业", "enterprise"), "carrier": t("承运人", "carrier")}.get(kind)
    return owner_word(account, names) + (f" · {role}" if role else "")
