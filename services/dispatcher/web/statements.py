"""Statements of account on screen: what stood, what moved, what stands, of a payer, an area, an enterprise or a carrier."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dispatcher.money.books.ledger import Balance, effect
from services.dispatcher.store.ledger import list_balances
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.usecases.statements import Account, Kind, NoSuchStatement, read_account
from services.dispatcher.web.pages import LEDGER_READERS, TEMPLATES
from services.dispatcher.web.words import account_word, place_word
from shared.http import t
from shared.security import OFFICES, Principal, allow, covers

READERS = allow(*LEDGER_READERS)
SHOWN_MAX = 300
_LISTED = ("payer", "enterprise", "carrier")


def router(desk: ClaimDesk) -> APIRouter:
    """The page /statements."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/statements")
    def show_statements(
        request: Request, principal: Annotated[Principal, Depends(READERS)], account: str = ""
    ) -> Response:
        with desk.database.session() as session:
            known = [one["account"] for one in list_balances(session, principal)]
            names = names_of(session, known)
        choices = _choices(principal, known, names)
        chosen = account or (choices[0][0] if choices else "")
        kind, of, season = _parse(chosen) if chosen else (None, "", "")
        found = None
        if kind is not None:
            with desk.database.session() as session:
                found = read_account(session, principal, kind, of, season)
        context: dict[str, Any] = {
            "choices": choices,
            "chosen": chosen,
            "kind": kind,
            "of": of,
            "season": season,
            "found": found,
            "names": names | dict(found.names) if found else names,
            "by_kind": _by_kind(found) if found else {},
            "shown": list(reversed(found.movements[-SHOWN_MAX:])) if found else [],
            "shown_max": SHOWN_MAX,
        }
        return TEMPLATES.TemplateResponse(request, "statements.html", context)

    return routes


def _parse(account: str) -> tuple[Kind, str, str]:
    """`payer:origin_county:522732:2020-spring` as kind, whose, and season. Raises NoSuchStatement."""
    kind, _, rest = account.partition(":")
    of, _, season = rest.rpartition(":")
    if kind not in set(Kind) or not of or not season:
        raise NoSuchStatement(kind=kind, of=of or "-", season=season or "-")
    return Kind(kind), of, season


def _choices(principal: Principal, known: list[str], names: dict[str, str]) -> list[tuple[str, str]]:
    """The statements that the caller may choose from: its own payers', its area's as a whole, the others'; the latest season first."""
    found: list[tuple[str, str]] = []
    for season in sorted({one.rpartition(":")[2] for one in known}, reverse=True):
        mine = [one for one in known if one.endswith(f":{season}") and one.partition(":")[0] in _LISTED]
        if principal.has(*OFFICES):
            payers = [
                one for one in mine if one.startswith("payer:") and covers(principal, one.split(":")[2])
            ]
            areas = [f"county:{area}:{season}" for area in principal.areas if area]
            mine = [*payers, *areas, *(one for one in mine if one not in payers)]
        else:
            mine = [one for one in mine if one.split(":")[1] == principal.organisation]
        found += [(one, f"{_word(one, names)} · {season}") for one in mine]
    return found


def _word(account: str, names: dict[str, str]) -> str:
    kind, of = account.split(":")[:2]
    if kind == "county":
        return t(f"{place_word(of)} · 全部账目", f"{place_word(of)} · all accounts")
    return account_word(account, names)


def _by_kind(account: Account) -> dict[str, tuple[int, Balance]]:
    """Kind of movement -> how many, and what they come to."""
    found: dict[str, tuple[int, Balance]] = {}
    for one in account.movements:
        count, balance = found.get(one.transfer.kind.value, (0, Balance()))
        found[one.transfer.kind.value] = (count + 1, balance + effect(one.transfer))
    return found
