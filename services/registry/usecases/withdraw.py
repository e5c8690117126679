"""Takes a request back; the others of its family stay, as a smaller one."""

from sqlmodel import Session

from services.registry.domain.status import AMENDABLE, WITHDRAWABLE, WORDS, Status
from services.registry.domain.withdrawal import WithdrawalReason
from services.registry.store.requests import lock_party
from services.registry.store.tables import RequestRow
from services.registry.usecases.errors import NotWithdrawable
from services.registry.usecases.submit import SOURCE, journey
from shared.events import Event, RequestAmended, RequestWithdrawn
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit_all
from shared.security import Principal


def withdraw(
    session: Session,
    principal: Principal,
    request_id: str,
    reason: WithdrawalReason,
    *,
    clock: Clock,
    cause: Cause,
) -> RequestRow:
    """The request, withdrawn; to withdraw it twice changes nothing. Raises RequestUnknown, NotWithdrawable."""
    request, *others = lock_party(session, principal, request_id)
    status = Status(request.status)
    if status is Status.WITHDRAWN:
        return request
    if status not in WITHDRAWABLE:
        raise NotWithdrawable(status=WORDS[status][1].lower(), status_zh=WORDS[status][0])
    now = clock.now()
    request.status, request.withdrawn_reason = Status.WITHDRAWN.value, reason.value
    request.version += 1
    request.changed_at = now
    told: list[Event] = [
        RequestWithdrawn(request_id=request.id, version=request.version, reason=reason.value)
    ]
    for other in others:
        if Status(other.status) in AMENDABLE:
            other.party_size = len(others)
            other.version += 1
            other.changed_at = now
            told.append(RequestAmended(**journey(other)))
    session.add_all([request, *others])
    session.flush()
    emit_all(session, told, source=SOURCE, cause=cause, clock=clock)
    return request
