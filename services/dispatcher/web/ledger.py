"""The ledger's page: balances and transfers by account, trip and season; changes nothing."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dispatcher.money.books.ledger import Balance
from services.dispatcher.store.ledger import list_balances, list_transfers
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.web.pages import LEDGER_READERS, TEMPLATES, TRACE_READERS
from shared.database import Database
from shared.security import Principal, allow

READERS = allow(*LEDGER_READERS)
SHOWN_MAX = 300


def router(database: Database) -> APIRouter:
    """The page /ledger."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/ledger")
    def ledger(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        account: str = "",
        trip_id: str = "",
        season: str = "",
    ) -> Response:
        chosen = {"account": account or None, "trip_id": trip_id or None, "season": season or None}
        with database.session() as session:
            balances = list_balances(session, principal, **chosen)
            transfers = list_transfers(session, principal, **chosen, limit=SHOWN_MAX)
            accounts = [balance["account"] for balance in balances]
            names = names_of(session, accounts)
        context = {
            "groups": _grouped(balances),
            "transfers": transfers,
            "names": names,
            "chosen": chosen,
            "shown_max": SHOWN_MAX,
            "may_trace": principal.has(*TRACE_READERS),
        }
        return TEMPLATES.TemplateResponse(request, "ledger.html", context)

    return routes


def _grouped(balances: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Balances of payers, enterprises, carriers and workers, apart, who has most first."""
    groups: dict[str, list[dict[str, Any]]] = {"payer": [], "enterprise": [], "carrier": [], "workers": []}
    for balance in balances:
        kind = str(balance["account"]).partition(":")[0]
        if kind in groups:
            stands = Balance(**{stage: fen for stage, fen in balance.items() if stage != "account"})
            groups[kind].append(balance | {"used_fen": stands.used_fen, "left_fen": stands.left_fen})
    for group in groups.values():
        group.sort(key=lambda balance: (-balance["used_fen"], balance["account"]))
    return groups
