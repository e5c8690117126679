"""The page of a trace: the whole chain with the proof of each link, and a field to look another up; changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dispatcher.domain.trace import Origin, Rider, Trace, Voucher, Working
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.usecases.trace import trace
from services.dispatcher.web import trace_words
from services.dispatcher.web.pages import MANIFEST_READERS, TEMPLATES, TRACE_READERS, masked_names
from shared.database import Database
from shared.directory import Directory
from shared.http import url
from shared.security import Principal, allow

READERS = allow(*TRACE_READERS)
TEMPLATES.env.filters.update(trace_words.FILTERS)


def router(database: Database, directory: Directory) -> APIRouter:
    """The pages under /trace."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/trace", dependencies=[Depends(READERS)])
    def search(request: Request, key: Annotated[str, Query(max_length=80)] = "") -> Response:
        if wanted := key.strip():
            return RedirectResponse(url(request, f"/trace/{quote(wanted, safe='')}"), 303)
        return TEMPLATES.TemplateResponse(request, "trace.html", {"trace": None})

    @routes.get("/trace/{key}")
    def show(request: Request, key: str, principal: Annotated[Principal, Depends(READERS)]) -> Response:
        found = trace(database, directory, principal, key)
        with database.session() as session:
            names = names_of(session, _accounts(found))
        context = {
            "trace": found,
            "names": names,
            "people": _masked(directory, found, principal),
            "files": _files,
            "borne": _borne,
            "apart": _apart,
        }
        return TEMPLATES.TemplateResponse(request, "trace.html", context)

    return routes


def _masked(directory: Directory, found: Trace, principal: Principal) -> dict[str, str]:
    """Request id -> the masked name, for those who may see a manifest; none while the registry is away, which the trace says."""
    ids = sorted({rider.request_id for trip in found.trips for rider in trip.riders})
    if not ids or not principal.has(*MANIFEST_READERS):
        return {}
    return masked_names(directory, ids, "trace", principal.subject)[0]


def _accounts(found: Trace) -> list[str]:
    """Every account that the page names."""
    vouchers = [voucher for trip in found.trips for voucher in trip.vouchers]
    vouchers += [found.voucher] if found.voucher else []
    ends = [end for voucher in vouchers for entry in voucher.entries for end in (entry.debit, entry.credit)]
    lines = [line.account for trip in found.trips for line in trip.lines]
    return sorted({*ends, *lines, *(f"carrier:{trip.carrier_id}:" for trip in found.trips)})


def _files(riders: Iterable[Rider]) -> list[tuple[Origin, str]]:
    """The files that riders came by, each with its rows: `2–25, 31`."""
    rows: dict[Any, list[int]] = defaultdict(list)
    first: dict[Any, Origin] = {}
    for origin in (rider.origin for rider in riders if rider.origin):
        key = (origin.roster_id, origin.uploaded_at, origin.uploaded_by)
        first.setdefault(key, origin)
        rows[key] += [origin.row] if origin.row is not None else []
    return [(origin, _runs(rows[key])) for key, origin in first.items()]


def _runs(rows: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(f"{a}–{b}" if a < b else f"{a}" for a, b in runs)


def _borne(rider: Rider) -> dict[str, int]:
    """What the public, the enterprise and the worker bear for a rider."""
    found = {"payer": 0, "enterprise": 0, "workers": 0}
    for part in rider.bears:
        found[part.account.partition(":")[0]] += part.due_fen + part.held_fen
    return found


def _apart(vouchers: Sequence[Voucher], workings: Sequence[Working]) -> list[tuple[Voucher, list[Working]]]:
    """A trip's own vouchers, each with what of its arithmetic is not the trip's as it is now."""
    bills = [voucher for voucher in vouchers if voucher.claim_id is None]
    return [(voucher, [step for step in voucher.workings if step not in workings]) for voucher in bills]
