"""Reads the forms of the pages of cases; decides nothing."""

import secrets
from typing import Annotated

from fastapi import Depends, Request, UploadFile

from services.registry.domain.fault import Fault
from services.registry.domain.rights.case import Act, CaseOutcome, Note
from services.registry.domain.rights.clocks import ClockKind
from services.registry.domain.rights.complaint import read_yuan
from services.registry.domain.rights.document import BYTES_MAX, COUNT_MAX
from services.registry.usecases.rights.documents import Sent
from services.registry.usecases.rights.errors import CaseNotTaken
from services.registry.usecases.rights.proceed import Move
from services.registry.usecases.rights.take import Taken
from services.registry.usecases.rights.whose import Caller
from services.registry.web.pages import read_day


async def read_form(request: Request) -> dict[str, str]:
    """The fields of the form that are text."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


SentForm = Annotated[dict[str, str], Depends(read_form)]


def sent_of(files: list[UploadFile] | None) -> list[Sent]:
    """The files of a form; an empty field of a browser is a file without name and bytes."""
    chosen = [file for file in files or () if file.filename]
    return [(file.filename or "", file.file.read(BYTES_MAX + 1)) for file in chosen[: COUNT_MAX + 1]]


def taken_of(form: dict[str, str], sent: list[Sent]) -> Taken:
    caller = None
    if not form.get("person_id"):
        caller = Caller(*(form.get(name, "")[:120] for name in ("name", "resident_id", "phone", "place")))
    return Taken(
        client_id=form.get("client_id", "")[:80] or secrets.token_hex(8),
        said=form,
        person_id=form.get("person_id", "")[:40],
        request_id=form.get("request_id", "")[:40],
        caller=caller,
        enterprise=form.get("enterprise", "")[:120],
        sent=sent,
    )


def move_of(form: dict[str, str]) -> Move:
    """What a form says; a code that no page offers is as if nothing had been chosen."""
    given = form.get("act", "")
    act: Act | Note = Act(given) if given in set(Act) else Note(given) if given in _BY_FORM else Note.NOTE
    outcome, clock = form.get("outcome", ""), form.get("clock", "")
    days = form.get("days", "")
    return Move(
        act=act,
        day=read_day(form.get("day", "")),
        note=form.get("note", ""),
        outcome=CaseOutcome(outcome) if act is Act.RESOLVE and outcome in set(CaseOutcome) else None,
        amount_fen=_amount(form.get("amount_yuan", "")) if act is Act.RESOLVE else None,
        clock=ClockKind(clock) if clock in set(ClockKind) else None,
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
    )


_BY_FORM = {Note.NOTE, Note.ADMIT, Note.EXTEND, Note.SUSPEND, Note.RESUME, Note.LIMIT}


def _amount(text: str) -> int | None:
    read = read_yuan(text)
    if isinstance(read, Fault):
        raise CaseNotTaken([read])
    return read
