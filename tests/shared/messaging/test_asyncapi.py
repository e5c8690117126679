"""The AsyncAPI document says what the catalogue says, and every reference in it leads somewhere."""

from collections.abc import Iterator
from typing import Any

from shared.events import CATALOGUE, TOPICS
from shared.events.catalogue import CONSUMED_BY, PUBLISHED_BY
from shared.messaging.asyncapi import document
from shared.messaging.envelope import Cause, Envelope, encode
from shared.messaging.poison import DEAD_LETTER_TOPIC
from tests.shared.messaging.test_envelope import AT, ENVELOPE

DOCUMENT = document()


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_topic_is_a_channel_with_the_messages_told_on_it() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT["channels"]) == {*TOPICS, DEAD_LETTER_TOPIC}
    told = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert told == set(CATALOGUE)


def test_every_reference_leads_to_something() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > len(CATALOGUE)
    assert all(resolve(reference) for reference in found)


def test_every_service_sends_what_it_tells_and_receives_what_it_consumes() -> None:
    for action, by_service in (("send", PUBLISHED_BY), ("receive", CONSUMED_BY)):
        for service, models in by_service.items():
            operations = [
                operation
                for name, operation in DOCUMENT["operations"].items()
                if name.startswith(f"{service}.") and operation["action"] == action
            ]
            messages = {
                message["$ref"].rsplit("/", 1)[1] for one in operations for message in one["messages"]
            }
            assert messages == {model.type_name() for model in models}


def test_the_headers_in_the_document_are_those_on_the_wire() -> None:
    headers = DOCUMENT["components"]["messages"][ENVELOPE.event.type_name()]["headers"]
    on_the_wire = {name for name, _ in encode(ENVELOPE)[0]}
    assert set(headers["properties"]) == on_the_wire
    uncaused = Envelope("id", "registry", AT, Cause.fresh().correlation_id, None, ENVELOPE.event)
    assert set(headers["required"]) == {name for name, _ in encode(uncaused)[0]}


def test_the_data_of_a_message_has_the_models_fields() -> None:
    for name, model in CATALOGUE.items():
        schema = resolve(DOCUMENT["components"]["messages"][name]["payload"]["$ref"])
        assert set(schema["properties"]) == set(model.model_fields)
