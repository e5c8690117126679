"""What escort and enterprise say of one worker, weighed together: one rule for the money and for what a bureau sees."""

from shared.events.handovers import Outcome


def weigh(marked: str | None, said: str | None) -> Outcome | None:
    """What became of a worker by the escort's mark (`boarded`, `no_show`) and the enterprise's outcome; None while open.

    The enterprise has the last word, but a worker whom the escort marked as not come and the enterprise as arrived is
    in dispute: no subsidy without boarding and confirmation (`domain.md` §6, invariant 6).
    """
    if said is None:
        return Outcome.NO_SHOW if marked == Outcome.NO_SHOW else None
    if said == Outcome.ARRIVED and marked == Outcome.NO_SHOW:
        return Outcome.DISPUTED
    return Outcome(said)
