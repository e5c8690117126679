"""Works the queue off in the planner's processes, and answers; knows nothing of pools and rounds.

A job is held in one transaction, planned outside of any, and answered and taken out of the queue in another. Who is killed in
between holds it for HOLD_S more, then another plans it: it is late, and not lost, and answered once.
"""

import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait

from services.dispatcher.planning.faults import PlannerCrashed
from services.dispatcher.planning.plan_format import plan_to_json
from services.dispatcher.planning.problem_format import problem_from_json
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.worker import Planned, PlannerPool
from services.planner.store.jobs import end_job, hold_next, keep_held, release
from services.planner.store.tables import JobRow
from services.planner.usecases import SOURCE
from shared.database import Database, is_transient
from shared.events import PoolNotPlanned, PoolPlanned
from shared.kernel.clock import Clock
from shared.kernel.errors import ZhidaError
from shared.kernel.ids import new_id
from shared.logs import correlation
from shared.messaging import Cause, emit, keep_at

CRASHES_MAX = 3
"""So many processes may die of one job: it is given up then, and the others go on."""

HOLD_S = 15.0
POLL_S = 0.2

log = logging.getLogger(__name__)


class WorkQueue:
    """The worker that keeps `processes` processes of `planners` busy while there are jobs."""

    name = "planner queue"

    def __init__(
        self,
        database: Database,
        planners: PlannerPool,
        processes: int,
        clock: Clock,
        *,
        hold_s: float = HOLD_S,
    ) -> None:
        self._database, self._planners, self._processes = database, planners, processes
        self._clock, self._hold_s = clock, hold_s
        self._holder = new_id()
        self._running: dict[Future[Planned], JobRow] = {}
        self._kept = 0.0

    def run(self, stop: threading.Event) -> None:
        """Plan until `stop`; what is under way then is left to others, at once."""
        keep_at(lambda: self._work(stop), POLL_S, self.name, stop)
        try:
            with self._database.session() as session:
                release(session, self._holder, [job.job_id for job in self._running.values()])
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning(
                "%s leaves its jobs to others, who get them %s s later: %s", self.name, self._hold_s, error
            )

    def _work(self, stop: threading.Event) -> None:
        """Work until there is nothing to do. Raises what the database raises; what runs goes on, and is kept in mind."""
        while not stop.is_set():
            self._keep()
            while len(self._running) < self._processes and self._start():
                pass
            if not self._running:
                return
            done, _ = wait(self._running, timeout=POLL_S, return_when=FIRST_COMPLETED)
            for future in done:
                if not stop.is_set():  # the end of a process may be that of the service
                    self._finish(future)

    def _keep(self) -> None:
        if self._running and time.monotonic() - self._kept > self._hold_s / 3:
            with self._database.session() as session:
                job_ids = [job.job_id for job in self._running.values()]
                keep_held(session, self._holder, self._hold_s, job_ids)
            self._kept = time.monotonic()

    def _start(self) -> bool:
        """Begin the next job; whether there was one."""
        with self._database.session() as session:
            job = hold_next(session, self._holder, self._hold_s)
        if job is None:
            return False
        try:
            future = self._planners.submit(
                problem_from_json(job.problem), Stop(job.seconds, job.work), job.seed, Params(job.engine)
            )
        except ZhidaError as error:
            future = Future()
            future.set_exception(error)
        self._running[future] = job
        return True

    def _finish(self, future: Future[Planned]) -> None:
        """Answer a job, or let it be begun again: once the database has that, it is forgotten here."""
        job = self._running[future]
        with correlation(job.correlation_id):
            try:
                planned = future.result()
            except PlannerCrashed:
                self._note_crash(job)
            except ZhidaError as error:
                log.warning("job refused", extra={"job_id": job.job_id, "why": error.message("en")})
                self._answer(job, _not_planned(job, 0, error.message("zh"), error.message("en")))
            else:
                self._answer(
                    job,
                    PoolPlanned(
                        job_id=job.job_id,
                        version=1,
                        plan=plan_to_json(planned.plan),
                        seconds=planned.seconds,
                        first_fit_fen=planned.first_fit_fen,
                    ),
                )
        del self._running[future]

    def _note_crash(self, job: JobRow) -> None:
        with self._database.session() as session:
            crashes = release(session, self._holder, [job.job_id], crashes=1)
        log.warning("planner process died", extra={"job_id": job.job_id, "crashes": crashes})
        if crashes >= CRASHES_MAX:
            zh, en = f"规划进程 {crashes} 次意外结束。", f"The planner's process died {crashes} times."
            self._answer(job, _not_planned(job, crashes, zh, en))

    def _answer(self, job: JobRow, event: PoolPlanned | PoolNotPlanned) -> None:
        with self._database.session() as session:
            if end_job(session, job.job_id):
                cause = Cause(job.correlation_id, job.cause_id)
                emit(session, event, source=SOURCE, cause=cause, clock=self._clock)


def _not_planned(job: JobRow, crashes: int, zh: str, en: str) -> PoolNotPlanned:
    return PoolNotPlanned(job_id=job.job_id, version=1, crashes=crashes, zh=zh, en=en)
