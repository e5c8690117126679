"""Takes a claim from one state to the next and writes down who did it; decides no amount."""

from sqlmodel import Session

from services.dispatcher.money.claims.claim import Act, ClaimState, Note, follow, require_separate
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimRow, ClaimStepRow
from shared.database import hold
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict


class PeriodClosed(Conflict):
    """Season {season} of county {county_code} was closed by finance. A correction needs the next season's books."""

    zh = "{county_code} 的 {season} 已由财政部门结账。更正须在下一季节账内办理。"


def take_step(session: Session, claim: ClaimRow, act: Act, by: str, clock: Clock, note: str = "") -> None:
    """The act's state, written down with who did it. Raises ClaimNotReady, DutiesNotSeparate, ReviewerChanged."""
    wanted = follow(claim.claim_id, claim.state, act)
    require_separate(claim.claim_id, claims.history(session, claim.claim_id), act, by)
    claim.state = wanted.value
    claim.version += 1
    _write_step(session, claim, act.value, by, clock, note)


def take_note(session: Session, claim: ClaimRow, act: Note, by: str, clock: Clock, note: str = "") -> None:
    """Write down who did what left the state as it is. Raises DutiesNotSeparate."""
    require_separate(claim.claim_id, claims.history(session, claim.claim_id), act, by)
    claim.version += 1
    _write_step(session, claim, act.value, by, clock, note)


def _write_step(session: Session, claim: ClaimRow, act: str, by: str, clock: Clock, note: str) -> None:
    number = len(claims.list_steps(session, claim.claim_id)) + 1
    session.add(
        ClaimStepRow(
            claim_id=claim.claim_id,
            number=number,
            act=act,
            state=ClaimState(claim.state).value,
            actor=by,
            note=note,
            at=clock.now(),
        )
    )
    session.flush()


def require_open(session: Session, county_code: str, season: str, *, closing: bool = False) -> None:
    """Raises PeriodClosed once finance has closed the county's season. Whoever is closing it waits for all who go by its being
    open, and they for it."""
    hold(session, f"period/{county_code}/{season}", shared=not closing)
    if claims.find_period(session, county_code, season) is not None:
        raise PeriodClosed(county_code=county_code, season=season)
