"""Events on the wire: what is written is read again, today and from every version that was ever published."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared.events import CATALOGUE
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.message import Message
from shared.messaging.poison import InvalidMessage
from tests.shared.messaging.world import TOPIC, withdrawn

SAMPLES = Path(__file__).parent / "samples"
AT = datetime(2020, 2, 24, 0, 30, tzinfo=UTC)
ENVELOPE = Envelope("id-1", "registry", AT, "chain-1", "id-0", withdrawn("key-7", 3, "病假"))


def load(sample: Path) -> Message:
    """A sample as a message: topic, key, headers and value."""
    stored = json.loads(sample.read_text(encoding="utf-8"))
    headers = tuple((name, value.encode()) for name, value in stored["headers"].items())
    return Message(
        stored["topic"], "0", 0, stored["key"].encode(), json.dumps(stored["value"]).encode(), headers
    )


def wire(envelope: Envelope = ENVELOPE, **changed: str | None) -> Message:
    """The envelope as a message, some headers changed or, with None, left out."""
    headers, value = encode(envelope)
    kept = {name: text for name, text in headers if name not in changed}
    kept |= {name: text.encode() for name, text in changed.items() if text is not None}
    return Message(TOPIC, "0", 0, b"key-7", value, tuple(kept.items()))


def test_what_is_encoded_is_decoded_again() -> None:
    assert decode(wire()) == ENVELOPE


def test_the_headers_are_those_of_cloudevents_in_kafkas_binary_mode() -> None:
    headers, value = encode(ENVELOPE)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"id-1",
        "ce_source": b"registry",
        "ce_type": b"zhida.RequestWithdrawn.v1",
        "ce_time": b"2020-02-24T00:30:00Z",
        "ce_subject": b"key-7",
        "ce_correlationid": b"chain-1",
        "ce_causationid": b"id-0",
        "content-type": b"application/json",
    }
    assert json.loads(value) == {"version": 3, "request_id": "key-7", "reason": "病假"}


def test_a_time_in_another_zone_is_told_in_utc() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    envelope = Envelope("id-1", "registry", shanghai, "chain-1", None, ENVELOPE.event)
    assert wire(envelope).header("ce_time") == "2020-02-24T00:30:00Z"


def test_what_follows_from_an_event_is_caused_by_it_in_the_same_chain() -> None:
    assert (ENVELOPE.cause.event_id, ENVELOPE.cause.correlation_id) == ("id-1", "chain-1")


@pytest.mark.parametrize("unusable", [None, "", "x" * 201, "two words", "a\x00b"])
def test_an_event_without_a_usable_chain_begins_its_own(unusable: str | None) -> None:
    assert decode(wire(ce_correlationid=unusable)).correlation_id == "id-1"


@pytest.mark.parametrize("unusable", [None, "", "yesterday"])
def test_an_event_without_a_usable_time_is_still_accepted(unusable: str | None) -> None:
    assert decode(wire(ce_time=unusable)).time == datetime.fromtimestamp(0, UTC)


def test_a_repeated_header_counts_in_its_last_place() -> None:
    message = wire()
    twice = Message(TOPIC, "0", 0, None, message.value, (("ce_id", b"older"), *message.headers))
    assert decode(twice).id == "id-1"


def test_a_text_that_only_looks_like_u0000_is_accepted() -> None:
    envelope = Envelope("id-1", "registry", AT, "chain-1", None, withdrawn("key-7", 3, r"\u0000"))
    assert decode(wire(envelope)) == envelope


def test_a_fault_in_the_data_is_named_by_field_and_without_its_value() -> None:
    value = json.dumps(
        {"version": "many", "request_id": "key-7", "reason": "x", "phone": "13800000000"}
    ).encode()
    with pytest.raises(InvalidMessage) as caught:
        decode(Message(TOPIC, "0", 0, None, value, wire().headers))
    assert "version" in str(caught.value)
    assert "phone" in str(caught.value)
    assert "13800000000" not in str(caught.value)
    assert "many" not in str(caught.value)


def test_every_event_of_the_catalogue_has_a_sample_of_its_version() -> None:
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == sorted(CATALOGUE)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_of_every_published_version_decodes_for_ever(sample: Path) -> None:
    message = load(sample)
    envelope = decode(message)
    assert envelope.event.type_name() == sample.stem
    assert (envelope.event.topic, envelope.event.key) == (message.topic, (message.key or b"").decode())
    headers, value = encode(envelope)
    assert dict(headers) == dict(message.headers)
    assert json.loads(value) == json.loads(message.value or b"")
