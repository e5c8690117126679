"""Checks who somebody is: on two rosters, paid already, an allowance of their own, an ID that cannot be, no work afterwards."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.facts import ClaimFacts, Person, Seat, TripFacts
from shared.kernel.clock import local_date

AGE_MIN_YEARS = 16
"""Labour Law of the PRC, article 15."""
PHONE_SHARERS_MAX = 5
TRACKED_MONTHS = 3

ROSTERS_OVERLAP = Cause(
    "F01",
    "rosters_overlap",
    Severity.BLOCK,
    zh="申请 {requests} 的出发日期（{earliest} 至 {latest}）与同一人的申请 {other_id}（县 {other_county}，{other_earliest} 至 {other_latest}）重叠；同一人同一时段只能有一份申请。请撤回其中一份，或将其移出本次申报。",
    en="Request {requests} ({earliest} to {latest}) overlaps request {other_id} of the same person (county {other_county}, {other_earliest} to {other_latest}); nobody may be on two rosters at once. Withdraw one of them, or take this one out of the claim.",
)
PAID_BEFORE = Cause(
    "F02",
    "paid_before",
    Severity.BLOCK,
    zh="申请 {requests} 的本人在 {season} 季已由申报 {paid_by} 领取补贴；每人每季只能补贴一次。请将其移出本次申报。",
    en="The person of request {requests} has been paid for by claim {paid_by} in season {season} already; each is paid for once a season. Take them out of this claim.",
)
TWICE_IN_CLAIM = Cause(
    "F02",
    "twice_in_claim",
    Severity.BLOCK,
    zh="本申报在班次 {trip_ids} 中为同一人申报了 {seats} 个座位（申请 {requests}）；每人每季只能补贴一次。请只保留一个。",
    en="This claim asks for {seats} seats of one person (requests {requests}) on trips {trip_ids}; each is paid for once a season. Keep one of them.",
)
HAS_ALLOWANCE = Cause(
    "F03",
    "has_allowance",
    Severity.BLOCK,
    zh="申请 {requests} 的本人当年已领取个人交通补贴（来源：{source}）；政策 {policy} 规定不得重复享受。请将其移出本次申报，或请发放单位更正名单。",
    en="The person of request {requests} has an individual transport allowance in the year ({source}); policy {policy} does not pay beside it. Take them out of the claim, or have that office correct its list.",
)
UNKNOWN_PERSON = Cause(
    "F12",
    "unknown_person",
    Severity.BLOCK,
    zh="登记服务中没有申请 {requests}；只能为已登记的人员申报。请核对花名册，或将其移出本次申报。",
    en="The registry knows nobody behind request {requests}; only registered people may be claimed for. Check the roster, or take it out of the claim.",
)
ID_INVALID = Cause(
    "F12",
    "id_invalid",
    Severity.BLOCK,
    zh="申请 {requests} 的身份证号未通过校验（GB 11643）。请由县级部门核对证件并更正花名册。",
    en="The resident ID of request {requests} fails its check (GB 11643). Have the county compare it with the card and correct the roster.",
)
TOO_YOUNG = Cause(
    "F12",
    "too_young",
    Severity.BLOCK,
    zh="申请 {requests} 的本人乘车当日未满 {age_min} 周岁。请将其移出本次申报，并上报劳动监察。",
    en="The person of request {requests} was younger than {age_min} on the day of the trip, the least age for work. Take them out of the claim, and tell the labour inspection.",
)
DECEASED = Cause(
    "F12",
    "deceased",
    Severity.BLOCK,
    zh="名单显示申请 {requests} 的本人在乘车日期 {day} 之前已死亡。请核实乘车人身份，或请名单提供单位更正。",
    en="By the lists the person of request {requests} had died before the trip of {day}. Find out who rode, or have the office that keeps the list correct it.",
)
PHONE_SHARED = Cause(
    "F12",
    "phone_shared",
    Severity.REVIEW,
    zh="申请 {requests} 的手机号由 {people} 人共用，超过 {people_max} 人。请电话或上门核实本人，并注明结果。",
    en="{people} people share the phone of request {requests}; more than {people_max} are looked at. Call or visit the person, and note what was found.",
)
ERASED_PERSON = Cause(
    "F12",
    "erased_person",
    Severity.REVIEW,
    zh="申请 {requests} 的个人信息已删除，无法再核对身份、年龄和名单。请凭删除前的核查结果审核。",
    en="The personal data of request {requests} has been erased: ID, age and lists can be checked no more. Review it by what was found before.",
)
NOT_EMPLOYED = Cause(
    "F14",
    "not_employed",
    Severity.CLAW_BACK_CANDIDATE,
    zh="申请 {requests} 的本人于 {arrived_on} 到岗，{first_month} 至 {last_month} 的社保、工资或跟踪名单中均无在岗记录；三个月内至少应有一条。请向企业核实，补交在岗证明或追回补贴。",
    en="The person of request {requests} arrived on {arrived_on} and is on no employment list (insurance, wages, tracking) from {first_month} to {last_month}; one record in three months is the least. Ask the enterprise for proof, or claw the subsidy back.",
)


def f01_rosters_overlap(facts: ClaimFacts) -> list[Flag]:
    """The same ID on two rosters whose windows share a day, in any county and season (`domain.md` §2.5 F01).

    A withdrawn request does not count. Two requests of the claim itself are told once, at the lesser id.
    """
    return list(_overlaps(facts))


def _overlaps(facts: ClaimFacts) -> Iterator[Flag]:
    for trip, seat, person in _claimed_people(facts):
        for other in person.others:
            apart = other.latest < seat.earliest or seat.latest < other.earliest
            if apart or other.status == "withdrawn":
                continue
            both = other.request_id in _seated(facts)
            if both and other.request_id < seat.request_id:
                continue
            yield ROSTERS_OVERLAP.flag(
                trip.trip_id,
                (seat.request_id, other.request_id) if both else (seat.request_id,),
                earliest=seat.earliest,
                latest=seat.latest,
                other_id=other.request_id,
                other_county=other.county_code,
                other_earliest=other.earliest,
                other_latest=other.latest,
            )


def _seated(facts: ClaimFacts) -> set[str]:
    return {seat.request_id for _, seats in facts.claimed_seats for seat in seats}


def f02_paid_before(facts: ClaimFacts) -> list[Flag]:
    """The same worker paid for this season by any other claim, or asked for twice by this one (`domain.md` §2.5 F02, §6
    invariant 7). No policy switches it off."""
    seats: dict[str, list[tuple[str, str]]] = defaultdict(list)
    flags = []
    for trip, seat, person in _claimed_people(facts):
        seats[person.person].append((trip.trip_id, seat.request_id))
        paid_by = facts.paid.get(person.person)
        if paid_by is not None and paid_by != facts.claim_id:
            flags.append(
                PAID_BEFORE.flag(trip.trip_id, (seat.request_id,), season=facts.season, paid_by=paid_by)
            )
    for mine in seats.values():
        if len(mine) > 1:
            trip_ids, request_ids = (tuple(sorted(set(ids))) for ids in zip(*mine, strict=True))
            flags.append(TWICE_IN_CLAIM.flag(None, request_ids, seats=len(mine), trip_ids=trip_ids))
    return flags


def f03_has_allowance(facts: ClaimFacts) -> list[Flag]:
    """An individual transport allowance in the year, where the policy excludes it (`domain.md` §2.2, §2.5 F03)."""
    if not facts.policy.exclusive_with_individual:
        return []
    return [
        HAS_ALLOWANCE.flag(trip.trip_id, (seat.request_id,), source=person.allowance, policy=facts.policy.key)
        for trip, seat, person in _claimed_people(facts)
        if person.allowance is not None
    ]


def f12_person_doubtful(facts: ClaimFacts) -> list[Flag]:
    """Nobody known, an ID that fails its check, under 16 on the day, dead before the day: block. A phone of more than five
    people, or somebody erased, who can be checked no more: review (`domain.md` §2.5 F12). The flag keeps no age and no day of
    death: whoever may see them asks the registry."""
    flags = [
        UNKNOWN_PERSON.flag(trip.trip_id, (seat.request_id,))
        for trip, seats in facts.claimed_seats
        for seat in seats
        if seat.request_id not in facts.people
    ]
    for trip, seat, person in _claimed_people(facts):
        flags += _doubts(trip, seat, person)
    return flags


def _doubts(trip: TripFacts, seat: Seat, person: Person) -> Iterator[Flag]:
    about = (trip.trip_id, (seat.request_id,))
    if person.erased:
        yield ERASED_PERSON.flag(*about)
        return
    if not person.resident_id_valid:
        yield ID_INVALID.flag(*about)
    if person.age is not None and person.age < AGE_MIN_YEARS:
        yield TOO_YOUNG.flag(*about, age_min=AGE_MIN_YEARS)
    if person.deceased_on is not None and person.deceased_on < trip.day:
        yield DECEASED.flag(*about, day=trip.day)
    if person.phone_shared_by is not None and person.phone_shared_by > PHONE_SHARERS_MAX:
        yield PHONE_SHARED.flag(*about, people=person.phone_shared_by, people_max=PHONE_SHARERS_MAX)


def f14_not_employed(facts: ClaimFacts) -> list[Flag]:
    """No employment record, at any enterprise, in the three calendar months after that of the arrival (`domain.md` §2.5 F14).

    Asked once three months have passed since the arrival and the lists of all three months are loaded; never of somebody
    erased, whom no list can be matched with any more.
    """
    known_to = facts.employment_known_to
    due = {}
    for trip in facts.trips:
        arrived_on = local_date(trip.arrives_at)
        months = [_months_after(arrived_on.replace(day=1), n) for n in range(1, TRACKED_MONTHS + 1)]
        over = facts.today >= _months_after(arrived_on, TRACKED_MONTHS)
        if over and known_to is not None and known_to >= months[-1]:
            due[trip.trip_id] = (arrived_on, months)
    flags = []
    for trip, seat, person in _claimed_people(facts) if due else ():
        if trip.trip_id not in due or person.erased:
            continue
        arrived_on, months = due[trip.trip_id]
        if not any(month.replace(day=1) in months for _, month in person.employed):
            flags.append(
                NOT_EMPLOYED.flag(
                    trip.trip_id,
                    (seat.request_id,),
                    arrived_on=arrived_on,
                    first_month=f"{months[0]:%Y-%m}",
                    last_month=f"{months[-1]:%Y-%m}",
                )
            )
    return flags


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _claimed_people(facts: ClaimFacts) -> Iterator[tuple[TripFacts, Seat, Person]]:
    for trip, seats in facts.claimed_seats:
        for seat in seats:
            person = facts.people.get(seat.request_id)
            if person is not None:
                yield trip, seat, person
