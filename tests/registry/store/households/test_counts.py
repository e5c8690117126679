"""The indicator on any day, against a slow reckoning that asks every household, every file and every spell one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from services.registry.store.households.counts import HouseholdCount, Level, count_households
from services.registry.store.tables import EmploymentRow, HouseholdRow, MembershipRow, PersonRow
from shared.security import Principal, Role
from tests.registry.conftest import Registry
from tests.registry.folk import AT

PLACES = ("522732", "522732103", "522732111", "522732111001", "522722001", "520602R01", "520115004")
"""A county seat, two townships, a site in the second, a neighbour, a site of our own number, another prefecture."""
AREAS = ("52", "5227", "522732", "522732111", "522732111001", "520602R01", "53")
FIRST = date(2020, 1, 1)


@dataclass(frozen=True)
class Spell:
    """Days from `first` to before `end`."""

    first: date
    end: date | None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Someone:
    """One ID: whose file it is, the households it belonged to, and where it was employed."""

    file: int
    belongs: tuple[tuple[Spell, int, bool], ...]
    works: tuple[tuple[Spell, str], ...]


days = st.integers(0, 12).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def spells(draw: st.DrawFn) -> list[Spell]:
    """None that overlaps another, as the registry keeps them; the last may go on."""
    turns = sorted(draw(st.sets(days, max_size=6)))
    made = [Spell(one, two) for one, two in list(pairwise(turns))[:: draw(st.integers(1, 2))]]
    if turns and draw(st.booleans()):
        made = [spell for spell in made if spell.end and spell.end <= turns[-1]] + [Spell(turns[-1], None)]
    return made


@st.composite
def villages(draw: st.DrawFn) -> tuple[list[str], list[Someone]]:
    """Places of households, and people, some of whom have two IDs."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=5))
    people = []
    for number in range(draw(st.integers(1, 7))):
        belongs = [
            (spell, draw(st.integers(0, len(places) - 1)), draw(st.booleans())) for spell in draw(spells())
        ]
        works = [(spell, draw(st.sampled_from(["441900", "520100"]))) for spell in draw(spells())]
        file = draw(st.integers(0, number)) if draw(st.booleans()) else number
        file = people[file].file if file < number else number
        people.append(Someone(file, tuple(belongs), tuple(works)))
    return places, people


def reckon(
    places: list[str], people: list[Someone], day: date, level: Level, areas: tuple[str, ...]
) -> list[HouseholdCount]:
    """What the indicator is, one household after the other."""
    working = {one.file: [area for spell, area in one.works if spell.holds(day)] for one in people}
    for one in people:
        working[one.file] = [
            area for same in people if same.file == one.file for spell, area in same.works if spell.holds(day)
        ]
    counts: dict[str, list[int]] = {}
    workers: dict[str, set[int]] = {}
    for number, place in enumerate(places):
        if not any(place.startswith(area) for area in areas):
            continue
        here = [
            (one.file, has_labour)
            for one in people
            for spell, household, has_labour in one.belongs
            if household == number and spell.holds(day)
        ]
        labour = {file for file, has_labour in here if has_labour}
        if labour:
            counted = counts.setdefault(place[:level], [0, 0])
            counted[0] += 1
            counted[1] += any(working[file] for file, _ in here)
            workers.setdefault(place[:level], set()).update(labour)
    return [
        HouseholdCount(
            code,
            *counts[code],
            len(workers[code]),
            sum(bool(working[file]) for file in workers[code]),
            sum(any(not area.startswith("52") for area in working[file]) for file in workers[code]),
        )
        for code in sorted(counts)
    ]


def rows_of(places: list[str], people: list[Someone]) -> Iterator[PersonRow | HouseholdRow]:
    for number, place in enumerate(places):
        yield HouseholdRow(
            id=f"h{number}",
            fingerprint=f"h{number}",
            number_sealed=b"x",
            place_code=place,
            source="test",
            created_at=AT,
        )
    for number, one in enumerate(people):
        yield PersonRow(
            id=f"p{number}",
            file_id=f"p{one.file}",
            fingerprint=f"p{number}",
            resident_id_sealed=b"x",
            created_at=AT,
        )


def spells_of(people: list[Someone]) -> Iterator[MembershipRow | EmploymentRow]:
    for number, one in enumerate(people):
        for spell, household, has_labour in one.belongs:
            yield MembershipRow(
                person_id=f"p{number}",
                valid_from=spell.first,
                valid_to=spell.end,
                household_id=f"h{household}",
                relation="member",
                has_labour=has_labour,
                source="test",
            )
        for spell, area in one.works:
            yield EmploymentRow(
                person_id=f"p{number}",
                valid_from=spell.first,
                valid_to=spell.end,
                area_code=area,
                source="test",
            )


def caller(*areas: str) -> Principal:
    return Principal("somebody", frozenset({Role.BUREAU}), areas)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    village=villages(),
    day=days,
    level=st.sampled_from(list(Level)),
    areas=st.lists(st.sampled_from(AREAS), min_size=1, max_size=2),
)
def test_the_figures_are_those_of_a_slow_reckoning(
    empty_registry: Registry,
    village: tuple[list[str], list[Someone]],
    day: date,
    level: Level,
    areas: list[str],
) -> None:
    places, people = village
    with Session(empty_registry.parts.database.engine) as session:  # and never committed
        session.add_all(rows_of(places, people))
        session.flush()
        session.add_all(spells_of(people))
        session.flush()
        found = count_households(session, caller(*areas), day, level)
        assert found == reckon(places, people, day, level, tuple(areas))
        part = count_households(session, caller("52"), day, level, area=areas[0])
        assert part == reckon(places, people, day, level, (areas[0],))


def test_a_caller_without_an_area_is_told_nothing(empty_registry: Registry) -> None:
    with empty_registry.parts.database.session() as session:
        session.add_all(rows_of(["522732103"], []))
        assert count_households(session, caller(), FIRST, Level.PLACE) == []


def always(household: int, has_labour: bool = True) -> tuple[tuple[Spell, int, bool], ...]:
    return ((Spell(FIRST, None), household, has_labour),)


AT_WORK = ((Spell(FIRST, None), "441900"),)


def counted(
    registry: Registry, places: list[str], people: list[Someone], level: Level
) -> list[HouseholdCount]:
    with Session(registry.parts.database.engine) as session:
        session.add_all(rows_of(places, people))
        session.flush()
        session.add_all(spells_of(people))
        session.flush()
        return count_households(session, caller("52"), FIRST, level)


def test_a_household_is_employed_by_any_member_and_its_workers_are_its_labour_force(
    empty_registry: Registry,
) -> None:
    people = [Someone(0, always(0), ()), Someone(1, always(0, has_labour=False), AT_WORK)]
    assert counted(empty_registry, ["522732103"], people, Level.COUNTY) == [
        HouseholdCount("522732", 1, 1, 1, 0, 0)
    ]


def test_one_person_by_two_ids_is_one_worker_of_an_area_and_one_of_each_of_two(
    empty_registry: Registry,
) -> None:
    people = [Someone(0, always(0), ()), Someone(0, always(1), AT_WORK)]
    places = ["522732103", "522732111"]
    assert counted(empty_registry, places, people, Level.COUNTY) == [HouseholdCount("522732", 2, 2, 1, 1, 1)]
    assert counted(empty_registry, places, people, Level.TOWNSHIP) == [
        HouseholdCount("522732103", 1, 1, 1, 1, 1),
        HouseholdCount("522732111", 1, 1, 1, 1, 1),
    ]


def test_each_area_is_planned_for_by_itself_however_often_one_asks(empty_registry: Registry) -> None:
    """A plan for any area, which the database makes after it was asked five times, reads the province for a county."""
    office = Principal("office", frozenset({Role.BUREAU}), ("522732",))
    with empty_registry.parts.database.session() as session:
        for _ in range(12):
            count_households(session, office, FIRST, Level.COUNTY)
        plans = session.connection().exec_driver_sql(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s ORDER BY prepare_time DESC LIMIT 1",
            ("%of_one_id%",),
        )
        [(generic, of_its_own)] = plans
    assert (generic, of_its_own > 0) == (0, True)
