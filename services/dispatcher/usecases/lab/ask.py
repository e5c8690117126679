"""Takes a question to the lab: a round's pools planned again, as its terms are and as they would be; plans nothing itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.lab import LabBusy, LabState, NothingToPlanAgain, Variant
from services.dispatcher.money.rules.subsidy import vehicle_rule
from services.dispatcher.planning.objective import CHARTER
from services.dispatcher.store.lab import is_lab_busy
from services.dispatcher.store.rounds import list_pool_plans
from services.dispatcher.store.tables import LabPoolRow, LabRunRow, RoundRow
from services.dispatcher.usecases.build_problem import PolicyNotPlannable
from services.dispatcher.usecases.lab.price_again import terms_of
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Principal, covers


def ask_lab(
    session: Session,
    row: RoundRow,
    changes: Mapping[str, Any],
    objective: str,
    principal: Principal,
    cause: Cause,
    clock: Clock,
) -> LabRunRow:
    """The question, about as much of the round as lies in the caller's area: who was to be planned when the round was.

    Both variants are planned by `objective`, so that they differ in their terms alone. Raises BadChange, PolicyNotPlannable,
    LabBusy, NothingToPlanAgain.
    """
    terms = replace(terms_of(session, row), objective=objective)
    for policy in (terms.policy, terms.change(changes).policy):
        if objective != CHARTER and vehicle_rule(policy) is None:
            raise PolicyNotPlannable(policy=policy.key)
    area = next((own for own in principal.areas if own.startswith(row.area)), row.area)
    area = row.area if covers(principal, row.area) else area
    if is_lab_busy(session, row.round_id, area):
        raise LabBusy
    pools = [
        pool
        for pool in list_pool_plans(session, row.round_id)
        if pool.families and not pool.crashes and pool.pool_id.startswith(area)
    ]
    if not pools:
        raise NothingToPlanAgain
    run = LabRunRow(
        lab_id=new_id(),
        round_id=row.round_id,
        area=area,
        state=LabState.PLANNING.value,
        changes=dict(changes),
        objective=objective,
        asked_by=principal.display_name,
        asked_at=clock.now(),
        correlation_id=cause.correlation_id,
    )
    session.add(run)
    session.flush()
    session.add_all(
        LabPoolRow(
            lab_id=run.lab_id,
            variant=variant.value,
            pool_id=pool.pool_id,
            position=pool.position,
            members={},
            fleet={},
        )
        for pool in pools
        for variant in Variant
    )
    return run
