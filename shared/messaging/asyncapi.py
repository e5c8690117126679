"""The AsyncAPI 3.0 document of what the services tell each other, made from the catalogue; knows no bus."""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.events import CATALOGUE, TOPICS, Event
from shared.events.catalogue import CONSUMED_BY, PUBLISHED_BY
from shared.messaging.envelope import CONTENT_TYPE, SPEC_VERSION
from shared.messaging.poison import DEAD_LETTER_TOPIC

ASYNCAPI_VERSION = "3.0.0"
SCHEMAS = "#/components/schemas/{model}"
ATTRIBUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "ce_specversion": ("CloudEvents version", {"const": SPEC_VERSION}),
    "ce_id": ("Id of the event; a consumer takes it in once", {"maxLength": 200}),
    "ce_source": ("The service that tells it", {"enum": sorted(PUBLISHED_BY)}),
    "ce_time": ("When it was told, UTC", {"format": "date-time"}),
    "ce_subject": ("The key: what has the same one is delivered in the order it was told", {}),
    "ce_correlationid": ("The chain it belongs to, from upload to confirmation", {}),
    "ce_causationid": ("Id of the event that it answers", {}),
    "content-type": ("Of the value", {"const": CONTENT_TYPE}),
}
OPTIONAL = {"ce_causationid"}


def document() -> dict[str, Any]:
    """The whole document, the same for the same catalogue, fit to be written as YAML or JSON."""
    models = list(CATALOGUE.values())
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=SCHEMAS)
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Zhida events",
            "version": "1",
            "description": (
                "Facts that the registry, the dispatcher, the planner and the notifier tell each other: CloudEvents 1.0 in the "
                "Kafka binding's binary mode. No fact carries a name, a resident ID or a phone number."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic: _channel(topic) for topic in TOPICS} | {DEAD_LETTER_TOPIC: _dead_letters()},
        "operations": _operations(),
        "components": {
            "messages": {model.type_name(): _message(model) for model in models},
            "schemas": definitions["$defs"],
        },
    }


def _channel(topic: str) -> dict[str, Any]:
    models = [model for model in CATALOGUE.values() if model.topic == topic]
    return {
        "address": topic,
        "messages": {m.type_name(): {"$ref": f"#/components/messages/{m.type_name()}"} for m in models},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _dead_letters() -> dict[str, Any]:
    return {
        "address": DEAD_LETTER_TOPIC,
        "description": (
            "Messages that a consumer could not use: the original key, value and headers, and headers zhida_cause, "
            "zhida_detail, zhida_consumer, zhida_topic, zhida_partition, zhida_offset and zhida_at."
        ),
        "messages": {},
    }


def _message(model: type[Event]) -> dict[str, Any]:
    return {
        "name": model.type_name(),
        "title": model.__name__,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": CONTENT_TYPE,
        "headers": _headers(model),
        "payload": {"$ref": SCHEMAS.format(model=model.__name__)},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"{model.keyed_by} of the data"},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _headers(model: type[Event]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        name: {"type": "string", "description": meaning, **limits}
        for name, (meaning, limits) in ATTRIBUTES.items()
    }
    properties["ce_type"] = {"type": "string", "const": model.type_name()}
    return {"type": "object", "properties": properties, "required": sorted(properties.keys() - OPTIONAL)}


def _operations() -> dict[str, Any]:
    """`registry.sends.zhida.requests` and so on: what each service tells and reads, by topic."""
    found: dict[str, Any] = {}
    for action, verb, by_service in (("send", "sends", PUBLISHED_BY), ("receive", "receives", CONSUMED_BY)):
        for service, models in by_service.items():
            for topic in sorted({model.topic for model in models}):
                channel = f"#/channels/{topic}"
                found[f"{service}.{verb}.{topic}"] = {
                    "action": action,
                    "channel": {"$ref": channel},
                    "messages": [
                        {"$ref": f"{channel}/messages/{model.type_name()}"}
                        for model in models
                        if model.topic == topic
                    ],
                }
    return found
