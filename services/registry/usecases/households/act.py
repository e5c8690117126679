"""Lets those who help tick off "131", close a task for a reason, and keep a household's plan; all words are sealed under the household's key."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.domain.households.plan import StepKind
from services.registry.domain.households.rules import Help, rule_on
from services.registry.domain.households.zero import BY_HAND, OUTCOME_WORDS, ZeroOutcome
from services.registry.intake.zero_rules import read_zero_rules
from services.registry.store.households.tasks import get_household, hold_task
from services.registry.store.tables import HouseholdRow, PlanStepRow, ZeroHelpRow, ZeroTaskRow
from services.registry.usecases.parts import Parts
from shared.database import locked
from shared.kernel.clock import local_date
from shared.kernel.errors import Conflict, InvalidInput, NotFound
from shared.kernel.ids import new_id
from shared.security import Principal

WORDS_MAX = 200


class TaskOver(Conflict):
    """This task is over: {outcome_en}. Look at the household's page for one that is open."""

    zh = "该任务已结束：{outcome_zh}。请在家庭页面查看是否有未结任务。"


class NoSuchHelp(InvalidInput):
    """`number`: there is no {kind} number {number} in "131". Choose one of those that are listed."""

    zh = "number：“131”中没有第 {number} 次 {kind}。请从所列项目中选择。"


class HelpDayWrong(InvalidInput):
    """`done_on`: {day} is not from {first} to {last}, the days on which this household could be helped. Write the day on which it was done."""

    zh = "done_on：{day} 不在 {first} 至 {last} 之间。请填写实际完成的日期。"


class ReasonWrong(InvalidInput):
    """`outcome`: nobody closes a task as {outcome}; that is told by the facts. Choose one of: left, no_labour, refused."""

    zh = "outcome：不能以“{outcome}”结束任务，该结果由就业记录得出。请选择：left、no_labour、refused。"


class NoteMissing(InvalidInput):
    """`note`: a task is not closed without a word why. Write what was found and when."""

    zh = "note：结束任务必须说明原因。请写明了解到的情况和时间。"


class StepUnknown(NotFound):
    """There is no step {step_id} in the plan of this household. Look at its page."""

    zh = "该家庭的计划中没有编号为 {step_id} 的步骤。请在家庭页面查看。"


class HouseholdErased(Conflict):
    """The data of this household are erased; nothing can be written about it any more."""

    zh = "该家庭的数据已删除，不能再写入。"


@dataclass(frozen=True, slots=True)
class Done:
    """One of "131" that was done; `words`: what was offered, by whom."""

    kind: Help
    number: int
    done_on: date
    words: str = ""


def tick_off(parts: Parts, principal: Principal, task_id: str, done: Done) -> None:
    """Note that it was done. The first word stands: to tick it off again changes nothing.

    Raises ZeroTaskUnknown, TaskOver, NoSuchHelp, HelpDayWrong.
    """
    now = parts.clock.now()
    with parts.database.session() as session:
        task, household = _hold_open(session, principal, task_id)
        if (done.kind, done.number) not in rule_on(read_zero_rules(), task.known_on).parts():
            raise NoSuchHelp(kind=done.kind, number=done.number)
        last = local_date(now)
        if not task.fell_on <= done.done_on <= last:
            raise HelpDayWrong(day=done.done_on, first=task.fell_on, last=last)
        row = ZeroHelpRow(
            task_id=task.id,
            kind=done.kind,
            number=done.number,
            done_on=done.done_on,
            by=principal.subject,
            recorded_at=now,
            words_sealed=_sealed(parts, household, done.words, help_context(task.id, done.kind, done.number)),
        )
        session.connection().execute(insert(ZeroHelpRow).values(row.model_dump()).on_conflict_do_nothing())


def close(parts: Parts, principal: Principal, task_id: str, outcome: ZeroOutcome, note: str) -> None:
    """End a task that the facts leave open. To close it again for the same reason changes nothing.

    Raises ZeroTaskUnknown, TaskOver, ReasonWrong, NoteMissing.
    """
    today = local_date(parts.clock.now())
    with parts.database.session() as session:
        task, household = hold_task(session, principal, task_id)
        if outcome not in BY_HAND:
            raise ReasonWrong(outcome=outcome)
        if task.by_hand and task.outcome == outcome:
            return
        _check_open(task)
        if not note.strip():
            raise NoteMissing()
        task.outcome, task.by_hand = outcome, True
        task.ended_on = task.closed_on = today
        task.closed_by = principal.subject
        task.note_sealed = _sealed(parts, household, note, note_context(task.id))
        session.add(task)


def plan_step(
    parts: Parts, principal: Principal, household_id: str, kind: StepKind, words: str, due_on: date | None
) -> str:
    """Add a step to a household's plan; its id. Raises HouseholdUnknown."""
    step_id = new_id()
    with parts.database.session() as session:
        household = get_household(session, principal, household_id, hold=True)
        sealed = _sealed(parts, household, words, step_context(step_id))
        if sealed is None:
            raise WordsMissing()
        session.add(
            PlanStepRow(
                id=step_id,
                household_id=household_id,
                kind=kind,
                words_sealed=sealed,
                due_on=due_on,
                planned_by=principal.subject,
                planned_at=parts.clock.now(),
            )
        )
    return step_id


class WordsMissing(InvalidInput):
    """`words`: a step says what is to be done. Write it in a few words, without anybody's name or number."""

    zh = "words：请用几个字写明要做什么，不写姓名和号码。"


def finish_step(parts: Parts, principal: Principal, household_id: str, step_id: str) -> None:
    """Note that a step is done, today; the first word stands. Raises HouseholdUnknown, StepUnknown."""
    with parts.database.session() as session:
        get_household(session, principal, household_id)
        mine = (col(PlanStepRow.id) == step_id, col(PlanStepRow.household_id) == household_id)
        step = session.exec(locked(select(PlanStepRow).where(*mine))).first()
        if step is None:
            raise StepUnknown(step_id=step_id[:40])
        if step.done_on is None:
            step.done_on, step.done_by = local_date(parts.clock.now()), principal.subject
            session.add(step)


def help_context(task_id: str, kind: str, number: int) -> str:
    """What the words about a help are bound to."""
    return f"zero_help/{task_id}/{kind}/{number}"


def note_context(task_id: str) -> str:
    """What the note on a closed task is bound to."""
    return f"zero_task/{task_id}/note"


def step_context(step_id: str) -> str:
    """What the words of a step are bound to."""
    return f"household_step/{step_id}/words"


def _hold_open(session: Session, principal: Principal, task_id: str) -> tuple[ZeroTaskRow, HouseholdRow]:
    task, household = hold_task(session, principal, task_id)
    _check_open(task)
    return task, household


def _check_open(task: ZeroTaskRow) -> None:
    if task.outcome is not None:
        zh, en = OUTCOME_WORDS[ZeroOutcome(task.outcome)]
        raise TaskOver(outcome_zh=zh, outcome_en=en)


def _sealed(parts: Parts, household: HouseholdRow, words: str, context: str) -> bytes | None:
    text = words.strip()[:WORDS_MAX]
    if not text:
        return None
    if household.wrapped_key is None:
        raise HouseholdErased()
    return parts.vault.seal(household.wrapped_key, text, context)
