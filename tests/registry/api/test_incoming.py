"""Bodies of requests: what they do not have is refused."""

import json
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs/openapi/registry.json"
JSON = "application/json"


def test_no_body_of_a_request_passes_over_a_field_that_it_does_not_have() -> None:
    document = json.loads(DOCUMENT.read_text())
    bodies = [
        operation["requestBody"]["content"][JSON]["schema"]["$ref"].rsplit("/")[-1]
        for path in document["paths"].values()
        for operation in path.values()
        if JSON in operation.get("requestBody", {}).get("content", {})
    ]
    schemas = document["components"]["schemas"]
    assert len(bodies) > 20
    assert [one for one in bodies if schemas[one].get("additionalProperties") is not False] == []
