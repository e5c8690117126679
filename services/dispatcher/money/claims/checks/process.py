"""Checks who claims for whom, and that submitter, reviewer and payer are different people."""

from collections import defaultdict

from services.dispatcher.money.claims.checks.counting import claimants_of, provisions_for
from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.facts import ClaimFacts

SUBMIT, REVIEW, PAY = "submit", "review", "pay"

OTHER_CLAIMANT = Cause(
    "F13",
    "other_claimant",
    Severity.REVIEW,
    zh="申报人 {claimant_id} 为班次 {trip_id} 的 {heads} 人申报，而按政策 {policy} 应由 {rightful_id} 申报。请由其申报，或提交合并申报协议。",
    en="{claimant_id} claims for {heads} people of trip {trip_id} for whom {rightful_id} may claim by policy {policy}. Have it claim, or bring the agreement to claim together.",
)
NO_PROVISION = Cause(
    "F13",
    "no_provision",
    Severity.REVIEW,
    zh="班次 {trip_id} 的 {heads} 人不属于政策 {policy} 任何一条的补贴对象。请核对组织方式和人员类别，或将其移出本次申报。",
    en="Policy {policy} has no provision for {heads} people of trip {trip_id}. Check their organising mode and category, or take them out of the claim.",
)
HEADS_DIFFER = Cause(
    "F13",
    "heads_differ",
    Severity.REVIEW,
    zh="申报人在班次 {trip_id} 申报 {claimed} 人，上车并确认到岗、可由其申报的为 {confirmed} 人。请更正申报人数。",
    en="The claimant asks for {claimed} heads of trip {trip_id}; {confirmed} boarded, were confirmed, and are its to claim for. Correct the heads.",
)
NOT_ITS_OWNERSHIP = Cause(
    "F13",
    "not_its_ownership",
    Severity.BLOCK,
    zh="申报人声明的所有制为“{ownership}”，政策 {policy} 只补贴：{ownerships}。请更正声明；不符合的不能申报。",
    en="The claimant declares to be {ownership}; policy {policy} pays {ownerships} only. Correct the declaration; others cannot claim.",
)
OWNERSHIP_UNDECLARED = Cause(
    "F13",
    "ownership_undeclared",
    Severity.REVIEW,
    zh="申报人未声明所有制，政策 {policy} 只补贴：{ownerships}。请补充声明，审核人核对登记信息。",
    en="The claimant has not declared its ownership; policy {policy} pays {ownerships} only. Add the declaration, and compare it with the register.",
)
TWO_DUTIES = Cause(
    "F15",
    "two_duties",
    Severity.BLOCK,
    zh="账号 {subject} 在本申报中承担了多项职责（{duties}）；提交、审核、支付须由不同人员办理。请由其他人员重新办理。",
    en="Account {subject} did more than one of the duties on this claim ({duties}); submitter, reviewer and payer must be different people. Have somebody else do it again.",
)
REVIEWER_CHANGED = Cause(
    "F15",
    "reviewer_changed",
    Severity.BLOCK,
    zh="本申报最近一次提交后由 {count} 个账号审核（{subjects}）；提交后不得更换审核人。请退回申报，重新提交后由一人审核到底。",
    en="{count} accounts have reviewed this claim since it was last submitted ({subjects}); the reviewer may not change. Return it, to be submitted again and reviewed by one from beginning to end.",
)


def f13_not_its_people(facts: ClaimFacts) -> list[Flag]:
    """Somebody else may claim for these people (their enterprise, the lead enterprise, the carrier: by the policy), nobody may,
    or the heads claimed are not those confirmed (`domain.md` §2.1, §2.5 F13): review. Whose an enterprise says it is, and the
    policy does not pay: block, by its own word; a carrier's claim needs no such word."""
    policy, find = facts.policy, provisions_for(facts.policy)
    flags = _ownership(facts)
    for trip, seats in facts.claimed_seats:
        rightful_of = claimants_of(policy, trip, find)
        others: dict[str | None, list[str]] = defaultdict(list)
        for seat in seats:
            rightful = rightful_of(seat)
            if rightful != facts.claimant_id:
                others[rightful].append(seat.request_id)
        for rightful, ids in others.items():
            about = (trip.trip_id, tuple(sorted(ids)))
            if rightful is None:
                flags.append(NO_PROVISION.flag(*about, heads=len(ids), policy=policy.key))
            else:
                flags.append(
                    OTHER_CLAIMANT.flag(
                        *about,
                        claimant_id=facts.claimant_id,
                        rightful_id=rightful,
                        heads=len(ids),
                        policy=policy.key,
                    )
                )
        confirmed = sum(seat.arrived and rightful_of(seat) == facts.claimant_id for seat in trip.seats)
        claimed = facts.claimed_heads.get(trip.trip_id, 0)
        if claimed != confirmed:
            flags.append(HEADS_DIFFER.flag(trip.trip_id, claimed=claimed, confirmed=confirmed))
    return flags


def _ownership(facts: ClaimFacts) -> list[Flag]:
    policy, declared = facts.policy, facts.declared_ownership
    if not policy.ownerships or any(trip.carrier_id == facts.claimant_id for trip in facts.trips):
        return []
    ownerships = tuple(one.value for one in policy.ownerships)
    if declared is None:
        return [OWNERSHIP_UNDECLARED.flag(policy=policy.key, ownerships=ownerships)]
    if declared in ownerships:
        return []
    return [NOT_ITS_OWNERSHIP.flag(policy=policy.key, ownership=declared, ownerships=ownerships)]


def f15_duties_not_separate(facts: ClaimFacts) -> list[Flag]:
    """One account in two of submit, review and pay, ever; or a second account that reviews what was submitted last
    (`domain.md` §2.5 F15, §6 invariant 9). A claim that was returned and submitted again may have another reviewer."""
    duties: dict[str, set[str]] = defaultdict(set)
    reviewers: set[str] = set()
    for act, subject in facts.actors:
        if act in (SUBMIT, REVIEW, PAY):
            duties[subject].add(act)
        if act == SUBMIT:
            reviewers.clear()
        elif act == REVIEW:
            reviewers.add(subject)
    flags = [
        TWO_DUTIES.flag(subject=subject, duties=tuple(sorted(done)))
        for subject, done in duties.items()
        if len(done) > 1
    ]
    if len(reviewers) > 1:
        flags.append(REVIEWER_CHANGED.flag(count=len(reviewers), subjects=tuple(sorted(reviewers))))
    return flags
