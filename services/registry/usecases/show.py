"""Shows requests and rosters as far as a reader may see them: names, IDs and phones masked, codes with their names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault, unquoted
from services.registry.store.enterprises import list_enterprises
from services.registry.store.facts import list_history
from services.registry.store.people import resident_id_context
from services.registry.store.requests import Filters, get_request, list_requests
from services.registry.store.requests import list_party as party_rows
from services.registry.store.rosters import list_outcomes, list_refused
from services.registry.store.tables import FactRow, PersonRow, RequestRow, RosterRow
from services.registry.usecases.seal_roster import open_file_name, open_refused
from services.registry.usecases.submit import name_context, phone_context
from shared.reference import get_stop
from shared.security import Principal, Role, Vault, mask

ERASED = "—"


@dataclass(frozen=True)
class RequestView:
    """A request for a reader; `name`, `resident_id` and `phone` are masked, or a dash once erased."""

    request_id: str
    name: str
    resident_id: str
    phone: str
    status: str
    season: str
    county_code: str
    stop_code: str
    stop_name: str
    enterprise_id: str
    enterprise_name: str
    gate_id: str
    gate_name: str
    earliest: date
    latest: date
    party_id: str
    party_size: int
    category: str
    organising_mode: str
    organiser_id: str | None
    trip_id: str | None
    roster_id: str | None
    row: int | None
    version: int
    withdrawn_reason: str | None
    submitted_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class RosterView:
    """A roster for a reader. Offices name files after people, so `file_name` is for bureaus alone, and None once erased."""

    roster_id: str
    county_code: str
    file_name: str | None
    sha256: str
    accepted: int
    refused: int
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True)
class RowView:
    """One row of a roster: the request it became, or why it was refused and what it said (masked)."""

    row: int
    name: str
    request: RequestView | None
    faults: tuple[Fault, ...]


def show_requests(
    session: Session, principal: Principal, filters: Filters, vault: Vault, *, page: int, size: int
) -> tuple[list[RequestView], int]:
    """A page (from 1) of the caller's requests and how many there are."""
    rows, total = list_requests(session, principal, filters, offset=(page - 1) * size, limit=size)
    return _views(session, rows, vault), total


def show_request(
    session: Session, principal: Principal, request_id: str, vault: Vault
) -> tuple[RequestView, list[FactRow], list[str]]:
    """A request, what was told about it, and the ids of the rest of its family. Raises RequestUnknown."""
    found = get_request(session, principal, request_id)
    party = [one.id for one in party_rows(session, principal, found[0].party_id) if one.id != request_id]
    return _views(session, [found], vault)[0], list_history(session, request_id), party


def view_roster(roster: RosterRow, principal: Principal, vault: Vault) -> RosterView:
    """A roster as the caller may see it."""
    same = roster.model_dump(exclude={"id", "file_name_sealed", "wrapped_key"})
    file_name = open_file_name(roster, vault) if principal.has(Role.BUREAU) else None
    return RosterView(roster_id=roster.id, file_name=file_name, **same)


def show_rows(
    session: Session,
    principal: Principal,
    roster: RosterRow,
    vault: Vault,
    *,
    only_refused: bool,
    page: int,
    size: int,
) -> list[RowView]:
    """A page (from 1) of a roster's rows in the order of the file."""
    outcomes = list_outcomes(session, roster, only_refused=only_refused, offset=(page - 1) * size, limit=size)
    first, last = (outcomes[0].row, outcomes[-1].row) if outcomes else (0, -1)
    accepted = _accepted(session, principal, roster, vault, first, last)
    refused_rows = [one.row for one in outcomes if one.request_id is None]
    may_mend = principal.has(Role.BUREAU)
    refused = {
        number: RowView(
            number,
            _masked(cells.get("name", "")),
            None,
            faults if may_mend else tuple(unquoted(one) for one in faults),
        )
        for number, cells, faults in open_refused(list_refused(session, roster, refused_rows), vault)
    }
    return [
        refused.get(one.row, RowView(one.row, "", None, (fault("row", "erased"),)))
        if one.request_id is None
        else RowView(one.row, accepted[one.request_id].name, accepted[one.request_id], ())
        for one in outcomes
    ]


def _accepted(
    session: Session, principal: Principal, roster: RosterRow, vault: Vault, first: int, last: int
) -> dict[str, RequestView]:
    filters = Filters(roster_id=roster.id, rows=(first, last))
    rows, _ = list_requests(session, principal, filters, offset=0, limit=last - first + 1)
    return {view.request_id: view for view in _views(session, rows, vault)}


def _masked(cell: str) -> str:
    """A refused name cell may hold anything, an ID too: whatever it is, only its ends are shown."""
    return mask.name(cell)[:20]


def _views(session: Session, rows: Sequence[tuple[RequestRow, PersonRow]], vault: Vault) -> list[RequestView]:
    names = _names(session, (request.enterprise_id for request, _ in rows))
    return [_view(request, person, names, vault) for request, person in rows]


def _names(session: Session, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """Enterprise or gate id -> name."""
    names: dict[str, str] = {}
    for enterprise, gates in list_enterprises(session, sorted(set(enterprise_ids))):
        names[enterprise.id] = enterprise.name
        names |= {gate.id: gate.name for gate in gates}
    return names


def _view(request: RequestRow, person: PersonRow, names: dict[str, str], vault: Vault) -> RequestView:
    name = resident_id = phone = ERASED
    if person.wrapped_key is not None:
        key = person.wrapped_key
        name = mask.name(vault.open(key, request.name_sealed, name_context(request.id)))
        phone = mask.phone(vault.open(key, request.phone_sealed, phone_context(request.id)))
        context = resident_id_context(person.id)
        resident_id = mask.resident_id(vault.open(key, person.resident_id_sealed, context))
    same = request.model_dump(
        exclude={"id", "person_id", "name_sealed", "phone_sealed", "phone_fingerprint", "submitted_by"}
    )
    return RequestView(
        request_id=request.id,
        name=name,
        resident_id=resident_id,
        phone=phone,
        stop_name=get_stop(request.stop_code).name,
        enterprise_name=names.get(request.enterprise_id, request.enterprise_id),
        gate_name=names.get(request.gate_id, request.gate_id),
        **same,
    )
