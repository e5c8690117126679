"""Lets a clerk say which of several values stands for a person, or give one of their own; the others are kept."""

import logging

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import read_name, read_phone, tidy
from services.registry.domain.people.statement import KIND_WORDS, Kind
from services.registry.domain.row import TEXT_MAX
from services.registry.store.files import get_file, persons_seen
from services.registry.store.people import lock_people
from services.registry.store.statements import let_stand, list_statements, lock_statement
from services.registry.store.tables import StatementRow
from services.registry.usecases.errors import told
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.say import Word, say, value_fingerprint
from shared.kernel.clock import local_date
from shared.kernel.errors import Gone, InvalidInput
from shared.kernel.ids import new_id
from shared.security import Principal

log = logging.getLogger(__name__)


class StatementErased(Gone):
    """The personal data of this person has been erased. Nothing can be said of them any more."""

    zh = "此人的个人信息已被删除，不能再记录。"


class ValueRefused(InvalidInput):
    """The value was refused: {summary_en}"""

    zh = "内容被退回：{summary_zh}"

    def __init__(self, found: Fault) -> None:
        self.found = found
        super().__init__(
            errors=[told(found)],
            summary_zh=f"{found.zh}（{found.mend_zh}）",
            summary_en=f"{found.en} ({found.mend_en})",
        )

    def __reduce__(self) -> tuple[type["ValueRefused"], tuple[Fault]]:
        return ValueRefused, (self.found,)


def settle_statement(parts: Parts, principal: Principal, person_id: str, statement_id: str) -> StatementRow:
    """This value stands by the caller's word; what contradicted it until now is weighed.

    Raises PersonUnknown, StatementUnknown.
    """
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        persons = [one.id for one in persons_seen(session, principal, person_id)]
        lock_people(session, persons)
        row = lock_statement(session, persons, statement_id)
        _settle(session, row, parts, principal)
    return row


def state(parts: Parts, principal: Principal, person_id: str, kind: Kind, value: str) -> str:
    """Keep what a clerk says of a person, and let it stand; the id of the statement. A second time changes nothing.

    Raises PersonUnknown, ValueRefused, StatementErased.
    """
    now = parts.clock.now()
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        text = _read(kind, tidy(value))
        person = lock_people(session, [person_id])[person_id]
        if person.wrapped_key is None:
            raise StatementErased()
        seal = parts.vault.seal_of(person.wrapped_key)
        word = Word(new_id(), person_id, seal, kind.value, text, local_date(now))
        say(session, parts.vault, [word], source=f"clerk/{principal.subject}", known=[person_id], at=now)
        fingerprint = value_fingerprint(parts.vault, kind.value, text)
        row = next(
            one
            for one in reversed(list_statements(session, [person_id]))
            if (one.kind, one.value_fingerprint) == (kind, fingerprint)
        )
        if not row.stands or row.settled_at is None:
            _settle(session, row, parts, principal)
    return row.id


def _settle(session: Session, row: StatementRow, parts: Parts, principal: Principal) -> None:
    statement_id, about = row.id, {"person_id": row.person_id, "kind": row.kind}
    let_stand(session, row, principal.subject, parts.clock.now())
    session.refresh(row)
    log.info("statement settled", extra={"subject": principal.subject, "statement_id": statement_id} | about)


def _read(kind: Kind, text: str) -> str:
    reading: str | Fault = text
    if not text or len(text) > TEXT_MAX:
        zh, en = KIND_WORDS[kind]
        code = "text-long" if text else "required"
        reading = fault("value", code, zh=zh, en=en, limit=TEXT_MAX)
    elif kind is Kind.NAME:
        reading = read_name(text)
    elif kind is Kind.PHONE:
        reading = read_phone(text)
    if isinstance(reading, Fault):
        raise ValueRefused(reading)
    return reading
