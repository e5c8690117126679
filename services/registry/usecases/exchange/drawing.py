"""Draws up the exports that were asked for, some people at a time, each with its progress in one transaction.

A worker that is killed goes on where the last people ended.
"""

import logging
import threading
from collections.abc import Iterator, Mapping

from sqlmodel import Session

from services.registry.domain.exchange.fields import Change
from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.exchange.receipts import RowState
from services.registry.domain.months import ends_at, last_day
from services.registry.intake.mapping import exchange_rule
from services.registry.store.exchange.drawing import (
    count_due,
    hold_next,
    insert_rows,
    keep_erasures_waiting,
    those_in_it,
)
from services.registry.store.exchange.people import CHUNK, Known, read_area
from services.registry.store.exchange.sent import Acknowledged, Gone, NewSent, acknowledged, gone_from
from services.registry.store.tables import ExportRow
from services.registry.usecases.exchange.area import check_kept
from services.registry.usecases.exchange.export import digest_of, id_of, removal
from services.registry.usecases.exchange.facts import Opener
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.parts import Parts
from shared.database import snapshot
from shared.kernel.errors import Unavailable, ZhidaError
from shared.messaging import keep_at
from shared.security import Vault

log = logging.getLogger(__name__)
LOOK_EVERY_S = 0.5


class Drawing:
    """Goes on with the export that has come least far, until none waits."""

    name = "registry drawing up exports"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self, stop: threading.Event) -> None:
        """Look twice a second until `stop`; people who were begun with are ended first."""
        keep_at(lambda: self.look(stop), LOOK_EVERY_S, self.name, stop)

    def look(self, stop: threading.Event | None = None) -> None:
        """Draw up all that waits."""
        stop = stop or threading.Event()
        while not stop.is_set() and draw_some(self._parts):
            pass


def draw_some(parts: Parts, *, chunk: int = CHUNK) -> bool:
    """Go on with one export by so many people; False where none waits, or others are at all that do.

    What can never be drawn up says why and waits no more; its rows count for nothing.
    """
    with parts.database.session() as outer, parts.database.session() as session:
        keep_erasures_waiting(outer)
        snapshot(session)
        export = hold_next(session)
        if export is None:
            return False
        try:
            _go_on(session, export, parts, chunk)
        except Unavailable:
            raise
        except ZhidaError as error:
            export.failure = type(error).__name__
            about = {"export_id": export.id, "failure": export.failure}
            log.warning("export failed", extra=about)
        session.add(export)
    return True


def _go_on(session: Session, export: ExportRow, parts: Parts, chunk: int) -> None:
    check_kept(export.month, parts.clock.now())  # it may have had its time since it was asked for
    sheet = get_mapping(session, export.mapping_id, export.mapping_version).rows
    until = ends_at(export.month)
    if export.due is None:
        export.due = count_due(session, export.area_code, export.month, until)
    after = (export.done_place, export.done_to)
    known = read_area(
        session, export.area_code, export.month, last_day(export.month), until, after=after, limit=chunk
    )
    if known:
        insert_rows(session, list(_reports(session, export, sheet, parts.vault, known)))
        head = known[-1].head
        export.done += len(known)
        export.done_place, export.done_to = head.place_code, head.person_id
    if len(known) < chunk:
        _finish(session, export, sheet, parts)


def _finish(session: Session, export: ExportRow, sheet: Sheet, parts: Parts) -> None:
    gone = gone_from(session, export.mapping_id, export.area_code, export.id)
    insert_rows(session, [_removed(export, sheet, parts.vault, one) for one in gone])
    export.due, export.done_place, export.done_to = export.done, "", ""
    export.finished_at = parts.clock.now()
    about = {"export_id": export.id, "area_code": export.area_code, "rows": export.rows}
    log.info("export drawn up", extra=about | {"removals": export.removals})


def _reports(
    session: Session, export: ExportRow, sheet: Sheet, vault: Vault, known: list[Known]
) -> Iterator[NewSent]:
    ids = [one.head.person_id for one in known]
    before: Mapping[str, Acknowledged] = acknowledged(session, export.mapping_id, export.month, ids)
    there = those_in_it(session, export, ids) if export.rows else set()
    opener = Opener(session, vault, export.month, exchange_rule(export.month))
    for one, facts, is_withheld in opener.open([one for one in known if one.head.person_id not in there]):
        digest = digest_of(vault, sheet, facts)
        last = before.get(one.head.person_id)
        if export.only_changed and last and (last.digest, last.change) == (digest, Change.REPORT):
            export.left_out += 1
            continue
        export.withheld += is_withheld
        token = last.token if last else None
        yield _sent(export, one.head.person_id, one.head.place_code, Change.REPORT, digest, token)


def _removed(export: ExportRow, sheet: Sheet, vault: Vault, gone: Gone) -> NewSent:
    export.removals += 1
    digest = digest_of(vault, sheet, removal(export.month, id_of(gone, vault)))
    return _sent(export, gone.person_id, gone.place_code, Change.REMOVE, digest, gone.prior_token)


def _sent(
    export: ExportRow, person_id: str, place_code: str, change: Change, digest: str, prior_token: str | None
) -> NewSent:
    export.rows += 1
    return NewSent(
        export_id=export.id,
        row=export.rows,
        mapping_id=export.mapping_id,
        month=export.month,
        person_id=person_id,
        place_code=place_code,
        change=change,
        digest=digest,
        prior_token=prior_token,
        state=RowState.SENT,
    )
