"""What comes in and goes out of the routes of workers' cases; names, IDs and phones are masked but for an open case."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.api.incoming import DivisionCode, Incoming
from services.registry.domain.rights.case import Act, CaseOutcome, CaseType, Note
from services.registry.domain.rights.clocks import ClockKind
from services.registry.domain.rights.complaint import AMOUNT_MAX_FEN, FACTS_MAX
from services.registry.store.tables import CaseDocumentRow
from services.registry.usecases.rights.count import CountView
from services.registry.usecases.rights.proceed import Move
from services.registry.usecases.rights.steps import NOTE_MAX
from services.registry.usecases.rights.take import Taken
from services.registry.usecases.rights.views import CaseView, OpeningReason
from services.registry.usecases.rights.whose import Caller
from shared.kernel.money import yuan

ClientId = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,80}$")]
Short = Annotated[str, StringConstraints(max_length=120)]
Words = Annotated[str, StringConstraints(max_length=NOTE_MAX)]


class CallerIn(Incoming):
    """Somebody without a file or request: `place` is a township, subdistrict or site of the caller's area, by name or code."""

    name: Short
    resident_id: Short
    phone: Short
    place: Short


class CaseIn(Incoming):
    """A case as it is taken down. Whose it is, is said in one way: `person_id`, `request_id` or `caller`.

    `client_id` is chosen by the sender: the same again is the same case. `confirmed`: the worker was told what it is for,
    and agrees that what they say is used for it.
    """

    client_id: ClientId
    case_type: CaseType
    facts: Annotated[str, StringConstraints(max_length=FACTS_MAX)]
    known_on: date
    is_employed: bool
    employed_until: date | None = None
    claimed_fen: Annotated[int, Field(ge=0, le=AMOUNT_MAX_FEN)] | None = None
    person_id: Short = ""
    request_id: Short = ""
    caller: CallerIn | None = None
    enterprise: Short = ""
    confirmed: bool

    def taken(self) -> Taken:
        """As the use case takes it."""
        said = {
            "case_type": self.case_type,
            "facts": self.facts,
            "known_on": self.known_on.isoformat(),
            "is_employed": "yes" if self.is_employed else "no",
            "employed_until": self.employed_until.isoformat() if self.employed_until else "",
            "amount_yuan": yuan(self.claimed_fen) if self.claimed_fen is not None else "",
            "confirmed": "yes" if self.confirmed else "",
        }
        caller = Caller(**self.caller.model_dump()) if self.caller else None
        return Taken(self.client_id, said, self.person_id, self.request_id, caller, self.enterprise)


class CaseStepIn(Incoming):
    """What is done in a case, and on which day if not today. `outcome` and `amount_fen` go with `resolve`; `clock` with
    `extend` (and `days`), `suspend`, `resume`; for `limit`, `day` is the day from which the limit runs anew."""

    act: Act | Literal[Note.NOTE, Note.ADMIT, Note.EXTEND, Note.SUSPEND, Note.RESUME, Note.LIMIT]
    day: date | None = None
    note: Words = ""
    outcome: CaseOutcome | None = None
    amount_fen: Annotated[int, Field(ge=0, le=AMOUNT_MAX_FEN)] | None = None
    clock: ClockKind | None = None
    days: Annotated[int, Field(ge=0, le=365)] = 0

    def move(self) -> Move:
        """As the use case takes it."""
        return Move(**{name: getattr(self, name) for name in type(self).model_fields})


class ReasonIn(Incoming):
    """What for a case is opened in full."""

    reason: OpeningReason


class CaseHandOverIn(Incoming):
    """To the rights office of which division: six digits, here or at the destination."""

    area: DivisionCode
    note: Words = ""


class ReturnIn(Incoming):
    """Why a case goes back."""

    note: Words


class OpenedOut(BaseModel):
    """The number of a case that was opened."""

    case_id: str


class LinkOut(BaseModel):
    """A link for one device, and until when it is good."""

    url: str
    expires_at: datetime


class CaseLineOut(BaseModel):
    """A case in a list."""

    model_config = ConfigDict(from_attributes=True)

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


class CasePage(BaseModel):
    """A page of cases, the most urgent first; `overdue` is of all."""

    items: list[CaseLineOut]
    total: int
    overdue: int
    page: int
    size: int


class ClockOut(BaseModel):
    """A clock; `mark` is S for a rule that is published, R for one still to be confirmed."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    begins_on: date
    due_on: date | None
    is_provisional: bool
    is_suspended: bool
    ended_on: date | None
    days_left: int | None
    extendable_days: int
    mark: str
    source: str


class CaseStepOut(BaseModel):
    """A step; its note is told only with the case in full."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    act: str
    from_state: str
    to_state: str
    day: date
    by: str
    at: datetime
    has_note: bool
    note: str | None


class DocumentOut(BaseModel):
    """A document, without its content."""

    document_id: str
    media: str
    size: int
    added_by: str
    added_at: datetime

    @classmethod
    def of(cls, row: CaseDocumentRow) -> Self:
        """As a reader may see it."""
        return cls(document_id=row.id, **row.model_dump(include={"media", "size", "added_by", "added_at"}))


class FullOut(BaseModel):
    """Who it is and what they say: told only to whom is written down."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    resident_id: str
    phone: str
    facts: str
    file_names: dict[str, str]


class CaseOut(CaseLineOut):
    """A case; `full` is there only where it was asked for with a reason."""

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
    erasure_asked_at: datetime | None
    clocks: list[ClockOut]
    steps: list[CaseStepOut]
    documents: list[DocumentOut]
    acts: list[str]
    full: FullOut | None

    @classmethod
    def of(cls, view: CaseView) -> Self:
        """As a reader may see it."""
        line = CaseLineOut.model_validate(view.line).model_dump()
        same = {
            name: getattr(view, name)
            for name in cls.model_fields
            if name not in {*line, "clocks", "steps", "documents", "acts", "full"}
        }
        return cls(
            **line,
            **same,
            clocks=[ClockOut.model_validate(one) for one in view.clocks],
            steps=[CaseStepOut.model_validate(one) for one in view.steps],
            documents=[DocumentOut.of(one) for one in view.documents],
            acts=list(view.acts),
            full=FullOut.model_validate(view.full) if view.full else None,
        )


class CaseCountOut(BaseModel):
    """Cases of a type opened in a county's month: a number from 3 on, else `<3`."""

    model_config = ConfigDict(from_attributes=True)

    county_code: str
    month: str
    case_type: str
    count: str


class CountsOut(BaseModel):
    """The counts of the caller's area; no sums are told, for they would give a small number away."""

    counts: list[CaseCountOut]

    @classmethod
    def of(cls, views: list[CountView]) -> Self:
        """As an audit may see them."""
        return cls(counts=[CaseCountOut.model_validate(one) for one in views])
