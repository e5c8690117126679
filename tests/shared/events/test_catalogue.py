import pytest
from pydantic import ValidationError

from shared.events import CATALOGUE, ArrivalConfirmed, Event, RequestWithdrawn, TripCancelled, find_model
from shared.events.catalogue import CONSUMED_BY, PUBLISHED_BY

PERSONAL = ("phone", "resident", "person", "worker_name", "birth", "address")


def test_every_event_is_told_by_exactly_one_service() -> None:
    told = [model for models in PUBLISHED_BY.values() for model in models]
    assert len(told) == len(set(told)) == len(CATALOGUE)


def test_every_event_has_a_listener_and_every_listener_an_event() -> None:
    assert {model for models in CONSUMED_BY.values() for model in models} == set(CATALOGUE.values())


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=CATALOGUE)
def test_no_event_has_a_field_for_a_person(model: type[Event]) -> None:
    schema = str(model.model_json_schema())
    assert not [word for word in PERSONAL if f"'{word}" in schema]


@pytest.mark.parametrize("model", [ArrivalConfirmed, TripCancelled])
def test_no_event_has_a_field_for_a_free_text_that_could_name_somebody(model: type[Event]) -> None:
    schema = model.model_json_schema()
    texts = {name for name, field in schema["properties"].items() if field.get("type") == "string"}
    assert texts <= {"trip_id", "request_id", "enterprise_id", "at"}
    assert "string" not in str(schema["properties"].get("reason", ""))


def test_an_event_is_found_by_its_type_on_the_wire() -> None:
    assert find_model("zhida.RequestWithdrawn.v1") is RequestWithdrawn
    assert find_model("zhida.RequestWithdrawn.v9") is None


def test_events_of_one_request_share_a_key_and_refuse_unknown_fields() -> None:
    assert RequestWithdrawn(version=2, request_id="r1", reason="ill").key == "r1"
    with pytest.raises(ValidationError, match="Extra inputs"):
        RequestWithdrawn.model_validate({"version": 2, "request_id": "r1", "reason": "ill", "phone": "1"})
