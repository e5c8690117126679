"""Knows what may be said of a person, and which of two words stands; refuses to know who said it.

The first value of a kind stands. One that differs is kept beside it and opens a conflict, which a clerk settles:
a name or a phone that is replaced in silence sends a message to a stranger. The exception is what a person wants:
a wish is as good as its day, so the latest stands. A value that stands already is not kept again, whoever repeats it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is said of a person."""

    NAME = "name"
    PHONE = "phone"
    EDUCATION = "education"
    ADDRESS = "address"
    TRAINING_WISH = "training_wish"
    JOB_WISH = "job_wish"


KIND_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    Kind.NAME: ("姓名", "Name"),
    Kind.PHONE: ("手机号", "Mobile phone"),
    Kind.EDUCATION: ("文化程度", "Education"),
    Kind.ADDRESS: ("住址", "Address"),
    Kind.TRAINING_WISH: ("培训意愿", "Training wished for"),
    Kind.JOB_WISH: ("就业意愿", "Job wished for"),
}
LATEST_STANDS: Final = frozenset({Kind.TRAINING_WISH, Kind.JOB_WISH})


@dataclass(frozen=True, slots=True)
class Said:
    """A value as it is kept: who stands for it is known by whether a clerk has weighed it, and when."""

    id: str
    person_id: str
    kind: str
    value_fingerprint: str
    as_of: date
    stands: bool
    recorded_at: datetime
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands for a file, and what contradicts it that no clerk has weighed yet."""

    standing: Said
    open: tuple[Said, ...]


def replaces(kind: str, as_of: date, standing_as_of: date, settled: bool) -> bool:
    """Whether a differing value stands at once instead of the one that stood."""
    return kind in LATEST_STANDS and not settled and as_of > standing_as_of


def weigh(said: Sequence[Said], own_id: str, joined_at: datetime | None = None) -> Verdict:
    """The verdict on all values of one kind that the persons of a file have.

    What was settled last stands, else what the file's own person (`own_id`) says, else what was said first. Open is
    each other value that came after the settling, be it said since or brought in by a merge (`joined_at`).
    """
    standing = standing_of(said, own_id)
    if standing.kind in LATEST_STANDS and standing.settled_at is None:
        return Verdict(standing, ())
    weighed = {standing.value_fingerprint}
    if standing.settled_at is not None:
        weighed |= {
            one.value_fingerprint
            for one in said
            if _came_at(one, standing.person_id, joined_at) <= standing.settled_at
        }
    first: dict[str, Said] = {}
    for one in sorted(said, key=lambda one: (one.recorded_at, one.id)):
        if one.value_fingerprint not in weighed:
            first.setdefault(one.value_fingerprint, one)
    return Verdict(standing, tuple(first.values()))


def standing_of(said: Sequence[Said], own_id: str) -> Said:
    """The one of them that stands for the file; at least one stands for its person."""
    standing = [one for one in said if one.stands]
    first = min(standing, key=lambda one: _rank(one, own_id))
    if first.kind in LATEST_STANDS and first.settled_at is None:
        return max(standing, key=lambda one: (one.as_of, one.id))
    return first


def _rank(one: Said, own_id: str) -> tuple[float, bool, datetime, str]:
    settled = -one.settled_at.timestamp() if one.settled_at else 0.0
    return settled, one.person_id != own_id, one.recorded_at, one.id


def _came_at(one: Said, person_id: str, joined_at: datetime | None) -> datetime:
    """When a value was first to be seen beside that person's."""
    if one.person_id == person_id or joined_at is None:
        return one.recorded_at
    return max(one.recorded_at, joined_at)


def by_kind(said: Iterable[Said]) -> dict[str, list[Said]]:
    """Values by their kind, in the order of the enum."""
    found: dict[str, list[Said]] = {kind.value: [] for kind in Kind}
    for one in said:
        found.setdefault(one.kind, []).append(one)
    return {kind: values for kind, values in found.items() if values}
