"""Keeps and hands out the documents of a case, sealed under the worker's key."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.registry.domain.rights.case import Note
from services.registry.domain.rights.document import (
    KINDS,
    NAME_MAX,
    check_count,
    check_document,
)
from services.registry.store.access import log_access
from services.registry.store.rights import get_case, get_document, list_documents
from services.registry.store.tables import CaseDocumentRow, CaseRow, PersonRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.hands import require_hand
from services.registry.usecases.rights.steps import document_context, key_of, write_step
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Principal

PURPOSE = "rights/document"
Sent = tuple[str, bytes]
"""A file's name and bytes."""


@dataclass(frozen=True)
class Document:
    """A document to be handed out; its name tells no more than what it is."""

    name: str
    media: str
    content: bytes


def add_documents(
    parts: Parts, principal: Principal, case_id: str, sent: Sequence[Sent]
) -> list[CaseDocumentRow]:
    """Keep documents with a case; bytes that it has already stay as they are.

    Raises CaseUnknown, NotAccepted, DocumentTooLarge, DocumentKindUnknown, DocumentsTooMany.
    """
    with parts.database.session() as session:
        case, person = get_case(session, principal, case_id, lock=True)
        require_hand(principal, case)
        return keep_documents(session, parts, case, person, sent, principal.subject)


def keep_documents(
    session: Session, parts: Parts, case: CaseRow, person: PersonRow, sent: Sequence[Sent], by: str
) -> list[CaseDocumentRow]:
    """The same in the caller's transaction, which holds the case's row."""
    kinds = [check_document(content) for _, content in sent]
    known = {row.stamp: row for row in list_documents(session, case.id)}
    seal, now = parts.vault.seal_of(key_of(person)), parts.clock.now()
    kept = []
    for (name, content), kind in zip(sent, kinds, strict=True):
        stamp = parts.vault.stamp(content)
        if stamp not in known:
            check_count(len(known) + 1)
            document_id = f"D{secrets.token_hex(10)}"
            known[stamp] = row = CaseDocumentRow(
                id=document_id,
                case_id=case.id,
                stamp=stamp,
                sha256_sealed=seal.seal(
                    hashlib.sha256(content).hexdigest(), document_context(document_id, "sha256")
                ),
                media=kind.media,
                size=len(content),
                name_sealed=seal.seal(name[:NAME_MAX], document_context(document_id, "name")),
                content_sealed=seal.seal_bytes(content, document_context(document_id, "content")),
                added_by=by,
                added_at=now,
            )
            session.add(row)
            day = local_date(now)
            write_step(session, parts, case, person, Note.DOCUMENT, from_state=case.state, day=day, by=by)
        kept.append(known[stamp])
    return kept


def hand_out(parts: Parts, principal: Principal, case_id: str, document_id: str, cause: Cause) -> Document:
    """A document of a case, which is written into the access log. Raises CaseUnknown, DocumentUnknown, PersonErased."""
    with parts.database.session() as session:
        row, case, person = get_document(session, principal, case_id, document_id)
        seal = parts.vault.seal_of(key_of(person))
        content = seal.open_bytes(row.content_sealed, document_context(row.id, "content"))
        log_access(
            session,
            subject=principal.subject,
            purpose=PURPOSE,
            request_ids=[],
            person_ids=[case.person_id],
            principal=principal,
            fields=["document"],
            place_code=case.place_code,
            correlation_id=cause.correlation_id,
            at=parts.clock.now(),
        )
    return Document(f"{row.id}{KINDS[row.media].suffix}", row.media, content)
