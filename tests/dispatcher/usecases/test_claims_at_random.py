"""Whatever several people do to claims in whatever order: no budget is overdrawn, nobody is paid for twice, no fen is lost."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.dispatcher.money.claims.claim import Act, ClaimState
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimRow
from shared.events import Outcome
from shared.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from shared.messaging import Cause
from shared.security import Principal
from tests.dispatcher.dispatch import Dispatch
from tests.dispatcher.usecases.claiming import COUNTY, PAYER, SEASON, A, B, copied, firm, office

REFUSED = (Conflict, Forbidden, InvalidInput, NotFound)
PEOPLE = [office(name) for name in ("Bao", "Cai", "Fu", "Guo")]
REQUESTS = [f"R{n:04d}" for n in range(18)]
COACHES = [f"T-522732-202002{day}-001" for day in (24, 25, 26)]
SOMEBODY, SOME_CLAIM = st.sampled_from(PEOPLE), st.integers(0, 99)


class Office(RuleBasedStateMachine):
    """Four people of offices who may everything but each other's parts, two enterprises, and words that come late."""

    def __init__(self, postgres: str, arrived: Dispatch) -> None:
        super().__init__()
        self.opened = ExitStack()
        self.claiming = self.opened.enter_context(copied(postgres, arrived))
        self.desk = self.claiming.desk
        # A's of the second coach is B's of the first, and A's of the third is A's of the first.
        self.claiming.people.same |= {"R0006": "person of R0003", "R0012": "person of R0000"}

    def teardown(self) -> None:
        try:
            self._try(lambda: self.desk.close_period(PAYER, COUNTY, SEASON, Cause.fresh()))
            self.claiming.require_sound()
        finally:
            self.opened.close()

    @invariant()
    def all_is_sound(self) -> None:
        self.claiming.require_sound()

    @initialize(steps=st.lists(st.integers(2, 8), min_size=3, max_size=3))
    def begin(self, steps: list[int]) -> None:
        """Some claims are there, each somewhere on its way; one person reviews, another pays."""
        for (organisation, coach), many in zip(
            ((A, COACHES[0]), (B, COACHES[0]), (A, COACHES[1])), steps, strict=True
        ):
            self.draft(organisation, {coach})
            self.go_on(-1, many, PEOPLE[0], PEOPLE[1])

    @rule(organisation=st.sampled_from([A, B]), wanted=st.sets(st.sampled_from(COACHES), min_size=1))
    def draft(self, organisation: str, wanted: set[str]) -> None:
        who = firm(organisation)
        owing = {trip_id for one in self.desk.list_claimable(who) for trip_id in one.requests}
        if owing & wanted:
            self._submit(self.claiming.draft(who, wanted), who)

    @precondition(lambda self: self.claiming.claims())
    @rule(which=SOME_CLAIM, steps=st.integers(1, 7), reviewer=SOMEBODY, payer=SOMEBODY)
    def go_on(self, which: int, steps: int, reviewer: Principal, payer: Principal) -> None:
        for _ in range(steps):
            claim = self._claim(which)
            taken_up_by = self._taken_up_by(claim.claim_id) or reviewer
            self._try(lambda claim=claim, by=taken_up_by: self._next(claim, by, payer))

    @precondition(lambda self: self.claiming.claims())
    @rule(
        which=SOME_CLAIM, who=SOMEBODY, act=st.sampled_from([Act.RETURN, Act.REJECT, Act.SUSPEND, Act.RESUME])
    )
    def decide(self, which: int, who: Principal, act: Act) -> None:
        self._try(lambda: self.desk.decide(who, self._claim(which).claim_id, act, "另有情况"))

    @rule(request_id=st.sampled_from(REQUESTS[:12]), outcome=st.sampled_from(Outcome))
    def say(self, request_id: str, outcome: Outcome) -> None:
        self.claiming.say(request_id, outcome)

    @precondition(lambda self: any(claim.paid_fen for claim in self.claiming.claims()))
    @rule(which=SOME_CLAIM, who=SOMEBODY, places=st.sets(st.integers(0, 8), max_size=3))
    def claw_back(self, which: int, who: Principal, places: set[int]) -> None:
        paid = [claim for claim in self.claiming.claims() if claim.paid_fen]
        claim_id = paid[which % len(paid)].claim_id
        held = [one for one, seat in self.claiming.seats(claim_id).items() if seat.holds]
        named = [held[place] for place in places if place < len(held)]
        self._try(lambda: self.desk.open_clawback(who, claim_id, named, "审计发现", Cause.fresh()))

    @precondition(lambda self: self.claiming.claims())
    @rule(
        which=SOME_CLAIM,
        who=SOMEBODY,
        act=st.sampled_from(["check", "take_up", "receive", "archive", "publicise"]),
    )
    def meddle(self, which: int, who: Principal, act: str) -> None:
        self._try(lambda: getattr(self.desk, act)(who, self._claim(which).claim_id))

    @precondition(lambda self: self.claiming.claims())
    @rule(which=SOME_CLAIM, request_id=st.sampled_from(REQUESTS))
    def drop(self, which: int, request_id: str) -> None:
        claim = self._claim(which)
        self._try(lambda: self.desk.drop_requests(firm(claim.claimant_id), claim.claim_id, [request_id]))

    def _claim(self, which: int) -> ClaimRow:
        found = self.claiming.claims()
        return found[which % len(found)]

    def _taken_up_by(self, claim_id: str) -> Principal | None:
        with self.claiming.dispatch.database.session() as session:
            history = claims.history(session, claim_id)
        taken = [step.by for step in history if step.act is Act.TAKE_UP]
        return office(taken[-1]) if taken else None

    def _submit(self, claim_id: str, who: Principal) -> None:
        self.claiming.fill(claim_id, who)
        self.desk.submit(who, claim_id)

    def _next(self, claim: ClaimRow, reviewer: Principal, payer: Principal) -> None:
        """What its state waits for."""
        claim_id, desk = claim.claim_id, self.desk

        def look() -> None:
            for flag in self.claiming.flags(claim_id):
                if flag.cleared_by is None:
                    self._try(lambda flag=flag: desk.clear_flag(reviewer, claim_id, flag.number, "已核对"))

        def publicise() -> None:
            desk.check(reviewer, claim_id)
            look()
            desk.publicise(reviewer, claim_id)

        def approve() -> None:
            self.claiming.dispatch.clock.advance(days=9)
            desk.check(reviewer, claim_id)
            look()
            desk.approve(reviewer, claim_id, Cause.fresh())

        acts: dict[str, Callable[[], object]] = {
            ClaimState.DRAFT: lambda: self._submit(claim_id, firm(claim.claimant_id)),
            ClaimState.RETURNED: lambda: self._submit(claim_id, firm(claim.claimant_id)),
            ClaimState.PRECHECKED: lambda: desk.take_up(reviewer, claim_id),
            ClaimState.UNDER_REVIEW: publicise,
            ClaimState.PUBLICISED: approve,
            ClaimState.APPROVED: lambda: desk.receive(payer, claim_id),
            ClaimState.FINANCE_REVIEW: lambda: desk.pay(payer, claim_id, f"ZF-{claim_id}", Cause.fresh()),
            ClaimState.SUSPENDED: lambda: desk.decide(reviewer, claim_id, Act.RESUME, "已核实"),
            ClaimState.CLAWBACK_OPEN: lambda: desk.recover(payer, claim_id, f"SK-{claim_id}", Cause.fresh()),
        }
        if claim.state in acts:
            acts[claim.state]()

    def _try(self, act: Callable[[], object]) -> None:
        """Do it, or be refused as people are: anything else that is raised fails the test."""
        with suppress(*REFUSED):
            act()


def test_whatever_is_done_to_claims_the_money_stays_sound(postgres: str, arrived: Dispatch) -> None:
    run_state_machine_as_test(
        lambda: Office(postgres, arrived),
        settings=settings(
            max_examples=5,
            stateful_step_count=12,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],  # to shrink a failure would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
