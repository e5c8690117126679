"""What a caller of the services hears of a refusal."""

import json

import pytest

from services.day import Office
from services.day.office import Refused
from shared.kernel.clock import SystemClock
from shared.security import Keyring
from tests.notifier.running import http_server

PROBLEM = {
    "detail_zh": "有 1 条确认无法接受。",
    "detail_en": "1 answer cannot be taken.",
    "errors": [{"fault_zh": "同一人出现两次。", "fault_en": "The same worker is answered twice."}],
}


@pytest.mark.parametrize(
    ("kind", "body", "said_zh", "said_en"),
    [
        (
            "application/problem+json",
            json.dumps(PROBLEM),
            "有 1 条确认无法接受。 同一人出现两次。",
            "1 answer cannot be taken. The same worker is answered twice.",
        ),
        ("text/plain", "no such host", "no such host", "no such host"),
    ],
    ids=["a service of ours", "something in between"],
)
def test_a_refusal_is_told_in_the_words_of_who_refuses(
    kind: str, body: str, said_zh: str, said_en: str
) -> None:
    with http_server() as server:
        server.answer = lambda _: (422, {"Content-Type": kind}, body.encode())
        keyring = Keyring.from_bytes(b"k" * 32)
        with (
            Office({"notifier": server.url}, keyring, SystemClock()) as office,
            pytest.raises(Refused) as told,
        ):
            office.call("token", "notifier", "POST", "/api/trips/T-1/confirmations", json={})
    call = "POST /api/trips/T-1/confirmations"
    assert told.value.message("zh") == f"{call} 被拒绝（422）：{said_zh}"
    assert told.value.message("en") == f"The call {call} was refused with 422: {said_en}"
