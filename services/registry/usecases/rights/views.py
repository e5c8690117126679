"""What a reader sees of a case: in a list, with its clocks and steps, and in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.registry.domain.rights.case import Act, CaseOutcome
from services.registry.domain.rights.clocks import ClockKind
from services.registry.store.tables import CaseDocumentRow
from shared.kernel.clock import local_date


class OpeningReason(StrEnum):
    """What for a case is opened in full."""

    HANDLING = "handling"
    HEARING = "hearing"
    WORKER_ASKS = "worker_asks"
    SUPERVISION = "supervision"


@dataclass(frozen=True)
class ClockView:
    """A clock; `days_left` is below 0 once its day has gone by, None where it stands or is over."""

    kind: ClockKind
    begins_on: date
    due_on: date | None
    is_provisional: bool
    is_suspended: bool
    ended_on: date | None
    days_left: int | None
    extendable_days: int
    mark: str
    source: str


@dataclass(frozen=True)
class CaseLine:
    """A case in a list; the name is masked, or a dash once erased."""

    case_id: str
    case_type: str
    state: str
    name: str
    place_code: str
    enterprise_name: str
    handler_area: str | None
    is_accepted: bool
    opened_at: datetime
    due_on: date | None
    days_left: int | None
    outcome: str | None


@dataclass(frozen=True)
class StepView:
    """A step; `note` is told only where the case is open in full."""

    number: int
    act: str
    from_state: str
    to_state: str
    day: date
    by: str
    at: datetime
    has_note: bool
    note: str | None = None


@dataclass(frozen=True)
class Found:
    """Somebody of the caller's area for whom a case may be opened, masked, with their newest request."""

    person_id: str
    name: str
    phone: str
    place_code: str
    request_id: str | None
    enterprise_name: str


@dataclass(frozen=True)
class Full:
    """What is told only to whom is written down: who it is, and what they say."""

    name: str
    resident_id: str
    phone: str
    facts: str
    file_names: Mapping[str, str]


@dataclass(frozen=True)
class CaseView:
    """A case for a reader."""

    line: CaseLine
    phone: str
    channel: str
    known_on: date
    is_employed: bool
    employed_until: date | None
    enterprise_id: str | None
    request_id: str | None
    trip_id: str | None
    claimed_fen: int | None
    outcome_fen: int | None
    decided_on: date | None
    clocks: Sequence[ClockView]
    steps: Sequence[StepView]
    documents: Sequence[CaseDocumentRow]
    erasure_asked_at: datetime | None
    """The worker was erased on the day that begins then: the case stands apart, and is destroyed once it is over."""
    acts: Sequence[Act]
    outcomes: Sequence[CaseOutcome]
    may_act: bool
    full: Full | None = None

    @property
    def erasure_asked_on(self) -> date | None:
        """The day on which the worker was erased."""
        return None if self.erasure_asked_at is None else local_date(self.erasure_asked_at)
