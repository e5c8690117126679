"""Shows households as far as a reader may see them: members masked, words opened for those who help and for the office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.households.rules import Clocks, Help, clocks_on, rule_on
from services.registry.domain.households.standing import Member, Run, Standing, runs_until
from services.registry.intake.zero_rules import read_zero_rules
from services.registry.store.enterprises import list_enterprises
from services.registry.store.file_list import files_within
from services.registry.store.files import persons_of
from services.registry.store.households.members import members_of, works_of
from services.registry.store.households.tasks import (
    get_household,
    helps_of,
    list_open,
    list_plan,
    list_tasks,
)
from services.registry.store.tables import HouseholdRow, ZeroHelpRow, ZeroTaskRow
from services.registry.usecases.households.act import help_context, note_context, step_context
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from shared.kernel.clock import local_date
from shared.reference import COUNTY_DIGITS
from shared.security import Principal, Role, mask

ERASED = "—"


@dataclass(frozen=True)
class HelpView:
    """One of "131": who did it when, or None as long as it is owed. `words` are for those who help and the office."""

    kind: Help
    number: int
    done_on: date | None = None
    by: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class TaskView:
    """A task; `clocks` as long as it is open."""

    task_id: str
    household_id: str
    number: str
    """The household's, masked."""
    place_code: str
    fell_on: date
    known_on: date
    help_by: date
    clear_by: date
    outcome: str | None
    ended_on: date | None
    closed_on: date | None
    closed_by: str | None
    note: str | None
    helps: list[HelpView]
    clocks: Clocks | None


@dataclass(frozen=True)
class WorkView:
    """A spell of employment; `where` is an enterprise's name, where one is named."""

    first: date
    end: date | None
    area_code: str
    where: str | None


@dataclass(frozen=True)
class MemberView:
    """A member, masked. `is_here` and `is_employed` are of today."""

    file_id: str
    name: str
    has_labour: bool
    since: date
    is_here: bool
    is_employed: bool
    works: list[WorkView]


@dataclass(frozen=True)
class StepView:
    """A step of the plan."""

    step_id: str
    kind: str
    words: str
    due_on: date | None
    done_on: date | None
    done_by: str | None


@dataclass(frozen=True)
class HouseholdView:
    """A household today, and how it came to be so."""

    household_id: str
    number: str
    """Masked."""
    place_code: str
    standing: Standing
    runs: list[Run]
    members: list[MemberView]
    tasks: list[TaskView]
    steps: list[StepView]


def show_open(
    parts: Parts, principal: Principal, *, area: str = "", page: int, size: int
) -> tuple[list[TaskView], int]:
    """A page of the caller's open tasks, the latest first, and how many there are."""
    with parts.database.session() as session:
        found, total = list_open(session, principal, area=area, offset=(page - 1) * size, limit=size)
        helps = helps_of(session, [task.id for task, _ in found])
        return [_task(parts, principal, task, home, helps[task.id]) for task, home in found], total


def show_household(parts: Parts, principal: Principal, household_id: str) -> HouseholdView:
    """A household of the caller's. Raises HouseholdUnknown."""
    today = local_date(parts.clock.now())
    with parts.database.session() as session:
        home = get_household(session, principal, household_id)
        members = members_of(session, [home.id])[home.id]
        tasks = list_tasks(session, home.id)
        helps = helps_of(session, [task.id for task in tasks])
        runs = runs_until(list(members.values()), today)
        return HouseholdView(
            household_id=home.id,
            number=_number(parts, home),
            place_code=home.place_code,
            standing=runs[-1].standing,
            runs=runs,
            members=_members(session, parts, members, today, _shown(session, principal, home, members)),
            tasks=[_task(parts, principal, task, home, helps[task.id]) for task in tasks],
            steps=[
                StepView(
                    step.id,
                    step.kind,
                    _opened(parts, principal, home, step.words_sealed, step_context(step.id)) or ERASED,
                    step.due_on,
                    step.done_on,
                    step.done_by,
                )
                for step in list_plan(session, home.id)
            ],
        )


def _shown(
    session: Session, principal: Principal, home: HouseholdRow, members: Mapping[str, Member]
) -> set[str]:
    """Which members are told of: for a helper those whose files are of the household's county, else those of the caller's
    area. Of who has gone to another one, or was merged into a file there, it is told that they belonged, and no more."""
    if principal.has(Role.HELPER):
        county = Principal(principal.subject, principal.roles, (home.place_code[:COUNTY_DIGITS],))
        return files_within(session, county, list(members))
    return files_within(session, principal, list(members))


def _members(
    session: Session, parts: Parts, members: Mapping[str, Member], today: date, shown: set[str]
) -> list[MemberView]:
    persons = persons_of(session, members)
    said = contacts_of(session, parts.vault, [one.id for same in persons.values() for one in same])
    works = works_of(session, shown)
    employers = {row.enterprise_id for rows in works.values() for row in rows if row.enterprise_id}
    names = {one.id: one.name for one, _ in list_enterprises(session, sorted(employers))}
    views = []
    for file_id, member in members.items():
        here = [spell for spell in member.belongs if spell.holds(today)]
        names_said = (said[one.id].name for one in persons[file_id] if file_id in shown)
        name = next((one for one in names_said if one), "")
        last = here[-1] if here else member.belongs[-1]
        views.append(
            MemberView(
                file_id=file_id,
                name=mask.name(name) if name else ERASED,
                has_labour=last.has_labour,
                since=last.first,
                is_here=bool(here),
                is_employed=(bool(here) or file_id in shown)
                and any(spell.holds(today) for spell in member.works),
                works=[
                    WorkView(row.valid_from, row.valid_to, row.area_code, names.get(row.enterprise_id or ""))
                    for row in works[file_id]
                ],
            )
        )
    return sorted(views, key=lambda one: (not one.is_here, not one.has_labour, one.file_id))


def _task(
    parts: Parts,
    principal: Principal,
    task: ZeroTaskRow,
    home: HouseholdRow,
    helps: Sequence[ZeroHelpRow],
) -> TaskView:
    done = {(row.kind, row.number): row for row in helps}
    owed = rule_on(read_zero_rules(), task.known_on).parts()
    is_helped = all(part in done for part in owed)
    today = local_date(parts.clock.now())
    is_open = task.outcome is None
    return TaskView(
        task_id=task.id,
        household_id=home.id,
        number=_number(parts, home),
        place_code=home.place_code,
        note=_opened(parts, principal, home, task.note_sealed, note_context(task.id)),
        helps=[
            _help(parts, principal, home, kind, number, done.get((kind, number))) for kind, number in owed
        ],
        clocks=clocks_on(today, task.help_by, task.clear_by, is_helped=is_helped) if is_open else None,
        **task.model_dump(
            include={
                "fell_on",
                "known_on",
                "help_by",
                "clear_by",
                "outcome",
                "ended_on",
                "closed_on",
                "closed_by",
            }
        ),
    )


def _help(
    parts: Parts, principal: Principal, home: HouseholdRow, kind: Help, number: int, row: ZeroHelpRow | None
) -> HelpView:
    if row is None:
        return HelpView(kind, number)
    context = help_context(row.task_id, kind, number)
    words = _opened(parts, principal, home, row.words_sealed, context)
    return HelpView(kind, number, row.done_on, row.by, words)


def _opened(
    parts: Parts, principal: Principal, home: HouseholdRow, sealed: bytes | None, context: str
) -> str | None:
    """What was written about the household, for those who wrote it: an auditor sees that it was, not what."""
    if sealed is None:
        return None
    if home.wrapped_key is None or not principal.has(Role.BUREAU, Role.HELPER):
        return ERASED
    return parts.vault.open(home.wrapped_key, sealed, context)


def _number(parts: Parts, home: HouseholdRow) -> str:
    """Its number in the register, masked."""
    if home.wrapped_key is None:
        return ERASED
    number = parts.vault.open(home.wrapped_key, home.number_sealed, f"household/{home.id}/number")
    return mask.household(number)
