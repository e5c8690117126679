"""What the dispatcher's pages share: templates, names, what each role may do; decides nothing."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlmodel import Session

from services.dispatcher.store.demand import get_enterprise_names, get_gates
from services.dispatcher.store.tables import TripStopRow
from services.dispatcher.store.trips import only_of
from services.dispatcher.web import claim_words, words
from shared.directory import Directory
from shared.http import current_language
from shared.kernel.errors import Unavailable
from shared.reference import list_counties
from shared.security import Principal, Role, allow, mask
from shared.web import assets, templates

HERE = Path(__file__).parent
TEMPLATES = templates(HERE / "templates")
router = assets(HERE / "static", TEMPLATES)
TEMPLATES.env.filters.update(
    author_word=words.author_word,
    change_word=words.change_word,
    mark_word=words.mark_word,
    rule_word=words.rule_word,
    entry_word=words.entry_word,
    kind_word=words.kind_word,
    price_word=words.price_word,
    place_word=words.place_word,
    payer_word=words.payer_word,
    bearer_word=words.bearer_word,
    change=words.change,
    account_word=words.account_word,
    owner_word=words.owner_word,
    **claim_words.FILTERS,
)
TEMPLATES.env.globals.update(figure_value=claim_words.figure_value)

BOARD_READERS = frozenset({Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR})
TRIP_READERS = frozenset({*BOARD_READERS, Role.CARRIER, Role.ENTERPRISE})
LEDGER_READERS = TRIP_READERS
TRACE_READERS = frozenset({Role.FINANCE, Role.AUDIT, Role.BUREAU, Role.DISPATCHER})
CLAIM_READERS = TRIP_READERS
MANIFEST_READERS = frozenset(
    {Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE, Role.AUDIT, Role.OPERATOR}
)
NAMED = frozenset({Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE})
"""Who sees names and phones on a manifest in full; audit and operator see them masked."""

PLANNERS = allow(Role.DISPATCHER)


def may_plan(principal: Principal) -> bool:
    """Whether to show the buttons that change a plan."""
    return principal.has(Role.DISPATCHER)


def areas_of(principal: Principal) -> list[tuple[str, str]]:
    """What a caller may plan, widest first: its area, the prefectures and the counties in it, as (code, name)."""
    areas = [area for area in principal.areas if area]
    counties = [county for county in list_counties() if county.code.startswith(tuple(areas))] if areas else []
    wide: dict[str, list[str]] = {}
    for county in counties:
        wide.setdefault(county.code[:4], []).append(county.code)
    codes = [area for area in areas if len(area) < 4]
    for prefecture, within in wide.items():
        codes += [prefecture] if prefecture.startswith(tuple(areas)) else []
        codes += within
    return [
        (code, ("　" if len(code) == 6 and len(codes) > 1 else "") + words.place_word(code)) for code in codes
    ]


def owners_of(session: Session, stops: Iterable[TripStopRow], principal: Principal) -> dict[str, str]:
    """Gate id -> its enterprise's name; an enterprise is told its own alone."""
    gates = get_gates(session, [stop.code for stop in stops if stop.kind == "drop"])
    only = only_of(principal)
    seen = {gate.enterprise_id for gate in gates.values() if only in (None, gate.enterprise_id)}
    names = get_enterprise_names(session, seen)
    return {
        gate_id: names[gate.enterprise_id] for gate_id, gate in gates.items() if gate.enterprise_id in names
    }


def masked_names(
    directory: Directory, request_ids: Sequence[str], purpose: str, reader: str
) -> tuple[dict[str, str], str | None]:
    """Request -> its worker's masked name; and why there are none."""
    try:
        contacts = directory.lookup(request_ids, purpose, reader)
    except Unavailable as error:
        return {}, error.message(current_language())
    return {key: mask.name(contact.name) for key, contact in contacts.items()}, None
