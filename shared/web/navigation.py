"""The pages of the product, one list for all services, so that a person goes from one to the next without knowing
which service answers; refuses to know what is on them. Who may see a page is what its route declares."""

from typing import Final

from shared.security import Role
from shared.settings import ServiceSettings
from shared.web.rendering import NavItem

_REGISTRY_READERS: Final = frozenset({Role.BUREAU, Role.OPERATOR, Role.AUDIT})
_HOUSEHOLD_READERS: Final = frozenset({Role.BUREAU, Role.AUDIT})
_LIST_READERS: Final = frozenset({*_REGISTRY_READERS, Role.FINANCE})
_BOARD_READERS: Final = frozenset({Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR})
_LEDGER_READERS: Final = frozenset({*_BOARD_READERS, Role.CARRIER, Role.ENTERPRISE})
_LAB_READERS: Final = frozenset({Role.DISPATCHER, Role.FINANCE, Role.AUDIT})
_TRACE_READERS: Final = frozenset({Role.FINANCE, Role.AUDIT, Role.BUREAU, Role.DISPATCHER})
_PAGES: Final = (
    ("registry", "/rosters", "花名册", "Rosters", _REGISTRY_READERS),
    ("registry", "/requests", "出行需求", "Requests", _REGISTRY_READERS),
    ("registry", "/people", "人员档案", "People", _REGISTRY_READERS),
    ("registry", "/outside-lists", "名单比对", "Outside lists", _LIST_READERS),
    ("registry", "/cases", "维权案件", "Cases", frozenset({Role.BUREAU, Role.RIGHTS})),
    ("registry", "/case-counts", "案件数量", "Numbers of cases", frozenset({Role.AUDIT})),
    ("registry", "/exchange", "省系统交换", "Provincial system", _REGISTRY_READERS),
    ("registry", "/tracking", "按月跟踪", "Tracking", _REGISTRY_READERS),
    ("registry", "/my-list", "我的名单", "My list", frozenset({Role.HELPER})),
    ("registry", "/households", "一户一人就业", "Households", _HOUSEHOLD_READERS),
    (
        "registry",
        "/households/zero",
        "零就业家庭",
        "Nobody employed",
        frozenset({*_HOUSEHOLD_READERS, Role.HELPER}),
    ),
    ("registry", "/sites", "安置点", "Sites", _HOUSEHOLD_READERS),
    ("registry", "/rewards", "奖补名单", "Rewards", _LIST_READERS),
    ("registry", "/workforce", "在岗人数", "Workforce", frozenset({Role.ENTERPRISE})),
    ("dispatcher", "/board", "调度看板", "Board", _BOARD_READERS),
    ("notifier", "/arrivals", "到达安排", "Arrivals", frozenset({Role.ENTERPRISE})),
    ("notifier", "/coaches", "出车安排", "Coaches", frozenset({Role.CARRIER})),
    ("dispatcher", "/budgets", "预算", "Budgets", _BOARD_READERS),
    ("dispatcher", "/claims", "补贴申报", "Claims", _LEDGER_READERS),
    ("dispatcher", "/statements", "对账单", "Statements", _LEDGER_READERS),
    ("dispatcher", "/ledger", "资金台账", "Ledger", _LEDGER_READERS),
    ("dispatcher", "/trace", "资金追溯", "Trace", _TRACE_READERS),
    ("dispatcher", "/lab", "政策测算", "Policy lab", _LAB_READERS),
    ("notifier", "/outbox", "发件箱", "Outbox", frozenset({Role.OPERATOR})),
)


def navigation(service: str, settings: ServiceSettings) -> list[NavItem]:
    """The product's navigation as `service` shows it: its own pages by path, the others' by address."""
    addresses = {
        "registry": settings.registry_url,
        "dispatcher": settings.dispatcher_url,
        "notifier": settings.notifier_url,
    }
    return [
        NavItem(path if owner == service else f"{addresses[owner].rstrip('/')}{path}", zh, en, roles)
        for owner, path, zh, en, roles in _PAGES
    ]
