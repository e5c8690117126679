"""Told by the registry: who needs to travel, as a request without a person."""

from datetime import date
from typing import ClassVar

from shared.events.event import Event


class _Request(Event):
    topic: ClassVar[str] = "zhida.requests"
    keyed_by: ClassVar[str] = "request_id"

    request_id: str


class _RequestState(_Request):
    season: str
    """`2020-spring`: one active request per worker, season and direction."""
    party_id: str
    """A family: requests of one party ride on one coach."""
    party_size: int
    county_code: str
    stop_code: str
    """Township, resettlement site or county seat of `shared.reference`."""
    enterprise_id: str
    gate_id: str
    earliest: date
    latest: date
    category: str
    organising_mode: str
    roster_id: str | None = None
    row: int | None = None
    """The row of the roster file, 1 is the first line of the sheet; with `roster_id` the trace to the source."""


class RequestSubmitted(_RequestState):
    """A bureau has accepted a worker's travel request."""


class RequestAmended(_RequestState):
    """A request has changed; carries its whole new state."""


class RequestWithdrawn(_Request):
    """A request is taken back; its worker is not to be carried."""

    reason: str


class PersonErased(_Request):
    """Whoever travelled by this request is erased, and whatever words of somebody about them are to be destroyed.

    Codes, days and money stay, for they name nobody.
    """
