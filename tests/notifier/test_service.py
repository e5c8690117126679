"""The notifier as one piece, as `zhida serve notifier` runs it: events in, mail and pages out, answers back."""

import re

import httpx
import pytest
from sqlalchemy import text

from shared.events import ArrivalConfirmed
from shared.security import Role
from tests.notifier.running import Notifier
from tests.notifier.world import FACTORY, REQUESTS, published, registered
from tests.waiting import PATIENCE_S, wait_until

LINK = re.compile(r"http://127\.0\.0\.1:\d+/[bh]/\S+")


def count(notifier: Notifier, sql: str) -> int:
    with notifier.database.session() as session:
        found: int = session.connection().execute(text(sql)).scalar_one()
        return found


def await_all_sent(notifier: Notifier, expected: int) -> None:
    wait_until(
        lambda: count(notifier, "SELECT count(*) FROM notice WHERE state = 'sent'") == expected,
        f"{expected} notices sent",
    )


def test_it_is_said_at_the_start_that_texts_reach_nobody(
    caplog: pytest.LogCaptureFixture, notifier: Notifier
) -> None:
    def said() -> set[str]:
        records = [*caplog.get_records("setup"), *caplog.get_records("call")]
        return {record.getMessage() for record in records if "reach nobody" in record.getMessage()}

    wait_until(lambda: bool(said()), "something is said")
    httpx.get(f"{notifier.url}/readyz", timeout=PATIENCE_S).raise_for_status()
    assert said() == {"notifier-send-sms writes sms to this log alone: they reach nobody"}, (
        "mail is real here"
    )


def test_a_trip_told_by_the_dispatcher_reaches_mailboxes_and_comes_back_confirmed(notifier: Notifier) -> None:
    notifier.hears(registered())
    notifier.hears(published())
    wait_until(lambda: len(notifier.mail.mails) == 2, "a mail to the carrier and one to the enterprise")
    mail = next(mail for mail in notifier.mail.mails if FACTORY.lower() in mail["To"])
    body = mail.get_content()
    assert "潘秀" not in body
    link = LINK.findall(body)[0]

    await_all_sent(notifier, expected=8)  # six workers, the carrier, the enterprise that is known

    notifier.clock.advance(hours=48)
    with httpx.Client(follow_redirects=True, timeout=PATIENCE_S) as browser:
        assert "在本机打开" in browser.get(link).text
        page = browser.post(f"{link}/open")
        assert "潘秀英" in page.text
        csrf = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
        assert csrf
        saved = browser.post(link, data={"csrf_token": csrf.group(1), "all": "arrived"})
        assert saved.status_code == 200
        assert "已保存" in saved.text
    told = count(notifier, f"SELECT count(*) FROM outbox WHERE type = '{ArrivalConfirmed.type_name()}'")
    assert told == 4

    headers = notifier.as_(Role.OPERATOR, areas=("52",))
    answer = httpx.get(f"{notifier.url}/api/notices?state=sent", headers=headers, timeout=PATIENCE_S)
    assert {notice["recipient"] for notice in answer.json()["notices"]} >= set(REQUESTS)
    metrics = httpx.get(f"{notifier.url}/metrics", timeout=PATIENCE_S).text
    assert 'zhida_notices{channel="email",outcome="sent"} 2.0' in metrics
    assert 'zhida_confirmations{outcome="arrived"} 4.0' in metrics
