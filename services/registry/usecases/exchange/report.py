"""Shows how an area's month stands with the provincial system, and the rows of an export; names are masked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from services.registry.domain.exchange.mapping import Mapping
from services.registry.domain.exchange.month import Month, ours
from services.registry.domain.exchange.rules import ExchangeRule, due_on
from services.registry.domain.months import ends_at, last_day
from services.registry.intake.mapping import exchange_rule
from services.registry.store.exchange.imports import list_differing
from services.registry.store.exchange.people import read_these
from services.registry.store.exchange.report import SeenRow, Standing, count_month, count_seen, list_seen
from services.registry.store.exchange.sent import get_export
from services.registry.store.tables import ExportRow
from services.registry.usecases.exchange.area import area_for, month_for
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.exchange.receipts import reason_context
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.place_names import place_name
from shared.kernel.clock import local_date
from shared.security import Principal, Vault, mask

_DIGITS = re.compile(r"[0-9][0-9Xx\- ]{5,}")
ERASED = "—"


@dataclass(frozen=True)
class Report:
    """A month of an area: its rule, when it is due, and how each county or place stands."""

    area_code: str
    month: date
    mapping: Mapping
    rule: ExchangeRule
    due_on: date
    is_late: bool
    lines: Sequence[tuple[Standing, str]]

    @property
    def total(self) -> Standing:
        """All of it together."""
        sums = [sum(getattr(one, name) for one, _ in self.lines) for name in Standing.__slots__[1:]]
        return Standing(self.area_code, *sums)

    def late(self, one: Standing) -> int:
        """How many of a line should be with the other system by now and are not."""
        return one.open if self.is_late else 0


@dataclass(frozen=True)
class RowView:
    """A row of an export for its bureau: the name masked, the other system's reason without numbers."""

    row: int
    person_id: str
    name: str
    place: str
    change: str
    state: str
    reason: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Difference:
    """A month that the other system tells otherwise than we do."""

    person_id: str
    name: str
    place: str
    mine: Month
    theirs: Month


def report_of(
    parts: Parts, principal: Principal, *, area_code: str | None, month: str | None, mapping_id: str | None
) -> Report:
    """The report of an area of the caller. Raises ExchangeAreaNotYours, ExchangeAreaNotNamed, MonthUnreadable,
    MonthNotBegun, MappingUnknown, NoRuleThen."""
    now = parts.clock.now()
    area = area_for(principal, area_code)
    first = month_for(month, local_date(now))
    rule = exchange_rule(first)
    due = due_on(rule, first)
    with parts.database.session() as session:
        mapping = get_mapping(session, mapping_id)
        standings = count_month(
            session,
            area,
            mapping.id,
            first,
            until=ends_at(first),
            missing_before=now - timedelta(days=rule.answer_days),
        )
    lines = [(one, place_name(one.code)) for one in standings]
    return Report(area, first, mapping, rule, due, local_date(now) > due, lines)


def show_export(
    session: Session, principal: Principal, export_id: str, now: datetime
) -> tuple[ExportRow, dict[str, int]]:
    """An export of the caller's area, and how many of its rows stand how: none until it is drawn up, for a page that watches
    that asks every second. Raises ExportUnknown."""
    export = get_export(session, principal, export_id)
    if export.finished_at is None:
        return export, {}
    return export, count_seen(session, export, now, exchange_rule(export.month).answer_days)


def show_rows(
    session: Session,
    principal: Principal,
    vault: Vault,
    export_id: str,
    now: datetime,
    *,
    state: str | None,
    page: int,
    size: int,
) -> list[RowView]:
    """A page (from 1) of an export's rows, once it is drawn up. Raises ExportUnknown."""
    export = get_export(session, principal, export_id)
    if export.finished_at is None:
        return []
    days = exchange_rule(export.month).answer_days
    rows = list_seen(session, export, now, days, state=state, offset=(page - 1) * size, limit=size)
    names = contacts_of(session, vault, [one.person_id for one in rows])
    return [_view(vault, export, one, names[one.person_id].name) for one in rows]


def _view(vault: Vault, export: ExportRow, one: SeenRow, name: str) -> RowView:
    reason = ""
    if one.reason_sealed is not None and one.wrapped_key is not None:
        context = reason_context((export.id, one.row))
        reason = _DIGITS.sub("***", vault.open(bytes(one.wrapped_key), bytes(one.reason_sealed), context))
    return RowView(
        row=one.row,
        person_id=one.person_id,
        name=mask.name(name) if name else ERASED,
        place=place_name(one.place_code),
        change=one.change,
        state=one.state,
        reason=reason.replace(name, mask.name(name)) if name else reason,
        answered_at=one.answered_at,
    )


def show_differences(
    parts: Parts, principal: Principal, *, area_code: str | None, month: str | None, page: int, size: int
) -> list[Difference]:
    """A page (from 1) of whom the other system tells otherwise, ours beside theirs. Raises as `report_of`."""
    area = area_for(principal, area_code)
    first = month_for(month, local_date(parts.clock.now()))
    with parts.database.session() as session:
        found = list_differing(session, area, first, offset=(page - 1) * size, limit=size)
        ids = [str(one.person_id) for one in found]
        files = read_these(session, [one.file_id for one in found], first, last_day(first))
        names = contacts_of(session, parts.vault, ids)
    return [
        Difference(
            one.person_id,
            mask.name(names[one.person_id].name) or ERASED,
            place_name(one.place_code),
            ours(files[one.file_id].record, files[one.file_id].spell) or Month(False),
            one.month,
        )
        for one in found
        if one.file_id in files
    ]
