"""Registers enterprises and their gates, all of a list or none; tells of those that are new or have changed.

Whoever sends workers may register an enterprise that is not known yet. One that is known belongs to itself: the link
that confirms arrivals, and so the money, goes to its mailbox, so no county changes it for the others.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.registry.domain.identity import find_enterprise_code, tidy
from services.registry.intake.enterprises import GivenEnterprise, GivenGate
from services.registry.store.enterprises import list_enterprises, save_enterprise
from services.registry.store.tables import EnterpriseRow, GateRow
from services.registry.usecases.submit import SOURCE
from shared.events import EnterpriseRegistered, Gate
from shared.kernel.clock import Clock
from shared.kernel.errors import Forbidden, InvalidInput
from shared.kernel.ids import derive_id
from shared.kernel.place import Point, great_circle_m
from shared.messaging import Cause, emit_all
from shared.reference import find_destination, has_road
from shared.security import Principal, Role, covers
from shared.security.scope import PROVINCE

GATE_FROM_TOWN_MAX_M = 60_000
"""A gate lies in or near the town that it names; swapped or GCJ-02-of-elsewhere coordinates do not."""
log = logging.getLogger(__name__)
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(\.[\w\-]+)+", re.ASCII)


class EnterprisesRefused(InvalidInput):
    """Nothing was registered: {count} value(s) have to be mended, the first is {first_en}"""

    zh = "未登记任何企业：有 {count} 处需要改正，第一处：{first_zh}"


class EnterpriseNotYours(Forbidden):
    """Nothing was registered: enterprise {enterprise_id} is not yours to change. One that is registered already is changed by itself, or by an operator whose area covers the province ({province}); leave it out or ask them."""

    zh = "未登记任何企业：您无权更改企业 {enterprise_id}。已登记的企业只能由其本身或辖区覆盖全省（{province}）的系统管理员更改；请去掉该企业，或联系他们办理。"


def register_enterprises(
    session: Session, given: Sequence[GivenEnterprise], *, by: Principal, clock: Clock, cause: Cause
) -> list[str]:
    """The credit codes of those that are new or have changed.

    Raises EnterprisesRefused with every fault, EnterpriseNotYours.
    """
    faults = [fault for one in given for fault in _check(one)]
    if faults:
        raise EnterprisesRefused(
            count=len(faults),
            errors=faults,
            first_zh=f"{faults[0]['field']}：{faults[0]['fault_zh']}。{faults[0]['mend_zh']}",
            first_en=f"{faults[0]['field']}: {faults[0]['fault_en']} {faults[0]['mend_en']}",
        )
    ids = [find_enterprise_code(one.enterprise_id) or "" for one in given]
    known = {row.id: (row, gates) for row, gates in list_enterprises(session, ids)}
    told = []
    for one, enterprise_id in zip(given, ids, strict=True):
        row, gates = known.get(enterprise_id, (None, []))
        event = _told(one, enterprise_id, row, gates)
        changed = _changed(event, _state(row, gates)) if row else []
        if not _may(by, enterprise_id, changes=bool(changed)):
            raise EnterpriseNotYours(enterprise_id=enterprise_id, province=PROVINCE)
        if row is not None and not changed:
            continue
        _save(session, event, clock.now())
        told.append(event)
        if changed:
            about = {"enterprise_id": enterprise_id, "version": event.version, "changed": changed}
            log.info("enterprise changed", extra={"subject": by.subject, **about})
    emit_all(session, told, source=SOURCE, cause=cause, clock=clock)
    return [event.enterprise_id for event in told]


def _may(by: Principal, enterprise_id: str, *, changes: bool) -> bool:
    """Whether a caller may register an enterprise, where it `changes` one that is known."""
    if by.has(Role.ENTERPRISE):
        return by.organisation == enterprise_id
    return not changes or (by.has(Role.OPERATOR) and covers(by, PROVINCE))


def _changed(event: EnterpriseRegistered, before: EnterpriseRegistered) -> list[str]:
    """The names of what differs; never its values."""
    return [name for name in ("name", "email", "gates") if getattr(event, name) != getattr(before, name)]


def _fault(where: str, field: str, zh: str, en: str, mend_zh: str, mend_en: str) -> dict[str, str]:
    return {
        "field": f"{where} {field}".strip(),
        "fault_zh": zh,
        "fault_en": en,
        "mend_zh": mend_zh,
        "mend_en": mend_en,
    }


def _check(one: GivenEnterprise) -> list[dict[str, str]]:
    faults = []
    if find_enterprise_code(one.enterprise_id) is None:
        mend = ("请对照营业执照填写18位代码", "Copy the 18 characters from the business licence.")
        faults.append(
            _fault(one.where, "enterprise_id", "统一社会信用代码不正确", "is not a credit code.", *mend)
        )
    if not 2 <= len(tidy(one.name)) <= 100:
        mend = ("请填写企业登记全称", "Write the full registered name.")
        faults.append(_fault(one.where, "name", "企业名称缺失或过长", "is missing or too long.", *mend))
    if one.email and not _EMAIL.fullmatch(one.email):
        mend = ("请填写单位公用邮箱或留空", "Write an office mailbox, or leave it empty.")
        faults.append(_fault(one.where, "email", "邮箱格式不正确", "is not an e-mail address.", *mend))
    names = [tidy(gate.name) for gate in one.gates]
    if not names or len(set(names)) != len(names):
        mend = ("每个企业至少一个厂门，名称各不相同", "Give at least one gate, each with its own name.")
        faults.append(_fault(one.where, "gates", "厂门缺失或重复", "are missing or repeated.", *mend))
    return faults + [fault for gate in one.gates for fault in _check_gate(gate)]


def _check_gate(gate: GivenGate) -> list[dict[str, str]]:
    if not 1 <= len(tidy(gate.name)) <= 50:
        mend = ("请填写厂门名称，如 东门", "Write the gate's name, such as 东门.")
        return [_fault(gate.where, "gate", "厂门名称缺失或过长", "is missing or too long.", *mend)]
    town = find_destination(gate.town_code)
    if town is None:
        mend = ("请填写目的地列表中的代码", "Take a code from the list of destinations.")
        return [_fault(gate.where, "town_code", "没有此乡镇或园区", "is not a known town or zone.", *mend)]
    if not has_road(gate.town_code):
        mend = (
            "请登记大巴能到达的厂门，如渡口所在乡镇的接送点",
            "Register a gate that a coach can reach, such as where the ferry is met.",
        )
        zh, en = f"{town.name}在岛上，没有公路相通", f"{town.name} is on an island that no road reaches."
        return [_fault(gate.where, "town_code", zh, en, *mend)]
    point = _point(gate)
    if point is None or great_circle_m(point, Point(town.lon, town.lat)) > GATE_FROM_TOWN_MAX_M:
        mend = (
            "请填写该厂门的 WGS-84 经纬度，经度在前",
            "Write the gate's WGS-84 degrees, longitude first.",
        )
        return [
            _fault(gate.where, "lon/lat", f"坐标不在{town.name}附近", f"are not near {town.name}.", *mend)
        ]
    return []


def _point(gate: GivenGate) -> Point | None:
    try:
        return Point(float(gate.lon), float(gate.lat))
    except ValueError:
        return None


def _told(
    one: GivenEnterprise, enterprise_id: str, row: EnterpriseRow | None, gates: Sequence[GateRow]
) -> EnterpriseRegistered:
    """The enterprise as it will be: gates that are not named again stay, for people are on their way to them."""
    merged = {gate.gate_id: gate for gate in (_gate(known) for known in gates)}
    merged |= {gate.gate_id: gate for gate in (_new_gate(enterprise_id, given) for given in one.gates)}
    return EnterpriseRegistered(
        enterprise_id=enterprise_id,
        version=row.version + 1 if row else 1,
        name=tidy(one.name),
        email=one.email or None,
        gates=tuple(sorted(merged.values(), key=lambda gate: gate.gate_id)),
    )


def _new_gate(enterprise_id: str, given: GivenGate) -> Gate:
    town = find_destination(given.town_code)
    point = _point(given)
    if town is None or point is None:
        raise AssertionError("gates are checked before they are made")
    return Gate(
        gate_id=derive_id("gate", enterprise_id, tidy(given.name)),
        name=tidy(given.name),
        town_code=given.town_code,
        prefecture_code=getattr(town, "prefecture_code", town.code),
        lon=point.lon,
        lat=point.lat,
    )


def _gate(row: GateRow) -> Gate:
    return Gate(gate_id=row.id, **row.model_dump(exclude={"id", "enterprise_id"}))


def _state(row: EnterpriseRow, gates: Sequence[GateRow]) -> EnterpriseRegistered:
    return EnterpriseRegistered(
        enterprise_id=row.id,
        version=row.version,
        name=row.name,
        email=row.email,
        gates=tuple(sorted((_gate(gate) for gate in gates), key=lambda gate: gate.gate_id)),
    )


def _save(session: Session, event: EnterpriseRegistered, now: datetime) -> None:
    row = EnterpriseRow(
        id=event.enterprise_id, name=event.name, email=event.email, version=event.version, changed_at=now
    )
    gates = [
        GateRow(id=gate.gate_id, enterprise_id=event.enterprise_id, **gate.model_dump(exclude={"gate_id"}))
        for gate in event.gates
    ]
    save_enterprise(session, row, gates)
