"""Knows what a plan is: trips, who rides them, and who stays behind and why; computes none of it.

The file format `zhida.plan/1` is read and written by `plan_format`.
"""

from dataclasses import dataclass

from services.dispatcher.planning.certificate import Certificate


@dataclass(frozen=True)
class Load:
    """Parties of one group on one trip; `parties` are indices into the group's parties, ascending."""

    group: str
    parties: tuple[int, ...]


@dataclass(frozen=True)
class Trip:
    """One coach on one day (an index into the problem's days): start -> pickups -> drops, in this order.

    `duration_s` is what is held against `limits.duration_s`: driving and service, and rests too where the
    problem names a timetable's rule set. `cost_fen` is what the trip costs by the problem's objective: its charter, or what the public
    pays for it (`pricing` has both).
    """

    coach: str
    day: int
    pickups: tuple[str, ...]
    drops: tuple[str, ...]
    loads: tuple[Load, ...]
    distance_m: int
    duration_s: int
    cost_fen: int


@dataclass(frozen=True)
class Mend:
    """The cheapest change that would carry the party: a code and its figures (`wording` has the words).

    `coach-with-seats` (amount: seats), `one-more-coach` (coach, day, cost_fen), `another-day` (day,
    cost_fen), `longer-duration` (amount: seconds), `road` (nodes: from, to).
    """

    change: str
    amount: int | None = None
    coach: str | None = None
    day: int | None = None
    cost_fen: int | None = None
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why a party stays behind: the rule, the rule's limit, and the figure that breaks it.

    `party-exceeds-coach` (seats of the largest type, heads of the party), `no-coach-left` (coaches large
    enough on the group's days, workers who find no seat on them), `duration-exceeded` and `timetable-exceeded` (seconds
    allowed, least seconds alone), `no-road` (None, None: no figure can be given).
    """

    rule: str
    limit: int | None
    figure: int | None
    mend: Mend


@dataclass(frozen=True)
class Unserved:
    """Parties of one group that stay behind for one reason; `parties` are indices, ascending."""

    group: str
    parties: tuple[int, ...]
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """An answer to the problem with this hash. `cost_fen` is what its trips come to by the problem's objective; where that is "public, then
    charter" it is the public's fen, and the charter only chose among plans that are equal in them. `bound_fen` is what no plan that carries as many can cost less than, by the
    certificate; both are None where the engine proves nothing."""

    problem_sha256: str
    cost_fen: int
    trips: tuple[Trip, ...]
    unserved: tuple[Unserved, ...]
    bound_fen: int | None = None
    certificate: Certificate | None = None
