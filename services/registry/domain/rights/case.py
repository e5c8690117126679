"""Knows what a case may be about, its states, who may take it from one to the next, and how it may end.

opened -> assigned -> mediation | arbitration | court (with legal aid) | inspection -> resolved | withdrawn -> closed
(`domain.md` §6). A case goes on from one channel to the next: mediation that failed to arbitration, an award that is
contested to court. What has been resolved may be taken up again, for a settlement is not always kept; closed is the end.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shared.kernel.errors import Conflict, InvalidInput


class CaseType(StrEnum):
    """What went wrong."""

    UNPAID_WAGES = "unpaid_wages"
    NO_CONTRACT = "no_contract"
    INJURY = "injury"
    DEDUCTION = "deduction"
    JOB_NOT_AS_PROMISED = "job_not_as_promised"
    REFUSED_AT_GATE = "refused_at_gate"
    JOURNEY = "journey"


class State(StrEnum):
    OPENED = "opened"
    ASSIGNED = "assigned"
    MEDIATION = "mediation"
    ARBITRATION = "arbitration"
    COURT = "court"
    INSPECTION = "inspection"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


CHANNELS: Final = (State.MEDIATION, State.ARBITRATION, State.COURT, State.INSPECTION)
OVER: Final = frozenset({State.WITHDRAWN, State.CLOSED})
"""Nobody has anything to do on the matter itself any more."""


class Act(StrEnum):
    """What takes a case from one state to the next."""

    ASSIGN = "assign"
    MEDIATE = "mediate"
    ARBITRATE = "arbitrate"
    SUE = "sue"
    INSPECT = "inspect"
    RESOLVE = "resolve"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class Note(StrEnum):
    """What is written down of a case and leaves its state as it is."""

    OPEN = "open"
    NOTE = "note"
    DOCUMENT = "document"
    ADMIT = "admit"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    LIMIT = "limit"
    HAND_OVER = "hand_over"
    ACCEPT = "accept"
    RETURN = "return"


class CaseOutcome(StrEnum):
    """How a case ended."""

    SETTLED = "settled"
    AWARD = "award"
    JUDGMENT = "judgment"
    INSPECTION_ORDER = "inspection_order"
    WITHDRAWN = "withdrawn"
    UNFOUNDED = "unfounded"
    NO_JURISDICTION = "no_jurisdiction"


_AT_WORK = (State.ASSIGNED, State.MEDIATION, State.ARBITRATION, State.COURT, State.INSPECTION)
_RULES: Mapping[Act, tuple[frozenset[State], State]] = MappingProxyType(
    {
        Act.ASSIGN: (frozenset({State.OPENED}), State.ASSIGNED),
        Act.MEDIATE: (
            frozenset({State.ASSIGNED, State.INSPECTION, State.RESOLVED}),
            State.MEDIATION,
        ),
        Act.ARBITRATE: (
            frozenset({State.ASSIGNED, State.MEDIATION, State.INSPECTION, State.RESOLVED}),
            State.ARBITRATION,
        ),
        Act.SUE: (
            frozenset({State.ASSIGNED, State.MEDIATION, State.ARBITRATION, State.INSPECTION, State.RESOLVED}),
            State.COURT,
        ),
        Act.INSPECT: (
            frozenset({State.ASSIGNED, State.MEDIATION, State.ARBITRATION, State.RESOLVED}),
            State.INSPECTION,
        ),
        Act.RESOLVE: (frozenset(_AT_WORK), State.RESOLVED),
        Act.WITHDRAW: (frozenset({State.OPENED, *_AT_WORK}), State.WITHDRAWN),
        Act.CLOSE: (frozenset({State.RESOLVED, State.WITHDRAWN}), State.CLOSED),
    }
)
_ENDS_ONLY_IN: Final[Mapping[CaseOutcome, State]] = MappingProxyType(
    {
        CaseOutcome.AWARD: State.ARBITRATION,
        CaseOutcome.JUDGMENT: State.COURT,
        CaseOutcome.INSPECTION_ORDER: State.INSPECTION,
    }
)
_WITH_AMOUNT: Final = frozenset({CaseOutcome.SETTLED, *_ENDS_ONLY_IN})


class ActNotPossible(Conflict):
    """A case that is {state} cannot take the step {act}. Reload the page: it shows what is possible now."""

    zh = "“{state}”的案件不能进行“{act}”。请刷新页面，按当前可办的步骤办理。"


class OutcomeNotPossible(InvalidInput):
    """A case that is {state} cannot end as {outcome}. An award comes from arbitration, a judgment from court, an order from inspection; a withdrawal has a step of its own."""

    zh = "“{state}”的案件不能以“{outcome}”结束。裁决出自仲裁，判决出自法院，责令改正出自监察；撤回请用撤回步骤。"


class AmountNotFitting(InvalidInput):
    """A case that ends as {outcome} has no amount, and one that is settled has one, which may be 0. Correct `amount_fen`."""

    zh = "以“{outcome}”结束的案件不写金额；和解须写金额（可为0）。请更正 amount_fen。"


def follow(state: str, act: Act) -> State:
    """The state after the act. Raises ActNotPossible."""
    possible, to = _RULES[act]
    if state not in possible:
        raise ActNotPossible(state=state, act=act)
    return to


def list_acts(state: str) -> list[Act]:
    """What may be done to a case in that state."""
    return [act for act, (possible, _) in _RULES.items() if state in possible]


def last_act(state: str) -> Act:
    """What ends a case that nobody ends: what was resolved is closed with its outcome, anything else is withdrawn. Raises
    ActNotPossible."""
    act = Act.CLOSE if state == State.RESOLVED else Act.WITHDRAW
    follow(state, act)
    return act


def check_outcome(state: str, outcome: CaseOutcome, amount_fen: int | None) -> None:
    """Whether a case in that state may end so. Raises OutcomeNotPossible, AmountNotFitting."""
    if outcome is CaseOutcome.WITHDRAWN or _ENDS_ONLY_IN.get(outcome, state) != state:
        raise OutcomeNotPossible(field="outcome", state=state, outcome=outcome)
    if (amount_fen is not None and outcome not in _WITH_AMOUNT) or (
        amount_fen is None and outcome is CaseOutcome.SETTLED
    ):
        raise AmountNotFitting(field="amount_fen", outcome=outcome)


def list_outcomes(state: str) -> list[CaseOutcome]:
    """How a case in that state may be resolved."""
    return [
        one
        for one in CaseOutcome
        if one is not CaseOutcome.WITHDRAWN and _ENDS_ONLY_IN.get(one, state) == state
    ]
