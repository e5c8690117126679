import pytest
from sqlalchemy import Column, ColumnElement, MetaData, String, Table, create_engine, select

from shared.security import Principal, ProvinceNeeded, Role, covers, owned_by, require_province, within

REQUESTS = Table("request", MetaData(), Column("county_code", String), Column("enterprise_id", String))
ROWS = [("522326", "A"), ("522327", "B"), ("520102", "A"), ("440300", "B")]


def caller(*areas: str, organisation: str | None = None) -> Principal:
    return Principal("x", frozenset({Role.BUREAU}), areas, organisation)


def seen(condition: ColumnElement[bool]) -> set[str]:
    engine = create_engine("sqlite://")
    REQUESTS.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            REQUESTS.insert(), [{"county_code": code, "enterprise_id": owner} for code, owner in ROWS]
        )
        found = {row.county_code for row in connection.execute(select(REQUESTS).where(condition))}
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (("522326",), {"522326"}),
        (("5223",), {"522326", "522327"}),
        (("52",), {"522326", "522327", "520102"}),
        (("5201", "44"), {"520102", "440300"}),
        ((), set()),
        (("",), set()),
        (("%",), set()),
        (("52_",), set()),
    ],
)
def test_a_caller_sees_its_areas_and_nothing_else(areas: tuple[str, ...], expected: set[str]) -> None:
    assert seen(within(REQUESTS.c.county_code, caller(*areas))) == expected


def test_a_caller_sees_what_its_organisation_owns() -> None:
    assert seen(owned_by(REQUESTS.c.enterprise_id, caller(organisation="A"))) == {"522326", "520102"}


@pytest.mark.parametrize("organisation", [None, ""])
def test_a_caller_without_an_organisation_owns_nothing(organisation: str | None) -> None:
    assert seen(owned_by(REQUESTS.c.enterprise_id, caller(organisation=organisation))) == set()


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        (("52",), True),
        (("5",), True),
        (("44", "52"), True),
        (("5227",), False),
        (("522732",), False),
        ((), False),
        (("",), False),
    ],
)
def test_what_holds_everywhere_is_for_those_whose_area_is_the_province(
    areas: tuple[str, ...], expected: bool
) -> None:
    assert covers(caller(*areas), "52") is expected
    if expected:
        require_province(caller(*areas))
    else:
        with pytest.raises(ProvinceNeeded, match="covers the province"):
            require_province(caller(*areas))
