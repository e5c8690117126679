"""How what is stored reads on papers, in Chinese: people, the arithmetic, places and accounts."""

import re
from collections.abc import Iterable, Mapping

from sqlmodel import Session

from services.dispatcher.money.claims.assessment import CLAWED_BACK, Standing, Working
from services.dispatcher.money.rules.words import BEARERS, DISTANCES
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.trips import get_carrier_names
from shared import reference
from shared.roster import CATEGORY_WORDS

STANDINGS: Mapping[str, str] = {
    Standing.HELD: "暂缓",
    Standing.REFUSED: "核查不予计入",
    CLAWED_BACK: "已追回",
}
"""Why a request that is claimed for does not count."""
BOARDINGS: Mapping[str | None, str] = {"boarded": "已乘车", "no_show": "未乘车", None: "未登记"}
OUTCOMES: Mapping[str | None, str] = {
    "arrived": "已到厂",
    "no_show": "未到厂",
    "refused": "企业未接收",
    "disputed": "有异议",
    None: "未确认",
}
CATEGORIES: Mapping[str, str] = {code.value: word for word, code in CATEGORY_WORDS.items()}
_WORKINGS: Mapping[str, str] = {
    "charter": "包车合同价",
    "base": "本条人员分摊",
    "rule:percentage": "按比例",
    "rule:full_cost": "全额",
    "rule:bands": "分档定额",
    "rule:share_ratio": "分担比例（政府 : 企业 : 个人）",
    "caps": "每车、每人封顶",
    "season_cap": "申报单位本季封顶",
}
_PROVISION = re.compile(r" provisions\[(\d+)\]$")


def working_word(step: Working, price_fen: int | None) -> str:
    """A step of the arithmetic; `price_fen` of the trip's contract, which an invoice may be below."""
    kind, _, payer = step.what.partition(":")
    if kind == "payer":
        return f"{payer_word(payer)}应付（按计入人数）"
    if step.what == "charter" and step.result_fen != price_fen:
        return "包车费（发票低于合同价）" if price_fen is not None else "包车费（无合同，按价目）"
    return _WORKINGS[step.what]


def formula_word(formula: str) -> str:
    """The figures of a step: `49 · other_province` is `49座 · 跨省`."""
    seats, _, distance = formula.rpartition(" · ")
    return f"{seats}座 · {DISTANCES[distance][0]}" if distance in DISTANCES else formula


def rule_word(rule: str) -> str:
    """Where in the policy it says so: `ningbo-2023@1 provisions[0]` is its first provision."""
    return _PROVISION.sub(lambda found: f" 第{int(found[1]) + 1}条", rule)


def place_word(code: str) -> str:
    """A division's name; its code where the tables do not have it."""
    code = code.ljust(6, "0")
    if code == "520000":
        return "贵州省"
    county = reference.find_county(code)
    if county is not None:
        return county.name
    homes = (home.prefecture_name for home in reference.list_counties() if home.prefecture_code == code)
    found = reference.find_destination(code)
    return next(homes, found.name if found else code)


def payer_word(account: str) -> str:
    """`payer:origin_county:522732:2020-spring` as people say it."""
    _, payer, code, _ = account.split(":")
    return f"{place_word(code)} · {BEARERS[payer][0]}"


def account_word(account: str, names: Mapping[str, str]) -> str:
    """Whose account it is; `names` are those of enterprises and carriers."""
    kind, _, rest = account.partition(":")
    owner = rest.rpartition(":")[0]
    match kind:
        case "payer":
            return payer_word(account)
        case "workers":
            return f"{place_word(owner)} · 务工人员"
        case "treasury":
            return f"{place_word(owner)} · 预算"
        case _:
            return names.get(owner, owner)


def names_of(session: Session, accounts: Iterable[str]) -> dict[str, str]:
    """Names of the enterprises and carriers in the accounts, by their ids."""
    owners = {account.partition(":")[2].rpartition(":")[0] for account in accounts}
    return get_enterprise_names(session, owners) | get_carrier_names(session, owners)
