"""Told by the dispatcher: who rides which coach, and who does not and why."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from shared.events.event import Event


class TripStop(BaseModel):
    """A place where a coach stops for people, with instants in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["pickup", "drop"]
    code: str
    """A stop code at a pickup, a gate id at a drop."""
    name: str
    arrive_at: datetime
    depart_at: datetime


class Rider(BaseModel):
    """One worker's seat, as a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    party_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    correlation_id: str
    """The chain that the request came by: the upload of its roster."""


class _Trip(Event):
    topic: ClassVar[str] = "zhida.trips"
    keyed_by: ClassVar[str] = "trip_id"

    trip_id: str
    """`T-522732-20200224-003`: county, day, number."""


class TripPublished(_Trip):
    """A trip is approved, or an approved trip has changed; carries its whole state."""

    round_id: str
    season: str
    day: date
    county_code: str
    prefecture_code: str
    """Where the trip sets down."""
    carrier_id: str
    carrier_name: str
    carrier_email: str | None
    coach_type: str
    seats_approved: int
    seats_max: int
    """Seats that may be sold."""
    drivers: int
    distance_m: int
    cost_fen: int
    subsidy_fen: int
    stops: tuple[TripStop, ...]
    riders: tuple[Rider, ...]


class TripCancelled(_Trip):
    """An approved trip does not run; its riders need another. Why is a free text, and stays with the dispatcher."""

    request_ids: tuple[str, ...]


class _Planned(Event):
    topic: ClassVar[str] = "zhida.plans"
    keyed_by: ClassVar[str] = "request_id"

    request_id: str


class RequestPooled(_Planned):
    """A request waits in a pool (one origin county, one destination prefecture) for the next round."""

    pool_id: str


class RequestUnserved(_Planned):
    """A round could not carry this request, for a reason that names rule, limit and figure."""

    round_id: str
    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str
