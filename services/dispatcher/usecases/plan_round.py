"""Plans rounds: has the planners asked for every pool, keeps the answers that pass the checks, proposes the round. Plans nothing itself.

Every step is in the database, so a round goes on with whoever takes it up. Pools of one home prefecture share its coaches. Their plans
are kept in a fixed order, largest pool first, and each is asked for with the coaches that are left: one after the other where a type
is scarce, all at once where there is enough of each for all. A plan that needs a coach which one before it has taken all the same is
asked for again, so the fleet is never overdrawn, and no pool is planned more than twice.
"""

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait

from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState, measure_gap
from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.plan_format import write_plan
from services.dispatcher.planning.processes import Processes
from services.dispatcher.roads import Roads
from services.dispatcher.store.rounds import PoolProgress, get_round, list_progress, list_unplanned
from services.dispatcher.store.tables import PoolPlanRow
from services.dispatcher.usecases.fail_round import fail_round
from services.dispatcher.usecases.freeze_pools import count_coaches, count_left, freeze_pools
from services.dispatcher.usecases.propose_round import propose_round
from services.dispatcher.usecases.request_plan import Search, choose_next, request_plan
from shared.database import Database, try_hold
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.logs import correlation
from shared.messaging import keep_at
from shared.metrics import Metrics

POLL_S = 0.2

log = logging.getLogger(__name__)


class PlanRounds:
    """The worker that brings what has been requested to its proposal. `judges`: processes that check answers."""

    name = "rounds"

    def __init__(
        self,
        database: Database,
        roads: Roads,
        judges: Processes[Judged],
        search: Search,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._database, self._roads, self._judges = database, roads, judges
        self._search, self._metrics, self._clock = search, metrics, clock
        self._judging: dict[str, Future[Judged]] = {}

    def run(self, stop: threading.Event) -> None:
        """Plan rounds until `stop`; a round that `stop` cuts short is taken up again by the next process."""

        def look() -> None:
            with self._database.session() as session:
                waiting = list_unplanned(session)
            for round_id in waiting:
                self.go_on(round_id, stop)
            if not waiting:
                self._judging.clear()  # of rounds that have failed
            if self._judging:
                wait(self._judging.values(), timeout=POLL_S, return_when=FIRST_COMPLETED)

        keep_at(look, POLL_S, self.name, stop)

    def go_on(self, round_id: str, stop: threading.Event) -> None:
        """Do for the round what can be done now or until `stop`, unless another process is at it. A round that cannot be planned
        fails."""
        with try_hold(self._database, f"zhida.round.{round_id}") as mine:
            chain = self._find_chain(round_id) if mine else None
            if chain is not None:
                with correlation(chain):
                    self._go_on_held(round_id, stop)

    def _go_on_held(self, round_id: str, stop: threading.Event) -> None:
        try:
            with self._database.session() as session:
                freeze_pools(session, round_id, self._roads)
            while not stop.is_set() and self._ask_and_keep(round_id, stop):
                pass
        except Unavailable:
            raise
        except ZhidaError as error:
            with self._database.session() as session:
                if fail_round(session, round_id, error.message("zh"), error.message("en")):
                    self._metrics.rounds.labels(RoundState.FAILED).inc()

    def _find_chain(self, round_id: str) -> str | None:
        """The chain of a round that is still to be planned: another process may have planned it since it was listed,
        so it is looked at once it is held."""
        with self._database.session() as session:
            waits = round_id in list_unplanned(session)
            return get_round(session, round_id).correlation_id if waits else None

    def _ask_and_keep(self, round_id: str, stop: threading.Event) -> bool:
        """Have every answer judged, ask for the pools that can be planned now, and keep the answers whose turn it is. Whether
        something was kept, so that another's turn may have come."""
        with self._database.session() as session:
            pools = list_progress(session, round_id)
        for pool in pools:
            if pool.answered and pool.job_id and pool.job_id not in self._judging:
                self._judging[pool.job_id] = self._judge(round_id, pool.pool_id)
        if all(pool.done for pool in pools):
            with self._database.session() as session:
                propose_round(session, round_id)
            log.info("round proposed", extra={"round_id": round_id})
            self._metrics.rounds.labels(RoundState.PROPOSED).inc()
            return False
        homes = _list_undone(pools)
        for home, undone in homes.items():
            self._ask(round_id, home, undone, stop)
        return sum(self._keep(round_id, undone[0]) for undone in homes.values()) > 0

    def _ask(self, round_id: str, home: str, undone: list[PoolProgress], stop: threading.Event) -> None:
        if all(pool.job_id for pool in undone):
            return
        with self._database.session() as session:
            chosen = choose_next(session, round_id, home, undone)
        for pool_id in chosen:
            if not stop.is_set():
                with self._database.session() as session:
                    request_plan(session, round_id, pool_id, self._search, self._roads, self._clock)

    def _judge(self, round_id: str, pool_id: str) -> Future[Judged]:
        with self._database.session() as session:
            pool_plan = session.get_one(PoolPlanRow, (round_id, pool_id))
        return self._judges.ask(pool_id, pool_plan.problem, pool_plan.answer)

    def _keep(self, round_id: str, pool: PoolProgress) -> bool:
        """Keep the judged answer of a pool whose turn it is, or ask again; False while it is not judged. Raises PlanRefused."""
        judging = self._judging.get(pool.job_id or "")
        if judging is None or not judging.done():
            return False
        del self._judging[pool.job_id or ""]
        judged = judging.result()
        text_of_plan = write_plan(judged.plan)
        with self._database.session() as session:
            row = get_round(session, round_id)
            pool_plan = session.get_one(PoolPlanRow, (round_id, pool.pool_id))
            if pool_plan.plan is not None or pool_plan.job_id != pool.job_id:
                return True  # who has lost its hold with the database may have been overtaken
            left = count_left(session, row, Pool.from_id(pool.pool_id).home)
            if any(count > left.get(coach, 0) for coach, count in count_coaches(text_of_plan).items()):
                request_plan(session, round_id, pool.pool_id, self._search, self._roads, self._clock)
                return True
            row.version += 1
            pool_plan.plan, pool_plan.answer = text_of_plan, None
            pool_plan.cost_fen, pool_plan.bound_fen = judged.plan.cost_fen, judged.bound_fen
            self._metrics.planning_duration_s.observe(pool_plan.seconds)
        gap = measure_gap(judged.plan.cost_fen, judged.bound_fen)
        if gap is not None:
            self._metrics.planning_gap.observe(gap)
        return True


def _list_undone(pools: list[PoolProgress]) -> dict[str, list[PoolProgress]]:
    """Home prefecture -> its pools that are not done, the first of which has its turn."""
    homes: dict[str, list[PoolProgress]] = {}
    for pool in pools:
        if not pool.done:
            homes.setdefault(Pool.from_id(pool.pool_id).home, []).append(pool)
    return homes
