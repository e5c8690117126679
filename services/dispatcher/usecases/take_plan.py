"""Takes in what a planner answers; believes nothing of it yet, and keeps no plan (`plan_round` does for a round, `lab.answer` for the
lab, once it is checked)."""

import json

from sqlmodel import Session

from services.dispatcher.domain.round import RoundState
from services.dispatcher.store.lab import find_lab_job
from services.dispatcher.store.rounds import find_job
from services.dispatcher.usecases.fail_round import fail_round
from services.dispatcher.usecases.lab.fail import fail_lab
from shared.events import PoolNotPlanned, PoolPlanned
from shared.kernel.clock import Clock
from shared.messaging import Cause
from shared.metrics import Metrics


def take_plan(session: Session, event: PoolPlanned, _cause: Cause, _clock: Clock) -> bool:
    """Put the plan where it is checked; False when nobody waits for it: the pool has been asked for anew."""
    pool_plan = find_job(session, event.job_id)
    if pool_plan is None:
        return _take_for_lab(session, event)
    if pool_plan.plan is not None:
        return False
    pool_plan.answer = json.dumps(event.plan, ensure_ascii=False)
    pool_plan.seconds, pool_plan.first_fit_fen = event.seconds, event.first_fit_fen
    return True


def take_refusal(
    session: Session, event: PoolNotPlanned, _cause: Cause, _clock: Clock, *, metrics: Metrics
) -> bool:
    """Give the pool up where planners died of it, and the others go on; a problem that is refused fails the round."""
    pool_plan = find_job(session, event.job_id)
    if pool_plan is None:
        lab_pool = find_lab_job(session, event.job_id)
        return lab_pool is not None and fail_lab(session, lab_pool.lab_id, event.zh, event.en)
    if pool_plan.plan is not None:
        return False
    pool_plan.crashes = event.crashes
    if event.crashes == 0 and fail_round(session, pool_plan.round_id, event.zh, event.en):
        metrics.rounds.labels(RoundState.FAILED).inc()
    return True


def _take_for_lab(session: Session, event: PoolPlanned) -> bool:
    lab_pool = find_lab_job(session, event.job_id)
    if lab_pool is None or lab_pool.plan is not None:
        return False
    lab_pool.answer = json.dumps(event.plan, ensure_ascii=False)
    return True
