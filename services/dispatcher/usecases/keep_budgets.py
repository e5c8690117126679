"""Keeps the budgets of those who pay: what is allocated by which document, and who let whom go beyond it and why."""

from collections.abc import Sequence

from sqlmodel import Session

from services.dispatcher.money.books.budget import Budget, Override
from services.dispatcher.money.books.ledger import Kind, Transfer
from services.dispatcher.money.books.voucher import Act, Voucher
from services.dispatcher.store import ledger as books
from services.dispatcher.store.trips import list_waiting_for
from services.dispatcher.usecases import bill_trip
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.ids import derive_id, new_id
from shared.kernel.money import yuan
from shared.messaging import Cause
from shared.security import Principal, covers


class NotYourBudget(Forbidden):
    """The budget of {code} is outside your area ({areas}). Leave it to its own finance office."""

    zh = "{code} 的预算不在您的辖区（{areas}）内。请由当地财政部门办理。"


class DocumentTaken(Conflict):
    """Document {document} has allocated {known} yuan to {account} already, and here it is {given}. Give an additional budget the number of its own document."""

    zh = "文件 {document} 已为 {account} 下达 {known} 元，而此处为 {given} 元。追加预算请填写其自身的文号。"


def allocate(
    session: Session, principal: Principal, budgets: Sequence[Budget], cause: Cause, clock: Clock
) -> int:
    """Keep budgets; how many were not there yet. Trips that waited for them are settled.

    Raises NotYourBudget, DocumentTaken.
    """
    return sum(_allocate(session, principal, budget, cause, clock) for budget in budgets)


def override(
    session: Session, principal: Principal, given: Override, key: str, cause: Cause, clock: Clock
) -> bool:
    """Let a payer go beyond its budget, with the reason in the books; the same `key` again adds nothing, and gives False.

    Raises NotYourBudget.
    """
    _require_mine(principal, given.code)
    identity = derive_id("override", given.account, key)
    if books.find_transfer(session, identity) is not None:
        return False
    _add(session, principal, given, Kind.OVERRIDE, identity, f"override:{key}", cause, clock)
    return True


def _allocate(session: Session, principal: Principal, budget: Budget, cause: Cause, clock: Clock) -> bool:
    _require_mine(principal, budget.code)
    identity = derive_id("budget", budget.account, budget.document)
    known = books.find_transfer(session, identity)
    if known is not None:
        if known.amount_fen != budget.amount_fen:
            raise DocumentTaken(
                document=budget.document,
                account=budget.account,
                known=yuan(known.amount_fen),
                given=yuan(budget.amount_fen),
            )
        return False
    _add(session, principal, budget, Kind.ALLOCATE, identity, budget.document, cause, clock)
    return True


def _require_mine(principal: Principal, code: str) -> None:
    """A destination's budget is the province's to keep: no office of it has an area here."""
    if not covers(principal, code) and not covers(principal, "52"):
        raise NotYourBudget(code=code, areas=", ".join(principal.areas) or "-")


def _add(
    session: Session,
    principal: Principal,
    given: Budget | Override,
    kind: Kind,
    identity: str,
    rule: str,
    cause: Cause,
    clock: Clock,
) -> None:
    treasury = f"treasury:{given.code}:{given.season}"
    transfer = Transfer(
        identity, 1, kind, treasury, given.account, given.amount_fen, None, rule, bill_trip.name(cause)
    )
    voucher = Voucher(
        id=new_id(),
        act=Act(kind.value),
        season=given.season,
        cause=bill_trip.name(cause),
        actor=principal.subject,
        facts=given.model_dump(mode="json") | {"account": given.account},
        transfers=(transfer,),
    )
    books.append(session, voucher, given.code, clock.now())
    for trip in list_waiting_for(session, given.account):
        bill_trip.settle_trip(session, trip, cause, clock.now())
