"""Takes the order for an area's month for the provincial system, and knows how its rows are told apart.

Only a keyed digest of each row is kept: a worker draws the rows up, and the file is written anew as often as it is fetched.
"""

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.registry.domain.exchange.drawing import ExportState, expires_at, state_of
from services.registry.domain.exchange.fields import Change, Field
from services.registry.domain.exchange.lines import Facts, write_line
from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.months import month_text
from services.registry.intake.mapping import exchange_rule
from services.registry.store.exchange.drawing import find_waiting, insert_export
from services.registry.store.exchange.sent import Gone
from services.registry.store.people import resident_id_context
from services.registry.store.tables import ExportRow, SentRow
from services.registry.usecases.exchange.area import area_for, check_kept, month_for
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.security import Principal, Vault

log = logging.getLogger(__name__)


class ExportReason(StrEnum):
    """Why full personal data leave: a code, for a free text could name somebody."""

    MONTHLY = "monthly"
    CORRECTION = "correction"
    ANSWER = "answer"


REASON_WORDS: Final[dict[ExportReason, tuple[str, str]]] = {
    ExportReason.MONTHLY: ("按月报送", "The month's report"),
    ExportReason.CORRECTION: ("更正后重报", "Sent again after a correction"),
    ExportReason.ANSWER: ("应系统管理方要求", "Asked for by the system's office"),
}


@dataclass(frozen=True)
class Asked:
    """What is to be drawn up; without `area_code` the caller's one area, without `month` the last."""

    reason: ExportReason
    only_changed: bool
    area_code: str | None = None
    month: str | None = None
    mapping_id: str | None = None


def ask(parts: Parts, principal: Principal, asked: Asked) -> tuple[ExportRow, bool]:
    """An export of the caller's area for a worker to draw up, and whether it is new: one that waits already is not asked twice.

    Raises ExchangeAreaNotYours, ExchangeAreaNotNamed, MonthUnreadable, MonthNotBegun, MonthNotKept, MappingUnknown,
    NoRuleThen.
    """
    area = area_for(principal, asked.area_code)
    now = parts.clock.now()
    month = month_for(asked.month, local_date(now))
    check_kept(month, now)
    exchange_rule(month)
    with parts.database.session() as session:
        mapping = get_mapping(session, asked.mapping_id)
        row = ExportRow(
            id=new_id(),
            mapping_id=mapping.id,
            mapping_version=mapping.version,
            area_code=area,
            month=month,
            only_changed=asked.only_changed,
            reason=asked.reason,
            exported_by=principal.subject,
            exported_at=now,
        )
        while not insert_export(session, row):
            if (first := find_waiting(session, row)) is not None:
                return first, False
    about = {"export_id": row.id, "area_code": area, "reason": str(asked.reason)}
    log.info("export asked for", extra={"subject": principal.subject, **about})
    return row, True


def standing_of(export: ExportRow, now: datetime) -> ExportState:
    """How far it is, and whether its file can be fetched."""
    return state_of(
        due=export.due,
        finished_at=export.finished_at,
        failure=export.failure,
        file_days=exchange_rule(export.month).file_days,
        now=now,
    )


def expiry_of(export: ExportRow) -> datetime | None:
    """From when on its file is not written any more; None until it is ready."""
    if export.finished_at is None:
        return None
    return expires_at(export.finished_at, exchange_rule(export.month).file_days)


def digest_of(vault: Vault, sheet: Sheet, facts: Facts) -> str:
    """What a row says, as characters that only this installation can make; the row's own numbers are no part of it."""
    own: dict[Field, str] = dict(facts)
    own.pop(Field.TOKEN, None)
    own.pop(Field.PRIOR_TOKEN, None)
    return vault.stamp(json.dumps(write_line(sheet, own), ensure_ascii=False).encode())


def removal(month: date, resident_id: str) -> dict[Field, str]:
    """Who left is named by the number that was sent before, and by nothing that has become known since."""
    facts = {Field.CHANGE: str(Change.REMOVE), Field.MONTH: month_text(month)}
    return facts | {Field.RESIDENT_ID: resident_id} if resident_id else facts


def id_of(gone: Gone, vault: Vault) -> str:
    """The number of somebody who left; empty where they are erased."""
    if gone.wrapped_key is None or gone.resident_id_sealed is None:
        return ""
    return vault.open(gone.wrapped_key, gone.resident_id_sealed, resident_id_context(gone.person_id))


def token_of(row: SentRow) -> str:
    """What a row is called outside: it names nobody."""
    return f"{row.export_id}-{row.row}"
