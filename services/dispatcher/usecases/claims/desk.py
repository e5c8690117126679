"""The desk at which claims are handled: one transaction an act, for programs and pages alike; decides nothing itself."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session

from services.dispatcher.money.claims.claim import Act, ClaimNotReady, ClaimState
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimRow, PeriodRow
from services.dispatcher.usecases.claims import draft, pay, review
from services.dispatcher.usecases.claims.check import check_claim
from services.dispatcher.usecases.claims.draft import Claimable, PapersIn
from services.dispatcher.usecases.claims.gather import ask_people, requests_by_day
from services.dispatcher.usecases.claims.owed import Overpaid, list_overpaid
from services.dispatcher.usecases.claims.pay import Closing
from shared.database import Database
from shared.directory import Directory, PersonCheck
from shared.kernel.clock import Clock
from shared.kernel.errors import Forbidden, NotFound
from shared.messaging import Cause
from shared.security import Principal, Seal, covers

T = TypeVar("T")
_UNCHECKED = (ClaimState.DRAFT, ClaimState.RETURNED, ClaimState.REJECTED)


class NoSuchDocument(NotFound):
    """Claim {claim_id} has no document {evidence_id}. Reload the claim."""

    zh = "申报 {claim_id} 没有文件 {evidence_id}。请刷新。"


class NotYourCounty(Forbidden):
    """County {county_code} is outside your area ({areas}). Leave it to its own offices."""

    zh = "{county_code} 不在您的辖区（{areas}）内。请由当地部门办理。"


@dataclass(frozen=True)
class ClaimDesk:
    """Everything that is done to claims, each act by somebody who may see the claim."""

    database: Database
    directory: Directory
    seal: Seal
    clock: Clock

    def list_claimable(self, principal: Principal) -> list[Claimable]:
        """What the caller could claim."""
        with self.database.session() as session:
            return draft.list_claimable(session, principal)

    def draft(self, principal: Principal, county_code: str, season: str, cause: Cause) -> list[ClaimRow]:
        """Drafts of all that the caller may claim in a county's season."""
        with self.database.session() as session:
            return draft.draft_claim(session, principal, county_code, season, cause, self.clock)

    def write_papers(self, principal: Principal, claim_id: str, papers: PapersIn) -> None:
        """What the claimant declares."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: draft.write_papers(s, principal, claim, papers, self.seal, self.clock),
        )

    def drop_trips(self, principal: Principal, claim_id: str, trip_ids: Iterable[str]) -> None:
        """Take trips out of a draft."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: draft.drop_trips(s, principal, claim, trip_ids, self.clock),
        )

    def drop_requests(self, principal: Principal, claim_id: str, request_ids: Iterable[str]) -> None:
        """Take single workers out of a draft."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: draft.drop_requests(s, principal, claim, request_ids, self.clock),
        )

    def add_evidence(self, principal: Principal, claim_id: str, kind: str, name: str, content: bytes) -> str:
        """Hand a document in; its id."""
        sha256 = hashlib.sha256(content).hexdigest()

        def add(session: Session, claim: ClaimRow) -> str:
            row = draft.add_evidence(
                session, principal, claim, kind, name, content, sha256, self.seal, self.clock
            )
            return row.evidence_id

        return self._act(principal, claim_id, add)

    def open_evidence(self, principal: Principal, claim_id: str, evidence_id: str) -> tuple[str, bytes]:
        """A document's name and content. Raises NoSuchDocument."""
        with self.database.session() as session:
            claims.get_claim(session, claim_id, principal)
            row = claims.find_evidence(session, claim_id, evidence_id)
            if row is None:
                raise NoSuchDocument(claim_id=claim_id, evidence_id=evidence_id)
            name = self.seal.open(row.name, f"evidence/{evidence_id}/name")
            return name, self.seal.open_bytes(row.content, f"evidence/{evidence_id}/content")

    def submit(self, principal: Principal, claim_id: str) -> None:
        """Hand a claim in, and check it. Where the registry is away it stays submitted, to be checked later: Unavailable."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: draft.submit_claim(s, principal, claim, self.clock),
        )
        self.check(principal, claim_id)

    def check(self, principal: Principal, claim_id: str) -> None:
        """Run the sixteen checks with what the registry knows now, and until the notice work the amounts out. Raises ClaimNotReady,
        Unavailable."""
        people = self._people(principal, claim_id)

        def run(session: Session, claim: ClaimRow) -> None:
            if claim.state in _UNCHECKED:
                possible = ", ".join(state for state in ClaimState if state not in _UNCHECKED)
                raise ClaimNotReady(claim_id=claim_id, state=claim.state, act="check", possible=possible)
            check_claim(session, claim, people, self.clock)

        self._act(principal, claim_id, run)

    def take_up(self, principal: Principal, claim_id: str) -> None:
        """Begin the review."""
        self._act(principal, claim_id, lambda s, claim: review.take_up(s, principal, claim, self.clock))

    def clear_flag(self, principal: Principal, claim_id: str, number: int, why: str) -> None:
        """Let a flag pass for a reason."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: review.clear_flag(s, principal, claim, number, why, self.clock),
        )

    def decide(self, principal: Principal, claim_id: str, act: Act, why: str) -> None:
        """Return, reject, suspend or resume."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: review.decide(s, principal, claim, act, why, self.clock),
        )

    def publicise(self, principal: Principal, claim_id: str) -> None:
        """Publish the notice."""
        self._act(principal, claim_id, lambda s, claim: review.publicise(s, principal, claim, self.clock))

    def object(self, principal: Principal, claim_id: str, words: str) -> None:
        """Keep somebody's objection to the notice."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: review.file_objection(s, claim, words, principal.subject, self.seal, self.clock),
        )

    def answer_objection(self, principal: Principal, claim_id: str, objection_id: str, answer: str) -> None:
        """Answer an objection."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: review.answer_objection(s, principal, claim, objection_id, answer, self.clock),
        )

    def approve(self, principal: Principal, claim_id: str, cause: Cause) -> None:
        """Approve after the notice, by what the registry knows now. Raises Unavailable."""
        people = self._people(principal, claim_id)
        self._act(
            principal,
            claim_id,
            lambda s, claim: review.approve(s, principal, claim, people, cause, self.clock),
        )

    def receive(self, principal: Principal, claim_id: str) -> None:
        """Take an approved claim into finance's review."""
        self._act(principal, claim_id, lambda s, claim: pay.receive(s, principal, claim, self.clock))

    def pay(self, principal: Principal, claim_id: str, payment_no: str, cause: Cause) -> None:
        """Pay what was approved."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: pay.pay(s, principal, claim, payment_no, cause, self.clock),
        )

    def open_clawback(
        self, principal: Principal, claim_id: str, request_ids: Iterable[str], why: str, cause: Cause
    ) -> None:
        """Ask back what was paid for some workers, and what is owed no longer."""
        wrong = list(request_ids)
        self._act(
            principal,
            claim_id,
            lambda s, claim: pay.open_clawback(s, principal, claim, wrong, why, cause, self.clock),
        )

    def recover(self, principal: Principal, claim_id: str, receipt_no: str, cause: Cause) -> None:
        """Book what was given back."""
        self._act(
            principal,
            claim_id,
            lambda s, claim: pay.recover(s, principal, claim, receipt_no, cause, self.clock),
        )

    def archive(self, principal: Principal, claim_id: str) -> None:
        """Put a claim away."""
        self._act(principal, claim_id, lambda s, claim: pay.archive(s, principal, claim, self.clock))

    def list_overpaid(self, principal: Principal, county_code: str, season: str) -> list[Overpaid]:
        """What was paid of a county's season beyond what is owed now, and nobody has asked back yet; nothing of a neighbour's."""
        if not covers(principal, county_code):
            return []
        with self.database.session() as session:
            return list_overpaid(session, claims.list_paid_trips(session, county_code, season))

    def foresee_close(self, principal: Principal, county_code: str, season: str) -> Closing:
        """What closing a county's season would do. Raises NotYourCounty."""
        _require_county(principal, county_code)
        with self.database.session() as session:
            return pay.foresee_close(session, county_code, season)

    def close_period(self, principal: Principal, county_code: str, season: str, cause: Cause) -> PeriodRow:
        """Close a county's season. Raises NotYourCounty, ClaimsOpen, PeriodClosed."""
        _require_county(principal, county_code)
        with self.database.session() as session:
            return pay.close_period(session, principal, county_code, season, cause, self.clock)

    def _people(self, principal: Principal, claim_id: str) -> dict[str, PersonCheck]:
        with self.database.session() as session:
            days = requests_by_day(session, claims.get_claim(session, claim_id, principal))
        return ask_people(self.directory, days, principal.subject)

    def _act(self, principal: Principal, claim_id: str, act: Callable[[Session, ClaimRow], T]) -> T:
        with self.database.session() as session:
            return act(session, claims.get_claim(session, claim_id, principal, lock=True))


def _require_county(principal: Principal, county_code: str) -> None:
    if not covers(principal, county_code):
        raise NotYourCounty(county_code=county_code, areas=", ".join(principal.areas) or "-")
