"""Knows which of several dated versions is in force on a day; knows nothing of what they say."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Something with an id, a version, and first and last days of validity, both included."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


def find_in_force(versions: Iterable[D], day: date) -> D | None:
    """The version that holds on `day`: the latest to begin, then the highest version; None where none holds."""
    holding = [v for v in versions if v.valid_from <= day and (v.valid_to is None or day <= v.valid_to)]
    return max(holding, key=lambda v: (v.valid_from, v.version, v.id), default=None)


def find_each_in_force(versions: Iterable[D], key: Callable[[D], str], day: date) -> dict[str, D]:
    """By key, the version of that key that holds on `day`; no key of which none holds."""
    by_key: dict[str, list[D]] = defaultdict(list)
    for version in versions:
        by_key[key(version)].append(version)
    holding = {one: find_in_force(those, day) for one, those in by_key.items()}
    return {one: version for one, version in holding.items() if version is not None}
