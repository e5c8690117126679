"""Two IDs that were one file and are parted again have what they would have had nobody been merged, whatever was said meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from services.registry.domain.people.columns import Relation
from services.registry.domain.people.register import Entry, Work
from services.registry.domain.tracking.outcome import Finding
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.reactions import reactions
from services.registry.store.files import PersonUnknown
from services.registry.store.tracking.lists import list_milestones
from services.registry.usecases.follow import Follower
from services.registry.usecases.households.sweep import sweep
from services.registry.usecases.people.merge import merge, unmerge
from services.registry.usecases.people.register import Source, register
from services.registry.usecases.privacy.retention import Retaining
from services.registry.usecases.tracking.months import make_month, make_months
from services.registry.usecases.tracking.record import Given, record
from shared.events import ArrivalConfirmed, Outcome
from shared.kernel.clock import local_date
from shared.messaging import Cause, InRuns
from shared.metrics import Metrics
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.exchanging import as_csv, send, their_line
from tests.registry.folk import TOWNSHIP, Folk, add_folk, add_helper, add_household
from tests.registry.rosters import ENTERPRISE_ID, worker
from tests.registry.tracked import (
    HELPER,
    MARCH,
    MARCH_12,
    SINCE,
    a_list,
    a_record,
    as_helper,
    follow,
    results_of,
)

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
PREFECTURE = Principal("prefecture", frozenset({Role.BUREAU}), ("5227",))
BY_HELPER = Principal(HELPER, frozenset({Role.HELPER}), (SANDU,))
FALL = date(2020, 3, 12)


def two(registry: Registry, **of_second: Any) -> tuple[Folk, Folk, str, str]:
    """Somebody who is followed, and somebody who has worked since long ago, each of a household of their own."""
    one, other = add_household(registry.parts, "H1"), add_household(registry.parts, "H2")
    [first] = a_list(registry, 1, household_id=one)
    of_second = {"employed_since": date(2019, 5, 1)} | of_second
    [second] = add_folk(registry.parts, [7], household_id=other, helper_id=HELPER, **of_second)
    return first, second, one, other


def jobs(registry: Registry, person: Folk) -> list[tuple[Any, ...]]:
    return registry.sql(
        "SELECT valid_from, valid_to, area_code, source FROM employment WHERE person_id = :id ORDER BY 1",
        id=person.id,
    )


def open_tasks(registry: Registry) -> set[str]:
    return {row[0] for row in registry.sql("SELECT household_id FROM zero_task WHERE outcome IS NULL")}


@pytest.mark.parametrize(
    ("outcome", "more"), [("home", {}), ("changed", {"area_code": "330500"}), ("same", {})]
)
def test_a_word_about_one_of_two_ends_the_other_s_job_no_longer_than_they_are_one(
    registry: Registry, outcome: str, more: dict[str, str]
) -> None:
    first, second, one, _ = two(registry)
    before = jobs(registry, second)
    merge(registry.parts, CLERK, second.id, first.id, "x")
    assert results_of(as_helper(registry), a_record(first, outcome, **more)) == ["accepted"]
    assert (jobs(registry, second) == before) == (outcome == "same"), "who is one human being has one job"
    unmerge(registry.parts, CLERK, second.id)
    assert jobs(registry, second) == before
    assert jobs(registry, first)[0][1] == (None if outcome == "same" else FALL)
    assert open_tasks(registry) == ({one} if outcome == "home" else set())
    assert registry.sql("SELECT * FROM employment_alone") == []


def test_a_household_of_which_nobody_else_works_hears_of_a_merge_and_of_its_end(registry: Registry) -> None:
    """What the second ID's job is counts for both households while the two are one."""
    first, second, _, other = two(registry, employed_since=None)
    sweep(registry.parts.database, FALL, "sweep")
    assert open_tasks(registry) == {other}
    merge(registry.parts, CLERK, second.id, first.id, "x")
    assert open_tasks(registry) == set(), "the human being whose household it is has a job"
    unmerge(registry.parts, CLERK, second.id)
    assert open_tasks(registry) == {other}


def test_whose_other_file_is_no_more_the_caller_s_is_answered_by_the_person_who_was_asked_for(
    registry: Registry,
) -> None:
    [first] = add_folk(registry.parts, [1], place_code="522722100")
    [second] = add_folk(registry.parts, [2])
    merge(registry.parts, PREFECTURE, second.id, first.id, "x")
    with pytest.raises(PersonUnknown) as refused:
        unmerge(registry.parts, CLERK, second.id)
    assert second.id in str(refused.value)
    assert first.id not in str(refused.value)
    neighbour = Principal("neighbour", frozenset({Role.BUREAU}), (LIBO,))
    with pytest.raises(PersonUnknown):
        unmerge(registry.parts, neighbour, second.id)


def test_months_that_were_made_while_two_were_one_are_each_one_s_own_afterwards(registry: Registry) -> None:
    """Only the second was followed: while they are one, the months are the file's; parted, they are the second's."""
    add_helper(registry.parts, HELPER)
    first, second = add_folk(registry.parts, [1, 2], helper_id=HELPER, employed_since=SINCE)
    follow(registry.parts, [second])
    registry.clock.at = MARCH_12 - timedelta(days=5)
    merge(registry.parts, CLERK, second.id, first.id, "x")
    make_months(registry.parts.database, registry.clock)
    registry.clock.at = MARCH_12
    assert registry.sql("SELECT person_id FROM tracking_task") == [(first.id,)]
    assert results_of(as_helper(registry), a_record(second, "looking")) == ["accepted"]
    assert registry.sql("SELECT person_id, outcome FROM tracking_task") == [(first.id, "looking")]
    registry.clock.advance(days=2)
    unmerge(registry.parts, CLERK, second.id)
    assert registry.sql("SELECT person_id, outcome, done_on FROM tracking_task") == [
        (second.id, "looking", FALL)
    ]


def test_who_is_parted_years_later_is_not_asked_for_in_months_that_are_gone(registry: Registry) -> None:
    [first] = a_list(registry, 1)
    [second] = add_folk(registry.parts, [7], helper_id=HELPER)
    follow(registry.parts, [second])
    merge(registry.parts, CLERK, second.id, first.id, "x")
    registry.clock.at = datetime.fromisoformat("2023-04-10T10:00:00+08:00")
    for month in (date(2020, 4, 1), date(2023, 3, 1)):
        with registry.parts.database.session() as session:
            make_month(session, month, registry.clock)
    retaining = Retaining(registry.parts.database, registry.clock)
    retaining.look()
    past = registry.sql("SELECT month::text, outcome, tasks FROM tracking_past")
    assert past == [("2020-03-01", "", 1)]
    unmerge(registry.parts, CLERK, second.id)
    retaining.look()
    assert registry.sql("SELECT month::text, outcome, tasks FROM tracking_past") == past
    assert registry.sql(
        "SELECT month::text FROM tracking_task WHERE person_id = :id ORDER BY 1", id=second.id
    ) == [
        ("2020-04-01",),
        ("2023-03-01",),
    ]


def test_of_three_ids_two_remain_one_when_the_third_is_parted(registry: Registry) -> None:
    first, second, _, _ = two(registry)
    [third] = add_folk(registry.parts, [9], employed_since=date(2018, 1, 1))
    before = jobs(registry, second)
    for one in (second, third):
        merge(registry.parts, CLERK, one.id, first.id, "x")
    assert results_of(as_helper(registry), a_record(first, "home")) == ["accepted"]
    unmerge(registry.parts, CLERK, second.id)
    assert jobs(registry, second) == before
    assert [job[1] for one in (first, third) for job in jobs(registry, one)] == [FALL, FALL]
    unmerge(registry.parts, CLERK, third.id)
    assert jobs(registry, third) == [(date(2018, 1, 1), None, "441900", "import/folk")]
    assert jobs(registry, first)[0][1] == FALL
    assert registry.sql("SELECT * FROM employment_alone") == []


# --- any words, at any time -------------------------------------------------------------------------------------------

sides = st.sampled_from("AB")
areas = st.sampled_from(["330500", "441900", "350200"])
back = st.integers(0, 10)
records = st.tuples(
    st.just("record"),
    sides,
    st.sampled_from([one for one in Finding if one is not Finding.CHANGED]) | st.just(Finding.CHANGED),
    back,
    areas,
    st.booleans(),
)
arrivals = st.tuples(
    st.just("arrival"), st.sampled_from([Outcome.ARRIVED, Outcome.NO_SHOW, Outcome.DISPUTED]), back
)
imports = st.tuples(st.just("import"), sides, back, st.none() | areas, st.none() | back)
provinces = st.tuples(st.just("province"), sides, st.integers(1, 3), st.booleans(), areas)
numbers = count(100)


@dataclass
class Pair:
    """Two IDs, the request of one of them, and how what is written of them is told apart from another pair's."""

    people: dict[str, Folk]
    households: dict[str, str]
    request: str
    mark: str
    imports: dict[str, str] = field(default_factory=dict)

    def plain(self, value: Any) -> str:
        """A row without whose it is."""
        told = str(value)
        for side, folk in self.people.items():
            told = told.replace(folk.id, side).replace(self.households[side], f"home of {side}")
        for import_id, name in self.imports.items():
            told = told.replace(import_id, name)
        return told.replace(self.request, "request").replace(f"{self.mark}-record", "record")


class World:
    """Two pairs of whom the same is said at the same time; one of them is merged and parted meanwhile."""

    def __init__(self, registry: Registry, traveller: str) -> None:
        self.registry, self.traveller, self.version = registry, traveller, count(1)
        self.told, self.parts = count(), registry.parts
        registry.sql("DELETE FROM tracking_month RETURNING month")
        if not registry.sql("SELECT id FROM helper"):
            add_helper(registry.parts, HELPER)
        registry.clock.at = datetime(2020, 2, 20, 1, tzinfo=UTC)
        self.merged, self.control = self._pair(), self._pair()
        registry.clock.at = MARCH_12
        with self.parts.database.session() as session:
            make_month(session, MARCH, registry.clock)

    def _pair(self) -> Pair:
        people, households = {}, {}
        for side, since in (("A", SINCE), ("B", date(2019, 5, 1))):
            number = next(numbers)
            households[side] = add_household(self.parts, f"household:522732:{number}")
            [people[side]] = add_folk(
                self.parts, [number], household_id=households[side], helper_id=HELPER, employed_since=since
            )
        follow(self.parts, list(people.values()))
        travels = people[self.traveller]
        [request] = self.registry.accept(worker(number, resident_id=travels.resident_id))
        return Pair(people, households, request, f"{next(numbers)}")

    def say(self, words: list[tuple[Any, ...]]) -> None:
        """The same of both pairs, and a few days pass after each word."""
        says: dict[str, Callable[..., str | None]] = {
            "record": self._record,
            "arrival": self._arrive,
            "import": self._import,
            "province": self._tell,
        }
        for word in words:
            number, version = next(self.told), next(self.version)
            answers = [
                says[word[0]](pair, number, version, *word[1:]) for pair in (self.merged, self.control)
            ]
            assert answers[0] == answers[1]
            self.registry.clock.advance(days=4)
            make_months(self.parts.database, self.registry.clock)

    def _record(
        self,
        pair: Pair,
        number: int,
        _: int,
        side: str,
        finding: Finding,
        back: int,
        area: str,
        is_told: bool,
    ) -> str:
        now = self.registry.clock.now()
        tried = now - timedelta(days=back)
        is_told = finding is Finding.CHANGED or (is_told and finding is Finding.SAME)
        [result] = record(
            self.parts,
            BY_HELPER,
            [
                Given(
                    f"{pair.mark}-record-{number}",
                    pair.people[side].id,
                    local_date(tried).replace(day=1),
                    finding,
                    tried,
                    now,
                    area_code=area if is_told else None,
                )
            ],
        )
        return f"{result.answer} {result.fault}"

    def _arrive(self, pair: Pair, _: int, version: int, outcome: Outcome, back: int) -> None:
        event = ArrivalConfirmed(
            trip_id="T-1",
            version=version,
            at=self.registry.clock.now() - timedelta(days=back),
            request_id=pair.request,
            enterprise_id=ENTERPRISE_ID,
            outcome=outcome,
        )
        take = reactions(Follower(self.registry.clock), Metrics("registry"))[ArrivalConfirmed]
        with self.parts.database.session() as session:
            if isinstance(take, InRuns):
                take.take(session, [(event, Cause("c", "e"))])
            else:
                take(session, event, Cause("c", "e"))

    def _import(
        self, pair: Pair, number: int, _: int, side: str, back: int, area: str | None, since: int | None
    ) -> str:
        folk, as_of = pair.people[side], local_date(self.registry.clock.now()) - timedelta(days=back)
        [[household]] = self.registry.sql(
            "SELECT household_id FROM person_file WHERE person_id = :id", id=folk.id
        )
        began = None if since is None else as_of - timedelta(days=since)
        entry = Entry(
            row=1,
            name=folk.name,
            resident_id=folk.resident_id,
            phone=folk.phone,
            household=self._number_of(pair, side),
            relation=Relation.OTHER,
            has_labour=True,
            categories=(),
            categories_from=as_of,
            place_code=TOWNSHIP,
            work=Work(area, None, began) if area else None,
            education=None,
            helper_id=None,
            as_of=as_of,
        )
        with self.parts.database.session() as session:
            told = register(
                session,
                self.parts.vault,
                [entry],
                Source(f"{number}", SANDU, "x"),
                at=self.registry.clock.now(),
            )
        assert household == pair.households[side]
        return str(told.refused)

    def _tell(
        self, pair: Pair, number: int, _: int, side: str, month: int, is_employed: bool, area: str
    ) -> None:
        line = their_line(
            pair.people[side],
            month=f"2020-{month:02}",
            household=self._number_of(pair, side),
            employed="是" if is_employed else "否",
            employer_code="",
            area=area if is_employed else "",
        )
        sent = send(self.registry, "imports", as_csv([line]), name=f"{pair.mark}-{number}.csv")
        # The same line told a second time is the same file: nothing is taken in again.
        assert (sent.is_success, sent.json()["refused"]) == (True, 0), sent.text
        pair.imports[sent.json()["import_id"]] = f"file {number}"

    def _number_of(self, pair: Pair, side: str) -> str:
        return str(int(pair.people[side].resident_id[14:17]))

    def known(self, pair: Pair) -> dict[str, list[str]]:
        """All that is kept of where the two work, and of their months, milestones and households."""
        ids = [folk.id for folk in pair.people.values()]
        asked = {
            "employment": "SELECT * FROM employment WHERE person_id = ANY(:ids)",
            "alone": "SELECT * FROM employment_alone WHERE person_id = ANY(:ids)",
            "tracking": "SELECT person_id, request_id, opened_on, taken_back_at, displaced FROM tracking WHERE person_id = ANY(:ids)",
            "said by the province": (
                "SELECT person_id, month, import_id, employed, area_code, differs FROM province_state"
                " WHERE person_id = ANY(:ids)"
            ),
            "tasks": "SELECT * FROM tracking_task WHERE person_id = ANY(:ids)",
            "records": "SELECT person_id, id, enterprise_id, area_code FROM tracking_record WHERE person_id = ANY(:ids)",
            "households": (
                "SELECT household_id, fell_on FROM zero_task WHERE outcome IS NULL AND household_id = ANY(:homes)"
            ),
        }
        homes = list(pair.households.values())
        return {
            what: sorted(pair.plain(row) for row in self.registry.sql(query, ids=ids, homes=homes))
            if "homes" in query
            else sorted(pair.plain(row) for row in self.registry.sql(query, ids=ids))
            for what, query in asked.items()
        } | {"milestones": sorted(self._milestones(pair))}

    def _milestones(self, pair: Pair) -> list[str]:
        ids = {folk.id for folk in pair.people.values()}
        found, today = [], local_date(self.registry.clock.now())
        with self.parts.database.session() as session:
            for month in (MARCH, date(2020, 4, 1), date(2020, 5, 1)):
                rule = shipped_rule(month)
                rows, total = list_milestones(session, CLERK, month, today, rule, offset=0, limit=10_000)
                assert len(rows) == total
                found += [pair.plain(one) for one in rows if one.person_id in ids]
        return found


HOME = ("record", "A", Finding.HOME, 0, "330500", False)
MOVED = ("record", "B", Finding.CHANGED, 1, "350200", True)
SAME = ("record", "B", Finding.SAME, 0, "330500", False)
CAME, NEVER_CAME = ("arrival", Outcome.ARRIVED, 3), ("arrival", Outcome.NO_SHOW, 0)
LISTED, NOT_LISTED = ("import", "B", 0, "350200", 5), ("import", "A", 0, None, None)
THEIRS, NOT_THEIRS = ("province", "B", 3, True, "330500"), ("province", "A", 2, False, "441900")
MISSED, MISSED_TOO = (("record", side, Finding.NOT_REACHED, 0, "350200", False) for side in "AB")
THEIRS_TOO = ("province", "B", 3, True, "350200")
words = st.lists(records | arrivals | imports | provinces, max_size=3)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@example(traveller="B", before=[], during=[HOME, SAME], after=[], is_turned=False)
@example(
    traveller="A", before=[MOVED], during=[LISTED, NOT_LISTED, CAME], after=[NEVER_CAME], is_turned=False
)
@example(traveller="B", before=[CAME], during=[HOME, NEVER_CAME, THEIRS], after=[MOVED], is_turned=True)
@example(traveller="A", before=[], during=[NOT_THEIRS, MOVED, THEIRS], after=[LISTED], is_turned=False)
@example(traveller="A", before=[MOVED], during=[MISSED, MISSED_TOO, THEIRS_TOO], after=[], is_turned=False)
@given(traveller=sides, before=words, during=words, after=words, is_turned=st.booleans())
def test_whatever_is_said_of_two_is_each_one_s_own_as_if_they_had_never_been_merged(
    registry: Registry,
    traveller: str,
    before: list[tuple[Any, ...]],
    during: list[tuple[Any, ...]],
    after: list[tuple[Any, ...]],
    is_turned: bool,
) -> None:
    world = World(registry, traveller)
    person, into = (world.merged.people[side].id for side in ("AB" if is_turned else "BA"))
    world.say(before)
    merge(registry.parts, CLERK, person, into, "x")
    world.say(during)
    unmerge(registry.parts, CLERK, person)
    world.say(after)
    sweep(registry.parts.database, local_date(registry.clock.now()), "sweep")
    assert world.known(world.merged) == world.known(world.control)
