"""The page of budgets: what each payer of the caller's area may spend and has spent; finance allocates, and overrides with a reason."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.dispatcher.intake.budgets import read_budget, read_budgets, read_override
from services.dispatcher.money.rules.policy import Payer
from services.dispatcher.store.ledger import balance_of, list_payers
from services.dispatcher.store.tables import AccountRow
from services.dispatcher.store.trips import count_waiting
from services.dispatcher.usecases.keep_budgets import allocate, override
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import TEMPLATES, areas_of
from services.dispatcher.web.words import bearer_word, place_word
from shared.database import Database
from shared.http import request_cause, t, url
from shared.http.problems import status_of
from shared.kernel.clock import Clock
from shared.kernel.errors import ZhidaError
from shared.kernel.ids import new_id
from shared.security import OFFICES, Principal, Role, allow

READERS = allow(*OFFICES)
WRITERS = allow(Role.FINANCE)
_LEVELS = {2: Payer.ORIGIN_PROVINCE, 4: Payer.ORIGIN_PREFECTURE, 6: Payer.ORIGIN_COUNTY}
"""Length of an area's code -> who pays there."""

Text = Annotated[str, Form(max_length=500)]


def router(database: Database, clock: Clock) -> APIRouter:
    """The page /budgets and what its forms send."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request,
        principal: Principal,
        season: str = "",
        *,
        typed: Mapping[str, str] | None = None,
        form: str = "",
        fault: ZhidaError | None = None,
        told: str = "",
    ) -> Response:
        with database.session() as session:
            rows = list_payers(session, principal)
            waiting = count_waiting(session, [row.account for row in rows])
        seasons = sorted({_season(row) for row in rows}, reverse=True)
        shown = [row for row in rows if season in ("", _season(row))]
        context = {
            "payers": [_payer(row, waiting.get(row.account, 0)) for row in shown],
            "seasons": seasons,
            "season": season,
            "purses": _purses(principal),
            "may_keep": principal.has(Role.FINANCE),
            "typed": {"season": season or next(iter(seasons), ""), "key": new_id(), **(typed or {})},
            "form": form,
            "fault": fault,
            "told": told,
        }
        status = status_of(fault) if fault else 200
        return TEMPLATES.TemplateResponse(request, "budgets.html", context, status)

    def keep(
        request: Request, principal: Principal, form: str, typed: Mapping[str, str], act: Callable[[], int]
    ) -> Response:
        """Do what a form asks; beside it why not, or that it was done before."""
        done: list[int] = []
        fault = refusal_of(lambda: done.append(act()))
        if fault is not None:
            return show(request, principal, typed=typed, form=form, fault=fault)
        if not done[0]:
            told = t(
                "以前已经登记过，没有重复计入。", "This had been entered before; it is not counted twice."
            )
            return show(request, principal, typed=typed, form=form, told=told)
        return RedirectResponse(url(request, "/budgets"), 303)

    @routes.get("/budgets")
    def show_budgets(
        request: Request, principal: Annotated[Principal, Depends(READERS)], season: str = ""
    ) -> Response:
        return show(request, principal, season)

    @routes.post("/budgets")
    def post_budget(
        request: Request,
        principal: Annotated[Principal, Depends(WRITERS)],
        purse: Text = "",
        season: Text = "",
        amount_yuan: Text = "",
        document: Text = "",
    ) -> Response:
        typed = {"purse": purse, "season": season, "amount_yuan": amount_yuan, "document": document}

        def act() -> int:
            budget = read_budget(_fields(typed))
            with database.session() as session:
                return allocate(session, principal, [budget], request_cause(request), clock)

        return keep(request, principal, "allocate", typed, act)

    @routes.post("/budgets/override")
    def post_override(
        request: Request,
        principal: Annotated[Principal, Depends(WRITERS)],
        purse: Text = "",
        season: Text = "",
        amount_yuan: Text = "",
        reason: Text = "",
        key: Text = "",
    ) -> Response:
        typed = {"purse": purse, "season": season, "amount_yuan": amount_yuan, "reason": reason}

        def act() -> int:
            given = read_override(_fields(typed))
            with database.session() as session:
                return override(session, principal, given, key, request_cause(request), clock)

        return keep(request, principal, "override", {**typed, "key": key}, act)

    @routes.post("/budgets/file")
    def post_file(
        request: Request,
        principal: Annotated[Principal, Depends(WRITERS)],
        file: Annotated[UploadFile, File()],
    ) -> Response:
        def act() -> int:
            budgets = read_budgets(file.file.read())
            with database.session() as session:
                return allocate(session, principal, budgets, request_cause(request), clock)

        return keep(request, principal, "file", {}, act)

    return routes


def _season(row: AccountRow) -> str:
    return row.account.rpartition(":")[2]


def _payer(row: AccountRow, waiting: int) -> dict[str, Any]:
    """A payer's account with what is left, and the parts of its bar one after the other, in thousandths of the budget."""
    balance = balance_of(row)
    paid_fen = min(row.paid_fen, row.settled_fen)
    stages = {
        "paid": paid_fen,
        "settled": row.settled_fen - paid_fen,
        "committed": row.committed_fen,
        "reserved": row.reserved_fen,
    }
    bar, at = [], 0.0
    for stage, fen in stages.items():
        width = 1000 * fen / (row.limit_fen or 1)
        bar.append((stage, round(at, 1), round(width, 1)))
        at += width
    return {
        "row": row,
        "season": _season(row),
        "used_fen": balance.used_fen,
        "left_fen": balance.left_fen,
        "bar": bar,
        "waiting": waiting,
    }


def _purses(principal: Principal) -> list[tuple[str, str]]:
    """Whose budgets the caller keeps, as `origin_county:522732` and its name; those of destinations come by the CSV."""
    found = []
    for code, _ in areas_of(principal):
        kind, whole = _LEVELS[len(code)], code.ljust(6, "0")
        found.append((f"{kind}:{whole}", f"{place_word(whole)} · {bearer_word(kind)}"))
    return found


def _fields(typed: Mapping[str, str]) -> dict[str, str]:
    """A form's fields as those of a budget."""
    payer, _, code = typed["purse"].partition(":")
    others = {name: value.strip() for name, value in typed.items() if name != "purse"}
    return {"payer": payer, "code": code, **others}
