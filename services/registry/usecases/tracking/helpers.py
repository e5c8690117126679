"""Registers named helpers and hands a helper's list to another in one step, with its open tasks."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.registry.domain.fault import Fault
from services.registry.domain.identity import read_name, read_phone, tidy
from services.registry.store.assignment import assign, get_helper
from services.registry.store.tables import HelperRow
from services.registry.store.tracking.helpers import (
    files_of_helper,
    find_helper,
    helpers_named,
    list_helpers,
    move_open_tasks,
    note_first_helper,
)
from services.registry.usecases.parts import Parts
from services.registry.usecases.place_names import place_name
from shared.kernel.errors import Conflict, Forbidden, InvalidInput
from shared.reference import get_stop
from shared.security import Principal, Vault, covers, mask


class HelperElsewhere(Conflict):
    """The id {helper_id} is a helper's of another area. Choose another id."""

    zh = "编号 {helper_id} 已是其他辖区的帮扶责任人。请换一个编号。"


class PlaceNotYours(Forbidden):
    """Place {place} is not in your area ({areas}). Name one of your own townships or sites."""

    zh = "{place} 不在您的辖区（{areas}）内。请填写本辖区的乡镇或安置点。"


class HelperUnreadable(InvalidInput):
    """{fault_en}. {mend_en}."""

    zh = "{fault_zh}。{mend_zh}。"


class PeopleNotOnList(InvalidInput):
    """{count} of the chosen people are not on this helper's list. Load the list again and choose from it."""

    zh = "所选人员中有 {count} 人不在该帮扶责任人的名单上。请刷新名单后重新选择。"


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HelperView:
    """A helper as their office sees them: by name, the phone masked, and how many people they help."""

    helper_id: str
    name: str
    phone: str
    place_code: str
    place_name: str
    people: int


@dataclass(frozen=True, slots=True)
class Named:
    """A helper's name and phone in full."""

    name: str
    phone: str


def register_helper(
    parts: Parts, principal: Principal, helper_id: str, *, name: str, phone: str, place_code: str
) -> HelperView:
    """Register a helper of a township or site, or write anew who they are.

    Raises HelperUnreadable, UnknownStop, PlaceNotYours, HelperElsewhere.
    """
    called, number = _readable(read_name(tidy(name))), _readable(read_phone(tidy(phone)))
    place = get_stop(place_code).code
    if not covers(principal, place):
        raise PlaceNotYours(place=place, areas=", ".join(principal.areas) or "-")
    with parts.database.session() as session:
        row = find_helper(session, helper_id)
        if row and not covers(principal, row.place_code):
            raise HelperElsewhere(helper_id=helper_id)
        key = (row and row.wrapped_key) or parts.vault.new_person_key()
        row = row or HelperRow(
            id=helper_id, place_code=place, name_sealed=b"", phone_sealed=b"", registered_at=parts.clock.now()
        )
        row.place_code, row.wrapped_key = place, key
        row.name_sealed = parts.vault.seal(key, called, helper_context(helper_id, "name"))
        row.phone_sealed = parts.vault.seal(key, number, helper_context(helper_id, "phone"))
        session.add(row)
        session.flush()
        people = len(files_of_helper(session, principal, helper_id))
    log.info("helper registered", extra={"subject": principal.subject, "helper_id": helper_id})
    return _view(row, people, parts.vault)


def _readable(read: str | Fault) -> str:
    if isinstance(read, str):
        return read
    raise HelperUnreadable(fault_en=read.en, mend_en=read.mend_en, fault_zh=read.zh, mend_zh=read.mend_zh)


def show_helpers(
    parts: Parts, principal: Principal, *, offset: int, limit: int
) -> tuple[list[HelperView], int]:
    """A page of the helpers of the caller's area, and how many there are."""
    with parts.database.session() as session:
        rows, total = list_helpers(session, principal, offset=offset, limit=limit)
    return [_view(row, people, parts.vault) for row, people in rows], total


def show_helper(parts: Parts, principal: Principal, helper_id: str) -> HelperView:
    """One helper of the caller's area. Raises HelperUnknown."""
    with parts.database.session() as session:
        row = get_helper(session, principal, helper_id)
        return _view(row, len(files_of_helper(session, principal, helper_id)), parts.vault)


def _view(row: HelperRow, people: int, vault: Vault) -> HelperView:
    named = open_helper(row, vault)
    place = place_name(row.place_code)
    return HelperView(row.id, named.name, mask.phone(named.phone), row.place_code, place, people)


def hand_over(
    parts: Parts, principal: Principal, helper_id: str, to_id: str, person_ids: Sequence[str] | None = None
) -> int:
    """Give a helper's whole list, or the chosen people of it, to another; how many people went.

    Open tasks go along, what is done stays with who did it. Raises HelperUnknown, PeopleNotOnList.
    """
    now = parts.clock.now()
    with parts.database.session() as session:
        get_helper(session, principal, helper_id)
        get_helper(session, principal, to_id)
        theirs = files_of_helper(session, principal, helper_id)
        chosen = theirs if person_ids is None else list(dict.fromkeys(person_ids))
        strangers = set(chosen) - set(theirs)
        if strangers:
            raise PeopleNotOnList(count=len(strangers))
        note_first_helper(session, chosen)
        moved = assign(session, chosen, to_id, principal.subject, now)
        move_open_tasks(session, moved, to_id)
    log.info(
        "list handed over",
        extra={"subject": principal.subject, "helper_id": helper_id, "to": to_id, "people": len(moved)},
    )
    return len(moved)


def names_of_helpers(session: Session, vault: Vault, helper_ids: Sequence[str]) -> Mapping[str, Named]:
    """Who these helpers are, by id; officials, whom their office knows by name."""
    return {one: open_helper(row, vault) for one, row in helpers_named(session, helper_ids).items()}


def open_helper(row: HelperRow, vault: Vault) -> Named:
    """A helper's name and phone; empty where they are erased."""
    if row.wrapped_key is None:
        return Named("", "")
    return Named(
        vault.open(row.wrapped_key, row.name_sealed, helper_context(row.id, "name")),
        vault.open(row.wrapped_key, row.phone_sealed, helper_context(row.id, "phone")),
    )


def helper_context(helper_id: str, field: str) -> str:
    """What a helper's sealed name or phone is bound to."""
    return f"helper/{helper_id}/{field}"
