"""Takes a roster file in: accepted rows become requests, refused rows are kept sealed to be handed back.

The same bytes from the same county change nothing and get the first outcome.
"""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from sqlmodel import Session

from services.registry.domain.identity import tidy
from services.registry.domain.row import Row
from services.registry.intake.roster import read_roster
from services.registry.store.rosters import close_roster, find_roster, insert_refused, insert_roster
from services.registry.store.tables import RosterRow
from services.registry.usecases.county import county_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.seal_roster import seal_file_name, seal_refused
from services.registry.usecases.submit import Sender, submit
from shared.database import Database
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Principal, Vault

FILE_NAME_MAX = 120


def receive_roster(
    parts: Parts, principal: Principal, content: bytes, *, file: str, county_code: str | None, cause: Cause
) -> tuple[RosterRow, bool]:
    """`import_roster` for a caller: for a county of theirs, and counted.

    Raises CountyNotYours, CountyNotNamed and what `import_roster` raises.
    """
    roster, is_new = import_roster(
        parts.database,
        content,
        file=PurePosixPath(tidy(file).replace("\\", "/")).name[:FILE_NAME_MAX] or "roster",
        county_code=county_of(principal, county_code),
        uploaded_by=principal.subject,
        vault=parts.vault,
        clock=parts.clock,
        cause=cause,
    )
    if is_new:
        parts.count(accepted=roster.accepted, refused=roster.refused)
    else:
        parts.count(known=roster.accepted + roster.refused)
    return roster, is_new


def import_roster(
    database: Database,
    content: bytes,
    *,
    file: str,
    county_code: str,
    uploaded_by: str,
    vault: Vault,
    clock: Clock,
    cause: Cause,
) -> tuple[RosterRow, bool]:
    """The roster with its counts, and whether these bytes were new.

    Raises the errors of `intake.errors` before anything is written, and UnknownCounty. The file is read outside
    the transaction; checking, requests, refused rows and events are one.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with database.session() as session:
        known = find_roster(session, county_code, sha256)
    if known is not None:
        return known, False
    rows = read_roster(content, file)
    roster_id, key = new_id(), vault.new_person_key()
    roster = RosterRow(
        id=roster_id,
        county_code=county_code,
        file_name_sealed=seal_file_name(roster_id, file, key, vault),
        sha256=sha256,
        accepted=0,
        refused=0,
        wrapped_key=key,
        uploaded_by=uploaded_by,
        uploaded_at=clock.now(),
    )
    with database.session() as session:
        if not insert_roster(session, roster):
            first = find_roster(session, county_code, sha256)
            if first is None:
                raise RuntimeError("a roster that was in the way is gone")
            return first, False
        _fill(session, roster, rows, vault=vault, clock=clock, cause=cause)
    return roster, True


def _fill(
    session: Session, roster: RosterRow, rows: Sequence[Row], *, vault: Vault, clock: Clock, cause: Cause
) -> None:
    sender = Sender(roster.county_code, roster.uploaded_by, batch_id=roster.id, roster_id=roster.id)
    acceptance = submit(session, rows, sender, vault=vault, clock=clock, cause=cause)
    by_number = {row.number: row for row in rows}
    insert_refused(
        session,
        (
            seal_refused(roster.id, by_number[number], faults, vault)
            for number, faults in acceptance.refused.items()
        ),
    )
    roster.accepted, roster.refused = len(acceptance.accepted), len(acceptance.refused)
    close_roster(session, roster.id, accepted=roster.accepted, refused=roster.refused)
