"""The ways out of the house against real servers: SMTP, HTTP, and what each answer means."""

import base64
import hashlib
import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress

import httpx
import pytest

from services.notifier.channels.console import ConsoleProvider
from services.notifier.channels.email import Email, SmtpServer
from services.notifier.channels.port import Message, NotNow, Undeliverable
from services.notifier.channels.sms import Sms
from services.notifier.channels.webhook import TargetRefused, Webhook, check_target, resolve
from services.notifier.domain.notice import Medium
from services.notifier.usecases.subscribe_webhook import Subscriptions
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Unavailable
from tests.notifier.running import (
    HttpServer,
    MailServer,
    free_port,
    http_server,
    mail_server,
    raw_server,
)
from tests.notifier.world import CARRIER, DAY, FACTORY, FakeChannel, World, published, registered
from tests.waiting import PATIENCE_S

CLOCK = FixedClock(DAY)
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    channel = Webhook(CLOCK, timeout_s=PATIENCE_S, allow_private=True)
    yield channel
    channel.close()


def letter(to: str = "hr@factory.example") -> Message:
    return Message("01JKEY", to, "到达安排 / Arrivals", "四人，07:00。\n\nFour, 07:00.\n")


def email_to(mail: MailServer) -> Email:
    return Email(SmtpServer("127.0.0.1", mail.port, "zhida@bureau.example", timeout_s=PATIENCE_S), CLOCK)


def hook(url: str) -> Message:
    return Message("01JKEY", url, "", '{"人": 4}', SECRET)


# --- mail ------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_in_both_languages_and_its_id_follows_from_the_key(mail: MailServer) -> None:
    email_to(mail).send(letter())
    email_to(mail).send(letter())
    first, second = mail.mails
    assert first["Message-ID"] == second["Message-ID"] == "<01JKEY@bureau.example>"
    assert first["Subject"] == "到达安排 / Arrivals"
    assert first.get_content().replace("\r\n", "\n") == letter().body


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({}, None),
        ({"QUIT": "500 stay"}, None),
        ({"connect": "554 not you"}, Unavailable),
        ({"connect": "421 closing"}, Unavailable),
        ({"EHLO": "550 not you", "HELO": "550 not you"}, Unavailable),
        ({"MAIL": "550 not this sender"}, Unavailable),
        ({"MAIL": "451 later"}, Unavailable),
        ({"RCPT": "550 no such mailbox"}, Undeliverable),
        ({"RCPT": "450 greylisted"}, NotNow),
        ({"RCPT": "421 closing"}, Unavailable),
        ({"DATA": "554 not this mail"}, Undeliverable),
        ({"DATA": "451 later"}, NotNow),
    ],
)
def test_a_mail_fails_for_good_only_by_what_is_said_of_its_mailbox_or_of_itself(
    answers: dict[str, str], error: type[Exception] | None
) -> None:
    with raw_server(lambda connection: speak_smtp(connection, answers)) as url:
        server = SmtpServer(
            "127.0.0.1", httpx.URL(url).port or 0, "zhida@bureau.example", timeout_s=PATIENCE_S
        )
        with pytest.raises(error) if error else nullcontext() as raised:
            Email(server, CLOCK).send(letter())
    assert raised is None or raised.type is error


def test_a_mail_server_that_is_slow_at_every_step_has_no_more_time_than_a_silent_one() -> None:
    with raw_server(lambda connection: speak_smtp(connection, {}, pause_s=0.3)) as url:
        server = SmtpServer("127.0.0.1", httpx.URL(url).port or 0, "zhida@bureau.example", timeout_s=0.8)
        with pytest.raises(Unavailable):
            Email(server, CLOCK).send(letter())


def speak_smtp(connection: socket.socket, answers: Mapping[str, str], pause_s: float = 0) -> None:
    """A mail server of few words; `answers` by command, "connect" for its greeting."""
    lines = connection.makefile("rb")
    connection.sendall(f"{answers.get('connect', '220 here')}\r\n".encode())
    for line in lines:
        threading.Event().wait(pause_s)
        command = line[:4].decode().upper()
        usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 fine")
        connection.sendall(f"{answers.get(command, usual)}\r\n".encode())
        if command == "DATA" and "DATA" not in answers:
            while lines.readline() != b".\r\n":
                pass
            connection.sendall(b"250 taken\r\n")


def test_a_mail_server_that_is_away_is_tried_again() -> None:
    nobody = SmtpServer("127.0.0.1", free_port(), "zhida@bureau.example", timeout_s=1.0)
    with pytest.raises(Unavailable):
        Email(nobody, CLOCK).send(letter())


def test_a_mail_that_was_taken_and_whose_reply_was_lost_comes_again_with_the_same_id(
    world: World, mail: MailServer
) -> None:
    world.tell(registered(), published())
    mail.answers_after = ["451 lost on the way"]
    sender = world.sender(Medium.EMAIL, email_to(mail))
    sender.send_due()
    world.clock.advance(seconds=10)
    sender.send_due()
    ids = [str(received["Message-ID"]) for received in mail.mails]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_a_password_is_not_in_what_is_printed_of_the_settings() -> None:
    assert "hush" not in repr(SmtpServer("h", 1, "s", password="hush"))
    assert "hush" not in repr(Message("k", "hush", "s", "b", "hush"))


# --- webhooks --------------------------------------------------------------------------------------------------


def test_a_receiver_can_check_the_signature_with_its_secret(receiver: HttpServer, webhook: Webhook) -> None:
    webhook.send(hook(f"{receiver.url}/in"))
    got = receiver.received[0]
    headers = {name.lower(): value for name, value in got.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{got.body.decode()}"
    expected = hmac.new(b"s" * 32, signed.encode(), hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert headers["idempotency-key"] == "01JKEY"
    assert headers["host"] == receiver.url.removeprefix("http://")
    assert got.path == "/in"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, Unavailable),
        (503, Unavailable),
        (429, Unavailable),
        (404, Undeliverable),
        (401, Undeliverable),
        (302, Undeliverable),
    ],
)
def test_a_receiver_s_status_says_whether_to_try_again(
    receiver: HttpServer, webhook: Webhook, status: int, error: type[Exception]
) -> None:
    receiver.answer = lambda _: (status, {"Location": f"{receiver.url}/elsewhere"}, b"")
    with pytest.raises(error):
        webhook.send(hook(receiver.url))
    assert len(receiver.received) == 1, "a redirect is not followed"


def test_a_receiver_that_is_away_or_says_nothing_is_tried_again(webhook: Webhook) -> None:
    with pytest.raises(Unavailable):
        webhook.send(hook(f"http://127.0.0.1:{free_port()}/"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow = Webhook(CLOCK, timeout_s=0.2, allow_private=True)
        with pytest.raises(Unavailable):
            slow.send(hook(f"http://127.0.0.1:{silent.getsockname()[1]}/"))
        slow.close()


def drip(connection: socket.socket, begin: bytes) -> None:
    """Say `begin`, then one byte at a time, without end."""
    connection.sendall(begin)
    while True:
        connection.sendall(b"x")
        connection.settimeout(0.1)
        with suppress(TimeoutError):
            if connection.recv(65536) == b"":
                return


def test_a_receiver_s_status_is_all_that_is_read_of_its_answer(webhook: Webhook) -> None:
    taken = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
    with raw_server(lambda connection: drip(connection, taken)) as url:
        webhook.send(hook(url))


def test_a_receiver_that_speaks_ever_so_slowly_has_no_more_time_than_a_silent_one() -> None:
    channel = Webhook(CLOCK, timeout_s=0.5, allow_private=True)
    with raw_server(lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nX: ")) as url:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            channel.send(hook(url))
    assert time.monotonic() - begun < 2
    channel.close()


def test_a_name_server_that_is_silent_is_waited_for_no_longer_either(monkeypatch: pytest.MonkeyPatch) -> None:
    channel, answer = Webhook(CLOCK, timeout_s=0.5, allow_private=True), threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait() and [])
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        channel.send(hook("http://hooks.example/"))
    assert time.monotonic() - begun < 2
    answer.set()
    channel.close()


def test_every_message_has_a_connection_of_its_own(webhook: Webhook) -> None:
    connections = []

    def answer(connection: socket.socket) -> None:
        connections.append(connection.getpeername())
        while connection.recv(65536):
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(answer) as url:
        webhook.send(hook(url))
        webhook.send(hook(url))
    assert len(connections) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://10.1.2.3/hook",
        "https://192.168.1.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://0.0.0.0/hook",
        "https://localhost/hook",
        "https://2130706433/hook",
        "https://[2002:7f00:1::]/hook",
        "https://[fec0::1]/hook",
        "https://[64:ff9b::7f00:1]/hook",
    ],
)
def test_a_webhook_never_reaches_into_our_own_network(url: str) -> None:
    with pytest.raises(TargetRefused, match="private network"):
        resolve(check_target(url, allow_private=False), allow_private=False)
    strict = Webhook(CLOCK, timeout_s=1.0, allow_private=False)
    with pytest.raises(Undeliverable, match="private network"):
        strict.send(hook(url))
    strict.close()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://example.org/hook", "https"),
        ("ftp://example.org/hook", "https"),
        ("https://user:word@example.org/hook", "user"),
        ("https:///hook", "host"),
        ("https://example.org:99999/", "port"),
        ("https://a..b/", "URL"),
        (f"https://{'a' * 64}.example/", "URL"),
    ],
)
def test_an_address_of_another_form_is_refused(url: str, fault: str) -> None:
    with pytest.raises(TargetRefused, match=fault):
        check_target(url, allow_private=False)


@pytest.mark.parametrize("url", ["ftp://example.org/hook", "https://a..b/", "https://10.0.0.1/"])
def test_a_stored_address_that_is_refused_today_fails_its_notice_and_nothing_else(
    world: World, receiver: HttpServer, url: str
) -> None:
    with world.session() as session:
        subscriptions = Subscriptions(world.keyring, world.clock, allow_private=True)
        subscriptions.subscribe(session, FACTORY, f"{receiver.url}/")
    world.tell(published())
    world.scalar("UPDATE subscription SET url = :url RETURNING 1", url=url)
    channel = Webhook(world.clock, timeout_s=PATIENCE_S, allow_private=False)
    assert world.sender(Medium.WEBHOOK, channel).send_due() == 1
    channel.close()
    assert [notice.fault for notice in world.notices(medium="webhook", state="failed")] != []


def test_a_name_that_resolves_elsewhere_the_second_time_reaches_only_what_was_checked(
    receiver: HttpServer, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = httpx.URL(receiver.url).port
    asked = []
    real = socket.getaddrinfo

    def changing(host: str, *args: object, **options: object) -> object:
        asked.append(host)
        assert asked.count("hooks.example") <= 1, "resolved once, by the check"
        return real("127.0.0.1" if host == "hooks.example" else host, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    webhook.send(hook(f"http://hooks.example:{port}/in"))
    assert {name.lower(): value for name, value in receiver.received[0].headers.items()}["host"] == (
        f"hooks.example:{port}"
    )


def test_a_subscribed_enterprise_gets_the_facts_and_a_link_and_no_person(
    world: World, receiver: HttpServer
) -> None:
    with world.session() as session:
        subscriptions = Subscriptions(world.keyring, world.clock, allow_private=True)
        _, secret = subscriptions.subscribe(session, FACTORY, f"{receiver.url}/in")
    world.tell(registered(), published())
    receiver.answer = lambda _: (500 if len(receiver.received) == 1 else 204, {}, b"")
    channel = Webhook(world.clock, timeout_s=PATIENCE_S, allow_private=True)
    sender = world.sender(Medium.WEBHOOK, channel)
    sender.send_due()
    world.clock.advance(seconds=10)
    sender.send_due()
    channel.close()
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.headers["Webhook-Timestamp"] != second.headers["Webhook-Timestamp"]
    event = json.loads(first.body)
    assert (event["specversion"], event["type"], event["subject"]) == (
        "1.0",
        "zhida.notice.v1",
        "T-522732-20200224-001",
    )
    assert event["data"]["facts"]["gates"][0]["people"] == 4
    assert "/h/" in event["data"]["link"]
    assert "潘秀" not in first.body.decode()
    assert secret.startswith("whsec_")


def test_a_receiver_that_never_answers_is_asked_once_and_holds_up_no_other(
    world: World, receiver: HttpServer
) -> None:
    trips = [f"T-522732-20200224-{number:03d}" for number in range(5)]
    channel = Webhook(world.clock, timeout_s=3.0, allow_private=True)
    asked = []

    def say_nothing(connection: socket.socket) -> None:
        asked.append(connection)
        while connection.recv(65536):
            pass

    with raw_server(say_nothing) as silent:
        with world.session() as session:
            subscriptions = Subscriptions(world.keyring, world.clock, allow_private=True)
            subscriptions.subscribe(session, FACTORY, silent)
            subscriptions.subscribe(session, CARRIER, f"{receiver.url}/")
        world.tell(*(published(trip_id=trip_id) for trip_id in trips))
        sender = world.sender(Medium.WEBHOOK, channel, batch=2)
        while sender.send_due():
            pass
        assert len(asked) == 1, "one silence in all"
        world.clock.advance(seconds=3)
        assert sender.send_due() == 0, "asked a second time, by another notice"
    channel.close()
    assert len(receiver.received) == len(trips)
    waiting = world.notices(medium="webhook", state="pending")
    assert {notice.recipient_ref for notice in waiting} == {FACTORY}
    assert sorted(notice.attempts for notice in waiting) == [0, 0, 0, 1, 1]
    assert sum(notice.next_at <= world.clock.now() for notice in waiting) >= 3


def test_a_receiver_that_takes_its_time_gets_one_notice_while_each_other_gets_one(world: World) -> None:
    trips = [f"T-522732-20200224-{number:03d}" for number in range(5)]
    with world.session() as session:
        subscriptions = Subscriptions(world.keyring, world.clock, allow_private=True)
        for organisation in (FACTORY, CARRIER):
            subscriptions.subscribe(session, organisation, "http://127.0.0.1:9/")
    world.tell(*(published(trip_id=trip_id) for trip_id in trips))
    sender = world.sender(Medium.WEBHOOK, FakeChannel(), batch=2)
    sender.send_due()
    assert {notice.recipient_ref for notice in world.notices(state="sent")} == {FACTORY, CARRIER}


# --- text messages ---------------------------------------------------------------------------------------------


class Provider:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.phones: list[str] = []

    def submit(self, key: str, phone: str, text: str) -> None:
        self.phones.append(phone)


@pytest.mark.parametrize("phone", ["13808551234", "+8613808551234", "86 138-0855-1234"])
def test_a_mobile_number_is_sent_in_its_plain_form(phone: str) -> None:
    provider = Provider()
    Sms(provider).send(Message("k", phone, "", "text"))
    assert provider.phones == ["13808551234"]


@pytest.mark.parametrize("phone", ["", "0855-8221234", "1380855123", "23808551234"])
def test_another_number_fails_without_being_shown(phone: str) -> None:
    with pytest.raises(Undeliverable) as refused:
        Sms(Provider()).send(Message("k", phone, "", "text"))
    assert not phone or phone not in str(refused.value)


def test_the_console_writes_a_text_once_with_the_phone_masked(caplog: pytest.LogCaptureFixture) -> None:
    provider = ConsoleProvider()
    with caplog.at_level(logging.INFO):
        provider.submit("k", "13808551234", "您的返岗专车")
        provider.submit("k", "13808551234", "您的返岗专车")
    assert [record.getMessage() for record in caplog.records] == ["sms to 138****1234: 您的返岗专车"]
