"""What the dispatcher's pages share: templates, names, what each role may do; decides nothing."""

from collections.abc import Iterable
from pathlib import Path

from sqlmodel import Session

from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.trips import get_carrier_names
from services.dispatcher.web import words
from shared.security import Principal, Role, allow
from shared.web import templates

HERE = Path(__file__).parent
TEMPLATES = templates(HERE / "templates")
TEMPLATES.env.filters.update(
    rule_word=words.rule_word,
    entry_word=words.entry_word,
    kind_word=words.kind_word,
    price_word=words.price_word,
    place_word=words.place_word,
    payer_word=words.payer_word,
    account_word=words.account_word,
    owner_word=words.owner_word,
)

BOARD_READERS = frozenset({Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR})
TRIP_READERS = frozenset({*BOARD_READERS, Role.CARRIER, Role.ENTERPRISE})
LEDGER_READERS = TRIP_READERS
MANIFEST_READERS = frozenset(
    {Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE, Role.AUDIT, Role.OPERATOR}
)
NAMED = frozenset({Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE})
"""Who sees names and phones on a manifest in full; audit and operator see them masked."""

PLANNERS = allow(Role.DISPATCHER)


def may_plan(principal: Principal) -> bool:
    """Whether to show the buttons that change a plan."""
    return principal.has(Role.DISPATCHER)


def names_of(session: Session, accounts: Iterable[str]) -> dict[str, str]:
    """Names of the enterprises and carriers in the accounts, by their ids."""
    owners = {account.partition(":")[2].rpartition(":")[0] for account in accounts}
    return get_enterprise_names(session, owners) | get_carrier_names(session, owners)
