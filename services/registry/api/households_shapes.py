"""What comes in and goes out as JSON about households and sites; members are masked, words are opened for those who wrote them."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from services.registry.api.incoming import Incoming
from services.registry.domain.households.plan import StepKind
from services.registry.domain.households.rules import Help
from services.registry.domain.households.zero import ZeroOutcome
from services.registry.store.households.counts import HouseholdCount, Level
from services.registry.usecases.households.act import WORDS_MAX
from services.registry.usecases.households.indicator import Indicator
from services.registry.usecases.households.show import HouseholdView, TaskView
from services.registry.usecases.place_names import place_name


class LevelName(StrEnum):
    """By what areas figures are told apart."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    PLACE = "place"

    @property
    def level(self) -> Level:
        """As the store has it."""
        return Level[self.name]


class _FromView(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HouseholdCountOut(BaseModel):
    """One area: households with labour force, how many of them have somebody employed, and their workers."""

    area_code: str
    area_name: str
    households: int
    households_employed: int
    households_zero: int
    workers: int
    workers_employed: int
    workers_outside: int
    """Of those employed, outside the province."""

    @classmethod
    def of(cls, row: HouseholdCount) -> Self:
        """As it was counted."""
        return cls(area_name=place_name(row.area_code), **{name: getattr(row, name) for name in _COUNTED})


_COUNTED = (
    "area_code",
    "households",
    "households_employed",
    "households_zero",
    "workers",
    "workers_employed",
    "workers_outside",
)


class IndicatorOut(BaseModel):
    """The indicator of an area on one day, part by part."""

    day: date
    level: LevelName
    rows: list[HouseholdCountOut]

    @classmethod
    def of(cls, found: Indicator) -> Self:
        """As it was counted."""
        rows = [HouseholdCountOut.of(row) for row in found.rows]
        return cls(day=found.day, level=LevelName[found.level.name], rows=rows)


class ClocksOut(_FromView):
    """Days left, below zero when late, and whose it is to act."""

    help_days_left: int | None
    clear_days_left: int
    desk: str
    is_late: bool


class HelpOut(_FromView):
    """One of "131", done or owed."""

    kind: Help
    number: int
    done_on: date | None
    by: str | None
    words: str | None


class ZeroTaskOut(_FromView):
    """A task of a household with nobody employed."""

    task_id: str
    household_id: str
    place_code: str
    fell_on: date
    known_on: date
    help_by: date
    clear_by: date
    outcome: ZeroOutcome | None
    ended_on: date | None
    closed_on: date | None
    closed_by: str | None
    note: str | None
    helps: list[HelpOut]
    clocks: ClocksOut | None

    @classmethod
    def of(cls, view: TaskView) -> Self:
        """As the reader may see it."""
        return cls.model_validate(view)


class ZeroTaskPage(BaseModel):
    """A page of open tasks, the latest first."""

    items: list[ZeroTaskOut]
    total: int
    page: int
    size: int


class WorkOut(_FromView):
    """A spell of employment; without an end it goes on."""

    first: date
    end: date | None
    area_code: str
    where: str | None


class MemberOut(_FromView):
    """A member of a household, masked."""

    file_id: str
    name: str
    has_labour: bool
    since: date
    is_here: bool
    is_employed: bool
    works: list[WorkOut]


class RunOut(_FromView):
    """From `first` on the household stood so."""

    first: date
    standing: str


class PlanStepOut(_FromView):
    """A step of the household's plan."""

    step_id: str
    kind: StepKind
    words: str
    due_on: date | None
    done_on: date | None
    done_by: str | None


class HouseholdOut(_FromView):
    """A household: its members, how it stood, its tasks and its plan."""

    household_id: str
    number: str
    place_code: str
    standing: str
    runs: list[RunOut]
    members: list[MemberOut]
    tasks: list[ZeroTaskOut]
    steps: list[PlanStepOut]

    @classmethod
    def of(cls, view: HouseholdView) -> Self:
        """As the reader may see it."""
        return cls.model_validate(view)


Words = Annotated[str, Field(max_length=WORDS_MAX)]


class HelpIn(Incoming):
    """One of "131" that was done; `words`: the employer and the job, or what was taught. No name, no number of anybody's."""

    kind: Help
    number: Annotated[int, Field(ge=1, le=20)] = 1
    done_on: date
    words: Words = ""


class CloseIn(Incoming):
    """Why a task ends that the facts leave open: `left`, `no_labour` or `refused`, and a word on it."""

    outcome: ZeroOutcome
    note: Words


class PlanStepIn(Incoming):
    """A step of the plan: what is to be done, without anybody's name or number."""

    kind: StepKind
    words: Annotated[str, Field(min_length=1, max_length=WORDS_MAX)]
    due_on: date | None = None


class StepMadeOut(BaseModel):
    """The step that was added."""

    step_id: str
