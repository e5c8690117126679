"""Shows rules and lists as far as a reader may see them: names and IDs masked, each condition in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from services.registry.domain.rewards.amounts import due_fen
from services.registry.domain.rewards.judge import Outcome
from services.registry.domain.rewards.rule import Rule
from services.registry.domain.rewards.words import asked_words, counting_words, found_words
from services.registry.store.access import log_access
from services.registry.store.enterprises import list_enterprises
from services.registry.store.people import resident_id_context
from services.registry.store.rewards.lists import WITHDRAWN, entries_of, get_list, list_lists
from services.registry.store.rewards.rules import find_rules, rule_of
from services.registry.store.tables import PersonRow, RewardEntryRow, RewardListRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.rewards.errors import RewardListState
from services.registry.usecases.rewards.lists import STATES
from services.registry.usecases.show import ERASED
from shared.messaging import Cause
from shared.security import Principal, Vault, mask

_AT_ONCE = 10_000


@dataclass(frozen=True)
class Evidence:
    """One condition in both languages: what was asked, how it stands, what was found, from when it can be met."""

    condition: str
    outcome: str
    asked: tuple[str, str]
    found: tuple[str, str]
    due: date | None


@dataclass(frozen=True)
class Entry:
    """One worker on a list; `name` and `resident_id` are masked, or in full for the payer."""

    person_id: str
    name: str
    resident_id: str
    part: str
    placed_on: date
    is_earned: bool
    amount_fen: int
    evidence: tuple[Evidence, ...]

    @property
    def against(self) -> list[Evidence]:
        """What is not met or not known."""
        return [one for one in self.evidence if one.outcome != Outcome.MET]


@dataclass(frozen=True)
class ListView:
    """A list with its rule and its claimant's name."""

    row: RewardListRow
    rule: Rule
    claimant: str

    @property
    def counting(self) -> tuple[str, str] | None:
        """How heads were counted across lists, in Chinese and English; None where they are not."""
        if self.rule.counted_over is None:
            return None
        row = self.row
        heads = row.before_heads + row.heads
        due = due_fen(self.rule, heads)
        return counting_words(row.before_heads, row.before_fen, heads, due, row.difference_fen)


def view_lists(session: Session, principal: Principal, *, page: int, size: int) -> tuple[list[ListView], int]:
    """A page (from 1) of the caller's lists, newest first, and how many there are."""
    rows, total = list_lists(session, principal, offset=(page - 1) * size, limit=size)
    return _views(session, rows), total


def view_list(session: Session, principal: Principal, reward_list_id: str) -> ListView:
    """A list of the caller's area. Raises RewardListUnknown."""
    [view] = _views(session, [get_list(session, principal, reward_list_id)])
    return view


def _views(session: Session, rows: Sequence[RewardListRow]) -> list[ListView]:
    rules = {one: rule_of(row) for one, row in find_rules(session, {r.reward_rule_id for r in rows}).items()}
    codes = sorted({row.claimant_id for row in rows})
    names = {one.id: one.name for one, _ in list_enterprises(session, codes)}
    return [
        ListView(row, rules[row.reward_rule_id], names.get(row.claimant_id, row.claimant_id)) for row in rows
    ]


def view_entries(
    session: Session,
    vault: Vault,
    list_id: str,
    *,
    is_earned: bool | None = None,
    page: int = 1,
    size: int = _AT_ONCE,
) -> list[Entry]:
    """A page (from 1) of a list's workers, masked; the list is the caller's already."""
    found = entries_of(session, list_id, is_earned=is_earned, offset=(page - 1) * size, limit=size)
    return _entries(session, vault, found, is_full=False)


def all_entries(session: Session, vault: Vault, list_id: str, *, is_full: bool) -> list[Entry]:
    """Everybody who earned something, for a sheet; in full only where the look-up is logged."""
    shown: list[Entry] = []
    while found := entries_of(session, list_id, is_earned=True, offset=len(shown), limit=_AT_ONCE):
        shown += _entries(session, vault, found, is_full=is_full)
    return shown


def reveal_list(
    parts: Parts, principal: Principal, reward_list_id: str, cause: Cause
) -> tuple[ListView, list[Entry]]:
    """A list that stands, with names and resident IDs in full, for who checks or pays it; the look-up is logged.

    Raises RewardListUnknown, RewardListState.
    """
    with parts.database.session() as session:
        view = view_list(session, principal, reward_list_id)
        if view.row.state == WITHDRAWN:
            state_zh, state = STATES[WITHDRAWN]
            raise RewardListState(state=state, state_zh=state_zh)
        entries = all_entries(session, parts.vault, view.row.id, is_full=True)
        log_access(
            session,
            subject=principal.subject,
            purpose="reward-list",
            request_ids=[],
            correlation_id=cause.correlation_id,
            at=parts.clock.now(),
            person_ids=sorted({one.person_id for one in entries}),
            principal=principal,
            fields=("name", "resident_id"),
        )
    return view, entries


def _entries(
    session: Session, vault: Vault, found: Sequence[tuple[RewardEntryRow, PersonRow]], *, is_full: bool
) -> list[Entry]:
    contacts = contacts_of(session, vault, {person.id for _, person in found})
    shown = []
    for row, person in found:
        name = resident_id = ERASED
        if person.wrapped_key is not None:
            context = resident_id_context(person.id)
            name = contacts[person.id].name or ERASED
            resident_id = vault.open(person.wrapped_key, person.resident_id_sealed, context)
            if not is_full:
                name, resident_id = mask.name(name), mask.resident_id(resident_id)
        shown.append(
            Entry(
                person_id=person.id,
                name=name,
                resident_id=resident_id,
                part=row.part,
                placed_on=row.placed_on,
                is_earned=row.is_earned,
                amount_fen=row.amount_fen,
                evidence=tuple(evidence_of(one) for one in row.findings),
            )
        )
    return shown


def evidence_of(finding: dict[str, Any]) -> Evidence:
    """A finding as it is kept, in words."""
    condition, outcome = finding["condition"], finding["outcome"]
    return Evidence(
        condition,
        outcome,
        asked_words(condition, finding["needed"]),
        found_words(condition, outcome, finding["found"]),
        date.fromisoformat(finding["due"]) if finding["due"] else None,
    )
