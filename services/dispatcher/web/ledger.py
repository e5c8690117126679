"""The ledger's page: balances and transfers by account, trip and season; changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dispatcher.store.ledger import list_balances, list_transfers
from services.dispatcher.web.pages import LEDGER_READERS, TEMPLATES, names_of
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
        }
        return TEMPLATES.TemplateResponse(request, "ledger.html", context)

    return routes


def _grouped(balances: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    """Balances of payers, enterprises and carriers, apart."""
    groups: dict[str, list[dict[str, object]]] = {"payer": [], "enterprise": [], "carrier": []}
    for balance in balances:
        groups[str(balance["account"]).partition(":")[0]].append(balance)
    return groups
