"""Counts who belongs to places and who of them is on the road, all places at once; the caller has seen to it that they are theirs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, union
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.registry.domain.status import UNDER_WAY, Status
from services.registry.store.tables import (
    FileRow,
    HouseholdRow,
    PersonRow,
    RequestRow,
    ZeroTaskRow,
)


def count_people(session: Session, place_codes: Sequence[str]) -> dict[str, int]:
    """By place: the files that belong there; who was merged or erased is none."""
    query = (
        select(FileRow.place_code, func.count())
        .join(PersonRow, col(PersonRow.id) == FileRow.person_id)
        .where(
            col(FileRow.place_code).in_(place_codes),
            PersonRow.file_id == PersonRow.id,
            col(PersonRow.wrapped_key).is_not(None),
        )
        .group_by(col(FileRow.place_code))
    )
    return dict(session.exec(query).all())


def count_registered(session: Session, place_codes: Sequence[str]) -> dict[str, int]:
    """By place: the households that are registered there, with labour force or without."""
    query = (
        select(HouseholdRow.place_code, func.count())
        .where(col(HouseholdRow.place_code).in_(place_codes))
        .group_by(col(HouseholdRow.place_code))
    )
    return dict(session.exec(query).all())


def count_zero(session: Session, place_codes: Sequence[str]) -> dict[str, int]:
    """By place: the open tasks of its households."""
    query = (
        select(HouseholdRow.place_code, func.count())
        .select_from(ZeroTaskRow)
        .join(HouseholdRow, col(HouseholdRow.id) == ZeroTaskRow.household_id)
        .where(col(HouseholdRow.place_code).in_(place_codes), col(ZeroTaskRow.outcome).is_(None))
        .group_by(col(HouseholdRow.place_code))
    )
    return dict(session.exec(query).all())


def count_under_way(
    session: Session, place_codes: Sequence[str], county_codes: Sequence[str]
) -> dict[str, dict[Status, int]]:
    """By place: requests under way that leave from there, or whose person's file is there, by how far they have come."""
    leaves: Select[*tuple[Any, ...]] = select_columns(
        col(RequestRow.stop_code).label("place_code"), col(RequestRow.id), col(RequestRow.status)
    ).where(col(RequestRow.county_code).in_(county_codes), col(RequestRow.stop_code).in_(place_codes))
    belongs: Select[*tuple[Any, ...]] = (
        select_columns(
            col(FileRow.place_code).label("place_code"), col(RequestRow.id), col(RequestRow.status)
        )
        .select_from(RequestRow)
        .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
        .join(FileRow, col(FileRow.person_id) == PersonRow.file_id)
        .where(col(FileRow.place_code).in_(place_codes))
    )
    under_way = col(RequestRow.status).in_(list(UNDER_WAY))
    both = union(leaves.where(under_way), belongs.where(under_way)).subquery()
    query = select(both.c.place_code, both.c.status, func.count()).group_by(both.c.place_code, both.c.status)
    found: dict[str, dict[Status, int]] = defaultdict(dict)
    for place_code, status, number in session.exec(query):
        found[place_code][Status(status)] = number
    return found
