"""No name, phone or ID in the notifier's database or logs, whatever happened in it."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.notifier.channels.console import ConsoleMail, ConsoleProvider
from services.notifier.channels.sms import Sms
from services.notifier.domain.notice import Audience, Medium
from tests.notifier.running import Site
from tests.notifier.test_links import csrf_of, opened
from tests.notifier.world import CARRIER, DAY, FACTORY, PEOPLE, REQUESTS, published, registered, stops


def dump(site: Site) -> str:
    """Every row of every table, as text."""
    with site.world.session() as session:
        connection = session.connection()
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        rows = []
        for table in tables.all():
            rows += connection.execute(text(f'SELECT "{table}"::text FROM "{table}"')).scalars().all()
        payloads = (
            connection.execute(text("SELECT convert_from(payload, 'UTF8') FROM outbox")).scalars().all()
        )
    return "\n".join([*rows, *payloads])


def test_after_a_whole_trip_the_database_and_the_log_name_nobody_and_hold_no_key(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = site.world
    world.tell(registered(), published())
    world.sender(Medium.SMS, Sms(ConsoleProvider())).send_due()
    world.sender(Medium.EMAIL, ConsoleMail()).send_due()
    world.tell(published(version=2, stops=stops(timedelta(minutes=5))))
    world.sender(Medium.SMS, Sms(ConsoleProvider())).send_due()
    escort, path, page = opened(site, Audience.CARRIER, CARRIER)
    world.clock.at = DAY + timedelta(hours=1)
    form = {"csrf_token": csrf_of(page), "request_id": REQUESTS[0], "presence": "boarded"}
    assert escort.post(f"{path}/marks", data=form).status_code == 200
    assert escort.post(f"{path}/departure", data={"csrf_token": csrf_of(page)}).status_code == 200
    world.clock.at = DAY + timedelta(hours=24)
    factory, handover, page = opened(site, Audience.ENTERPRISE, FACTORY)
    note = {f"note.{REQUESTS[0]}": f"{PEOPLE[REQUESTS[0]].name}已入住"}
    form = {"csrf_token": csrf_of(page), "all": "arrived", **note}
    assert factory.post(handover, data=form).status_code == 200

    kept = dump(site)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "sms to 138****" in logged
    assert len(kept) > 5000
    for person in PEOPLE.values():
        for secret in (person.name, person.phone):
            assert secret not in kept
            assert secret not in logged
    token = path.removeprefix("/b/")
    assert token not in kept
    assert token not in "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("services", "zhida"))
    )
