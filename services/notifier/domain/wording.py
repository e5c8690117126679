"""Knows the words of every notice in Chinese and English; refuses to know names, phones and how it is sent.

A link is not part of the stored words: `LINK` marks its place and is filled in when the notice leaves, so that
no database holds a key to a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast, get_args

from services.notifier.domain.facts import CarrierFacts, EnterpriseFacts, Facts, PlaceFacts, WorkerFacts
from services.notifier.domain.notice import Audience, Kind
from shared.kernel.clock import SHANGHAI
from shared.kernel.errors import Language

LINK = "{link}"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Names = Mapping[str, str]
"""Enterprise id -> name, as far as they are known."""


@dataclass(frozen=True)
class Words:
    """A notice in one language."""

    subject: str
    body: str


def write(audience: Audience, kind: Kind, facts: Facts, language: Language, names: Names) -> Words:
    """The notice that tells `facts` to `audience`; the first line says what to do."""
    match audience:
        case Audience.WORKER:
            return _worker(kind, cast(WorkerFacts, facts), language, names)
        case Audience.CARRIER:
            return _carrier(kind, cast(CarrierFacts, facts), language, names)
        case Audience.ENTERPRISE:
            return _enterprise(kind, cast(EnterpriseFacts, facts), language)


def hour(instant: str, language: Language) -> str:
    """An ISO instant as people in China read it: `2月24日 08:30`, `24 Feb 08:30`."""
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    if language == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}"


def hours(**instants: datetime) -> dict[str, str]:
    """`at=...` -> `at_zh` and `at_en`, for an error that says an instant in both languages."""
    return {
        f"{name}_{language}": hour(instant.isoformat(), language)
        for name, instant in instants.items()
        for language in LANGUAGES
    }


def gate_of(name: str, enterprises: Sequence[str], names: Names, language: Language) -> str:
    """A gate with whose it is: `安吉竹业有限公司东门`; the gate alone where no name is known."""
    known = [names[one] for one in enterprises if one in names]
    if language == "zh":
        return "、".join(known) + name
    return ", ".join([*known, name])


def _coach(seats: int, language: Language) -> str:
    return f"{seats}座客车" if language == "zh" else f"{seats}-seat coach"


def _worker(kind: Kind, facts: WorkerFacts, language: Language, names: Names) -> Words:
    trip, at = facts["trip_id"], hour(facts["departs_at"], language)
    coach = _coach(facts["seats"], language)
    gate = gate_of(facts["gate"], [facts["enterprise_id"]], names, language)
    if language == "zh":
        ride = f"{at} 在{facts['pickup']}上车，{facts['carrier']}{coach}，车次 {trip}，开往{gate}"
        body = {
            Kind.FIRST: f"您的返岗专车：{ride}。请带身份证，提前20分钟到。",
            Kind.CHANGED: f"返岗专车有变，请以此为准：{ride}。请带身份证，提前20分钟到。",
            Kind.CANCELLED: f"您原定 {at} 在{facts['pickup']}上车的专车（车次 {trip}）已取消，请勿前往；"
            "另有安排会再通知您，也可询问县人社局。",
        }[kind]
        return Words(f"返岗专车 {trip}", f"【直达】{body}")
    ride = f"{at} from {facts['pickup']}, {facts['carrier']}, {coach}, trip {trip}, to {gate}"
    body = {
        Kind.FIRST: f"Your coach to work: {ride}. Bring your ID card and be there 20 minutes early.",
        Kind.CHANGED: f"Your coach to work has changed, this now holds: {ride}. Bring your ID card and be there "
        "20 minutes early.",
        Kind.CANCELLED: f"Your coach of {at} from {facts['pickup']} (trip {trip}) is cancelled, do not go there. "
        "You will be told of another; the county labour bureau can help.",
    }[kind]
    return Words(f"Coach to work {trip}", f"[Zhida] {body}")


def _carrier(kind: Kind, facts: CarrierFacts, language: Language, names: Names) -> Words:
    trip, coach = facts["trip_id"], _coach(facts["seats"], language)
    start, last = facts["pickups"][0]["name"], facts["drops"][-1]
    end = gate_of(last["name"], last["enterprises"], names, language)
    when = hour(facts["pickups"][0]["at"], language)
    places = [*facts["pickups"], *facts["drops"]]
    if language == "zh":
        subject = {
            Kind.FIRST: f"用车单 {trip}：{when} {start}—{end}",
            Kind.CHANGED: f"用车单有变 {trip}：{when} {start}—{end}",
            Kind.CANCELLED: f"用车取消 {trip}：{when} {start}—{end}",
        }[kind]
        if kind is Kind.CANCELLED:
            return Words(subject, f"车次 {trip} 不再发车，请勿派车。")
        lines = [
            "请按此单派车，并把下面的链接交给随车联络员：上车点名、报告发车都在手机上完成。"
            if kind is Kind.FIRST
            else "用车单已变更，以此为准。原链接仍可使用。",
            f"承运单位：{facts['carrier']}　车型：{coach}（{facts['coach']}）　驾驶员：{facts['drivers']} 人",
            *_stops(places, len(facts["pickups"]), language, names),
            f"随车联络员页面：{LINK}",
        ]
        return Words(subject, "\n".join(lines))
    subject = {
        Kind.FIRST: f"Coach order {trip}: {when} {start} - {end}",
        Kind.CHANGED: f"Coach order changed {trip}: {when} {start} - {end}",
        Kind.CANCELLED: f"Coach order cancelled {trip}: {when} {start} - {end}",
    }[kind]
    if kind is Kind.CANCELLED:
        return Words(subject, f"Trip {trip} does not run. Do not send a coach.")
    lines = [
        "Please send a coach as below, and hand the link to the escort: boarding and departure are marked there."
        if kind is Kind.FIRST
        else "The order has changed; this one holds. Earlier links still work.",
        f"Carrier: {facts['carrier']}  Coach: {coach} ({facts['coach']})  Drivers: {facts['drivers']}",
        *_stops(places, len(facts["pickups"]), language, names),
        f"Escort's page: {LINK}",
    ]
    return Words(subject, "\n".join(lines))


def _enterprise(kind: Kind, facts: EnterpriseFacts, language: Language) -> Words:
    trip, gates = facts["trip_id"], facts["gates"]
    people, when = sum(gate["people"] for gate in gates), hour(gates[0]["at"], language)
    if language == "zh":
        subject = {
            Kind.FIRST: f"{when} 预计到达 {people} 人（车次 {trip}）",
            Kind.CHANGED: f"到达安排有变：{when} 预计到达 {people} 人（车次 {trip}）",
            Kind.CANCELLED: f"取消：{when} 的 {people} 人不再乘车次 {trip} 到达",
        }[kind]
        if kind is Kind.CANCELLED:
            return Words(subject, f"车次 {trip} 不再送工人到贵单位。另有安排会再通知。")
        lines = [
            "请安排接站，并在到达后打开下面的链接逐人确认：到达、未到、不予接收或有异议。",
            f"承运单位：{facts['carrier']}　车型：{_coach(facts['seats'], language)}",
            *_stops(gates, 0, language, {}),
            f"交接确认页面：{LINK}",
        ]
        return Words(subject, "\n".join(lines))
    subject = {
        Kind.FIRST: f"{people} workers expected {when} (trip {trip})",
        Kind.CHANGED: f"Changed: {people} workers expected {when} (trip {trip})",
        Kind.CANCELLED: f"Cancelled: the {people} workers of {when} do not come with trip {trip}",
    }[kind]
    if kind is Kind.CANCELLED:
        return Words(subject, f"Trip {trip} brings you no workers any more. You will be told of another.")
    lines = [
        "Please receive them, then open the link and confirm each one: arrived, did not come, refused or disputed.",
        f"Carrier: {facts['carrier']}  Coach: {_coach(facts['seats'], language)}",
        *_stops(gates, 0, language, {}),
        f"Hand-over page: {LINK}",
    ]
    return Words(subject, "\n".join(lines))


def _stops(places: Sequence[PlaceFacts], pickups: int, language: Language, names: Names) -> list[str]:
    """One line a stop; the first `pickups` of `places` are pickups."""
    lines = []
    for index, place in enumerate(places):
        at, people = hour(place["at"], language), place["people"]
        name = gate_of(place["name"], place["enterprises"], names, language)
        if language == "zh":
            lines.append(f"　{at} {name} {'上车' if index < pickups else '下车'} {people} 人")
        else:
            lines.append(f"  {at} {name}: {people} {'on' if index < pickups else 'off'}")
    return lines
