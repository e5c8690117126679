"""Makes two IDs one person's file, by a clerk's word, and parts them again, without loss (see `parting`).

A file's own person has not been merged into another, and who has been merged has nobody merged into them: so a file is
two steps deep at most, and there are no rings.
"""

import logging

from sqlmodel import Session

from services.registry.domain.status import UNDER_WAY
from services.registry.store.files import PersonUnknown, get_file, is_elsewhere
from services.registry.store.merges import (
    find_last,
    find_standing,
    has_merged,
    join,
    part,
    seasons_of_both,
)
from services.registry.store.people import lock_people
from services.registry.store.tables import MergeRow, PersonRow
from services.registry.usecases.households.fallen import household_employment_changed
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.parting import give_own, put_together, set_apart
from shared.kernel.clock import local_date
from shared.kernel.errors import Conflict, Gone, InvalidInput
from shared.kernel.ids import new_id
from shared.security import Principal, Vault

log = logging.getLogger(__name__)
REASON_MAX = 500


class MergeWithSelf(InvalidInput):
    """A file cannot be merged into itself. Name another person's file in `into_id`."""

    zh = "不能把档案并入自身。请在 into_id 中填写另一人的档案编号。"


class AlreadyMerged(Conflict):
    """The file {person_id} has been merged into {into_id}. Part it from there first."""

    zh = "档案 {person_id} 已并入 {into_id}。请先撤销该合并。"


class MergeIntoMerged(Conflict):
    """The file {into_id} has itself been merged into {file_id}. Merge into that one."""

    zh = "档案 {into_id} 本身已并入 {file_id}。请并入后者。"


class HasMerged(Conflict):
    """Other files have been merged into {person_id}. Merge the other way round, or part those first."""

    zh = "已有其他档案并入 {person_id}。请反方向合并，或先撤销那些合并。"


class BothTravel(Conflict):
    """Both have a request in the season {seasons}, and one is still under way. Withdraw one, or wait until the arrival is confirmed; then merge."""

    zh = "两份档案在 {seasons} 季都有需求，且其中有在办的。请撤回其一，或等到岗确认后再合并。"


class NeverMerged(Conflict):
    """The file {person_id} has not been merged into another. There is nothing to part."""

    zh = "档案 {person_id} 没有并入过其他档案，无需撤销。"


class MergeErased(Gone):
    """The personal data of one of the two has been erased. Nobody can tell any more whether they are one person."""

    zh = "其中一人的个人信息已被删除，已无法判断是否为同一人。"


def merge(parts: Parts, principal: Principal, person_id: str, into_id: str, reason: str) -> MergeRow:
    """From now on the person of `person_id` is of the file `into_id`; a second time changes nothing.

    Raises PersonUnknown, MergeWithSelf, AlreadyMerged, MergeIntoMerged, HasMerged, BothTravel, MergeErased.
    """
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        get_file(session, principal, into_id)
        if person_id == into_id:
            raise MergeWithSelf()
        held = lock_people(session, [person_id, into_id])
        person, into = held[person_id], held[into_id]
        if person.file_id == into_id and (known := find_standing(session, person_id)):
            return known
        _check(session, person, into)
        made = _made(parts, person, into_id, reason, principal.subject)
        set_apart(session, person_id, into_id)
        join(session, made)
        put_together(session, made)
        _tell_households(session, parts, made, principal)
    log.info("files merged", extra={"subject": principal.subject, "person_id": person_id, "into_id": into_id})
    return made


def unmerge(parts: Parts, principal: Principal, person_id: str) -> MergeRow:
    """Each has what they would have had they never been merged, with what was said of each since; a second time changes
    nothing.

    Raises PersonUnknown, NeverMerged.
    """
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        last = find_last(session, person_id)
        if last is None:
            raise NeverMerged(person_id=person_id)
        if is_elsewhere(session, principal, [last.into_id]):
            raise PersonUnknown(person_id=person_id[:40])  # whose file it is, is nothing of theirs
        lock_people(session, [person_id, last.into_id])
        standing = find_standing(session, person_id)
        if standing is None:
            return last
        now = parts.clock.now()
        part(session, standing, principal.subject, now)
        give_own(session, standing, now)
        _tell_households(session, parts, standing, principal)
    log.info("files parted", extra={"subject": principal.subject, "person_id": person_id})
    return standing


def open_reason(merge: MergeRow, key: bytes | None, vault: Vault) -> str | None:
    """Why it was done; None once the person is erased."""
    return vault.open(key, merge.reason_sealed, _context(merge.id)) if key is not None else None


def _check(session: Session, person: PersonRow, into: PersonRow) -> None:
    if person.wrapped_key is None or into.wrapped_key is None:
        raise MergeErased()
    if person.file_id != person.id:
        raise AlreadyMerged(person_id=person.id, into_id=person.file_id)
    if into.file_id != into.id:
        raise MergeIntoMerged(into_id=into.id, file_id=into.file_id)
    if has_merged(session, person.id):
        raise HasMerged(person_id=person.id)
    seasons = seasons_of_both(session, person.id, into.id, sorted(UNDER_WAY))
    if seasons:
        raise BothTravel(seasons="、".join(seasons))


def _made(parts: Parts, person: PersonRow, into_id: str, reason: str, by: str) -> MergeRow:
    if person.wrapped_key is None:
        raise MergeErased()
    merge_id = new_id()
    return MergeRow(
        id=merge_id,
        person_id=person.id,
        into_id=into_id,
        reason_sealed=parts.vault.seal(person.wrapped_key, reason, _context(merge_id)),
        merged_by=by,
        merged_at=parts.clock.now(),
    )


def _tell_households(session: Session, parts: Parts, merge: MergeRow, principal: Principal) -> None:
    """A job counts for the household of whoever has it, and that may be another one now."""
    today = local_date(parts.clock.now())
    household_employment_changed(session, [merge.person_id, merge.into_id], today, principal.subject)


def _context(merge_id: str) -> str:
    return f"merge/{merge_id}/reason"
