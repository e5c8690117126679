"""The pages of the product, one list for all services, so that a person goes from one to the next without knowing
which service answers; refuses to know what is on them. Who may see a page is what its route declares."""

from typing import Final

from shared.security import Role
from shared.settings import ServiceSettings
from shared.web.rendering import NavItem

_REGISTRY_READERS: Final = frozenset({Role.BUREAU, Role.OPERATOR, Role.AUDIT})
_BOARD_READERS: Final = frozenset({Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR})
_LEDGER_READERS: Final = frozenset({*_BOARD_READERS, Role.CARRIER, Role.ENTERPRISE})
_PAGES: Final = (
    ("registry", "/rosters", "花名册", "Rosters", _REGISTRY_READERS),
    ("registry", "/requests", "出行需求", "Requests", _REGISTRY_READERS),
    ("dispatcher", "/board", "调度看板", "Board", _BOARD_READERS),
    ("notifier", "/arrivals", "到达安排", "Arrivals", frozenset({Role.ENTERPRISE})),
    ("notifier", "/coaches", "出车安排", "Coaches", frozenset({Role.CARRIER})),
    ("dispatcher", "/ledger", "资金台账", "Ledger", _LEDGER_READERS),
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
