"""Checks the coach: too few or too many aboard, in two places at once, registered at neither end."""

from collections import defaultdict
from datetime import timedelta
from itertools import combinations

from services.dispatcher.domain.trip import Answer
from services.dispatcher.money.claims.checks.counting import count_eligible
from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.checks.numbers import key_of
from services.dispatcher.money.claims.facts import BOARDED, ClaimFacts, OtherRun, TripFacts
from shared.kernel.place import Point, great_circle_m

ROAD_PERCENT = 130
"""Road over great circle, and the average speed: `domain.md` §3.5 and §7."""
SPEED_KMH = 80
MUNICIPALITIES = ("11", "12", "31", "50")
"""Beijing, Tianjin, Shanghai, Chongqing: one registration place each, whatever the rest of a code says."""

VEHICLE_TOO_FEW = Cause(
    "F06",
    "vehicle_too_few",
    Severity.BLOCK_VEHICLE,
    zh="班次 {trip_id} 计入补贴的人数为 {heads} 人，低于政策 {policy} 每车最少 {heads_min} 人。请补交漏记的上车和到岗凭证，否则该车不予补贴。",
    en="{heads} people count on trip {trip_id}; policy {policy} asks for {heads_min} a vehicle. Bring the boarding and arrival evidence that is lacking, or this vehicle is not paid for.",
)
ORGANISED_TOO_FEW = Cause(
    "F06",
    "organised_too_few",
    Severity.BLOCK_VEHICLE,
    zh="班次 {trip_id} 所在的一次组织出行（同日、同县、同目的市州）共 {heads} 人计入补贴，低于政策 {policy} 每次最少 {heads_min} 人。请补交漏记的上车和到岗凭证，否则不予补贴。",
    en="{heads} people count on all coaches of trip {trip_id}'s day, county and prefecture; policy {policy} asks for {heads_min} an organised trip. Bring the boarding and arrival evidence that is lacking, or it is not paid for.",
)
_OVERLOADED_ZH = "班次 {trip_id} 乘车 {aboard} 人、申报 {claimed} 人，超过允许的 {seats_max} 人（核定 {seats_approved} 座，含驾驶员）。"
_OVERLOADED_EN = "Trip {trip_id} had {aboard} people aboard and {claimed} claimed; {seats_max} are allowed ({seats_approved} seats approved, the driver's included)."
OVERLOADED = Cause(
    "F07",
    "overloaded",
    Severity.BLOCK,
    zh=_OVERLOADED_ZH + "请核对上车名单，更正申报人数后重新提交。",
    en=_OVERLOADED_EN + " Compare the boarding list, correct the heads and submit again.",
)
OVERLOADED_ALERT = Cause(
    "F07",
    "overloaded_alert",
    Severity.ALERT,
    zh=_OVERLOADED_ZH + "请立即通报交通运输部门核查超员。",
    en=_OVERLOADED_EN + " Tell the transport office at once: the coach may have been overloaded.",
)
PLATE_TWICE = Cause(
    "F08",
    "plate_twice",
    Severity.BLOCK,
    zh="车辆 {plate} 同时出现在班次 {trip_id} 和 {other_trip_id}，时间重叠 {overlap_s} 秒；一辆车不能同时跑两趟。请更正合同上的车牌或班次时间。",
    en="Coach {plate} is on trip {trip_id} and on trip {other_trip_id}, which overlap by {overlap_s} s; no coach runs two trips at once. Correct the plate in the contract, or the times.",
)
PLATE_TOO_FAR = Cause(
    "F08",
    "plate_too_far",
    Severity.BLOCK,
    zh="车辆 {plate} 在班次 {trip_id} 与 {other_trip_id} 之间有 {gap_s} 秒，两地直线距离 {distance_m} 米，按道路系数 1.30、时速 80 公里至少需 {needed_s} 秒。请更正合同上的车牌或班次时间。",
    en="Coach {plate} has {gap_s} s between trips {trip_id} and {other_trip_id}, whose ends lie {distance_m} m apart: at 80 km/h and 1.30 of the straight line it needs {needed_s} s. Correct the plate in the contract, or the times.",
)
NO_END_AT_HOME = Cause(
    "F16",
    "no_end_at_home",
    Severity.REVIEW,
    zh="班次 {trip_id} 的车辆 {plate} 登记地为 {plate_prefecture}，而线路两端为 {county_code} 和 {prefecture_code}；包车线路一端须在车籍地，应急任务除外。请补交应急任务文件，或更换本地车辆的合同。",
    en="Coach {plate} of trip {trip_id} is registered in {plate_prefecture}, and the line runs from {county_code} to {prefecture_code}; one end must be where the coach is registered, but for ordered emergencies. Bring the order, or the contract of a coach from either end.",
)


def f06_too_few(facts: ClaimFacts) -> list[Flag]:
    """Below the policy's floor of a vehicle, or of an organised trip; only those count who came and whom a provision is for
    (`domain.md` §2.1, §2.5 F06)."""
    policy = facts.policy
    flags = []
    for trip in facts.trips:
        for cause, heads, heads_min in (
            (VEHICLE_TOO_FEW, count_eligible(policy, trip.seats), policy.min_passengers_vehicle),
            (ORGANISED_TOO_FEW, trip.organised_heads, policy.min_passengers_trip),
        ):
            if heads < heads_min:
                flags.append(cause.flag(trip.trip_id, heads=heads, heads_min=heads_min, policy=policy.key))
    return flags


def f07_overloaded(facts: ClaimFacts) -> list[Flag]:
    """More aboard, or more claimed, than were allowed on the coach: blocked as false or paid for unsafely, and an alert
    (`domain.md` §2.5 F07, §3.1). Aboard is whom escort or enterprise says to have come."""
    flags = []
    for trip in facts.trips:
        aboard = sum(s.riding and (s.boarding == BOARDED or s.answer is Answer.ARRIVED) for s in trip.seats)
        claimed = facts.claimed_heads.get(trip.trip_id, 0)
        if max(aboard, claimed) > trip.seats_max:
            flags += [
                cause.flag(
                    trip.trip_id,
                    aboard=aboard,
                    claimed=claimed,
                    seats_max=trip.seats_max,
                    seats_approved=trip.seats_approved,
                )
                for cause in (OVERLOADED, OVERLOADED_ALERT)
            ]
    return flags


def f08_plate_elsewhere(facts: ClaimFacts) -> list[Flag]:
    """The same plate on two trips that overlap, or between which it could not get from the one's end to the other's begin at
    80 km/h and 1.30 of the great circle (`domain.md` §2.5 F08, §3.5)."""
    mine = {trip.trip_id for trip in facts.trips}
    runs = {run for run in facts.runs if run.trip_id not in mine}
    runs |= {_run_of(trip, trip.contract.plate) for trip in facts.trips if trip.contract is not None}
    by_plate: dict[str, list[OtherRun]] = defaultdict(list)
    for run in runs:
        by_plate[key_of(run.plate)].append(run)
    pairs = (
        pair
        for plate_runs in by_plate.values()
        for pair in combinations(sorted(plate_runs, key=lambda run: (run.departs_at, run.trip_id)), 2)
    )
    flags = (_between(a, b, mine) for a, b in pairs if a.trip_id in mine or b.trip_id in mine)
    return [flag for flag in flags if flag is not None]


def _run_of(trip: TripFacts, plate: str) -> OtherRun:
    return OtherRun(plate, trip.trip_id, trip.departs_at, trip.arrives_at, trip.origin, trip.destination)


def _between(first: OtherRun, second: OtherRun, mine: set[str]) -> Flag | None:
    own, other = (first, second) if first.trip_id in mine else (second, first)
    gap_s = (second.departs_at - first.arrives_at) // timedelta(seconds=1)
    if gap_s < 0:
        overlap = min(first.arrives_at, second.arrives_at) - second.departs_at
        overlap_s = overlap // timedelta(seconds=1)
        return PLATE_TWICE.flag(
            own.trip_id, plate=own.plate, other_trip_id=other.trip_id, overlap_s=overlap_s
        )
    distance_m = great_circle_m(Point(*first.destination), Point(*second.origin))
    needed_s = -(-distance_m * ROAD_PERCENT * 3600 // (100 * SPEED_KMH * 1000))
    if gap_s >= needed_s:
        return None
    return PLATE_TOO_FAR.flag(
        own.trip_id,
        plate=own.plate,
        other_trip_id=other.trip_id,
        gap_s=gap_s,
        needed_s=needed_s,
        distance_m=distance_m,
    )


def f16_no_end_at_home(facts: ClaimFacts) -> list[Flag]:
    """Neither end of the line lies in the prefecture where the coach is registered, and no authority ordered it
    (`domain.md` §3.3, §2.5 F16)."""
    flags = []
    for trip in facts.trips:
        contract = trip.contract
        if contract is None or contract.emergency_order:
            continue
        home = _prefecture(contract.plate_prefecture_code)
        if home not in (_prefecture(trip.county_code), _prefecture(trip.prefecture_code)):
            flags.append(
                NO_END_AT_HOME.flag(
                    trip.trip_id,
                    plate=contract.plate,
                    plate_prefecture=contract.plate_prefecture_code,
                    county_code=trip.county_code,
                    prefecture_code=trip.prefecture_code,
                )
            )
    return flags


def _prefecture(code: str) -> str:
    return code[:2] if code.startswith(MUNICIPALITIES) else code[:4]
