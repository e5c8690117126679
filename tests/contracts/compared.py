"""Answers of a house as bytes, so that two moments or two houses can be held against each other."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx

from tests.contracts.calls import HTML, Route

Answered = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""
FRESH_KEY = re.compile(rb'name="(?:key|client_id)" value="[0-9A-Za-z]{16,26}"')
"""A form's own random key, which no two answers share. Of a sheet it is the instant at which it was packed."""


class Values(dict[str, str]):
    """What a path's parameters stand for; a word that nothing is called, where a route has one that is new here."""

    def __missing__(self, _: str) -> str:
        return "x"


def answered(client: httpx.Client, route: Route, values: Mapping[str, str], token: str) -> Answered:
    """What a route answers to whoever holds the token; of a stream its first event."""
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Correlation-ID": "the-same",
        **({} if route.is_api else HTML),
    }
    with client.stream("GET", route.address(values), headers=headers, params=route.query) as answer:
        streams = answer.headers.get("content-type", "").startswith("text/event-stream")
        body = next(answer.iter_bytes()) if streams else answer.read()
        sheet = body.startswith(b"PK")
        left_out = {"date", "content-length"} if sheet else {"date"}
        kept = sorted((name, value) for name, value in answer.headers.items() if name not in left_out)
        return answer.status_code, kept, _unzipped(body) if sheet else FRESH_KEY.sub(b"", body)


def _unzipped(content: bytes) -> bytes:
    """What is in a sheet, without the instants at which it was packed."""
    with ZipFile(BytesIO(content)) as packed:
        parts = sorted(name for name in packed.namelist() if name != "docProps/core.xml")
        return b"".join(name.encode() + packed.read(name) for name in parts)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What is not the same in both, by name."""
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
