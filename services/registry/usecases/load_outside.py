"""Loads and withdraws a list about people that another office keeps: good rows become facts, bad ones come back with reasons.

The same bytes for the same area change nothing. A row is bound to its person by the fingerprint of the resident ID
alone, so a list may name people who send no request, or none yet.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from services.registry.domain.fault import Fault
from services.registry.domain.outside import LIST_COLUMNS, WORDS, OutsideFact, OutsideKind, check_fact
from services.registry.intake.roster import read_rows
from services.registry.store.outside import (
    find_list,
    forget_facts_of,
    insert_facts,
    insert_list,
    lock_list,
)
from services.registry.store.tables import OutsideFactRow, OutsideListRow
from services.registry.usecases.county import area_of
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.security import Principal, Vault

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loading:
    """What became of a file: its list, whether these bytes are new, and row number -> faults of what was refused."""

    row: OutsideListRow
    is_new: bool
    refused: Mapping[int, tuple[Fault, ...]]


def load_outside(
    parts: Parts, principal: Principal, kind: OutsideKind, content: bytes, *, file: str, area_code: str | None
) -> Loading:
    """Load the list in the name of one of the caller's areas.

    Raises the errors of `intake.errors` before anything is written, AreaNotYours, AreaNotNamed.
    """
    area = area_of(principal, area_code)
    now = parts.clock.now()
    good: list[OutsideFact] = []
    refused: dict[int, tuple[Fault, ...]] = {}
    for row in read_rows(content, file, WORDS[kind][0], LIST_COLUMNS[kind]):
        checked = check_fact(kind, row, local_date(now))
        if isinstance(checked, OutsideFact):
            good.append(checked)
        else:
            refused[row.number] = checked
    loaded = OutsideListRow(
        id=new_id(),
        kind=kind,
        area_code=area,
        sha256=hashlib.sha256(content).hexdigest(),
        accepted=len(good),
        refused=len(refused),
        known_to=max((one.period for one in good), default=None) if kind is OutsideKind.EMPLOYMENT else None,
        loaded_by=principal.subject,
        loaded_at=now,
    )
    with parts.database.session() as session:
        if not insert_list(session, loaded):
            first = find_list(session, kind, area, loaded.sha256)
            if first is None:
                raise RuntimeError("a list that was in the way is gone")
            return Loading(first, False, refused)
        insert_facts(session, (_fact(loaded, one, parts.vault) for one in good))
    about = {name: getattr(loaded, name) for name in ("kind", "area_code", "sha256", "accepted", "refused")}
    log.info("outside list loaded", extra={"subject": principal.subject, "list_id": loaded.id, **about})
    return Loading(loaded, True, refused)


def withdraw_outside(parts: Parts, principal: Principal, list_id: str) -> OutsideListRow:
    """Take back all that a list says, for it was wrong; to withdraw it twice changes nothing. Raises ListUnknown."""
    with parts.database.session() as session:
        row = lock_list(session, principal, list_id)
        if row.withdrawn_at is not None:
            return row
        row.withdrawn_by, row.withdrawn_at = principal.subject, parts.clock.now()
        row.known_to = None
        session.add(row)
        forget_facts_of(session, list_id)
    log.info("outside list withdrawn", extra={"subject": principal.subject, "list_id": list_id})
    return row


def _fact(loaded: OutsideListRow, one: OutsideFact, vault: Vault) -> OutsideFactRow:
    return OutsideFactRow(
        list_id=loaded.id,
        row=one.row,
        fingerprint=vault.fingerprint(one.resident_id),
        kind=loaded.kind,
        period=one.period,
        enterprise_id=one.enterprise_id,
        source=one.source,
        amount_fen=one.amount_fen,
        months=one.months,
    )
