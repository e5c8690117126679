"""What is known of a worker when a rule is held against them; refuses to know from where it was read."""

from dataclasses import dataclass
from datetime import date

from services.registry.domain.rewards.rule import Purpose
from shared.roster import Category


@dataclass(frozen=True, slots=True)
class Spell:
    """Employed from `first` until before `end`; without one it goes on."""

    first: date
    end: date | None
    enterprise_id: str | None
    area_code: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A labour contract by another office's list."""

    enterprise_id: str
    first: date
    months: int


@dataclass(frozen=True, slots=True)
class ClassSpell:
    """Of a class from `first` until before `end`."""

    category: Category
    first: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Ride:
    """Arrived by an organised seat."""

    day: date
    enterprise_id: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """An individual allowance by another office's list; `period` is a year or a day (ISO). Whose list it is stays out."""

    period: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A confirmed list holds the worker for a purpose and period, for a claimant and an area."""

    purpose: Purpose
    period: str
    part: str
    rule_id: str
    claimant_id: str
    area_code: str


@dataclass(frozen=True, slots=True)
class Placement:
    """The worker was brought to an enterprise, or took up a job, on a day: what the reward is for."""

    day: date
    enterprise_id: str | None
    area_code: str
    person_id: str = ""
    """By which of the file's IDs; that is the one who is held, so that it is still theirs once the IDs are parted."""


@dataclass(frozen=True)
class Worker:
    """All that is known of one worker, of whatever county; `tracked` and `insured` are months such as 2020-03."""

    person_id: str
    place_code: str
    born: date | None = None
    is_erased: bool = False
    classes: tuple[ClassSpell, ...] = ()
    spells: tuple[Spell, ...] = ()
    tracked: frozenset[str] = frozenset()
    insured: frozenset[tuple[str, str]] = frozenset()
    """Enterprise and month."""
    insured_known_to: str | None = None
    """The latest month of which employment lists for the worker's county tell."""
    contracts: tuple[Contract, ...] = ()
    rides: tuple[Ride, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    holds: tuple[Hold, ...] = ()
