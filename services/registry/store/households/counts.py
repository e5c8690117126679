"""Counts households with labour force and those of them with somebody employed, on any day, set by set in the database.

Nearly everybody has one ID, and is counted by it without a look at the person; the few whose IDs were merged are counted
apart, by file, and once. An area's figures come of its households alone: who by two IDs belongs to two areas is a worker of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    all_,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from services.registry.store.tables import EmploymentRow, HouseholdRow, MembershipRow, PersonRow
from shared.security import Principal, covers, within
from shared.security.scope import PROVINCE


class Level(IntEnum):
    """What figures are asked of: the length of the codes that tell two of them apart. PLACE: each site or township by itself."""

    PROVINCE = 2
    PREFECTURE = 4
    COUNTY = 6
    TOWNSHIP = 9
    PLACE = 20


@dataclass(frozen=True, slots=True)
class HouseholdCount:
    """One area on one day. `households` have labour force; `workers` are their labour force, each file once."""

    area_code: str
    households: int
    households_employed: int
    workers: int
    workers_employed: int
    workers_outside: int
    """Of those employed, outside the province."""

    @property
    def households_zero(self) -> int:
        """With labour force and nobody employed."""
        return self.households - self.households_employed


_SETTINGS = (
    "jit = off",
    "enable_hashagg = off",
    "work_mem = '160MB'",
    "plan_cache_mode = force_custom_plan",
)
"""For this query alone, as measured on 413,600 households: compiling costs more than it saves, and groups that are sorted can be
made by several workers at once, where a hash of households is made by each of them. Each area is planned for by itself: a plan
for any area, to which the database goes over after a few, reads the province for a county and costs half as much again."""
_IDS = bindparam("ids", type_=ARRAY(Text))
_FILES = bindparam("files", type_=ARRAY(Text))


def count_households(
    session: Session, principal: Principal, day: date, level: Level, *, area: str = ""
) -> list[HouseholdCount]:
    """The figures of each area of that level in which the caller has households, by code; `area` narrows to a part of theirs."""
    scope = _scope(principal, area)
    ids, files = _merged(session, scope)
    key = func.left(col(HouseholdRow.place_code), int(level))
    values = {"ids": ids, "files": files}
    for setting in _SETTINGS:
        session.execute(text(f"SET LOCAL {setting}"))
    found = session.execute(_by_area(day, key, scope), values).all()
    apart = session.execute(_merged_by_area(day, key, scope), values).all() if files else []
    for setting in _SETTINGS:
        session.execute(text(f"SET LOCAL {setting.split()[0]} TO DEFAULT"))
    more = {code: counts for code, *counts in apart}
    return [
        HouseholdCount(
            code,
            homes,
            employed,
            *(own + other for own, other in zip(workers, more.get(code, (0, 0, 0)), strict=True)),
        )
        for code, homes, employed, *workers in found
    ]


def _scope(principal: Principal, area: str) -> ColumnElement[bool] | None:
    """What a household must be; None where that is any."""
    if covers(principal, PROVINCE) and PROVINCE.startswith(area):
        return None
    mine = within(HouseholdRow.place_code, principal)
    return and_(mine, col(HouseholdRow.place_code).startswith(area, autoescape=True)) if area else mine


def _merged(session: Session, scope: ColumnElement[bool] | None) -> tuple[Sequence[str], Sequence[str]]:
    """The persons of files that have more than one, and those files: the ones that ever belonged to a household of the scope."""
    parted = select(col(PersonRow.file_id)).where(col(PersonRow.id) != col(PersonRow.file_id)).distinct()
    # Through an array, for the planner takes nearly every person for merged, and an array for a short one.
    file_id = func.unnest(func.array(parted.scalar_subquery())).column_valued("merged")
    query = select(col(PersonRow.id), col(PersonRow.file_id)).where(col(PersonRow.file_id) == file_id)
    if scope is not None:
        same = aliased(PersonRow)
        belongs = (
            select(1)
            .select_from(same)
            .join(MembershipRow, col(MembershipRow.person_id) == col(same.id))
            .join(HouseholdRow, col(HouseholdRow.id) == col(MembershipRow.household_id))
            .where(col(same.file_id) == file_id, scope)
        )
        query = query.where(belongs.exists())
    found = session.execute(query).all()
    return [id_ for id_, _ in found], sorted({file_id for _, file_id in found})


def _holds(row: type[MembershipRow] | type[EmploymentRow], day: date) -> ColumnElement[bool]:
    return and_(col(row.valid_from) <= day, or_(col(row.valid_to).is_(None), col(row.valid_to) > day))


def _is_outside() -> ColumnElement[bool]:
    return col(EmploymentRow.area_code).not_like(f"{PROVINCE}%")


def _by_area(
    day: date, key: ColumnElement[str], scope: ColumnElement[bool] | None
) -> Select[*tuple[Any, ...]]:
    """By area: households, those with somebody employed, and the workers of one ID: all, employed, employed outside."""
    one, two = _of_one_id(day, scope), _of_merged(day, scope)
    homes = (
        select(
            two.c.household_id,
            func.bool_or(two.c.has_labour).label("has_labour"),
            func.bool_or(two.c.works).label("works"),
        )
        .group_by(two.c.household_id)
        .cte("merged_homes")
    )
    both = one.join(homes, one.c.household_id == homes.c.household_id, full=True)
    has_labour = or_(one.c.workers > 0, homes.c.has_labour)
    works = or_(one.c.works, homes.c.works)
    code = key.label("code")
    return (
        select(
            code,
            func.count().filter(has_labour),
            func.count().filter(and_(has_labour, works)),
            *(
                func.coalesce(func.sum(one.c[name]), 0).cast(BigInteger)
                for name in ("workers", "employed", "outside")
            ),
        )
        .select_from(both)
        .join(HouseholdRow, col(HouseholdRow.id) == func.coalesce(one.c.household_id, homes.c.household_id))
        .group_by(code)
        .having(func.count().filter(has_labour) > 0)
        .order_by(code)
    )


def _of_one_id(day: date, scope: ColumnElement[bool] | None) -> CTE:
    """By household: its workers of one ID, and whether any member of one ID is employed."""
    labour, works = col(MembershipRow.has_labour), col(EmploymentRow.person_id).is_not(None)
    employed = and_(col(EmploymentRow.person_id) == col(MembershipRow.person_id), _holds(EmploymentRow, day))
    query = (
        select(
            col(MembershipRow.household_id),
            func.count().filter(labour).label("workers"),
            func.count().filter(and_(labour, works)).label("employed"),
            func.count().filter(and_(labour, _is_outside())).label("outside"),
            func.bool_or(works).label("works"),
        )
        .select_from(MembershipRow)
        .outerjoin(EmploymentRow, employed)
        .where(_holds(MembershipRow, day), or_(labour, works), col(MembershipRow.person_id) != all_(_IDS))
        .group_by(col(MembershipRow.household_id))
    )
    return _narrowed(query, scope).cte("of_one_id")


def _of_merged(day: date, scope: ColumnElement[bool] | None) -> CTE:
    """By household and file of more than one ID: whether it counts as labour force, is employed, and outside."""
    working = (
        select(col(PersonRow.file_id), func.bool_or(_is_outside()).label("outside"))
        .join(EmploymentRow, col(EmploymentRow.person_id) == col(PersonRow.id))
        .where(col(PersonRow.file_id) == any_(_FILES), _holds(EmploymentRow, day))
        .group_by(col(PersonRow.file_id))
        .cte("merged_working")
    )
    query = (
        select(
            col(MembershipRow.household_id),
            col(PersonRow.file_id),
            func.bool_or(col(MembershipRow.has_labour)).label("has_labour"),
            func.bool_or(working.c.file_id.is_not(None)).label("works"),
            func.bool_or(working.c.outside).label("outside"),
        )
        .join(PersonRow, col(PersonRow.id) == col(MembershipRow.person_id))
        .outerjoin(working, working.c.file_id == col(PersonRow.file_id))
        .where(col(PersonRow.file_id) == any_(_FILES), _holds(MembershipRow, day))
        .group_by(col(MembershipRow.household_id), col(PersonRow.file_id))
    )
    return _narrowed(query, scope).cte("merged")


def _merged_by_area(
    day: date, key: ColumnElement[str], scope: ColumnElement[bool] | None
) -> Select[*tuple[Any, ...]]:
    """By area: the workers of more than one ID: all, employed, employed outside."""
    two = _of_merged(day, scope)
    code, file_id = key.label("code"), two.c.file_id.distinct()
    labour = two.c.has_labour
    return (
        select(
            code,
            func.count(file_id).filter(labour),
            func.count(file_id).filter(and_(labour, two.c.works)),
            func.count(file_id).filter(and_(labour, two.c.outside)),
        )
        .join(HouseholdRow, col(HouseholdRow.id) == two.c.household_id)
        .group_by(code)
    )


def _narrowed(query: Select[*tuple[Any, ...]], scope: ColumnElement[bool] | None) -> Select[*tuple[Any, ...]]:
    if scope is None:
        return query
    return query.where(col(MembershipRow.household_id).in_(select(col(HouseholdRow.id)).where(scope)))
