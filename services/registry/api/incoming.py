"""What comes in as JSON: an unknown field is refused, and texts are tidied before the rules see them."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.registry.domain.identity import tidy
from services.registry.domain.row import TEXT_MAX, Row
from services.registry.domain.withdrawal import WithdrawalReason
from services.registry.intake.enterprises import GivenEnterprise, GivenGate
from shared.directory import REQUEST_IDS_MAX

BATCH_MAX = 1000
Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class Incoming(BaseModel):
    """A body of a request; a field that it does not have is refused, so that no slip of the pen is passed over."""

    model_config = ConfigDict(extra="forbid")


class WorkerIn(Incoming):
    """One worker and journey. Places and enterprises by name or code, category and mode by word or code."""

    name: Text
    resident_id: Text
    phone: Text
    stop: Text
    enterprise: Text
    gate: Text
    earliest: date
    latest: date
    category: Text = "ORDINARY"
    organising_mode: Text
    organiser: Text | None = None
    """The credit code of the agency that organised the journey."""

    def row(self, number: int) -> Row:
        """As the rules take it."""
        values = {
            key: tidy(value) if isinstance(value, str) else value for key, value in self.model_dump().items()
        }
        return Row(number, {key: value for key, value in values.items() if value is not None})


class RequestIn(WorkerIn):
    """A request of one worker who travels alone."""

    county_code: DivisionCode | None = None
    """Needed where the caller's area has more than one county."""

    def row(self, number: int) -> Row:
        """As the rules take it."""
        row = super().row(number)
        return Row(number, {key: value for key, value in row.values.items() if key != "county_code"})


class MemberIn(WorkerIn):
    """One of a batch; those with the same `party` travel as a family."""

    party: Annotated[str, StringConstraints(max_length=TEXT_MAX)] | None = None


class BatchIn(Incoming):
    """Several workers at once; what is good goes on, what is refused comes back."""

    county_code: DivisionCode | None = None
    requests: Annotated[list[MemberIn], Field(min_length=1, max_length=BATCH_MAX)]


class AmendIn(Incoming):
    """What is to change; what is left out stays. Who travels cannot change."""

    phone: Text | None = None
    stop: Text | None = None
    enterprise: Text | None = None
    gate: Text | None = None
    earliest: date | None = None
    latest: date | None = None
    category: Text | None = None
    organising_mode: Text | None = None
    organiser: Text | None = None

    def changes(self) -> dict[str, str]:
        """Roster field -> new text."""
        given = self.model_dump(exclude_none=True)
        return {
            key: tidy(value) if isinstance(value, str) else value.isoformat() for key, value in given.items()
        }


class WithdrawIn(Incoming):
    """Why a request is taken back, as a code: a free text could name somebody."""

    reason: WithdrawalReason = WithdrawalReason.WORKER_ASKED


class GateIn(Incoming):
    """A gate; degrees WGS-84."""

    name: Text
    town_code: Annotated[str, StringConstraints(pattern=r"^\d{6,12}$")]
    lon: Annotated[float, Field(ge=70, le=140)]
    lat: Annotated[float, Field(ge=3, le=54)]


class EnterpriseIn(Incoming):
    """An enterprise by its unified social credit code."""

    enterprise_id: Text
    name: Text
    email: Text | None = None
    gates: Annotated[list[GateIn], Field(min_length=1, max_length=50)]

    def given(self, position: int) -> GivenEnterprise:
        """As the use case takes it."""
        where = f"enterprises[{position}]"
        gates = tuple(
            GivenGate(f"{where}.gates[{n}]", gate.name, gate.town_code, str(gate.lon), str(gate.lat))
            for n, gate in enumerate(self.gates)
        )
        return GivenEnterprise(where, self.enterprise_id, self.name, self.email or "", gates)


class EnterprisesIn(Incoming):
    """Enterprises to register: all of them or none."""

    enterprises: Annotated[list[EnterpriseIn], Field(min_length=1, max_length=2000)]


class OriginsIn(Incoming):
    """Which requests are traced to their rows, and who gets to see it."""

    request_ids: Annotated[list[Text], Field(max_length=REQUEST_IDS_MAX)]
    reader: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DirectoryIn(OriginsIn):
    """Whose contact is wanted, what for, and who gets to see it."""

    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,39}$")]


class PeopleChecksIn(DirectoryIn):
    """Whose person is checked, as of which day, what for, and who gets to see it."""

    day: date
