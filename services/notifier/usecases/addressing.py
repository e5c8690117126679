"""Knows where each notice goes, found out at the moment it leaves; keeps no address of a person.

A worker's phone is asked of the registry, an organisation's role mailbox and webhook are our own.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

from services.notifier.channels.port import Message
from services.notifier.domain.facts import Facts
from services.notifier.domain.notice import Audience, Kind
from services.notifier.domain.wording import LANGUAGES, Names, write
from services.notifier.store import organisations
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases import SOURCE
from services.notifier.usecases.linking import Linker
from services.notifier.usecases.subscribe_webhook import secret_of
from services.notifier.usecases.tell_trip import NO_ADDRESS
from shared.database import Database
from shared.directory import Directory
from shared.security import Keyring

NO_CONTACT = "no-contact"
UNSUBSCRIBED = "unsubscribed"
EVENT_TYPE = "zhida.notice.v1"


def address_sms(rows: Sequence[NoticeRow], directory: Directory) -> dict[str, Message | str]:
    """To the worker's phone; raises Unavailable while the registry is away."""
    contacts = directory.lookup([row.recipient_ref for row in rows], "sms", SOURCE) if rows else {}
    messages: dict[str, Message | str] = {}
    for row in rows:
        contact = contacts.get(row.recipient_ref)
        if contact is None or not contact.phone:
            messages[row.notice_id] = NO_CONTACT
            continue
        messages[row.notice_id] = Message(row.notice_id, contact.phone, row.subject, row.body)
    return messages


def address_email(rows: Sequence[NoticeRow], database: Database, linker: Linker) -> dict[str, Message | str]:
    """To the organisation's role mailbox; one that the registry has not told of yet is left for later."""
    messages: dict[str, Message | str] = {}
    with database.session() as session:
        for row in rows:
            known = organisations.find_organisation(session, Audience(row.audience), row.recipient_ref)
            if known is not None and known.email:
                messages[row.notice_id] = Message(row.notice_id, known.email, row.subject, linker.filled(row))
            elif known is not None:
                messages[row.notice_id] = NO_ADDRESS
    return messages


def address_webhook(
    rows: Sequence[NoticeRow], database: Database, linker: Linker, keyring: Keyring
) -> dict[str, Message | str]:
    """To the organisation's own system, as a CloudEvent with the facts and the words in both languages."""
    messages: dict[str, Message | str] = {}
    with database.session() as session:
        for row in rows:
            subscription = organisations.find_subscription(session, row.recipient_ref)
            if subscription is None:
                messages[row.notice_id] = UNSUBSCRIBED
                continue
            names = organisations.list_names(session, _enterprises_of(row))
            body = json.dumps(cloud_event(row, linker, names), ensure_ascii=False)
            secret = secret_of(keyring, subscription)
            messages[row.notice_id] = Message(row.notice_id, subscription.url, row.subject, body, secret)
    return messages


def cloud_event(notice: NoticeRow, linker: Linker, names: Names) -> dict[str, Any]:
    """A notice as a CloudEvent 1.0; it names no worker, the link leads to who comes."""
    audience, kind = Audience(notice.audience), Kind(notice.kind)
    facts = cast(Facts, notice.facts)
    words = {language: write(audience, kind, facts, language, names) for language in LANGUAGES}
    return {
        "specversion": "1.0",
        "id": notice.notice_id,
        "source": "zhida/notifier",
        "type": EVENT_TYPE,
        "subject": notice.trip_id,
        "time": notice.created_at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "kind": notice.kind,
            "trip_id": notice.trip_id,
            "facts": notice.facts,
            "subject": {language: text.subject for language, text in words.items()},
            "link": None if kind is Kind.CANCELLED else linker.link(notice),
        },
    }


def _enterprises_of(notice: NoticeRow) -> set[str]:
    """The enterprises that the facts of a notice to an organisation mention."""
    places = [*notice.facts.get("drops", ()), *notice.facts.get("gates", ())]
    return {enterprise_id for place in places for enterprise_id in place["enterprises"]}
