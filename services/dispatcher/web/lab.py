"""The policy lab's page: a round's trips priced again under other rules at once, or its pools planned again; changes nothing of either."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from markupsafe import Markup
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from services.dispatcher.domain.lab import LabState, Variant
from services.dispatcher.intake.form import read_form
from services.dispatcher.lab.outcome import KINDS, Comparison, Outcome, compare, proven_change
from services.dispatcher.lab.picture import draw
from services.dispatcher.lab.terms import Terms
from services.dispatcher.money.rules.subsidy import vehicle_rule
from services.dispatcher.money.rules.words import BEARERS
from services.dispatcher.planning.objective import CHARTER, PUBLIC_THEN_CHARTER
from services.dispatcher.store.lab import (
    get_lab,
    get_standing_round,
    list_lab_pools,
    list_labs,
    list_standing_rounds,
)
from services.dispatcher.store.tables import LabRunRow, RoundRow
from services.dispatcher.usecases.lab.answer import OUTCOMES
from services.dispatcher.usecases.lab.ask import ask_lab
from services.dispatcher.usecases.lab.price_again import price_again, terms_of
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import TEMPLATES
from shared.database import Database
from shared.http import request_cause, t, url
from shared.http.problems import status_of
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput, ZhidaError
from shared.kernel.money import FEN_PER_YUAN
from shared.security import Principal, Role, allow

READERS = allow(Role.DISPATCHER, Role.FINANCE, Role.AUDIT)
ASKERS = allow(Role.DISPATCHER, Role.FINANCE)
SHOWN = 8
"""Of those who gain and of those who lose."""

Floor = Annotated[int | None, Query(ge=0, le=80)]
Cap = Annotated[str | None, Query(pattern=r"^\d{0,7}$")]
Rate = Annotated[int | None, Query(ge=0, le=100)]
Price = Annotated[int, Query(ge=1, le=1000)]
Text = Annotated[str, Form(max_length=100)]


class _Question(BaseModel):
    """What is asked: as the page's address has it, and how full and by what the pools are planned again."""

    floor: int | None = Field(default=None, ge=0, le=80)
    cap: str = Field(pattern=r"^\d{0,7}$")
    rate: int | None = Field(default=None, ge=0, le=100)
    tariff: int = Field(default=100, ge=1, le=1000)
    load: int | None = Field(default=None, ge=1, le=100)
    objective: Literal["charter", "public, then charter"] = "charter"


def router(database: Database, clock: Clock) -> APIRouter:
    """The page /lab and what its form sends."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request,
        principal: Principal,
        round_id: str = "",
        given: Mapping[str, Any] | None = None,
        run_id: str = "",
        typed: Mapping[str, str] | None = None,
        fault: ZhidaError | None = None,
    ) -> Response:
        with database.session() as session:
            run = get_lab(session, run_id, principal) if run_id else None
            context = _context(session, principal, run.round_id if run else round_id, given or {}, run)
        context |= {
            "fault": fault,
            "typed": typed or {},
            "may_ask": principal.has(Role.DISPATCHER, Role.FINANCE),
        }
        return TEMPLATES.TemplateResponse(request, "lab.html", context, status_of(fault) if fault else 200)

    @routes.get("/lab")
    def lab(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        round_id: str = "",
        floor: Floor = None,
        cap: Cap = None,
        rate: Rate = None,
        tariff: Price = 100,
        run: str = "",
    ) -> Response:
        given = {"floor": floor, "cap": cap, "rate": rate, "tariff": tariff}
        return show(request, principal, round_id, given, run)

    @routes.post("/rounds/{round_id}/lab")
    def ask(
        request: Request,
        round_id: str,
        principal: Annotated[Principal, Depends(ASKERS)],
        floor: Text = "",
        cap: Text = "",
        rate: Text = "",
        tariff: Text = "",
        load: Text = "",
        objective: Text = "",
    ) -> Response:
        typed = {
            "floor": floor,
            "cap": cap,
            "rate": rate,
            "tariff": tariff,
            "load": load,
            "objective": objective,
        }
        made: list[str] = []

        def act() -> None:
            question = _read(typed)
            with database.session() as session:
                row = get_standing_round(session, round_id, principal)
                changes = _changes(terms_of(session, row), question.model_dump())
                changes |= {} if question.load is None else {"load_factor_percent": question.load}
                cause = request_cause(request)
                run = ask_lab(session, row, changes, question.objective, principal, cause, clock)
                made.append(run.lab_id)

        fault = refusal_of(act)
        if fault is not None:
            given = {} if isinstance(fault, InvalidInput) else _read(typed).model_dump()
            return show(request, principal, round_id, given, typed=typed, fault=fault)
        return RedirectResponse(url(request, f"/lab?run={made[0]}"), 303)

    return routes


def _read(typed: Mapping[str, str]) -> _Question:
    """What the form asks; a field that is left empty asks nothing, but for the cap, which is then none. Raises FieldsInvalid."""
    fields = {name: value.strip() for name, value in typed.items()}
    return read_form(_Question, {name: value for name, value in fields.items() if value or name == "cap"})


def _changes(terms: Terms, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form would have otherwise; what was not sent stays. `cap` is in yuan, and empty for none."""
    changes: dict[str, Any] = {}
    if given.get("tariff", 100) != 100:
        changes["tariff_percent"] = given["tariff"]
    if given.get("floor") is not None:
        changes["min_passengers_vehicle"] = given["floor"]
    if given.get("cap") is not None:
        changes["cap_vehicle_fen"] = int(given["cap"]) * FEN_PER_YUAN if given["cap"] else None
    if given.get("rate") is not None and vehicle_rule(terms.policy) is not None:
        changes["provisions.0.rule"] = {"kind": "percentage", "rate_percent": given["rate"]}
    return changes


def _context(
    session: Session,
    principal: Principal,
    round_id: str,
    given: Mapping[str, Any],
    run: LabRunRow | None,
) -> dict[str, Any]:
    rounds = list_standing_rounds(session, principal)
    if not (round_id or rounds):
        return {"rounds": rounds, "round": None}
    row = _round(session, round_id or rounds[0].round_id, principal, run)
    terms = terms_of(session, row)
    changes = run.changes if run else _changes(terms, given)
    changed = terms.change(changes)
    rule = vehicle_rule(changed.policy)
    context = {
        "rounds": rounds,
        "round": row,
        "floor": changed.policy.min_passengers_vehicle,
        "cap_fen": changed.policy.cap_vehicle_fen,
        "rate": None if rule is None else rule.rate_percent,
        "tariff": changes.get("tariff_percent", 100),
        "load": changed.policy.load_factor_percent,
        "objectives": [CHARTER] if rule is None else [PUBLIC_THEN_CHARTER, CHARTER],
        "run": run,
        "runs": list_labs(session, row.round_id, principal),
        "found": None,
        "shown": SHOWN,
    }
    if run is None:
        return context | _found(session, *price_again(session, row, terms, changes, principal))
    if run.state == LabState.PLANNING:
        pools = list_lab_pools(session, run.lab_id)
        return context | {"done": sum(pool.done for pool in pools), "total": len(pools)}
    if run.outcomes is None:
        return context
    outcomes = OUTCOMES.validate_python(run.outcomes)
    return context | _found(session, outcomes[Variant.BEFORE], outcomes[Variant.AFTER])


def _round(session: Session, round_id: str, principal: Principal, run: LabRunRow | None) -> RoundRow:
    """The round that is worked with; that of a question may have fallen since. Raises NoSuchRound."""
    if run is not None:
        return session.get_one(RoundRow, run.round_id)
    return get_standing_round(session, round_id, principal)


def _found(session: Session, before: Outcome, after: Outcome) -> dict[str, Any]:
    """Two outcomes side by side."""
    return {
        "found": (before, after),
        "kinds": [kind for kind in KINDS if before.by_kind[kind] or after.by_kind[kind]],
        "sides": _sides(compare(before, after)),
        "names": names_of(session, [*before.borne, *after.borne]),
        "picture": _picture(before, after),
        "proven": proven_change(before, after),
    }


def _sides(difference: Comparison) -> list[tuple[str, list[Any], list[Any]]]:
    """Payers, enterprises and, where they bear a part, workers, each with those who bear less and those who bear more."""
    return [
        (title, [one for one in shifts if one.change < 0], [one for one in shifts if one.change > 0])
        for title, shifts in (
            (t("财政出资方", "Public payers"), difference.payers),
            (t("用工企业", "Enterprises"), difference.enterprises),
            *([(t("务工人员", "Workers"), difference.workers)] if difference.workers else []),
        )
    ]


def _picture(before: Outcome, after: Outcome) -> Markup:
    named = [(t("现行规则", "the rules as they are"), before), (t("调整后", "as changed"), after)]
    title = t("包车费用由谁承担（万元）", "Who bears the charters, in 10,000 yuan")
    words = [(kind, t(*both)) for kind, both in BEARERS.items()]
    return Markup(draw(named, title, words))  # noqa: S704 - draw escapes what it is given
